"""The LLMPerf leaderboard: medians and means of output speed and of the time to the first token, with what the prose says."""

from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Speed
from flows.sources.llmperf import SOURCE, read


def brief(items):
    return {
        (s.provider_id, s.model_label, s.statistic): (s.tokens_per_second, s.ttft_seconds)
        for s in items
        if isinstance(s, Speed)
    }


def test_speed_and_first_token_of_a_model_are_one_row_with_day_region_and_prompt(page_of):
    found = list(read(page_of("README.md")))
    assert brief(found) == {
        ("anyscale", "meta-llama/Llama-9-70b-chat", "median"): (66, 0.21),
        ("anyscale", "meta-llama/Llama-9-70b-chat", "mean"): (63, 0.25),
        ("groq", "llama9-70b-4096", "median"): (185, None),
        ("groq", "llama9-70b-4096", "mean"): (184, None),
        ("lepton", "llama9-7b", "median"): (36, None),  # its mean is '-'
    }
    assert {(s.measured_on, s.region, s.prompt_tokens) for s in found if isinstance(s, Speed)} == {
        (date(2027, 3, 19), "us-east-1", 600)
    }
    assert found[0].row_locator == (
        "line 26, table 1 row 1, column 'Median'; time to the first token at line 41, table 3 row 1, column 'Median'"
    )


def test_a_row_with_a_cell_too_many_is_rejected(page_of):
    (bad,) = [row for row in read(page_of("README.md")) if isinstance(row, Rejected)]
    assert "line 42" in bad.row_locator
    assert "found 'llama9-70b-4096'" in bad.reason


def test_the_readme_of_2023_has_the_median_in_a_cell_of_percentiles_and_other_measures_are_left_out(page_of):
    found = list(read(page_of("README_2023-11.md")))
    assert brief(found) == {
        ("anyscale", "meta-llama/Llama-9-70b", "mean"): (None, 0.31),
        ("anyscale", "meta-llama/Llama-9-70b", "median"): (None, 0.29),
        ("together", "togethercomputer/llama-9", "mean"): (None, 0.44),
        ("together", "togethercomputer/llama-9", "median"): (None, 0.38),
    }
    assert {(s.measured_on, s.region, s.prompt_tokens) for s in found} == {(date(2027, 11, 21), None, 550)}


def test_percentiles_whose_bars_are_not_escaped_are_columns(page_of):
    page = page_of("README_2023-11.md", (" \\|", " |"))
    assert brief(read(page)) == brief(read(page_of("README_2023-11.md")))


def test_milliseconds_become_seconds(page_of):
    page = page_of("README_2023-11.md", ("first token (seconds)", "first token (ms)"))
    assert brief(read(page))["anyscale", "meta-llama/Llama-9-70b", "median"] == (None, 0.00029)


def test_a_day_or_a_region_that_is_not_said_is_none(page_of):
    page = page_of("README.md", ("The results were up-to-date of March 19, 2027, 3am PST.", ""), ("from us-east-1 (Virginia) region", "somewhere"), ("from us-east (", "in ("), ("--mean-input-tokens 600", ""))  # fmt: skip
    speed = next(iter(read(page)))
    assert (speed.measured_on, speed.region, speed.prompt_tokens) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("### Output Tokens Throughput (tokens/s)", "### Output Tokens Throughput", "a measure and its unit"),
        ("### Output Tokens Throughput (tokens/s)", "### Speed", "a measure and its unit"),
        ("|   Median |   Mean |", "|   Middle |   Usual |", "a column 'Median' or 'Mean'"),
        ("| Framework ", "| Server ", "one column 'Framework'"),
        ("|", "", "tables of output tokens throughput"),
    ],
)
def test_a_page_that_changed_shape_is_an_error(page_of, old, new, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of("README.md", (old, new))))


@pytest.mark.parametrize("text", ["sixty", "0", "-66", "66 ms", ""])
def test_a_figure_that_cannot_be_told_is_rejected_or_says_nothing(page_of, text):
    found = list(read(page_of("README.md", ("|       66 |", f"| {text} |"))))
    assert ("anyscale", "meta-llama/Llama-9-70b-chat", "median") not in {
        key for key, (tps, _) in brief(found).items() if tps
    }
    assert sum(isinstance(row, Rejected) for row in found) == (1 if text == "" else 2)


def test_the_capture_of_9_january_2024_has_19_models_with_both_measures(captures, open_page):
    file = captures / SOURCE.id / "2024-01-09" / "README.md"
    found = list(read(open_page(file, SOURCE.urls[0], "2024-01-09")))
    table = brief(found)
    assert len(found) == len(table) == 38
    assert all(tps and ttft for tps, ttft in table.values())
    assert table["groq", "llama2-70b-4096", "median"] == (185, 0.22)
    assert table["groq", "llama2-70b-4096", "mean"] == (184, 0.23)
    assert table["replicate", "meta/llama-2-70b-chat", "mean"] == (9, 5.08)
    assert table["together", "together_ai/togethercomputer/llama-2-13b-chat", "median"] == (102, 0.54)
    assert table["bedrock", "meta.llama2-13b-chat-v1", "mean"] == (35, 0.33)
    assert table["fireworks", "accounts/fireworks/models/llama-v2-7b-chat", "median"] == (76, 0.33)
    assert table["lepton", "llama2-7b", "mean"] == (36, 1.11)
    assert {(s.measured_on, s.region, s.prompt_tokens) for s in found} == {(date(2023, 12, 19), "us-west-2", 550)}


def test_seconds_under_the_heading_of_a_speed_contradict_the_speeds(page_of):
    page = page_of("README.md", ("### Time to First Token (seconds)", ""))
    bad = [row for row in read(page) if isinstance(row, Rejected) and "one figure of" in row.reason]
    assert {row.model_label for row in bad} == {"meta-llama/Llama-9-70b-chat"}
    assert "found 66 at line 26, table 1 row 1, column 'Median'; 0.21 at" in bad[0].reason


@pytest.mark.parametrize(
    ("header", "other"),
    [("   Min |   Max ", "   Max |   Min "), ("  Median |   Mean |   Min ", "  Min |   Mean |   Median ")],
)
def test_a_median_outside_the_least_and_the_most_is_rejected(page_of, header, other):
    bad = [row for row in read(page_of("README.md", (header, other))) if isinstance(row, Rejected)]
    assert any("a figure within M" in row.reason for row in bad)


def test_models_under_the_heading_of_the_providers_are_rejected(page_of):
    heads = ("| Framework   | Model                        |", "| Model | Framework |")
    bad = [row.reason for row in read(page_of("README.md", heads)) if isinstance(row, Rejected)]
    assert any("expected a provider's name; found 'meta-llama/llama-9-70b-chat'" in reason for reason in bad)


def test_an_average_is_a_mean(page_of):
    assert brief(read(page_of("README.md", ("Mean", "Average")))) == brief(read(page_of("README.md")))


@pytest.mark.parametrize("day", ["March 19th, 2027", "2027-03-19"])
def test_the_day_may_be_written_otherwise(page_of, day):
    found = read(page_of("README.md", ("March 19, 2027", day)))
    assert {s.measured_on for s in found if isinstance(s, Speed)} == {date(2027, 3, 19)}


def test_a_day_that_is_none_is_an_error_that_names_it(page_of):
    with pytest.raises(LayoutChanged, match=r"expected a date .*March 39, 2027"):
        list(read(page_of("README.md", ("March 19, 2027", "March 39, 2027"))))

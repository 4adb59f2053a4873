"""TheFastest.ai: one request per model and region, without failed ones, without rates that are no measurement."""

import json
from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Speed
from flows.sources.thefastest import SOURCE, read


def brief(items):
    return [(s.model_label, s.provider_id, s.region, s.tokens_per_second, s.ttft_seconds) for s in items]


def test_each_answer_is_a_speed_with_its_provider_and_region(page_of):
    found = list(read(page_of("latest.json")))
    assert brief(found) == [
        ("gpt-9", "openai", "cdg", 38.0, 0.5),
        ("gpt-9", "azure", "cdg, azure eastus2", 19.0, 0.25),
        ("gpt-9", "azure", "cdg, azure westus", 9.5, 0.75),
        ("llama-9-7b-chat", "octoai", "cdg", None, 1.0354461),  # 999 is the cap
        ("claude-9", "anthropic", "sea", 95.0, 0.5),
    ]
    assert {s.statistic for s in found} == {"single"}
    assert [s.measured_on for s in found] == [date(2027, 5, 3)] * 4 + [date(2027, 5, 4)]
    assert [s.prompt_tokens for s in found] == [12, None, None, None, None]
    assert found[4].row_locator == "$[2]['results'][0]"
    assert found[3].notes.endswith("no rate: the tokens came all at once")


def test_an_answer_of_one_token_has_no_rate(page_of):
    page = page_of("latest.json", ('"tps": 95.0, "num_tokens": 20', '"tps": 0.0, "num_tokens": 1'))
    assert brief(read(page))[-1] == ("claude-9", "anthropic", "sea", None, 0.5)


def test_the_run_of_one_region_alone_is_read_too(page_of, open_page):
    run = page_of("latest.json").json[2]
    (speed,) = read(open_page(json.dumps(run)))
    assert (speed.model_label, speed.row_locator) == ("claude-9", "$['results'][0]")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"results"', '"rows"', "a run with time, region and a list of results"),
        ('"region"', '"place"', "a region"),
        ('"time"', '"when"', "a date"),
        ('"tps"', '"speed"', "results with model, tps and ttft"),
        ('"model"', '"name"', "results with model, tps and ttft"),
        ("  }\n]", "  ", "JSON to its end"),
    ],
)
def test_json_of_another_shape_is_an_error(page_of, old, new, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of("latest.json", (old, new))))


@pytest.mark.parametrize(
    "text", ['{"openai/gpt-9": 38}', "[[1]]", '"38"', '[{"time": "2027-05-03T00:00:00", "results": []}]']
)
def test_a_file_without_runs_is_an_error(open_page, text):
    with pytest.raises(LayoutChanged, match="a run with time, region"):
        list(read(open_page(text)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"openai/gpt-9", "ttr": 0.55', '"gpt-9", "ttr": 0.55', "a model as 'provider/model'"),
        (
            '"model": "openai/gpt-9", "ttr": 0.55',
            '"model": ["openai/gpt-9"], "ttr": 0.55',
            "a model as 'provider/model'",
        ),
        ('"ttft": 0.25', '"ttft": 250', "about"),  # milliseconds
        ('"tps": 19.0', '"tps": 1.9', "about 19 tokens per second"),
        ('"tps": 19.0', '"tps": "19"', "seconds in tps"),
        ('"tps": 19.0, ', "", "field 'tps'"),
        ('"ttft": 0.25', '"ttft": -1', "seconds in ttft"),
    ],
)
def test_a_result_that_cannot_be_told_is_rejected(page_of, old, new, reason):
    found = list(read(page_of("latest.json", (old, new))))
    (bad,) = [row for row in found if isinstance(row, Rejected)]
    assert reason in bad.reason
    assert len(found) == 5


def test_the_capture_of_3_may_2024_agrees_with_the_file_read_by_json_alone(captures, open_page):
    file = captures / SOURCE.id / "2024-05-03" / "latest.json"
    found = list(read(open_page(file, SOURCE.urls[0], "2024-05-03")))
    assert all(isinstance(s, Speed) for s in found)
    plain = [
        (run["region"], x["model"], x["tps"], x["ttft"]) for run in json.loads(file.read_text()) for x in run["results"]
    ]
    assert len(found) == len(plain) == 183
    for speed, (region, model, tps, ttft) in zip(found, plain, strict=True):
        assert speed.model_label == model.split("/")[1]
        assert speed.region.split(",")[0] == region
        assert (speed.tokens_per_second, speed.ttft_seconds) == (None if tps == 999 else tps, ttft)
    assert sum(s.tokens_per_second is None for s in found) == 14
    assert brief(found)[:2] == [
        ("gpt-4-turbo", "openai", "cdg", 21.72205708665978, 0.5566577911376953),
        ("gpt-4-0125-preview", "openai", "cdg", 37.36561455430694, 0.6261506080627441),
    ]
    assert {s.provider_id for s in found} == {
        "openai", "azure", "anthropic", "cohere", "google", "anyscale", "databricks", "fireworks", "groq", "octoai",
        "perplexity", "together", "cloudflare",
    }  # fmt: skip
    assert {s.measured_on for s in found} == {date(2024, 5, 3)}

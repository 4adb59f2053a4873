"""simple-evals: our own pages in its two shapes, broken ones, and the real captures."""

import re

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources import openai_simple_evals as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small page, changed by (old, new) pairs that must be there."""

    def make(name, *changes):
        page = page_of(f"{name}.md", *changes)
        page.check_whole()
        return list(source.read(page))

    return make


def of(found, label, variant=None):
    """Return benchmark to score of a model, its variants all of them or those that begin so."""
    return {
        o.benchmark_id: o.score
        for o in found
        if isinstance(o, Score) and o.model_label == label and (o.variant or "").startswith(variant or "")
    }


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def test_a_row_gives_a_score_for_each_column_and_the_prompt_is_the_variant(read):
    found = read("prompts")
    assert len(found) == 40  # seven rows of six, without the two 'n/a'
    assert of(found, "gpt-4-gull-2024-04-09", "assistant-prompt") == {
        "drop": 86.0, "gpqa_diamond": 49.3, "math": 73.4, "mgsm": 89.6, "mmlu": 86.7, "humaneval": 88.2,
    }  # fmt: skip
    assert {o.variant for o in found} == {"chatgpt-prompt", "assistant-prompt", "empty-prompt", "reported"}
    assert {o.reported_by for o in found} == {"vendor"}
    assert found[0].row_locator == "line 8, table 1 row 2, column 'DROP(f1)'"


def test_what_brackets_say_of_the_run_is_no_part_of_the_name_but_the_state_of_the_model_is(read):
    found = read("prompts")
    assert {o.model_label for o in found} == {
        "gpt-4-gull-2024-04-09",
        "gpt-4-1106(-vision)-gull",
        "Claude-Heron",
        "Gemini-Tern-1.0",
        "Llama9 8b (still training)",
    }
    assert {(o.variant, o.notes, o.source_url) for o in found if o.model_label == "Claude-Heron"} == {
        ("empty-prompt", "rerun w/ api", None),
        ("reported", "report", "https://www.anthropic.com/news/heron"),
    }


def test_gpqa_is_the_diamond_set_but_in_reports_of_vendors_that_mean_the_main_set(read):
    found = read("prompts")
    assert of(found, "Claude-Heron", "reported")["gpqa_diamond"] == 50.4
    assert of(found, "Llama9 8b (still training)")["gpqa_main"] == 34.2
    assert of(found, "Gemini-Tern-1.0") == {"drop": 82.4, "math": 53.2, "mgsm": 79.0, "mmlu": 83.7, "humaneval": 74.4}
    unknown = read("prompts", ("| Claude-Heron (report", "| Heron (report"))
    assert "GPQA as reported for a model of claude, grok, llama, gemini; found 'Heron'" in reasons(unknown)[0]
    assert len(unknown) == 40 and len(reasons(unknown)) == 1


def test_shots_stand_in_the_header_or_in_a_heading_row_for_the_rows_under_it(read):
    found = read("sections")
    assert {(o.benchmark_id, o.variant) for o in found if o.model_label == "gpt-4.1-gull-2025-04-14"} >= {
        ("mmlu", "assistant-prompt"),
        ("drop", "assistant-prompt, 3-shot"),
    }
    assert {(o.benchmark_id, o.variant) for o in found if o.model_label == "o7"} >= {("mmlu", None), ("drop", "3-shot")}
    reported = {o.benchmark_id: o.variant for o in found if o.model_label == "Claude Heron"}
    assert (reported["mmlu"], reported["drop"], reported["mgsm"]) == (
        "reported, 5-shot",
        "reported, 3-shot",
        "reported",
    )


def test_a_footnote_moves_newer_models_to_math_500(read):
    found = read("sections")
    assert of(found, "o7")["math_500"] == 97.8
    assert of(found, "gpt-4.1-gull-2025-04-14")["math_500"] == 82.1
    assert of(found, "gpt-4o-gull-2024-11-20")["math"] == 68.5
    assert of(found, "Claude Heron")["math"] == 71.1  # taken from its report: 'we evaluate' does not hold
    only_o1 = read(
        "sections", ("For newer models (anything on or after o1)", "For o1 models,"), ("| o7 [^9]", "| o1 [^9]")
    )
    assert of(only_o1, "o1")["math_500"] == 97.8
    assert of(only_o1, "gpt-4.1-gull-2025-04-14")["math"] == 82.1


def test_a_heading_row_may_name_another_benchmark_for_a_column(read):
    old = "| **GPT-4o**                   |               |        |        |          |"
    found = read("sections", ("MATH [^6]", "MATH     "), (old, old[:-11] + " MATH-500[^6] |"))
    assert of(found, "gpt-4o-gull-2024-11-20")["math_500"] == 68.5
    assert of(found, "o7")["math"] == 97.8
    assert of(found, "Claude Heron")["math"] == 71.1  # the next heading row ends it


def test_missing_figures_say_nothing_and_a_leading_zero_is_no_octal(read):
    found = read("sections")
    assert of(found, "o7")["simpleqa"] == 7.6
    assert "humaneval" not in of(found, "o7") and "simpleqa" not in of(found, "Llama 9 8b")
    assert len(found) == 39


def test_a_linked_name_is_its_words_and_the_link_its_source(read):
    found = read("sections")
    assert {(o.source_url, o.notes) for o in found if o.model_label == "Claude Heron"} == {
        ("https://www.anthropic.com/news/heron", "Other Models (Reported)")
    }
    assert {o.source_url for o in found if o.model_label == "o7-high"} == {None}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("| SimpleQA ", "| LongQA ")], "LongQA"),
        ([("| MMLU   | GPQA [^8]", "| GPQA   | GPQA [^8]")], "one column each"),
        ([("| Model  ", "| System  ")], "a table of Model and some of mmlu"),
        ([("(5-shot)", "(tuned)")], "column 'MMLU'; found 'tuned'"),
        ([(f"  {n}  ", f"  0.{n.replace('.', '')}  ") for n in ("93.3", "92.9", "90.2", "85.7", "88.3", "68.4")], "fractions"),
    ],
)  # fmt: skip
def test_a_table_in_another_shape_is_an_error_that_says_what_it_found(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read("sections", *changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("|  93.3  |", "|  soon  |")], "column 'MMLU': expected a percentage; found 'soon'"),
        ([("gpt-4o-gull-2024-11-20", "chatgpt-gull-latest")], "before or after o1; found 'chatgpt-gull-latest'"),
        ([("For newer models (anything on or after o1)", "Some")], "a footnote that says which models"),
    ],
)
def test_a_cell_that_cannot_be_told_is_rejected_alone(read, changes, told):
    found = read("sections", *changes)
    assert told in reasons(found)[0]
    assert len(found) == 39 and len([o for o in found if isinstance(o, Score)]) >= 35


def test_columns_may_be_added_and_a_table_of_something_else_is_passed_over(read):
    column = ("| SimpleQA \n", "| SimpleQA | HealthBench | Remarks |\n")
    row = ("|  48.6     |", "|  48.6     | 59.8 | |")
    other = ("## Notes", "| Model | Released |\n|---|---|\n| o7 | 2027 |\n\n## Notes")
    found = read("sections", column, row, other)
    assert of(found, "o7-high")["healthbench"] == 59.8 and len(found) == 40


# --- real captures; the figures were read off the page by eye ---


@pytest.fixture
def capture(captures, open_page):
    def make(day):
        found = list(
            source.read(open_page(captures / source.SOURCE.id / day / "README.md", source.SOURCE.urls[0], day))
        )
        assert reasons(found) == []
        return found

    return make


def test_the_capture_of_april_2024_has_eleven_rows_of_six_benchmarks(capture):
    found = capture("2024-04-11")
    assert len(found) == 11 * 6 - 2
    assert of(found, "gpt-4-1106(-vision)-preview", "chatgpt") == {
        "drop": 81.3, "gpqa_diamond": 42.1, "math": 64.1, "mgsm": 86.5, "mmlu": 84.6, "humaneval": 82.2,
    }  # fmt: skip
    assert of(found, "Claude-3-Opus", "lmsys")["gpqa_diamond"] == 50.7
    assert {o.source_url for o in found if o.model_label == "Claude-3-Opus" and o.variant == "reported"} == {
        "https://www.anthropic.com/news/claude-3-family"
    }


def test_the_capture_of_july_2024_has_its_reports_at_five_shots_of_mmlu(capture):
    found = capture("2024-07-18")
    assert len(found) == 18 * 6 - 5
    assert of(found, "gpt-4o", "chatgpt") == {
        "mmlu": 88.7, "gpqa_diamond": 53.6, "math": 76.6, "humaneval": 90.2, "mgsm": 90.5, "drop": 83.4,
    }  # fmt: skip
    assert of(found, "gpt-4o-mini-2024-07-18", "assistant")["humaneval"] == 87.2
    assert of(found, "Llama3 70b", "empty")["gpqa_diamond"] == 41.3
    assert of(found, "Llama3 70b", "reported")["gpqa_main"] == 39.5
    assert of(found, "Llama3 400b (still training)", "reported, 5-shot") == {"mmlu": 86.1}


def test_the_capture_of_november_2024_has_o1_on_math_500(capture):
    found = capture("2024-11-20")
    assert len(found) == 120
    assert of(found, "o1 (work in progress)") == {"mmlu": 92.3, "gpqa_diamond": 77.3, "math_500": 94.8}
    assert of(found, "gpt-4o-2024-11-20")["math"] == 68.5
    assert of(found, "o1-mini")["simpleqa"] == 7.6
    assert of(found, "Grok 2 mini") == {"mmlu": 86.2, "gpqa_diamond": 51.0, "math": 73.0, "humaneval": 85.7}


def test_the_capture_of_april_2025_has_efforts_in_the_names(capture):
    found = capture("2025-04-17")
    assert len(found) == 207
    assert of(found, "o3_low") == {
        "mmlu": 92.8, "gpqa_diamond": 78.6, "math_500": 96.9, "humaneval": 87.3, "mgsm": 91.9, "drop": 82.3, "simpleqa": 49.4,
    }  # fmt: skip
    assert of(found, "gpt-4.5-preview-2025-02-27")["math_500"] == 87.1
    assert of(found, "gpt-4o-2024-11-20")["math"] == 68.5
    assert of(found, "Claude 3.5 Sonnet")["simpleqa"] == 28.9
    assert "humaneval" not in of(found, "o1")


def test_a_page_cut_before_its_footnotes_does_not_say_which_benchmark_a_column_is(read):
    with pytest.raises(
        LayoutChanged, match=r"a footnote under the table for each mark in its header; found none for 6"
    ):
        read("sections", ("[^6]:For newer models", "For newer models"))


def test_prompts_under_the_heading_of_the_models_are_an_error(read):
    with pytest.raises(LayoutChanged, match=r"a model under 'Model'; found '' beside the prompt 'GPT4s'"):
        read("prompts", ("| Model                         | Prompt ", "| Prompt | Model "))
    with pytest.raises(LayoutChanged, match=r"a model under 'Model'; found '' beside the prompt 'o7'"):
        read("sections", ("| Model                        | Prompt ", "| Prompt | Model "))


def test_without_the_column_of_prompts_the_rows_of_a_model_cannot_be_told_apart(read):
    with pytest.raises(LayoutChanged, match=r"expected Model, Prompt and one column each"):
        read("prompts", ("| Prompt ", "| "), ("chatgpt[^1]", ""), ("assistant[^2]", ""))


def test_two_figures_of_one_model_and_prompt_are_both_rejected(read):
    found = read("prompts", ("assistant[^2]", "chatgpt"))
    wrong = [o for o in found if isinstance(o, Rejected)]
    assert [o.model_label for o in wrong] == ["gpt-4-gull-2024-04-09"] * 12
    assert "found 85.4 at line 8" in wrong[0].reason

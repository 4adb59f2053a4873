"""What the shared shape of vendors' tables learned from cells, headers and names of several vendors."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources._benchmark_words import key, setting, understand
from flows.sources._vendor_layout import is_figure
from flows.sources._vendor_single import of_base
from flows.sources._vendor_tables import Card, read_card


@pytest.mark.parametrize(
    ("words", "benchmark_id", "said"),
    [
        ("Variable shots", "", "variable-shot"),
        ("5-shot* (reported)", "", "5-shot"),
        ("5-shot, top-1", "", "5-shot"),
        ("partial score", "", ""),
        ("o3-mini grader", "", "o3-mini-grader"),
        ("whole", "aider_polyglot", "whole"),
        ("diff", "mmlu", None),  # elsewhere a difference
        ("graders", "", None),
    ],
)
def test_settings_are_understood_word_by_word(words, benchmark_id, said):
    assert setting(words, benchmark_id) == said


def test_under_and_over_a_length_are_two_benchmarks():
    own = {"Walks <128k": "graphwalks_bfs_128k"}
    assert key("Walks <128k") != key("Walks >128k")
    assert understand("Walks <128k", own) is not None
    assert understand("Walks >128k", own) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("86.4%", True),
        ("86.8% 5-shot", True),
        ("83.1 3-shot", True),
        ("94.4%Maj1@32", True),
        ("7B", False),
        ("128k", False),
    ],
)
def test_a_figure_may_say_how_it_was_asked(text, is_one):
    assert is_figure(text) is is_one


def test_the_base_of_a_tuned_model_has_its_name_but_for_one_word():
    assert of_base("Heron-Instruct-2407") == "Heron-Base-2407"
    assert of_base("Heron-Italic-2407") == "Heron-Italic-2407"


def test_a_row_of_averages_is_passed_over_wherever_it_says_so(open_page):
    page = "# A\n\n| Category | Benchmark | Heron |\n|---|---|---|\n| Math | MATH | 50 |\n| **Average** | | 50 |\n| | | 3 |\n"
    found = list(read_card(open_page(page), Card()))
    assert [o.benchmark_id for o in found if not isinstance(o, Rejected)] == ["math"]
    assert [o.reason.rpartition(": ")[2] for o in found if isinstance(o, Rejected)] == [
        "expected a benchmark's name; found ''"
    ]


def test_a_column_without_a_name_beside_the_scores_is_not_the_models(open_page):
    page = "# Heron-7B\n\n| Benchmark | Score | |\n|---|---|---|\n| MMLU | 61.5 | 3.3 |\n| GSM8K | 52.0 | 2.1 |\n"
    card = Card(model=r"\bHeron-\w+")
    found = list(read_card(open_page(page), card))
    good = [(o.model_label, o.score) for o in found if not isinstance(o, Rejected)]
    assert good == [("Heron-7B", 61.5), ("Heron-7B", 52.0)]
    assert all("a model's name" in o.reason for o in found if isinstance(o, Rejected))
    with pytest.raises(LayoutChanged, match="one column of scores"):
        list(read_card(open_page(page.replace("| |\n|---", "| Result |\n|---")), card))


@pytest.mark.parametrize("header", ["Cost ($)", "Latency", "Price per 1M tokens", "Human baseline", "Random"])
def test_a_column_of_costs_or_of_no_model_gives_no_scores(open_page, header):
    page = f"# Heron\n\n| Benchmark | {header} | Heron 7B |\n|---|---|---|\n| HumanEval | 0.5 | 61.5 |\n| MMLU | 1.2 | 52.0 |\n"
    found = list(read_card(open_page(page), Card()))
    assert [(o.model_label, o.benchmark_id) for o in found] == [("Heron 7B", "humaneval"), ("Heron 7B", "mmlu")]

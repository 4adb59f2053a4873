"""Cohere's cards of Command R: a small one of our own in their shape, and pages that are none."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import cohere_command_r_card as source


@pytest.fixture
def read(page_of):
    """Return a function that reads the small card, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("README.md", *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.score) for o in found if not isinstance(o, Rejected)]


def test_each_model_has_a_score_per_benchmark_but_no_average(read):
    found = read()
    assert len(found) == 4 * 6 - 1  # one figure is missing
    assert brief(found)[:4] == [
        ("HeronAI/heron-command-plus", "arc_challenge", 70.99),
        ("Mixtral 8x7B-Instruct", "arc_challenge", 70.1),
        ("Gull 2 70B [base]", "arc_challenge", 67.3),
        ("Gull 2 70B Chat", "arc_challenge", 64.6),
    ]
    assert {o.benchmark_id for o in found} == {
        "arc_challenge",
        "hellaswag",
        "mmlu",
        "truthfulqa",
        "winogrande",
        "gsm8k",
    }
    assert {(o.reported_by, o.variant) for o in found} == {("vendor", None)}
    assert found[0].row_locator == "line 9, table 1 row 1, column 'Arc (Challenge)'"


def test_a_second_row_of_one_model_is_left_out(read):
    assert not [o for o in read() if o.model_label == "Mixtral 8x7B Chat"]


def test_columns_may_move_and_a_benchmark_nobody_knows_is_rejected(read):
    found = read(("| Average | Arc (Challenge) |", "| Average | ARC-C |"), ("Truthful QA", "Honest QA"))
    assert ("HeronAI/heron-command-plus", "arc_challenge", 70.99) in brief(found)
    (bad,) = [o for o in found if isinstance(o, Rejected)]
    assert "found 'Honest QA'" in bad.reason


def test_a_card_without_the_table_and_one_of_fractions_are_errors(read, open_page):
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Heron\n\n| Model | Download |\n|---|---|\n| Heron | [Hub](x) |\n")))
    with pytest.raises(LayoutChanged, match="percentages from 0 to 100"):
        page = "# Heron\n\n| Model | MMLU | GSM8k |\n|---|---|---|\n| a | 0.71 | 0.5 |\n| b | 0.6 | 0.4 |\n"
        list(source.read(open_page(page)))

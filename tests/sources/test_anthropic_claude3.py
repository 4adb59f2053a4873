"""Anthropic's announcements: small ones of our own in their shape, and pages of pictures alone."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import anthropic_claude3 as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small page, changed by (old, new) pairs."""
    return lambda name, *changes: list(source.read(page_of(name, *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_every_cell_says_its_own_shots(read):
    assert brief(read("family.md")) == [
        ("Swift 3 Opus", "mmlu", "5-shot", 86.8),
        ("GPT-4", "mmlu", "5-shot", 86.4),
        ("Kite 1.0 Ultra", "mmlu", "5-shot", 83.7),
        ("Swift 3 Opus", "gpqa_diamond", "0-shot-cot", 50.4),
        ("GPT-4", "gpqa_diamond", "0-shot-cot", 35.7),
        ("Swift 3 Opus", "gsm8k", "0-shot-cot", 95.0),
        ("GPT-4", "gsm8k", "5-shot-cot", 92.0),
        ("Kite 1.0 Ultra", "gsm8k", "maj1@32", 94.4),
        ("Swift 3 Opus", "drop", "3-shot", 83.1),
        ("GPT-4", "drop", "3-shot", 80.9),
        ("Kite 1.0 Ultra", "drop", "variable-shot", 82.4),
        ("Swift 3 Opus", "arc_challenge", "25-shot", 96.4),
        ("GPT-4", "arc_challenge", "25-shot", 96.3),
        ("Swift 3 Opus", "mmmu", None, 59.4),
        ("GPT-4V", "mmmu", None, 56.8),
        ("Kite 1.0 Ultra", "mmmu", None, 59.4),
        ("Swift 3 Opus", "docvqa", None, 89.3),
        ("GPT-4V", "docvqa", None, 88.4),
        ("Kite 1.0 Ultra", "docvqa", None, 90.9),
    ]


def test_a_benchmark_asked_twice_and_a_cell_of_the_base_model_are_kept_apart(read):
    assert brief(read("sonnet.html")) == [
        ("Swift 3.5 Sonnet", "mmlu", "5-shot", 88.7),
        ("Gull-400b (early snapshot)", "mmlu", "5-shot", 86.1),
        ("Swift 3.5 Sonnet", "mmlu", "0-shot-cot", 88.3),
        ("Swift 3.5 Sonnet", "drop", "3-shot", 87.1),
        ("Gull-400b (early snapshot) [base]", "drop", "3-shot", 83.5),
        ("Swift 3.5 Sonnet", "math", "0-shot-cot", 71.1),
        ("Gull-400b (early snapshot)", "math", "4-shot-cot", 57.8),
    ]


@pytest.mark.parametrize(
    ("cell", "score", "variant"),
    [("80.93-shot", 80.9, "3-shot"), ("80.9% 5-shot", 80.9, "5-shot"), ("80.9%*3-shot CoT", 80.9, "3-shot-cot")],
)
def test_figure_and_shots_may_run_together(read, cell, score, variant):
    found = brief(read("family.md", ("80.93-shot", cell)))
    assert ("GPT-4", "drop", variant, score) in found


@pytest.mark.parametrize(
    "cell", ["80.925-shot", "80-shot", "3-shot", "80.9 or 81.0 3-shot", "80.9 3-shot fine-tuned", "180.9%"]
)
def test_a_cell_that_can_be_read_in_two_ways_or_none_is_rejected(read, cell):
    (bad,) = [o for o in read("family.md", ("80.93-shot", cell)) if isinstance(o, Rejected)]
    assert (bad.model_label, repr(cell) in bad.reason) == ("GPT-4", True)


def test_an_unknown_row_is_rejected_and_a_page_of_pictures_is_an_error(read, open_page):
    (bad,) = [
        o for o in read("family.md", ("Grade school math GSM8K", "Kitchen math GSM8K")) if isinstance(o, Rejected)
    ]
    assert "found 'Kitchen math GSM8K'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores; found no table"):
        list(source.read(open_page("# Introducing Swift\n\n![a table of benchmarks](swift.png)\n")))

"""OpenAI's tables with GPT-4o: small ones of our own in their shapes, and pages of charts alone."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import openai_gpt4o as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small page, changed by (old, new) pairs."""
    return lambda name, *changes: list(source.read(page_of(name, *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_a_row_without_a_name_is_another_metric_of_the_benchmark_above(read):
    assert brief(read("dataset.md")) == [
        ("tern-4o", "aime_2024", "cons@64", 13.4),
        ("r1-preview", "aime_2024", "cons@64", 56.7),
        ("tern-4o", "aime_2024", None, 9.3),
        ("r1-preview", "aime_2024", None, 44.6),
        ("tern-4o", "codeforces_rating", None, 808.0),
        ("r1-preview", "codeforces_rating", None, 1258.0),
        ("tern-4o", "codeforces_percentile", None, 11.0),
        ("r1-preview", "codeforces_percentile", None, 62.0),
        ("tern-4o", "gpqa_diamond", None, 50.6),
        ("r1-preview", "gpqa_diamond", None, 73.3),
        ("tern-4o", "math_500", None, 60.3),
        ("r1-preview", "math_500", None, 85.5),
        ("tern-4o", "mmmu", None, 69.1),
    ]


def test_marks_of_footnotes_dollars_and_graders_are_told_from_names_and_figures(read):
    assert brief(read("appendix.md")) == [
        ("Tern-4.1", "aime_2024", None, 48.1),
        ("Tern-4o(2024-11-20)", "aime_2024", None, 13.1),
        ("Tern-4.1", "gpqa_diamond", None, 66.3),
        ("Tern-4o(2024-11-20)", "gpqa_diamond", None, 46.0),
        ("Tern-4.1", "mmmlu", None, 87.3),
        ("Tern-4o(2024-11-20)", "mmmlu", None, 81.4),
        ("Tern-4.1", "swe_bench_verified", None, 54.6),
        ("Tern-4.1", "swe_lancer", None, 35.1),
        ("Tern-4o(2024-11-20)", "swe_lancer", None, 32.6),
        ("Tern-4.1", "aider_polyglot", "whole", 51.6),
        ("Tern-4o(2024-11-20)", "aider_polyglot", "whole", 30.7),
        ("Tern-4.1", "aider_polyglot", "diff", 52.9),
        ("Tern-4o(2024-11-20)", "aider_polyglot", "diff", 18.2),
        ("Tern-4.1", "multichallenge", None, 38.3),
        ("Tern-4o(2024-11-20)", "multichallenge", None, 27.8),
        ("Tern-4.1", "multichallenge", "o3-mini-grader", 46.2),
        ("Tern-4o(2024-11-20)", "multichallenge", "o3-mini-grader", 39.9),
        ("Tern-4.1", "graphwalks_bfs_128k", None, 61.7),
        ("Tern-4o(2024-11-20)", "graphwalks_bfs_128k", None, 41.7),
        ("Tern-4.1", "graphwalks_bfs_over_128k", None, 19.0),
        ("Tern-4o(2024-11-20)", "tau_bench_retail", None, 60.3),
    ]


def test_a_cell_of_two_figures_is_rejected_and_money_is_noted(read):
    found = read("appendix.md")
    (bad,) = [o for o in found if isinstance(o, Rejected)]
    assert (bad.model_label, bad.reason.rpartition(": ")[2]) == (
        "Tern-4.1",
        "expected one figure; found '68.0% (73.6%)'",
    )
    assert {o.notes for o in found if not isinstance(o, Rejected) and o.benchmark_id == "swe_lancer"} == {
        "the page has $176K (35.1%)",
        "the page has $163K (32.6%)",
    }


def test_money_without_a_share_and_a_page_of_charts_are_told(read, open_page):
    bad = [o for o in read("appendix.md", ("<br>(35.1%)", "")) if isinstance(o, Rejected)]
    assert "expected one figure; found '$176K'" in bad[0].reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores; found no table"):
        list(source.read(open_page("# Hello Tern-4o\n\nText evaluation\n\n![chart](chart.png)\n")))

"""Databricks' README and blog of DBRX: small pages of our own in both shapes, and the real capture."""

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Rejected, Score
from flows.sources import databricks_dbrx as source


def facts(found):
    return [
        (o.model_id, o.model_label, o.is_base, o.params_total_b, o.params_active_b, o.context_tokens)
        for o in found
        if isinstance(o, ModelFact)
    ]


def test_the_readme_says_what_the_models_are(page_of):
    found = list(source.read(page_of("README.md")))
    assert facts(found) == [
        ("heron-base", "Heron Base", True, 132.0, 36.0, 32768),
        ("heron-instruct", "Heron Instruct", False, 132.0, 36.0, 32768),
    ]
    assert found[0].row_locator == "line 11, table 1 row 1"


def test_a_fact_the_prose_does_not_state_stays_open(page_of):
    found = list(source.read(page_of("README.md", ("132B total", "many"), (" and 36B live parameters", ""))))
    assert facts(found)[0] == ("heron-base", "Heron Base", True, None, None, 32768)


def test_a_description_that_says_neither_base_nor_instruct_is_rejected(page_of):
    found = list(source.read(page_of("README.md", ("Pre-trained base model", "Our model"))))
    assert "a description that says base or instruct" in found[0].reason and len(facts(found)) == 1


def test_the_blog_has_benchmarks_as_rows_with_footnotes_and_figures_asked_otherwise(page_of):
    found = list(source.read(page_of("blog.html")))
    scores = [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if isinstance(o, Score)]
    assert scores == [
        ("Heron Instruct", "open_llm_leaderboard_v1", None, 74.5),
        ("Gull Base", "open_llm_leaderboard_v1", None, 68.4),
        ("Gull Chat", "open_llm_leaderboard_v1", None, 62.4),
        ("Heron Instruct", "arc_challenge", "25-shot", 68.9),
        ("Gull Base", "arc_challenge", "25-shot", 66.4),
        ("Gull Chat", "arc_challenge", "25-shot", 64.6),
        ("Heron Instruct", "gsm8k", "5-shot-cot", 66.9),
        ("Gull Base", "gsm8k", "5-shot-cot", 57.6),
        ("Gull Chat", "gsm8k", "5-shot-cot", 26.7),
        ("Grok-1", "gsm8k", "8-shot", 62.9),
        ("Heron Instruct", "databricks_gauntlet_v0_3", None, 66.8),
        ("Gull Base", "databricks_gauntlet_v0_3", None, 56.8),
        ("Gull Chat", "databricks_gauntlet_v0_3", None, 52.8),
        ("Heron Instruct", "humaneval", "0-shot", 70.1),
        ("Gull Base", "humaneval", "0-shot", 40.2),
        ("Gull Chat", "humaneval", "0-shot", 32.2),
        ("Grok-1", "humaneval", "0-shot", 63.2),
        ("Heron Instruct", "mmlu", "5-shot", 73.7),
        ("GPT-4", "mmlu", "5-shot", 86.4),
    ]
    (bad,) = [o for o in found if isinstance(o, Rejected)]
    assert "found 'MT Bench (Inflection corrected, n=5)'" in bad.reason  # another marking than MT-Bench's own


def test_a_page_with_neither_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="a table of Model and Description, or of scores; found 0 others"):
        list(source.read(open_page("# Heron\n\nHeron is a model.\n")))


def test_the_capture_of_19_april_2024_has_two_models(captures, open_page):
    found = list(source.read(open_page(captures / source.SOURCE.id / "2024-04-19" / "README.md")))
    assert facts(found) == [
        ("dbrx-base", "DBRX Base", True, 132.0, 36.0, 32768),
        ("dbrx-instruct", "DBRX Instruct", False, 132.0, 36.0, 32768),
    ]
    assert {(o.organization_id, o.family, o.access) for o in found} == {("databricks", "dbrx", "open")}

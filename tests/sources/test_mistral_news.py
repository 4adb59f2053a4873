"""Mistral's cards: small ones of our own, of one model each, as markdown and as the hub's page."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import mistral_news as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small card, changed by (old, new) pairs."""
    return lambda name, *changes: list(source.read(page_of(name, *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_the_heading_names_the_model_and_the_tables_say_base_or_tuned(read):
    base, tuned = "Mistral-Vaste-Base-2901", "Mistral-Vaste-Instruct-2901"
    assert brief(read("large.md")) == [
        (base, "mmlu", None, 84.0),
        (base, "mistral_mmlu_french", None, 82.8),
        (base, "mistral_mmlu_korean", None, 60.1),
        (tuned, "mt_bench", None, 86.3),
        (tuned, "arena_hard", None, 73.2),
        (tuned, "mbpp_evalplus", None, 80.0),
        (tuned, "mbpp_plus", None, 69.0),
        (tuned, "math", "0-shot, no-cot", 70.0),
        (tuned, "math", "0-shot-cot", 71.5),
    ]


def test_the_tuned_models_card_repeats_the_figures_of_the_base_model(read):
    assert brief(read("nemo.html")) == [
        ("Mistral-Petit-Base-2901", "hellaswag", "0-shot", 83.5),
        ("Mistral-Petit-Base-2901", "natural_questions", "5-shot", 31.2),
        ("Mistral-Petit-Base-2901", "mistral_mmlu_german", None, 62.7),
    ]


def test_a_card_whose_heading_names_no_model_is_an_error(read):
    with pytest.raises(LayoutChanged, match="a heading that names the model"):
        read("large.md", ("# Model Card for Mistral-Vaste-Instruct-2901", "# Model Card"))


def test_a_language_nobody_knows_is_rejected_and_a_page_of_pictures_is_an_error(read, open_page):
    (bad,) = [o for o in read("large.md", ("| Korean", "| Klingon")) if isinstance(o, Rejected)]
    assert "found 'Klingon'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Mistral-Vaste-2901\n\n![performance](performance.png)\n")))

"""Google's card of Gemma 2: small ones of our own, as markdown with reference links and as HTML."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import google_gemma2_card as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small card, changed by (old, new) pairs."""
    return lambda name="README.md", *changes: list(source.read(page_of(name, *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_the_metric_says_the_shots(read):
    assert brief(read()) == [
        ("Jay PT 9B", "mmlu", "5-shot", 71.3),
        ("Jay PT 27B", "mmlu", "5-shot", 75.2),
        ("Jay PT 9B", "winogrande", None, 80.6),
        ("Jay PT 27B", "winogrande", None, 83.7),
        ("Jay PT 9B", "humaneval", None, 40.2),
        ("Jay PT 27B", "humaneval", None, 51.8),
        ("Jay PT 9B", "gsm8k", "5-shot", 68.6),
        ("Jay PT 27B", "gsm8k", "5-shot", 74.0),
        ("Jay PT 9B", "agieval", "3-5-shot", 52.8),
        ("Jay PT 27B", "agieval", "3-5-shot", 55.1),
        ("Jay PT 9B", "bbh", "3-shot-cot", 68.2),
        ("Jay PT 27B", "bbh", "3-shot-cot", 74.9),
    ]


def test_the_page_in_html_reads_alike(read):
    assert brief(read("model_card.html")) == [
        ("Jay 2 PT 2B", "mmlu", "5-shot", 51.3),
        ("Jay 2 PT 9B", "mmlu", "5-shot", 71.3),
        ("Jay 2 PT 2B", "bbh", "3-shot-cot", 41.9),
        ("Jay 2 PT 9B", "bbh", "3-shot-cot", 68.2),
    ]


def test_safety_figures_are_left_out_without_a_word(read):
    assert not [o for o in read() if isinstance(o, Rejected) or "IT" in o.model_label]


def test_a_renamed_benchmark_is_rejected_and_a_page_of_safety_alone_is_an_error(read, open_page, pages):
    (bad,) = [o for o in read("README.md", ("[GSM8K][gsm8k]", "[GSM9K][gsm9k]")) if isinstance(o, Rejected)]
    assert "found 'GSM9K'" in bad.reason
    text = (pages / "google_gemma2_card" / "README.md").read_text()
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Jay 2\n\n" + text[text.index("## Ethics") :])))

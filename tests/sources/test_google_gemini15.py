"""Google DeepMind's pages of Gemini: a small one of our own in their shape, and pages that are none."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import google_gemini15 as source


@pytest.fixture
def read(page_of):
    """Return a function that reads the small page, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("index.html", *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_descriptions_with_numbers_in_them_are_no_models(read):
    assert brief(read()) == [
        ("Kite 1.0 Ultra", "mmlu", "cot@32", 90.0),
        ("Kite 1.5 Pro (May 2024)", "mmlu", None, 85.9),
        ("Kite 1.0 Ultra", "gpqa_diamond", "4-shot", 35.7),
        ("Kite 1.5 Pro (May 2024)", "gpqa_diamond", None, 46.2),
        ("Kite 1.0 Ultra", "bbh", "3-shot", 83.6),
        ("Kite 1.5 Pro (May 2024)", "bbh", None, 89.2),
        ("Kite 1.0 Ultra", "drop", "variable-shot", 82.4),
        ("Kite 1.5 Pro (May 2024)", "drop", "variable-shot", 74.9),
        ("Kite 1.5 Pro (May 2024)", "livecodebench", None, 34.3),
        ("Kite 1.0 Ultra", "egoschema", None, 61.5),
        ("Kite 1.5 Pro (May 2024)", "egoschema", None, 72.2),
    ]


def test_error_rates_of_speech_are_left_out_without_a_word(read):
    assert not [o for o in read() if isinstance(o, Rejected)]


def test_the_description_may_be_called_notes(read):
    assert brief(read(("<th>Description</th>", "<th>Notes</th>"))) == brief(read())


def test_an_unknown_benchmark_is_rejected_and_a_page_without_a_table_is_an_error(read, open_page):
    (bad,) = [o for o in read(("<td>MMLU</td>", "<td>MMLU Max</td>")) if isinstance(o, Rejected)]
    assert "found 'MMLU Max'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores; found no table"):
        list(source.read(open_page("<!doctype html><html><body><h1>Kite Pro</h1><p>Our best.</p></body></html>")))

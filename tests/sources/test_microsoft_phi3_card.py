"""Microsoft's cards of Phi-3: a small one of our own in their shape, and pages that are none."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import microsoft_phi3_card as source


@pytest.fixture
def read(page_of):
    """Return a function that reads the small card, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("README.md", *changes)))


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_the_shots_stand_on_a_second_line_of_the_benchmark(read):
    assert brief(read()) == [
        ("Wren-Mini-4K-Ins", "agieval", "5-shot", 39.0),
        ("Gull-7B", "agieval", "5-shot", 42.1),
        ("GPT-3.5 version 1106", "agieval", "5-shot", 48.4),
        ("Wren-Mini-4K-Ins", "mmlu", "5-shot", 70.9),
        ("Gull-7B", "mmlu", "5-shot", 63.6),
        ("GPT-3.5 version 1106", "mmlu", "5-shot", 71.4),
        ("Wren-Mini-4K-Ins", "bbh", "3-shot-cot", 73.5),
        ("Gull-7B", "bbh", "3-shot-cot", 59.6),
        ("GPT-3.5 version 1106", "bbh", "3-shot-cot", 68.3),
        ("Wren-Mini-4K-Ins", "anli", "7-shot", 53.6),
        ("GPT-3.5 version 1106", "anli", "7-shot", 58.1),
        ("Wren-Mini-4K-Ins", "gsm8k", "8-shot-cot", 85.7),
        ("Gull-7B", "gsm8k", "8-shot-cot", 59.8),
        ("GPT-3.5 version 1106", "gsm8k", "8-shot-cot", 78.1),
        ("Wren-Mini-4K-Ins", "gsm8k", "0-shot-cot", 83.6),
        ("Gull-7B", "gsm8k", "0-shot-cot", 59.0),
        ("GPT-3.5 version 1106", "gsm8k", "0-shot-cot", 77.0),
    ]


def test_the_average_and_the_means_by_category_are_left_out_without_a_word(read):
    found = read()
    assert not [o for o in found if isinstance(o, Rejected)]
    assert {o.row_locator.split(",")[1] for o in found} == {" table 2 row 1"} | {
        f" table 2 row {n}" for n in range(2, 7)
    }


def test_a_heading_on_the_chat_format_says_nothing_of_the_models(read):
    assert not [o for o in read() if o.model_label.endswith("]")]


def test_the_layout_without_categories_reads_alike(read):
    changes = [("| Category | Benchmark |", "| Benchmark |"), ("|:--|:--|:--|:--|:--|", "|:--|:--|:--|:--|")]
    rows = ["Popular aggregated benchmark | AGI", "Language Understanding | ANLI", "Math | GSM8K"]
    changes += [(f"| {row}", f"| {row.partition(' | ')[2]}") for row in rows]
    changes += [("| | MMLU", "| MMLU"), ("| | BigBench", "| BigBench"), ("| | GSM-8K", "| GSM-8K")]
    assert brief(read(*changes, ("| **Average** | |", "| Average |"))) == brief(read())


def test_an_unknown_benchmark_is_rejected_and_a_page_without_any_is_an_error(read, open_page):
    (bad,) = [o for o in read(("MMLU <br>", "MMLU-Turbo <br>")) if isinstance(o, Rejected)]
    assert "found 'MMLU-Turbo 5-shot'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Wren\n\n| | Short Context |\n|---|---|\n| Mini | 4K [[Hub]](x) |\n")))

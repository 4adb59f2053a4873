"""NVIDIA's cards of Nemotron-4: small ones of our own, whose tables hold one row of figures each."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import nvidia_nemotron4_card as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small card, changed by (old, new) pairs."""
    return lambda name, *changes: list(source.read(page_of(name, *changes)))


def brief(found):
    return [(o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


def test_heading_and_column_together_name_the_benchmark(read):
    found = read("instruct.md")
    assert brief(found) == [
        ("mt_bench_gpt4_turbo", None, 82.2),
        ("ifeval", "prompt-strict", 79.9),
        ("ifeval", "instruction-strict", 86.1),
        ("mmlu", "0-shot", 78.7),
        ("alpacaeval_2", None, 41.5),
        ("tfeval_distractor", None, 81.7),
        ("tfeval_on_topic", None, 97.7),
    ]
    assert {o.model_label for o in found} == {"Nemotron-4-900B-Instruct"}
    assert found[0].notes == "8.22 of 10"
    assert found[1].row_locator == "line 26, table 2 row 1, column 'Prompt-Strict Acc'"


def test_the_paragraph_over_a_table_says_the_benchmark_and_the_shots(read):
    found = read("base.md")
    assert brief(found) == [
        ("mmlu", "5-shot", 81.1),
        ("hellaswag", "0-shot", 90.5),
        ("winogrande", "0-shot", 89.5),
        ("humaneval", "0-shot", 57.3),
    ]
    assert {o.model_label for o in found} == {"Nemotron-4-900B-Base"}


def test_a_card_whose_heading_names_no_model_is_an_error(read):
    with pytest.raises(LayoutChanged, match="a heading that names the model"):
        read("base.md", ("## Nemotron-4-900B-Base", "## Evaluation"))


def test_a_second_row_an_unknown_benchmark_and_no_table_at_all_are_told(read, open_page):
    two = read("instruct.md", ("| 41.5 |", "| 41.5 |\n| 43.0 |"))
    assert "alpacaeval_2" not in {o.benchmark_id for o in two if not isinstance(o, Rejected)}
    (bad,) = [o for o in read("base.md", ("| HellaSwag |", "| HellaSwim |")) if isinstance(o, Rejected)]
    assert "found 'HellaSwim'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("## Nemotron-4-900B-Base\n\n| GPUs |\n|---|\n| 8 |\n")))


def test_a_figure_without_a_label_over_it_is_not_the_headings_benchmark(read):
    found = read(
        "instruct.md", ("|MMLU 0-shot |\n| :--- |\n| 78.7  |", "|MMLU 0-shot | |\n| :--- | :--- |\n| 78.7  | 3.3 |")
    )
    assert ("mmlu", "0-shot", 78.7) in brief(found)
    (bad,) = [o for o in found if isinstance(o, Rejected)]
    assert bad.cells == {"Nemotron-4-900B-Instruct": "3.3"}

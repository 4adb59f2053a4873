"""Meta's model cards: a small card of our own in their layouts, and the real captures."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources import meta_model_cards as source


def scores(found):
    return [o for o in found if isinstance(o, Score)]


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in scores(found)]


@pytest.fixture
def read(page_of):
    """Return a function that reads the small card, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("card.md", *changes)))


def test_each_table_is_read_under_its_own_heading_with_shots_and_thought_as_variant(read):
    assert brief(read()) == [
        ("Heron 4 8B [base]", "mmlu", "5-shot", 61.5),
        ("Heron 5 8B [base]", "mmlu", "5-shot", 66.5),
        ("Heron 5 8B [base]", "bbh", "3-shot-cot", 64.1),
        ("Heron 5 8B bf16 [instruct]", "mmlu", "0-shot-cot", 73.1),
        ("Heron 5 8B Vanilla PTQ [instruct]", "mmlu", "0-shot-cot", 70.2),
        ("Heron 5 8B bf16 [instruct]", "ifeval", None, 80.5),
        ("Heron 5 8B bf16 [instruct]", "livecodebench", "0-shot, 10/01/2024-02/01/2025", 33.5),
        ("Heron 5 8B [instruct]", "mmlu_portuguese", "5-shot", 62.12),
        ("Heron 5 70B Instruct", "mmlu_portuguese", "5-shot", 80.13),
        ("Heron 5 8B [instruct]", "mmlu_thai", "5-shot", 50.32),
        ("Heron 5 70B Instruct", "mmlu_thai", "5-shot", 72.95),
    ]
    assert {o.reported_by for o in scores(read())} == {"vendor"}


def test_a_figure_names_its_line_its_table_and_the_models_column(read):
    found = scores(read())
    assert found[0].row_locator == "line 26, table 3 row 1, column 'Heron 4 8B'"
    assert found[4].row_locator == "line 57, table 4 row 1, column 'Heron 5 8B Vanilla PTQ**'"


def test_a_benchmark_nobody_knows_is_rejected_by_name_with_its_figures(read):
    (bad,) = [o for o in read() if isinstance(o, Rejected)]
    assert "expected the name of a known benchmark; found 'Tern-Bench'" in bad.reason
    assert bad.cells == {"Heron 5 8B bf16": "12.5", "Heron 5 8B Vanilla PTQ**": "11.5"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("66.5", "166.5")], "a figure from 0 to 100; found '166.5'"),
        ([("66.5", "high")], "one figure; found 'high'"),
        ([("66.5", "66.5 of 70")], "one figure; found '66.5 of 70'"),
    ],
)
def test_a_cell_that_is_no_figure_is_rejected_and_the_others_stay(read, changes, told):
    found = read(*changes)
    assert len(scores(found)) == 10
    assert told in next(o.reason for o in found if isinstance(o, Rejected))


def test_columns_may_go_be_added_or_change_places(read):
    markdown = "| Capability |  | Benchmark | \\# Shots | Metric |"
    found = read((markdown, "| Capability | Modality | Evaluation | Prompt | Measure |"))
    assert brief(found) == brief(read())


def test_a_card_without_benchmark_tables_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("## Model\n\n| | Params |\n|---|---|\n| Heron | 8B |\n")))


def test_a_table_in_fractions_is_an_error(read, page_of):
    text = page_of("card.md").text
    table = "\n### Instruction tuned models\n\n| Benchmark | Heron 5 8B | Heron 5 70B |\n|---|---|---|\n| MMLU | 0.66 | 0.81 |\n| GPQA | 0.31 | 0.42 |\n"
    with pytest.raises(LayoutChanged, match="percentages from 0 to 100; found 4 figures of at most 0.81"):
        read((text[-10:], text[-10:] + table))


def test_older_cards_with_models_as_rows_join_the_size_and_leave_out_means(open_page):
    page = open_page(
        "# Evaluation Results\n\n|Model|Size|Code|Math|MMLU|BBH|AGI Eval|\n|---|---|---|---|---|---|---|\n"
        "|Heron 1|7B|14.1|6.95|35.1|30.3|23.9|\n|Heron 1|13B|18.9|10.9|**46.9**|37.0|33.9|\n\n"
        "|||TruthfulQA|Toxigen|\n|---|---|---|---|\n|Heron 1|7B|27.42|23.00|\n"
    )
    assert brief(source.read(page)) == [
        ("Heron 1 7B", "mmlu", None, 35.1),
        ("Heron 1 13B", "mmlu", None, 46.9),
        ("Heron 1 7B", "bbh", None, 30.3),
        ("Heron 1 13B", "bbh", None, 37.0),
        ("Heron 1 7B", "agieval", None, 23.9),
        ("Heron 1 13B", "agieval", None, 33.9),
    ]


# --- real captures; the figures were read off the pages by eye ---


@pytest.fixture
def capture(captures, open_page):
    def make(name):
        return list(source.read(open_page(captures / source.SOURCE.id / name)))

    return make


@pytest.mark.parametrize(
    ("name", "count", "some"),
    [
        (
            "2024-07-24/llama3_1_MODEL_CARD.md",
            158,  # 12 rows of 5 without two dashes, 17 of 5 without six, 7 of 3
            [
                ("Llama 3.1 405B [base]", "mmlu", "5-shot", 85.2),
                ("Llama 3 8B [base]", "agieval", "3-5-shot", 47.1),
                ("Llama 3.1 8B [base]", "winogrande", "5-shot", 60.5),
                ("Llama 3.1 405B [base]", "drop", "3-shot", 84.8),
                ("Llama 3.1 405B Instruct", "mmlu", "0-shot-cot", 88.6),
                ("Llama 3 8B Instruct", "mmlu_pro", "5-shot-cot", 45.5),
                ("Llama 3.1 70B Instruct", "ifeval", None, 87.5),
                ("Llama 3.1 8B Instruct", "mbpp_evalplus", "0-shot", 72.8),
                ("Llama 3.1 405B Instruct", "gsm8k", "8-shot-cot", 96.8),
                ("Llama 3 8B Instruct", "gorilla_api_bench", "0-shot", 1.7),
                ("Llama 3.1 8B Instruct", "nexus", "0-shot", 38.5),
                ("Llama 3.1 405B Instruct", "mgsm", "0-shot-cot", 91.6),
                ("Llama 3.1 8B Instruct", "mmlu_hindi", "5-shot", 50.88),
                ("Llama 3.1 405B Instruct", "mmlu_thai", "5-shot", 78.21),
            ],
        ),
        (
            "2025-07-15/llama3_MODEL_CARD.md",
            80,  # 11 rows and 5 rows, 5 models each
            [
                ("Llama 3 8B [base]", "mmlu", "5-shot", 66.6),
                ("Llama2 70B [base]", "drop", "3-shot", 70.2),
                ("Llama 3 70B [base]", "bbh", "3-shot-cot", 81.3),
                ("Llama 3 8B [instruct]", "humaneval", "0-shot", 62.2),
                ("Llama 2 7B [instruct]", "math", "4-shot-cot", 3.8),
                ("Llama 2 70B [instruct]", "gsm8k", "8-shot-cot", 57.5),
            ],
        ),
        (
            "2025-07-15/llama3_2_MODEL_CARD.md",
            195,  # 6 rows of 3, 14 of 9 without twelve N/A, 7 of 9; the needle rows are left out
            [
                ("Llama 3.2 3B [base]", "mmlu", "5-shot", 58.0),
                ("Llama 3.1 8B [base]", "drop", "3-shot", 59.5),
                ("Llama 3.2 1B bf16 [instruct]", "gpqa_main", "0-shot", 27.2),
                ("Llama 3.2 3B QLoRA [instruct]", "bfcl_v2", "0-shot", 63.5),
                ("Llama 3.2 1B Vanilla PTQ [instruct]", "tldr9", "1-shot", 14.9),
                ("Llama 3.1 8B [instruct]", "infinitebench_en_mc", "0-shot", 72.2),
                ("Llama 3.2 1B Spin Quant [instruct]", "mmlu_german", "5-shot", 37.5),
            ],
        ),
    ],
)
def test_the_captures_read_to_the_last_figure(capture, name, count, some):
    found = capture(name)
    assert not [o for o in found if isinstance(o, Rejected)]
    assert len(found) == count == len({(o.model_label, o.benchmark_id, o.variant) for o in found})
    assert not set(some) - set(brief(found))

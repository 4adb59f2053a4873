"""The shape vendors' benchmark tables share: which way round, what is left out, base and tuned, figures in odd cells."""

from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources._vendor_tables import Card, Passed, has_scores, read_card

PLAIN = Card()


@pytest.fixture
def read(open_page):
    """Return a function that reads markdown as (label, benchmark, variant, score), and what was rejected."""

    def make(text, card=PLAIN):
        found = list(read_card(open_page(f"# Heron\n\n{text}\n"), card))
        good = [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]
        return good, [o for o in found if isinstance(o, Rejected)]

    return make


DOWN = "## Base models\n\n| Benchmark | Heron 7B | Gull 7B |\n|---|---|---|\n| MMLU | 61.5 | 60.2 |\n| GSM8K | 52.0 | - |\n"
ACROSS = (
    "## Base models\n\n| Model | MMLU | GSM8K |\n|---|---|---|\n| Heron 7B | 61.5 | 52.0 |\n| Gull 7B | 60.2 | - |\n"
)


def test_a_table_reads_the_same_both_ways_round(read):
    expected = {
        ("Heron 7B [base]", "mmlu", None, 61.5),
        ("Gull 7B [base]", "mmlu", None, 60.2),
        ("Heron 7B [base]", "gsm8k", None, 52.0),
    }
    assert set(read(DOWN)[0]) == set(read(ACROSS)[0]) == expected


@pytest.mark.parametrize("header", ["Datasets", "Task", "Evaluation", "", "Model", "Capability tested"])
def test_the_benchmarks_are_found_by_their_names_whatever_stands_over_them(read, header):
    assert read(DOWN.replace("| Benchmark |", f"| {header} |"))[0] == read(DOWN)[0]


@pytest.mark.parametrize(
    ("heading", "label", "expected"),
    [
        ("Base pretrained models", "Heron 7B", "Heron 7B [base]"),
        ("Pre-trained models", "Heron 7B", "Heron 7B [base]"),
        ("Instruction-tuned models", "Heron 7B", "Heron 7B [instruct]"),
        ("Chat Model Performance", "Heron 7B", "Heron 7B [instruct]"),
        ("Instruction tuned models", "Heron 7B Instruct", "Heron 7B Instruct"),
        ("Instruction tuned models", "Heron-7b-it", "Heron-7b-it"),
        ("Base models", "Heron 7B-Chat", "Heron 7B-Chat"),
        ("Base models", "GPT-4", "GPT-4"),  # there is no other GPT-4
        ("Base and instruct models", "Heron 7B", "Heron 7B"),
        ("Performance", "Heron 7B", "Heron 7B"),
        ("\u9884\u8bad\u7ec3\u6a21\u578b", "Heron 7B", "Heron 7B [base]"),
    ],
)
def test_a_heading_marks_labels_that_do_not_say_it_themselves(read, heading, label, expected):
    good, _ = read(DOWN.replace("Base models", heading).replace("Heron 7B", label))
    assert good[0][0] == expected


def test_the_nearest_heading_counts_and_an_empty_one_hides_none(read):
    text = f"## Base models\n\nWords.\n\n### Instruction tuned models\n\n##\n\n{DOWN.partition('models')[2]}"
    assert read(text)[0][0][0] == "Heron 7B [instruct]"


def test_titles_within_a_table_mark_the_rows_under_them(read):
    text = (
        "| Model | Size | HumanEval |\n|---|---|---|\n| **Base Models** | | |\n| Heron | 7B | 51.8 |\n"
        "| **Chat Models** | | |\n| Heron | 7B | 83.5 |\n"
    )
    assert read(text)[0] == [
        ("Heron 7B [base]", "humaneval", None, 51.8),
        ("Heron 7B [instruct]", "humaneval", None, 83.5),
    ]


@pytest.mark.parametrize(
    ("cell", "score", "variant"),
    [
        ("86.4", 86.4, None),
        ("**86.4**", 86.4, None),
        ("86.4%", 86.4, None),
        ("86.4*", 86.4, None),
        ("86.4\u2020", 86.4, None),
        ("86.4% 5-shot", 86.4, "5-shot"),
        ("5-shot 86.4%", 86.4, "5-shot"),
        ("86.4 (8-shot CoT)", 86.4, "8-shot-cot"),
        ("86.4% CoT@32*", 86.4, "cot@32"),
        ("86.4 \u00b1 0.3", 86.4, None),
        ("86.4 (86.1/86.4/86.7)", 86.4, None),
        ("0", 0.0, None),
        ("7/30", pytest.approx(100 * 7 / 30), None),
    ],
)
def test_a_cell_holds_one_figure_and_perhaps_how_it_was_asked(read, cell, score, variant):
    good, bad = read(DOWN.replace("61.5", cell))
    assert (good[0], bad) == (("Heron 7B [base]", "mmlu", variant, score), [])


@pytest.mark.parametrize("cell", ["", "-", "N/A", "n/a (text only)", "not reported", "No multimodal support", "\u2717"])
def test_a_cell_that_says_there_is_no_figure_gives_none(read, cell):
    good, bad = read(DOWN.replace("61.5", cell))
    assert len(good) == 2 and not bad


@pytest.mark.parametrize("cell", ["soon", "42.2/36.6", "86.4 vs 80.1", "-3", "101", "86.4 of 90", "31/30"])
def test_a_cell_that_cannot_be_told_is_rejected_with_its_place(read, cell):
    good, (bad,) = read(DOWN.replace("61.5", cell))
    assert len(good) == 2 and repr(cell) in bad.reason
    assert bad.row_locator == "line 7, table 1 row 1, column 'Heron 7B'" and bad.model_label == "Heron 7B"


def test_a_cells_own_shots_go_before_the_headers(read):
    good, _ = read(DOWN.replace("| MMLU |", "| MMLU (5-shot) |").replace("61.5", "61.5 (0-shot CoT)"))
    assert [o[2] for o in good[:2]] == ["0-shot-cot", "5-shot"]


def test_columns_of_shots_and_metric_make_the_variant_and_facts_none(read):
    text = (
        "| Category | Benchmark | # Shots | Metric | Heron 7B | Average |\n|---|---|---|---|---|---|\n"
        "| General | MMLU | 5 | acc | 61.5 | 60 |\n| | IFEval | | prompt strict | 70.1 | 69 |\n"
        "| | #Params | - | | 7.2 | 7 |\n| | Tern-Bench | 0 | acc | 3.1 | 3 |\n"
    )
    good, (bad,) = read(text)
    assert good == [("Heron 7B", "mmlu", "5-shot", 61.5), ("Heron 7B", "ifeval", "prompt-strict", 70.1)]
    assert "found 'Tern-Bench'" in bad.reason


def test_an_unknown_column_is_rejected_by_name_with_its_figures(read):
    _, (bad,) = read(ACROSS.replace("GSM8K", "Tern-Bench"))
    assert "line 5, table 1, column 'Tern-Bench'" in bad.row_locator
    assert bad.cells == {"Heron 7B": "52.0", "Gull 7B": "-"}


def test_a_table_of_unknown_benchmarks_alone_is_not_lost(read):
    _, bad = read(DOWN.replace("MMLU", "Tern-Bench").replace("GSM8K", "Stork-Eval"))
    assert [o.reason.rpartition("found ")[2] for o in bad] == ["'Tern-Bench'", "'Stork-Eval'"]


def test_figures_without_a_models_name_over_them_are_rejected(read):
    _, bad = read(DOWN.replace("Gull 7B", ""))
    assert "expected a model's name" in bad[0].reason


def test_a_card_passes_over_tables_columns_and_rows_with_a_reason(read):
    safety = "## Safety\n\n| Benchmark | Heron 7B |\n|---|---|\n| TruthfulQA | 3.0 |\n"
    card = Card(
        passed_over=(
            Passed(r"safety", "rates of harm"),
            Passed(r"", "its mean", column=r"^gull"),
            Passed(r"base", "another measure", row=r"gsm"),
        )
    )
    assert read(DOWN + "\n" + safety, card)[0] == [("Heron 7B [base]", "mmlu", None, 61.5)]


def test_a_cards_own_names_and_variant_hold_where_it_says(read):
    card = Card(names=((r"base", {"GSM8K": "mgsm"}),), default_variant="0-shot")
    assert {o[1:3] for o in read(DOWN, card)[0]} == {("mmlu", "0-shot"), ("mgsm", "0-shot")}
    assert {o[1] for o in read(DOWN.replace("Base models", "Models"), card)[0]} == {"mmlu", "gsm8k"}


def test_the_figures_of_a_dated_post_are_of_its_day_whenever_it_was_captured(open_page):
    card = Card(published={"heron-7b": date(2024, 3, 4)})
    for url, day in (("https://example.org/news/heron-7b/", date(2024, 3, 4)), ("https://example.org/gull", None)):
        rows = list(read_card(open_page(f"# Heron\n\n{DOWN}", url=url), card))
        assert rows and {row.measured_on for row in rows} == {day}


def test_footnotes_in_html_are_no_part_of_a_name(read):
    text = (
        "<table><tr><th>Benchmark</th><th>Heron 7B<sup>1</sup></th></tr>"
        "<tr><td>MMLU<sup>2</sup></td><td>61.5<sup>3</sup></td></tr></table>\n"
    )
    assert read(text)[0] == [("Heron 7B", "mmlu", None, 61.5)]


@pytest.mark.parametrize(
    "text",
    [
        "No table.",
        "| Model | Params | Context |\n|---|---|---|\n| Heron | 7B | 128k |",
        "| Model | Throughput | TPS |\n|---|---|---|\n| Heron | 1.15 | 2298.89 |",
        "| Dataset | Languages |\n|---|---|\n| MMLU | en |\n| MGSM | es |",
        "| Benchmark | Heron 7B |\n|---|---|\n",
    ],
)
def test_a_page_without_a_table_of_scores_is_an_error(read, open_page, text):
    assert not has_scores(open_page(f"# Heron\n\n{text}\n"), PLAIN)
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        read(text)


def test_a_table_in_fractions_is_an_error(read):
    with pytest.raises(LayoutChanged, match="percentages from 0 to 100"):
        read("| Model | MMLU | GSM8K |\n|---|---|---|\n| Heron | 0.61 | 0.52 |\n| Gull | 0.60 | 0.51 |")


def test_small_tables_in_fractions_are_an_error_by_the_page(read):
    tables = (
        f"### {name}\n\n| Model | {name} | {name}+ |\n|---|---|---|\n| Heron | 0.7 | 0.6 |\n\n"
        for name in ("HumanEval", "MBPP")
    )
    with pytest.raises(LayoutChanged, match="percentages from 0 to 100"):
        read("".join(tables))


def test_a_whole_number_among_fractions_makes_them_no_percentages(read):
    rows = "".join(f"| Heron {n} | 0.{n}1 | 0.{n}2 |\n" for n in range(1, 9))
    with pytest.raises(LayoutChanged, match="16 of 17 figures at most 1"):
        read(f"| Model | MMLU | GSM8K |\n|---|---|---|\n{rows}| Gull | 61 | - |\n")


@pytest.mark.parametrize("text", [ACROSS.replace("| Model |", "| |"), ACROSS])
def test_a_figure_in_place_of_a_models_name_is_none(read, text):
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    moved = "\n".join(
        "|".join(["", "--" if n == 1 else " Rank " if n == 0 else f" {n}.5 ", *row[2:]]) for n, row in enumerate(rows)
    )
    good, bad = read(f"## Base models\n\n{moved}")
    assert not good
    assert {row.reason.partition("expected ")[2] for row in bad} == {
        "a model's name; found '2.5'",
        "a model's name; found '3.5'",
    }


def test_a_row_followed_by_nameless_ones_is_rejected_with_them(read):
    text = "| Benchmark | Heron 7B |\n|---|---|\n| MMLU (5-shot) | 39.8 |\n| | 41.5 |\n| | 38.1 |\n| GSM8K | 52.0 |\n"
    good, bad = read(text)
    assert good == [("Heron 7B", "gsm8k", None, 52.0)]
    assert len(bad) == 3
    assert "expected a benchmark without a nameless row after it" in bad[0].reason


def test_a_model_that_does_better_where_the_same_is_asked_harder_is_rejected_there(read):
    text = "| Model | MMLU | MMLU-Pro | GSM8K |\n|---|---|---|---|\n| Heron | 45.6 | 68.7 | 86.7 |\n| Gull | 60.6 | 42.5 | 87.6 |\n"
    good, bad = read(text)
    assert {row[:2] for row in good} == {("Heron", "gsm8k"), ("Gull", "gsm8k"), ("Gull", "mmlu"), ("Gull", "mmlu_pro")}
    assert {row.reason.partition(": ")[2] for row in bad} == {
        "expected no more in mmlu_pro than in mmlu; found 68.7 and 45.6"
    }
    assert {row.model_label for row in bad} == {"Heron"}


def test_the_last_sentence_of_the_paragraph_above_is_nearer_than_the_others(read):
    text = f"We compare base and chat models. The chat models follow. Here are the base models:\n\n{DOWN.partition(chr(10))[2]}"
    assert {row[0] for row in read(f"## Quality\n\n{text}")[0]} == {"Heron 7B [base]", "Gull 7B [base]"}


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><th>Benchmark</th><th>Heron</th><th>Gull</th></tr><tr><td>MMLU</td><td>61.5</td><td>60.2</td></tr>"
        "<tr><td>GSM8K</td><td>52.0</td></tr><tr><td colspan=3>Other</td></tr></table>",
        "| Benchmark | Heron | Gull |\n|---|---|---|\n| MMLU | 61.5 | 60.2 |\n| GSM8K | 52.0 |\n",
    ],
)
def test_a_row_with_fewer_cells_than_the_header_is_rejected_since_it_may_lack_any_of_them(read, table):
    good, (bad,) = read(table)
    assert good == [("Heron", "mmlu", None, 61.5), ("Gull", "mmlu", None, 60.2)]
    assert bad.reason.endswith("expected 3 cells, as the header has; found fewer")

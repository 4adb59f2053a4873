"""Rows in the columns of the raw tables: each cell becomes its column's type, or the row is rejected with the column at fault."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flows.columns import check_header, csv_header, csv_rows, read_rows
from flows.errors import LayoutChanged
from flows.records import Rejected

SCORE = {"model_label": "M", "benchmark_id": "quiz", "score": "71.5"}
PRICE = {"model_label": "M", "provider_id": "p", "token_kind": "input", "amount_original": "2.50"}


def read(table, **row):
    (found,) = read_rows(table, [(2, row)], "file.csv")
    return found


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("71.5", 71.5),
        (" 71.5 ", 71.5),
        ("1,234.5", 1234.5),
        ("1e2", 100.0),
        (71, 71.0),
        (Decimal("71.5"), 71.5),
        ("\u22125", -5.0),
    ],
)
def test_a_number_is_read_as_text_or_as_number(cell, value):
    assert read("scores", **SCORE | {"score": cell}).score == value


@pytest.mark.parametrize(
    "cell",
    [
        "71.5%",
        "71,5",
        "abc",
        "nan",
        "inf",
        "1e999",
        float("inf"),
        True,
        [1.0],
        {"a": 1},
        b"71",
        "7" * 60,
        date(2024, 1, 1),
    ],
)
def test_what_is_no_number_is_rejected_with_its_column(cell):
    row = read("scores", **SCORE | {"score": cell})
    assert isinstance(row, Rejected)
    assert row.reason.startswith("file.csv, line 2, column 'score': expected a number; found ")
    assert row.row_locator == "line 2" and row.model_label == "M" and row.table == "scores"
    assert row.cells["benchmark_id"] == "quiz"


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan"), Decimal("NaN")])
def test_a_cell_that_says_nothing_is_null_where_it_may_be_and_missing_where_it_may_not(cell):
    assert read("scores", **SCORE, ci_low=cell, n_samples=cell, measured_on=cell, variant=cell).ci_low is None
    assert (
        read("scores", **SCORE | {"score": cell}).reason == "file.csv, line 2: expected a value in score; found nothing"
    )


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("n_samples", "133", 133),
        ("n_samples", "133.0", 133),
        ("n_samples", 133.0, 133),
        ("n_samples", "1,000", 1000),
        ("measured_on", "2024-07-10", date(2024, 7, 10)),
        ("measured_on", "2024-07-10 00:00:00", date(2024, 7, 10)),
        ("measured_on", "July 10, 2024", date(2024, 7, 10)),
        ("measured_on", date(2024, 7, 10), date(2024, 7, 10)),
        ("measured_on", datetime(2024, 7, 10, 23, tzinfo=UTC), date(2024, 7, 10)),
        ("is_contaminated", "TRUE", True),
        ("is_contaminated", "0", False),
        ("is_contaminated", True, True),
        ("is_contaminated", 1, True),
        ("reported_by", "vendor ", "vendor"),
        ("variant", 5, "5"),
        ("notes", " 通义 ", "通义"),
    ],
)
def test_a_cell_becomes_the_type_of_its_column(column, cell, value):
    assert getattr(read("scores", **SCORE, **{column: cell}), column) == value


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("n_samples", "133.5", "a whole number"),
        ("n_samples", "9" * 25, "a whole number"),
        ("measured_on", "07/08/2024", "a date"),
        ("measured_on", "45000", "a date"),
        ("measured_on", "2024-13-01", "a date"),
        ("is_contaminated", "perhaps", "true or false"),
        ("reported_by", "me", "one of 'independent', 'vendor'"),
        ("variant", ["a", "b"], "a text"),
        ("notes", b"bytes", "a text"),
        ("score_max", "hundred", "a number"),
        ("scale_kind", "percent", "one of 'accuracy', 'rating'"),
        ("higher_is_better", "yes!", "true or false"),
    ],
)
def test_a_cell_of_another_type_rejects_its_row(column, cell, wanted):
    row = read("scores", **SCORE, **{column: cell})
    assert isinstance(row, Rejected) and f"column {column!r}: expected {wanted}" in row.reason


def test_a_huge_cell_is_not_repeated_in_the_reason():
    assert len(read("scores", **SCORE | {"score": "x" * 100_000}).reason) < 300


@pytest.mark.parametrize(
    ("given", "amount", "currency", "unit"),
    [
        ({}, "2.50", "USD", "per_mtok"),
        ({"amount_original": None, "usd_per_mtok": "3"}, "3", "USD", "per_mtok"),
        ({"amount_original": "", "usd_per_mtok": 0.15}, "0.15", "USD", "per_mtok"),
        ({"usd_per_mtok": "2.5"}, "2.5", "USD", "per_mtok"),
        ({"currency": "EUR", "unit_original": "per_ktok", "usd_per_mtok": "2700"}, "2.50", "EUR", "per_ktok"),
        (
            {"amount_original": Decimal("0.0000000375"), "unit_original": "per_token"},
            "0.0000000375",
            "USD",
            "per_token",
        ),
        ({"amount_original": 1e-07, "unit_original": "per_token"}, "1E-7", "USD", "per_token"),
        ({"amount_original": "0"}, "0", "USD", "per_mtok"),
    ],
)
def test_a_price_is_its_original_amount_or_dollars_per_million(given, amount, currency, unit):
    row = read("prices", **PRICE | given)
    assert (row.amount_original, row.currency, row.unit_original) == (Decimal(amount), currency, unit)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"amount_original": None}, "a value in amount_original"),
        ({"amount_original": "-1"}, "an amount of zero or more"),
        ({"amount_original": "$2.50"}, "an amount, a plain number"),
        ({"amount_original": "nan"}, "an amount, a plain number"),
        (
            {"amount_original": None, "usd_per_mtok": "3", "currency": "EUR"},
            "amount_original beside a currency or unit",
        ),
        (
            {"amount_original": None, "usd_per_mtok": "3", "unit_original": "per_ktok"},
            "amount_original beside a currency",
        ),
        ({"usd_per_mtok": "3"}, "usd_per_mtok equal to amount_original, 2.50"),
        ({"token_kind": "prompt"}, "one of 'input', 'output'"),
    ],
)
def test_a_price_that_is_not_clear_is_rejected(given, expected):
    assert f"expected {expected}" in read("prices", **PRICE | given).reason


def test_a_model_goes_by_its_id_where_no_label_is_given():
    assert read("models", model_id="own-1").model_label == "own-1"
    assert read("models", model_id="own-1", model_label="Own 1").model_label == "Own 1"
    assert read("models", model_id="own-1", is_reasoning="").is_reasoning is None


@pytest.mark.parametrize(
    ("table", "header", "says"),
    [
        ("scores", ["model_label", "score"], "found no benchmark_id"),
        ("scores", ["model_label", "score", "benchmark_id", "points"], "found unknown 'points'"),
        ("scores", ["Model", "score", "benchmark_id"], "found no model_label and unknown 'Model'"),
        (
            "scores",
            ["model_label;benchmark_id;score"],
            "found no benchmark_id, model_label, score and unknown 'model_label;",
        ),
        ("prices", ["model_label", "provider_id", "token_kind"], "found no amount_original"),
        ("speeds", ["model_label", "provider_id"], "found no statistic"),
        ("models", ["name"], "found no model_id"),
        ("run_costs", [], "found no benchmark_id, model_label"),
    ],
)
def test_a_missing_or_unknown_column_is_named(table, header, says):
    with pytest.raises(LayoutChanged) as error:
        check_header(table, header, "file.csv")
    assert f"file.csv: expected the columns of {table} (" in str(error.value) and says in str(error.value)


@pytest.mark.parametrize(
    ("table", "header"),
    [
        (
            "scores",
            "model_label benchmark_id score benchmark_name score_min score_max chance higher_is_better scale_kind",
        ),
        ("prices", "model_label provider_id token_kind usd_per_mtok"),
        (
            "prices",
            "source_id capture_id reading_id captured_at row_locator model_label provider_id token_kind amount_original fx_rate",
        ),
        ("models", "model_id"),
        ("run_costs", "model_label benchmark_id"),
    ],
)
def test_the_columns_a_file_has_are_enough_if_they_name_model_and_figure(table, header):
    check_header(table, header.split(), "file.csv")


def test_a_row_says_the_line_it_begins_on_and_blank_lines_are_none():
    text = 'a,b\n1,2\n\n,\n"two\nlines",3\n4,5\n'
    assert list(csv_rows(text)) == [
        (2, {"a": "1", "b": "2"}),
        (5, {"a": "two\nlines", "b": "3"}),
        (7, {"a": "4", "b": "5"}),
    ]


@pytest.mark.parametrize(("line", "cells"), [("M,quiz", 2), ("M,quiz,71.5,,", 5)])
def test_a_row_with_fewer_or_more_cells_than_the_header_is_rejected(line, cells):
    rows = csv_rows(f"model_label,benchmark_id,score\n{line}\n")
    (row,) = read_rows("scores", rows, "file.csv")
    assert row.reason == f"file.csv, line 2: expected as many cells as the header has; found {cells} cells"
    assert row.model_label == "M"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("score,model_label,score\n1,M,2\n", "expected each column once; found 'score' more than once"),
        ("a\n" + "x" * 200_000 + "\n", "line 2: expected a CSV file; found field larger than field limit"),
    ],
)
def test_a_file_that_is_no_clear_table_is_refused(text, says):
    with pytest.raises(LayoutChanged, match=says):
        list(csv_rows(text, "file.csv"))


def test_names_of_columns_may_have_blanks_round_them():
    assert csv_header(" a , b\n") == ["a", "b"]
    assert list(csv_rows(" a , b\r\n1,2\r\n")) == [(2, {"a": "1", "b": "2"})]

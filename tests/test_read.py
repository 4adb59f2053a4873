"""A capture becomes a reading: frames in the columns of the raw tables, money converted once, no row lost."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from flows.archive import Capture
from flows.errors import BadRow, LayoutChanged
from flows.read import as_json, convert, read_capture, to_frame
from flows.records import OBSERVATIONS, Expect, ModelFact, Price, Rejected, RunCost, Score, Source, Speed
from warehouse.load import State

MOMENT = datetime(2024, 7, 10, 12)
RATES = {
    "EUR": [(date(2024, 1, 1), Decimal("1.10")), (date(2024, 7, 1), Decimal("1.07"))],
    "CNY": [(date(2024, 3, 1), Decimal("0.1389"))],
}


class Reader:
    """A reader that yields what it is given, and raises what it is given to raise."""

    def __init__(self, *rows, min_rows=1, version=1, kind="leaderboard"):
        self.rows = rows
        self.SOURCE = Source(
            id="test", title="Test", kind=kind, urls=("https://example.org/",), publisher="test", licence="none",
            may_republish=True, min_rows=min_rows, reader_version=version, expects={"scores": Expect()},
        )  # fmt: skip

    def read(self, page):
        for row in self.rows:
            if isinstance(row, BaseException):
                raise row
            yield row


def capture(body=b"<html><body><p>a page</p></body></html>"):
    return Capture("test", "https://example.org/", MOMENT, body, "text/html")


def score(n=1, **given):
    return Score(
        **{"model_label": f"M{n}", "row_locator": f"line {n}", "benchmark_id": "quiz", "score": 50.0 + n} | given
    )


def price(amount="2.5", **given):
    return Price(
        **{"model_label": "M", "row_locator": "line 1", "provider_id": "p", "token_kind": "input"}
        | {"amount_original": Decimal(amount)}
        | given
    )


def test_rows_come_in_the_columns_of_their_raw_table_typed_alike_whatever_they_hold(built_columns):
    rows = {
        "scores": score(),
        "prices": price(),
        "speeds": Speed(model_label="M", row_locator="l", provider_id="p", statistic="mean", tokens_per_second=1),
        "run_costs": RunCost(model_label="M", row_locator="l", benchmark_id="b", total_cost_usd=Decimal("0.1")),
        "models": ModelFact(model_label="M", row_locator="l", model_id="m"),
    }
    assert rows.keys() == OBSERVATIONS.keys()
    reading = read_capture(capture(), Reader(*rows.values()))
    assert reading.state == "ok" and reading.rows_read == 5
    for table, frame in reading.frames.items():
        ours = {"source_id", "capture_id", "reading_id", "captured_at"}
        assert set(frame.columns) | ours == built_columns[table] | ours
        assert to_frame(table, []).schema == frame.schema


@pytest.fixture(scope="module")
def built_columns(tmp_path_factory):
    """Return the columns of each raw table."""
    from warehouse.connect import open_store

    with open_store(tmp_path_factory.mktemp("store") / "store.duckdb") as con:
        rows = con.execute("select table_name, column_name from duckdb_columns() where schema_name = 'raw'").fetchall()
    return {table: {c for t, c in rows if t == table} for table in OBSERVATIONS}


@pytest.mark.parametrize(
    ("amount", "unit", "currency", "effective_on", "usd", "rate"),
    [
        ("2.5", "per_mtok", "USD", None, "2.500000", "1"),
        ("0.0005", "per_ktok", "USD", None, "0.500000", "1"),
        ("0.0000000375", "per_token", "USD", None, "0.037500", "1"),
        ("0.1", "per_mtok", "USD", None, "0.100000", "1"),
        ("0", "per_mtok", "USD", None, "0.000000", "1"),
        ("2", "per_mtok", "EUR", None, "2.140000", "1.07"),
        ("2", "per_mtok", "EUR", date(2024, 6, 30), "2.200000", "1.10"),
        ("0.008", "per_ktok", "CNY", None, "1.111200", "0.1389"),
        ("0.0000005", "per_mtok", "EUR", date(2024, 6, 30), "0.000001", "1.10"),
    ],
)
def test_a_price_is_converted_exactly_with_the_rate_of_its_day(amount, unit, currency, effective_on, usd, rate):
    row = price(amount, unit_original=unit, currency=currency, effective_on=effective_on)
    assert convert(row, MOMENT.date(), RATES) == {"usd_per_mtok": Decimal(usd), "fx_rate": Decimal(rate)}


@pytest.mark.parametrize(
    ("given", "expected", "found"),
    [
        (
            {"currency": "EUR", "effective_on": date(2023, 12, 31)},
            "an exchange rate of EUR at or before 2023-12-31",
            "none",
        ),
        ({"currency": "GBP"}, "an exchange rate of GBP at or before 2024-07-10", "none"),
        ({"unit_original": "per_image"}, "a unit of per_mtok, per_ktok, per_token", "per_image"),
        ({"unit_original": ""}, "a unit of per_mtok", ""),
        ({"amount_original": Decimal("0.0000001")}, "a price from 0.000001", "1E-7"),
        ({"amount_original": Decimal("999999"), "unit_original": "per_token"}, "a price from", "999999000000"),
        ({"amount_original": Decimal("NaN")}, "an amount under 1,000,000,000 in amount_original", "NaN"),
        ({"amount_original": Decimal("Infinity")}, "an amount under", "Infinity"),
        ({"amount_original": Decimal("1e30")}, "an amount under", "1E+30"),
    ],
)
def test_a_price_that_cannot_be_told_goes_to_quarantine_alone(given, expected, found):
    reading = read_capture(capture(), Reader(price(), price(**given, row_locator="line 7")), RATES)
    assert reading.state == "ok"
    assert reading.frames["prices"]["row_locator"].to_list() == ["line 1"]
    (bad,) = reading.quarantine
    assert bad.row_locator == "line 7" and bad.model_label == "M" and bad.table == "prices"
    assert "line 7: expected " + expected in bad.reason and found in bad.reason.split("found ")[1]


def test_an_unknown_unit_is_an_error_where_it_is_converted():
    with pytest.raises(BadRow, match="expected a unit of per_mtok"):
        convert(price(unit_original="per_minute"), MOMENT.date(), {})


def test_the_amount_as_published_keeps_all_its_decimals():
    frame = read_capture(capture(), Reader(price("0.0000000375", unit_original="per_token"))).frames["prices"]
    assert frame["amount_original"][0] == Decimal("0.0000000375")
    assert frame["usd_per_mtok"][0] == Decimal("0.0375")


@pytest.mark.parametrize(
    ("rows", "state", "says"),
    [
        ([score(1), score(2)], "failed", "LayoutChanged: .* expected at least 3 rows; found 2"),
        ([], "failed", "expected at least 3 rows; found 0"),
        (
            [Rejected(table="scores", row_locator="x", reason="expected a figure; found none")],
            "failed",
            "found 0 and 1 that cannot be read, the first: expected a figure; found none",
        ),
        (
            [score(1), LayoutChanged("page", "a table", "none")],
            "failed",
            "LayoutChanged: page: expected a table; found none",
        ),
        ([score(1), KeyError("Model")], "crashed", "the reader broke: KeyError: 'Model'"),
        ([score(1), RecursionError("deep")], "crashed", "the reader broke: RecursionError: deep"),
        ([score(1), score(2), score(3, n_samples="many")], "crashed", "the reader broke: TypeError"),
        ([score(1), score(2), score(3, benchmark_id=None)], "ok", None),
    ],
)
def test_a_page_that_does_not_fit_fails_and_a_fault_of_the_reader_crashes(rows, state, says):
    reading = read_capture(capture(), Reader(*rows, min_rows=3))
    assert reading.state == state
    if says:
        import re

        assert re.search(says, reading.message)
        assert not reading.frames and reading.rows_accepted == 0


def test_the_rows_of_a_page_that_fails_are_kept_in_quarantine():
    bad = Rejected(table="scores", row_locator="line 9", reason="expected a figure; found '?'")
    reading = read_capture(capture(), Reader(score(1), score(2), bad, min_rows=3))
    assert reading.state == "failed" and reading.rows_read == 3
    assert [(r.row_locator, r.model_label) for r in reading.quarantine] == [
        ("line 1", "M1"),
        ("line 2", "M2"),
        ("line 9", None),
    ]
    assert reading.quarantine[0].cells["score"] == "51.0"
    broken = read_capture(capture(), Reader(score(1), LayoutChanged("page", "a table", "none")))
    assert [r.row_locator for r in broken.quarantine] == ["line 1"]


def test_a_page_whose_reader_crashed_is_read_again_and_one_that_failed_is_not():
    state = State()
    crashed, failed = (
        read_capture(Capture("test", f"https://example.org/{n}", MOMENT, b"<p>a page</p>"), Reader(row))
        for n, row in enumerate([ValueError("x"), LayoutChanged("p", "a", "b")])
    )
    for reading in (crashed, failed):
        state.note(reading)
    assert [c.capture_id for c, _ in state.to_read_again("test", 1)] == [crashed.capture.capture_id]
    assert len(state.to_read_again("test", 2)) == 2


@pytest.mark.parametrize("body", [b"", b"   \n", b"<html><body><table><tr><td>1"])
def test_a_page_that_is_empty_or_cut_off_is_never_read(body):
    reading = read_capture(capture(body), Reader(score()))
    assert reading.state == "failed" and reading.rows_read == 0 and reading.message.startswith("LayoutChanged")


def test_the_file_of_a_user_is_no_web_page_and_has_no_gate_or_end_tag():
    body = b"model_label,notes\nM,<table> Just a moment... Enable JavaScript and cookies to continue\n"
    assert read_capture(capture(body), Reader(score(), kind="import")).state == "ok"


def test_text_of_any_script_passes_and_half_a_surrogate_pair_becomes_a_question_mark():
    names = ["通义千问 2.5", "Ünïcödé\u202e", "a\u0000b", "🦙 3", "\ud800half"]
    reading = read_capture(capture(), Reader(*(score(n, model_label=name) for n, name in enumerate(names))))
    assert reading.frames["scores"]["model_label"].to_list() == [*names[:4], "?half"]


def test_a_value_of_another_type_breaks_its_reading_and_not_the_run():
    cost = RunCost(model_label="M", row_locator="l", benchmark_id="b", total_cost_usd="dear")
    reading = read_capture(capture(), Reader(cost))
    assert reading.state == "crashed"


def test_a_count_no_column_can_hold_is_quarantined():
    reading = read_capture(capture(), Reader(score(1), score(2, n_samples=2**70)))
    assert reading.frames["scores"]["model_label"].to_list() == ["M1"]
    assert "expected a number under 9,223,372,036,854,775,807 in n_samples" in reading.quarantine[0].reason


def test_a_row_keeps_its_own_address_or_gets_that_of_the_page():
    frame = read_capture(capture(), Reader(score(1), score(2, source_url="https://example.org/own"))).frames["scores"]
    assert frame["source_url"].to_list() == ["https://example.org/", "https://example.org/own"]


def test_a_reading_is_known_by_its_capture_and_the_version_of_its_reader():
    one, same, other = (read_capture(capture(), Reader(score(), version=v)).reading_id for v in (1, 1, 2))
    assert one == same != other


def test_a_quarantined_row_is_json_that_any_reader_takes():
    text = as_json({"a": float("nan"), "b": Decimal("0.10"), "c": None, "d": "\ud800", "e": float("inf"), "f": 1.5})
    assert json.loads(text) == {"a": "nan", "b": "0.10", "c": None, "d": "?", "e": "inf", "f": 1.5}
    assert "NaN" not in text and text.encode()

"""Read rows that already stand in the columns of the raw tables: the reference CSVs, and files people import.

Values come as text (CSV) or typed (Parquet); each is turned into its column's type or the row is rejected with the reason.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_type_hints

from flows.errors import BadRow, LayoutChanged
from flows.records import OBSERVATIONS, Observation, Price, Rejected
from flows.values import read_date, read_decimal, read_integer, read_number

FILLED_IN = {"source_id", "capture_id", "reading_id", "captured_at", "row_locator"}  # ours to say, not the file's
BENCHMARK_HINTS: Mapping[str, Any] = {
    "benchmark_name": str,
    "score_min": float,
    "score_max": float,
    "chance": float,
    "higher_is_better": bool,
    "scale_kind": Literal["accuracy", "rating"],
}
BENCHMARK_COLUMNS = tuple(BENCHMARK_HINTS)
_ALSO = {"prices": {"usd_per_mtok", "fx_rate"}, "scores": set(BENCHMARK_COLUMNS)}
_TRUTH = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def csv_rows(text: str, place: str = "CSV") -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and cells of each row of a CSV text; LayoutChanged if it is no CSV, or names a column twice.

    A row with more or fewer cells than the header has a None key. Rows without any text are blank lines, and none.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise LayoutChanged(place, "each column once", f"{', '.join(map(repr, twice))} more than once")
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row: dict[Any, Any] = dict(zip(header, cells, strict=False))
                if len(cells) != len(header):
                    row[None] = len(cells)
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise LayoutChanged(f"{place}, line {reader.line_num}", "a CSV file", str(error)) from None


def csv_header(text: str) -> list[str]:
    """Return the names in the first line of a CSV text."""
    return [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")), [])]


def check_header(table: str, header: Sequence[str], place: str) -> None:
    """Raise LayoutChanged if a needed column is missing or one is not known."""
    kind = OBSERVATIONS[table]
    known = {f.name for f in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING} - FILLED_IN
    if table == "models":
        needed -= {"model_label"}
    if table == "prices" and "usd_per_mtok" in header:
        needed -= {"amount_original"}
    allowed = known | FILLED_IN | _ALSO.get(table, set())
    missing, unknown = sorted(needed - set(header)), sorted(repr(name) for name in set(header) - allowed)
    if missing or unknown:
        parts = [f"no {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        may = ", ".join(sorted(allowed - needed))
        expected = f"the columns of {table} ({', '.join(sorted(needed))} and any of {may})"
        raise LayoutChanged(place, expected, " and ".join(parts))


def read_rows(
    table: str, rows: Iterable[tuple[int, Mapping[str, Any]]], place: str
) -> Iterator[Observation | Rejected]:
    """Yield an observation for each row, or Rejected with the column at fault."""
    for line, row in rows:
        try:
            yield _observe(table, row, f"line {line}", f"{place}, line {line}")
        except BadRow as error:
            yield reject_row(table, line, row, str(error))


def reject_row(table: str, line: int, row: Mapping[str, Any], reason: str) -> Rejected:
    """Return what goes to quarantine of a row."""
    cells = {str(k): str(v) for k, v in row.items() if k is not None and v not in (None, "")}
    label = cells.get("model_label") or cells.get("model_id")
    return Rejected(table=table, row_locator=f"line {line}", reason=reason, model_label=label, cells=cells)


def is_given(value: Any) -> bool:
    """Return whether a cell states something; a NaN is how many programs write that it does not."""
    if isinstance(value, float | Decimal):
        return value == value
    return value is not None and not (isinstance(value, str) and not value.strip())


def read_benchmark(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return what a row of scores says of its benchmark; BadRow names the column at fault."""
    return {
        name: coerce(row[name], hint, f"{place}, column {name!r}")
        for name, hint in BENCHMARK_HINTS.items()
        if is_given(row.get(name))
    }


def _observe(table: str, row: Mapping[str, Any], locator: str, place: str) -> Observation:
    kind = OBSERVATIONS[table]
    hints = get_type_hints(kind)
    if None in row:
        raise BadRow(place, "as many cells as the header has", f"{row[None]} cells")  # type: ignore[index]
    values: dict[str, Any] = {"row_locator": locator}
    for f in fields(kind):
        if f.name not in FILLED_IN and is_given(row.get(f.name)):
            values[f.name] = coerce(row[f.name], hints[f.name], f"{place}, column {f.name!r}")
    if table == "models":
        values.setdefault("model_label", values.get("model_id"))
    if table == "scores":
        read_benchmark(row, place)
    if kind is Price:
        _fill_amount(values, row, place)
    missing = [f.name for f in fields(kind) if f.default is MISSING and values.get(f.name) is None]
    if missing:
        raise BadRow(place, f"a value in {', '.join(missing)}", "nothing")
    return kind(**values)


def _fill_amount(values: dict[str, Any], row: Mapping[str, Any], place: str) -> None:
    """Take a price from usd_per_mtok where no original amount is given; where both are, they must agree."""
    is_plain = values.get("currency", "USD") == "USD" and values.get("unit_original", "per_mtok") == "per_mtok"
    if is_given(row.get("usd_per_mtok")):
        usd = coerce(row["usd_per_mtok"], Decimal, f"{place}, column 'usd_per_mtok'")
        if "amount_original" not in values and not is_plain:
            raise BadRow(place, "amount_original beside a currency or unit of its own", "usd_per_mtok alone")
        if values.setdefault("amount_original", usd) != usd and is_plain:
            raise BadRow(place, f"usd_per_mtok equal to amount_original, {values['amount_original']}", str(usd))
    if values.get("amount_original", Decimal(0)) < 0:
        raise BadRow(place, "an amount of zero or more", str(values["amount_original"]))


def coerce(value: Any, hint: Any, place: str) -> Any:
    """Return the value in the type of its column; BadRow names the place, the type expected and the value found."""
    kinds = [k for k in get_args(hint) if k is not type(None)] if get_args(hint) else [hint]
    if kinds and all(isinstance(k, str) for k in kinds):
        text = value.strip() if isinstance(value, str) else value
        if text not in kinds:
            raise BadRow(place, f"one of {', '.join(map(repr, kinds))}", _shown(value))
        return text
    kind = kinds[0]
    if get_args(kind):  # Literal inside an Optional
        return coerce(value, kind, place)
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        raise BadRow(place, _WANTED[kind], _shown(value)) from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]} ..."


def _read_text(value: Any) -> str:
    if isinstance(value, str | int | float | Decimal | date):
        return str(value).strip()
    raise TypeError


def _read_bool(value: Any) -> bool:
    return value if isinstance(value, bool) else _TRUTH[str(value).strip().lower()]


def _read_day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else read_date(str(value))


def _read_float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    number = float(value) if isinstance(value, int | float | Decimal) else read_number(str(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _read_whole(value: Any) -> int:
    number = read_integer(str(value))
    if abs(number) >= 2**63:
        raise ValueError
    return number


_READERS: dict[Any, Any] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_whole,
    float: _read_float,
    Decimal: lambda value: read_decimal(str(value)),
    date: _read_day,
}
_WANTED: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Decimal: "an amount, a plain number",
    date: "a date such as 2024-07-10",
}

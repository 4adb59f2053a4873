"""Read rows that already stand in the columns of the raw tables: the reference CSVs, and files people import.

Values come as text (CSV) or typed (Parquet); each is turned into its column's type or the row is rejected with the reason.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from flows.errors import BadRow, LayoutChanged
from flows.records import OBSERVATIONS, Observation, Price, Rejected
from flows.values import read_date, read_decimal, read_integer, read_number

FILLED_IN = {"source_id", "capture_id", "reading_id", "captured_at", "row_locator"}  # ours to say, not the file's
BENCHMARK_COLUMNS = ("benchmark_name", "score_min", "score_max", "chance", "higher_is_better", "scale_kind")
_ALSO = {"prices": {"usd_per_mtok", "fx_rate"}, "scores": set(BENCHMARK_COLUMNS)}
_TRUTH = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def csv_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of each row of a CSV text; a row with more cells than the header has a None key."""
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        yield reader.line_num, row


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
    missing, unknown = sorted(needed - set(header)), sorted(str(name) for name in set(header) - allowed)
    if missing or unknown:
        parts = [f"without {', '.join(missing)}"] * bool(missing) + [f"with unknown {', '.join(unknown)}"] * bool(
            unknown
        )
        raise LayoutChanged(
            place,
            f"the columns of {table} ({', '.join(sorted(needed))} and any of {', '.join(sorted(allowed - needed))})",
            " and ".join(parts),
        )


def read_rows(
    table: str, rows: Iterable[tuple[int, Mapping[str, Any]]], place: str
) -> Iterator[Observation | Rejected]:
    """Yield an observation for each row, or Rejected with the column at fault."""
    for line, row in rows:
        locator = f"line {line}"
        try:
            yield _observe(table, row, locator, f"{place}, {locator}")
        except BadRow as error:
            cells = {str(k): str(v) for k, v in row.items() if v not in (None, "")}
            yield Rejected(
                table=table,
                row_locator=locator,
                reason=str(error),
                model_label=cells.get("model_label") or cells.get("model_id"),
                cells=cells,
            )


def _observe(table: str, row: Mapping[str, Any], locator: str, place: str) -> Observation:
    kind = OBSERVATIONS[table]
    hints = get_type_hints(kind)
    if None in row:
        raise BadRow(place, "as many cells as the header has", "more")
    values: dict[str, Any] = {"row_locator": locator}
    for f in fields(kind):
        if f.name in FILLED_IN or row.get(f.name) in (None, ""):
            continue
        values[f.name] = _coerce(row[f.name], hints[f.name], f"{place}, column {f.name!r}")
    if table == "models":
        values.setdefault("model_label", values.get("model_id"))
    if kind is Price:
        _fill_amount(values, row, place)
    missing = [f.name for f in fields(kind) if f.default is MISSING and values.get(f.name) is None]
    if missing:
        raise BadRow(place, f"a value in {', '.join(missing)}", "nothing")
    return kind(**values)


def _fill_amount(values: dict[str, Any], row: Mapping[str, Any], place: str) -> None:
    """Take a price from usd_per_mtok where no original amount is given."""
    if "amount_original" not in values and row.get("usd_per_mtok") not in (None, ""):
        values["amount_original"] = _coerce(row["usd_per_mtok"], Decimal, f"{place}, column 'usd_per_mtok'")
        if values.get("currency", "USD") != "USD" or values.get("unit_original", "per_mtok") != "per_mtok":
            raise BadRow(place, "amount_original beside a currency or unit of its own", "usd_per_mtok alone")
    if values.get("amount_original", Decimal(0)) < 0:
        raise BadRow(place, "an amount of zero or more", str(values["amount_original"]))


def _coerce(value: Any, hint: Any, place: str) -> Any:
    """Return the value in the type of its column; BadRow names the place, the type expected and the value found."""
    kinds = [k for k in get_args(hint) if k is not type(None)] if get_args(hint) else [hint]
    if kinds and all(isinstance(k, str) for k in kinds):
        if value not in kinds:
            raise BadRow(place, f"one of {', '.join(map(repr, kinds))}", repr(value))
        return value
    kind = kinds[0]
    if get_args(kind):  # Literal inside an Optional
        return _coerce(value, kind, place)
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        raise BadRow(place, f"a value of type {kind.__name__}", repr(value)) from None


def _read_bool(value: Any) -> bool:
    return value if isinstance(value, bool) else _TRUTH[str(value).strip().lower()]


def _read_day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else read_date(str(value))


def _read_float(value: Any) -> float:
    number = float(value) if isinstance(value, int | float | Decimal) else read_number(str(value))
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("a finite number")
    return number


_READERS: dict[Any, Any] = {
    str: lambda value: str(value).strip(),
    bool: _read_bool,
    int: lambda value: value if isinstance(value, int) else read_integer(str(value)),
    float: _read_float,
    Decimal: lambda value: read_decimal(str(value)),
    date: _read_day,
}

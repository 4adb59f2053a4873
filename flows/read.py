"""Turn a capture into a reading: observations as polars frames in the columns of the raw tables, and what was rejected.

Pure: no file, no network, no store. Prices are converted here, once, to US dollars per million tokens.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from flows.archive import Capture
from flows.errors import BadRow, LayoutChanged, PageError
from flows.records import OBSERVATIONS, Observation, Price, Reader, Rejected, Source
from flows.tables import Page

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)
UNITS = {"per_mtok": Decimal(1), "per_ktok": Decimal(1_000), "per_token": Decimal(1_000_000)}
MOST_MONEY = Decimal(10) ** 9  # what decimal(24, 15) holds
MOST_WHOLE = 2**63 - 1
_MICRO = Decimal("0.000001")
FxRates = Mapping[str, Sequence[tuple[date, Decimal]]]


@dataclass
class Reading:
    """One capture as read by one version of its reader.

    `frames` holds a frame per observation table, with a `row_locator` and all columns of the raw table but source, capture
    and reading; `quarantine` what was not accepted; `state` is 'ok', or with a `message` 'failed' (the page does not fit),
    'rejected' (over the source's tolerance) or 'crashed' (a fault in the reader: the page will be read again).
    """

    capture: Capture
    reader_version: int
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    quarantine: list[Rejected] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    rows_read: int = 0
    state: str = "ok"
    message: str | None = None

    @property
    def reading_id(self) -> str:
        """The identity of this reading: a hash of capture and reader version."""
        return hashlib.sha256(f"{self.capture.capture_id}\n{self.reader_version}".encode()).hexdigest()[:16]

    @property
    def rows_accepted(self) -> int:
        """How many observations are to be loaded."""
        return sum(len(frame) for frame in self.frames.values())


def read_capture(capture: Capture, reader: Reader, fx_rates: FxRates | None = None) -> Reading:
    """Read a capture with its source's reader; a page that does not fit gives a reading of state 'failed'.

    What was read of a page that then fails is kept in quarantine: no row is lost.
    """
    source = reader.SOURCE
    reading = Reading(capture, source.reader_version)
    page = Page(capture.body, capture.url, capture.captured_at, capture.content_type)
    found: list[Observation | Rejected] = []
    try:
        if source.kind not in ("import", "reference"):  # a file has no gate before it and no end tag
            page.check_whole()
        for row in reader.read(page):
            found.append(row)
        _check_number(found, source, page)
        reading.quarantine = [row for row in found if isinstance(row, Rejected)]
        reading.frames = _frames([row for row in found if isinstance(row, Observation)], reading, page, fx_rates or {})
    except PageError as error:
        reading.state, reading.message = "failed", f"{type(error).__name__}: {error}"
        reading.frames, reading.quarantine = {}, [_aside(row) for row in found]
    except Exception as error:
        log.debug("%s: the reader broke", page.place, exc_info=True)
        reading.state, reading.message = "crashed", f"{page.place}: the reader broke: {type(error).__name__}: {error}"
        reading.frames = {}
    reading.rows_read = len(found)
    return reading


def _check_number(found: Sequence[Observation | Rejected], source: Source, page: Page) -> None:
    """Raise LayoutChanged if the page gave fewer observations than its source must."""
    bad = [row for row in found if isinstance(row, Rejected)]
    if len(found) - len(bad) < source.min_rows:
        why = f" and {len(bad)} that cannot be read, the first: {bad[0].reason}" if bad else ""
        raise LayoutChanged(page.place, f"at least {source.min_rows} rows", f"{len(found) - len(bad)}{why}")


def _aside(row: Observation | Rejected) -> Rejected:
    """Return a good row of a page that failed as what goes to quarantine."""
    if isinstance(row, Rejected):
        return row
    return reject(row.table, {f.name: getattr(row, f.name) for f in fields(row)}, "the page failed as a whole")


def reject(table: str, record: Mapping[str, Any], reason: str) -> Rejected:
    """Return the Rejected of a row given as column to value."""
    cells = {str(k): str(v) for k, v in record.items() if v is not None}
    return Rejected(
        table=table,
        row_locator=str(record["row_locator"]),
        reason=reason,
        model_label=record.get("model_label"),
        cells=cells,
    )


def _frames(rows: Sequence[Observation], reading: Reading, page: Page, fx_rates: FxRates) -> dict[str, pl.DataFrame]:
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        record = {f.name: getattr(row, f.name) for f in fields(row)}
        record["source_url"] = record["source_url"] or page.url
        try:
            _check_amounts(record, page.place)
            if isinstance(row, Price):
                record.update(convert(row, reading.capture.captured_at.date(), fx_rates, page.place))
        except BadRow as error:
            reading.quarantine.append(reject(row.table, record, str(error)))
            continue
        tables[row.table].append(record)
    return {name: to_frame(name, records) for name, records in tables.items()}


def _check_amounts(record: Mapping[str, Any], place: str) -> None:
    """Raise BadRow for a sum of money, or a count, that no column of the store can hold."""
    for name, value in record.items():
        if isinstance(value, Decimal) and not (value.is_finite() and abs(value) < MOST_MONEY):
            raise BadRow(f"{place}, {record['row_locator']}", f"an amount under {MOST_MONEY:,} in {name}", str(value))
        if isinstance(value, int) and abs(value) > MOST_WHOLE:
            raise BadRow(f"{place}, {record['row_locator']}", f"a number under {MOST_WHOLE:,} in {name}", str(value))


def convert(price: Price, captured_on: date, fx_rates: FxRates, place: str = "price") -> dict[str, Decimal]:
    """Return `usd_per_mtok` (to the millionth of a dollar) and `fx_rate` of a price as published.

    The rate is the newest at or before the day the price became valid, or else was seen or captured; BadRow if there is none.
    """
    day = price.effective_on or price.seen_on or captured_on
    if price.unit_original not in UNITS:
        raise BadRow(f"{place}, {price.row_locator}", f"a unit of {', '.join(UNITS)}", price.unit_original)
    rate = Decimal(1)
    if price.currency != "USD":
        known = [value for valid_on, value in fx_rates.get(price.currency, ()) if valid_on <= day]
        if not known:
            raise BadRow(
                f"{place}, {price.row_locator}",
                f"an exchange rate of {price.currency} at or before {day}",
                "none in fx_rates.csv",
            )
        rate = known[-1]
    exact = price.amount_original * UNITS[price.unit_original] * rate
    usd = exact.quantize(_MICRO, ROUND_HALF_EVEN) if abs(exact) < MOST_MONEY else exact
    if abs(usd) >= MOST_MONEY or (exact and not usd):
        expected = f"a price from {_MICRO} to {MOST_MONEY:,} US dollars per million tokens"
        raise BadRow(f"{place}, {price.row_locator}", expected, f"{exact}")
    return {"usd_per_mtok": usd, "fx_rate": rate}


def to_frame(table: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return a frame in the columns of a raw table, typed alike whatever the rows hold."""
    import polars as pl

    schema = column_types(table)
    columns = {name: [r.get(name) for r in records] for name in schema}
    try:
        return pl.DataFrame(columns, schema=schema)
    except UnicodeEncodeError:
        kept = {name: [whole(v) if isinstance(v, str) else v for v in column] for name, column in columns.items()}
        return pl.DataFrame(kept, schema=schema)
    except pl.exceptions.PanicException as error:  # no Exception: it would take the whole run with it
        raise TypeError(f"{table}: a value of a type that its column cannot hold") from error


def column_types(table: str) -> dict[str, Any]:
    """Return column to polars type of an observation table, from the record's own annotations."""
    import polars as pl

    kinds = {"float": pl.Float64, "int": pl.Int64, "bool": pl.Boolean, "date": pl.Date, "Decimal": pl.Decimal(24, 15)}
    types: dict[str, Any] = {}
    for f in fields(OBSERVATIONS[table]):
        kind = str(f.type).removesuffix(" | None").strip()
        types[f.name] = kinds.get(kind, pl.String)
        if f.name == "amount_original":
            types |= {"usd_per_mtok": pl.Decimal(18, 6), "fx_rate": pl.Decimal(18, 9)}
    return types | ({"total_cost_usd": pl.Decimal(18, 6)} if table == "run_costs" else {})


def as_json(cells: Mapping[str, Any]) -> str:
    """Return a quarantined row as JSON text that any reader takes: no NaN, no half of a surrogate pair."""
    plain = {
        str(k): v if isinstance(v, str | int | bool | None) or (isinstance(v, float) and math.isfinite(v)) else str(v)
        for k, v in cells.items()
    }
    return whole(json.dumps(plain, ensure_ascii=False))


def whole(text: str) -> str:
    """Return the text with each half of a surrogate pair, which nothing can store, as a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")

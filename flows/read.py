"""Turn a capture into a reading: observations as polars frames in the columns of the raw tables, and what was rejected.

Pure: no file, no network, no store. Prices are converted here, once, to US dollars per million tokens.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from flows.archive import Capture
from flows.errors import BadRow, LayoutChanged, PageError
from flows.records import OBSERVATIONS, Observation, Price, Reader, Rejected
from flows.tables import Page

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)
UNITS = {"per_mtok": Decimal(1), "per_ktok": Decimal(1_000), "per_token": Decimal(1_000_000)}
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
    """Read a capture with its source's reader; a page that does not fit gives a reading of state 'failed'."""
    source = reader.SOURCE
    reading = Reading(capture, source.reader_version)
    page = Page(capture.body, capture.url, capture.captured_at, capture.content_type)
    try:
        page.check_whole()
        found = list(reader.read(page))
        rows = [o for o in found if isinstance(o, Observation)]
        reading.quarantine = [o for o in found if isinstance(o, Rejected)]
        reading.rows_read = len(found)
        if len(rows) < source.min_rows:
            why = (
                f" and {len(reading.quarantine)} that cannot be read, the first: {reading.quarantine[0].reason}"
                if reading.quarantine
                else ""
            )
            raise LayoutChanged(page.place, f"at least {source.min_rows} rows", f"{len(rows)}{why}")
        reading.frames = _frames(rows, reading, page, fx_rates or {})
    except PageError as error:
        reading.state, reading.message = "failed", f"{type(error).__name__}: {error}"
    except Exception as error:
        log.debug("%s: the reader broke", page.place, exc_info=True)
        reading.state, reading.message = "crashed", f"{page.place}: the reader broke: {type(error).__name__}: {error}"
    return reading


def _frames(rows: Sequence[Observation], reading: Reading, page: Page, fx_rates: FxRates) -> dict[str, pl.DataFrame]:
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        record = {f.name: getattr(row, f.name) for f in fields(row)}
        record["source_url"] = record["source_url"] or page.url
        if isinstance(row, Price):
            try:
                record.update(convert(row, reading.capture.captured_at.date(), fx_rates, page.place))
            except BadRow as error:
                cells = {k: str(v) for k, v in record.items() if v is not None}
                reading.quarantine.append(
                    Rejected(
                        table="prices",
                        row_locator=row.row_locator,
                        reason=str(error),
                        model_label=row.model_label,
                        cells=cells,
                    )
                )
                continue
        tables[row.table].append(record)
    return {name: to_frame(name, records) for name, records in tables.items()}


def convert(price: Price, captured_on: date, fx_rates: FxRates, place: str = "price") -> dict[str, Decimal]:
    """Return `usd_per_mtok` (to the millionth of a dollar) and `fx_rate` of a price as published.

    The rate is the newest at or before the day the price became valid, or else was captured; BadRow if there is none.
    """
    day = price.effective_on or captured_on
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
    usd = (price.amount_original * UNITS[price.unit_original] * rate).quantize(_MICRO, ROUND_HALF_EVEN)
    return {"usd_per_mtok": usd, "fx_rate": rate}


def to_frame(table: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return a frame in the columns of a raw table, typed alike whatever the rows hold."""
    import polars as pl

    schema = column_types(table)
    return pl.DataFrame({name: [r.get(name) for r in records] for name in schema}, schema=schema)


def column_types(table: str) -> dict[str, Any]:
    """Return column to polars type of an observation table, from the record's own annotations."""
    import polars as pl

    kinds = {"float": pl.Float64, "int": pl.Int64, "bool": pl.Boolean, "date": pl.Date, "Decimal": pl.Decimal(18, 9)}
    types: dict[str, Any] = {}
    for f in fields(OBSERVATIONS[table]):
        kind = str(f.type).removesuffix(" | None").strip()
        types[f.name] = kinds.get(kind, pl.String)
        if f.name == "amount_original":
            types |= {"usd_per_mtok": pl.Decimal(18, 6), "fx_rate": pl.Decimal(18, 9)}
    return types | ({"total_cost_usd": pl.Decimal(18, 6)} if table == "run_costs" else {})


def as_json(cells: Mapping[str, Any]) -> str:
    """Return a quarantined row as JSON text."""
    return json.dumps(
        {str(k): v if isinstance(v, str | int | float | bool | None) else str(v) for k, v in cells.items()},
        ensure_ascii=False,
    )

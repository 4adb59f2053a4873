"""Validate a reading: run the suites and the change checks, move failing rows to quarantine, stop what is over tolerance."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from expectations.changes import Change, compare
from expectations.run_suite import Scales, run_suite
from expectations.suites import IDENTITY
from flows.read import Reading, reject
from flows.records import Expect, Source

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)
_ENOUGH = 3  # so many scores of at most 1 are no percentages; a single one may be a very bad model's
_TWICE = "expected each row once"
_BY_HAND = ("reference", "import")


@dataclass(frozen=True)
class Earlier:
    """The nearest earlier capture of the same page: its id, its moment and its loaded rows by table."""

    capture_id: str
    captured_at: datetime
    frames: Mapping[str, pl.DataFrame]


def remember(reading: Reading, earlier: Earlier | None) -> Earlier:
    """Return what the next capture is compared with: the accepted rows and, for a value that jumped, the one before it.

    Without the latter a wrong value would be quarantined once and pass the next time, having nothing to be compared with.
    """
    import polars as pl

    frames = {table: frame for table, frame in reading.frames.items() if len(frame)}
    for table, before in (earlier.frames if earlier else {}).items():
        jumped = {r.model_label for r in reading.quarantine if r.table == table and "value_jumped" in r.reason}
        if jumped:
            kept = before.filter(pl.col("model_label").is_in(list(jumped)))
            frames[table] = pl.concat([frames[table], kept], how="diagonal_relaxed") if table in frames else kept
    return Earlier(reading.capture.capture_id, reading.capture.captured_at, frames)


def validate(
    reading: Reading, source: Source, *, earlier: Earlier | None = None, scales: Scales | None = None
) -> Reading:
    """Validate a reading in place and return it.

    `earlier` is what change checks compare with, `scales` the least and greatest score of each benchmark. Rows that fail
    leave `frames` for `quarantine`; over `source.tolerance` of the rows, or when a check of a whole table fails, the reading
    is 'rejected', all its rows are quarantined and none is loaded. A fault in the checks makes it 'crashed', as one in the
    reader does: it will be read again.
    """
    if reading.state != "ok":
        return reading
    try:
        stops = [
            stop for table in list(reading.frames) for stop in _check_table(reading, table, source, earlier, scales)
        ]
        stops += _check_gone(reading, source, earlier)
    except Exception as error:
        log.debug("%s: the checks broke", reading.capture.url, exc_info=True)
        reading.state, reading.message = "crashed", f"the checks broke: {type(error).__name__}: {error}"
        reading.frames = {}
        return reading
    stops += _check_tolerance(reading, source)
    if stops:
        _reject(reading, "; ".join(stops))
    return reading


def _check_table(
    reading: Reading, table: str, source: Source, earlier: Earlier | None, scales: Scales | None
) -> list[str]:
    """Check one table, move its bad rows to quarantine, and return why the capture must be stopped, if it must."""
    expect = source.expects.get(table, Expect())
    reasons: dict[int, list[str]] = defaultdict(list)
    stops = _check_unit(reading, table, expect, scales or {})
    run_suite(reading, table, expect, scales or {}, reasons)
    _find_unfit(reading, table, reasons)
    _find_duplicates(reading, table, reasons)
    if earlier and table in earlier.frames:
        stops += _check_changes(reading, table, source, earlier, reasons)
    _quarantine(reading, table, reasons)
    return stops


def _is_recent(reading: Reading, source: Source, earlier: Earlier) -> bool:
    return reading.capture.captured_at - earlier.captured_at <= max(4 * source.cadence, timedelta(days=30))


def _check_gone(reading: Reading, source: Source, earlier: Earlier | None) -> list[str]:
    """Return the tables that the capture before had and this one has not; captures far apart only warn."""
    stops = []
    for table, frame in (earlier.frames if earlier else {}).items():
        if earlier is None or (table in reading.frames and len(reading.frames[table])):
            continue
        detail = f"expected rows as in the capture before ({len(frame)}); found none"
        severity = "fail" if _is_recent(reading, source, earlier) else "warn"
        change = Change("table_vanished", severity, detail, table, str(len(frame)), "0")
        reading.changes.append(_as_row(earlier, table, change))
        stops += [f"{table}: {detail}"] * (severity == "fail")
    return stops


def _check_tolerance(reading: Reading, source: Source) -> list[str]:
    """Compare the share of bad rows with what the source tolerates; a row written twice is set aside, but no fault."""
    bad = [row for row in reading.quarantine if not row.reason.startswith(_TWICE)]
    total = max(reading.rows_read, len(bad), 1)
    if len(bad) / total <= source.tolerance:
        return []
    return [
        f"expected at most {source.tolerance:.0%} of rows in quarantine; found {len(bad)} of {total}, the first: {bad[0].reason}"
    ]


def _check_unit(reading: Reading, table: str, expect: Expect, scales: Scales) -> list[str]:
    """Catch percentages given as fractions, benchmark by benchmark: all values at most 1."""
    if table != "scores":
        return []
    boards: dict[str, list[float]] = defaultdict(list)
    for name, score in reading.frames[table].select("benchmark_id", "score").iter_rows():
        if score is not None and (expect.unit == "percent" or scales.get(name) == (0, 100)):
            boards[name].append(score)
    return [
        f"{table}, {name}: expected percentages from 0 to 100; found {len(values)} values of at most {max(values):g}: fractions"
        for name, values in boards.items()
        if len(values) >= _ENOUGH and 0 < max(values) <= 1.0
    ]


def _find_unfit(reading: Reading, table: str, reasons: dict[int, list[str]]) -> None:
    """Condemn rows with a figure that is no number, and rows without any figure."""
    import polars as pl

    frame = reading.frames[table]
    for name, kind in frame.schema.items():
        if kind == pl.Float64:
            for n in (~frame[name].is_finite()).fill_null(False).arg_true():
                reasons[n].append(f"expected a finite {name}; found {frame[name][n]}")
    figures = IDENTITY[table].figures
    if figures:
        for n in frame.select(pl.all_horizontal(pl.col(c).is_null() for c in figures)).to_series().arg_true():
            reasons[n].append(f"expected a value in one of {', '.join(figures)}; found none")


def _find_duplicates(reading: Reading, table: str, reasons: dict[int, list[str]]) -> None:
    """Condemn rows that repeat an earlier row, and both of two rows that contradict each other."""
    frame, identity = reading.frames[table], IDENTITY[table]
    first: dict[tuple[Any, ...], int] = {}
    keyed: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    rows, keys = (
        list(frame.select(columns).iter_rows()) for columns in (identity.columns, identity.key or ("row_locator",))
    )
    for n, (row, key) in enumerate(zip(rows, keys, strict=True)):
        if row in first:
            reasons[n].append(f"{_TWICE}; found a duplicate of {frame['row_locator'][first[row]]}")
            continue
        first[row] = n
        if identity.key:
            keyed[key].append(n)
    for key, group in keyed.items():
        if len(group) > 1 and (facts := _contradictions(frame[group], identity.facts)):
            places = ", ".join(frame["row_locator"][n] for n in group)
            name = " / ".join(str(part) for part in key if part is not None)
            for n in group:
                reasons[n].append(
                    f"expected one {facts[0]} of {name}; found {len(group)} rows that differ, at {places}"
                )


def _contradictions(rows: pl.DataFrame, facts: Sequence[str]) -> list[str]:
    """Return the columns in which rows state different values; one that states nothing contradicts none."""
    return [name for name in facts if rows[name].drop_nulls().n_unique() > 1]


def _check_changes(
    reading: Reading, table: str, source: Source, earlier: Earlier, reasons: dict[int, list[str]]
) -> list[str]:
    """Compare with the capture before; what people keep by hand may change at will, that only warns."""
    stops = []
    expect, is_recent = source.expects.get(table, Expect()), _is_recent(reading, source, earlier)
    for change in compare(table, earlier.frames[table], reading.frames[table], expect, is_recent=is_recent):
        if source.kind in _BY_HAND:
            change = replace(change, severity="warn", rows=())
        reading.changes.append(_as_row(earlier, table, change))
        for row in change.rows:
            reasons[row].append(f"{change.check_name}: {change.detail}")
        if change.severity == "fail" and not change.rows:
            stops.append(f"{table}, {change.check_name}: {change.detail}")
    return stops


def _as_row(earlier: Earlier, table: str, change: Change) -> dict[str, Any]:
    """Return the row of raw.changes."""
    columns = ("check_name", "severity", "subject", "before_value", "after_value", "detail")
    found = {name: getattr(change, name) for name in columns}
    return {"previous_capture_id": earlier.capture_id, "table_name": table} | found


def _quarantine(reading: Reading, table: str, reasons: Mapping[int, list[str]]) -> None:
    import polars as pl

    frame = reading.frames[table]
    bad = sorted(n for n, why in reasons.items() if why)
    rows = frame[bad].iter_rows(named=True)
    reading.quarantine += [reject(table, row, "; ".join(reasons[n])) for n, row in zip(bad, rows, strict=True)]
    reading.frames[table] = frame.filter(~pl.int_range(len(frame), eager=True).is_in(bad))


def _reject(reading: Reading, why: str) -> None:
    """Load nothing of a reading that is over its tolerance; every row is kept in quarantine."""
    reading.state, reading.message = "rejected", why
    for table, frame in reading.frames.items():
        reading.quarantine += [
            reject(table, row, "the capture was rejected as a whole") for row in frame.iter_rows(named=True)
        ]
    reading.frames = {}

"""Validate a reading: run the suites and the change checks, move failing rows to quarantine, stop what is over tolerance."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations.changes import VALUE, compare
from expectations.suites import IDENTITY, SUITES, Check
from flows.read import Reading
from flows.records import Expect, Rejected, Source

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)
Scales = Mapping[str, tuple[float | None, float | None]]
_ONE_AT_A_TIME = threading.Lock()  # a Great Expectations context is not made for several threads


@dataclass(frozen=True)
class Earlier:
    """The nearest earlier capture of the same page: its id, its moment and its loaded rows by table."""

    capture_id: str
    captured_at: datetime
    frames: Mapping[str, pl.DataFrame]


def validate(
    reading: Reading, source: Source, *, earlier: Earlier | None = None, scales: Scales | None = None
) -> Reading:
    """Validate a reading in place and return it.

    `earlier` is what change checks compare with, `scales` the least and greatest score of each benchmark. Rows that fail leave `frames` for `quarantine`; over `source.tolerance` of the rows, or when a check of the
    whole table fails, the reading is 'rejected', all its rows are quarantined and none is loaded.
    """
    if reading.state != "ok":
        return reading
    stops: list[str] = []
    for table in list(reading.frames):
        expect = source.expects.get(table, Expect())
        reasons: dict[int, list[str]] = defaultdict(list)
        stops += _check_unit(reading, table, expect)
        _run_suite(reading, table, expect, scales or {}, reasons)
        _find_duplicates(reading, table, reasons)
        if earlier and table in earlier.frames:
            is_recent = reading.capture.captured_at - earlier.captured_at <= max(4 * source.cadence, timedelta(days=30))
            stops += _check_changes(reading, table, earlier, expect, reasons, is_recent=is_recent)
        _quarantine(reading, table, reasons)
    if earlier:
        gone = [table for table in earlier.frames if table not in reading.frames]
        stops += [f"{t}: expected rows as in the capture before ({len(earlier.frames[t])}); found none" for t in gone]
    share = len(reading.quarantine) / max(reading.rows_read, len(reading.quarantine), 1)
    if share > source.tolerance:
        first = reading.quarantine[0].reason
        stops.append(
            f"expected at most {source.tolerance:.0%} of rows in quarantine; found {len(reading.quarantine)} of {reading.rows_read}, the first: {first}"
        )
    if stops:
        _reject(reading, "; ".join(stops))
    return reading


def _check_unit(reading: Reading, table: str, expect: Expect) -> list[str]:
    """Catch a percentage that the page turned to fractions: all values at most 1."""
    if expect.unit != "percent" or table not in VALUE:
        return []
    values = [float(v) for v in reading.frames[table][VALUE[table]] if v is not None]
    if len(values) >= 5 and 0 < max(values) <= 1.0:
        return [
            f"{table}: expected percentages from 0 to 100; found {len(values)} values of at most {max(values):g}: fractions"
        ]
    return []


def _run_suite(reading: Reading, table: str, expect: Expect, scales: Scales, reasons: dict[int, list[str]]) -> None:
    frame = _as_pandas(reading.frames[table], table, expect, scales)
    with _ONE_AT_A_TIME:
        outcome = _batches().get_batch({"dataframe": frame}).validate(_suite(table), result_format=_FORMAT)
    for check, result in zip(SUITES[table], outcome.results, strict=True):
        found = result.result or {}
        error = result.exception_info if result.exception_info.get("raised_exception") else None
        rows = sorted({int(item["row"]) for item in found.get("unexpected_index_list") or []})
        columns = [str(v) for k, v in check.kwargs.items() if k in ("column", "column_A", "column_B")] or [
            ", ".join(check.kwargs.get("column_list", []))
        ]
        reading.results.append(
            {
                "table_name": table,
                "expectation": check.type,
                "column_name": ", ".join(columns),
                "severity": check.severity,
                "is_success": bool(result.success),
                "n_rows": len(frame),
                "n_unexpected": len(rows),
                "detail": str(error) if error else None,
            }
        )
        if error:
            raise RuntimeError(f"expectation {check.type} on {table}: {error}")
        if check.severity == "fail":
            for row in rows:
                reasons[row].append(_explain(check, frame, row))


_FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row"], "include_unexpected_rows": False}


def _explain(check: Check, frame: Any, row: int) -> str:
    k = check.kwargs
    if "column_A" in k:
        return f"expected {k['column_A']} >= {k['column_B']}; found {frame[k['column_A']][row]} and {frame[k['column_B']][row]}"
    if "column_list" in k:
        return f"expected {', '.join(k['column_list'])} only once; found it again"
    wanted = {n: v for n, v in k.items() if n != "column"}
    return f"expected {check.type.removeprefix('ExpectColumn')} of {k['column']}{' ' + str(wanted) if wanted else ''}; found {frame[k['column']][row]!r}"


@cache
def _batches() -> Any:
    """Return the one batch definition all frames go through, in a context that leaves nothing on disk and sends nothing."""
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("observations").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


@cache
def _suite(table: str) -> Any:
    import great_expectations as gx

    kinds = gx.expectations
    return gx.ExpectationSuite(name=table, expectations=[getattr(kinds, c.type)(**c.kwargs) for c in SUITES[table]])


def _as_pandas(frame: pl.DataFrame, table: str, expect: Expect, scales: Scales) -> Any:
    """Return the frame for Great Expectations, with row numbers and bounds; built from lists, without pyarrow."""
    import pandas as pd
    import polars as pl

    columns: dict[str, list[Any]] = {
        name: [None if v is None else float(v) for v in series]
        if isinstance(series.dtype, pl.Decimal)
        else series.to_list()
        for name, series in zip(frame.columns, frame, strict=True)
    }
    columns["row"] = list(range(len(frame)))
    columns["low"], columns["high"] = [[bound] * len(frame) for bound in (expect.low, expect.high)]
    if table == "scores":
        bounds = [scales.get(b, (None, None)) for b in columns["benchmark_id"]]
        columns["scale_min"], columns["scale_max"] = [b[0] for b in bounds], [b[1] for b in bounds]
    data = pd.DataFrame(columns)
    for name in ("low", "high", "scale_min", "scale_max", *(n for n, t in frame.schema.items() if t.is_numeric())):
        if name in data:
            data[name] = data[name].astype("float64")
    return data


def _find_duplicates(reading: Reading, table: str, reasons: dict[int, list[str]]) -> None:
    """Condemn rows that repeat an earlier row, and both of two rows that contradict each other."""
    frame = reading.frames[table]
    key_columns, rest = IDENTITY[table]
    whole: dict[tuple[Any, ...], int] = {}
    keyed: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for n, row in enumerate(frame.select([*key_columns, *rest]).iter_rows()):
        if row in whole:
            reasons[n].append(f"expected each row once; found a duplicate of {frame['row_locator'][whole[row]]}")
            continue
        whole[row] = n
        if key_columns:
            keyed[row[: len(key_columns)]].append(n)
    for rows in keyed.values():
        if len(rows) > 1:
            places = ", ".join(frame["row_locator"][n] for n in rows)
            for n in rows:
                reasons[n].append(
                    f"expected one value for {' / '.join(str(v) for v in frame.row(n)[:1])}; found {len(rows)} different ones at {places}"
                )


def _check_changes(
    reading: Reading, table: str, earlier: Earlier, expect: Expect, reasons: dict[int, list[str]], *, is_recent: bool
) -> list[str]:
    stops = []
    for change in compare(table, earlier.frames[table], reading.frames[table], expect, is_recent=is_recent):
        reading.changes.append(
            {
                "previous_capture_id": earlier.capture_id,
                "table_name": table,
                "check_name": change.check_name,
                "severity": change.severity,
                "subject": change.subject,
                "before_value": change.before_value,
                "after_value": change.after_value,
                "detail": change.detail,
            }
        )
        for row in change.rows:
            reasons[row].append(f"{change.check_name}: {change.detail}")
        if change.severity == "fail" and not change.rows:
            stops.append(f"{table}, {change.check_name}: {change.detail}")
    return stops


def _quarantine(reading: Reading, table: str, reasons: Mapping[int, list[str]]) -> None:
    import polars as pl

    frame = reading.frames[table]
    bad = sorted(n for n, why in reasons.items() if why)
    reading.quarantine += [_rejected(table, frame.row(n, named=True), "; ".join(reasons[n])) for n in bad]
    keep = pl.Series([n not in reasons or not reasons[n] for n in range(len(frame))], dtype=pl.Boolean)
    reading.frames[table] = frame.filter(keep)


def _rejected(table: str, row: Mapping[str, Any], reason: str) -> Rejected:
    cells = {k: str(v) for k, v in row.items() if v is not None}
    return Rejected(
        table=table, row_locator=row["row_locator"], reason=reason, model_label=row["model_label"], cells=cells
    )


def _reject(reading: Reading, why: str) -> None:
    """Load nothing of a reading that is over its tolerance; every row is kept in quarantine."""
    reading.state, reading.message = "rejected", why
    for table, frame in reading.frames.items():
        reading.quarantine += [
            _rejected(table, row, "the capture was rejected as a whole") for row in frame.iter_rows(named=True)
        ]
    reading.frames = {}

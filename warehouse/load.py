"""Append what was read to the raw tables; nothing there is updated or deleted.

One capture's reading goes in whole or not at all. A reading that is already there is not loaded again, so running twice
adds nothing, and a killed run is finished by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.archive import Capture
from flows.fetch import Known
from flows.read import Reading, as_json
from flows.records import Source
from warehouse.facts import ENTITIES as ENTITIES
from warehouse.facts import load_reference as load_reference
from warehouse.facts import read_fx_rates as read_fx_rates
from warehouse.rows import insert as _insert
from warehouse.rows import transaction

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from flows.steps import SourceRun

log = logging.getLogger(__name__)


def now() -> datetime:
    """Return this moment, UTC without a zone, in whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


@dataclass
class State:
    """What the store already holds, read once at the start of a run.

    `latest` maps (source, address) to the newest capture there; `captures` a capture id to the capture and its archive file;
    `newest` a capture id to the newest reader version that read it, with that reading's (state, message).
    """

    latest: dict[tuple[str, str], Capture] = field(default_factory=dict)
    captures: dict[str, tuple[Capture, str]] = field(default_factory=dict)
    newest: dict[str, tuple[int, str, str | None]] = field(default_factory=dict)

    def known(self, source_id: str, url: str) -> Known | None:
        """Return what a conditional request to this address should say."""
        capture = self.latest.get((source_id, url))
        return Known(capture.body_sha256, capture.etag, capture.last_modified) if capture else None

    def is_read(self, capture: Capture, reader_version: int) -> bool:
        """Return whether this version of the reader, or a newer one, has read the capture."""
        return self.newest.get(capture.capture_id, (0,))[0] >= reader_version

    def to_read_again(self, source_id: str, reader_version: int) -> list[tuple[Capture, str]]:
        """Return a source's captures that only older versions of its reader have read, oldest first, with their archive file."""
        mine = [pair for pair in self.captures.values() if pair[0].source_id == source_id]
        return sorted(
            (p for p in mine if not self.is_read(p[0], reader_version)), key=lambda p: (p[0].captured_at, p[0].url)
        )

    def note(self, reading: Reading) -> None:
        """Take a loaded reading into account."""
        capture = reading.capture
        self.captures.setdefault(capture.capture_id, (capture, capture.archive_file))
        if reading.state != "crashed":
            self.newest[capture.capture_id] = (reading.reader_version, reading.state, reading.message)


class StoredCapture(Capture):
    """A capture known from its row in the store; its body lies in the archive."""

    def __init__(self, capture_id: str, sha256: str, **columns: Any) -> None:
        """Keep the identity as stored."""
        super().__init__(body=b"", **columns)
        self.__dict__.update(capture_id=capture_id, body_sha256=sha256)


def read_state(con: duckdb.DuckDBPyConnection) -> State:
    """Return what the store holds of captures and readings."""
    state = State()
    rows = con.execute(
        "select capture_id, body_sha256, source_id, url, captured_at, content_type, http_status, etag, last_modified, archive_file"
        " from raw.captures order by captured_at, capture_id"
    ).fetchall()
    names = ("source_id", "url", "captured_at", "content_type", "http_status", "etag", "last_modified")
    for capture_id, sha256, *columns, archive_file in rows:
        capture = StoredCapture(capture_id, sha256, **dict(zip(names, columns, strict=True)))
        state.captures[capture_id] = (capture, archive_file)
        state.latest[(capture.source_id, capture.url)] = capture
    readings = con.execute(
        "select capture_id, reader_version, state, message from raw.readings order by reader_version"
    ).fetchall()
    state.newest = {capture_id: (version, outcome, message) for capture_id, version, outcome, message in readings}
    return state


def earlier_capture(
    con: duckdb.DuckDBPyConnection, source_id: str, url: str, moment: datetime, tables: Iterable[str]
) -> tuple[str, datetime, dict[str, pl.DataFrame]] | None:
    """Return id, moment and loaded rows of the page's nearest capture before `moment`, as last read; None if there is none.

    For a value that jumped then, and waits in quarantine, the row before it stands.
    """
    import polars as pl

    found = con.execute(
        "select r.capture_id, c.captured_at, r.reading_id from raw.readings r join raw.captures c using (capture_id)"
        " where c.source_id = ? and c.url = ? and c.captured_at < ? and r.state = 'ok'"
        " order by c.captured_at desc, r.reader_version desc limit 1",
        [source_id, url, moment],
    ).fetchall()
    if not found:
        return None
    capture_id, captured_at, reading_id = found[0]
    frames = {
        t: pl.DataFrame(con.sql(f"select * from raw.{t} where reading_id = $id", params={"id": reading_id}))
        for t in tables
    }
    for table, labels in _jumped(con, reading_id).items():
        before = earlier_capture(con, source_id, url, captured_at, [table])
        if before and table in before[2]:
            kept = before[2][table].filter(pl.col("model_label").is_in(labels))
            frames[table] = pl.concat([frames[table], kept], how="diagonal_relaxed") if table in frames else kept
    return capture_id, captured_at, {name: frame for name, frame in frames.items() if len(frame)}


def _jumped(con: duckdb.DuckDBPyConnection, reading_id: str) -> dict[str, list[str]]:
    """Return table to the labels whose value jumped in a reading and waits in quarantine: older rows stand for them."""
    rows = con.execute(
        "select table_name, list(distinct model_label) from raw.quarantine"
        " where reading_id = ? and reason like '%value_jumped%' group by table_name",
        [reading_id],
    ).fetchall()
    return dict(rows)


def load(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> int:
    """Append captures and readings that are not there yet, each in one transaction; return how many readings went in.

    A reading whose rows do not fit the raw tables becomes 'crashed', with the reason, and the others go on.
    """
    state = read_state(con)
    added = 0
    for reading in readings:
        if state.is_read(reading.capture, reading.reader_version):
            continue
        is_new = reading.capture.capture_id not in state.captures
        if reading.state != "crashed":
            try:
                _append(con, reading, is_new=is_new)
            except _misfits() as error:
                reading.state, reading.message = "crashed", f"{reading.capture.url}: {_first_line(error)}"
                log.warning("%s: load: %s", reading.capture.source_id, reading.message)
        if reading.state == "crashed" and is_new:
            with transaction(con):
                _add_capture(con, reading.capture)
        state.note(reading)
        added += reading.state != "crashed"
    return added


def _append(con: duckdb.DuckDBPyConnection, reading: Reading, *, is_new: bool) -> None:
    with transaction(con):
        if is_new:
            _add_capture(con, reading.capture)
        _add_reading(con, reading)


def _misfits() -> tuple[type[Exception], ...]:
    """What DuckDB raises of rows that a table cannot take: too large a number, a missing value, an unknown column."""
    import duckdb

    return (duckdb.DataError, duckdb.IntegrityError, duckdb.BinderException)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _add_capture(con: duckdb.DuckDBPyConnection, capture: Capture) -> None:
    row = {
        "capture_id": capture.capture_id,
        "source_id": capture.source_id,
        "url": capture.url,
        "captured_at": capture.captured_at,
        "body_sha256": capture.body_sha256,
        "body_bytes": len(capture.body),
        "content_type": capture.content_type,
        "http_status": capture.http_status,
        "etag": capture.etag,
        "last_modified": capture.last_modified,
        "archive_file": capture.archive_file,
        "archive_offset": capture.archive_offset or 0,
    }
    _insert(con, "raw.captures", [row])


class _Stream:
    """Hand a polars frame to DuckDB through the Arrow stream interface, without pyarrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def _add_reading(con: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    capture = reading.capture
    keys = {"source_id": capture.source_id, "capture_id": capture.capture_id, "reading_id": reading.reading_id}
    _add_observations(con, reading, keys)
    _insert(con, "raw.quarantine", [{**keys, **row} for row in _rejected(reading)])
    _insert(con, "raw.expectation_results", [{**keys, **row} for row in reading.results])
    _insert(con, "raw.changes", [{**keys, **row} for row in reading.changes])
    row = {
        "reading_id": reading.reading_id,
        "capture_id": capture.capture_id,
        "source_id": capture.source_id,
        "reader_version": reading.reader_version,
        "read_at": now(),
        "state": reading.state,
        "rows_read": reading.rows_read,
        "rows_accepted": reading.rows_accepted,
        "rows_quarantined": len(reading.quarantine),
        "message": reading.message,
    }
    _insert(con, "raw.readings", [row])


def _add_observations(con: duckdb.DuckDBPyConnection, reading: Reading, keys: Mapping[str, str]) -> None:
    import polars as pl

    columns = {**keys, "captured_at": reading.capture.captured_at}
    for table, frame in reading.frames.items():
        if len(frame):
            con.register("incoming", _Stream(frame.with_columns(**{name: pl.lit(v) for name, v in columns.items()})))
            con.execute(f"insert into raw.{table} by name select * from incoming")
            con.unregister("incoming")


def _rejected(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "table_name": r.table,
            "row_locator": r.row_locator,
            "model_label": r.model_label,
            "reason": r.reason,
            "row_json": as_json(r.cells),
            "captured_at": reading.capture.captured_at,
        }
        for r in reading.quarantine
    ]


def declare_sources(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Write what the source modules declare; sources that people imported keep their rows."""
    rows = [
        {
            "source_id": s.id,
            "title": s.title,
            "kind": s.kind,
            "publisher": s.publisher,
            "page_is": s.page_is,
            "precedence": s.precedence,
            "cadence_days": s.cadence.total_seconds() / 86_400,
            "licence": s.licence,
            "may_republish": s.may_republish,
            "url": s.urls[0],
            "n_pages": len(s.urls),
            "attribution": s.attribution,
        }
        for s in sources
    ]
    with transaction(con):
        con.execute("delete from meta.sources where source_id in (select unnest(?))", [[r["source_id"] for r in rows]])
        _insert(con, "meta.sources", rows)


def write_run(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    command: str,
    started_at: datetime,
    state: str,
    message: str | None,
    version: str,
) -> None:
    """Add a line to the run log; the last line of a run counts."""
    row = {
        "run_id": run_id,
        "command": command,
        "started_at": started_at,
        "finished_at": now(),
        "state": state,
        "message": message,
        "program_version": version,
    }
    _insert(con, "raw.runs", [row])


def write_source_runs(con: duckdb.DuckDBPyConnection, run_id: str, runs: Iterable[SourceRun]) -> None:
    """Write what a run did for each source."""
    rows = [
        {
            "run_id": run_id,
            "source_id": r.source_id,
            "state": r.state,
            "n_captures": r.n_captures,
            "n_new_captures": r.n_new_captures,
            "rows_read": r.rows_read,
            "rows_accepted": r.rows_accepted,
            "rows_quarantined": r.rows_quarantined,
            "message": r.message,
            "seconds": round(r.seconds, 3),
        }
        for r in runs
    ]
    _insert(con, "raw.source_runs", rows)


def write_setting(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Remember a setting of this warehouse; the last one written counts."""
    _insert(con, "raw.settings", [{"name": name, "value": value}])


def register_benchmarks(con: duckdb.DuckDBPyConnection, source_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write down what an imported file says of its benchmarks, once per capture; the capture in force counts."""
    known = set(
        con.execute("select capture_id, benchmark_id from raw.benchmarks where source_id = ?", [source_id]).fetchall()
    )
    new = [
        {
            "source_id": source_id,
            "capture_id": row["capture_id"],
            "benchmark_id": row["benchmark_id"],
            "name": row["benchmark_name"],
            **{c: row[c] for c in ("score_min", "score_max", "chance", "higher_is_better", "scale_kind")},
        }
        for row in rows
        if (row["capture_id"], row["benchmark_id"]) not in known
    ]
    _insert(con, "raw.benchmarks", new)

"""Load a file of the user's own through the same steps as any page: capture, read, validate, load, resolve, build, publish.

A file is known by its table and its name: imported again with other contents it takes the place of what it said before,
and files of other names stay. What was said before stays in the raw tables, as every capture does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows import archive, steps
from flows.archive import Capture
from flows.columns import BENCHMARK_COLUMNS
from flows.errors import LayoutChanged, UsageError
from flows.import_rows import FileReader, benchmarks_of, check_file, media_type, moments_of, table_of
from flows.records import OBSERVATIONS, Expect, Source, days
from flows.settings import Warehouse
from flows.sources import source_ids
from flows.steps import FAILED, OK, UNCHANGED, Job, SourceRun
from flows.summary import Summary
from warehouse.connect import disk_errors, open_store
from warehouse.load import load_reference, now, register_benchmarks, write_setting

if TYPE_CHECKING:
    import duckdb

TOLERANCE = 0.05  # of a file's rows: the good ones are loaded all the same, but the import counts as failed
Scales = dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class Version:
    """What a file of some name once held, as it was last read; of the versions with good rows the last one is in force."""

    url: str
    body_sha256: str
    reader_version: int
    rows_read: int
    rows_quarantined: int
    message: str | None
    is_last: bool
    is_in_force: bool


def import_file(warehouse: Warehouse, file: Path, table: str, source_id: str, *, registry: bool = True) -> Summary:
    """Import a CSV or Parquet file in the columns of a raw table, then resolve, build and publish.

    UsageError, before anything is touched, for a missing file, another kind of file, columns that are not the table's, or
    a source id that is no slug or belongs to a source module.
    """
    body, url = _check_usage(file, table, source_id), f"import:{table}/{file.name}"
    job = Job("import", warehouse, [source_id], given={}, readers={source_id: FileReader(_declare(source_id), now())})
    with steps.holding(job):
        run = steps.validate(job, steps.read(job, _capture(job, source_id, url, body)))
        _judge(run)
        if not registry:
            with open_store(warehouse.store) as con:
                write_setting(con, "registry", "false")
        _finish(job, run)
    return Summary.of(job, [run])


def _check_usage(file: Path, table: str, source_id: str) -> bytes:
    """Return the file's bytes; UsageError if it, or the source id, is not what an import takes."""
    if not file.is_file():
        raise UsageError(f"{file}: expected a .csv or .parquet file; found none")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", source_id) or source_id in source_ids():
        taken = ", ".join(source_ids())
        raise UsageError(
            f"--source {source_id!r}: expected a lower-case slug that is no source of this project's ({taken})"
        )
    body = file.read_bytes()
    try:
        check_file(table, body, str(file))
    except LayoutChanged as error:
        raise UsageError(str(error)) from None
    return body


def _declare(source_id: str, reader_version: int = 1) -> Source:
    return Source(
        id=source_id,
        title="Imported by the owner of this warehouse",
        kind="import",
        urls=(f"import:{source_id}",),
        publisher=source_id,
        licence="as the importer says",
        may_republish=False,
        min_rows=0,  # a moment of the file may hold one row, and that a bad one
        expects={table: Expect() for table in OBSERVATIONS},
        cadence=days(36_500),
        page_is="history",
        reader_version=reader_version,
        precedence=15,
        tolerance=1.0,  # the file is judged as a whole, by _judge
    )


def _capture(job: Job, source_id: str, url: str, body: bytes) -> SourceRun:
    """Keep the file in the archive as captures, one per moment it names; a file that is in force already is no capture.

    A file that goes back to what it said earlier is read anew, so that this is what it said last.
    """
    run = SourceRun(source_id)
    known, scales = _look(job, source_id)
    sha256 = Capture(source_id, url, job.started_at, body).body_sha256
    same = [v for v in known if v.body_sha256 == sha256 and (v.is_in_force or (v.is_last and v.url == url))]
    if same := [v for v in same if table_of(v.url) == table_of(url)]:
        return _unchanged(run, same, url)
    again = [v.reader_version for v in known if v.url == url and v.body_sha256 == sha256]
    reader = FileReader(_declare(source_id, max(again, default=0) + 1), job.started_at)
    job.readers[source_id] = reader
    described = benchmarks_of(body, url) if table_of(url) == "scores" else {}
    own = {name: (facts.get("score_min"), facts.get("score_max")) for name, facts in described.items()}
    job.scales = {**scales, **own, **job.scales}
    run.captures = [Capture(source_id, url, m, body, media_type(body)) for m in moments_of(body, url, job.started_at)]
    run.n_captures = len(run.captures)
    run.n_new_captures = sum(c.capture_id not in job.state.captures for c in run.captures)
    with disk_errors(job.warehouse.archive):
        for page in run.captures:
            archive.keep(job.warehouse.archive, page)
    if any(v.url == url for v in known):
        run.message = f"takes the place of what {url.removeprefix('import:')} said before"
    return run


def _unchanged(run: SourceRun, same: Sequence[Version], url: str) -> SourceRun:
    """Say that the file is loaded already, under its own or another name; one with too many bad rows still fails."""
    version = next((v for v in same if v.url == url), same[0])
    run.n_captures, run.state = 1, UNCHANGED
    run.message = None if version.url == url else f"the same file as {version.url.removeprefix('import:')}"
    if version.message or version.rows_quarantined > TOLERANCE * version.rows_read:
        run.state = FAILED
        run.message = (
            version.message
            or f"unchanged since {version.rows_quarantined} of {version.rows_read} rows went to quarantine"
        )
    return run


def _judge(run: SourceRun) -> None:
    """Let an import fail whose bad rows are over the tolerance; its good rows are loaded."""
    reasons = [row.reason for reading in run.readings if reading.state == OK for row in reading.quarantine]
    if run.state == OK and len(reasons) > TOLERANCE * run.rows_read:
        run.state = FAILED
        run.message = f"{len(reasons)} of {run.rows_read} rows went to quarantine, the first: {reasons[0]}"


def _finish(job: Job, run: SourceRun) -> None:
    steps.load(job, [run])
    with open_store(job.warehouse.store) as con:
        for reading in run.readings:
            if reading.state == OK:
                _register(con, reading.capture)
        load_reference(con, job.reference)
    steps.resolve(job)
    steps.build(job)
    steps.publish(job)


def _register(con: duckdb.DuckDBPyConnection, page: Capture) -> None:
    """Write down what a loaded capture says of its benchmarks."""
    if table_of(page.url) == "scores":
        rows = [
            {"capture_id": page.capture_id, "benchmark_id": name} | {c: facts.get(c) for c in BENCHMARK_COLUMNS}
            for name, facts in benchmarks_of(page.body, page.url).items()
        ]
        register_benchmarks(con, page.source_id, rows)


def _look(job: Job, source_id: str) -> tuple[list[Version], Scales]:
    """Return the versions of a source's files, and the scales of benchmarks that imported files described."""
    with open_store(job.warehouse.store, read_only=True) as con:
        versions = con.execute(
            """select
                url, body_sha256, max(reader_version), sum(rows_read), sum(rows_quarantined), max(message),
                max(read_at) = max(max(read_at)) over (partition by url) as is_last,
                bool_or(state = 'ok') and row_number() over (
                    partition by url, bool_or(state = 'ok') order by max(read_at) desc, body_sha256
                ) = 1 as is_in_force
            from raw.readings join raw.captures using (capture_id)
            where captures.source_id = ? group by url, body_sha256 order by url, body_sha256""",
            [source_id],
        ).fetchall()
        scales = con.execute(
            """select benchmark_id, score_min, score_max from raw.benchmarks join raw.captures using (capture_id)
            order by captured_at, capture_id"""
        ).fetchall()
    return [Version(*row) for row in versions], {name: (low, high) for name, low, high in scales}

"""Load a file of the user's own through the same steps as any page: capture, read, validate, load, resolve, build, publish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows import steps
from flows.archive import Capture
from flows.columns import BENCHMARK_COLUMNS, check_header, csv_rows, read_rows
from flows.errors import LayoutChanged, UsageError
from flows.records import Expect, Observation, Rejected, Source, days
from flows.settings import Warehouse
from flows.sources import source_ids
from flows.steps import Job, SourceRun
from flows.summary import Summary
from flows.tables import Page
from warehouse.connect import open_store
from warehouse.load import now, register_benchmarks, write_setting

Rows = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class FileReader:
    """Reads the rows of one imported table; a file with a captured_at column is several captures, one per moment."""

    SOURCE: Source
    table: str

    def read(self, page: Page) -> Iterator[Observation | Rejected]:
        """Yield the rows captured at the page's moment."""
        rows = file_rows(page.body, page.url, page.place)
        if not rows:
            raise LayoutChanged(page.place, "rows", "none")
        check_header(self.table, list(rows[0][1]), page.place)
        mine = [(n, row) for n, row in rows if _moment(row, page.captured_at) == page.captured_at]
        yield from read_rows(self.table, mine, page.place)


def import_file(warehouse: Warehouse, file: Path, table: str, source_id: str, *, registry: bool = True) -> Summary:
    """Import a CSV or Parquet file in the columns of a raw table, then resolve, build and publish.

    UsageError for a missing file, another kind of file, or a source id that is no slug or belongs to a source module.
    """
    if not file.is_file():
        raise UsageError(f"{file}: expected a .csv or .parquet file; found none")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", source_id) or source_id in source_ids():
        raise UsageError(
            f"--source {source_id!r}: expected a lower-case slug that is no source of this project's ({', '.join(source_ids())})"
        )
    reader = FileReader(_declare(source_id, table), table)
    job = Job("import", warehouse, [source_id], given={}, readers={source_id: reader})
    with steps.holding(job):
        job.given = {source_id: _captures(job, file, source_id, table)}
        run = steps.validate(job, steps.read(job, steps.capture(job, source_id)))
        with open_store(warehouse.store) as con:
            if not registry:
                write_setting(con, "registry", "false")
            if table == "scores":
                register_benchmarks(con, source_id, [r for c in run.captures for r in _benchmarks(c)])
        _finish(job, run)
    return Summary.of(job, [run])


def _finish(job: Job, run: SourceRun) -> None:
    steps.load(job, [run])
    with open_store(job.warehouse.store) as con:
        from warehouse.load import load_reference

        load_reference(con, job.reference)
    steps.resolve(job)
    steps.build(job)
    steps.publish(job)


def _declare(source_id: str, table: str) -> Source:
    return Source(
        id=source_id,
        title=f"Imported {table}",
        kind="import",
        urls=(f"import:{source_id}",),
        publisher=source_id,
        licence="as the importer says",
        may_republish=False,
        min_rows=1,
        expects={table: Expect()},
        cadence=days(36_500),
        page_is="history",
        precedence=15,
    )


def _captures(job: Job, file: Path, source_id: str, table: str) -> Sequence[Capture]:
    """Return the file as captures, one per moment it names; the same bytes imported before are no new capture."""
    body, url = file.read_bytes(), f"import:{table}/{file.name}"
    known = [c for c, _ in job.state.captures.values() if c.source_id == source_id and c.url == url]
    sha256 = Capture(source_id, url, now(), body).body_sha256
    if any(c.body_sha256 == sha256 for c in known):
        return [c for c in known if c.body_sha256 == sha256]
    moments = {_moment(row, job.started_at) for _, row in file_rows(body, url, str(file))}
    return [
        Capture(source_id, url, moment, body, "text/csv" if file.suffix == ".csv" else None)
        for moment in sorted(moments or {job.started_at})
    ]


def _moment(row: Mapping[str, Any], default: datetime) -> datetime:
    value = row.get("captured_at")
    if value in (None, ""):
        return default
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        moment = datetime.fromisoformat(str(value).strip().replace(" UTC", "").removesuffix("Z"))
    except ValueError as error:
        raise UsageError(
            f"column captured_at: expected an ISO time such as 2024-07-10T00:00:00; found {value!r}"
        ) from error
    return moment.replace(tzinfo=None, microsecond=0)


def file_rows(body: bytes, name: str, place: str) -> Rows:
    """Return line number and cells of a CSV, or of a Parquet file (told by its first bytes)."""
    if body[:4] == b"PAR1":
        import io

        import polars as pl

        return list(enumerate(pl.read_parquet(io.BytesIO(body)).iter_rows(named=True), 1))
    if name.endswith(".parquet"):
        raise LayoutChanged(place, "a Parquet file", f"bytes that begin with {body[:4]!r}")
    try:
        return [(n, dict(row)) for n, row in csv_rows(body.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        raise LayoutChanged(place, "a CSV file in UTF-8", str(error)) from error


def _benchmarks(capture: Capture) -> Iterator[dict[str, Any]]:
    """Yield one row per benchmark that the file describes."""
    seen = set()
    for _, row in file_rows(capture.body, capture.url, capture.url):
        key = row.get("benchmark_id")
        if key and key not in seen and any(row.get(c) not in (None, "") for c in BENCHMARK_COLUMNS):
            seen.add(key)
            yield {"capture_id": capture.capture_id, "benchmark_id": key} | {
                c: row.get(c) or None for c in BENCHMARK_COLUMNS
            }

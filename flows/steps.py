"""The steps of a run as plain functions: what refresh.py makes Prefect tasks of, and what an import calls in a row."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flows import archive
from flows.archive import Capture
from flows.backfill import Plan, pages_of_the_past
from flows.errors import ConvergenceError, FetchError, NoNetwork, RobotsForbidden, Unequipped
from flows.fetch import Fetcher, network_is_up
from flows.live import live_pages
from flows.mementos import Tally
from flows.read import FxRates, Reading, read_capture
from flows.records import Reader
from flows.replay import stored_captures
from flows.settings import REFERENCE, Warehouse, program_version
from flows.sources import reader_of, source_ids, web_addresses
from warehouse.connect import disk_errors, hold, open_store
from warehouse.load import (
    State,
    declare_sources,
    earlier_capture,
    load_reference,
    now,
    read_fx_rates,
    read_state,
    write_run,
    write_source_runs,
)

if TYPE_CHECKING:
    from expectations.validate import Earlier

log = logging.getLogger(__name__)
FAILED, SKIPPED, UNCHANGED, OK = "failed", "skipped", "unchanged", "ok"


@dataclass
class SourceRun:
    """What a run did for one source; `state` is 'ok', 'unchanged', 'skipped' or 'failed', `message` says why."""

    source_id: str
    captures: list[Capture] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    state: str = OK
    message: str | None = None
    n_captures: int = 0
    n_new_captures: int = 0
    seconds: float = 0.0

    @property
    def rows_read(self) -> int:
        """Rows that the readers saw."""
        return sum(r.rows_read for r in self.readings)

    @property
    def rows_accepted(self) -> int:
        """Observations that go into the raw tables."""
        return sum(r.rows_accepted for r in self.readings)

    @property
    def rows_quarantined(self) -> int:
        """Rows kept aside with a reason."""
        return sum(len(r.quarantine) for r in self.readings)


class Job:
    """One run: which warehouse, which sources, where pages come from, and what the store held when it began."""

    def __init__(
        self,
        command: str,
        warehouse: Warehouse,
        sources: Sequence[str] = (),
        *,
        offline: bool = False,
        given: Mapping[str, Sequence[Capture]] | None = None,
        readers: Mapping[str, Reader] | None = None,
        reference: Path = REFERENCE,
    ) -> None:
        """Prepare a run; `given` are stored captures to use in place of fetching, `readers` readers that are no modules."""
        self.command, self.warehouse, self.offline, self.given, self.reference = (
            command,
            warehouse,
            offline,
            given,
            reference,
        )
        self.readers = dict(readers or {})
        self.source_ids = list(dict.fromkeys(sources or (given if given is not None else source_ids())))
        for source_id in self.source_ids:
            self.reader(source_id)
        self.run_id = f"{now():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
        self.started_at = now()
        self.fetcher = Fetcher()
        self.fetched: dict[tuple[str, str], Capture | FetchError | None] = {}
        self.tries: Counter[str] = Counter()
        self.plan: Plan | None = None
        self.tally: Tally | None = None
        self._network: bool | None = None
        self._guard = threading.Lock()

    def reader(self, source_id: str) -> Reader:
        """Return the module of a source, or the reader this job was given for it."""
        return self.readers.get(source_id) or reader_of(source_id)

    @cached_property
    def fx_rates(self) -> FxRates:
        """Exchange rates of the reference tables."""
        return read_fx_rates(self.reference)

    def begin(self) -> None:
        """Open the warehouse, making it if need be, and read what it holds."""
        with open_store(self.warehouse.store) as con:
            load_reference(con, self.reference)
            declare_sources(con, [self.reader(s).SOURCE for s in dict.fromkeys((*source_ids(), *self.source_ids))])
            self.state: State = read_state(con)
            self.scales = {
                b: (low, high)
                for b, low, high in con.execute(
                    "select benchmark_id, score_min, score_max from reference.benchmarks"
                ).fetchall()
            }

    def has_network(self) -> bool:
        """Return whether any source's host answers; asked once per run."""
        with self._guard:
            if self._network is None:
                given = (u for reader in self.readers.values() for u in reader.SOURCE.urls if u.startswith("http"))
                self._network = network_is_up([*web_addresses(), *given])
            return self._network


@contextmanager
def begin(
    sources: Sequence[str] | None = None,
    *,
    offline: bool = False,
    warehouse: str | None = None,
    replay: str | None = None,
    backfill: Mapping[str, Any] | None = None,
) -> Iterator[Job]:
    """Yield the job, holding its warehouse until it ends; a failure goes into the run log."""
    place = Warehouse.at(warehouse)
    given = None if replay is None else stored_captures(Path(replay), sources or ())
    if given is not None and not sources:  # a whole replay stands on the reference facts, as a run does
        sources = sorted({*given, *(s for s in source_ids() if reader_of(s).SOURCE.kind == "reference")})
    plan = None if backfill is None else Plan.of(**backfill)
    command = "backfill" if plan else "run" if replay is None else "replay"
    job = Job(command, place, [plan.source_id] if plan else sources or (), offline=offline, given=given)
    if plan:
        job.plan, job.fetcher = plan, plan.fetcher()
    with holding(job):
        yield job


@contextmanager
def holding(job: Job) -> Iterator[None]:
    """Hold the warehouse of a job, read what it holds, and note how the job ended if it fails."""
    with hold(job.warehouse):
        job.begin()
        try:
            yield
        except BaseException as error:
            note_failure(job, error)
            raise
        finally:
            job.fetcher.close()


def timed(step: Callable[[Job, SourceRun], SourceRun]) -> Callable[[Job, SourceRun], SourceRun]:
    """Add the time a step took to the source's run."""

    def run(job: Job, source: SourceRun) -> SourceRun:
        began = time.perf_counter()
        try:
            return step(job, source)
        finally:
            source.seconds += time.perf_counter() - began

    return run


def capture(job: Job, source_id: str) -> SourceRun:
    """Get a source's pages: fetched, from a file, or given; keep the new ones in the archive before anything reads them.

    A page that is as it was last time is no new capture. Captures that only an older reader has read come from the archive,
    and so do those that a killed run archived and never loaded.
    """
    began = time.perf_counter()
    run = SourceRun(source_id)
    waiting = list(archive.waiting(job.warehouse.archive, source_id, job.state.captures))
    for page in sorted(waiting, key=lambda c: c.captured_at):
        job.state.latest[(source_id, page.url)] = page
    try:
        pages = _pages(job, run)
    except (NoNetwork, RobotsForbidden, Unequipped) as error:
        pages = []
        run.state, run.message = SKIPPED, str(error)
    run.n_captures = len(pages)
    version = job.reader(source_id).SOURCE.reader_version
    fresh = {c.capture_id: c for c in (*waiting, *pages) if c.capture_id not in job.state.captures}
    run.n_new_captures = len(fresh)
    with disk_errors(job.warehouse.archive):
        for page in fresh.values():
            archive.keep(job.warehouse.archive, page)
    stored = {
        c.capture_id: archive.recall(job.warehouse.archive, f, c)
        for c, f in job.state.to_read_again(source_id, version)
    }
    run.captures = sorted({**stored, **fresh}.values(), key=lambda c: (c.captured_at, c.url))
    if run.captures and run.state == SKIPPED:
        run.state = OK
    if not run.captures and run.state == OK:
        _say_unchanged(job, run)
    run.seconds = time.perf_counter() - began
    log.info(
        "%s: capture: %d pages, %d new, %.1f s%s",
        source_id,
        run.n_captures,
        run.n_new_captures,
        run.seconds,
        f" ({run.message})" if run.message else "",
    )
    return run


def _say_unchanged(job: Job, run: SourceRun) -> None:
    """A source whose pages are as they were keeps the state its last reading had."""
    run.state = UNCHANGED
    urls = job.reader(run.source_id).SOURCE.urls
    mine = [c for (source_id, _), c in job.state.latest.items() if source_id == run.source_id]
    latest = [c for c in mine if c.url in urls] or sorted(mine, key=lambda c: c.captured_at)[-1:]
    bad = [
        (c, job.state.newest[c.capture_id])
        for c in latest
        if job.state.newest.get(c.capture_id, (0, OK, None))[1] != OK
    ]
    if bad:
        run.state, run.message = FAILED, f"unchanged since it could not be read: {bad[0][1][2]}"


def _pages(job: Job, run: SourceRun) -> list[Capture]:
    """Return a source's pages: past or given ones, the reference files, or what its addresses answer."""
    source = job.reader(run.source_id).SOURCE
    if job.plan is not None:
        return pages_of_the_past(job, run, job.plan)
    if job.given is not None and run.source_id in job.given:
        return list(job.given[run.source_id])
    if source.kind == "reference":
        return [c for url in source.urls if (c := _reference_page(job, run.source_id, url))]
    if job.given is not None or job.offline:
        raise NoNetwork("offline")
    if source.not_live:
        raise Unequipped(f"not read live: {source.not_live}; captures of the past are (convergence backfill, replay)")
    if not job.has_network():
        raise NoNetwork("no network")
    return live_pages(job, run)


def _reference_page(job: Job, source_id: str, url: str) -> Capture | None:
    """Return the CSV as a page if it is not as it was last time."""
    path = job.reference / Path(url).name
    if not path.is_file():
        raise ConvergenceError(f"{path}: expected the reference table; found no file")
    page = Capture(source_id, url, now(), path.read_bytes(), "text/csv")
    known = job.state.known(source_id, url)
    return page if known is None or known.body_sha256 != page.body_sha256 else None


@timed
def read(job: Job, run: SourceRun) -> SourceRun:
    """Read every capture of a source that its reader has not read yet."""
    reader = job.reader(run.source_id)
    for page in run.captures:
        reading = read_capture(page, reader, job.fx_rates)
        run.readings.append(reading)
        if reading.state != OK:
            log.warning("%s: read: %s", run.source_id, reading.message)
    if run.captures:
        log.info("%s: read: %d captures, %d rows", run.source_id, len(run.captures), run.rows_read)
    return run


@timed
def validate(job: Job, run: SourceRun) -> SourceRun:
    """Accept, quarantine or stop: the suites, then the checks against the nearest earlier capture of the same page."""
    from expectations.validate import remember
    from expectations.validate import validate as check

    source = job.reader(run.source_id).SOURCE
    before: dict[str, Earlier] = {}
    for reading in run.readings:
        if reading.state != OK:
            continue
        url = reading.capture.url
        known = [e for e in (before.get(url), _earlier(job, reading.capture, source.expects)) if e]
        earlier = max(known, key=lambda e: e.captured_at, default=None)
        check(reading, source, earlier=earlier if source.kind != "import" else None, scales=job.scales)
        if reading.state == OK:
            before[url] = remember(reading, earlier)
    _conclude(run)
    if run.readings:
        log.info(
            "%s: validate: %d rows in, %d accepted, %d quarantined",
            run.source_id,
            run.rows_read,
            run.rows_accepted,
            run.rows_quarantined,
        )
    return run


def _earlier(job: Job, page: Capture, tables: Iterable[str]) -> Earlier | None:
    from expectations.validate import Earlier

    with open_store(job.warehouse.store, read_only=True) as con:
        found = earlier_capture(con, page.source_id, page.url, page.captured_at, tables)
    return Earlier(*found) if found else None


def _conclude(run: SourceRun) -> None:
    """Give the source the state of its worst reading of a page's latest capture; name how many failed before."""
    bad = [r for r in run.readings if r.state != OK]
    if bad:
        run.state = FAILED
        run.message = f"{len(bad)} of {len(run.readings)} captures: " + (bad[-1].message or bad[-1].state)


def load(job: Job, runs: Sequence[SourceRun]) -> int:
    """Append what was accepted to the store, and write down what this run did; return the number of new readings."""
    from warehouse.load import load as append

    with open_store(job.warehouse.store) as con, disk_errors(job.warehouse.store):
        added = append(con, [reading for run in runs for reading in run.readings])
        for run in runs:
            _conclude(run)  # a reading that the tables could not take counts as well
        write_source_runs(con, job.run_id, runs)
        write_run(con, job.run_id, job.command, job.started_at, "loaded", None, program_version())
    log.info("load: %d new readings, %d observations", added, sum(run.rows_accepted for run in runs))
    return added


def resolve(job: Job) -> Any:
    """Give every label a model and a variant, or a place in the queue; all of it anew, so that a new alias mends history."""
    from flows.resolve import resolve as identify

    with open_store(job.warehouse.store) as con, disk_errors(job.warehouse.store):
        resolution = identify(con)
    log.info("resolve: %d labels, %d provisional", resolution.n_labels, resolution.n_provisional)
    return resolution


def build(job: Job) -> Any:
    """Build the marts from the store and test them."""
    from warehouse.build import build as run_models

    log.info("build: models and their tests, a quarter of a minute or so")
    with disk_errors(job.warehouse.store):
        return run_models(job.warehouse.store, job.warehouse.work)


def publish(job: Job) -> Path:
    """Switch readers to the new snapshot."""
    from warehouse.publish import publish as switch

    with open_store(job.warehouse.store) as con, disk_errors(job.warehouse.store):
        write_run(con, job.run_id, job.command, job.started_at, "published", None, program_version())
    path = switch(job.warehouse, job.run_id)
    log.info("publish: %s", path)
    return path


def note_failure(job: Job, error: BaseException) -> None:
    """Write into the run log, if that is still possible, that and why the run failed."""
    try:
        with open_store(job.warehouse.store) as con:
            write_run(con, job.run_id, job.command, job.started_at, "failed", str(error)[:2000], program_version())
    except Exception as second:  # noqa: BLE001 - the first error is the one to report
        log.debug("the run log could not be written: %s", second)

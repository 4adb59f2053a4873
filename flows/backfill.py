"""The past of a source: captures that a CDX index or a repository's history lists, taken through the same steps as live pages.

Each page is in the archive before the next is asked for, with its own date, so a run that was killed goes on where it was;
what is archived or loaded is not asked for again. Oldest first, so that each page is checked against the one before it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from flows import archive
from flows.addresses import split_address
from flows.archive import Capture
from flows.cdx import list_mementos
from flows.commits import File, list_commits
from flows.errors import FetchError, NoNetwork, RobotsForbidden, UsageError
from flows.fetch import Fetcher
from flows.guard import VARIABLE
from flows.mementos import Taker, Tally, counted
from flows.past import Past, Span, key_of, thinned
from flows.sources import reader_of

if TYPE_CHECKING:
    from flows.steps import Job, SourceRun

log = logging.getLogger(__name__)
WAYBACK_INDEX = "https://web.archive.org/cdx/search/cdx"
WAYBACK_REPLAY = "https://web.archive.org/web"
LIMIT, EVERY_GIT, EVERY_WEB = 50, 30, 0


@dataclass(frozen=True)
class Plan:
    """What is wanted of whose past, and from where."""

    source_id: str
    span: Span
    index: str = WAYBACK_INDEX
    replay: str = WAYBACK_REPLAY
    limit: int = LIMIT
    every: int | None = None
    urls: tuple[str, ...] = ()
    via: str | None = None

    @classmethod
    def of(
        cls,
        source: str,
        first: str,
        last: str,
        *,
        cdx: str | None = None,
        replay: str | None = None,
        limit: int = LIMIT,
        every: int | None = None,
        urls: Iterable[str] = (),
        via: str | None = None,
    ) -> Plan:
        """Return the plan of a command's arguments; UsageError says what cannot be meant.

        Whoever names an index or a replay service means it, also for files that could be had from git.
        """
        via = via or ("web" if cdx or replay else None)
        span = Span(_day("--from", first), _day("--to", last))
        if span.last < span.first:
            raise UsageError(f"--from, --to: expected a day and a later one; found {first} and {last}")
        if limit < 1:
            raise UsageError(f"--limit: expected at least 1; found {limit}")
        if (every or 0) < 0:
            raise UsageError(f"--every: expected a number of days from 0 on; found {every}")
        for url in urls:
            _check_address("--url", url)
        plan = cls(source, span, *_services(cdx, replay), limit, every, tuple(urls), via)
        if not plan.addresses():
            raise UsageError(f"source {source!r}: expected an address {_WHERE[via]}; found none")
        return plan

    def addresses(self) -> dict[str, File | None]:
        """Return the addresses to look for, each page once, with the file of a repository that is read through git."""
        source = reader_of(self.source_id).SOURCE
        known = {key_of(url): url for url in reversed((*source.urls, *source.former_urls)) if url.startswith("http")}
        wanted = {key_of(url): known.get(key_of(url), url) for url in self.urls} or dict(reversed(known.items()))
        files = {url: None if self.via == "web" else File.at(url) for url in wanted.values()}
        return {url: file for url, file in files.items() if file or self.via != "git"}

    def fetcher(self) -> Fetcher:
        """Return what pages are fetched with: index and replay service are the user's choice, also on a private host."""
        own = [split_address(url) for url in (self.index, self.replay) if url not in (WAYBACK_INDEX, WAYBACK_REPLAY)]
        hosts = [p.netloc if p.port else f"{p.netloc}:{443 if p.scheme == 'https' else 80}" for p in own]
        return Fetcher(private_hosts=[*os.environ.get(VARIABLE, "").split(","), *hosts])


_WHERE = {None: "on the web", "web": "on the web", "git": "on raw.githubusercontent.com"}


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{name}: expected a day as YYYY-MM-DD; found {error}") from None


def _services(cdx: str | None, replay: str | None) -> tuple[str, str]:
    """Return index and replay service; of a pywb's collection (COLL/cdx and COLL) one tells the other."""
    if cdx and not replay:
        replay = cdx.removesuffix("/").removesuffix("/cdx")
        if replay == cdx.removesuffix("/"):
            raise UsageError(f"--cdx {cdx}: expected --replay with it, since it does not end in /cdx")
    replay = (replay or WAYBACK_REPLAY).rstrip("/")
    cdx = cdx or (WAYBACK_INDEX if replay == WAYBACK_REPLAY else f"{replay}/cdx")
    _check_address("--cdx", cdx)
    _check_address("--replay", replay)
    return cdx, replay


def _check_address(name: str, url: str) -> None:
    try:
        split_address(url)
    except FetchError as error:
        raise UsageError(f"{name}: {error}") from None


# --- What there is ------------------------------------------------------------------------------------------------------


def pages_of_the_past(job: Job, run: SourceRun, plan: Plan) -> list[Capture]:
    """Return the pages that were taken, each archived by now; `run` says what failed, the job's notes what became of all.

    NoNetwork if nothing can be reached, RobotsForbidden if no index may be asked: then there is nothing to say of the source.
    """
    tally = job.tally = Tally()
    pages = _list(job, plan, tally)
    tally.listed = len(pages)
    known = _known(job, plan.source_id)
    todo = sorted((p for p in pages if (p.url, p.moment) not in known), key=lambda p: (p.moment, p.url))
    tally.known = len(pages) - len(todo)
    log.info("%s: backfill: %d pages listed, %d to take", plan.source_id, len(pages), len(todo))
    taken = Taker(plan.source_id, job.fetcher, job.warehouse.archive, plan.span, plan.limit, tally, known).take(todo)
    if not taken and tally.forbidden and not tally.errors and tally.lost.total() == len(tally.forbidden):
        raise tally.forbidden[0]
    if tally.errors or (todo and not taken and tally.lost):
        run.state = "failed"
        said = [*map(str, tally.errors), *([counted(tally.lost)] if tally.lost else [])]
        run.message = f"the past: {'; '.join(said[:3])}"
    return taken


def _list(job: Job, plan: Plan, tally: Tally) -> list[Past]:
    """Return the pages of all addresses, thinned; one address that fails loses no other."""
    pages: list[Past] = []
    for url, file in plan.addresses().items():
        every = plan.every if plan.every is not None else EVERY_GIT if file else EVERY_WEB
        try:
            if file:
                listing = list_commits(job.fetcher, url, file, plan.span, every)
            else:
                listing = list_mementos(job.fetcher, plan.index, plan.replay, url, plan.span)
        except NoNetwork as error:
            if not job.has_network():
                raise
            tally.errors.append(FetchError(f"{error}; other hosts answer, so is the address right?"))
            continue
        except RobotsForbidden as error:
            log.warning("%s: backfill: %s", plan.source_id, error)
            tally.forbid(error)
            continue
        except FetchError as error:
            log.warning("%s: backfill: %s", plan.source_id, error)
            tally.errors.append(error)
            continue
        kept = thinned(listing.pages, every)
        tally.left_out += listing.left_out
        if len(kept) < len(listing.pages):
            tally.left_out[f"more than one in {every} days"] += len(listing.pages) - len(kept)
        log.info("%s: backfill: %s: %d pages listed", plan.source_id, url, len(kept))
        pages += kept
    return pages


def _known(job: Job, source_id: str) -> set[tuple[str, datetime]]:
    """Return address and moment of every page of the source that is loaded, or archived and waiting to be."""
    loaded = (capture for capture, _ in job.state.captures.values() if capture.source_id == source_id)
    waiting = archive.waiting(job.warehouse.archive, source_id, job.state.captures)
    return {(capture.url, capture.captured_at) for capture in (*loaded, *waiting)}

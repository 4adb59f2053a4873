"""Get the live pages of a source, each for itself: one page that is forbidden or fails loses no other.

An API key goes from the environment into the request's headers and nowhere else: not into a log, an error, the archive or
what a server repeats of it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.addresses import shown, split_address
from flows.capture import Capture
from flows.errors import FetchError, NoNetwork, RobotsForbidden, Unequipped
from flows.fetch import Answer, Fetcher, Known, TransientFetchError
from flows.records import Source
from warehouse.load import now

if TYPE_CHECKING:
    from flows.steps import Job, SourceRun

log = logging.getLogger(__name__)
TRIES = (
    3  # what a busy server may still mend is tried so often in a run; the last time the other pages go on without it
)
_SHOWN = 3  # so many errors of one source are said in full


def live_pages(job: Job, run: SourceRun) -> list[Capture]:
    """Return the pages of a source that are not as they were last time; `run` says of which there is none, and why.

    Unequipped without the key or the browser it needs, RobotsForbidden if that is so of all its pages, FetchError if none
    came; TransientFetchError if the next try may bring one more.
    """
    source = job.reader(run.source_id).SOURCE
    job.tries[source.id] += 1
    pages: list[Capture] = []
    forbidden: list[FetchError] = []
    lost: list[FetchError] = []
    for url in source.urls:
        try:
            if page := _fetch_page(job, source, url):
                pages.append(page)
        except Unequipped:
            raise
        except RobotsForbidden as error:
            forbidden.append(error)
        except FetchError as error:
            lost.append(error)
    busy = [error for error in lost if isinstance(error, TransientFetchError)]
    if busy and job.tries[source.id] < TRIES:
        raise busy[0]
    _conclude(run, len(source.urls), forbidden, lost)
    return pages


def _conclude(run: SourceRun, n_pages: int, forbidden: Sequence[FetchError], lost: Sequence[FetchError]) -> None:
    """Say on the source's run what is missing; raise it if nothing came."""
    missing = [*lost, *forbidden]
    if not missing:
        return
    said = str(missing[0])
    if n_pages > 1:
        more = "; ..." if len(missing) > _SHOWN else ""
        said = f"{len(missing)} of {n_pages} pages: {'; '.join(map(str, missing[:_SHOWN]))}{more}"
    if len(missing) == n_pages:
        raise type(missing[0])(said) from missing[0]
    run.message = said
    if lost:
        run.state = "failed"


def _fetch_page(job: Job, source: Source, url: str) -> Capture | None:
    """Return the page if it is not as it was last time; what an earlier try of this run has settled is not asked again."""
    key = (source.id, url)
    if key not in job.fetched:
        known = job.state.known(*key)
        try:
            page = capture_of(source, url, ask(job.fetcher, source, url, known))
        except (Unequipped, TransientFetchError):
            raise
        except NoNetwork as error:
            job.fetched[key] = FetchError(f"{error}; other hosts answer, so is the address right?")
        except FetchError as error:
            job.fetched[key] = error
        else:
            _heed_clock(job, page)
            is_same = page is None or (known is not None and page.body_sha256 == known.body_sha256)
            job.fetched[key] = None if is_same else page
    found = job.fetched[key]
    if isinstance(found, FetchError):
        raise found
    return found


def _heed_clock(job: Job, page: Capture | None) -> None:
    """Say it if the clock stands before the last capture: that one then stays the newest of its page."""
    last = page and job.state.latest.get((page.source_id, page.url))
    if page and last and page.captured_at < last.captured_at:
        log.warning(
            "%s: captured at %s, before its last capture at %s: is the clock right?",
            shown(page.url), page.captured_at, last.captured_at,
        )  # fmt: skip


def capture_of(source: Source, url: str, answer: Answer) -> Capture | None:
    """Return what was served as a capture of this moment; None if the server says that nothing changed."""
    if answer.body is None:
        return None
    served = (answer.etag, answer.last_modified)
    return Capture(
        source.id, url, now(), answer.body, answer.content_type, answer.status, *served, exchange=answer.exchange
    )


# --- Asking, with the key and the browser that a source needs -----------------------------------------------------------


def ask(fetcher: Fetcher, source: Source, url: str, known: Known | None = None) -> Answer:
    """Return a page of a source; its headers, and so its key, go to the hosts of its declared addresses only."""
    key = key_of(source)
    is_own = split_address(url).netloc in {split_address(u).netloc for u in source.urls}
    headers = {name: value.replace("{key}", key) for name, value in source.headers.items()} if is_own else {}
    try:
        if source.needs_browser:
            from flows.browser import render

            answer = render(fetcher, url, headers=headers)
        else:
            answer = fetcher.fetch(url, headers=headers, known=known)
    except FetchError as error:
        if key and key in str(error):
            raise type(error)(str(error).replace(key, "...")) from None
        raise
    if key and _repeats(answer, key):
        raise FetchError(f"{shown(url)}: expected a page; found one that repeats the key in {source.key_env}: not kept")
    return answer


def key_of(source: Source) -> str:
    """Return the source's key from the environment, empty if it needs none; Unequipped if it is not set."""
    if not source.key_env:
        return ""
    key = os.environ.get(source.key_env, "").strip()
    if not key:
        raise Unequipped(f"no key: set {source.key_env}")
    if not (key.isascii() and key.isprintable()):
        raise Unequipped(f"no key: what {source.key_env} holds cannot be sent in a header")
    return key


def _repeats(answer: Answer, key: str) -> bool:
    headers = answer.exchange.headers if answer.exchange else ()
    payload = (answer.exchange.payload if answer.exchange else None) or b""
    said = "\n".join(value for _, value in headers)
    return key in said or key.encode() in (answer.body or b"") or key.encode() in payload

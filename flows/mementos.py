"""Take pages of the past one after the other: what was served, of which moment it is, and what became of the rest.

A replay service answers with the nearest capture it has, with an archived redirect, or with a page of its own; only the page
that was asked for counts, and its date is the one of its capture (Memento-Datetime, RFC 7089).
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from flows import archive, gates
from flows.addresses import shown
from flows.archive import Capture, Exchange
from flows.errors import FetchError, NoNetwork, PageError, RobotsForbidden
from flows.fetch import Answer, Fetcher
from flows.past import Past, Span, fetch_patiently, key_of, noting
from flows.tables import Page
from warehouse.connect import disk_errors

log = logging.getLogger(__name__)
MAX_IN_A_ROW = 5  # so many pages of one address fail one after the other, and the rest waits for another day
_SERVED = re.compile(r"/([0-9]{14})(?:[a-z]{2}_)?/(.+)")


@dataclass
class Tally:
    """What became of what was listed; counted by reason where something is missing."""

    listed: int = 0
    known: int = 0
    taken: int = 0
    served_again: int = 0
    remaining: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    forbidden: list[RobotsForbidden] = field(default_factory=list)
    errors: list[FetchError] = field(default_factory=list)

    def forbid(self, error: RobotsForbidden) -> None:
        """Note that robots.txt forbids to ask."""
        self.lost["that robots.txt forbids"] += 1
        self.forbidden.append(error)

    def lines(self) -> list[str]:
        """Return the closing lines of a run."""
        said = [f"the past: {self.listed} pages listed, {self.known} of them known before, {self.taken} taken"]
        if self.served_again:
            said[0] += f" ({self.served_again} of them without asking again for the same body)"
        if self.lost:
            said.append(f"not to be had, and asked for again the next time: {counted(self.lost)}")
        if self.left_out:
            said.append(f"left out: {counted(self.left_out)}")
        if self.remaining:
            said.append(f"{self.remaining} remain for the next run")
        return said


def counted(reasons: Counter[str]) -> str:
    """Say how many there are of each reason."""
    return ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())


class NotThePage(FetchError):
    """What was served is another page, or the page at another time that is known or not wanted."""


@dataclass
class Taker:
    """One run's way through the past of a source; `known` are the pages (address and moment) that are here already."""

    source_id: str
    fetcher: Fetcher
    archive: Path
    span: Span
    limit: int
    tally: Tally
    known: set[tuple[str, datetime]]
    in_a_row: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, Capture] = field(default_factory=dict)

    def take(self, todo: list[Past]) -> list[Capture]:
        """Take pages until the limit; what fails is counted and the others go on."""
        taken: list[Capture] = []
        for n, page in enumerate(todo, 1):
            if (page.url, page.moment) in self.known:
                continue  # it was served in place of another
            if len(taken) >= self.limit or self.in_a_row[page.url] >= MAX_IN_A_ROW:
                self.tally.remaining += 1
                continue
            capture = self._try(page)
            if capture is None:
                continue
            with disk_errors(self.archive):
                archive.keep(self.archive, capture)
            self.known.add((capture.url, capture.captured_at))
            taken.append(capture)
            self.tally.taken += 1
            said = (self.source_id, n, len(todo), capture.captured_at, shown(capture.url), len(capture.body))
            log.info("%s: backfill: %d of %d: %s %s, %d bytes", *said)
        return taken

    def _try(self, page: Past) -> Capture | None:
        try:
            capture = self._had_before(page) or self._ask(page)
        except NotThePage as error:
            self.tally.left_out[str(error)] += 1
            log.info("%s: backfill: %s: %s", self.source_id, shown(page.ask), error)
            return None
        except FetchError as error:
            self._lose(page, error)
            return None
        self.in_a_row[page.url] = 0
        return capture

    def _lose(self, page: Past, error: FetchError) -> None:
        if isinstance(error, RobotsForbidden):
            self.tally.forbid(error)
            log.warning("%s: backfill: %s", self.source_id, error)
            self.in_a_row[page.url] = MAX_IN_A_ROW
            return
        status = re.search(r"found ([45][0-9]{2})\b", str(error))
        self.tally.lost[f"with status {status[1]}" if status else "that failed otherwise"] += 1
        if isinstance(error, NoNetwork):
            self.in_a_row[page.url] = MAX_IN_A_ROW
        elif not status or status[1] != "404":
            self.in_a_row[page.url] += 1
        log.warning("%s: backfill: %s", self.source_id, error)

    def _had_before(self, page: Past) -> Capture | None:
        """Return the page without asking if its payload is here by the index's word: from this run or in the archive."""
        if page.digest is None:
            return None
        first = self.bodies.get(page.digest)
        if first is None:
            first = archive.held(self.archive, f"sha1:{page.digest}")
        if first is None:
            return None
        self.tally.served_again += 1
        said = first.exchange.headers if first.exchange else ()
        packing = tuple((name, value) for name, value in said if name.lower() == "content-encoding")
        headers = (("Content-Type", first.content_type), *packing) if first.content_type else packing
        exchange = Exchange("HTTP/1.1 200 OK", headers, _travelled(first), None, shown(page.ask))
        return self._capture(page, page.moment, first.body, first.content_type, exchange)

    def _ask(self, page: Past) -> Capture:
        answer = noting(fetch_patiently(self.fetcher, page.ask), page.ask)
        moment = self._moment(page, answer) if page.original else page.moment
        capture = self._capture(page, moment, answer.body or b"", answer.content_type, answer.exchange)
        if page.digest in {_sha1(capture.payload), _sha1(capture.body)} and page.digest:
            self.bodies[page.digest] = capture
        return capture

    def _capture(
        self, page: Past, moment: datetime, body: bytes, content_type: str | None, exchange: Exchange | None
    ) -> Capture:
        said = {name.lower(): value for name, value in (exchange.headers if exchange else ())}
        own = (said.get("x-archive-orig-etag"), said.get("x-archive-orig-last-modified"))
        return Capture(self.source_id, page.url, moment, body, content_type, 200, *own, exchange=exchange)

    def _moment(self, page: Past, answer: Answer) -> datetime:
        """Return when the page that a replay service served was captured; NotThePage if that page is not wanted."""
        parts = urlsplit(answer.url or page.ask)
        served = _SERVED.search(answer.url or page.ask)
        if parts.hostname != urlsplit(page.ask).hostname or served is None:
            raise NotThePage("that led away from the replay service")
        if key_of(served[2]) != key_of(page.original):
            raise NotThePage("that led to another page")
        headers = {name.lower(): value for name, value in (answer.exchange.headers if answer.exchange else ())}
        said = headers.get("memento-datetime")
        if said is None:
            self._check_gate(page, answer)
        moment = _date(said) if said else datetime.strptime(served[1], "%Y%m%d%H%M%S")
        if moment != page.moment and moment not in self.span:
            raise NotThePage("whose nearest capture is of another time")
        if moment != page.moment and (page.url, moment) in self.known:
            raise NotThePage("whose nearest capture is known")
        return moment

    def _check_gate(self, page: Past, answer: Answer) -> None:
        """Raise FetchError if a gate of the replay service answered: an archived one has the date of its capture."""
        try:
            gates.check_whole(Page(answer.body or b"", page.url, page.moment, answer.content_type))
        except PageError as error:
            raise FetchError(f"{shown(page.ask)}: expected an archived page; found none: {error}") from error


def _travelled(capture: Capture) -> bytes | None:
    return None if capture.payload == capture.body else capture.payload


def _sha1(payload: bytes) -> str:
    return base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def _date(said: str) -> datetime:
    """Read a Memento-Datetime (RFC 7089); FetchError if it is none."""
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError) as error:
        raise FetchError(f"Memento-Datetime: expected a date; found {said[:60]!r}") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

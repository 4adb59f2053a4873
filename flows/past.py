"""What a listing of the past names: pages as they were on a day, each with the address where it can be had today."""

from __future__ import annotations

import logging
import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from datetime import time as clock
from urllib.parse import urlsplit

from flows.addresses import shown
from flows.fetch import Answer, Fetcher, TransientFetchError

log = logging.getLogger(__name__)
WAITS = (2.0, 8.0)  # seconds before a busy server is asked again; with jitter, and never sooner than it wants


@dataclass(frozen=True)
class Past:
    """A page of a source as it was at one moment; `ask` is where it is had, `digest` (sha1, base32) its payload's if known.

    `url` is the source's own address, `original` the address as it was captured: http or https, with www or without.
    """

    url: str
    moment: datetime
    ask: str
    original: str = ""
    digest: str | None = None


@dataclass
class Listing:
    """What a listing names, and what of it was left out, by reason."""

    pages: list[Past] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Span:
    """The days that are wanted, both inclusive."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The first second."""
        return datetime.combine(self.first, clock.min)

    @property
    def end(self) -> datetime:
        """The last second."""
        return datetime.combine(self.last, clock(23, 59, 59))

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end


def key_of(url: str) -> str:
    """Return what two addresses of one page share, as indexes see it: no scheme, www, usual port, last slash, fragment, case."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}".casefold()


def period_of(moment: datetime, every: int) -> int:
    """Return in which period of so many days a moment lies; counted from one day for all, so that ranges agree."""
    return moment.date().toordinal() // every


def thinned(pages: Sequence[Past], every: int) -> list[Past]:
    """Return of each address the newest page in each period of so many days; all of them if that is 0."""
    if not every:
        return list(pages)
    newest = {(p.url, period_of(p.moment, every)): p for p in sorted(pages, key=lambda p: p.moment)}
    return list(newest.values())


def fetch_patiently(fetcher: Fetcher, url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Fetch a page, a busy server up to three times; the error of the last try is raised."""
    for wait in WAITS:
        try:
            return fetcher.fetch(url, headers=headers)
        except TransientFetchError as error:
            log.info("%s; asked again in %.0f s or so", error, wait)
            time.sleep(wait * random.uniform(0.75, 1.25))
    return fetcher.fetch(url, headers=headers)


def noting(answer: Answer, url: str) -> Answer:
    """Return the answer with a note, for the archive, of the address it was had from."""
    if answer.exchange is None:
        return answer
    return replace(answer, exchange=replace(answer.exchange, source_uri=shown(url)))

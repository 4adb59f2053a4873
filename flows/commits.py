"""Ask GitHub which commits touched a file, for sources that are files of a repository: their past lies in git.

GitHub's documented REST API lists the commits ("List commits"), raw.githubusercontent.com has the file as each left it. The
moment is the committer's: when the file came to be so. A token in GITHUB_TOKEN allows more requests an hour; it goes to the
API's host only and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode

from flows.addresses import shown
from flows.errors import FetchError, NoNetwork, RobotsForbidden, Unequipped
from flows.fetch import Answer, Fetcher, TransientFetchError
from flows.past import Listing, Past, Span, fetch_patiently, period_of

API = "https://api.github.com"
FILES = "https://raw.githubusercontent.com"
TOKEN = "GITHUB_TOKEN"
_PER_PAGE = 100
_MAX_ANSWERS = 500
_ADDRESS = re.compile(
    r"https?://raw\.githubusercontent\.com/([^/?#]+)/([^/?#]+)/(?:refs/(?:heads|tags)/)?([^/?#]+)/([^?#]+)"
)


@dataclass(frozen=True)
class File:
    """A file of a repository, on a branch."""

    owner: str
    repository: str
    branch: str
    path: str

    @classmethod
    def at(cls, url: str) -> File | None:
        """Return the file that an address of raw.githubusercontent.com names; None of any other address."""
        match = _ADDRESS.fullmatch(url)
        return cls(*(unquote(part) for part in match.groups())) if match else None

    def as_of(self, sha: str) -> str:
        """Return the address of the file as a commit left it."""
        return f"{FILES}/{quote(self.owner)}/{quote(self.repository)}/{sha}/{quote(self.path)}"

    @property
    def commits(self) -> str:
        """The address of the list of commits."""
        return f"{API}/repos/{quote(self.owner)}/{quote(self.repository)}/commits"


def list_commits(fetcher: Fetcher, url: str, file: File, span: Span, every: int) -> Listing:
    """Return the states of a file in a span of days, oldest first; FetchError if GitHub's answer is none.

    With `every` so many days only the newest of each period is wanted, so the list is not gone through commit by commit: it
    is asked for again from the beginning of the oldest period seen.
    """
    listing = Listing()
    found: dict[str, Past] = {}
    until, page = span.end, 1
    for _ in range(_MAX_ANSWERS):
        answer = _ask(fetcher, file, span.start, until, page)
        commits = _commits(answer, file.commits)
        moments = []
        for commit in commits:
            sha, moment = _read(commit)
            if sha is None or moment is None:
                listing.left_out["commits without an id or a moment"] += 1
                continue
            moments.append(moment)
            if moment in span:
                found.setdefault(sha, Past(url, moment, file.as_of(sha)))
        before = _before_period(min(moments), every) if every and moments else until
        if not commits or not _goes_on(answer) or before < span.start:
            listing.pages = sorted(found.values(), key=lambda p: p.moment)
            return listing
        until, page = (before, 1) if before < until else (until, page + 1)
    raise FetchError(f"{file.commits}: expected at most {_MAX_ANSWERS} answers for {file.path}; found more")


def _before_period(moment: datetime, every: int) -> datetime:
    """Return the last second before the period that a moment lies in."""
    first_day = period_of(moment, every) * every
    return datetime.fromordinal(first_day) - timedelta(seconds=1) if first_day > 1 else datetime.min


def _ask(fetcher: Fetcher, file: File, since: datetime, until: datetime, page: int) -> Answer:
    query = {
        "path": file.path,
        "sha": file.branch,
        "since": f"{since.isoformat()}Z",
        "until": f"{until.isoformat()}Z",
        "per_page": _PER_PAGE,
        "page": page,
    }
    token = os.environ.get(TOKEN, "").strip()
    if not (token.isascii() and token.isprintable()):
        raise Unequipped(f"{TOKEN}: expected a token; found what no header can carry")
    headers = {"Accept": "application/vnd.github+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    place = f"{file.commits}?{urlencode(query)}"
    try:
        return fetch_patiently(fetcher, place, headers)
    except (NoNetwork, RobotsForbidden):
        raise
    except FetchError as error:
        if token or not re.search(r"found (?:403|429)", str(error)):
            raise
        kind = TransientFetchError if isinstance(error, TransientFetchError) else FetchError
        raise kind(f"{error}; without a token GitHub allows few requests an hour: set {TOKEN}") from error


def _commits(answer: Answer, place: str) -> list[Any]:
    try:
        found = json.loads(answer.body or b"")
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{shown(place)}: expected a list of commits; found {error}") from None
    if not isinstance(found, list):
        raise FetchError(f"{shown(place)}: expected a list of commits; found {str(found)[:80]!r}")
    return found


def _read(commit: Any) -> tuple[str | None, datetime | None]:
    """Return id and moment of a commit, None for what it lacks."""
    try:
        sha, said = str(commit["sha"]), str(commit["commit"]["committer"]["date"])
        moment = datetime.fromisoformat(said)
    except (KeyError, TypeError, ValueError):
        return None, None
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return (sha if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", sha) else None), moment


def _goes_on(answer: Answer) -> bool:
    """Return whether the Link header names a next page; its address is not followed, our own count is."""
    headers: Mapping[str, str] = {n.lower(): v for n, v in answer.exchange.headers} if answer.exchange else {}
    return 'rel="next"' in headers.get("link", "")

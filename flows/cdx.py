"""Ask a CDX index which captures of an address there are.

Two dialects are read: the Wayback Machine's (a JSON array whose first line names the columns, at its end perhaps a key to go
on with) and pywb's (a JSON object per line, also after an urlkey and a timestamp). An index has holes: what a line lacks is
asked of the replay service later, a line that makes no sense is counted and left out, and an answer that was cut is an error.

References: the README of wayback-cdx-server in internetarchive/wayback; pywb's manual, "CDXJ Server API".
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag, urlencode

from flows.addresses import shown
from flows.errors import FetchError
from flows.fetch import Fetcher
from flows.past import Listing, Past, Span, fetch_patiently, key_of

log = logging.getLogger(__name__)
ROWS = 5000  # asked at once; one answer of such an index looks at a limited part of it
MAX_ANSWERS = 200
_TIMESTAMP = "%Y%m%d%H%M%S"
Row = Mapping[str, str]


def list_mementos(fetcher: Fetcher, index: str, replay: str, url: str, span: Span) -> Listing:
    """Return the captures of an address in a span of days, oldest first; FetchError if the index fails or its answer is cut."""
    listing = Listing()
    found: dict[tuple[datetime, str], Past] = {}
    for row in _rows(fetcher, index, urldefrag(url).url, span):
        reason, page = _read(row, replay, url, span)
        if page is None:
            listing.left_out[reason] += 1
        else:
            found.setdefault((page.moment, key_of(page.original)), page)
    listing.pages = sorted(found.values(), key=lambda p: p.moment)
    return listing


def _rows(fetcher: Fetcher, index: str, url: str, span: Span) -> Iterator[Row]:
    """Yield the lines of all answers: by the index's key to go on with, or from the last moment of a full answer on."""
    # Revisits have no status ('-'), and the same body as before: no status may be asked for, only some refused. pywb knows
    # neither that filter's syntax nor `collapse` and lists all; `fl` is not used since it takes other names there.
    query = {
        "url": url,
        "output": "json",
        "from": span.start.strftime(_TIMESTAMP),
        "to": span.end.strftime(_TIMESTAMP),
        "filter": "!statuscode:[3-5]..",
        "collapse": "digest",
        "limit": str(ROWS),
        "showResumeKey": "true",
    }
    asked: set[str] = set()
    for _ in range(MAX_ANSWERS):
        place = f"{index}{'&' if '?' in index else '?'}{urlencode(query)}"
        if place in asked:
            raise FetchError(f"{shown(place)}: expected the index to go on; found it at the same place again")
        asked.add(place)
        answer = fetch_patiently(fetcher, place)
        rows, key = parse(answer.body or b"", shown(place))
        yield from rows
        if key:
            query["resumeKey"] = key
        elif len(rows) >= ROWS and "resumeKey" not in query:
            query["from"] = max((r["timestamp"] for r in rows if _moment(r)), default=query["from"])
        else:
            return
        log.info("%s: the index lists %d captures and goes on", url, len(rows))
    raise FetchError(f"{index}: expected at most {MAX_ANSWERS} answers for {url}; found more")


def _read(row: Row, replay: str, url: str, span: Span) -> tuple[str, Past | None]:
    """Return the page that a line names, or the reason that it is none."""
    moment = _moment(row)
    if moment is None:
        return "without a moment", None
    if moment not in span:
        return "of another time", None
    original = row.get("original") or row.get("url") or url
    if key_of(original) != key_of(url):
        return "of another address", None
    status = row.get("statuscode") or row.get("status") or "-"
    if status not in ("200", "-"):
        return "of a status other than 200", None
    digest = row.get("digest", "").removeprefix("sha1:")
    ask = f"{replay}/{moment:{_TIMESTAMP}}id_/{urldefrag(original).url}"
    return "", Past(url, moment, ask, original, digest if re.fullmatch(r"[A-Z2-7]{32}", digest) else None)


def _moment(row: Row) -> datetime | None:
    text = row.get("timestamp", "")
    try:
        return datetime.strptime(text, _TIMESTAMP) if re.fullmatch(r"[0-9]{14}", text) else None
    except ValueError:
        return None


# --- The two dialects ---------------------------------------------------------------------------------------------------


def parse(body: bytes, place: str) -> tuple[list[Row], str | None]:
    """Return the lines of an index's answer, and the key to go on with if it has one; FetchError if it is cut, or no index.

    A line that cannot be read is returned empty, to be counted.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return [], None
    if text.startswith("["):
        return _array(text, place)
    ends_whole = body.rstrip(b" \t").endswith(b"\n")
    return list(_lines(text, place, ends_whole=ends_whole)), None


def _array(text: str, place: str) -> tuple[list[Row], str | None]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{place}: expected the whole answer of a CDX index; found {error}") from None
    if not found:
        return [], None
    header = [str(name) for name in found[0]] if isinstance(found[0], list) else []
    if "timestamp" not in header:
        raise FetchError(f"{place}: expected a CDX index that names its columns; found {str(found[0])[:80]!r}")
    rows, rest = found[1:], []
    if [] in rows:
        at = rows.index([])
        rows, rest = rows[:at], rows[at + 1 :]
    key = rest[0][0] if rest and isinstance(rest[0], list) and rest[0] else None
    is_row = (isinstance(row, list) and len(row) == len(header) for row in rows)
    return [_texts(zip(header, row, strict=True)) if ok else {} for row, ok in zip(rows, is_row, strict=True)], key


def _lines(text: str, place: str, *, ends_whole: bool) -> Iterator[Row]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rows = [_line(line) for line in lines]
    if not any(rows):
        raise FetchError(f"{place}: expected the answer of a CDX index in JSON; found {lines[0][:80]!r}")
    if not rows[-1] and not ends_whole:
        raise FetchError(f"{place}: expected the whole answer of a CDX index; found it cut at {lines[-1][-80:]!r}")
    yield from rows


def _line(line: str) -> Row:
    """Read an object, perhaps after urlkey and timestamp (CDXJ); nothing if it cannot be read."""
    before, brace, rest = line.partition("{")
    try:
        found = json.loads(brace + rest)
    except (ValueError, RecursionError):
        return {}
    words = before.split()
    named = {"urlkey": words[0], "timestamp": words[1]} if len(words) == 2 else {}
    row = {**named, **_texts(found.items())}
    return row if {"timestamp", "url", "original", "urlkey"} & set(row) else {}


def _texts(pairs: Iterable[tuple[Any, Any]]) -> Row:
    return {str(name): str(value) for name, value in pairs if isinstance(value, str | int)}

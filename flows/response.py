"""Read what a server answers, within limits of size and time, and unpack it in small pieces: it may be a bomb."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.addresses import shown
from flows.capture import Exchange, Request
from flows.errors import FetchError, TransientFetchError

if TYPE_CHECKING:
    import httpx

_PIECE = 1 << 16
_MEANING = {401: " (it asks for a key)", 403: " (the site refuses this program)", 451: " (withheld for legal reasons)"}


@dataclass(frozen=True)
class Answer:
    """A page as served; `body` is None when the server says that nothing changed, `url` where redirects led."""

    status: int
    body: bytes | None
    content_type: str | None
    etag: str | None
    last_modified: str | None
    exchange: Exchange | None = None
    url: str | None = None


@dataclass(frozen=True)
class Moved:
    """An answer that sends us elsewhere."""

    location: str


@dataclass(frozen=True)
class Limits:
    """How much of a body may come, and until when (of `seconds` in all); one that `is_cut` ends there and is no error."""

    max_bytes: int
    until: float
    seconds: float
    is_cut: bool = False


def read_response(url: str, response: httpx.Response, limits: Limits, *, is_known: bool) -> Answer | Moved:
    """Return what a server answers: the page within its limits, that it did not change (where we know it), or where it is.

    TransientFetchError if the next try may bring it, FetchError else.
    """
    status = response.status_code
    described = {name: response.headers.get(name) for name in ("content-type", "etag", "last-modified")}
    if status == 304 and is_known:
        return Answer(304, None, described["content-type"], described["etag"], described["last-modified"])
    if status in (301, 302, 303, 307, 308) and response.headers.get("location"):
        return Moved(response.headers["location"])
    if status != 200:
        raise FetchError(f"{shown(url)}: expected status 200; found {status}{_MEANING.get(status, '')}")
    body, packed = _read_body(url, response, limits)
    exchange = _exchange(response, packed)
    return Answer(200, body, described["content-type"], described["etag"], described["last-modified"], exchange)


def _read_body(url: str, response: httpx.Response, limits: Limits) -> tuple[bytes, bytes | None]:
    """Return the body, unpacked, and as it travelled where that was packed."""
    most = f"{shown(url)}: expected at most {limits.max_bytes:,} bytes"
    if not limits.is_cut and _announced(response) > limits.max_bytes:
        raise FetchError(f"{most}; found {_announced(response):,} announced")
    pieces, size, packed = [], 0, bytearray()
    for piece in _pieces(url, response, packed):
        size += len(piece)
        pieces.append(piece)
        if size > limits.max_bytes and limits.is_cut:
            break
        if max(size, len(packed)) > limits.max_bytes:
            pieces.clear()  # whoever keeps the error keeps this frame
            packed.clear()
            raise FetchError(f"{most}; found more")
        if time.monotonic() > limits.until:
            raise TransientFetchError(f"{shown(url)}: expected the page within {limits.seconds:g} seconds; found more")
    return b"".join(pieces)[: limits.max_bytes if limits.is_cut else None], bytes(packed) or None


def _announced(response: httpx.Response) -> int:
    """Return how many bytes the server says are to come; 0 if it does not say."""
    text = response.headers.get("content-length", "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _exchange(response: httpx.Response, packed: bytes | None) -> Exchange:
    """Return what went over the wire, for the archive: request, status line, headers and, if it came packed, the body."""
    request = response.request
    line = f"{request.method} {request.url.raw_path.decode('latin-1')} HTTP/1.1"
    sent = Request(line, tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers.raw))
    served = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
    return Exchange(f"{response.http_version} {response.status_code} {response.reason_phrase}", served, packed, sent)


def _pieces(url: str, response: httpx.Response, packed: bytearray) -> Iterator[bytes]:
    """Yield the body as it comes, unpacked in small pieces (one may be empty); `packed` takes it as it travelled.

    httpx unpacks a whole chunk at once, through as many layers as the server names, and takes a cut stream for its end.
    """
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        yield from response.iter_raw()
        return
    if coding not in ("gzip", "x-gzip"):
        raise FetchError(f"{shown(url)}: expected no compression but gzip; found {coding[:40]!r}")
    unpack = zlib.decompressobj(wbits=31)
    for raw in response.iter_raw():
        packed += raw
        rest, piece = raw, b""
        while rest or (len(piece) == _PIECE and not unpack.eof):
            if unpack.eof:
                unpack = zlib.decompressobj(wbits=31)
            try:
                piece = unpack.decompress(rest, _PIECE)
            except zlib.error as error:
                raise TransientFetchError(f"{shown(url)}: expected a body in gzip; found {error}") from error
            yield piece
            rest = unpack.unconsumed_tail or unpack.unused_data
    if not unpack.eof:
        raise TransientFetchError(f"{shown(url)}: expected a whole body in gzip; found it cut short")

"""Read WARC records: what they say of themselves, the pages they hold, and how much of a damaged file is whole."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.capture import Capture, Exchange, Headers, Request
from flows.errors import WarehouseError
from flows.tables import MAX_BYTES
from flows.warc_damage import GZIP, Progress

SOURCE_HEADER = "WARC-Convergence-Source"
FILE_HEADER = "WARC-Convergence-Refers-To-File"
SOURCE_URI_HEADER = "WARC-Source-URI"  # as pywb writes it into what it records of another archive
_ZLIB, _DEFLATE = 15, -15  # zlib's names for its wrappings


@dataclass(frozen=True)
class Original:
    """The record that holds a body which is served again: where it lies, and what it is known by."""

    archive_file: str
    record_id: str
    url: str
    date: str


@dataclass(frozen=True)
class Record:
    """What a WARC record says of itself; `payload`, as it travelled, is None unless it was asked for."""

    kind: str
    url: str
    date: str
    record_id: str
    digest: str
    source_id: str
    offset: int
    http: Any = None
    media_type: str | None = None
    refers_to: Original = field(default_factory=lambda: Original("", "", "", ""))
    request: Request | None = None
    payload: bytes | None = None
    source_uri: str = ""

    @property
    def status(self) -> int | None:
        """The status of the answer; None of what was no answer over HTTP, 0 of one that makes no sense."""
        if self.http is None:
            return None
        code = str(self.http.get_statuscode())
        return int(code) if re.fullmatch(r"[0-9]{3}", code) else 0

    def header(self, name: str) -> str | None:
        """Return a header of the answer."""
        value = self.http.get_header(name) if self.http else None
        return None if value is None else str(value)


def payload_digest(payload: bytes) -> str:
    """Return the digest of a payload as WARC files state it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def read_records(path: Path, wants: Callable[[Record], bool], *, at: int = 0) -> Iterator[Record]:
    """Yield the records of a WARC file from byte `at` on; those that `wants` with their payload.

    DamagedFile, saying what of it is whole, if the file is damaged; WarehouseError if a page is over the limit.
    """
    from warcio.archiveiterator import ArchiveIterator

    asked: tuple[str, str, Request] | None = None
    progress = Progress(path, end=at)
    with path.open("rb") as handle, progress:
        handle.seek(at)
        records = ArchiveIterator(handle)
        for found in records:
            record = _described(found, records.offset)
            if record.kind == "request" and found.http_headers:
                line = f"{found.http_headers.protocol} {found.http_headers.statusline}"
                request = Request(line, _lines(found.http_headers))
                asked = (found.rec_headers.get_header("WARC-Concurrent-To") or "", record.url, request)
            elif asked and (asked[0] == record.record_id or (not asked[0] and asked[1] == record.url)):
                record = replace(record, request=asked[2])
            if wants(record):
                record = _filled(path, found, record)
            yield record
            records.read_to_end()
            if getattr(found.raw_stream, "limit", False):
                raise EOFError("a record shorter than it says")
            progress.n, progress.end = progress.n + 1, records.offset


def _described(found: Any, offset: int) -> Record:
    def header(name: str) -> str:
        return str(found.rec_headers.get_header(name) or "")

    refers_to = (FILE_HEADER, "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    return Record(
        str(found.rec_type or ""),
        header("WARC-Target-URI"),
        header("WARC-Date"),
        header("WARC-Record-ID"),
        header("WARC-Payload-Digest"),
        header(SOURCE_HEADER),
        offset,
        http=found.http_headers,
        media_type=header("Content-Type") or None,
        refers_to=Original(*map(header, refers_to)),
        source_uri=header(SOURCE_URI_HEADER),
    )


def _filled(path: Path, found: Any, record: Record) -> Record:
    """Return the record with its payload; EOFError if it is cut, WarehouseError if it is over the limit."""
    from warcio.bufferedreaders import ChunkedDataReader

    is_chunked = (record.header("Transfer-Encoding") or "").lower() == "chunked"
    stream = ChunkedDataReader(found.raw_stream) if is_chunked else found.raw_stream
    payload = stream.read(MAX_BYTES + 1)
    if len(payload) <= MAX_BYTES and not is_chunked and getattr(found.raw_stream, "limit", False):
        raise EOFError("a page shorter than it says")
    _check_size(payload, f"{path}: {record.url}")
    return replace(record, payload=payload)


def _check_size(content: bytes, place: str) -> None:
    if len(content) > MAX_BYTES:
        raise WarehouseError(f"{place}: expected a page of at most {MAX_BYTES:,} bytes; found more")


def unpack(payload: bytes, coding: str) -> bytes:
    """Return a body without its packing, at most a byte over the limit; what is not packed, whatever is said, as it is.

    ValueError if the packing is not known here, or broken.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return payload
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"a body packed as {coding[:40]!r}")
    wrapping = GZIP if "gzip" in coding else _ZLIB if payload[:1] == b"\x78" else _DEFLATE
    if wrapping == GZIP and payload[:2] != b"\x1f\x8b":
        return payload
    body, rest = bytearray(), payload
    while rest and len(body) <= MAX_BYTES:
        unpacker = zlib.decompressobj(wbits=wrapping)
        try:
            body += unpacker.decompress(rest, MAX_BYTES + 1 - len(body))
        except zlib.error as error:
            raise ValueError(f"a body whose {coding} is damaged ({error})") from None
        if not unpacker.eof and not unpacker.unconsumed_tail:
            raise ValueError(f"a body whose {coding} is cut short")
        rest = unpacker.unused_data
    return bytes(body)


def capture_of(path: Path, record: Record, source_id: str, url: str, original: Record | None = None) -> Capture:
    """Return the capture a record holds; of a revisit, with the payload of its original.

    ValueError if the body cannot be unpacked, WarehouseError if it is over the limit.
    """
    holder = original or record
    said = record if record.http and record.status == holder.status else holder  # a 304 says nothing of the page
    payload = holder.payload or b""
    body = unpack(payload, said.header("Content-Encoding") or "")
    _check_size(body, f"{path}: {record.url}")
    exchange = None
    if said.http:
        travelled = None if payload == body else payload
        line = f"{said.http.protocol} {said.http.statusline}"
        exchange = Exchange(line, _lines(said.http), travelled, record.request, record.source_uri or None)
    was = "X-Archive-Orig-" if record.source_uri else ""  # what a replay service keeps of the page's own headers
    return Capture(
        source_id,
        url,
        moment_of(record.date),
        body,
        content_type=said.header("Content-Type") if said.http else said.media_type,
        http_status=said.status,
        etag=said.header(f"{was}ETag"),
        last_modified=said.header(f"{was}Last-Modified"),
        exchange=exchange,
        archive_offset=record.offset,
    )


def _lines(http: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in http.headers)


def moment_of(text: str) -> datetime:
    """Read a WARC-Date; WARC 1.1 allows a date of less precision, down to the year."""
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text = f"{text}-01-01"[:10]
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment

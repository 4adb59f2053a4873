"""Keep every page's bytes as served, one WARC file per capture, and read them back.

One file per capture makes writing atomic (a killed run leaves no half record) and repeatable (the same capture is the same
file). Any WARC tool reads them; `convergence replay` reads them and other people's.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from flows.errors import WarehouseError
from flows.tables import MAX_BYTES

log = logging.getLogger(__name__)
_SOURCE_HEADER = "WARC-Convergence-Source"
_ASCII = "".join(map(chr, range(0x20, 0x7F)))  # all that a header can carry as it is


@dataclass(frozen=True)
class Capture:
    """One page as served at one moment; `captured_at` is UTC without a zone, in whole seconds, as in the tables."""

    source_id: str
    url: str
    captured_at: datetime
    body: bytes = field(repr=False)
    content_type: str | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None

    def __post_init__(self) -> None:
        """Bring the moment into the one form that identities and tables use."""
        moment = self.captured_at.astimezone(UTC) if self.captured_at.tzinfo else self.captured_at
        object.__setattr__(self, "captured_at", moment.replace(tzinfo=None, microsecond=0))

    @cached_property
    def body_sha256(self) -> str:
        """The digest of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def capture_id(self) -> str:
        """The identity of this capture: a hash of source, address, moment and body."""
        parts = (self.source_id, self.url, self.captured_at.isoformat(), self.body_sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def archive_file(self) -> str:
        """Where the capture lies, seen from the archive's folder; WarehouseError if the source's id is no folder's name."""
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", self.source_id):
            raise WarehouseError(f"source {self.source_id!r}: expected an id of letters, digits and underscores")
        return f"{self.source_id}/{self.captured_at:%Y}/{self.capture_id}.warc.gz"


def keep(archive: Path, capture: Capture) -> Path:
    """Write the capture into the archive unless it is there, whole; return its file."""
    path = archive / capture.archive_file
    if path.exists() and _holds(path, capture):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as handle:
            _write(handle, capture)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def waiting(archive: Path, source_id: str, known: Container[str]) -> Iterator[Capture]:
    """Yield archived captures of a source that the store does not know: a run was killed between archiving and loading."""
    for path in sorted((archive / source_id).glob("*/*.warc.gz")):
        if (capture_id := path.name.removesuffix(".warc.gz")) not in known:
            yield from (c for c in read_warc(path) if c.capture_id == capture_id)


def _holds(path: Path, capture: Capture) -> bool:
    try:
        return any(c.body_sha256 == capture.body_sha256 for c in read_warc(path))
    except WarehouseError as error:
        log.warning("%s; it is written anew", error)
        return False


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed while writing left behind; one run at a time holds the warehouse."""
    for part in folder.glob(".*.part"):
        if part.suffixes[-2] != f".{os.getpid()}":
            part.unlink(missing_ok=True)


def _write(handle: Any, capture: Capture) -> None:
    """Write one record: a response of a web page, a resource of anything else (readers look for HTTP headers by the address)."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(handle, gzip=True)
    given = {"Content-Type": capture.content_type, "ETag": capture.etag, "Last-Modified": capture.last_modified}
    headers = {name: quote(" ".join(value.split()), safe=_ASCII) for name, value in given.items() if value}
    stamp = {"WARC-Date": capture.captured_at.strftime("%Y-%m-%dT%H:%M:%SZ"), _SOURCE_HEADER: capture.source_id}
    kind: dict[str, Any] = {"record_type": "resource", "warc_content_type": headers.get("Content-Type", "")}
    if capture.url.startswith(("http:", "https:")):
        http = StatusAndHeaders(f"{capture.http_status or 200} OK", list(headers.items()), protocol="HTTP/1.1")
        kind = {"record_type": "response", "http_headers": http}
    url = quote(capture.url, safe=_ASCII.replace(" ", ""))
    record = writer.create_warc_record(url, payload=BytesIO(capture.body), warc_headers_dict=stamp, **kind)
    writer.write_record(record)


def recall(archive: Path, archive_file: str, like: Capture) -> Capture:
    """Return `like` with its body from the archive; WarehouseError if the file is gone or its bytes are not the same."""
    path = archive / archive_file
    if not path.resolve().is_relative_to(archive.resolve()):
        raise WarehouseError(f"{path}: expected an archived page inside {archive}")
    if not path.is_file():
        raise WarehouseError(f"{path}: expected the archived page of {like.url}; found no file")
    for found in read_warc(path):
        if found.body_sha256 != like.body_sha256:
            raise WarehouseError(f"{path}: expected the page of {like.url} as it was archived; found other bytes")
        named = {n: getattr(like, n) for n in ("content_type", "http_status", "etag", "last_modified")}
        return Capture(like.source_id, like.url, like.captured_at, found.body, **named)
    raise WarehouseError(f"{path}: expected a WARC response record; found none")


def read_warc(path: Path, source_of: Mapping[str, str] | None = None) -> Iterator[Capture]:
    """Yield the pages (status 200) of a WARC file's response and resource records.

    The source is the record's own, else the one that reads its address by `source_of`; with `source_of` given, other records
    are passed over unread, and counted in a line of the log. WarehouseError if the file is damaged or a page over the limit.
    """
    from warcio.archiveiterator import ArchiveIterator

    addresses = {address(url): (url, source_id) for url, source_id in (source_of or {}).items()}
    passed_over = 0
    with path.open("rb") as handle, _damage(path):
        if source_of is not None:
            _check_gzip(handle)
        for record in ArchiveIterator(handle):
            if record.rec_type not in ("response", "resource"):
                continue
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            url, known = addresses.get(address(url), (url, "")) if source_of is not None else (url, "")
            source_id = record.rec_headers.get_header(_SOURCE_HEADER) or known
            if (source_of is not None and not source_id) or _status(record) not in (None, 200):
                passed_over += 1
                continue
            yield _capture(path, record, source_id, url)
    if passed_over:
        log.info("%s: %d records passed over: no page, or no source reads their address", path, passed_over)


def _check_gzip(handle: IO[bytes]) -> None:
    """Raise what gzip says of a compressed file that does not go on to its end; warcio takes a cut for the end."""
    if handle.read(2) == b"\x1f\x8b":
        handle.seek(0)
        with gzip.open(handle) as whole:
            while whole.read(1 << 20):
                pass
    handle.seek(0)


def _capture(path: Path, record: Any, source_id: str, url: str) -> Capture:
    body = record.content_stream().read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise WarehouseError(f"{path}: {url}: expected a page of at most {MAX_BYTES:,} bytes; found more")
    http = record.http_headers
    if record.length and getattr(record.raw_stream, "limit", 0):
        raise WarehouseError(f"{path}: {url}: expected a whole record; found the file cut short")
    return Capture(
        source_id,
        url,
        _moment(record.rec_headers.get_header("WARC-Date") or ""),
        body,
        content_type=(http or record.rec_headers).get_header("Content-Type"),
        http_status=_status(record),
        etag=http.get_header("ETag") if http else None,
        last_modified=http.get_header("Last-Modified") if http else None,
    )


def _status(record: Any) -> int | None:
    return int(record.http_headers.get_statuscode()) if record.http_headers else None


def _moment(text: str) -> datetime:
    """Read a WARC-Date; WARC 1.1 allows a date of less precision, down to the year."""
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text = f"{text}-01-01"[:10]
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what warcio and zlib say of a damaged file into one error that names it."""
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    try:
        yield
    except (
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
        zlib.error,
        EOFError,
        ValueError,
        gzip.BadGzipFile,
    ) as error:
        what = " ".join(str(error).split())[:200]
        raise WarehouseError(f"{path}: expected a whole WARC file; found it damaged ({what})") from error


def address(url: str) -> str:
    """Return an address in one way of writing, whether it was asked for by http or https, to find a source by it."""
    parts = urlsplit(url.strip())
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{parts.hostname or ''}{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")

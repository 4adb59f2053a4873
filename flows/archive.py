"""Keep every page's bytes as served, one WARC file per capture, and read them back.

One file per capture makes writing atomic (a killed run leaves no half record) and repeatable (the same capture is the same
file). Any WARC tool reads them; `convergence replay` reads them and other people's.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path

from flows.errors import WarehouseError

_SOURCE_HEADER = "WARC-Convergence-Source"


@dataclass(frozen=True)
class Capture:
    """One page as served at one moment; `captured_at` is UTC without a zone, as in the tables."""

    source_id: str
    url: str
    captured_at: datetime
    body: bytes = field(repr=False)
    content_type: str | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None

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
        """Where the capture lies, seen from the archive's folder."""
        return f"{self.source_id}/{self.captured_at:%Y}/{self.capture_id}.warc.gz"


def keep(archive: Path, capture: Capture) -> Path:
    """Write the capture into the archive unless it is there; return its file."""
    path = archive / capture.archive_file
    if path.exists():
        return path
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as handle:
        writer = WARCWriter(handle, gzip=True)
        headers = [
            ("Content-Type", capture.content_type),
            ("ETag", capture.etag),
            ("Last-Modified", capture.last_modified),
        ]
        http = StatusAndHeaders(
            f"{capture.http_status or 200} OK", [(k, v) for k, v in headers if v], protocol="HTTP/1.1"
        )
        stamp = {"WARC-Date": capture.captured_at.strftime("%Y-%m-%dT%H:%M:%SZ"), _SOURCE_HEADER: capture.source_id}
        writer.write_record(
            writer.create_warc_record(
                capture.url, "response", payload=BytesIO(capture.body), http_headers=http, warc_headers_dict=stamp
            )
        )
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, path)
    return path


def recall(archive: Path, archive_file: str, like: Capture) -> Capture:
    """Return `like` with its body from the archive; WarehouseError if the file is gone or its bytes are not the same."""
    path = archive / archive_file
    if not path.is_file():
        raise WarehouseError(f"{path}: expected the archived page of {like.url}; found no file")
    for capture in read_warc(path):
        return Capture(
            like.source_id,
            like.url,
            like.captured_at,
            capture.body,
            capture.content_type,
            like.http_status,
            like.etag,
            like.last_modified,
        )
    raise WarehouseError(f"{path}: expected a WARC response record; found none")


def read_warc(path: Path, source_of: dict[str, str] | None = None) -> Iterator[Capture]:
    """Yield the response and resource records of a WARC file; the source is the record's own, else found by address."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as handle:
        for record in ArchiveIterator(handle):
            if record.rec_type not in ("response", "resource"):
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            source_id = record.rec_headers.get_header(_SOURCE_HEADER) or (source_of or {}).get(url, "")
            moment = (
                datetime.fromisoformat(record.rec_headers.get_header("WARC-Date"))
                .astimezone(UTC)
                .replace(tzinfo=None, microsecond=0)
            )
            http = record.http_headers
            body = record.content_stream().read()
            yield Capture(
                source_id,
                url,
                moment,
                body,
                content_type=http.get_header("Content-Type") if http else record.rec_headers.get_header("Content-Type"),
                http_status=int(http.get_statuscode()) if http else None,
                etag=http.get_header("ETag") if http else None,
                last_modified=http.get_header("Last-Modified") if http else None,
            )

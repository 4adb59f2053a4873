"""A capture: one page as served at one moment, and what went over the wire for it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from flows.errors import WarehouseError

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """A request as it was sent; the archive withholds what could be a secret when it writes it."""

    line: str
    headers: Headers = ()


@dataclass(frozen=True)
class Exchange:
    """The answer as served: its status line, all its headers, and the body as it travelled where that came packed.

    `source_uri` is where it was had, if that is another address than the page's own: a replay service, a commit.
    """

    status_line: str
    headers: Headers
    payload: bytes | None = field(default=None, repr=False)
    request: Request | None = None
    source_uri: str | None = None


@dataclass(frozen=True)
class Capture:
    """One page as served at one moment; `captured_at` is UTC without a zone, in whole seconds, as in the tables.

    `body` is unpacked; `exchange`, where the page was fetched, has the rest of what the server sent. The archive notes in
    `archive_offset` at which byte of its file the record begins.
    """

    source_id: str
    url: str
    captured_at: datetime
    body: bytes = field(repr=False)
    content_type: str | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    exchange: Exchange | None = field(default=None, repr=False, compare=False)
    archive_offset: int | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring the moment into the one form that identities and tables use."""
        moment = self.captured_at.astimezone(UTC) if self.captured_at.tzinfo else self.captured_at
        object.__setattr__(self, "captured_at", moment.replace(tzinfo=None, microsecond=0))

    def lies_at(self, offset: int) -> None:
        """Note where in its archive file the record begins; that is no part of what the capture is."""
        object.__setattr__(self, "archive_offset", offset)

    @property
    def payload(self) -> bytes:
        """The body as it travelled, packed where the server packed it."""
        travelled = self.exchange.payload if self.exchange else None
        return self.body if travelled is None else travelled

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

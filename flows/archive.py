"""Keep every page's bytes as served, one WARC file per capture, and read them back.

One file per capture makes writing atomic (a killed run leaves no half record) and repeatable (the same capture is the same
file). A body that is in the archive already is not kept twice: a later capture of it is a revisit record, which names the
file of the first. `.payloads/` has a link to that file under the body's digest; it only spares reading all files.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.capture import Capture as Capture
from flows.capture import Exchange as Exchange
from flows.capture import Request as Request
from flows.errors import WarehouseError
from flows.warc import Original, Record, capture_of, payload_digest, read_records
from flows.warc_write import write

log = logging.getLogger(__name__)
_POINTERS = ".payloads"  # no source can be called that
_WRITING = threading.Lock()  # sources are captured at the same time, and two may be served the same bytes
_PAGES = ("response", "resource")
MAX_HOPS = 5  # from a revisit to its original: one, unless a damaged original was itself written anew as a revisit


def keep(archive: Path, capture: Capture) -> Path:
    """Write the capture into the archive unless it is there, whole; return its file, and note on it where it begins."""
    path = archive / capture.archive_file
    with _WRITING:
        found = _held(archive, path, capture) if path.exists() else None
        original = _original(archive, capture, path)
        offset = _write(path, capture, original) if found is None else found.offset
        if original is None and (found is None or found.kind != "revisit"):
            _point(archive, capture.payload, path)
    capture.lies_at(offset)
    return path


def waiting(archive: Path, source_id: str, known: Container[str]) -> Iterator[Capture]:
    """Yield archived captures of a source that the store does not know: a run was killed between archiving and loading."""
    for path in sorted((archive / source_id).glob("*/*.warc.gz")):
        if (capture_id := path.name.removesuffix(".warc.gz")) not in known:
            record = _page_at(path, 0)
            for url in dict.fromkeys((record.url, unquote(record.url))):
                found = _filled(archive, path, record, record.source_id, url)
                if found.capture_id == capture_id:
                    yield found
                    break


def recall(archive: Path, archive_file: str, like: Capture, offset: int = 0) -> Capture:
    """Return `like` with its body from the archive; WarehouseError if the file is gone or its bytes are not the same.

    `offset` is where in the file to begin to look. A revisit is followed to the record that holds the body.
    """
    path = _inside(archive, archive_file)
    if not path.is_file():
        raise WarehouseError(f"{path}: expected the archived page of {like.url}; found no file")
    found = _filled(archive, path, _page_at(path, offset), like.source_id, like.url)
    if found.body_sha256 != like.body_sha256:
        raise WarehouseError(f"{path}: expected the page of {like.url} as it was archived; found other bytes")
    named = {n: getattr(like, n) for n in ("content_type", "http_status", "etag", "last_modified")}
    return replace(found, source_id=like.source_id, url=like.url, captured_at=like.captured_at, **named)


def first_kept_in(archive: Path, archive_file: str, offset: int = 0) -> str | None:
    """Return the file that holds the body of an archived page which is a revisit; None of a page that has its own."""
    record = _page_at(_inside(archive, archive_file), offset)
    return record.refers_to.archive_file or None if record.kind == "revisit" else None


def held(archive: Path, digest: str) -> Capture | None:
    """Return a page whose payload has this digest (sha1:...), whichever it is; None if the archive has none that is whole."""
    if not (place := _pointed(archive, digest)):
        return None
    try:
        record = _last_of(archive, place)
        found = capture_of(archive / place, record, record.source_id, record.url)
    except (WarehouseError, ValueError) as error:
        log.warning("%s; its body is fetched once more", error)
        return None
    return found if payload_digest(found.payload) == digest else None


def address(url: str) -> str:
    """Return an address in one way of writing, whether it was asked for by http or https, to find a source by it."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    return f"{parts.hostname or ''}{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


# --- One file -----------------------------------------------------------------------------------------------------------


def _inside(archive: Path, archive_file: str) -> Path:
    path = archive / archive_file
    if not path.resolve().is_relative_to(archive.resolve()):
        raise WarehouseError(f"{path}: expected an archived page inside {archive}")
    return path


def _page_at(path: Path, offset: int) -> Record:
    """Return the first record from `offset` on that is a page, or stands for one."""
    for record in read_records(path, lambda r: r.kind in _PAGES, at=offset):
        if record.kind in (*_PAGES, "revisit"):
            return record
    raise WarehouseError(f"{path}: expected a WARC response record; found none")


def _filled(archive: Path, path: Path, record: Record, source_id: str, url: str) -> Capture:
    original = _follow(archive, path, record) if record.kind == "revisit" else None
    try:
        return capture_of(path, record, source_id, url, original)
    except ValueError as error:
        raise WarehouseError(f"{path}: expected the page of {url} as it was archived; found {error}") from error


def _follow(archive: Path, path: Path, record: Record) -> Record:
    """Return the record that holds the body of a revisit: in the file it names, else in the one known by the digest."""
    why = "no word of where it is"
    for place in filter(None, (_pointed(archive, record.digest), record.refers_to.archive_file)):
        try:
            found = _last_of(archive, place)
        except WarehouseError as error:
            why = str(error)
            continue
        if payload_digest(found.payload or b"") == record.digest:
            return found
        why = f"{archive / place}: another body"
    first = f"first captured {record.refers_to.date} in {record.refers_to.archive_file}"
    raise WarehouseError(f"{path}: expected the body of {record.url}, {first}; found {why}")


def _last_of(archive: Path, place: str) -> Record:
    """Return the record of an archive file; of one that was written anew as a revisit, the record it refers to in turn."""
    for _ in range(MAX_HOPS):
        file = _inside(archive, place)
        if not file.is_file():
            raise WarehouseError(f"{file}: no file")
        record = _page_at(file, 0)
        if record.kind != "revisit":
            return record
        place = record.refers_to.archive_file
    raise WarehouseError(f"{file}: revisits that refer to each other")


def _held(archive: Path, path: Path, capture: Capture) -> Record | None:
    """Return the record of the capture in its file; None if it is not there, or not whole."""
    try:
        record = _page_at(path, 0)
        if _filled(archive, path, record, capture.source_id, capture.url).body_sha256 == capture.body_sha256:
            return record
        log.warning("%s: expected the page of %s; found other bytes; it is written anew", path, capture.url)
    except WarehouseError as error:
        log.warning("%s; it is written anew", error)
    return None


def _write(path: Path, capture: Capture, original: Original | None) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as handle:
            offset = write(handle, capture, original)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return offset


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed while writing left behind; one run at a time holds the warehouse."""
    for part in folder.glob(".*.part"):
        if part.suffixes[-2] != f".{os.getpid()}":
            part.unlink(missing_ok=True)


# --- The first record of a body -----------------------------------------------------------------------------------------


def _original(archive: Path, capture: Capture, own: Path) -> Original | None:
    """Return the record that holds the capture's payload already, read to be sure of it; None if there is none."""
    if not capture.payload or not (place := _pointed(archive, payload_digest(capture.payload))):
        return None
    file = archive / place
    try:
        record = _page_at(file, 0) if file != own and file.is_file() else None
    except WarehouseError as error:
        log.warning("%s; its body is kept once more", error)
        return None
    if record is None or record.payload != capture.payload:
        return None
    return Original(place, record.record_id, record.url, record.date)


def _pointed(archive: Path, digest: str) -> str:
    """Return the archive file that a body's digest points to; empty if there is none."""
    name = digest.removeprefix("sha1:")
    pointer = archive / _POINTERS / name
    if not name.isalnum() or not pointer.is_symlink() or not pointer.resolve().is_relative_to(archive.resolve()):
        return ""
    return pointer.readlink().as_posix().removeprefix("../")


def _point(archive: Path, payload: bytes, path: Path) -> None:
    """Let a body's digest point to the file that holds it, in one step."""
    pointer = archive / _POINTERS / payload_digest(payload).removeprefix("sha1:")
    pointer.parent.mkdir(parents=True, exist_ok=True)
    new = pointer.with_name(f".{pointer.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(Path("..") / path.relative_to(archive))
    os.replace(new, pointer)

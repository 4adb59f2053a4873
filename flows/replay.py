"""Find stored captures: the layout SOURCE/DATE/file with its manifest.csv, or WARC files."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from flows.archive import Capture
from flows.crawls import read_warcs
from flows.errors import UsageError
from flows.sources import reader_of, source_ids
from flows.tables import MAX_BYTES

log = logging.getLogger(__name__)
_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".mdx": "text/markdown",
    ".json": "application/json",
    ".csv": "text/csv",
}
_WARC = (".warc", ".warc.gz")


def stored_captures(folder: Path, wanted: Sequence[str] = ()) -> dict[str, list[Capture]]:
    """Return source id to its captures below `folder`, in date order; only sources that have a reader.

    What is left out is said in the log. UsageError if there is no such folder, or nothing in it that a wanted source can
    read; WarehouseError names a damaged WARC file.
    """
    if not folder.is_dir() and not (folder.is_file() and folder.name.endswith(_WARC)):
        raise UsageError(f"{folder}: expected a folder of stored captures or a WARC file; found none")
    for source_id in wanted:
        reader_of(source_id)
    readable = wanted or source_ids()
    found: dict[str, list[Capture]] = {source_id: [] for source_id in wanted}
    unknown: set[str] = _unknown_folders(folder)
    for capture in (*_files(folder, readable), *_warcs(folder)):
        if capture.source_id in readable:
            found.setdefault(capture.source_id, []).append(capture)
        elif capture.source_id not in source_ids():
            unknown.add(capture.source_id)
    if unknown:
        log.info("%s: no reader for %s; left out", folder, ", ".join(sorted(unknown)))
    if not any(found.values()):
        expected = f"captures of {', '.join(readable)} as SOURCE/DATE/file or in WARC files"
        raise UsageError(f"{folder}: expected {expected}; found none")
    return {s: sorted(captures, key=lambda c: (c.captured_at, c.url)) for s, captures in sorted(found.items())}


def _unknown_folders(folder: Path) -> set[str]:
    """Return folders laid out like a source's that no module is named after."""
    if not folder.is_dir():
        return set()
    days = (path for path in folder.glob("*/*") if _day(path.name) and path.is_dir())
    return {path.parent.name for path in days} - set(source_ids())


def _day(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, "%Y-%m-%d") if re.fullmatch(r"\d{4}-\d{2}-\d{2}", name) else None
    except ValueError:
        return None


def _files(folder: Path, readable: Sequence[str]) -> Iterator[Capture]:
    """Yield the files of the layout; the manifest, where there is one, knows their addresses."""
    if not folder.is_dir():
        return
    manifest = _manifest(folder)
    for source_id in readable:
        for path in sorted((folder / source_id).glob("*/*")):
            if not path.is_file() or path.name.startswith(".") or path.name.endswith(_WARC):
                continue
            moment = _day(path.parent.name)
            if moment is None or path.stat().st_size > MAX_BYTES:
                why = f"over {MAX_BYTES:,} bytes" if moment else f"{path.parent.name!r} is no day as YYYY-MM-DD"
                log.warning("%s: left out: %s", path, why)
                continue
            row = manifest.get(path.relative_to(folder).as_posix(), {})
            url = row.get("url") or _likely_url(source_id, path.name)
            capture = Capture(source_id, url, moment, path.read_bytes(), _TYPES.get(path.suffix.lower()), 200)
            if row.get("sha256", capture.body_sha256) != capture.body_sha256:
                log.warning("%s: its bytes are not those that manifest.csv lists", path)
            yield capture


def _manifest(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Return path to line of manifest.csv; none if there is no manifest."""
    path = folder / "manifest.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(handle)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: expected a CSV file in UTF-8; found {error}") from error
    if rows and not {"path", "url"} <= set(rows[0]):
        raise UsageError(f"{path}: expected the columns path and url; found {', '.join(rows[0])}")
    return {row["path"]: row for row in rows}


def _likely_url(source_id: str, name: str) -> str:
    """Return the source's address whose last part is the file's name, else its first."""
    source = reader_of(source_id).SOURCE
    urls = (*source.urls, *source.former_urls)
    stem = PurePosixPath(name).stem
    ends = [
        u
        for u in urls
        if (PurePosixPath(urlsplit(u).path).stem or "index") == stem or (stem == "index" and u.endswith("/"))
    ]
    return ends[0] if ends else urls[0]


def _warcs(folder: Path) -> Iterator[Capture]:
    sources = [reader_of(source_id).SOURCE for source_id in source_ids()]
    addresses = {url: source.id for source in sources for url in (*source.urls, *source.former_urls)}
    paths = (
        [folder]
        if folder.is_file()
        else sorted(p for p in folder.rglob("*") if p.name.endswith(_WARC) and not p.name.startswith("."))
    )
    yield from read_warcs(paths, addresses)

"""Find stored captures: the layout SOURCE/DATE/file with its manifest.csv, or WARC files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from flows.archive import Capture, read_warc
from flows.errors import UsageError
from flows.sources import reader_of, source_ids

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

    UsageError if there is no such folder, or nothing in it that a wanted source can read.
    """
    if not folder.is_dir() and not (folder.is_file() and folder.name.endswith(_WARC)):
        raise UsageError(f"{folder}: expected a folder of stored captures or a WARC file; found none")
    for source_id in wanted:
        reader_of(source_id)
    found: dict[str, list[Capture]] = {source_id: [] for source_id in wanted}
    for capture in (*_files(folder, wanted), *_warcs(folder)):
        if capture.source_id in (wanted or source_ids()):
            found.setdefault(capture.source_id, []).append(capture)
    if not any(found.values()):
        raise UsageError(
            f"{folder}: expected captures of {', '.join(wanted or source_ids())} as SOURCE/DATE/file or in WARC files; found none"
        )
    return {
        source_id: sorted(captures, key=lambda c: (c.captured_at, c.url))
        for source_id, captures in sorted(found.items())
    }


def _files(folder: Path, wanted: Sequence[str]) -> Iterator[Capture]:
    """Yield the files of the layout; the manifest, where there is one, knows their addresses."""
    if not folder.is_dir():
        return
    urls = _manifest(folder)
    for source_id in wanted or source_ids():
        for path in sorted((folder / source_id).glob("*/*")):
            if (
                not re.fullmatch(r"\d{4}-\d{2}-\d{2}", path.parent.name)
                or not path.is_file()
                or path.name.endswith(_WARC)
            ):
                continue
            url = urls.get(path.relative_to(folder).as_posix()) or _likely_url(source_id, path.name)
            moment = datetime.fromisoformat(path.parent.name)
            yield Capture(source_id, url, moment, path.read_bytes(), _TYPES.get(path.suffix.lower()), 200)


def _manifest(folder: Path) -> dict[str, str]:
    path = folder / "manifest.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["path"]: row["url"] for row in csv.DictReader(handle)}


def _likely_url(source_id: str, name: str) -> str:
    """Return the source's address whose last part is the file's name, else its first."""
    urls = reader_of(source_id).SOURCE.urls
    stem = PurePosixPath(name).stem
    ends = [
        u
        for u in urls
        if (PurePosixPath(urlsplit(u).path).stem or "index") == stem or (stem == "index" and u.endswith("/"))
    ]
    return ends[0] if ends else urls[0]


def _warcs(folder: Path) -> Iterator[Capture]:
    addresses = {url: source_id for source_id in source_ids() for url in reader_of(source_id).SOURCE.urls}
    paths = (
        [folder]
        if folder.is_file()
        else sorted(p for p in folder.rglob("*") if p.name.endswith(_WARC) and not p.name.startswith("."))
    )
    for path in paths:
        yield from read_warc(path, addresses)

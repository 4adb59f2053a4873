"""Open a zip archive that a source serves: bounded in number, size and ratio, and never written anywhere.

A name in an archive is only a name: nothing is unpacked to a path, so none can lead out of a folder.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from flows.errors import LayoutChanged

MAX_MEMBERS = 1_000
MAX_MEMBER = 32 * 1024 * 1024
MAX_UNPACKED = 128 * 1024 * 1024
MAX_RATIO = 200  # a table of figures packs some ten times, a bomb a thousand times
_SMALL = 64 * 1024  # a file of blanks this small may pack as it likes


def is_zip(body: bytes) -> bool:
    """Return whether the bytes begin as a zip archive does."""
    return body[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(body: bytes, place: str, suffix: str = "") -> Mapping[str, bytes]:
    """Return name to content of the files whose names end in `suffix`; LayoutChanged if it is no whole, honest archive."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            _check_sizes(files, place)
            return {info.filename: archive.read(info) for info in files if info.filename.endswith(suffix)}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise LayoutChanged(place, "a zip archive to its end", f"{error} in {len(body):,} bytes") from None


def check(body: bytes, place: str) -> None:
    """Raise LayoutChanged if the archive has no directory of its files, as one that was cut off, or promises too much."""
    unpack(body, place, "\0")


def _check_sizes(files: list[zipfile.ZipInfo], place: str) -> None:
    if not files or len(files) > MAX_MEMBERS:
        raise LayoutChanged(place, f"1 to {MAX_MEMBERS:,} files in the archive", f"{len(files):,}")
    if twice := len(files) - len({info.filename for info in files}):
        raise LayoutChanged(place, "each file once in the archive", f"{twice} names that come again")
    for info in files:
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > MAX_MEMBER or (ratio > MAX_RATIO and info.file_size > _SMALL):
            expected = f"files of at most {MAX_MEMBER:,} bytes, packed at most {MAX_RATIO} times"
            raise LayoutChanged(
                place, expected, f"{info.filename[:80]!r} of {info.file_size:,} bytes, {ratio:.0f} times"
            )
    if (total := sum(info.file_size for info in files)) > MAX_UNPACKED:
        raise LayoutChanged(place, f"at most {MAX_UNPACKED:,} bytes in the archive", f"{total:,}")

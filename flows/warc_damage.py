"""Say how much of a damaged or cut WARC file is whole."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

from flows.errors import WarehouseError

GZIP = 31  # zlib's name for the wrapping
_PIECE = 1 << 20


class DamagedFile(WarehouseError):
    """A WARC file is damaged or cut; `n_whole` records in its first `end` bytes are whole."""

    def __init__(self, path: Path, what: str, n_whole: int, end: int) -> None:
        """Say which file, and what of it is whole."""
        self.n_whole, self.end = n_whole, end
        whole = f"{n_whole} whole records in its first {end:,} bytes" if n_whole else "no whole record before that"
        said = " ".join(what.split())[:200]
        super().__init__(f"{path}: expected a whole WARC file; found it damaged ({said}) with {whole}")


@dataclass
class Progress:
    """How much of a file was read whole; as a context it turns what warcio and zlib say of damage into DamagedFile."""

    path: Path
    n: int = 0
    end: int = 0

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from warcio.exceptions import ArchiveLoadFailed
        from warcio.statusandheaders import StatusAndHeadersParserException

        broken = (ArchiveLoadFailed, StatusAndHeadersParserException, zlib.error, EOFError)
        senseless = (ValueError, TypeError, AttributeError, IndexError, AssertionError)  # headers warcio trips over
        if isinstance(error, (*broken, *senseless)):
            raise DamagedFile(self.path, str(error) or type(error).__name__, self.n, self.end) from error


def check_gzip(path: Path) -> None:
    """Raise DamagedFile if a compressed file does not go on to its end; warcio takes a cut for the end."""
    with path.open("rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            return
        handle.seek(0)
        progress, unpacker, read = Progress(path), zlib.decompressobj(wbits=GZIP), 0
        with progress:
            while piece := handle.read(_PIECE):
                read += len(piece)
                rest = piece
                while rest:
                    if unpacker.eof:
                        unpacker = zlib.decompressobj(wbits=GZIP)
                    unpacker.decompress(rest, _PIECE)
                    rest = unpacker.unconsumed_tail or unpacker.unused_data
                    if unpacker.eof:
                        progress.n, progress.end = progress.n + 1, read - len(rest)
            if not unpacker.eof:
                raise EOFError("cut short")

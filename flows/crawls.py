"""Read the pages of WARC files, our own or other people's crawls.

A file that is damaged or cut is an error that names it and says what of it is whole: nothing of it is taken in silence, and
nothing left out in silence. What is no page of a source is passed over, counted by its reason.
"""

from __future__ import annotations

import logging
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.archive import Capture, address
from flows.errors import WarehouseError
from flows.warc import Record, capture_of, payload_digest, read_records
from flows.warc_damage import DamagedFile, check_gzip

log = logging.getLogger(__name__)
_PAGES = ("response", "resource")


@dataclass
class _Wanted:
    """A record that is wanted, or the reason it is not."""

    source_id: str = ""
    url: str = ""
    reason: str | None = None


@dataclass
class _Crawl:
    """What of some files is wanted, revisits that wait for their original, and per file what was passed over and why."""

    source_of: Mapping[str, str] | None
    revisits: list[tuple[Path, Record, _Wanted]] = field(default_factory=list)
    passed: dict[Path, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.addresses = {address(url): (url, source_id) for url, source_id in (self.source_of or {}).items()}

    def judge(self, record: Record) -> _Wanted:
        """Say whose page a record is."""
        if record.kind not in (*_PAGES, "revisit"):
            return _Wanted(reason=f"{record.kind or 'unnamed'} records")
        known_url, known = self.addresses.get(address(record.url), (record.url, ""))
        source_id = record.source_id or known
        if self.source_of is not None and not source_id:
            return _Wanted(reason="of an address that no source reads")
        if record.status not in ((None, 200, 304) if record.kind == "revisit" else (None, 200)):
            return _Wanted(reason="of a status other than 200")
        return _Wanted(source_id, known_url)

    def pass_over(self, path: Path, reason: str) -> None:
        self.passed.setdefault(path, Counter())[reason] += 1


def read_warcs(paths: Sequence[Path], source_of: Mapping[str, str] | None = None) -> Iterator[Capture]:
    """Yield the pages (status 200) of WARC files, first those that stand there whole, then those served again (revisits).

    The source is the record's own, else the one that reads its address by `source_of`; without `source_of` every page
    counts. A revisit takes its body from any of these files. DamagedFile names a file that is damaged or cut.
    """
    crawl = _Crawl(source_of)
    for path in paths:
        yield from _pages(path, crawl)
    yield from _revisited(paths, crawl)
    for path, reasons in crawl.passed.items():
        said = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
        log.info("%s: %d records passed over: %s", path, reasons.total(), said)


def _pages(path: Path, crawl: _Crawl) -> Iterator[Capture]:
    wanted = _Wanted()

    def wants(record: Record) -> bool:
        nonlocal wanted
        wanted = crawl.judge(record)
        return wanted.reason is None and record.kind in _PAGES

    for record in _records(path, wants):
        if wanted.reason is not None:
            if not (record.kind == "request" and record.source_id):  # our own request belongs to the page after it
                crawl.pass_over(path, wanted.reason)
        elif record.kind == "revisit":
            crawl.revisits.append((path, record, wanted))
        else:
            yield from _capture(path, record, wanted, crawl)


def _capture(
    path: Path, record: Record, wanted: _Wanted, crawl: _Crawl, original: Record | None = None
) -> Iterator[Capture]:
    try:
        yield capture_of(path, record, wanted.source_id, wanted.url, original)
    except ValueError as error:
        log.warning("%s: %s (%s): %s; it is passed over", path, record.url, record.date, error)
        crawl.pass_over(path, "with a body or a date that cannot be read")


def _records(path: Path, wants: Callable[[Record], bool]) -> Iterator[Record]:
    try:
        check_gzip(path)
        yield from read_records(path, wants)
    except DamagedFile as error:
        advice = ""
        if error.n_whole:
            advice = f"; to have those: head -c {error.end} {shlex.quote(path.name)} > whole-{shlex.quote(path.name)}"
        raise WarehouseError(f"{error}. Nothing was loaded{advice}") from error


def _revisited(paths: Sequence[Path], crawl: _Crawl) -> Iterator[Capture]:
    """Yield the revisits whose original is in one of the files, whoever's address it has; count the others."""
    originals: dict[int, Record] = {}
    for path in paths if crawl.revisits else ():
        for record in _records(path, lambda r: _is_original_of_any(r, crawl)):
            for n, (_, revisit, _) in enumerate(crawl.revisits):
                if record.payload is not None and n not in originals and _is_original(record, revisit):
                    originals[n] = record
    for n, (path, revisit, wanted) in enumerate(crawl.revisits):
        if n in originals:
            yield from _capture(path, revisit, wanted, crawl, originals[n])
        else:
            crawl.pass_over(path, "revisits whose original is in none of the files")


def _is_original_of_any(record: Record, crawl: _Crawl) -> bool:
    if record.kind not in _PAGES or record.status not in (None, 200):
        return False
    return any(_may_be_original(record, revisit) for _, revisit, _ in crawl.revisits)


def _may_be_original(record: Record, revisit: Record) -> bool:
    """Return whether a revisit refers to the record: by its id, by address and moment, or by the digest of its body."""
    refers = revisit.refers_to
    if refers.record_id and record.record_id == refers.record_id:
        return True
    if refers.url and address(record.url) == address(refers.url) and record.date[:19] == refers.date[:19]:
        return True
    return bool(revisit.digest) and record.digest == revisit.digest


def _is_original(record: Record, revisit: Record) -> bool:
    """Return whether the record has the very body that the revisit speaks of, as far as it names one."""
    if not _may_be_original(record, revisit):
        return False
    algorithm = revisit.digest.partition(":")[0]
    known = [d for d in (record.digest, payload_digest(record.payload or b"")) if d.partition(":")[0] == algorithm]
    return not known or revisit.digest in known

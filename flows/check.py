"""Look at a source's live page and say what changed against its last good capture; nothing is loaded or archived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows import archive
from flows.addresses import shown
from flows.capture import Capture
from flows.differences import Difference, compare_rows, compare_shapes
from flows.errors import FetchError, UsageError, WarehouseError
from flows.fetch import Fetcher, Known
from flows.live import ask, capture_of
from flows.read import Reading, read_capture
from flows.records import OBSERVATIONS, Reader
from flows.settings import REFERENCE, Warehouse
from flows.tables import Page
from warehouse.connect import open_published, open_store
from warehouse.facts import read_fx_rates
from warehouse.load import earlier_capture, read_state

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SAME, CHANGED, FIRST, BROKEN, NOT_FETCHED = "same", "changed", "first", "broken", "not fetched"
_EVER = datetime(9999, 1, 1)
_BY_HAND = ("reference", "import")


@dataclass(frozen=True)
class Good:
    """The last good capture of a page: what it held, with its body where the archive still has it."""

    capture: Capture
    frames: Mapping[str, pl.DataFrame]
    page: Page | None


@dataclass
class PageCheck:
    """What a live page was found to be; `state` is 'same', 'changed', 'first', 'broken' or 'not fetched'."""

    url: str
    state: str
    message: str | None = None
    compared_with: datetime | None = None
    n_rows: int = 0
    differences: list[Difference] = field(default_factory=list)
    errors: list[dict[str, str | None]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return what to say of the page before its differences."""
        said = f"{shown(self.url)}: {self.state}" + (f": {self.message}" if self.message else "")
        counts = Counter(f"{d.what}s {d.change}" for d in self.differences)
        against = f", against {self.compared_with:%Y-%m-%d %H:%M}" if self.compared_with else ""
        return [said, f"  {self.n_rows} rows{against}" + "".join(f"; {n} {what}" for what, n in sorted(counts.items()))]

    def differences_as_rows(self) -> list[dict[str, str | None]]:
        """Return the differences in the columns people see."""
        return [asdict(difference) for difference in self.differences]

    def as_json(self) -> dict[str, Any]:
        """Return the check for a program to read."""
        return asdict(self) | {"compared_with": self.compared_with and self.compared_with.isoformat()}


def check(
    reader: Reader, warehouse: Warehouse, url: str | None = None, fetcher: Fetcher | None = None
) -> list[PageCheck]:
    """Return how each page of a source, or the one at `url`, stands against the last good capture in the warehouse."""
    source = reader.SOURCE
    if source.kind in _BY_HAND:
        raise UsageError(f"source {source.id}: expected one with live pages; found one that people keep by hand")
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"{shown(url)}: expected an http or https address")
    asking = fetcher or Fetcher()
    try:
        with _opened(warehouse) as con:
            return [_check_page(reader, page, asking, warehouse, con) for page in ([url] if url else source.urls)]
    finally:
        if fetcher is None:
            asking.close()


def exit_code(checks: Sequence[PageCheck]) -> int:
    """Return 3 if a page is broken, 1 if one could not be fetched, else 0."""
    states = {one.state for one in checks}
    return 3 if BROKEN in states else 1 if NOT_FETCHED in states else 0


@contextmanager
def _opened(warehouse: Warehouse) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Yield what there is of the warehouse: the published file, which no run holds, else the store; None without either."""
    if warehouse.published.exists():
        con = open_published(warehouse.published)
    elif warehouse.store.exists():
        con = open_store(warehouse.store, read_only=True)
    else:
        yield None
        return
    with con:
        yield con


def _check_page(
    reader: Reader, url: str, fetcher: Fetcher, warehouse: Warehouse, con: duckdb.DuckDBPyConnection | None
) -> PageCheck:
    good = _last_good(reader, url, warehouse, con) if con else None
    found = PageCheck(url, SAME, compared_with=good.capture.captured_at if good else None)
    known = None
    if good and good.capture.url == url:
        known = Known(good.capture.body_sha256, good.capture.etag, good.capture.last_modified)
    try:
        page = capture_of(reader.SOURCE, url, ask(fetcher, reader.SOURCE, url, known))
    except FetchError as error:
        return replace(found, state=NOT_FETCHED, message=str(error))
    if page is None:
        return replace(found, message="the server says it did not change", n_rows=_count(good.frames if good else {}))
    reading = read_capture(page, reader, read_fx_rates(REFERENCE))
    frames, found.n_rows = dict(reading.frames), reading.rows_read
    _validate(reading, reader, good, con)
    found.errors = [
        {"table": r.table, "place": r.row_locator, "label": r.model_label, "reason": r.reason}
        for r in reading.quarantine
    ]
    if good:
        found.differences = _compare(good, frames, page, is_read=reading.state == "ok" or bool(frames))
    if reading.state != "ok":
        return replace(found, state=BROKEN, message=reading.message)
    if good is None:
        return replace(found, state=FIRST, message="no good capture of this page in the warehouse to compare it with")
    return replace(found, state=CHANGED if found.differences else SAME)


def _compare(good: Good, frames: Mapping[str, pl.DataFrame], page: Capture, *, is_read: bool) -> list[Difference]:
    """Return what differs: the page's shape first, then its rows, where it could be read at all."""
    found: list[Difference] = []
    if good.page:
        found += compare_shapes(good.page, Page(page.body, page.url, page.captured_at, page.content_type))
    for table in dict.fromkeys((*good.frames, *frames)) if is_read else ():
        found += compare_rows(table, good.frames.get(table), frames.get(table))
    return found


def _validate(reading: Reading, reader: Reader, good: Good | None, con: duckdb.DuckDBPyConnection | None) -> None:
    """Validate as a run would, against the same earlier capture."""
    from expectations.validate import Earlier, validate

    source, scales = reader.SOURCE, {}
    if con:
        asked = con.execute("select benchmark_id, score_min, score_max from reference.benchmarks").fetchall()
        scales = {benchmark_id: (low, high) for benchmark_id, low, high in asked}
    earlier = None
    if good:
        declared = {table: frame for table, frame in good.frames.items() if table in source.expects}
        earlier = Earlier(good.capture.capture_id, good.capture.captured_at, declared)
    validate(reading, source, earlier=earlier, scales=scales)


def _last_good(reader: Reader, url: str, warehouse: Warehouse, con: duckdb.DuckDBPyConnection) -> Good | None:
    source = reader.SOURCE
    known = source.urls[0] if url not in source.urls and len(source.urls) == 1 else url  # a page that may have moved
    found = earlier_capture(con, source.id, known, _EVER, OBSERVATIONS)
    if found is None:
        return None
    capture, archive_file = read_state(con).captures[found[0]]
    try:
        body = archive.recall(warehouse.archive, archive_file, capture).body
        page = Page(body, capture.url, capture.captured_at, capture.content_type)
    except WarehouseError:
        page = None
    return Good(capture, found[2], page)


def _count(frames: Mapping[str, pl.DataFrame]) -> int:
    return sum(len(frame) for frame in frames.values())

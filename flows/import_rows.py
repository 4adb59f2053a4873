"""What an imported file says: rows of a raw table, the moments they were captured at, and the benchmarks they describe."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from flows.columns import check_header, csv_header, csv_rows, is_given, read_benchmark, read_rows, reject_row
from flows.errors import BadRow, LayoutChanged
from flows.records import Observation, Rejected, Source
from flows.tables import Page

Rows = list[tuple[int, dict[str, Any]]]


@dataclass
class FileReader:
    """Reads imported files; one with a captured_at column is several captures, one per moment it names.

    Rows that name no moment are of `imported_at`.
    """

    SOURCE: Source
    imported_at: datetime

    def read(self, page: Page) -> Iterator[Observation | Rejected]:
        """Yield the rows captured at the page's moment."""
        table = table_of(page.url)
        for line, row in file_rows(page.body, page.url):
            place = f"{page.place}, line {line}"
            try:
                moment, error = read_moment(row, self.imported_at, place), None
            except BadRow as bad:
                moment, error = self.imported_at, bad
            if moment == page.captured_at:
                yield from (
                    [reject_row(table, line, row, str(error))] if error else read_rows(table, [(line, row)], page.place)
                )


def table_of(url: str) -> str:
    """Return the table that an imported file's address names."""
    return url.removeprefix("import:").split("/")[0]


def media_type(body: bytes) -> str:
    """Return the media type of a file, which is Parquet or CSV."""
    return "application/vnd.apache.parquet" if body[:4] == b"PAR1" else "text/csv"


def check_file(table: str, body: bytes, place: str) -> None:
    """Raise LayoutChanged unless this is a file with rows, in the columns of the table."""
    header, rows = _parsed(body, place)
    check_header(table, header, place)
    if not rows:
        raise LayoutChanged(place, "rows under the header", "none")
    if table == "scores":
        benchmarks_of(body, place)


def file_rows(body: bytes, place: str) -> Rows:
    """Return line number and cells of each row of a file."""
    return _parsed(body, place)[1]


@lru_cache(maxsize=4)
def _parsed(body: bytes, place: str) -> tuple[tuple[str, ...], Rows]:
    if body[:4] == b"PAR1":
        import polars as pl

        try:
            frame = pl.read_parquet(io.BytesIO(body))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise LayoutChanged(place, "a whole Parquet file", str(error).splitlines()[0]) from None
        return tuple(frame.columns), list(enumerate(frame.iter_rows(named=True), 1))
    if place.endswith(".parquet"):
        raise LayoutChanged(place, "a Parquet file", f"bytes that begin with {body[:4]!r}")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LayoutChanged(place, "a CSV file in UTF-8, or a Parquet file", str(error)) from None
    return tuple(csv_header(text)), list(csv_rows(text, place))


def moments_of(body: bytes, url: str, imported_at: datetime) -> list[datetime]:
    """Return the moments of a file's rows, oldest first."""
    moments = set()
    for line, row in file_rows(body, url):
        try:
            moments.add(read_moment(row, imported_at, f"line {line}"))
        except BadRow:
            moments.add(imported_at)
    return sorted(moments)


def read_moment(row: Mapping[str, Any], imported_at: datetime, place: str) -> datetime:
    """Return when a row was captured, UTC without a zone; BadRow if that cannot be read or has not been yet."""
    value = row.get("captured_at")
    if not is_given(value):
        return imported_at
    place, expected = f"{place}, column 'captured_at'", "a time such as 2024-07-10T00:00:00"
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        moment = (
            value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip().replace(" UTC", "Z"))
        )
    except ValueError:
        raise BadRow(place, expected, repr(value)) from None
    moment = (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None, microsecond=0)
    if moment > imported_at:
        raise BadRow(place, f"{expected}, not in the future", repr(value))
    return moment


def benchmarks_of(body: bytes, place: str) -> dict[str, dict[str, Any]]:
    """Return what the rows of a file say of their benchmarks; LayoutChanged if two rows contradict each other.

    A row whose description cannot be read says nothing; it is rejected when the rows are read.
    """
    found: dict[str, dict[str, Any]] = {}
    for line, row in file_rows(body, place):
        try:
            facts = read_benchmark(row, place)
        except BadRow:
            continue
        known = found.setdefault(str(row.get("benchmark_id") or "").strip(), {})
        for column, value in facts.items():
            if known.setdefault(column, value) != value:
                said = f"{known[column]!r} and {value!r}"
                raise LayoutChanged(f"{place}, line {line}", f"one {column} of {row.get('benchmark_id')}", said)
    return {name: facts for name, facts in found.items() if name and facts}

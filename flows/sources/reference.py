"""The baseline: scores, prices, speeds and run costs kept by hand in warehouse/reference, each row with the address it was taken from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from flows.columns import check_header, csv_header, csv_rows, read_rows
from flows.errors import LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, days
from flows.tables import Page

SOURCE = Source(
    id="reference",
    title="Baseline scores, prices, speeds and run costs, kept by hand",
    kind="reference",
    urls=tuple(f"warehouse/reference/{table}.csv" for table in ("scores", "prices", "speeds", "run_costs")),
    publisher="llm-convergence",
    licence="facts; attribution in each row's notes and source_url",
    may_republish=True,
    min_rows=50,
    expects={
        "scores": Expect(max_ratio=1000),
        "prices": Expect(low=0, high=1000),
        "speeds": Expect(low=0, high=10_000),
        "run_costs": Expect(),
    },
    cadence=days(36_500),
    precedence=30,
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the rows of the CSV, whose name is the table's."""
    table = PurePosixPath(page.url).stem
    check_header(table, csv_header(page.text), page.place)
    lines = list(csv_rows(page.text, page.place))
    if not lines:
        raise LayoutChanged(page.place, "rows", "none")
    yield from read_rows(table, lines, page.place)

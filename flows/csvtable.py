"""Read a page that is a CSV file: the same labelled rows as a table's, each with its line in the file.

A row with more or fewer cells than the header is no row of the table: it comes as Rejected. At the very end of the file it
is the mark of a body that was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.cells import Cell, Name, Row, Table, short
from flows.columns import csv_header, csv_rows
from flows.errors import LayoutChanged
from flows.records import Observation, Rejected
from flows.values import squash

if TYPE_CHECKING:
    from flows.tables import Page


@dataclass
class CsvTable(Table):
    """The one table of a CSV file; `misfits` are the rows whose cells the header does not name."""

    misfits: list[Row] = field(default_factory=list)

    def read(
        self, parse: Callable[[Row], Iterable[Observation]], *, into: str, label: Name | None = None
    ) -> Iterator[Observation | Rejected]:
        """Yield what `parse` makes of each row; a row it cannot read, and each misfit, as Rejected for table `into`."""
        yield from super().read(parse, into=into, label=label)
        yield from self.rejects(into)

    def rejects(self, into: str) -> Iterator[Rejected]:
        """Yield the misfits as Rejected for table `into`."""
        for row in self.misfits:
            cells = {f"cell {n}": cell.text for n, cell in enumerate(row.cells, 1)}
            reason = f"{row.place}: expected {len(self.paths)} cells, as the header has; found another number"
            yield Rejected(table=into, row_locator=row.locator, reason=reason, cells=cells)


def csv_table(page: Page, *, having: Sequence[Name]) -> CsvTable:
    """Return the rows of a page that is a CSV file; LayoutChanged if a column of `having` is missing, or the end is."""
    header = [squash(name) for name in csv_header(page.text)]
    table = CsvTable(page, 1, 1, (), (), "", [(name,) if name else () for name in header])
    missing = [name for name in having if not table.has(name)]
    if missing:
        found = short(f"columns {header}", 300)
        raise LayoutChanged(page.place, f"a CSV file with columns {', '.join(map(repr, having))}", found)
    for number, (line, cells) in enumerate(csv_rows(page.text, page.place), 1):
        fits = None not in cells
        words = [Cell(squash(str(text))) for name, text in cells.items() if name is not None]
        (table.rows if fits else table.misfits).append(Row(table, words, number, line))
    last = max((row.number for row in table.rows), default=0)
    if table.misfits and table.misfits[-1].number > last:
        found = f"{len(table.misfits[-1].cells)} of them on its last line: the body is cut off"
        raise LayoutChanged(table.misfits[-1].place, f"{len(header)} cells, as the header has", found)
    return table

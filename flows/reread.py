"""Read an archived page again, watching which rows and objects its reader gives as places.

So a locator means what the reader meant by it, and it shows whether today's reader still finds the figure there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flows.cells import Cell, Row, locating
from flows.errors import PageError
from flows.records import Observation, Rejected
from flows.tables import Page

Read = Callable[[Page], Iterable[Observation | Rejected]]
Same = Callable[[Observation], bool]


@dataclass
class Watched(Page):
    """A page that notes the payload items its reader goes through, by their locator."""

    items: dict[str, Any] = field(default_factory=dict)

    def read_values(
        self, items: Iterable[Any], parse: Any, *, into: str, label: str, at: str
    ) -> Iterator[Observation | Rejected]:
        """Read payload items as any page does, and note each."""
        kept = list(items)
        self.items |= {f"{at}[{n}]": item for n, item in enumerate(kept)}
        yield from super().read_values(kept, parse, into=into, label=label, at=at)


class Trace:
    """A page read again: its observations, and the rows and objects behind them."""

    def __init__(self, page: Page, read: Read | None) -> None:
        """Read the page with today's reader, where there is one; an error is kept, not raised."""
        self.page = Watched(page.body, page.url, page.captured_at, page.content_type)
        self.read = read
        self.error: str | None = None if read else "there is no reader of this source any more"
        with locating() as self.rows:
            self.observations = self._observe()

    def _observe(self) -> list[Observation]:
        found: list[Observation] = []
        try:
            found.extend(o for o in (self.read(self.page) if self.read else ()) if isinstance(o, Observation))
        except PageError as error:
            self.error = f"today's reader cannot read the page: {error}"
        except Exception as error:  # noqa: BLE001 - a reader that breaks is told, and the page is quoted all the same
            self.error = f"today's reader breaks on the page: {type(error).__name__}: {error}"
        return found

    def takes(self, row: Row, column: int, same: Same, attribute: str) -> bool:
        """Return whether the reader takes a figure from a cell: whether it changes with the last digit of the cell."""
        before = [getattr(o, attribute, None) for o in self.observations if same(o)]
        kept, error = row.cells[column], self.error
        row.cells[column] = Cell(re.sub(r"[0-9](?=\D*$)", lambda m: str((int(m[0]) + 1) % 10), kept.text))
        try:
            after = [getattr(o, attribute, None) for o in self._observe() if same(o)]
            return self.error == error and after != before
        finally:
            row.cells[column], self.error = kept, error

    def row(self, locator: str) -> Row | None:
        """Return the row a locator names: one the reader spoke of, else one of the page's tables; None if none does."""
        names = [name for name in self.rows if locator == name or locator.startswith((f"{name},", f"{name} "))]
        rows = self.rows[max(names, key=len)] if names else self._table_rows(locator)
        own = [row for row in rows if row.table.page is self.page] or rows
        return own[-1] if own else None

    def _table_rows(self, locator: str) -> list[Row]:
        match = re.search(r"table (\d+) row (\d+)", locator)
        if not match or "not shown" in locator:
            return []
        try:
            tables = [t for t in self.page.tables if t.number == int(match[1])]
        except PageError:
            return []
        return [row for table in tables for row in table.rows if row.number == int(match[2])]

"""Tables as labelled cells: what a page's table is to its reader, whatever markup it came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Observation, Rejected
from flows.values import Money, squash

if TYPE_CHECKING:
    from flows.tables import Page

Name = str | tuple[str, ...]
T = TypeVar("T")
_LOCATED: ContextVar[dict[str, list[Row]] | None] = ContextVar("located rows", default=None)


@dataclass(frozen=True)
class Cell:
    """One cell: its text as a reader sees it, and the lxml element it came from (None in markdown).

    `links` are the words of the links in a markdown cell.
    """

    text: str
    element: Any = None
    links: tuple[str, ...] = ()

    @property
    def link(self) -> str | None:
        """Return the words of the cell's one link; None if it has none, or several with other words."""
        from flows.markup import text_of

        found = self.links if self.element is None else tuple(text_of(node) for node in self.element.iter("a"))
        words = {text for text in found if text}
        return words.pop() if len(words) == 1 else None

    def without(self, *tags: str) -> str:
        """Return the text without the elements of these tags, such as 'del' (a price struck out) or 'sup' (a footnote)."""
        from flows.markup import text_of

        return self.text if self.element is None else text_of(self.element, without=frozenset(tags))


EMPTY = Cell("")  # in place of a cell that a row does not have


@dataclass
class Row:
    """One body row of a table, its cells spread over the columns they span."""

    table: Table
    cells: list[Cell]
    number: int
    line: int | None
    is_hidden: bool = False
    section: str | None = None
    element: Any = None
    details: list[Cell] = field(default_factory=list)

    @property
    def locator(self) -> str:
        """Say where the row stands: its line on the page, its table and its number in it."""
        line = f"line {self.line}, " if self.line else ""
        locator = f"{line}table {self.table.number} row {self.number}"
        if (located := _LOCATED.get()) is not None:
            located.setdefault(locator, []).append(self)
        return locator

    @property
    def place(self) -> str:
        """Name the page and the row, for errors."""
        return f"{self.table.page.place}, {self.locator}"

    @property
    def is_short(self) -> bool:
        """Return whether the row has fewer cells than its table has columns: which ones it lacks cannot be told."""
        return any(cell is EMPTY for cell in self.cells)

    def __getitem__(self, name: Name) -> str:
        """Return the text of the cell under a header; LayoutChanged if no column or several answer to the name."""
        return self.cell(name).text

    def cell(self, name: Name) -> Cell:
        """Return the cell under a header."""
        return self.cells[self.table.column(name)]

    def has(self, name: Name) -> bool:
        """Return whether there is such a column and the cell says something ('-' and 'n/a' say nothing)."""
        return self.table.has(name) and not values.is_missing(self[name])

    def as_dict(self) -> dict[str, str]:
        """Return header to text, for quarantine; columns without a label, or with one taken, go by their number."""
        found: dict[str, str] = {}
        for n, (label, cell) in enumerate(zip(self.table.header, self.cells, strict=True), 1):
            key = label or f"column {n}"
            if key in found and found[key] != cell.text:
                key = f"{key} (column {n})"
            found[key] = cell.text
        return found

    def _read(self, name: Name, reader: Callable[[str], T]) -> T:
        text = self[name]
        try:
            return reader(text)
        except (ValueError, ArithmeticError) as error:
            raise BadRow(self._at(name), str(error), short(repr(text))) from None

    def _at(self, name: Name) -> str:
        return f"{self.place}, column {self.table.header[self.table.column(name)]!r}"

    def text(self, name: Name) -> str:
        """Return the text under a header; BadRow if the cell is empty."""
        text = self[name]
        if not text:
            raise BadRow(self._at(name), "a text", "an empty cell")
        return text

    def percent(self, name: Name, *, sign: bool = True) -> float:
        """Return a percentage, 0 to 100; BadRow without the % sign if the page writes signs."""
        return self._read(name, lambda text: values.read_percent(text, sign=sign))

    def number_in(self, name: Name) -> float:
        """Return a plain number."""
        return self._read(name, values.read_number)

    def integer(self, name: Name) -> int:
        """Return a whole number."""
        return self._read(name, values.read_integer)

    def money(self, name: Name, *, unit: str | None = None, currency: str | None = None) -> Money:
        """Return an amount with currency and unit; BadRow where either is not to be told."""
        return self._read(name, lambda text: values.read_money(text, unit=unit, currency=currency))

    def date(self, name: Name) -> date:
        """Return a date."""
        return self._read(name, values.read_date)

    def range(self, name: Name) -> tuple[float, float]:
        """Return low and high of a range such as '40-50'."""
        return self._read(name, values.read_range)

    def interval(self, name: Name, around: float) -> tuple[float, float]:
        """Return the ends of a confidence interval round a score."""
        return self._read(name, lambda text: values.read_interval(text, around))

    def fields(self) -> dict[str, str]:
        """Return the labelled values ('<strong>Pass rate 1:</strong> 52.0') of the detail rows under this row."""
        from flows.markup import labelled_values

        elements = (cell.element for cell in self.details if cell.element is not None)
        return {label: value for element in elements for label, value in labelled_values(element).items()}


@dataclass
class Table:
    """A table with one label per column; rows of a multi-row header are joined by ' / '.

    `headings` are the headings over it, outermost first; `over` the other text, block by block, since the last heading or
    table above it; `before` all words since the table above it (or the page's start), headings among them; `caption` its own
    caption. A column the header does not reach has an empty label. `heads` are the lowest header cells of an HTML table.
    """

    page: Page
    number: int
    line: int | None
    headings: tuple[str, ...]
    over: tuple[str, ...]
    caption: str
    paths: list[tuple[str, ...]]
    rows: list[Row] = field(default_factory=list)
    before: tuple[str, ...] = ()
    heads: list[Cell] = field(default_factory=list)

    @property
    def header(self) -> list[str]:
        """Return the label of each column."""
        return [" / ".join(path) for path in self.paths]

    @property
    def place(self) -> str:
        """Name the page and the table, for errors."""
        line = f" (line {self.line})" if self.line else ""
        under = f" under {short(self.headings[-1], 100)!r}" if self.headings else ""
        return f"{self.page.place}, table {self.number}{line}{under}"

    def columns(self, name: Name) -> list[int]:
        """Return the columns that answer to a name (or to one of several): the whole label, or else one part of it."""
        names = {_key(n) for n in ((name,) if isinstance(name, str) else name)}
        whole = [i for i, label in enumerate(self._keys) if label in names]
        return whole or [i for i, path in enumerate(self.paths) if any(_key(part) in names for part in path)]

    @property
    def _keys(self) -> list[str]:
        return [_key(label) for label in self.header]

    def has(self, name: Name) -> bool:
        """Return whether a column answers to the name."""
        return bool(self.columns(name))

    def column(self, name: Name) -> int:
        """Return the one column that answers to the name; LayoutChanged if there is none, or more than one."""
        found = self.columns(name)
        if len(found) != 1:
            many = f"{len(found)} such columns" if found else "none"
            raise LayoutChanged(self.place, f"one column {name!r}", short(f"{many} in {self.header}"))
        return found[0]

    def read(
        self, parse: Callable[[Row], Iterable[Observation]], *, into: str, label: Name | None = None
    ) -> Iterator[Observation | Rejected]:
        """Yield what `parse` makes of each row; a row it cannot read is yielded as Rejected for table `into`."""
        for row in self.rows:
            try:
                yield from list(parse(row))
            except BadRow as error:
                words = row[label] if label is not None and self.has(label) else None
                yield Rejected(
                    table=into, row_locator=row.locator, reason=str(error), model_label=words, cells=row.as_dict()
                )


@contextmanager
def locating() -> Iterator[dict[str, list[Row]]]:
    """Yield what will hold, by its locator, every row whose place is asked for meanwhile: the rows behind observations."""
    located: dict[str, list[Row]] = {}
    token = _LOCATED.set(located)
    try:
        yield located
    finally:
        _LOCATED.reset(token)


def short(text: str, most: int = 2000) -> str:
    """Return the text, its end cut off if it is too long for an error."""
    return text if len(text) <= most else f"{text[:most]} ..."


def _key(text: str) -> str:
    return squash(text).casefold()

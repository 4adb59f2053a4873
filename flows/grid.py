"""Expand HTML tables into labelled cells, as a browser would lay them out.

Spans end with their row group (HTML Living Standard, 4.9.12, "ending a row group"); rowspan=0 reaches that end. The parser
does not repair tables as a browser does, so rows, cells and tables out of their place are sorted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.cells import EMPTY, Cell, Row, Table
from flows.errors import LayoutChanged
from flows.markup import BLOCKS, UNSEEN, is_hidden, text_of
from flows.values import squash

if TYPE_CHECKING:
    from flows.tables import Page

MAX_SPAN = 1_000
MAX_ROWSPAN = 65_534
MAX_CELLS = 2_000_000
MAX_LINE = 65_534  # the parser counts no further
MAX_HEAD = 6  # rows
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_UNREAD = UNSEEN - {"head"}
_CELLS = frozenset({"td", "th"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_INNER = _CELLS | {"table", "tr"}
_TAKEN = _CELLS | {"caption", *_HEADINGS}  # their words are read with them, and stand over nothing
_WHOLE = re.compile(r"\s*\+?(\d{1,9})")


@dataclass
class _Budget:
    """What is left of the cells and characters that one page may expand to."""

    place: str
    chars: int
    cells: int = field(default_factory=lambda: MAX_CELLS)

    def spend(self, *, cells: int = 0, chars: int = 0) -> None:
        self.cells -= cells
        self.chars -= chars
        if self.cells < 0 or self.chars < 0:
            limit = f"tables of at most {MAX_CELLS:,} cells and no more text than the page"
            raise LayoutChanged(self.place, limit, "more, after expanding spans and nested tables")


@dataclass
class Context:
    """What stands over the next table: headings by level, and the text blocks since the last heading, the last table."""

    headings: dict[int, str] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def end_block(self) -> None:
        """Make one block of the words since the last one."""
        if self.words and (text := squash("".join(self.words))):
            self.over.append(text)
            self.before.append(text)
        self.words = []

    def open(self, level: int, words: str) -> None:
        """Take a heading; those at its level and below end."""
        self.end_block()
        self.headings = {n: w for n, w in self.headings.items() if n < level} | {level: words}
        self.before.append(words)
        self.over = []

    def stand_over(self, table: Table) -> None:
        """Give a table what stands over it, and forget the text."""
        self.end_block()
        table.headings = tuple(self.headings[n] for n in sorted(self.headings))
        table.over, table.before = tuple(self.over), tuple(self.before)
        self.over, self.before = [], []


def html_tables(
    page: Page, root: Any, *, first: int = 1, line: int = 0, context: Context | None = None
) -> Iterator[Table]:
    """Yield the tables below `root`; HTML inside markdown gives its line and what stands over it on the page."""
    context = context or Context()
    budget = _Budget(page.place, chars=4 * len(page.text) + 10_000)
    number, inside = first, 0
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        seen = isinstance(node.tag, str) and node.tag not in _UNREAD
        if done or not seen:
            inside -= seen and node.tag in _TAKEN
            if node.tag in BLOCKS:
                context.end_block()
            if not inside and node.tail:
                context.words.append(node.tail)
            continue
        stack.append((node, True))
        if node.tag in BLOCKS:
            context.end_block()
        if node.tag in _HEADINGS:
            if words := text_of(node):
                context.open(_HEADINGS[node.tag], words)
        elif node.tag == "table":
            table = _Laid(page, node, budget).table(number, line)
            if table.paths:
                context.stand_over(table)
                number += 1
                yield table
        inside += node.tag in _TAKEN
        if not inside and node.text:
            context.words.append(node.text)
        stack.extend((child, False) for child in reversed(node))


# --- One table ----------------------------------------------------------------------------------------------------------


@dataclass
class _Line:
    """A row as it is written: its own cells, and the row group that bounds their spans."""

    element: Any
    group: Any
    is_implied: bool = False
    cells: list[Any] = field(default_factory=list)

    @property
    def is_in_head(self) -> bool:
        return self.group is not None and self.group.tag == "thead"

    @property
    def is_all_th(self) -> bool:
        return all(cell.tag == "th" for cell in self.cells)


def _lines(table: Any) -> tuple[list[_Line], Any]:
    """Return the rows of a table without those of tables inside it, and its caption.

    Cells outside a row make one of their own; a cell or row inside an unclosed cell belongs to the table all the same.
    """
    lines: list[_Line] = []
    caption = None
    stack: list[tuple[Any, _Line | None, Any]] = [(child, None, None) for child in reversed(table)]
    while stack:
        node, line, group = stack.pop()
        if node.tag == "table" or not isinstance(node.tag, str):
            continue
        if node.tag in _GROUPS:
            line, group = None, node
        elif node.tag == "tr":
            line = _Line(node, group)
            lines.append(line)
        elif node.tag == "caption" and caption is None:
            caption = node
        elif node.tag in _CELLS:
            if line is None:
                if not (lines and lines[-1].is_implied and lines[-1].group is group):
                    lines.append(_Line(node, group, is_implied=True))
                line = lines[-1]
            line.cells.append(node)
        stack.extend((child, line, group) for child in reversed(node))
    return lines, caption


def _span(cell: Any, name: str, most: int) -> int:
    """Return a span as HTML reads it: leading digits count, nonsense is 1, 0 stays 0 (to the end of the group)."""
    match = _WHOLE.match(cell.get(name) or "")
    return min(int(match[1]), most) if match else 1


class _Laid:
    """A table laid out: every row as the list of cells over the columns it spans."""

    def __init__(self, page: Page, element: Any, budget: _Budget) -> None:
        self.page, self.element, self.budget = page, element, budget
        written, self.caption = _lines(element)
        expanded = self._expand(written)
        self.lines = [line for line in written if line.cells]
        self.grid = [cells for line, cells in zip(written, expanded, strict=True) if line.cells]

    def _cell(self, element: Any) -> Cell:
        """Read a cell; tables in it are read on their own, unless it says nothing else."""
        text = text_of(element, without=_INNER)
        if not text and element.tag == "th":
            text = text_of(element, without=_INNER, buttons=True)  # a header to sort by
        if not text and next(element.iter("table"), None) is not None:
            text = text_of(element)
        self.budget.spend(chars=len(text))
        return Cell(text, element)

    def _expand(self, lines: list[_Line]) -> list[list[Cell]]:
        grid: list[list[Cell]] = []
        waiting: dict[int, tuple[int, Cell]] = {}
        group: Any = None
        for line in lines:
            if line.group is not group:
                waiting, group = {}, line.group
            grid.append(self._expand_line(line, waiting))
            waiting = {column: (n - 1, cell) for column, (n, cell) in waiting.items() if n > 1}
        return grid

    def _expand_line(self, line: _Line, waiting: dict[int, tuple[int, Cell]]) -> list[Cell]:
        """Lay out one row; `waiting` holds, by column, the cells that reach down into it, and for how many rows."""
        laid = {column: cell for column, (_, cell) in waiting.items()}
        column = 0
        for element in line.cells:
            while column in laid:
                column += 1
            cell = self._cell(element)
            down = _span(element, "rowspan", MAX_ROWSPAN) or MAX_ROWSPAN
            across = _span(element, "colspan", MAX_SPAN) or 1
            self.budget.spend(cells=across)
            for place in range(column, column + across):
                if place not in laid:
                    laid[place] = cell
                    if down > 1:
                        waiting[place] = (down, cell)
            column += across
        width = max(laid, default=-1) + 1
        self.budget.spend(cells=width)
        return [laid.get(place, EMPTY) for place in range(width)]

    def _head_depth(self) -> int:
        """Return how many rows are the header: those of a thead, or of th only, else the first one.

        A title over all columns makes no header alone, unless it is all there is; after the header it titles a section.
        """
        depth, has_labels = 0, False
        for line, cells in zip(self.lines, self.grid, strict=True):
            is_title = _is_one(cells)
            if line.is_in_head or (line.is_all_th and (not has_labels or _n_labels(cells) > 1)):
                depth += 1
                has_labels |= not is_title
            elif depth == 0 or (not has_labels and not any(line.is_all_th for line in self.lines[:depth])):
                depth += 1
                has_labels = not is_title
                if has_labels:
                    break
            else:
                break
        if depth == len(self.lines) > 1 and not self.lines[0].is_in_head:
            depth = 1
        return self._reach_of(depth)

    def _reach_of(self, depth: int) -> int:
        """Return the depth with the rows that a cell of the header reaches down to, beside others that do not."""
        for n, line in enumerate(self.lines[:depth]):
            spans = [_span(cell, "rowspan", MAX_ROWSPAN) or 1 for cell in line.cells]
            if not line.is_in_head and min(spans) == 1 < max(spans) <= MAX_HEAD:
                depth = max(depth, min(n + max(spans), len(self.lines)))
        return depth

    def table(self, number: int, line: int) -> Table:
        """Return the table with its header and rows; `line` is added to line numbers."""
        depth = self._head_depth()
        head = self.grid[:depth]
        width = self._width(depth)
        caption = text_of(self.caption) if self.caption is not None else ""
        paths = [_path(head, column) for column in range(width)]
        table = Table(self.page, number, _line_of(self.element, line), (), (), caption, paths)
        table.heads = (head[-1] + [EMPTY] * width)[:width] if head else []
        self.budget.spend(cells=width * (len(self.lines) - depth))
        repeats = {_texts(cells) for cells in head} if width > 1 else set()
        section: str | None = None
        for n, (own, cells) in enumerate(zip(self.lines[depth:], self.grid[depth:], strict=True), 1):
            if _is_one(cells):
                section = self._add_detail(table, own, cells[0], section)
            elif _texts(cells) not in repeats:
                laid = (cells + [EMPTY] * (width - len(cells)))[:width]
                at = _line_of(own.element, line)
                table.rows.append(Row(table, laid, n, at, self._is_hidden(own), section, own.element))
        return table

    def _add_detail(self, table: Table, own: _Line, cell: Cell, section: str | None) -> str | None:
        """Give a cell over all columns to the row before it, and return the section it opens for the rows after it."""
        if table.rows:
            table.rows[-1].details.append(cell)
        return section if own.group is not None and own.group.tag == "tfoot" else cell.text

    def _width(self, depth: int) -> int:
        """Return the number of columns: as far as header or filled cells go, not as far as an empty span reaches."""
        body = [cells for cells in self.grid[depth:] if not _is_one(cells)]
        filled = max((_filled(cells) for cells in body), default=0)
        width = max((len(cells) for cells in self.grid[:depth]), default=0)
        longest = max((len(cells) for cells in body), default=width)
        while width > max(longest, 1) and all(
            len(row) < width or row[width - 1] is row[width - 2] for row in self.grid[:depth]
        ):
            width -= 1
        return max(width, filled)

    def _is_hidden(self, own: _Line) -> bool:
        return any(is_hidden(element) for element in (own.element, own.group) if element is not None)


def _is_one(cells: list[Cell]) -> bool:
    """Return whether one cell spans all the columns (there are two or more of them)."""
    return len(cells) > 1 and all(cell is cells[0] for cell in cells)


def _n_labels(cells: list[Cell]) -> int:
    return len({cell.text for cell in cells if cell.text})


def _filled(cells: list[Cell]) -> int:
    return max((n for n, cell in enumerate(cells, 1) if cell.text), default=0)


def _texts(cells: list[Cell]) -> tuple[str, ...]:
    return tuple(cell.text.casefold() for cell in cells)


def _line_of(element: Any, added: int) -> int | None:
    line = element.sourceline
    return line + added if line and line <= MAX_LINE else None


def _path(head: list[list[Cell]], column: int) -> tuple[str, ...]:
    """Return the labels over a column, from the top, each once."""
    parts: list[str] = []
    for row in head:
        words = row[column].text if column < len(row) else ""
        if words and words not in parts[-1:]:
            parts.append(words)
    return tuple(parts)

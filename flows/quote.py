"""Find on an archived page the place that a row locator names, and the words there that hold a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flows.cells import Row
from flows.errors import PageError
from flows.quote_data import (
    Place,
    crop,
    json_place,
    line_place,
    lines_of,
    matching,
    member_place,
    object_place,
    payload_place,
)
from flows.reread import Same, Trace

_COLUMN = re.compile(r", column '(.*?)'(?=$|; )", re.DOTALL)
_PAYLOAD = re.compile(r"payload ((?:row|script) \w+), (\$.*)", re.DOTALL)
_CARD = re.compile(r"line \d+, card '(.*)'", re.DOTALL)
_FURTHER = re.compile(r"; [^;]*?(?=line \d+, table \d+ row \d+)")
_LINE = re.compile(r"(?:^|\s)line (\d+)\b")
_MEMBER = re.compile(r"(?P<file>\S.*?)[ ,]+line (?P<line>\d+)")


def find_place(
    trace: Trace, locator: str, figures: Mapping[str, Any], same: Same, names: Sequence[str] = (), label: str = ""
) -> Place:
    """Return the place a locator names; `figures`, by the observation's attribute, are looked for there.

    `same` tells the observation itself, `label` is its model's; `names` are the columns that a file of ours has the
    figures under.
    """
    page = trace.page
    try:
        if locator.startswith("$"):
            return json_place(page.text, locator, figures)
        if match := _PAYLOAD.fullmatch(locator):
            return payload_place(page, match[1], match[2], figures)
        if page.body[:4] == b"PK\x03\x04" and (match := _MEMBER.match(locator)):
            return member_place(page, match["file"], int(match["line"]), figures, names)
        if locator in page.items:
            return object_place("script payload", page.items[locator], figures)
        parts = _FURTHER.split(locator)  # 'line 5, table 1 row 2; time to the first token at line 9, table 2 row 2'
        if rows := [(part, row) for part in parts if (row := trace.row(part)) is not None]:
            return _joined([_row_place(trace, row, part, figures, same, label) for part, row in rows])
        if match := _LINE.search(locator):
            card = _CARD.fullmatch(locator)
            return line_place(page, int(match[1]), figures, names, card[1] if card else "")
        return Place("page", "", note=f"no such place on the page: {locator}")
    except (PageError, ValueError, LookupError, TypeError, RecursionError) as error:
        return Place("page", "", note=f"the place cannot be found on the page: {error}")


def _joined(places: Sequence[Place]) -> Place:
    words, cells = " / ".join(place.words for place in places), tuple(c for place in places for c in place.cells)
    return Place(places[0].kind, words, cells, places[0].note)


def _row_place(trace: Trace, row: Row, locator: str, figures: Mapping[str, Any], same: Same, label: str) -> Place:
    page = row.table.page
    is_file = type(row.table).__name__ == "CsvTable"
    lines = lines_of(page.text)
    is_line = is_file or (page.is_markdown and row.line is not None and "|" in lines[row.line - 1])
    words = lines[row.line - 1] if is_line and row.line else " | ".join(cell.text for cell in row.cells)
    kind = "CSV file" if is_file else "markdown table" if page.is_markdown else "HTML table"
    cells = _cells_under(row, column[1]) if (column := _COLUMN.search(locator)) else []
    cells = cells or _cells_of(trace, row, figures, same, label)
    note = "the page has this row in its data and shows it only on demand" if row.is_hidden else None
    return Place(kind, crop(words, cells), tuple(cells), note)


def _cells_under(row: Row, name: str) -> list[tuple[str, str]]:
    """Return the cell under the header that a locator names, or that begins with the name it gives."""
    header = row.table.header
    at = row.table.columns(name) or [
        n for n, label in enumerate(header) if label.casefold().startswith(name.casefold())
    ]
    return [(header[n], row.cells[n].text) for n in at[:1] if n < len(row.cells)] if len(at) == 1 else []


def _cells_of(trace: Trace, row: Row, figures: Mapping[str, Any], same: Same, label: str) -> list[tuple[str, str]]:
    """Return the cells of a row that hold the figures: what shows them, and of several that do, what the reader took.

    The name of a model is no figure, though it may have a number in it.
    """
    header = [name or f"column {n}" for n, name in enumerate(row.table.header, 1)]
    shown = list(zip(header, (cell.text for cell in row.cells), strict=False))
    found: list[tuple[str, str]] = []
    for attribute, figure in figures.items():
        fits = matching([c for c in shown if not label or label.casefold() not in c[1].casefold()], [figure])
        if len(fits) > 1:
            taken = [c for n, c in enumerate(shown) if c in fits and trace.takes(row, n, same, attribute)]
            fits = taken or fits
        found += [cell for cell in fits or _hidden(row, header, figure) if cell not in found]
    return found


def _hidden(row: Row, header: Sequence[str], figure: Any) -> list[tuple[str, str]]:
    """Return where a figure stands that no cell shows: in the rows of details under it, or in the cell's own data."""
    if found := matching(row.fields().items(), [figure]):
        return found
    data = [
        (f"{label}, {name}", value)
        for label, cell in zip(header, row.cells, strict=False)
        if cell.element is not None
        for element in cell.element.iter()
        for name, value in element.attrib.items()
        if str(name).startswith("data-")
    ]
    return matching(data, [figure])

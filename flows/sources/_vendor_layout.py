"""How a vendor's table is laid out: which of its rows or columns are benchmarks, which are models, and which say how.

Benchmarks as rows or as columns is told by where the known names stand, the words of the header deciding only where no name is
known. A table that neither names a benchmark nor says that it holds some is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flows.cells import Cell, Row, Table
from flows.sources._benchmark_words import understand, without_marks
from flows.values import is_missing, squash

_BENCHMARK = re.compile(
    r"benchmarks?|datasets?|tasks?|evals?|evaluations?|benchmark ?/.*|.*\bbenchmarks?|\u57fa\u51c6.*", re.I
)
_MODEL = re.compile(r"models?( ?names?)?|names?|llms?|\u6a21\u578b", re.I)
_SHOTS = re.compile(r"[#\\ ]*(of )?-?shots?|n-shot|few-shot|shots? ?/.*|prompt(ing)?|settings?|setup", re.I)
_METRIC = re.compile(r"(?:method ?/ ?)?metrics?|measure", re.I)
_LANGUAGE = re.compile(r"languages?", re.I)
_FACT = re.compile(
    r"[# ]*(?:non-?emb\w*|active|activated|total|live|trainable)?[ #]*(?:params?|parameters)\b.*|category|categories|domains?"
    r"|capability|capabilities|modality|types?|areas?|architecture|context.*|size|rank|release.*|date|licen[cs]e|notes?"
    r"|sources?|description|(?:train\w* )?tokens"
    r"|(?:cost|price|latency|speed|throughput|time|memory|v?ram)(?: .*)?|std\.?|random(?: \w+)?|human(?: baseline| expert\w*)?"
    r"|\u5f00\u6e90/\u95ed\u6e90|.*\blength|(?:overall )?(?:avg|average|mean)\.?|delta|\u0394|improvement|\bgain\b|download|#.*",
    re.I,
)


_ASKED = re.compile(r"\d[\d.,]*\s*(?:%|[\w ,*-]*\bshots?\b)", re.I)


class Entry(NamedTuple):
    """A model's cell in a line: the model's name, the column's header, and the title it stands under, if any."""

    label: str
    header: str
    row: Row
    cell: Cell
    title: str | None


@dataclass(frozen=True)
class Line:
    """A benchmark of a table: its name there, its row (None where it has a column), its shots, metric and language, its cells."""

    table: Table
    row: Row | None
    name: str
    extra: tuple[str, str, str]
    entries: tuple[Entry, ...]

    @property
    def locator(self) -> str:
        """Say where the benchmark stands."""
        if self.row:
            return self.row.locator
        line = f"line {self.table.line}, " if self.table.line else ""
        return f"{line}table {self.table.number}, column {self.entries[0].header!r}"


def _label(table: Table, column: int) -> str:
    """Return a column's label as one line, without the mark of a footnote on its lowest part."""
    path = table.paths[column]
    if path and table.heads and (words := _without_notes(table.heads[column])) and path[-1] == table.heads[column].text:
        path = (*path[:-1], words)
    return " ".join(dict.fromkeys(path))


def says_fact(label: str) -> bool:
    """Return whether a row's or column's label names a fact of the models, such as '#Params'."""
    return bool(_FACT.fullmatch(_bare(label)))


def _without_notes(cell: Cell) -> str:
    return squash(cell.without("sup"))


def _is_model(table: Table, column: int) -> bool:
    """Return whether a column is the models' by the lowest part of its label; one without a label may be."""
    return bool(_MODEL.fullmatch(_bare((table.paths[column] or ("model",))[-1])))


def _bare(label: str) -> str:
    return squash(re.sub(r"\(.*?\)", " ", without_marks(label)))


def is_figure(text: str) -> bool:
    """Return whether a cell holds figures, and how they were asked: '86.4%', '42.2/36.6', '86.8% 5-shot'; not '7B', '128k'."""
    bare = without_marks(text)
    return bool(re.fullmatch(r"[-+\u2212\d.,%\u00b1/()\s]*\d[\d.,%\u00b1/()\s]*", bare) or _ASKED.match(bare))


def lines_of(table: Table, own: Mapping[str, str], is_passed: Callable[[str], bool]) -> list[Line] | None:
    """Return a table's benchmarks, whichever way round it is; None if it names none and does not say that it does."""
    width = range(len(table.header))
    across = sum(understand(_label(table, n), own) is not None for n in width)
    down = [len({_name_in(r, n) for r in table.rows if understand(_name_in(r, n), own)}) for n in width]
    most = max(down, default=0)
    called = [
        n for n in width if _BENCHMARK.fullmatch(_bare(_label(table, n))) and not understand(_label(table, n), own)
    ]
    if most > across or (called and most == across == 0 and _has_figures(table)):
        column = called[0] if called and not most else down.index(most)
        return list(_down(table, column, is_passed)) if _has_figures(table) else None
    models = [n for n in width if _is_model(table, n)]
    if across and (models or across > 1):
        return list(_across(table, models[0] if models else 0, is_passed))
    return None


def _name_in(row: Row, column: int) -> str:
    return _without_notes(row.cells[column])


def _has_figures(table: Table) -> bool:
    return any(is_figure(cell.text) for row in table.rows for cell in row.cells)


def _down(table: Table, column: int, is_passed: Callable[[str], bool]) -> Iterator[Line]:
    """Yield the benchmarks of a table that has one in each row."""
    roles = {n: _role(table, n) for n in range(len(table.header)) if n != column}
    models = [n for n, role in roles.items() if role == "model" and not is_passed(_label(table, n))]
    above = ""
    for row in table.rows:
        text = {role: row.cells[n].text for n, role in roles.items() if role != "model"}
        name = _name_in(row, column)
        if not name and not {"language", "metric"}.isdisjoint(roles.values()):
            name = above  # the cell above reaches down: only its language or metric changes
        above = name
        if not name and any(says_fact(row.cells[n].text) for n, role in roles.items() if role == "fact"):
            continue  # 'Average' stands in the column of categories
        entries = tuple(Entry(_label(table, n), _header(table, n), row, row.cells[n], row.section) for n in models)
        if any(not is_missing(entry.cell.text) for entry in entries):
            extra = (text.get("shots", ""), text.get("metric", ""), text.get("language", ""))
            yield Line(table, row, name, extra, entries)


def _role(table: Table, column: int) -> str:
    """Return what a column of a table with benchmarks as rows holds."""
    label = _bare(_label(table, column))
    for role, pattern in (("shots", _SHOTS), ("metric", _METRIC), ("language", _LANGUAGE), ("fact", _FACT)):
        if pattern.fullmatch(label):
            return role
    filled = [row.cells[column].text for row in table.rows if not is_missing(row.cells[column].text)]
    return "model" if any(re.search(r"\d", text) for text in filled) else "fact"


def _across(table: Table, column: int, is_passed: Callable[[str], bool]) -> Iterator[Line]:
    """Yield the benchmarks of a table that has one in each column; its first row may say how each was asked."""
    rows = [row for row in table.rows if not is_missing(row.cells[column].text)]
    titles = dict(_titles(rows, column))
    asked = dict.fromkeys(range(len(table.header)), "")
    if table.rows and not table.rows[0].cells[column].text:
        asked = {n: cell.text for n, cell in enumerate(table.rows[0].cells)}
    sizes = [n for n in range(len(table.header)) if n != column and _is_size(table, n)]
    for n in range(len(table.header)):
        for section in dict.fromkeys(row.section for row in rows):
            label = _label_in(table, n, section)
            entries = tuple(
                Entry(_sized(row, column, sizes), _header(table, n), row, row.cells[n], titles[row.number])
                for row in rows
                if row.section == section
            )
            if n in (column, *sizes) or says_fact(label) or is_passed(label):
                continue
            if any(re.search(r"\d", entry.cell.text) for entry in entries):
                yield Line(table, None, label, (asked[n], "", ""), entries)


def _titles(rows: list[Row], column: int) -> Iterator[tuple[int, str | None]]:
    """Yield the title each row stands under: its section's, or that of a row above it with a name and nothing else."""
    title = None
    for row in rows:
        if all(is_missing(cell.text) for n, cell in enumerate(row.cells) if n != column):
            title = row.cells[column].text
        yield row.number, row.section or title


def _header(table: Table, column: int) -> str:
    """Return a column's header as a row's cells go by, with its number where another one is called the same."""
    header = table.header[column]
    return header if table.header.count(header) == 1 else f"{header} (column {column + 1})"


def _is_size(table: Table, column: int) -> bool:
    """Return whether a column holds the sizes that belong to the names beside them ('Llama 2 | 7B')."""
    filled = [row.cells[column].text for row in table.rows if not is_missing(row.cells[column].text)]
    is_named = _bare(_label(table, column)).casefold() in ("", "size", "model size", "#tp", "#total params", "params")
    return is_named and bool(filled) and all(re.fullmatch(r"[\dx.]+ ?[BM]", text) for text in filled)


def _sized(row: Row, column: int, sizes: list[int]) -> str:
    name = _name_in(row, column)
    if re.search(r"\d ?[bm]\b", name, re.I):
        return name
    return " ".join([name, *(row.cells[n].text for n in sizes if not is_missing(row.cells[n].text))])


def _label_in(table: Table, column: int, section: str | None) -> str:
    """Return a column's label in a section; a title over all columns gives way to the title of a section further down."""
    path = table.paths[column]
    titles = {path[:1] for path in table.paths}
    if len(titles) == 1 and len(table.paths) > 1 and len(path) > 1 and section:
        path = (section, *path[1:])
    return " ".join(dict.fromkeys(path))

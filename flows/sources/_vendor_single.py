"""Cards of one model, whose tables do not repeat its name: 'Benchmark | Score', or one row of figures under benchmarks.

The model is the one that the nearest heading over the table names; without such a heading the page is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from flows.cells import Table
from flows.errors import LayoutChanged
from flows.sources._benchmark_words import understand
from flows.sources._vendor_layout import Entry, Line, is_figure, lines_of
from flows.values import is_missing

_SCORE = re.compile(r"(?:scores?|results?|values?|accuracy|performance)(?: ?\(?%\)?)?", re.I)
_ASKED = re.compile(r"\b(\d+|zero|five)[- ]shot performance", re.I)


def lines_of_one(
    table: Table, own: Mapping[str, str], is_passed: Callable[[str], bool], model: str
) -> list[Line] | None:
    """Return the benchmarks of a table on a card of one model, None if it is none of benchmarks."""
    lines = _lone(table, own, is_passed) if _is_lone_row(table) else lines_of(table, own, is_passed)
    return [_of(line, model) for line in lines] if lines is not None else None


def of_base(name: str) -> str:
    """Return the name of a tuned model's base, for tables of it on the tuned model's card: 'X-Base-1' for 'X-Instruct-1'."""
    return re.sub(r"(?<=[-_ ])(?:instruct|chat|it)\b", "Base", name, flags=re.I)


def _of(line: Line, model: str) -> Line:
    """Return a line with the card's model in place of the word 'Score'."""
    unnamed = [entry for entry in line.entries if _is_unnamed(entry)]
    if len(unnamed) > 1:
        unnamed = [entry for entry in unnamed if entry.label]
        if len(unnamed) > 1:
            raise LayoutChanged(line.table.place, "one column of scores", f"{[entry.header for entry in unnamed]}")
    if not unnamed:
        return line
    headings = line.table.headings
    found = next((match for words in reversed(headings) if (match := re.search(model, words, re.I))), None)
    if found is None:
        raise LayoutChanged(line.table.place, f"a heading that names the model ({model})", f"{list(headings)}")
    headers = {entry.header for entry in unnamed}
    entries = (entry._replace(label=found[0]) if entry.header in headers else entry for entry in line.entries)
    return replace(line, entries=tuple(entries))


def _is_unnamed(entry: Entry) -> bool:
    return not entry.label or bool(_SCORE.fullmatch(entry.label))


def _is_lone_row(table: Table) -> bool:
    """Return whether a table is one row of figures and nothing else."""
    filled = [cell.text for row in table.rows for cell in row.cells if not is_missing(cell.text)]
    return len(table.rows) == 1 and bool(filled) and all(is_figure(text) for text in filled)


def _lone(table: Table, own: Mapping[str, str], is_passed: Callable[[str], bool]) -> list[Line] | None:
    """Return the benchmark of each column; 'Prompt-Strict Acc' under the heading 'IFEval' is one by both."""
    said = next((match[1] for words in reversed(table.over) if (match := _ASKED.search(words))), "")
    shots = {"zero": "0", "five": "5"}.get(said.lower(), said)
    row, lines = table.rows[0], []
    for cell, label in zip(row.cells, table.header, strict=True):
        names = (label, *(f"{words} {label}" for words in table.headings[-1:] if label))
        name = next((name for name in names if understand(name, own)), label)
        if not is_passed(label):
            lines.append(Line(table, None, name, (shots, "", ""), (Entry("", label, row, cell, None),)))
    return lines if any(understand(line.name, own) for line in lines) else None

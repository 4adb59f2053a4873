"""Aider's leaderboards: how many coding exercises a model solves by editing files, and what a run of them costs.

Three boards, told by the heading over the table: code editing (133 exercises, two tries), refactoring (89, one try)
and polyglot (225, two tries). Layouts met: plain tables (2024), polyglot with its cost in cents (January 2025), and
bars with a hidden row of details under each model (since April 2025: exact cost, date, seconds, tokens). A cost of
zero stands for an unknown one: the pages write it '?', '$0.0' or nothing (free previews, models run at home).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, RunCost, Score, Source, days
from flows.tables import Page, Row, Table

SOURCE = Source(
    id="aider",
    title="Aider LLM leaderboards: code editing, refactoring and polyglot",
    kind="leaderboard",
    urls=(
        "https://aider.chat/docs/leaderboards/",
        "https://aider.chat/docs/leaderboards/edit.html",
        "https://aider.chat/docs/leaderboards/refactor.html",
    ),
    publisher="aider",
    licence="Apache-2.0",
    may_republish=True,
    min_rows=8,
    expects={
        "scores": Expect(unit="percent", low=0, high=100),
        "run_costs": Expect(low=0),
    },
    cadence=days(7),
)

_BOARDS = {  # a word of the heading: benchmark, and the detail that is its score
    "polyglot": ("aider_polyglot", "pass rate 2"),
    "refactor": ("aider_refactor", "pass rate 1"),
    "edit": ("aider_edit", "pass rate 2"),
}
_COLUMNS = {
    "model": "model",
    "score": "percent (?:completed correctly|correct)",
    "well_formed": "(?:percent using )?correct edit format",
    "edit_format": "edit format",
    "command": "command",
    "cost": r"(?:total )?cost(?: \((?:log scale|(?:us)?\$|usd)\))?",
}
_DETAILS = {"model", "edit format", "date", "test cases", "seconds per case", "total cost"}
_EDIT_FORMAT = re.compile(r"[a-z]+(?:[-_][a-z]+)*")
_NO_MODEL = re.compile(r"aider\s.*|(?:editor-)?(?:whole|u?diff|architect|patch)(?:-[a-z]+)*|[$\d.,]+\s*%?")
T = TypeVar("T")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield a score per row of each board and, where the page tells it, what the run took."""
    boards = [Board(table, columns) for table in page.tables if len(columns := _columns(table)) > 1]
    if not boards:
        there = "; ".join(str(t.header) for t in page.tables[:8])
        raise LayoutChanged(page.place, "a leaderboard with columns Model and Percent correct", there or "no table")
    for board in boards:
        board.check()
        label = board.columns["model"]
        yield from board.table.read(board.read_score, into="scores", label=label)
        if "cost" in board.columns:
            yield from board.table.read(board.read_run_cost, into="run_costs", label=label)


def _columns(table: Table) -> dict[str, str]:
    """Return which header is which column, sort arrows aside; money under another header cannot be told."""
    found: dict[str, str] = {}
    for header in table.header:
        words = values.squash(re.sub("[▲▼△▽↑↓⇅]", "", header)).casefold()
        name = next((n for n, pattern in _COLUMNS.items() if re.fullmatch(pattern, words)), None)
        if name in found or (name is None and re.search("cost|price|[$€£¥]", words)):
            raise LayoutChanged(table.place, "columns once each, money as 'Cost' of the run", str(table.header))
        if name:
            found[name] = header
    return found


@dataclass(frozen=True)
class Board:
    """One leaderboard: its table, and which header is which column."""

    table: Table
    columns: Mapping[str, str]

    @property
    def kind(self) -> tuple[str, str]:
        """Return benchmark and score's name in the details, from the innermost heading that names a board."""
        for words in (self.table.caption, *reversed(self.table.headings)):
            if found := [board for word, board in _BOARDS.items() if word in words.casefold()]:
                if len(found) == 1:
                    return found[0]
                break
        wanted = f"a heading that names one board ({', '.join(_BOARDS)})"
        raise LayoutChanged(self.table.place, wanted, str(self.table.headings))

    def check(self) -> None:
        """Raise LayoutChanged if the board is empty, columns or details are gone, or headers changed places."""
        rows, place, (_, rate) = self.table.rows, self.table.place, self.kind
        details = {name for row in rows for name in _details(row)}
        # One layout of April 2025 had the edit format in the details only.
        if gone := {"model", "score", "cost" if details else "edit_format"} - self.columns.keys():
            raise LayoutChanged(place, f"columns for {', '.join(sorted(gone))}", str(self.table.header))
        if not rows:
            raise LayoutChanged(place, "a row per model", "no rows")
        if details and (lost := {*_DETAILS, rate} - details):
            raise LayoutChanged(place, f"details {', '.join(sorted(lost))}", ", ".join(sorted(details)))
        odd = [label for row in rows if _NO_MODEL.fullmatch(label := row[self.columns["model"]])]
        if 2 * len(odd) > len(rows):
            raise LayoutChanged(place, "names of models under 'Model'", repr(odd[0]))
        if self._is_ranked("well_formed") and not self._is_ranked("score"):
            raise LayoutChanged(place, "rows ranked by their score", "rows ranked by the other percentage")

    def _is_ranked(self, name: str) -> bool:
        """Return whether a column falls from row to row, as every board's score does."""
        try:
            shares = [row.percent(self.columns[name]) for row in self.table.rows] if name in self.columns else []
        except BadRow:
            return False
        return shares == sorted(shares, reverse=True) and len(set(shares)) > 1

    def read_score(self, row: Row) -> Iterator[Observation]:
        """Yield the row's score; details, where there are any, must say the same."""
        label, variant, details = self._run(row)
        benchmark_id, rate = self.kind
        score = row.percent(self.columns["score"])
        if (exact := _figure(row, details, rate, values.read_number)) not in (None, score):
            raise BadRow(row.place, f"the score {score:g} in the details too", f"{rate} {exact:g}")
        notes = [f"command: {row[self.columns['command']]}"] if "command" in self.columns else []
        if "well_formed" in self.columns:
            notes.append(f"correct edit format: {row.percent(self.columns['well_formed']):g}%")
        yield Score(
            model_label=label,
            row_locator=row.locator,
            benchmark_id=benchmark_id,
            score=score,
            variant=variant,
            n_samples=_figure(row, details, "test cases", values.read_integer),
            measured_on=_figure(row, details, "date", values.read_date),
            notes="; ".join(notes) or None,
        )

    def read_run_cost(self, row: Row) -> Iterator[Observation]:
        """Yield what the run took; a row that tells neither cost nor time nor tokens says nothing: none."""
        label, variant, details = self._run(row)
        run = RunCost(
            model_label=label,
            row_locator=row.locator,
            benchmark_id=self.kind[0],
            variant=variant,
            total_cost_usd=self._cost(row, details),
            n_cases=_figure(row, details, "test cases", values.read_integer),
            seconds_per_case=_figure(row, details, "seconds per case", values.read_number),
            prompt_tokens=_figure(row, details, "prompt tokens", values.read_integer),
            completion_tokens=_figure(row, details, "completion tokens", values.read_integer),
            measured_on=_figure(row, details, "date", values.read_date),
        )
        if (run.total_cost_usd, run.seconds_per_case, run.prompt_tokens, run.completion_tokens) != (None,) * 4:
            yield run

    def _run(self, row: Row) -> tuple[str, str, dict[str, str]]:
        """Return model, edit format and details of a row; BadRow if the cells are not in their places."""
        label, details = row.text(self.columns["model"]), _details(row)
        variant = row[self.columns["edit_format"]] if "edit_format" in self.columns else details.get("edit format", "")
        if _NO_MODEL.fullmatch(label):
            raise BadRow(row.place, "a model's name under 'Model'", repr(label))
        if not _EDIT_FORMAT.fullmatch(variant):
            raise BadRow(row.place, "an edit format such as 'diff' or 'whole'", repr(variant))
        for name, shown in (("model", label), ("edit format", variant)):
            if details.get(name, shown) != shown:
                raise BadRow(row.place, f"details of {shown!r} under it", f"{name} {details[name]!r}")
        return label, variant, details

    def _cost(self, row: Row, details: Mapping[str, str]) -> Decimal | None:
        """Return the dollars of the whole run, exact from details or bar, else as shown; None for zero (unknown)."""
        header = self.columns["cost"]
        cell, shown = row.cell(header), Decimal("0.00")
        if not values.is_missing(cell.text):
            money = row.money(header, currency="USD" if re.search(r"\$|usd", header, re.I) else None)
            if money.currency != "USD" or money.unit:
                raise BadRow(f"{row.place}, column {header!r}", "US dollars for the whole run", repr(cell.text))
            shown = money.amount
        bars = cell.element.xpath(".//@data-cost") if cell.element is not None else []
        half_digit = Decimal(5).scaleb(int(shown.as_tuple().exponent) - 1)
        texts = (*bars, details.get("total cost", ""))
        exacts = (_figure(row, {"exact cost": text}, "exact cost", values.read_decimal) for text in texts)
        told = [exact for exact in exacts if exact is not None]
        if any(abs(exact - shown) > half_digit for exact in told):
            raise BadRow(f"{row.place}, column {header!r}", f"{told[-1]} as in bar and details", repr(cell.text))
        return (told[-1] if told else shown) or None


def _details(row: Row) -> dict[str, str]:
    return {name.casefold(): text for name, text in row.fields().items()}


def _figure(row: Row, details: Mapping[str, str], name: str, reader: Callable[[str], T]) -> T | None:
    """Return a figure of the details, None where they do not give it."""
    text = details.get(name, "")
    try:
        return None if values.is_missing(text) else reader(text)
    except ValueError as error:
        raise BadRow(f"{row.place}, {name!r} in the details", str(error), repr(text)) from None

"""OpenAI's simple-evals: academic benchmarks by one simple zero-shot prompt, by model and system prompt.

The README's table has a column per benchmark, a row per model and prompt, and rows between them that are headings: what
such a row says in a column ('MATH-500', '(5-shot)') holds for the rows under it. Models of other vendors stand in it rerun
by OpenAI, or with the figures of their own reports: those are of variant 'reported'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.sources._simple_evals import BENCHMARKS, Column, Label, bare, columns_of, footnotes_of, is_after_o1, label_of
from flows.sources._unlike import agreeing
from flows.tables import Page, Row, Table
from flows.values import is_missing, read_percent

SOURCE = Source(
    id="openai_simple_evals",
    title="OpenAI's simple-evals: benchmarks with one simple prompt",
    kind="vendor",
    urls=("https://raw.githubusercontent.com/openai/simple-evals/main/README.md",),
    publisher="OpenAI",
    licence="MIT",
    may_republish=True,
    min_rows=30,
    # From one edition to the next most names were spelled anew: 'gpt-4o', then with its date; 'Llama3 8b' gave way to 3.1.
    expects={"scores": Expect(unit="percent", low=0, high=100, max_vanished=1.0)},
    cadence=days(30),
    precedence=25,
)

# Whose reports mean which set where they say GPQA: Meta's cards and Google's reports the main one.
_REPORTED_GPQA = {"claude": "diamond", "grok": "diamond", "llama": "main", "gemini": "main"}


@dataclass
class Section:
    """What the last heading row says: its words, and for some columns another benchmark or a number of shots."""

    words: str = ""
    benchmarks: dict[int, str] = field(default_factory=dict)
    shots: dict[int, str] = field(default_factory=dict)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield a score per model, prompt and benchmark."""
    notes = footnotes_of(page.text)
    found = [(table, columns) for table in page.tables if (columns := columns_of(table))]
    if not found:
        there = "; ".join(str(table.header) for table in page.tables[:8]) or "no table"
        raise LayoutChanged(page.place, f"a table of Model and some of {', '.join(BENCHMARKS)}", there)
    for table, columns in found:
        if unsaid := sorted({mark for column in columns for mark in column.marks} - notes.keys()):
            wanted = "a footnote under the table for each mark in its header"
            raise LayoutChanged(table.place, wanted, f"none for {', '.join(unsaid)}: the body may be cut off")
    yield from agreeing(row for table, columns in found for row in _read_table(table, columns, notes))


def _read_table(table: Table, columns: list[Column], notes: Mapping[str, str]) -> Iterator[Observation | Rejected]:
    section, scores = Section(), []
    for row in table.rows:
        if _is_heading(row, columns):
            section = _section(row, columns)
            continue
        label = label_of(row, section.words, notes)
        _check_label(row, label)
        for column in columns:
            if is_missing(bare(row.cells[column.index].text)):
                continue
            try:
                scores.append(score := _score(row, column, label, section, notes))
                yield score
            except BadRow as error:
                at = f"{row.locator}, column {column.header!r}"
                yield Rejected(
                    table="scores", row_locator=at, reason=str(error), model_label=label.name, cells=row.as_dict()
                )
    _check_units(table, scores)


def _is_heading(row: Row, columns: list[Column]) -> bool:
    """Return whether the row is a heading between the models: no prompt, and no figure in any column."""
    prompt = row["Prompt"] if row.table.has("Prompt") else ""
    return not prompt and not any(
        re.match(r"[-+]?\.?\d+(?:\.\d+)?\s*%?$", bare(row.cells[c.index].text)) for c in columns
    )


def _check_label(row: Row, label: Label) -> None:
    """Raise LayoutChanged if a prompt stands in place of the model: the two columns were exchanged."""
    is_named = re.search(r"\d", label.name) or not re.search(r"\d", bare(row["Prompt"]))
    if is_missing(label.name) or not is_named:
        raise LayoutChanged(row.place, "a model under 'Model'", f"{label.name!r} beside the prompt {row['Prompt']!r}")


def _section(row: Row, columns: list[Column]) -> Section:
    section = Section(bare(row["Model"]))
    for column in columns:
        words = bare(row.cells[column.index].text).strip("() ")
        if is_missing(words):
            continue
        if shots := re.fullmatch(r"(\d+)[- ]shot", words, re.I):
            section.shots[column.index] = f"{shots[1]}-shot"
        elif words.casefold() in BENCHMARKS:
            section.benchmarks[column.index] = BENCHMARKS[words.casefold()]
        else:
            wanted = f"shots or a benchmark in the heading {section.words!r}, column {column.header!r}"
            raise LayoutChanged(row.place, wanted, repr(words))
    return section


def _score(row: Row, column: Column, label: Label, section: Section, notes: Mapping[str, str]) -> Score:
    text, place = bare(row.cells[column.index].text), f"{row.place}, column {column.header!r}"
    try:
        value = read_percent(text, sign=False)
    except ValueError as error:
        raise BadRow(place, str(error), repr(text)) from None
    return Score(
        model_label=label.name,
        row_locator=f"{row.locator}, column {column.header!r}",
        benchmark_id=section.benchmarks.get(column.index) or _benchmark(place, column, label, notes),
        score=value,
        variant=_variant(row, label, section.shots.get(column.index, column.shots)),
        reported_by="vendor",
        source_url=label.source_url,
        notes=label.notes,
    )


def _variant(row: Row, label: Label, shots: str | None) -> str | None:
    """Return the prompt and the shots of a figure, such as 'assistant-prompt, 3-shot'; the prompt of a report is unknown."""
    prompt = bare(row["Prompt"]) if row.table.has("Prompt") else ""
    how = None if is_missing(prompt) else re.sub(r"\W+", "-", f"{prompt.lower()} prompt")
    return ", ".join(word for word in ("reported" if label.is_reported else how, shots) if word) or None


def _benchmark(place: str, column: Column, label: Label, notes: Mapping[str, str]) -> str:
    """Return the benchmark of a cell: a column may hold two, by a footnote on it or by whose figures they are."""
    if label.is_reported and column.benchmark_id == "gpqa_diamond":
        family = next((name for name in _REPORTED_GPQA if name in label.name.casefold()), None)
        if family is None:
            raise BadRow(place, f"GPQA as reported for a model of {', '.join(_REPORTED_GPQA)}", repr(label.name))
        return f"gpqa_{_REPORTED_GPQA[family]}"
    note = " ".join(notes.get(mark, "") for mark in column.marks)
    if column.benchmark_id != "math" or "MATH-500" not in note or label.is_reported:
        return column.benchmark_id
    if re.search(r"\bon or after o1\b", note):
        return "math_500" if is_after_o1(place, label.name) else "math"
    if re.search(r"\bFor o1 models\b", note):
        return "math_500" if re.match(r"o1\b", label.name) else "math"
    raise BadRow(place, "a footnote that says which models were tested on MATH-500", repr(note[:200]))


def _check_units(table: Table, scores: list[Score]) -> None:
    """Raise LayoutChanged if a benchmark's percentages came as fractions."""
    for benchmark_id in {score.benchmark_id for score in scores}:
        values = [score.score for score in scores if score.benchmark_id == benchmark_id]
        if len(values) >= 3 and 0 < max(values) <= 1:
            raise LayoutChanged(table.place, f"percentages of {benchmark_id}", f"none above {max(values):g}: fractions")

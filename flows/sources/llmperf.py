"""Anyscale's LLMPerf leaderboard: output speed and time to the first token of Llama 2 chat models at several providers.

One table per measure and size of model: Framework | Model | Median | Mean | Min ... P99 (until November 2023 Mean and a cell of
percentiles). The heading gives measure and unit. The README's prose gives the day, the region and the length of the prompt. Tables
of inter-token latency, whole answers and success rates hold neither speed and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Literal, NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, Speed, days
from flows.sources._unlike import agreeing
from flows.tables import Page, Row, Table
from flows.values import squash

SOURCE = Source(
    id="llmperf",
    title="LLMPerf leaderboard: speed of providers, December 2023",
    kind="speeds",
    urls=("https://raw.githubusercontent.com/ray-project/llmperf-leaderboard/main/README.md",),
    former_urls=(
        "https://github.com/ray-project/llmperf-leaderboard",
        "https://raw.githubusercontent.com/ray-project/llmperf/main/README.md",
        "https://github.com/ray-project/llmperf",
    ),
    publisher="Anyscale (Ray project)",
    licence="Apache-2.0",
    may_republish=True,
    attribution="LLMPerf leaderboard by Anyscale (Apache-2.0)",
    min_rows=4,
    expects={"speeds": Expect(low=0.5, high=5000, max_vanished=0.9)},
    cadence=days(30),
)

Statistic = Literal["median", "mean"]
_SPEED = re.compile(r"output tokens? throughput.*\(tokens?/s(?:ec|econd)?\)", re.IGNORECASE)
_FIRST = re.compile(r"time to first token.*\((seconds|s|ms|milliseconds)\)", re.IGNORECASE)
_OTHER = re.compile(r"inter.?token latency|\bE2E\b|end.to.end|success rate|request", re.IGNORECASE)
_MEASURE = re.compile(r"throughput|time to first token|latency|\bE2E\b|end.to.end|success rate|TTFT", re.IGNORECASE)
_PERCENTILES = re.compile(r"percentiles?\s*\(([^()]*)\)", re.IGNORECASE)
_AS_OF = re.compile(
    r"results\b[^.\n]{0,40}?\bof ([A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{4}-\d{2}-\d{2})", re.IGNORECASE
)
_REGION = re.compile(r"\bfrom (?:the )?((?:us|eu|ap|ca|sa)-[a-z]+(?:-\d)?)\b", re.IGNORECASE)
_PROMPT = re.compile(r"--mean-input-tokens[= ](\d+)|prompt's token length:\s*(\d+)", re.IGNORECASE)
_PROVIDERS = {"together_ai": "together", "together.ai": "together", "fireworks.ai": "fireworks", "vertexai": "vertex"}


class _Run(NamedTuple):
    """What the README says of all its figures."""

    day: date | None
    region: str | None
    prompt_tokens: int | None


class _Measure(NamedTuple):
    """What a table measures: output speed, or the time to the first token in parts of a second."""

    is_speed: bool
    per_second: int


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield a median and a mean for each row of the tables of output speed and of the time to the first token."""
    run, tables = _run(page), [t for t in page.tables if t.has("Framework") or t.has("Model")]
    measures = [(table, _measure(table)) for table in tables]
    if not any(measure for _, measure in measures):
        there = str([(t.headings[-2:], t.header) for t in page.tables[:6]])
        raise LayoutChanged(page.place, "tables of output tokens throughput or time to first token", there)
    rows = [row for table, measure in measures if measure for row in _read_table(table, measure, run)]
    yield from _joined(list(agreeing(rows)))


def _joined(rows: list[Observation | Rejected]) -> Iterator[Observation | Rejected]:
    """Yield the rows, the time to the first token beside the output speed of the same model, provider and statistic."""
    first = {_key(row): row for row in rows if isinstance(row, Speed) and row.ttft_seconds is not None}
    used = {_key(row) for row in rows if isinstance(row, Speed) and row.ttft_seconds is None} & first.keys()
    for row in rows:
        if not isinstance(row, Speed) or _key(row) not in used:
            yield row
        elif row.ttft_seconds is None:
            other = first[_key(row)]
            at = f"{row.row_locator}; time to the first token at {other.row_locator}"
            yield replace(row, ttft_seconds=other.ttft_seconds, row_locator=at)


def _key(speed: Speed) -> tuple[str, str, str]:
    return speed.model_label, speed.provider_id, speed.statistic


def _run(page: Page) -> _Run:
    text = squash(page.text) if page.is_markdown else squash(" ".join(page.root.itertext()))
    try:
        days_told = {values.read_date(match) for match in _AS_OF.findall(text)}
    except ValueError as error:
        raise LayoutChanged(page.place, str(error), str(_AS_OF.findall(text))) from None
    region, prompt = _REGION.search(text), _PROMPT.search(text)
    return _Run(
        days_told.pop() if len(days_told) == 1 else None,
        region[1] if region else None,
        int(prompt[1] or prompt[2]) if prompt else None,
    )


def _measure(table: Table) -> _Measure | None:
    """Return what the nearest heading that names a measure says; None for a measure that is left out.

    LayoutChanged if no heading names one, or one without its unit.
    """
    heading = next((words for words in reversed(table.headings) if _MEASURE.search(words)), "")
    if _SPEED.search(heading):
        return _Measure(True, 1)
    if match := _FIRST.search(heading):
        return _Measure(False, 1000 if match[1].casefold().startswith("m") else 1)
    if _OTHER.search(heading):
        return None
    raise LayoutChanged(table.place, "a heading with a measure and its unit", str(table.headings))


def _statistics(table: Table) -> dict[Statistic, tuple[int, int | None]]:
    """Return the column of median and mean, and of a percentile its place in the cell; LayoutChanged if there is neither."""
    found: dict[Statistic, tuple[int, int | None]] = {}
    for i, label in enumerate(table.header):
        if re.fullmatch(r"(?:mean|average|avg\.?)(?: \w+)?", label, re.IGNORECASE):
            found["mean"] = (i, None)
        elif re.fullmatch(r"median(?: \w+)?|(?:percentiles? \()?P50\)?", label, re.IGNORECASE):
            found["median"] = (i, None)
        elif match := _PERCENTILES.fullmatch(label):
            names = [name.strip() for name in re.split(r"[|/,]", match[1])]
            if "P50" in names:
                found["median"] = (i, names.index("P50"))
    if not found:
        raise LayoutChanged(table.place, "a column 'Median' or 'Mean'", str(table.header))
    return found


def _read_table(table: Table, measure: _Measure, run: _Run) -> Iterator[Observation | Rejected]:
    statistics = _statistics(table)

    def parse(row: Row) -> Iterator[Speed]:
        provider = row.text("Framework").casefold()
        if not re.fullmatch(r"[a-z][a-z_. -]*", provider):
            raise BadRow(f"{row.place}, column 'Framework'", "a provider's name", repr(provider))
        for statistic, (index, place) in statistics.items():
            column = table.header[index]
            text = _part(row.cells[index].text, place, f"{row.place}, column {column!r}")
            if values.is_missing(text):
                continue  # not measured
            figure = _figure(text, f"{row.place}, column {column!r}")
            _check_within(row, figure, column)
            yield Speed(
                model_label=row.text("Model"),
                row_locator=f"{row.locator}, column {column!r}",
                provider_id=_PROVIDERS.get(provider, provider),
                statistic=statistic,
                tokens_per_second=figure if measure.is_speed else None,
                ttft_seconds=None if measure.is_speed else figure / measure.per_second,
                region=run.region,
                prompt_tokens=run.prompt_tokens,
                measured_on=run.day,
            )

    yield from table.read(parse, into="speeds", label="Model")


def _check_within(row: Row, figure: float, column: str) -> None:
    """Raise BadRow if a median or mean lies outside the least and the most beside it: columns were exchanged."""
    for name, is_low in (("Min", True), ("Max", False)):
        if row.has(name) and (row.number_in(name) > figure if is_low else row.number_in(name) < figure):
            raise BadRow(f"{row.place}, column {column!r}", f"a figure within {name} {row[name]}", f"{figure:g}")


def _part(text: str, place: int | None, where: str) -> str:
    """Return one of the percentiles that a cell lists: '0.28 | 0.29 | 0.33'."""
    if place is None:
        return text
    parts = [part.strip() for part in text.split("|")]
    if place >= len(parts):
        raise BadRow(where, f"at least {place + 1} percentiles", repr(text))
    return parts[place]


def _figure(text: str, where: str) -> float:
    try:
        figure = values.read_number(text)
    except ValueError as error:
        raise BadRow(where, str(error), repr(text)) from None
    if figure <= 0:
        raise BadRow(where, "a figure above zero", repr(text))
    return figure

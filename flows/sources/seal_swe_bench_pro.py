"""SWE-Bench Pro, Scale's own project page: the share of long software tasks (public set) that a model resolves.

The table is plain HTML: Model | % Resolved [| (+/-)] | Trajectories. The page of 2025-10-20 serves its (+/-) cells empty
and lets a script fill them in the browser with a binomial interval: nothing of it is read but the number of problems,
from which the same interval follows. Bars, where a page draws any, repeat the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.tables import Page, Row, Table
from flows.values import read_interval, read_number, squash

SOURCE = Source(
    id="seal_swe_bench_pro",
    title="SWE-Bench Pro: long-horizon software engineering tasks",
    kind="leaderboard",
    urls=("https://scaleapi.github.io/SWE-bench_Pro-os/",),
    publisher="Scale AI",
    licence="MIT",
    may_republish=True,
    min_rows=5,
    expects={"scores": Expect(unit="percent", low=0, high=100)},
    cadence=days(7),
)

_RESOLVED = ("% Resolved", "Resolved (%)", "% Resolve", "Resolve Rate (%)", "Resolved", "Resolve Rate", "Resolved Rate")
_WIDTH = re.compile(r"\+\s*/\s*[-\u2212]|\u00b1|\bCI\b|confidence|margin", re.I)
_SETS = {"swe_bench_pro_public": r"\bpublic\b", "swe_bench_pro_private": r"\b(?:private|commercial)\b"}
_MARK = re.compile(r"(?:^|\s)\*\s*([A-Z].+?\.)(?=\s+[A-Z\u2020*]|\s*$)")


class Prose(NamedTuple):
    """What the page says about its figures: the meaning of `*`, the number of problems, the level of its intervals."""

    mark: str | None
    n_samples: int | None
    level: float


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one score per row of each table of resolved tasks."""
    tables = page.find(having=("Model", _RESOLVED))
    sets = [_set(table) for table in tables]
    if not tables or len(set(sets)) < len(sets):
        there = "; ".join(f"{t.headings[-1:]}: {t.header}" for t in page.tables) or "no table"
        raise LayoutChanged(page.place, "one table of Model and % Resolved for each set", there)
    prose = _prose(page)
    for benchmark_id, table in zip(sets, tables, strict=True):
        yield from _read_table(benchmark_id, table, prose)


def _set(table: Table) -> str:
    """Return the benchmark of the set that the nearest heading names, or if it names none, that the page links to."""
    words = " ".join([*table.headings[-1:], table.caption])
    links = " ".join(table.page.root.xpath("//a/@href")) if not table.page.is_markdown else table.page.text
    for where in (words, links.replace("_", " ")):
        found = [name for name, pattern in _SETS.items() if re.search(pattern, where, re.I)]
        if len(found) == 1:
            return found[0]
    raise LayoutChanged(table.place, "a heading that names the public or the private set", repr(words))


def _prose(page: Page) -> Prose:
    text = page.text if page.is_markdown else " ".join(page.root.xpath("//p//text() | //li//text()"))
    text = squash(text)
    mark, problems = _MARK.search(text), re.search(r"total problems:?\s*([\d,]+)", text, re.I)
    level = re.search(r"(\d{2}(?:\.\d+)?)\s?%\s*(?:confidence|CI\b)", text, re.I)
    return Prose(
        mark[1] if mark else None,
        int(read_number(problems[1])) if problems else None,
        float(level[1]) / 100 if level else 0.95,  # as all of Scale's boards, where the page does not say
    )


def _read_table(benchmark_id: str, table: Table, prose: Prose) -> Iterator[Observation | Rejected]:
    resolved = table.header[table.column(_RESOLVED)]
    width = next((name for name in table.header if _WIDTH.search(name)), None)

    def parse(row: Row) -> Iterator[Observation]:
        if not row.has(resolved):
            return  # a model announced, without a figure yet
        score = row.percent(resolved, sign="%" not in resolved)
        low, high = _interval(row, width, score) if width and row.has(width) else (None, None)
        name = row.text("Model")
        label = re.sub(r"^[^\w(]+|[^\w()\[\]+]+$", "", name)  # without a medal before the name or a mark after it
        if not label:
            raise BadRow(f"{row.place}, column 'Model'", "a model's name", repr(name))
        yield Score(
            model_label=label,
            row_locator=row.locator,
            benchmark_id=benchmark_id,
            score=score,
            ci_low=low,
            ci_high=high,
            ci_level=None if low is None else prose.level,
            n_samples=prose.n_samples if benchmark_id == "swe_bench_pro_public" else None,
            **_marked(name, prose),
        )

    yield from table.read(parse, into="scores", label="Model")


def _interval(row: Row, column: str, score: float) -> tuple[float, float]:
    """Return the ends of the interval: the cell holds its half-width, '±3.60' or '3.60'."""
    text = row[column].removesuffix("%").strip()
    try:
        low, high = read_interval(text if re.match(r"[+\u00b1(\[-]", text) else f"\u00b1{text}", score)
    except ValueError as error:
        raise BadRow(f"{row.place}, column {column!r}", str(error), repr(text)) from None
    if high - score > 5 and high - score >= score:  # columns swapped: no set is so small
        raise BadRow(f"{row.place}, column {column!r}", f"a half-width below {score:g}", repr(text))
    return low, high


def _marked(name: str, prose: Prose) -> dict[str, Any]:
    """Return variant and notes of a row with a `*`: an older run, with a cap on its cost, beside newer runs without."""
    if not re.search(r"\*\W*$", name):
        return {}
    is_capped = prose.mark is not None and re.search(r"\bcapped\b", prose.mark) is not None
    notes = f"* {prose.mark}" if prose.mark else "marked with *, which the page does not explain"
    return {"variant": "capped" if is_capped else "marked", "notes": notes}

"""Vectara's hallucination leaderboard: how often a summary says what the text does not.

The README of its repository, one table: Model | Accuracy (since 2024 Factual Consistency Rate) | Hallucination Rate |
Answer Rate | Average Summary Length, in any order. The judge changed (HHEM-1.0, from August 2024 HHEM-2.1, then HHEM-2.3)
and in November 2025 the documents too: each pair of them is a benchmark of its own, told by the page's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from flows.errors import BadRow, LayoutChanged
from flows.markup import text_of
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.tables import Page, Row
from flows.values import squash

SOURCE = Source(
    id="vectara_hallucination",
    title="Vectara's hallucination leaderboard: summaries that say what the text does not",
    kind="leaderboard",
    urls=("https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md",),
    publisher="Vectara",
    licence="Apache-2.0",
    attribution="Vectara, Hallucination Leaderboard",
    may_republish=True,
    min_rows=8,
    # In autumn 2025 the page spelled all its models anew, and anew again: 'Google Gemini-...', 'google/gemini-...'.
    expects={"scores": Expect(unit="percent", low=0, high=100, max_vanished=1.0)},
    cadence=days(14),
)

BENCHMARKS = {  # by the judge's version and the documents summarised
    ("1.0", "short"): "vectara_hhem_1_0",
    ("2.1", "short"): "vectara_hhem_2_1",
    ("2.3", "short"): "vectara_hhem_2_3_old_dataset",
    ("2.3", "7700"): "vectara_hhem_2_3",
}
_RATE = ("Hallucination Rate", "Hallucination Rate (%)", "Hallucination Rate %")
_CONSISTENT = (
    *("Factual Consistency Rate", "Factual Consistency Rate (%)", "Factual Consistency", "Consistency Rate"),
    *("Accuracy", "Accuracy (%)"),
)
_ASIDE = ("Answer Rate", "Average Summary Length (Words)", "Average Summary Length")
_ROUNDING = 0.15  # the two rates are rounded apart: 2.1 % and 97.8 % are one row of October 2025
_SLIP = 0.5  # 6.6 % and 93.7 % are one row of 2025, whose place in the order fits the rate: a slip in one of the two
_HHEM = re.compile(r"\bHHEM[-\s]?v?(\d+\.\d+)(?!\S*open)", re.I)
_FORMER = re.compile(r"\b(?:previous(?:ly)?|former(?:ly)?|earlier|old(?:er)?|first version|prior|until)\b", re.I)
_USED = re.compile(r"\b(?:uses?|using|computed|powered)\b", re.I)
_SHORT = re.compile(r"CNN\s*/\s*Daily\s*Mail|\b1,?000 short documents|\b831 documents?", re.I)
_CURATED = re.compile(r"\bover ([\d,]+) articles", re.I)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one hallucination rate per row; answer rate and summary length go with it as a note."""
    table, benchmark_id = page.table(having=("Model", _RATE)), choose_benchmark(page)

    def parse(row: Row) -> Iterator[Observation]:
        if not row.has(_RATE):
            return  # announced, without a figure yet
        label = row.text("Model")
        rate, slip = _rate(row)
        yield Score(
            model_label=label,
            row_locator=row.locator,
            benchmark_id=benchmark_id,
            score=rate,
            # Vectara lists models of its own too.
            reported_by="vendor" if label.casefold().startswith("vectara") else "independent",
            notes="; ".join([*slip, *(f"{name} {row[name]}" for name in _ASIDE if row.has(name))]) or None,
        )

    rows = list(table.read(parse, into="scores", label="Model"))
    rates = [row.score for row in rows if isinstance(row, Score)]
    if rates and median(rates) > 50:
        raise LayoutChanged(table.place, "hallucination rates, most of them under 50 %", f"a median of {median(rates)}")
    yield from rows


def _rate(row: Row) -> tuple[float, list[str]]:
    """Return the hallucination rate, and a note if it and the consistency beside it make almost 100 %; BadRow if they do not."""
    if not row.has(_CONSISTENT):
        return row.percent(_RATE, sign="%" not in row.table.header[row.table.column(_RATE)]), []
    rate, consistent = row.percent(_RATE, sign=False), row.percent(_CONSISTENT, sign=False)
    off = abs(rate + consistent - 100)
    if off > _SLIP:
        found = f"{rate:g} and {consistent:g}: {rate + consistent:g}"
        raise BadRow(row.place, "a hallucination rate and a consistency that make 100 %", found)
    return rate, [f"the page gives a consistency of {consistent:g} %"] if off > _ROUNDING else []


def choose_benchmark(page: Page) -> str:
    """Return the benchmark of the judge and the documents that the page says it used; LayoutChanged if it does not say."""
    text = _prose(page)
    judge, documents = _judge(page, text), _documents(text)
    if judge == "1.0" and documents is None:
        documents = "short"  # the first pages do not say what was summarised
    if (judge, documents) not in BENCHMARKS:
        known = ", ".join(f"HHEM-{version} with {name} documents" for version, name in BENCHMARKS)
        raise LayoutChanged(page.place, f"a judge and documents of {known}", f"HHEM-{judge} with {documents}")
    return BENCHMARKS[judge, documents or ""]


def _prose(page: Page) -> str:
    """Return the page's text line by line, without the addresses of links: they name versions of the past."""
    if page.is_markdown:
        return re.sub(r"\]\([^()\s]*\)", "]", page.text)
    return "\n".join(squash(text_of(element)) for element in page.root.iter("p", "li"))


def _judge(page: Page, text: str) -> str:
    """Return the version of the judge. The first had no number: a page that names none is judged by that one."""
    parts = [part for part in re.split(r"\n|(?<=[.!?])\s", text) if not _FORMER.search(part)]
    named: set[str] = {version for part in parts if _USED.search(part) for version in _HHEM.findall(part)}
    named = named or {version for part in parts for version in _HHEM.findall(part)}
    if (
        not named
        and not re.search(r"\bHHEM[-\s]?v?\d", text, re.I)
        and re.search("Hallucination Evaluation Model", text)
    ):
        return "1.0"
    if len(named) != 1:
        found = " and ".join(sorted(named)) or "none"
        raise LayoutChanged(page.place, "the one version of HHEM that judged, in words such as 'uses HHEM-2.3'", found)
    return named.pop()


def _documents(text: str) -> str | None:
    """Return 'short' for the news of 2023 (of 1,000 the 831 that all summarised), or the number of the curated articles."""
    found = {match[1].replace(",", "") for match in _CURATED.finditer(text)} | (
        {"short"} if _SHORT.search(text) else set()
    )
    return " and ".join(sorted(found)) or None

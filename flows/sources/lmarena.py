"""Chatbot Arena, the rendered leaderboards: ratings from people's blind votes between two answers.

The table of 2025 has Rank (UB) | Model | Score | 95% CI (±) | Votes | Organization | License, that of February 2026 a
Rank Spread ('1◄─►2') besides; since March 2026 the interval stands in the score's cell ('1509±6', '1561+14/-14') and
organization and licence in the model's. The address names arena and category; without `-no-style-control` the text and
vision arenas are rated with style control. The page's script carries the same rows, read where the table lacks some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flows.cells import Row, Table, short
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.sources._arenas import LEVEL, RATING_HIGH, RATING_LOW, STYLED, arena_of, benchmark_of, is_slug
from flows.sources._unlike import agreeing
from flows.tables import Page
from flows.values import is_missing, read_date, read_interval, read_number, squash

_BOARDS = (
    *("text", "text/overall-no-style-control", "text/coding", "text/math", "text/hard-prompts"),
    *("text/instruction-following", "code", "vision", "search"),
)
SOURCE = Source(
    id="lmarena",
    title="Chatbot Arena: ratings from people's votes between two answers",
    kind="leaderboard",
    urls=tuple(f"https://arena.ai/leaderboard/{board}" for board in _BOARDS),
    former_urls=(
        "https://lmarena.ai/leaderboard",
        *(f"https://lmarena.ai/leaderboard/{board}" for board in (*_BOARDS, "webdev", "copilot")),
    ),
    publisher="LMArena",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=5,
    expects={"scores": Expect(unit="elo", low=RATING_LOW, high=RATING_HIGH)},
    cadence=days(7),
)

_MODEL = ("Model", "Models", "Model Name")
_SCORE = ("Score", "Arena Score", "\u2b50 Arena Score", "Arena Elo", "\u2b50 Arena Elo", "Elo", "Rating")
_INTERVAL = re.compile(r"\bCI\b|confidence|interval", re.I)
_VOTES = ("Votes", "# Votes", "Number of Votes", "Battles")
_NUMBER, _HALF = r"\d[\d,]*(?:\.\d+)?", r"\d+(?:\.\d+)?"
_CELL = re.compile(
    rf"(?P<score>{_NUMBER})\s*(?P<interval>(?:\u00b1|\+/?-)\s*{_HALF}|\+\s*{_HALF}\s*/\s*-\s*{_HALF})?\s*(?P<mark>[A-Za-z][\w ]*)?"
)
_UPDATED = re.compile(
    r"(?:last )?updated:?\s*([A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2} [A-Z][a-z]{2,8}\.? \d{4}|\d{4}-\d{2}-\d{2})",
    re.I,
)
_TOTAL = re.compile(r"total models:?\s*(\d{1,3}(?:,\d{3})+|\d+)", re.I)
_JUDGED = "rated by a model in place of votes (AutoEval)"


@dataclass(frozen=True)
class Board:
    """What stands for every row of a board: its benchmark and the day of its votes."""

    benchmark_id: str
    measured_on: date | None


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one rating per model of the page's board, or of each board of the overview."""
    yield from agreeing(_read(page))


def _read(page: Page) -> Iterator[Observation | Rejected]:
    place, tables, entries = _address(page), page.find(having=(_MODEL, _SCORE)), _entries(page)
    is_short = len(entries) == 1 and len(entries[0]) > sum(len(table.rows) for table in tables)
    if place and is_short and len(tables) < 2:
        yield from _read_entries(page, entries[0], _board(page, place, tables[0] if tables else None))
        return
    if not tables or (place and len(tables) > 1):
        wanted = f"{'one table' if place else 'tables'} of Model and Score"
        raise LayoutChanged(page.place, wanted, f"{len(tables)} among {short(str([t.header for t in page.tables]))}")
    for table in tables:
        yield from _read_table(table, _board(page, place or (_named(table), "overall"), table))


def _address(page: Page) -> tuple[str, str] | None:
    """Return arena and category of the page's address; None for the overview of all arenas."""
    parts = [part for part in urlsplit(page.url).path.split("/") if part]
    after = parts[parts.index("leaderboard") + 1 :] if "leaderboard" in parts else []
    if not after:
        return None
    if len(after) > 2 or not all(map(is_slug, after)):
        raise LayoutChanged(page.place, "an address that ends in /leaderboard/ARENA/CATEGORY", repr(page.url))
    return after[0], after[1] if len(after) > 1 else "overall"


def _named(table: Table) -> str:
    arena = next((found for words in reversed(table.headings) if (found := arena_of(words))), None)
    if arena is None:
        raise LayoutChanged(table.place, "a heading that names the arena", repr(table.headings))
    return arena


def _board(page: Page, place: tuple[str, str], table: Table | None) -> Board:
    arena, category = place
    words = " ".join(table.before) if table else ""
    told = set(re.findall(r'"styleControl"\s*:\s*(true|false)', "" if page.is_markdown else page.payload))
    if "no-style-control" in category:
        is_styled = False
    elif len(told) == 1:
        is_styled = told == {"true"}
    else:
        is_styled = arena in STYLED or re.search(r"\bstyle control\b", words, re.I) is not None
    category = re.sub(r"-?no-style-control$", "", category) or "overall"
    return Board(benchmark_of(arena, category, is_styled=is_styled), _day(page, words))


def _day(page: Page, words: str) -> date | None:
    """Return the day of the votes; LayoutChanged for words in its place that are no day."""
    match = _UPDATED.search(words)
    try:
        return read_date(match[1]) if match else None
    except ValueError as error:
        raise LayoutChanged(page.place, str(error), repr(match[0] if match else words)) from None


def _read_table(table: Table, board: Board) -> Iterator[Observation | Rejected]:
    total = _TOTAL.search(" ".join(table.before))
    if total and len(table.rows) < 0.9 * read_number(total[1]):  # retired models may be counted and not shown
        raise LayoutChanged(table.place, f"the {total[1]} models the page counts", f"{len(table.rows)} rows")
    interval = next((name for name in table.header if _INTERVAL.search(name)), None)

    def parse(row: Row) -> Iterator[Observation]:
        if not row.has(_SCORE):
            return  # a model announced, without a rating yet
        score, within, mark = _rating(row)
        around = row[interval] if interval and row.has(interval) else within
        votes = row[_VOTES] if table.has(_VOTES) else ""
        yield Score(
            model_label=_label(row),
            row_locator=row.locator,
            benchmark_id=board.benchmark_id,
            score=score,
            **_limits(row, around, score),
            **_votes(row, votes, mark),
            measured_on=board.measured_on,
        )

    yield from table.read(parse, into="scores", label=_MODEL)


def _rating(row: Row) -> tuple[float, str | None, str | None]:
    """Return the rating, and of what stands with it in the cell the interval and a mark such as 'Preliminary'."""
    match = _CELL.fullmatch(row[_SCORE])
    if not match:
        raise BadRow(f"{row.place}, column 'Score'", "a rating such as 1496 or 1509\u00b16", repr(row[_SCORE]))
    element = row.cell(_SCORE).element
    badge = None if element is None else squash("".join(element.xpath(".//button//text()")))  # unseen on small screens
    return read_number(match["score"]), match["interval"], match["mark"] or badge or None


def _limits(row: Row, text: str | None, score: float) -> dict[str, Any]:
    if text is None:
        return {}
    bare = re.fullmatch(_HALF, text)  # the header has the ±
    try:
        low, high = read_interval(f"\u00b1{text}" if bare else text, score)
    except ValueError as error:
        raise BadRow(f"{row.place}, its interval", str(error), repr(text)) from None
    return {"ci_low": low, "ci_high": high, "ci_level": LEVEL}


def _votes(row: Row, text: str, mark: str | None) -> dict[str, Any]:
    if squash(text).casefold() == "autoeval":
        return {"is_estimate": True, "notes": _JUDGED}
    return {"n_samples": None if is_missing(text) else row.integer(_VOTES), "notes": mark}


def _label(row: Row) -> str:
    """Return the model's name: the cell also holds an icon's title and, since March 2026, 'Organization · Licence'."""
    cell = row.cell(_MODEL)
    titles = [] if cell.element is None else [squash(title) for title in cell.element.xpath(".//@title")]
    name = cell.link or (titles[0] if len(set(titles)) == 1 and titles[0] else cell.text)
    if not name or "\u00b7" in name:
        raise BadRow(f"{row.place}, column 'Model'", "a model's name", repr(cell.text))
    return name


def _entries(page: Page) -> list[list[dict[str, Any]]]:
    """Return the boards that the page's script carries."""
    if page.is_markdown or '"entries"' not in page.payload:
        return []
    lists = [value for value in page.payload_values("entries") if isinstance(value, list)]
    return [value for value in lists if any(isinstance(entry, dict) and "rating" in entry for entry in value)]


def _read_entries(page: Page, entries: list[Any], board: Board) -> Iterator[Observation | Rejected]:
    def parse(entry: dict[str, Any], locator: str) -> Iterator[Observation]:
        is_judged = entry.get("rank") == 0  # how the script marks what the table calls AutoEval
        low, high = entry.get("ratingLower"), entry.get("ratingUpper")
        yield Score(
            model_label=squash(entry["modelDisplayName"]),
            row_locator=locator,
            benchmark_id=board.benchmark_id,
            score=float(entry["rating"]),
            ci_low=None if low is None else float(low),
            ci_high=None if high is None else float(high),
            ci_level=None if low is None or high is None else LEVEL,
            n_samples=None if is_judged or entry.get("votes") is None else int(entry["votes"]),
            is_estimate=is_judged,
            notes=_JUDGED if is_judged else None,
            measured_on=board.measured_on,
        )

    yield from page.read_values(entries, parse, into="scores", label="modelDisplayName", at="entries")

"""Read the SEAL boards of labs.scale.com: `entries` lists in the script payload of a Next.js page, or in an RSC answer.

The markup repeats each row for small and large screens and is not read. An entry's interval is given as a half-width,
whatever its name says: confidenceInterval_upper, and confidenceInterval_lower where it is not symmetric.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flows.errors import BadRow, LayoutChanged
from flows.payload import flight_rows, is_flight
from flows.records import Observation, Rejected, Score
from flows.sources._seal_boards import Board, check_apart, check_score, check_unit, choose_board
from flows.tables import Page
from flows.values import is_missing, read_date, read_number, squash

LEVEL = re.compile(r"(\d{2}(?:\.\d)?)\s?%[\s-]*(?:CI\b|confidence)", re.I)
MAX_LISTS = 20
_ENTRIES = re.compile(r'"entries"\s*:\s*')
_FOOTNOTE = re.compile(
    r"(?<!\*)\*\s?((?:run|ran|evaluated|results?|models?|uses?|using|with)\b[^\"*<>\\\n]{5,200})(?=[\"<\\\n])", re.I
)
_HARNESS = re.compile(r"\b(?:run|ran) (?:with|using) (?:the )?([\w.-]+) (?:harness|scaffold|agent)\b", re.I)
_WIDTHS = ("confidenceInterval_lower", "confidenceInterval_upper")
_TITLE = re.compile(r'"(?:children|title|label|name|heading|value)"\s*:\s*"([^"\\$]{1,60})"')


class Entries(NamedTuple):
    """A list of entries, with the words in its own object and those over it, nearest first."""

    own: list[str]
    over: list[str]
    items: list[Any]


def read_payload(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores of every list of entries in the payload."""
    lists = _lists(page)
    boards = [choose_board(page, e.own, e.over, is_alone=len(lists) == 1) for e in lists]
    check_apart(page, boards)
    stated = set(LEVEL.findall(page.payload))
    # SEAL gives intervals at 95 %, and says so only in prose, if at all; another level that stands there wins.
    level = float(stated.pop()) / 100 if len(stated) == 1 else 0.95
    for number, (board, entries) in enumerate(zip(boards, lists, strict=True), 1):
        _check_entries(page, board, entries.items)

        def parse(item: dict[str, Any], at: str, board: Board = board) -> Iterator[Observation]:
            return _scores(page, board, level, item, at)

        at = f"payload entries {number}"
        yield from page.read_values(entries.items, parse, into="scores", label="model", at=at)


def has_rows(items: object) -> bool:
    """Return whether the value is a list with something like a leaderboard's rows in it."""
    return isinstance(items, list) and any(isinstance(i, dict) and i.keys() & {"model", "score", "rank"} for i in items)


def _lists(page: Page) -> list[Entries]:
    """Return the lists of entries that differ; LayoutChanged if there is none, or one is empty or cut off."""
    found: list[Entries] = []
    data, decoder, end = _data(page), json.JSONDecoder(), 0
    while match := _ENTRIES.search(data, end):
        over = _TITLE.findall(data, end, match.start())
        try:
            items, end = decoder.raw_decode(data, match.end())
        except (ValueError, RecursionError):
            items = None
        if not items or len(found) > MAX_LISTS:
            raise LayoutChanged(page.place, "some lists of entries", data[match.start() : match.start() + 80])
        # Some other list, or a reference ("$1d:props:entries") to one that stands elsewhere, has no rows.
        if has_rows(items) and all(items != known.items for known in found):
            found.append(Entries(_own_words(data, match.start(), end), over[::-1], items))
    if not found:
        raise LayoutChanged(page.place, "entries with model and score in the payload", "none like that")
    return found


def _data(page: Page) -> str:
    """Return the payload without the text rows of a flight stream, whose words are no data."""
    if not is_flight(page.payload):
        return page.payload
    return "\n".join(content for _, content, is_text in flight_rows(page.payload) if not is_text)


def _own_words(data: str, start: int, end: int) -> list[str]:
    """Return the strings that stand beside `entries` (from `start` to `end`) in its own object, such as benchmarkName."""
    first = max(0, start - 5_000)
    window, at, decoder = data[first : end + 5_000], start - first, json.JSONDecoder()
    for _ in range(100):
        at = window.rfind("{", 0, at)
        if at < 0:
            break
        try:
            value, stop = decoder.raw_decode(window, at)
        except (ValueError, RecursionError):
            continue
        if stop > start - first and isinstance(value, dict) and "entries" in value:
            return [v for v in value.values() if isinstance(v, str) and len(v) <= 80]
    return []


def _check_entries(page: Page, board: Board, items: Sequence[Any]) -> None:
    """Raise LayoutChanged if entries lack model or score, are fractions, or contradict the board's direction."""
    rows = [item for item in items if isinstance(item, dict)]
    keys = sorted({str(key) for row in rows for key in row})
    if not any({"model", "score"} <= row.keys() for row in rows):
        wanted = f"entries of {board.slug} with model and score"
        raise LayoutChanged(page.place, wanted, ", ".join(keys))
    if unknown := [
        key for key in keys if re.search(r"confidence|interval|margin|std", key, re.I) and key not in _WIDTHS
    ]:
        raise LayoutChanged(page.place, f"intervals under {' and '.join(_WIDTHS)}", ", ".join(unknown))
    for key in ("score", "calibrationError"):
        check_unit(page, board, [float(row[key]) for row in rows if _is_number(row.get(key))])
    _check_ranks(page, board, [row for row in rows if not row.get("deprecated")])


def _check_ranks(page: Page, board: Board, rows: Sequence[Mapping[str, Any]]) -> None:
    ranked = [
        (row["rank"], row["score"]) for row in rows if _is_number(row.get("rank")) and _is_number(row.get("score"))
    ]
    if any(rank != int(rank) for rank, _ in ranked):
        raise LayoutChanged(page.place, f"whole ranks of {board.slug}", str([rank for rank, _ in ranked][:5]))
    if not ranked:
        return
    sign = 1 if board.higher_is_better else -1
    first, last = min(ranked)[0], max(ranked)[0]
    best = max(sign * score for rank, score in ranked if rank == first)
    worst = min(sign * score for rank, score in ranked if rank == last)
    if best < worst:
        better = "higher" if board.higher_is_better else "lower"
        found = f"rank {first} with {abs(best):g}, rank {last} with {abs(worst):g}"
        raise LayoutChanged(page.place, f"{better} scores of {board.slug} ranked first", found)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _scores(page: Page, board: Board, level: float, item: dict[str, Any], at: str) -> Iterator[Observation]:
    """Yield the score of an entry, and where the board has it the calibration error beside it."""
    place, item = f"{page.place}, {at}", {key: _plain(value) for key, value in item.items()}
    if item["score"] is None:
        return  # listed, but not evaluated
    score = _figure(place, item, "score")
    lower, plus = (_width(place, item, key) for key in _WIDTHS)
    minus = plus if lower is None else abs(lower)
    check_score(place, board, score, minus, plus)
    label, variant, notes = _label(page, item, place)
    shared: dict[str, Any] = {
        "model_label": label,
        "row_locator": at,
        "variant": variant,
        "is_contaminated": bool(item.get("contaminationMessage")),
        # The day the entry was put up: the only date a row has, on the day of the run or after it.
        "measured_on": _day(place, item),
        "notes": notes,
    }
    low, high = (None, None) if minus is None or plus is None else (score - minus, score + plus)
    interval: dict[str, Any] = {"ci_low": low, "ci_high": high, "ci_level": None if low is None else level}
    yield Score(benchmark_id=board.benchmark_id, score=score, **interval, **shared)
    if board.has_calibration and item.get("calibrationError") is not None:
        error = _figure(place, item, "calibrationError")
        check_score(place, board, error, None, None)
        yield Score(benchmark_id=f"{board.benchmark_id}_calibration_error", score=error, **shared)


def _plain(value: object) -> object:
    """Return a value of the flight format as it is meant: $undefined, $D before a date, $$ for a dollar sign."""
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    if value == "$undefined":
        return None
    return value[2:] if value.startswith("$D") else value.removeprefix("$") if value.startswith("$$") else value


def _figure(place: str, item: Mapping[str, Any], key: str) -> float:
    value = item[key]
    try:
        return float(value) if _is_number(value) else read_number(value)
    except (TypeError, ValueError):
        raise BadRow(f"{place}, field {key!r}", "a number", repr(value)) from None


def _width(place: str, item: Mapping[str, Any], key: str) -> float | None:
    return None if item.get(key) in (None, "") else _figure(place, item, key)


def _label(page: Page, item: Mapping[str, Any], place: str) -> tuple[str, str | None, str | None]:
    """Return the name, with its version if there is one, and as variant and notes what sets the row apart.

    A `*` after the name is a warning of contamination where the entry has such a message, else the mark of a footnote,
    mostly of another harness; a starred row and a plain one of the same model are never the same observation.
    """
    name = squash(item["model"]) if isinstance(item["model"], str) else ""
    label, version = name.rstrip("* "), squash(str(item.get("version") or ""))
    if is_missing(label):
        raise BadRow(f"{place}, field 'model'", "a model's name", repr(item["model"]))
    variant, notes = None, [squash(str(item.get("contaminationMessage") or ""))]
    if name.endswith("*") and not notes[0]:
        footnote = _FOOTNOTE.search(page.payload)
        harness = _HARNESS.search(footnote[1]) if footnote else None
        variant = harness[1].lower() if harness else "marked"
        notes.append(f"* {squash(footnote[1])}" if footnote else "marked with *, which the page does not explain")
    if item.get("deprecated") is True:
        variant = "deprecated"
        notes.append("deprecated by the publisher")
    if version and version not in label:
        label = f"{label} ({version})"
    return label, variant, "; ".join(filter(None, notes)) or None


def _day(place: str, item: Mapping[str, Any]) -> date | None:
    value = item.get("createdAt")
    try:
        return read_date(str(value)) if value else None
    except ValueError:
        raise BadRow(f"{place}, field 'createdAt'", "a date", repr(value)) from None

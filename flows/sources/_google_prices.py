"""What the readers of Google's two price pages share: models that are none of language, dated prices, believable order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from flows.errors import BadRow
from flows.records import Observation, Price, Rejected
from flows.sources._prices import check_order
from flows.values import read_date

AMOUNT = r"(?:US)?\$\s?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
# Models that draw, film, speak aloud, sing, embed, translate or read documents: their text tokens are no price of a language
# model, as in the other readers of price pages. Live and native audio models answer in text too, under names of their own.
NO_LANGUAGE_MODEL = re.compile(
    r"\b(?:imagen|veo|lyria|chirp|codey|images?|nano banana|tts|text-to-speech|translation|try-on|ocr)\b|embedding|^multilingual-"
    r"|^llm$",
    re.IGNORECASE,
)
MODALITIES = {"text", "image", "video", "audio", "thinking", "response", "reasoning"}
_DAY = r"[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}"
_DATED = re.compile(
    rf"[\s*,;(]*\b(?P<word>through|starting(?: on)?|from|effective)\s+(?P<day>{_DAY})\b[).]*", re.IGNORECASE
)


class Dated(NamedTuple):
    """Words without the days between which they hold: the first day, and the first day no more."""

    text: str
    starts: date | None
    ends: date | None


def take_dates(text: str) -> Dated:
    """Take 'through December 31, 2026' and 'starting January 1, 2027' out of a text; ValueError for a day that is none."""
    starts = ends = None
    for match in _DATED.finditer(text):
        day = read_date(match["day"])
        if match["word"].casefold() == "through":
            ends = day + timedelta(days=1)
        else:
            starts = day
    return Dated(_DATED.sub(" ", text).strip(), starts, ends)


def modalities(words: str) -> set[str] | None:
    """Return which modalities a list names ('text / image / video'); None if it is no such list."""
    found = {re.sub(r"s$", "", word) for word in re.split(r"[\s,/&\[\]]+|\band\b", words.casefold()) if word}
    return found if found and found <= MODALITIES else None


def checked(items: Iterable[Observation | Rejected], place: str) -> Iterator[Observation | Rejected]:
    """Yield the items; all prices of a model as Rejected where cached input costs more than input, or input more than output.

    Input and output stand in rows of their own, so no single row shows that two of them were exchanged.
    """
    rows = list(items)
    groups: dict[tuple[str, date | None], list[Price]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Price):
            groups[row.model_label, row.effective_on].append(row)
    doubts: dict[tuple[str, date | None], str] = {}
    for key, prices in groups.items():
        try:
            check_order(prices, f"{place}, {prices[0].row_locator}, {key[0]!r}")
            _check_contexts(prices, f"{place}, {prices[0].row_locator}, {key[0]!r}")
        except BadRow as error:
            doubts[key] = str(error)
    for row in rows:
        reason = doubts.get((row.model_label, row.effective_on)) if isinstance(row, Price) else None
        yield _rejected(row, reason) if isinstance(row, Price) and reason else row


def _check_contexts(prices: list[Price], place: str) -> None:
    """Raise BadRow if a long prompt costs less per token than a short one: the two sides of the threshold are swapped."""
    short = {(p.tier, p.token_kind): p.amount_original for p in prices}
    for price in prices:
        rest, _, context = (price.tier or "").rpartition(", ")
        base = short.get((rest or None, price.token_kind)) if context.startswith("context>") else None
        if base is not None and price.amount_original < base:
            raise BadRow(place, f"{price.token_kind} {price.tier} at least {base}", str(price.amount_original))


def _rejected(price: Price, reason: str) -> Rejected:
    return Rejected(
        table="prices",
        row_locator=price.row_locator,
        reason=reason,
        model_label=price.model_label,
        cells={price.token_kind: str(price.amount_original), "tier": price.tier or ""},
    )


def with_dates(price: Price, dated: Dated) -> Price:
    """Return the price with the days between which it holds."""
    return replace(price, effective_on=dated.starts, ends_on=dated.ends)

"""Read the cells of Google's price tables: several amounts, each with what it holds for.

'$0.30 (text / image / video) $1.00 (audio)', '$1.25, prompts <= 200k tokens $2.50, prompts > 200k tokens',
'$0.75 through December 31, 2026. $1.50 starting January 1, 2027.', '$1.00 / 1,000,000 tokens per hour (storage price)'.
Every word of a cell must be understood: what is not known might say that an amount is no price of text tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flows.errors import BadRow
from flows.sources._google_prices import AMOUNT, modalities, take_dates
from flows.sources._prices import context_tier, read_price

_MILLION = r"(?:1,?000,?000|1\s?M|1 million)\s*tokens?"
_STORAGE = re.compile(
    rf"^\s*(?:(?:/|per)\s*{_MILLION}\s*)?(?:/|per)\s*hour\b(?:\s*\(storage(?: price)?\))?|^\s*\(storage(?: price)?\)",
    re.IGNORECASE,
)
_TOKENS = re.compile(rf"^\s*(?:/|per)\s*{_MILLION}", re.IGNORECASE)
_OTHER_UNIT = re.compile(r"^\s*(?:/|per)\s*(?:[\d.,]+K?(?:/\d+K)?\s+)?[a-z]+\*{0,3}", re.IGNORECASE)
_CONTEXT = re.compile(
    r"^[\s,]*\(?(?:for )?prompts?\s*(?P<side><=|\u2264|<|>|up to|longer than|over)\s*(?P<tokens>[\d,]+\s?K?)\b(?:\s*tokens?)?\)?",
    re.IGNORECASE,
)
_LIST = re.compile(r"^\s*\((?P<words>[^()]*)\)")
_JOINT = re.compile(r"^(?:[\s,.;:*]|and\b|or\b|equivalent to\b)+", re.IGNORECASE)
_MODE = re.compile(r"(?:^|(?<=\s))(?P<mode>(?:non-)?thinking):\s*$", re.IGNORECASE)
_SAME = re.compile(r"same as [^$]*", re.IGNORECASE)
# '$3.00 or $0.005/min (audio)': the same price said again by the minute.
_BY_TIME = re.compile(rf"\s+or\s+{AMOUNT}\s*(?:/|per)\s*[a-z]+\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=False)
class Amount:
    """A price of text tokens: for prompts of which length, thinking or not, from and until which day."""

    amount: Decimal
    unit: str
    context: str | None = None
    tier: str | None = None
    starts: date | None = None
    ends: date | None = None
    notes: str | None = None


def read_amounts(text: str, place: str, unit: str | None) -> list[Amount]:
    """Return the prices of text tokens that a cell states; BadRow for a word or an amount that is not understood."""
    bare = _BY_TIME.sub("", re.sub(rf"\([^()]*{AMOUNT}[^()]*\)", " ", text))
    found = list(re.finditer(AMOUNT, bare))
    if not found:
        raise BadRow(place, "a price such as '$0.30 (text / image / video) $1.00 (audio)'", repr(text))
    lead = bare[: found[0].start()].strip()
    note, lead = (lead, "") if _SAME.fullmatch(lead) else (None, lead)
    amounts: list[Amount] = []
    for match, after in zip(found, [*found[1:], None], strict=True):
        tail = bare[match.end() : after.start() if after else None]
        lead, tail, mode = _mode(lead, tail)
        if mode[0]:
            raise BadRow(place, "words that are known before an amount", repr(mode[0]))
        amounts.extend(_amount(match[0], tail, mode[1], note, unit, f"{place}, {text!r}"))
    keys = [(a.context, a.tier, a.starts) for a in amounts]
    if len(set(keys)) < len(keys):
        raise BadRow(place, "each price of text tokens once", repr(text))
    return amounts


def _mode(lead: str, tail: str) -> tuple[str, str, tuple[str, str]]:
    """Return the words before the next amount, the tail without them, and what stands before this amount: rest and mode."""
    coming = _MODE.search(tail)
    here = _MODE.search(lead)
    rest = lead[: here.start()] if here else lead
    mode = here["mode"].casefold() if here else ""
    return (coming[0] if coming else ""), (tail[: coming.start()] if coming else tail), (rest.strip(), mode)


def _amount(figure: str, tail: str, mode: str, note: str | None, unit: str | None, place: str) -> Iterator[Amount]:
    """Yield the price of an amount and the words after it; nothing if they say that it is none of text tokens."""
    try:
        words, starts, ends = take_dates(tail)
    except ValueError as error:
        raise BadRow(place, str(error), repr(tail)) from None
    context, is_text, is_other = None, True, False
    while words:
        if _STORAGE.match(words) or (_OTHER_UNIT.match(words) and not _TOKENS.match(words)):
            is_other = True
            words = (_STORAGE if _STORAGE.match(words) else _OTHER_UNIT).sub("", words, count=1)
        elif _TOKENS.match(words):
            words = _TOKENS.sub("", words, count=1)
            unit = "per_mtok"
        elif match := _CONTEXT.match(words):
            is_over = match["side"] in (">", "longer than", "over")
            context = context_tier(f"> {match['tokens'].replace(' ', '')}") if is_over else context
            words = words[match.end() :]
        elif (match := _LIST.match(words)) and (named := modalities(match["words"])) is not None:
            is_text &= "text" in named
            words = words[match.end() :]
        elif match := _JOINT.match(words):
            words = words[match.end() :]
        else:
            raise BadRow(place, "modalities, the length of prompts, a unit or a day after an amount", repr(words))
    if is_other or not is_text:
        return  # storage by the hour, prices per image or minute, audio tokens
    money = read_price(figure, place, unit=unit)
    notes = "without thinking" if mode == "non-thinking" else note
    yield Amount(
        money.amount, money.unit or "", context, "thinking" if mode == "thinking" else None, starts, ends, notes
    )

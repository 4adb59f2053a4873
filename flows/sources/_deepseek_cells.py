"""What the labels and cells of DeepSeek's price tables say, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from flows.cells import Cell
from flows.errors import BadRow
from flows.values import read_date, squash

Token = Literal["input", "output", "cached_input"]

_KINDS: Sequence[tuple[str, Token]] = (
    (r"cache hit|\u7f13\u5b58\u547d\u4e2d", "cached_input"),
    (r"cache miss|\u672a\u547d\u4e2d", "input"),
    (r"\boutput\b|\u8f93\u51fa", "output"),
    (r"\binput\b|\u8f93\u5165", "input"),
)
_AMOUNT = re.compile(r"[$\u00a5\uffe5]\s?(\d[\d.,]*)|(\d[\d.,]*)\s?(?:\u5143|CNY|RMB|USD)")
_FOOTNOTE = re.compile(r"\s*[\uff08(]\d{1,2}[\uff09)]|\s*[\u00b9\u00b2\u00b3*\u2020]+")
_OFF = re.compile(r"[\uff08(]?\s*(\d{1,2})\s?% off\s*[\uff09)]?", re.IGNORECASE)
_TENTHS = re.compile(r"[\uff08(]\s*([\d.]+\s?\u6298)\s*[\uff09)]")  # the Chinese for so many tenths of the price
_MODEL = re.compile(r"models?(?: names?)?|\u6a21\u578b(?:\u540d\u79f0)?", re.IGNORECASE)
_SECTION = re.compile(r"pric(?:e|ing)\b|\u4ef7", re.IGNORECASE)
# 'UTC 16:30-00:30', and the Chinese for 'Beijing time 00:30-08:30'
_HOURS = re.compile(
    r"(?:UTC|\u5317\u4eac\u65f6\u95f4)\s*\d{1,2}:\d{2}\s*[-\u2013\uff5e~]\s*\d{1,2}:\d{2}", re.IGNORECASE
)
_CHEAP = re.compile(r"off-?\s?peak|discount|\u7a7a\u95f2|\u4f18\u60e0", re.IGNORECASE)
_SERVICE = re.compile(r"\b(batch|flex|priority)\b", re.IGNORECASE)
_FULL = re.compile(r"\bpeak\b|standard|regular|\u9ad8\u5cf0|\u6807\u51c6", re.IGNORECASE)
_DAY = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{4}\s?\u5e74\s?\d{1,2}\s?\u6708\s?\d{1,2}\s?\u65e5"
)
_UNTIL = re.compile(
    r"\buntil\b|\bbefore\b|\btill\b|\u622a\u81f3|\u4e4b\u524d|\u65e5\s*(?:\d{1,2}:\d{2}\s*)?\u524d", re.IGNORECASE
)
_FROM = re.compile(r"\bstarting\b|\bfrom\b|\beffect|\bapply\b|\u8d77|\u751f\u6548|\u81ea", re.IGNORECASE)
_STRUCK = ("sup", "del", "s", "strike")


def has_amount(text: str) -> bool:
    """Return whether a text has an amount of money."""
    return bool(_AMOUNT.search(text))


def kind_of(words: str) -> Token | None:
    """Return the kind of token that a label names: 'cached_input' for '1M INPUT TOKENS (CACHE HIT)'."""
    return next((kind for pattern, kind in _KINDS if re.search(pattern, words, re.IGNORECASE)), None)


def unit_of(words: str) -> str | None:
    """Return the unit that words state: '1M INPUT TOKENS', 'per 1M tokens', and the Chinese for 'million tokens'.

    Words that state thousands of tokens, or a bare token, have that unit or none, whatever the page says elsewhere.
    """
    if re.search(
        r"\b(?:1\s?K|1,?000|one thousand)\s(?:(?:input|output)\s)?tokens?\b|\u5343\s?tokens?", words, re.IGNORECASE
    ):
        return "per_ktok"
    if re.search(
        r"\b(?:1\s?M|1 million)\b[^.<>]{0,30}\btokens?|tokens?\b[^.<>]{0,12}\b1\s?M\b|\u767e\u4e07\s*[\"\u201d]?\s*tokens?",
        words,
        re.IGNORECASE,
    ):
        return "per_mtok"
    return None


def is_model_word(label: str) -> bool:
    """Return whether a label is 'MODEL' with or without a footnote's mark."""
    return bool(_MODEL.fullmatch(_FOOTNOTE.sub("", label).strip()))


def is_version_word(text: str) -> bool:
    """Return whether a text is the label 'MODEL VERSION'."""
    return bool(re.fullmatch(r"model version|\u6a21\u578b\u7248\u672c", _FOOTNOTE.sub("", text).strip(), re.IGNORECASE))


def is_common(label: str) -> bool:
    """Return whether a label is of what all models have in common, the API's address or the length of context."""
    return bool(re.match(r"base url|context length|\u4e0a\u4e0b\u6587\u957f\u5ea6", label, re.IGNORECASE))


def model_name(label: str) -> str:
    """Return a model's name without footnote marks; empty for 'MODEL' and for a column without a label."""
    name = squash(_FOOTNOTE.sub("", label))
    return "" if _MODEL.fullmatch(name) else name


def is_section(words: str) -> bool:
    """Return whether words are the title of a block of prices: 'PRICING', 'DISCOUNT PRICE (UTC 16:30-00:30)'."""
    return kind_of(words) is None and bool(_SECTION.search(words))


def is_period(words: str) -> bool:
    """Return whether words name a time of day: 'OFF-PEAK', 'STANDARD PRICE (UTC 00:30-16:30)'."""
    return bool(_CHEAP.search(words) or _FULL.search(words) or _HOURS.search(words))


def tier_of(words: str) -> str | None:
    """Return 'off-peak' for the cheaper hours, a service tier that words name ('batch'); None for the full price."""
    if match := _SERVICE.search(words):
        return match[1].casefold()
    return "off-peak" if _CHEAP.search(words) else None


def hours_of(words: str) -> str | None:
    """Return the hours that words state; 'peak hours' where they name these only."""
    if match := _HOURS.search(words):
        return squash(match[0])
    is_peak = re.search(r"(?<!off-)(?<!off )\bpeak\b|\u9ad8\u5cf0", words, re.IGNORECASE)
    return "peak hours" if is_peak and not _CHEAP.search(words) else None


def says_both(text: str) -> bool:
    """Return whether a page says that a cell holds the price without and with its discount (2024-12 to 2025-02)."""
    return bool(
        re.search(
            r"original price and the discounted price|\u4f18\u60e0\u524d\u4e0e\u4f18\u60e0\u540e\u7684\u4ef7\u683c",
            text,
        )
    )


def offer(cell: Cell, place: str, *, is_both: bool = False) -> tuple[str, str | None]:
    """Return the text of the price that a cell offers, and what it says of a discount.

    A struck-out price is dropped. Where the markup was lost and two amounts are left, one must be the other less the stated
    percentage, or the page say that both prices stand there.
    """
    text = _FOOTNOTE.sub("", cell.without(*_STRUCK))
    whole = [m[0] for m in _AMOUNT.finditer(_FOOTNOTE.sub("", cell.text))]
    off = _OFF.search(text)
    tenths = _TENTHS.search(text)
    bare = squash(_TENTHS.sub(" ", _OFF.sub(" ", text)))
    offered = [m[0] for m in _AMOUNT.finditer(bare)]
    if len(offered) == 2 and (off or is_both):
        low, high = sorted(offered, key=_number)
        if off and abs(_number(low) - _number(high) * (100 - int(off[1])) / 100) > Decimal("0.006") * _number(high):
            raise BadRow(place, f"a price and the same less {off[1]} %", repr(text))
        bare, offered = bare.replace(high, " ", 1) if low != high else bare, [low]
    regular = next((amount for amount in whole if amount not in offered), None)
    parts = [
        f"{off[1]}% off" if off else tenths[1] if tenths else None,
        f"{regular} without the discount" if regular else None,
    ]
    return squash(bare), "; ".join(part for part in parts if part) or None


def _number(amount: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.]", "", amount).rstrip("."))


def dates_of(over: Sequence[str]) -> tuple[date | None, date | None]:
    """Return from when, and until when, the last sentence with a day over a table says that its prices hold."""
    for sentence in reversed(re.split(r"(?<=[.\u3002;])\s+", " ".join(over[-3:]))):
        match = _DAY.search(sentence)
        day = _day(match[0]) if match else None
        if day is None:
            continue
        if _UNTIL.search(sentence):
            return None, day
        if _FROM.search(sentence):
            return day, None
    return None, None


def _day(text: str) -> date | None:
    plain = re.sub(r"\s?[\u5e74\u6708]\s?", "-", text).replace("\u65e5", "")
    try:
        return read_date(re.sub(r"\bSept\b", "Sep", plain))
    except ValueError:
        return None  # '2026/13/45'

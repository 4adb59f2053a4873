"""Read figures out of a cell's text: percents, money per unit, dates, intervals, ranges.

Every function takes the text of one cell and returns a value, or raises ValueError with what it expected. Nothing is
guessed: a figure whose unit or currency cannot be told is an error.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

NUMBER = r"[-+\u2212]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
MAX_DIGITS = 40
_NUMBER = re.compile(NUMBER)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MISSING = {"", "-", "--", "---", "\u2212", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2026", "..."} | {
    "n/a", "n.a.", "na", "nan", "none", "null", "tbd", "tba", "?", "unknown", "not available", "not applicable"
}  # fmt: skip
_CURRENCIES = {
    "$": "USD", "US$": "USD", "USD": "USD", "\u20ac": "EUR", "EUR": "EUR",
    "\u00a5": "CNY", "\uffe5": "CNY", "CNY": "CNY", "RMB": "CNY", "\u5143": "CNY",
}  # fmt: skip
_CURRENCY = re.compile(r"US\$|\$|\u20ac|\u00a5|\uffe5|\u5143|(?<![A-Z])(?:USD|EUR|CNY|RMB)(?![A-Z])", re.IGNORECASE)
_FOREIGN = re.compile(
    r"[\u00a3\u20b9\u20a9\u20bd\u00a2]|\u65e5\u5143|\b(?!US\$)[A-Z]{1,3}\$|\bcents?\b"
    r"|(?<![A-Z])(?:GBP|INR|KRW|JPY|RUB|CAD|AUD|HKD|SGD|TWD|CHF|BRL)(?![A-Z])",
    re.IGNORECASE,
)
_PER = r"(?:/|\bper\b)\s*"
_TOKENS = r"\s*(?:(?:input|output|cached|prompt|completion|text|of)\s+){0,3}tok(?:en)?s?\b"
# Another noun makes it no price per tokens: '/ 1M characters'.
_NOUN = r"\b(?!\s*(?!(?:input|output|cached|prompt|completion|in|out|and|or|for|with)\b)[a-z])"
_UNITS = {
    "per_mtok": rf"(?:1\s*)?(?:(?:m|million|mn|1,?000,?000|\u767e\u4e07){_TOKENS}|mtok(?:en)?s?\b|(?:1m|million|(?-i:M)){_NOUN})",
    "per_ktok": rf"(?:1\s*)?(?:(?:k|thousand|1,?000|\u5343){_TOKENS}|ktok(?:en)?s?\b|(?:1k|thousand|(?-i:K)){_NOUN})",
    "per_token": r"(?:(?:1|one|a)\s+)?(?:(?:input|output)\s+)?tok(?:en)?\b",
}
_UNIT = re.compile("|".join(rf"(?P<{name}>{_PER}{pattern})" for name, pattern in _UNITS.items()), re.IGNORECASE)
_OTHER_UNIT = re.compile(
    rf"{_PER}(?:[\d.,]+\s*)?(?:[km]\s+|thousand\s+|million\s+)?(?:(?:[a-z]+)\s+)?"
    r"(?:hours?|hr|minutes?|seconds?|min|sec|images?|calls?|char(?:acter)?s?|pages?|[gmt]i?b|days?|months?|years?|quer(?:y|ies)"
    r"|requests?|search(?:es)?|prompts?|sessions?|songs?|videos?|seats?|users?|documents?|words?|units?|mo)\b"
    rf"|{_PER}[\u4e00-\u9fff]",
    re.IGNORECASE,
)
_TIME_UNIT = re.compile(rf"\s*{_PER}(?:hours?|hr|minutes?|min|seconds?|sec|s|days?|months?|mo|years?)\b", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\s*(?:[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3]+|\(\d{1,2}\)|\[\d{1,2}\]|\d{1,2})\s*$")
_SCALED = re.compile(r"\d\s?(?:[kmb]\b|thousand\b|million\b|billion\b)", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?:[T ]\d{2}:\d{2}.{0,30})?",
        r"(?P<month>[a-z]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})",
        r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: |-)(?P<month>[a-z]{3,9})\.?,?(?: |-)(?P<y>\d{4})",
        r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})",
    )
)


class Money(NamedTuple):
    """An amount as published, its ISO currency, and its unit ('per_mtok', 'per_ktok', 'per_token') or None."""

    amount: Decimal
    currency: str
    unit: str | None


def squash(text: str) -> str:
    """Return the text with every run of white space (and soft hyphens, zero-width marks) made one blank."""
    return " ".join(_UNSEEN.sub("", text).split())


def is_missing(text: str) -> bool:
    """Return whether the cell says that there is no figure ('-', 'n/a', empty)."""
    return squash(text).lower() in _MISSING


def _plain(text: str) -> str:
    return text.replace(",", "").replace("\u2212", "-")


def _decimal(text: str, expected: str) -> Decimal:
    """Return the number a text is, neither longer nor larger than figures are."""
    if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text):
        value = Decimal(_plain(text))
        if not value or abs(value.adjusted()) < MAX_DIGITS:
            return value
    raise ValueError(expected)


def read_number(text: str) -> float:
    """Return the one number that the text consists of; thousands commas are understood."""
    return float(read_decimal(text))


def read_decimal(text: str) -> Decimal:
    """Return the one number that the text consists of, exactly."""
    return _decimal(squash(text), "a number")


def read_integer(text: str) -> int:
    """Return a whole number; '1,234' and '1234.0' are 1234."""
    value = read_decimal(text)
    if value != value.to_integral_value():
        raise ValueError("a whole number")
    return int(value)


def read_percent(text: str, *, sign: bool = True) -> float:
    """Return a percentage as a figure from 0 to 100; with `sign`, the % must be there."""
    text = squash(text).replace("\uff05", "%")
    bare = text.removesuffix("%").rstrip()
    if sign and bare == text:
        raise ValueError("a percentage with its % sign")
    return float(_decimal(bare, "a percentage"))


def read_unit(text: str) -> str | None:
    """Return the token unit the text names, None if it names none; ValueError if it names another kind, or several."""
    found = set()
    for match in _UNIT.finditer(text):
        if _TIME_UNIT.match(text, match.end()):
            raise ValueError("a price per tokens, not per time")
        found.add(str(match.lastgroup))
    if len(found) > 1:
        raise ValueError("one unit of tokens")
    if not found and _OTHER_UNIT.search(text):
        raise ValueError("a price per tokens")
    return found.pop() if found else None


def read_money(text: str, *, unit: str | None = None, currency: str | None = None) -> Money:
    """Return an amount with currency and unit.

    The currency must stand in the text unless the page states it elsewhere (`currency`); a unit in the text wins over
    `unit`, the one the page states for the whole table. Two amounts in one cell are an error, never a choice. A footnote's
    mark after the unit is no amount.
    """
    text = squash(text.replace("\\$", "$"))
    if _FOREIGN.search(text):
        raise ValueError("a price in US dollars, euro or yuan")
    found = {_CURRENCIES[c.upper()] for c in _CURRENCY.findall(text)} or ({currency} if currency else set())
    if len(found) != 1:
        raise ValueError("a price with one currency sign")
    stated = read_unit(text)
    bare = _without_unit(text)
    amounts = _NUMBER.findall(bare)
    if len(amounts) != 1 or _SCALED.search(bare):
        raise ValueError("one amount of money")
    amount = _decimal(amounts[0], "one amount of money")
    if amount < 0 or re.search(r"[-\u2212]\s*[$\u20ac\u00a5]", bare):
        raise ValueError("an amount of money of zero or more")
    return Money(amount, found.pop(), stated or unit)


def _without_unit(text: str) -> str:
    """Return the text without its unit, and without the mark of a footnote on it."""
    end = max((match.end() for match in _UNIT.finditer(text)), default=0)
    if end and (match := _FOOTNOTE.match(text, end)):
        text = text[: match.start()]
    return _UNIT.sub(" ", text)


def read_date(text: str) -> date:
    """Return a date written as 2024-07-10, July 10, 2024, 10 Jul 2024 or an ISO timestamp.

    Day and month both in figures, as in 25.12.2024, are read only where one of them can be no month.
    """
    text = squash(text)
    match = next((found for form in _DATES if (found := form.fullmatch(text))), None)
    try:
        if match and (parts := match.groupdict()):
            day, month = _day_and_month(parts)
            return date(int(parts["y"]), month, day)
    except (KeyError, ValueError):
        pass
    raise ValueError("a date such as 2024-07-10 or July 10, 2024")


def _day_and_month(parts: dict[str, str]) -> tuple[int, int]:
    if "month" in parts:
        return int(parts["d"]), _MONTHS[parts["month"].lower()]
    if "m" in parts:
        return int(parts["d"]), int(parts["m"])
    first, second = int(parts["a"]), int(parts["b"])
    if (first > 12) == (second > 12) and first != second:
        raise ValueError("day and month to be told apart")
    return (first, second) if first > 12 else (second, first)


def read_range(text: str) -> tuple[float, float]:
    """Return low and high of '40-50', '40 to 50', '40 – 50'; a single number is its own range."""
    text = squash(text).removeprefix("~").removeprefix("\u2248").strip()
    match = re.fullmatch(rf"({NUMBER})\s*(?:-|\u2013|\u2014|~|to)\s*({NUMBER})", text[:200])
    if not match or len(text) > 200:
        value = read_number(text)
        return value, value
    low, high = (float(_decimal(part, "a range from low to high")) for part in match.groups())
    if low > high:
        raise ValueError("a range from low to high")
    return low, high


_HALF = r"(\d+(?:\.\d+)?|\.\d+)\s?%?"
_ENDS = r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s?%?"
_PLUS_MINUS = re.compile(rf"\+\s*{_HALF}\s*[/,|]?\s*-\s*{_HALF}")
_MINUS_PLUS = re.compile(rf"-\s*{_HALF}\s*[/,|]?\s*\+\s*{_HALF}")
_HALF_WIDTH = re.compile(rf"(?:\u00b1|\+\s?/?\s?-)\s*{_HALF}")
_LOW_HIGH = re.compile(rf"{_ENDS}\s*(?:,\s|;|\u2013|\u2014|-|\bto\b|,)\s*{_ENDS}")


def read_interval(text: str, around: float) -> tuple[float, float]:
    """Return the ends of an interval round `around`: '+33/-30', '± 1.2', '(88.1, 90.2)', '88.1 - 90.2'."""
    text = squash(text).replace("\u2212", "-")[:100]
    if text[:1] + text[-1:] in ("()", "[]"):
        text = text[1:-1].strip()
    if match := _PLUS_MINUS.fullmatch(text):
        return around - float(match[2]), around + float(match[1])
    if match := _MINUS_PLUS.fullmatch(text):
        return around - float(match[1]), around + float(match[2])
    if match := _HALF_WIDTH.fullmatch(text):
        return around - float(match[1]), around + float(match[1])
    if match := _LOW_HIGH.fullmatch(text):
        low, high = (float(_plain(part)) for part in match.groups())
        if low <= around <= high:
            return low, high
    raise ValueError(f"an interval round {around:g} such as +3.1/-2.9 or \u00b1 3")

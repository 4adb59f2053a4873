"""Read figures out of a cell's text: percents, money per unit, dates, intervals, ranges.

Every function takes the text of one cell and returns a value, or raises ValueError with what it expected. Nothing is
guessed: a figure whose unit or currency cannot be told is an error.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

NUMBER = r"[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"(?=[-+\u2212]?\.?\d){NUMBER}")
_MISSING = {"", "-", "\u2013", "\u2014", "n/a", "na", "none", "null", "tbd", "?"}
_CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "USD": "USD",
    "\u20ac": "EUR",
    "EUR": "EUR",
    "\u00a5": "CNY",
    "CNY": "CNY",
    "RMB": "CNY",
}
_CURRENCY = re.compile(r"US\$|\$|\u20ac|\u00a5|\b(?:USD|EUR|CNY|RMB)\b")
_FOREIGN = re.compile(r"[\u00a3\u20b9\u20a9\u20bd]|\b(?:GBP|INR|KRW|JPY|RUB)\b")
_UNITS = (
    (
        "per_mtok",
        re.compile(
            r"(?:/|\bper\b)\s*(?:1\s*)?(?:m(?:illion)?\s*tok(?:en)?s?\b|mtok\b|1m\b|1,?000,?000\s*tok\w*|million\b)",
            re.I,
        ),
    ),
    (
        "per_ktok",
        re.compile(r"(?:/|\bper\b)\s*(?:1\s*)?(?:k\s*tok(?:en)?s?\b|ktok\b|1k\b|1,?000\s*tok\w*|thousand\b)", re.I),
    ),
    ("per_token", re.compile(r"(?:/|\bper\b)\s*tok(?:en)?\b", re.I)),
)
_OTHER_UNIT = re.compile(
    r"(?:/|\bper\b)\s*(?:1\s*)?(?:hours?|minutes?|seconds?|min|sec|images?|calls?|characters?|pages?|gb|day|month|year|queries|requests?)\b",
    re.I,
)
_DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%Y-%m-%dT%H:%M:%S",
    "%d-%m-%Y",
)


class Money(NamedTuple):
    """An amount as published, its ISO currency, and its unit ('per_mtok', 'per_ktok', 'per_token') or None."""

    amount: Decimal
    currency: str
    unit: str | None


def squash(text: str) -> str:
    """Return the text with every run of white space (and soft hyphens, zero-width marks) made one blank."""
    return re.sub(r"\s+", " ", re.sub("[\u00ad\u200b-\u200d\ufeff]", "", text)).strip()


def is_missing(text: str) -> bool:
    """Return whether the cell says that there is no figure ('-', 'n/a', empty)."""
    return squash(text).lower() in _MISSING


def _plain(text: str) -> str:
    return text.replace(",", "").replace("\u2212", "-")


def read_number(text: str) -> float:
    """Return the one number that the text consists of; thousands commas are understood."""
    return float(read_decimal(text))


def read_decimal(text: str) -> Decimal:
    """Return the one number that the text consists of, exactly."""
    text = squash(text)
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number")
    return Decimal(_plain(text))


def read_integer(text: str) -> int:
    """Return a whole number; '1,234' and '1234.0' are 1234."""
    value = read_decimal(text)
    if value != value.to_integral_value():
        raise ValueError("a whole number")
    return int(value)


def read_percent(text: str, *, sign: bool = True) -> float:
    """Return a percentage as a figure from 0 to 100; with `sign`, the % must be there."""
    text = squash(text)
    bare = text.removesuffix("%").rstrip()
    if sign and bare == text:
        raise ValueError("a percentage with its % sign")
    if not _NUMBER.fullmatch(bare):
        raise ValueError("a percentage")
    return float(_plain(bare))


def read_unit(text: str) -> str | None:
    """Return the token unit the text names, None if it names none; ValueError if it names another kind of unit."""
    for unit, pattern in _UNITS:
        if pattern.search(text):
            return unit
    if _OTHER_UNIT.search(text):
        raise ValueError("a price per tokens")
    return None


def read_money(text: str, *, unit: str | None = None, currency: str | None = None) -> Money:
    """Return an amount with currency and unit.

    The currency must stand in the text unless the page states it elsewhere (`currency`); a unit in the text wins over
    `unit`, the one the page states for the whole table. Two amounts in one cell are an error, never a choice.
    """
    text = squash(text.replace("\\$", "$"))
    if _FOREIGN.search(text):
        raise ValueError("a price in US dollars, euro or yuan")
    found = {_CURRENCIES[c] for c in _CURRENCY.findall(text)} or ({currency} if currency else set())
    if len(found) != 1:
        raise ValueError("a price with one currency sign")
    stated = read_unit(text)
    amounts = _NUMBER.findall(_strip_units(text))
    if len(amounts) != 1:
        raise ValueError("one amount of money")
    amount = Decimal(_plain(amounts[0]))
    if amount < 0:
        raise ValueError("an amount of money of zero or more")
    return Money(amount, found.pop(), stated or unit)


def _strip_units(text: str) -> str:
    for _, pattern in _UNITS:
        text = pattern.sub(" ", text)
    return text


def read_date(text: str) -> date:
    """Return a date written as 2024-07-10, July 10, 2024, 10 Jul 2024 or an ISO timestamp."""
    text = squash(text)
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text[:19] if "T" in text else text, form).date()
        except ValueError:
            continue
    raise ValueError("a date such as 2024-07-10 or July 10, 2024")


def read_range(text: str) -> tuple[float, float]:
    """Return low and high of '40-50', '40 to 50', '40 – 50'; a single number is its own range."""
    text = squash(text).removeprefix("~").removeprefix("\u2248").strip()
    match = re.fullmatch(rf"({NUMBER})\s*(?:-|\u2013|\u2014|to)\s*({NUMBER})", text)
    if not match or not match[1] or not match[2]:
        value = read_number(text)
        return value, value
    low, high = float(_plain(match[1])), float(_plain(match[2]))
    if low > high:
        raise ValueError("a range from low to high")
    return low, high


def read_interval(text: str, around: float) -> tuple[float, float]:
    """Return the ends of an interval round `around`: '+33/-30', '± 1.2', '(88.1, 90.2)', '88.1 - 90.2'."""
    text = squash(text).replace("\u2212", "-")
    number = r"(\d+(?:\.\d+)?)"
    if match := re.fullmatch(rf"\+\s*{number}\s*[/,]?\s*-\s*{number}", text):
        return around - float(match[2]), around + float(match[1])
    if match := re.fullmatch(rf"-\s*{number}\s*[/,]?\s*\+\s*{number}", text):
        return around - float(match[1]), around + float(match[2])
    if match := re.fullmatch(rf"(?:\u00b1|\+/-|\+-)\s*{number}%?", text):
        return around - float(match[1]), around + float(match[1])
    if match := re.fullmatch(r"[(\[]?\s*(-?\d+(?:\.\d+)?)\s*(?:,|-|\u2013|to|;)\s*(-?\d+(?:\.\d+)?)\s*[)\]]?", text):
        low, high = float(match[1]), float(match[2])
        if low <= around <= high:
            return low, high
    raise ValueError(f"an interval round {around:g} such as +3.1/-2.9 or \u00b1 3")

"""What readers of vendors' price pages share: amounts with unit, names of tiers, no price twice, believable order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from flows import values
from flows.errors import BadRow
from flows.records import Observation, Price, Rejected
from flows.values import Money, squash

# What is not priced by the token: "$0.006 / minute", "$15.00 / 1M characters", "$10 / 1K searches", "Free".
_OTHER = re.compile(
    r"^free\b|\b(?:character|minute|second|hour|image|call|search|query|querie|request|month|session|container|gb)s?(?:es)?\b",
    re.IGNORECASE,
)
# The unit is per token only if a word for tokens follows the number: "/ 1M" alone may be a million of anything.
_NO_TOKENS = re.compile(
    r"(?:/|\bper\b)\s*[\d,]*\s?[MK]\s+(?!tok|cached|input|output|training|text)[a-z]", re.IGNORECASE
)


# "from $3", "~$3": the least or most of several amounts, or a rough one.
_BOUND = re.compile(
    r"\s*(?:(?:starts?|starting)\s+(?:at|from)|from|as low as|up to|about|around|approx\w*\.?|[~\u2248<>\u2264\u2265])"
    r"\s*(?:US)?[$\u20ac\u00a5]?\s?\d",
    re.IGNORECASE,
)


def tiers(*parts: str | None) -> str | None:
    """Join the parts of a tier, in the order service tier, fine-tuned, data sharing, context; None if there is none."""
    return ", ".join(part for part in parts if part) or None


def context_tier(text: str) -> str | None:
    """Return 'context>200k' for '> 200K tokens' or 'over 200,000 tokens'; None for the side up to the threshold."""
    match = re.search(r"(>(?!=)|\bover\b)\s*([\d,]+)\s?(K?)\b", text, re.IGNORECASE)
    if not match:
        return None
    tokens = int(match[2].replace(",", ""))
    return f"context>{tokens if match[3] else tokens // 1000}k"


def is_unpriced(text: str) -> bool:
    """Return whether a cell has no price per token: nothing, 'Free', or a price per minute, image, character, call."""
    return values.is_missing(text) or bool(_OTHER.search(text))


def is_price(text: str) -> bool:
    """Return whether a text is one price per token and nothing else: '$3 / MTok'."""
    try:
        return (
            values.read_money(_bare(text)).unit is not None and not _OTHER.search(text) and not _NO_TOKENS.search(text)
        )
    except (ValueError, ArithmeticError):
        return False


def read_price(text: str, place: str, *, unit: str | None = None) -> Money:
    """Return an amount with its currency and token unit; BadRow if one of them cannot be told, or it is a bound alone."""
    if _BOUND.match(text):
        raise BadRow(place, "a price, not the least or the most of several", repr(text))
    try:
        money = values.read_money(_bare(text), unit=unit)
    except (ValueError, ArithmeticError) as error:
        raise BadRow(place, str(error), repr(text)) from None
    if money.unit is None or _NO_TOKENS.search(text):
        raise BadRow(place, "a price per tokens, the unit in the cell or over the table", repr(text))
    return money


def _bare(text: str) -> str:
    """Drop a footnote mark after the unit ('$0.20 / MTok 1'): it is no second amount."""
    return re.sub(r"(?<=MTok)\s?[\d*\u2020]{1,2}$", "", squash(text), flags=re.IGNORECASE)


def check_order(prices: Iterable[Price], place: str) -> None:
    """Raise BadRow if cached input > input, input > output or input > cache write: cells or columns are swapped."""
    groups: dict[tuple[str | None, str, str], dict[str, Decimal]] = defaultdict(dict)
    for price in prices:
        groups[price.tier, price.unit_original, price.currency][price.token_kind] = price.amount_original
    for group in groups.values():
        for low, high in (("cached_input", "input"), ("input", "output"), ("input", "cache_write")):
            if low in group and high in group and group[low] > group[high]:
                raise BadRow(place, f"{low} at most {high}", f"{group[low]} and {group[high]}")


def once(items: Iterable[Observation | Rejected]) -> Iterator[Observation | Rejected]:
    """Yield each price of a model once though the page lists it twice; where its amounts differ, all as Rejected."""
    rows = list(items)
    same: dict[_Key, list[Price]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Price):
            same[_key(row)].append(row)
    for row in rows:
        if not isinstance(row, Price):
            yield row
            continue
        found = same[_key(row)]
        if len({(p.amount_original, p.currency, p.unit_original) for p in found}) > 1:
            yield _ambiguous(row, found)
        elif row is found[0]:
            yield row


_Key = tuple[str, str, str | None, date | None]


def _key(price: Price) -> _Key:
    """Return what may have one amount only: a price that begins on another day is another price."""
    return price.model_label.casefold(), price.token_kind, price.tier, price.effective_on


def _ambiguous(row: Price, found: list[Price]) -> Rejected:
    where = "; ".join(f"{p.amount_original} {p.currency} at {p.row_locator}" for p in found)
    return Rejected(
        table="prices",
        row_locator=row.row_locator,
        reason=f"{row.row_locator}: expected one {row.token_kind} price of {row.model_label!r}; found {where}",
        model_label=row.model_label,
        cells={row.token_kind: str(row.amount_original), "tier": row.tier or ""},
    )

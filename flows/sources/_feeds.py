"""What the price feeds share: JSON read exactly, amounts, tiers, who serves a model, what is left out, and a changed shape.

A feed is JSON with one entry per model. Numbers keep the digits of the file: 1.5e-07 per token is 0.15 per million. What an
entry does not price by the token is left out by a rule and counted in the log; what cannot be read is Rejected.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Any, Literal, NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.payload import mend_all
from flows.read import UNITS
from flows.records import Observation, Price, Rejected
from flows.sources._feed_providers import provider_of
from flows.tables import Page

__all__ = [
    "LeftOut",
    "amount_of",
    "items_of",
    "load",
    "over",
    "path",
    "prices_of",
    "provider_of",
    "read_entries",
    "text_of",
]

log = logging.getLogger(__name__)
Token = Literal["input", "output", "cached_input", "cache_write"]
FREE = "free: listed at 0"
VARIES = "price that varies, or is not told"
_VARIES = {"varies", "variable", "dynamic"}
_ENOUGH = 6  # so many prices make a median, and tell a feed that lost its input or its output prices
_LONGEST = 20_000_000  # tokens of a prompt
_USUAL = (Decimal("0.005"), Decimal(200))  # where the median price of a million tokens lies, if the unit is right


@dataclass(frozen=True)
class LeftOut:
    """What a feed lists and this project does not want, in the words of the rule that leaves it out."""

    reason: str


class Figure(NamedTuple):
    """A price in an entry: what it is for, its tier, the value as it stands, and the keys that lead to it."""

    kind: Token
    tier: str | None
    value: Any
    keys: tuple[str | int, ...]


Row = Observation | Rejected
Found = Row | LeftOut
Entry = tuple[str | None, Any, str]  # a model's label, what the feed says of it, and its path
Parse = Callable[[str, Mapping[str, Any], str], Iterable[Found]]


def load(page: Page) -> Any:
    """Return the page as JSON with its numbers exact; LayoutChanged if it is none."""
    try:
        value = json.loads(page.text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise LayoutChanged(page.place, "JSON to its end", f"{error} in {len(page.text):,} characters") from None
    return mend_all(value) if "\\ud" in page.text.lower() else value


def path(*keys: str | int, within: str = "$") -> str:
    """Return the normalized path (RFC 9535) that leads from the root, or from `within`, over these keys."""
    return within + "".join(f"[{key}]" if isinstance(key, int) else f"['{_escape(key)}']" for key in keys)


def _escape(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")


def items_of(value: Any, place: str, what: str) -> Mapping[str, Any]:
    """Return the value if it is an object; LayoutChanged if the feed has another shape here."""
    if not isinstance(value, dict) or not value:
        raise LayoutChanged(place, what, _shape(value))
    return value


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, list(value)[:8])) or 'nothing'}"
    return f"a list of {len(value)}" if isinstance(value, list) else repr(value)[:80]


def text_of(item: Mapping[str, Any], key: str, at: str, *, default: str | None = None) -> str:
    """Return the text under a key; BadRow if it is of another type, or missing where there is no default."""
    value = item.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not values.squash(value):
        raise BadRow(path(key, within=at), "a text", "nothing" if value is None else repr(value)[:80])
    return values.squash(value)


def amount_of(value: Any, at: str) -> Decimal | None:
    """Return a price exactly as it stands, 0 for 'free', None where there is none; BadRow if it is neither.

    -1 and 'varies' are no prices: what a router passes on has none of its own.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = values.squash(value).lower()
        if text in _VARIES or values.is_missing(text):
            return None
        value = Decimal(0) if text == "free" else _number(text, at)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise BadRow(at, "a price", repr(value)[:80])
    amount = Decimal(value)
    if amount == -1:
        return None
    if amount < 0:
        raise BadRow(at, "a price of zero or more", str(amount))
    return amount


def _number(text: str, at: str) -> Decimal:
    try:
        return values.read_decimal(text)
    except ValueError as error:
        raise BadRow(at, str(error), repr(text)) from None


def over(tokens: Any, at: str) -> str:
    """Return the tier of prompts longer than so many tokens."""
    if (
        isinstance(tokens, bool)
        or not isinstance(tokens, int | Decimal)
        or not 1000 <= tokens <= _LONGEST
        or tokens % 1
    ):
        raise BadRow(at, f"a whole number of tokens, from 1,000 to {_LONGEST:,}", repr(tokens)[:80])
    return f"context>{int(tokens) // 1000}k"


def prices_of(
    label: str, provider: str, figures: Iterable[Figure], at: str, *, unit: str, **more: Any
) -> Iterator[Price | LeftOut]:
    """Yield a price per figure that is one; a zero with a note, what varies as left out."""
    for kind, tier, value, keys in figures:
        amount = amount_of(value, path(*keys, within=at))
        if amount is None:
            if value is not None:
                yield LeftOut(VARIES)
            continue
        yield Price(
            model_label=label,
            row_locator=path(*keys, within=at),
            provider_id=provider,
            token_kind=kind,
            amount_original=amount,
            unit_original=unit,
            tier=tier,
            **{"notes": None if amount else FREE} | more,
        )


def read_entries(page: Page, entries: Iterable[Entry], parse: Parse, *, into: str = "prices") -> list[Row]:
    """Return what `parse(label, item, path)` makes of each entry; an entry that cannot be read is one Rejected.

    What is left out, and a row that the feed lists twice, is counted in the log.
    """
    rows: list[Row] = []
    seen: set[Observation] = set()
    left_out: Counter[str] = Counter()
    for label, item, at in entries:
        for found in _parsed(page, label, item, at, parse, into):
            if isinstance(found, LeftOut):
                left_out[found.reason] += 1
            elif isinstance(found, Rejected):
                rows.append(found)
            elif (bare := replace(found, row_locator="")) in seen:
                left_out["row listed twice"] += 1
            else:
                seen.add(bare)
                rows.append(found)
    if left_out:
        log.info("%s: left out: %s", page.place, ", ".join(f"{n} {reason}" for reason, n in left_out.most_common()))
    return rows


def _parsed(page: Page, label: str | None, item: Any, at: str, parse: Parse, into: str) -> list[Found]:
    try:
        if not isinstance(item, dict):
            raise BadRow(at, "an object", repr(item)[:80])
        if not label:
            raise BadRow(at, "a model's name", repr(label))
        return list(parse(values.squash(label), item, at))
    except (BadRow, ArithmeticError, KeyError, TypeError, ValueError) as error:
        cells = item if isinstance(item, dict) else {"value": item}
        reason = f"{page.place}, {error}" if isinstance(error, BadRow) else f"{page.place}, {at}: expected {error!r}"
        return [
            Rejected(
                table=into,
                row_locator=at,
                reason=reason,
                model_label=label,
                cells={str(key): str(value)[:200] for key, value in cells.items()},
            )
        ]


def check_prices(rows: Sequence[Row], page: Page) -> None:
    """Raise LayoutChanged if a feed lost its input or output prices, or gives them in another unit."""
    prices = [row for row in rows if isinstance(row, Price) and row.tier is None]
    bad = [row.reason for row in rows if isinstance(row, Rejected)]
    n_input, n_output = (sum(price.token_kind == kind for price in prices) for kind in ("input", "output"))
    if not min(n_input, n_output) or (2 * min(n_input, n_output) < max(n_input, n_output) and len(prices) >= _ENOUGH):
        there = f"{n_input} and {n_output}" + (
            f"; {len(bad)} entries cannot be read, the first: {bad[0]}" if bad else ""
        )
        raise LayoutChanged(page.place, "prices of input tokens and about as many of output tokens", there)
    _check_order(prices, page)
    for kind in ("input", "output", "cache_write"):
        found = [
            p.amount_original * UNITS[p.unit_original] for p in prices if p.token_kind == kind and p.amount_original
        ]
        if len(found) >= _ENOUGH and not _USUAL[0] <= median(found) <= _USUAL[1]:
            expected = f"a median {kind} price of a million tokens from {_USUAL[0]} to {_USUAL[1]} dollars"
            raise LayoutChanged(page.place, expected, f"{median(found):f}: another unit")


def _check_order(prices: Sequence[Price], page: Page) -> None:
    """Raise LayoutChanged if most models ask less for output than for input, or more for cached input: fields exchanged."""
    models: dict[tuple[object, ...], dict[str, Decimal]] = defaultdict(dict)
    for price in prices:
        if price.amount_original:
            about = (price.model_label, price.provider_id, price.effective_on, price.ends_on)
            models[about][price.token_kind] = price.amount_original
    for low, high in (("input", "output"), ("cached_input", "input")):
        both = [(found[low], found[high]) for found in models.values() if low in found and high in found]
        n_wrong = sum(a > b for a, b in both)
        if 2 * n_wrong > len(both) and n_wrong > 1:
            raise LayoutChanged(
                page.place, f"prices of {high} at or above those of {low}", f"{n_wrong} of {len(both)} below"
            )

"""Mistral's price page: input and output prices of each model, which only the page's script payload holds.

The payload lists offers, each with a name and a list of prices: label ('Input (/M tokens)'), the amount in dollars, the same
offer in euro. The dollar price is read, the euro price only where there is no other. Some models stand in two lists; the same
price twice is one. Left out by rule: plans for people, tools, prices per page, minute or character, training and storage, and
models that embed, classify, moderate, transcribe or speak, whose tokens are no use of a language model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml import html

from flows import payload, values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._price_cards import Token, read_cards
from flows.sources._prices import check_order, context_tier, once, read_price, tiers
from flows.tables import Page, text_of
from flows.values import squash

SOURCE = Source(
    id="mistral_pricing",
    title="Mistral's price page",
    kind="pricing",
    urls=("https://mistral.ai/pricing",),
    former_urls=(
        "https://mistral.ai/pricing/",
        "https://mistral.ai/pricing#api-pricing",
        "https://mistral.ai/technology/",
    ),
    publisher="Mistral AI",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=8,
    expects={"prices": Expect(low=0, high=100, max_vanished=0.9)},
    cadence=days(7),
)

_DOLLARS = ("price_dollar", "price_usd", "dollar", "usd")
_EUROS = ("price_euro", "price_eur", "euro", "eur")
_LABELS = ("value", "label", "title")
_KINDS: Mapping[str, Token] = {
    "cached": "cached_input",
    "cache read": "cached_input",
    "input": "input",
    "output": "output",
}
# By the offer's group ('Tools', 'Embedding models'), name or endpoint.
_OTHER = re.compile(
    r"\btools?\b|\bclassifier|embed|moderation|\bocr\b|\btts\b|transcri|\brealtime\b|\bspeech\b", re.IGNORECASE
)
_PER_TOKEN = re.compile(r"tok(?:en)?s?\b", re.IGNORECASE)
_OTHER_PRICE = re.compile(
    r"\b(?:training|storage|fine-?tuning|pages?|minutes?|min|characters?|images?|calls?|audio|ocr|annotations?|available on)\b",
    re.IGNORECASE,
)
_TEXT_PART = re.compile(r"((?:[$\u20ac]\s?[\d.]+|[\d.]+\s?[$\u20ac]))\s*\(text\)", re.IGNORECASE)
_UNDER_LABEL = re.compile(r"\b(Input|Output) \((/ ?M tokens)\)(\s*)(\$\s?[\d.]+)")
_SERVICE = re.compile(r"\b(?:batch|flex|priority)\b", re.IGNORECASE)
_STRUCK = frozenset({"del", "s", "strike", "sup"})
MOST_DEPTH = 200


class _Offer(NamedTuple):
    """An offer of the payload and its place there, a path from the root of a row of the stream."""

    path: str
    fields: Mapping[str, Any]


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the input and output prices of every language model that the payload offers."""
    offers = list(_offers(page))
    if not offers and (cards := list(_cards(page))):
        yield from cards
        return
    if not any(_first(price, _DOLLARS + _EUROS) for offer in offers for price in offer.fields["price"]):
        size = f"{len(offers)} among {len(page.payload):,} characters of payload"
        raise LayoutChanged(page.place, "offers with a name and prices in dollars or euro in the payload", size)
    yield from once(_read(offers, page))


def _cards(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of a page whose text shows them: the older page, or what a reader service made of it in markdown."""
    text = _UNDER_LABEL.sub(r"\1\3\4 \2", page.text) if page.is_markdown else page.text
    shown = Page(text.encode(), page.url, page.captured_at)
    rows = read_cards(shown, "mistral", named="stral")
    yield from (row for row in rows if not _OTHER.search((row.model_label or "").replace("-", " ")))


def _offers(page: Page) -> Iterator[_Offer]:
    """Yield every object of the payload that has a name and a list of prices."""
    if payload.is_flight(page.payload):
        rows = [(f"row {key}", text) for key, text, is_text in payload.flight_rows(page.payload) if not is_text]
    else:
        scripts = [] if page.is_markdown else payload.json_scripts(page.root)
        rows = [(f"script {n}", text) for n, text in enumerate(scripts, 1)]
    for name, text in rows:
        if '"price"' not in text:
            continue
        try:
            yield from _walk(json.loads(text), f"payload {name}, $", 0)
        except (ValueError, RecursionError):
            raise LayoutChanged(page.place, f"JSON in payload {name}", text[:80]) from None


def _walk(value: Any, path: str, depth: int) -> Iterator[_Offer]:
    if depth > MOST_DEPTH:
        return
    if isinstance(value, dict):
        prices = value.get("price")
        if isinstance(value.get("name"), str) and isinstance(prices, list) and all(isinstance(p, dict) for p in prices):
            yield _Offer(path, value)
            return
        for key, item in value.items():
            yield from _walk(item, f"{path}['{key}']", depth + 1)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _walk(item, f"{path}[{n}]", depth + 1)


def _read(offers: list[_Offer], page: Page) -> Iterator[Observation | Rejected]:
    for offer in offers:
        name = squash(offer.fields["name"])
        words = [offer.fields.get(key) or "" for key in ("type", "name", "api_endpoint", "api")]
        if _OTHER.search(" ".join(str(word).replace("-", " ") for word in words)):
            continue
        if offer.fields.get("status", "published") != "published":
            continue  # a draft, or an offer of the past, which the page does not show
        try:
            yield from _read_offer(offer, name, page)
        except BadRow as error:
            cells = {str(_first(p, _LABELS)): str(_first(p, _DOLLARS)) for p in offer.fields["price"]}
            yield Rejected(table="prices", row_locator=offer.path, reason=str(error), model_label=name, cells=cells)


def _read_offer(offer: _Offer, name: str, page: Page) -> list[Price]:
    place = f"{page.place}, {offer.path}"
    prices = []
    for n, item in enumerate(offer.fields["price"]):
        label = _words(_first(item, _LABELS))
        for token, text, unit, note in _amounts(item, label, f"{place}, {label!r}"):
            price = Price(
                model_label=name,
                row_locator=f"{offer.path}['price'][{n}]",
                provider_id="mistral",
                token_kind=token,
                tier=tiers(match[0].casefold() if (match := _SERVICE.search(label)) else None, context_tier(label)),
                notes="; ".join(part for part in (_endpoint(offer), note) if part) or None,
                **_money(text, unit, f"{place}, {label!r}"),
            )
            prices.append(price)
    check_order(prices, place)
    return prices


def _amounts(item: Mapping[str, Any], label: str, place: str) -> Iterator[tuple[Token, str, str | None, str | None]]:
    """Yield kind, text, unit and note of each price per token in an item; BadRow for an item that cannot be told."""
    if not item.keys() & {*_DOLLARS, *_EUROS}:
        raise BadRow(place, f"an amount under {_DOLLARS[0]!r} or {_EUROS[0]!r}", str(sorted(item)))
    text = _words(_first(item, _DOLLARS)) or _words(_first(item, _EUROS))
    kind = next((kind for word, kind in _KINDS.items() if word in label.casefold()), None)
    if re.fullmatch(r"free\W*", text, re.IGNORECASE) and (kind or "api" in label.casefold()):
        for token in (kind,) if kind else ("input", "output"):  # a free endpoint
            yield token, "$0", "per_mtok", "free"
        return
    if part := _TEXT_PART.search(text):  # 'Input (per min / per M tok)': '$0.004 (audio) / $0.1 (text)'
        text, label = part[1], re.sub(r"per min\w*\s*/", "", label)
    if values.is_missing(text) or not re.search(r"\d", text) or _OTHER_PRICE.search(f"{label} {text}"):
        return
    if kind is None:
        if _PER_TOKEN.search(f"{label} {text}"):
            raise BadRow(place, "a label with input or output", repr(text))
        return  # a price of something else than tokens
    yield kind, text, _unit(label), None


def _money(text: str, unit: str | None, place: str) -> dict[str, Any]:
    money = read_price(text, place, unit=unit)
    return {"amount_original": money.amount, "currency": money.currency, "unit_original": money.unit}


def _unit(label: str) -> str | None:
    try:
        return values.read_unit(label)
    except ValueError:
        return None


def _endpoint(offer: _Offer) -> str | None:
    name = offer.fields.get("api_endpoint") or offer.fields.get("api")
    return f"endpoint {name}" if isinstance(name, str) and name else None


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if isinstance(text := item.get(name), str) and text), "")


def _words(text: str) -> str:
    """Return a field as a reader sees it: markup and entities gone, '$$' for a '$' at the start as Next.js escapes it."""
    text = re.sub(r"^\s*\$\$", "$", text)
    if not text.strip() or not re.search(r"[<&]", text):
        return squash(text)
    return text_of(html.fragment_fromstring(text, create_parent="div"), without=_STRUCK)

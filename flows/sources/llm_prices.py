"""Simon Willison's llm-prices: what vendors ask for their models, and since when, one file per vendor.

A history: each model lists its prices per million tokens with `from_date` (the first day) and `to_date` (the first day no
longer), most often both null: no day is told, so the price counts as seen on the day of capture, or, once it has ended,
on its last day. The site's own files hold the same for all vendors (current-v1.json, historical-v1.json). A price of long
prompts stands as a model of its own, 'Gemini 2.5 Pro >200k' with the id gemini-2.5-pro-200k: the context is its tier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._feeds import (
    Entry,
    Figure,
    Found,
    LeftOut,
    check_prices,
    load,
    path,
    prices_of,
    provider_of,
    read_entries,
    text_of,
)
from flows.sources._prices import context_tier
from flows.tables import Page

_DATA = "https://raw.githubusercontent.com/simonw/llm-prices/main/data"
_VENDORS = [
    "amazon",
    "anthropic",
    "deepseek",
    "google",
    "meta-ai",
    "minimax",
    "mistral",
    "moonshot-ai",
    "openai",
    "qwen",
    "xai",
]
SOURCE = Source(
    id="llm_prices",
    title="llm-prices: vendors' prices and their history",
    kind="feed",
    urls=tuple(f"{_DATA}/{vendor}.json" for vendor in _VENDORS),
    former_urls=(
        f"{_DATA}/z.ai.json",
        f"{_DATA}/typesafe.json",
        "https://www.llm-prices.com/historical-v1.json",
        "https://www.llm-prices.com/current-v1.json",
    ),
    publisher="Simon Willison",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=2,
    expects={"prices": Expect(low=0, high=2_000, is_volatile=True)},
    cadence=days(7),
    page_is="history",
    precedence=20,
)

_OTHER = re.compile(r"\b(?:image gen|image tokens|audio|embeddings?|text to speech|transcribe|ocr)\b|^gpt-image", re.I)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield each price of each model, with the days it was valid where they are told."""
    captured_on = page.captured_at.date()

    def parse(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
        return _parse(label, item, at, captured_on)

    rows = read_entries(page, _entries(load(page), page), parse)
    check_prices(rows, page)
    yield from rows


def _entries(root: Any, page: Page) -> Iterator[Entry]:
    """Yield one entry per price, with its model's id, name and vendor in it."""
    models, prices = (root.get("models"), root.get("prices")) if isinstance(root, dict) else (None, None)
    if isinstance(models, list) and isinstance(root.get("vendor"), str):
        _check_days(models, page)
        for n, model in enumerate(models):
            history = model.get("price_history") if isinstance(model, dict) else None
            if not isinstance(history, list) or not history:
                yield None, model, path("models", n)
                continue
            about = {key: value for key, value in model.items() if key != "price_history"} | {"vendor": root["vendor"]}
            for m, price in enumerate(history):
                whole = about | price if isinstance(price, dict) else price
                yield _id(model), whole, path("models", n, "price_history", m)
    elif isinstance(prices, list):
        yield from ((_id(price), price, path("prices", n)) for n, price in enumerate(prices))
    else:
        found = f"keys {', '.join(map(repr, root))[:200]}" if isinstance(root, dict) else repr(root)[:80]
        raise LayoutChanged(page.place, "a vendor with its models, or a list of prices", found)


def _check_days(models: list[Any], page: Page) -> None:
    """Raise LayoutChanged if no price of a history has a field for its days: none told is null, and no history without."""
    histories = [model.get("price_history") for model in models if isinstance(model, dict)]
    prices = [
        price for history in histories if isinstance(history, list) for price in history if isinstance(price, dict)
    ]
    lacks = [key for key in ("from_date", "to_date") if not any(key in price for price in prices)]
    if prices and lacks:
        raise LayoutChanged(page.place, f"prices with {' and '.join(lacks)}", ", ".join(prices[0]))


def _id(model: Any) -> str | None:
    name = model.get("id") if isinstance(model, dict) else None
    return name if isinstance(name, str) else None


def _parse(label: str, item: Mapping[str, Any], at: str, captured_on: date) -> Iterator[Found]:
    name = text_of(item, "name", at)
    if _OTHER.search(name) or _OTHER.search(label):
        yield LeftOut("model of images or sound")
        return
    begins, ends = (_day(item, key, at) for key in ("from_date", "to_date"))
    if begins and ends and begins >= ends:
        raise BadRow(at, "a price that began before it ended", f"from {begins} to {ends}")
    tier = context_tier(name)
    suffix = tier.replace("context>", "-") if tier else ""
    has_two = re.search(r"\w and \w", name)
    figures = (
        Figure("input", tier, item.get("input"), ("input",)),
        Figure("output", tier, item.get("output"), ("output",)),
        Figure("cached_input", tier, item.get("input_cached"), ("input_cached",)),
    )
    notes = {"notes": f"of {name}"} if has_two else {}
    yield from prices_of(
        label.removesuffix(suffix).rstrip("-"),  # 'gemini-2.5-pro--200k' in October 2025
        provider_of(text_of(item, "vendor", at)),
        figures,
        at,
        unit="per_mtok",
        effective_on=begins,
        seen_on=ends - timedelta(days=1) if ends and ends <= captured_on and not begins else None,
        ends_on=ends,
        **notes,
    )


def _day(item: Mapping[str, Any], key: str, at: str) -> date | None:
    """Return a day, None where it is null; BadRow if it is no day."""
    if item.get(key) is None:
        return None
    try:
        return values.read_date(text_of(item, key, at))
    except ValueError as error:
        raise BadRow(path(key, within=at), str(error), repr(item[key])) from None

"""OpenRouter's list of models: what it asks per token for each model it routes to, and how fast the hosts behind it are.

`/api/v1/models` answers a list with prices as strings in dollars per token; -1 says that a router's price varies. Answers
for the endpoints of one model name each host, with the median of its tokens per second in the last 30 minutes. Scrapers keep
the same answers in an envelope, or the rows of the site's table. An id that ends in ':free' is a route of its own, at 0 and
with tight limits; ':thinking' and the like are routes too, and stay in the label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, Speed, days
from flows.sources._feeds import (
    Entry,
    Figure,
    Found,
    LeftOut,
    Token,
    amount_of,
    check_prices,
    load,
    over,
    path,
    prices_of,
    provider_of,
    read_entries,
    text_of,
)
from flows.sources._prices import tiers
from flows.tables import Page

SOURCE = Source(
    id="openrouter",
    title="OpenRouter's models",
    kind="feed",
    urls=("https://openrouter.ai/api/v1/models",),
    publisher="OpenRouter",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=1,
    expects={
        "prices": Expect(low=0, high=10_000, max_ratio=100, is_volatile=True),
        "speeds": Expect(low=0.01, high=10_000),
    },
    cadence=days(7),
    precedence=10,  # its own prices: other feeds only copy them
)

_KINDS: Mapping[str, tuple[Token, str | None]] = {
    "prompt": ("input", None),
    "completion": ("output", None),
    "input_cache_read": ("cached_input", None),
    "input_cache_write": ("cache_write", None),
    "input_cache_write_1h": ("cache_write", "cache_1h"),
}
# Beside the prices of text tokens: per request, image, search; tokens of sound, images and reasoning.
_BESIDE = {
    "request", "image", "image_token", "image_output", "web_search", "internal_reasoning", "discount",
    "audio", "audio_output", "audio_completion", "input_audio", "output_audio", "input_audio_cache", "overrides",
}  # fmt: skip
_ENVELOPES = ("body", "response")


class Listing(NamedTuple):
    """The models, endpoints or table rows of an answer, and where they stand."""

    kind: str
    items: list[Any]
    at: str
    model: str | None = None


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every model, or the speeds of the hosts of one."""
    kind, items, at, model = _listing(load(page), page)
    parse = {"models": _prices, "endpoints": _speed, "table": _table_row}[kind]
    names = {"models": "id", "endpoints": "model_id", "table": "code"}
    entries: list[Entry] = []
    for n, item in enumerate(items):
        name = item.get(names[kind]) if isinstance(item, dict) else None
        entries.append((name if isinstance(name, str) else model, item, f"{at}[{n}]"))
    rows = read_entries(page, entries, parse, into="speeds" if kind == "endpoints" else "prices")
    if kind != "endpoints":
        check_prices(rows, page)
    yield from rows


def _listing(root: Any, page: Page) -> Listing:
    """Return what an answer lists; LayoutChanged if it is of no known shape."""
    at, top = "$", root
    for key in _ENVELOPES:
        if isinstance(top, dict) and isinstance(top.get(key), dict | list):
            at, top = path(key, within=at), top[key]
    if isinstance(top, dict) and isinstance(top.get("data"), dict | list):
        at, top = path("data", within=at), top["data"]
    if isinstance(top, list) and top:
        first = next((item for item in top if isinstance(item, dict)), {})
        return Listing("endpoints" if "provider_name" in first and "id" not in first else "models", top, at)
    if isinstance(top, dict) and isinstance(top.get("endpoints"), list) and isinstance(top.get("id"), str):
        return Listing("endpoints", top["endpoints"], path("endpoints", within=at), top["id"])
    if isinstance(top, dict) and isinstance(rows := top.get("models"), list) and rows:
        is_table = isinstance(rows[0], dict) and {"code", "prices"} <= set(rows[0])
        return Listing("table" if is_table else "models", rows, path("models", within=at))
    keys = ", ".join(map(repr, list(top)[:8])) if isinstance(top, dict) else repr(top)[:80]
    raise LayoutChanged(page.place, "a list of models under 'data'", keys or "nothing")


def _prices(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
    outputs = _outputs(item)
    if outputs and "text" not in outputs:
        yield LeftOut(f"model that makes {' and '.join(sorted(outputs))}")
        return
    pricing = item.get("pricing")
    if not isinstance(pricing, dict):
        raise BadRow(path("pricing", within=at), "an object of prices", repr(pricing)[:80])
    figures = [Figure(kind, tier, pricing.get(key), ("pricing", key)) for key, (kind, tier) in _KINDS.items()]
    yield from (LeftOut(f"price {key}") for key in pricing if key not in _KINDS and key not in _BESIDE)
    yield from prices_of(label, "openrouter", figures, at, unit="per_token")
    yield from _overrides(label, pricing.get("overrides") or [], at)


def _outputs(item: Mapping[str, Any]) -> set[str]:
    """Return what a model makes; older answers say it as 'text+image->text', some not at all."""
    architecture = item.get("architecture")
    if not isinstance(architecture, dict):
        return set()
    listed, modality = architecture.get("output_modalities"), architecture.get("modality")
    if isinstance(listed, list):
        return {str(one) for one in listed}
    return set(modality.rpartition("->")[2].split("+")) if isinstance(modality, str) and "->" in modality else set()


def _overrides(label: str, overrides: Any, at: str) -> Iterator[Found]:
    """Yield the prices of long prompts; those of certain hours are no tier of their own."""
    at = path("pricing", "overrides", within=at)
    if not isinstance(overrides, list):
        raise BadRow(at, "a list of prices under conditions", repr(overrides)[:80])
    for n, one in enumerate(overrides):
        place = f"{at}[{n}]"
        if not isinstance(one, dict):
            raise BadRow(place, "prices under a condition", repr(one)[:80])
        if (conditions := set(one) - set(_KINDS) - _BESIDE) != {"min_prompt_tokens"}:
            yield LeftOut(f"price under {', '.join(sorted(conditions)) or 'no condition'}")
            continue
        context = over(one["min_prompt_tokens"], path("min_prompt_tokens", within=place))
        figures = [Figure(kind, tiers(tier, context), one.get(key), (key,)) for key, (kind, tier) in _KINDS.items()]
        yield from prices_of(label, "openrouter", figures, place, unit="per_token")


def _speed(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
    """Yield the median speed of an endpoint; its latency is given without a unit, its price is the host's own."""
    measured = item.get("throughput_last_30m")
    if not isinstance(measured, dict) or measured.get("p50") is None:
        yield LeftOut("endpoint without a median speed")
        return
    place = path("throughput_last_30m", "p50", within=at)
    tag = text_of(item, "tag", at, default="").partition("/")
    speed = amount_of(measured["p50"], place)
    if not speed:
        raise BadRow(place, "tokens per second above zero", repr(measured["p50"]))
    yield Speed(
        model_label=label,
        row_locator=place,
        provider_id=provider_of(tag[0] or text_of(item, "provider_name", at)),
        statistic="median",
        tokens_per_second=float(speed),
        notes=f"{tag[2]}, over OpenRouter, last 30 minutes" if tag[2] else "over OpenRouter, last 30 minutes",
    )


def _table_row(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
    """Yield the two prices of a row of the site's table, kept as cents per million tokens.

    The scraper (github.com/tluyben/model-fetcher) multiplied each dollar figure by 100 as a float: 15 digits are its own.
    """
    cents = item["prices"]
    if not isinstance(cents, list) or len(cents) != 2:
        raise BadRow(path("prices", within=at), "two prices, of input and output", repr(cents)[:80])
    kinds: tuple[Token, Token] = ("input", "output")
    figures = [
        Figure(kind, None, _dollars(cent, at), ("prices", n))
        for n, (kind, cent) in enumerate(zip(kinds, cents, strict=True))
    ]
    yield from prices_of(label, "openrouter", figures, at, unit="per_mtok")


def _dollars(cents: Any, at: str) -> Any:
    amount = amount_of(cents, at)
    return cents if amount is None else Decimal(f"{amount:.15g}") / 100

"""models.dev: the registry of models and of who serves them, with prices, release dates, open weights and context.

One object per provider with its models; prices in dollars per million tokens. Its facts are kept as raw.models to check
against: the registry is written by many hands, resellers copy dates, and the same id stands at many providers. So a fact's
model_id is PROVIDER.ID: what that provider's entry says, and nobody else's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, ModelFact, Observation, Rejected, Source, days
from flows.sources._feeds import (
    Entry,
    Figure,
    Found,
    LeftOut,
    Token,
    check_prices,
    items_of,
    load,
    over,
    path,
    prices_of,
    provider_of,
    read_entries,
    text_of,
)
from flows.tables import Page

SOURCE = Source(
    id="models_dev",
    title="models.dev: models, their providers and prices",
    kind="feed",
    urls=("https://models.dev/api.json",),
    publisher="models.dev (Anomaly)",
    licence="MIT",
    may_republish=True,
    min_rows=20,
    expects={"prices": Expect(low=0, high=10_000, max_ratio=100, is_volatile=True)},
    cadence=days(7),
    precedence=20,
)

_KINDS: Mapping[str, Token] = {
    "input": "input",
    "output": "output",
    "cache_read": "cached_input",
    "cache_write": "cache_write",
}
_BESIDE = {"reasoning", "input_audio", "output_audio", "per_minute", "tiers", "context_over_200k"}
_MONTH = re.compile(r"\d{4}-\d{2}")
# Embeddings stand as text to text: their family, or else their name, tells them.
_OTHER = re.compile(r"embed|rerank|moderation|whisper|transcri|\b(?:tts|asr|ocr|e5|bge)\b", re.IGNORECASE)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield what each provider's entry says of a model, and its prices."""
    root = items_of(load(page), page.place, "an object with one entry per provider")
    seen: dict[str, str] = {}
    providers = [
        key for key, value in root.items() if isinstance(value, dict) and isinstance(value.get("models"), dict)
    ]
    if 2 * len(providers) < len(root):
        raise LayoutChanged(page.place, "providers with their models", f"{len(providers)} among {len(root)} entries")

    def parse(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
        slug = str(item["provider_of"])
        whole = _extended(item, root, at)
        if reason := _unwanted(label, whole, at):
            yield LeftOut(reason)
            return
        yield _fact(label, slug, whole, at, seen)
        yield from _prices(label, slug, whole.get("cost"), path("cost", within=at))

    rows = read_entries(page, _entries(root), parse)
    check_prices(rows, page)
    yield from rows


def _entries(root: Mapping[str, Any]) -> Iterator[Entry]:
    for slug, provider in root.items():
        models = provider.get("models") if isinstance(provider, dict) else None
        if not isinstance(models, dict):
            yield slug, None, path(slug)
            continue
        for name, model in models.items():
            yield name, model | {"provider_of": slug} if isinstance(model, dict) else model, path(slug, "models", name)


def _extended(item: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Mapping[str, Any]:
    """Return an entry with what it takes over from the one it extends, 'provider/model'."""
    if (extends := item.get("extends")) is None:
        return item
    link = extends.get("from") if isinstance(extends, dict) else extends
    slug, _, name = link.partition("/") if isinstance(link, str) else ("", "", "")
    provider = root.get(slug)
    models = provider.get("models") if isinstance(provider, dict) else None
    base = models.get(name) if isinstance(models, dict) else None
    if not isinstance(base, dict) or "extends" in base:
        raise BadRow(path("extends", within=at), "a model of this registry, 'provider/model'", repr(link)[:80])
    omitted = extends.get("omit") if isinstance(extends, dict) else None
    return {**{key: value for key, value in base.items() if key not in (omitted or ())}, **item}


def _unwanted(label: str, item: Mapping[str, Any], at: str) -> str | None:
    """Return why an entry is no language model, None if it is one."""
    kind = item.get("type")
    if isinstance(kind, str) and kind not in ("chat", "realtime"):
        return f"model of type {kind}"
    modalities = item.get("modalities")
    if isinstance(modalities, dict):
        for way in ("input", "output"):
            listed = modalities.get(way)
            if isinstance(listed, list) and listed and "text" not in listed:
                return f"model without text as its {way}"
    elif modalities is not None:
        raise BadRow(path("modalities", within=at), "lists of input and output", repr(modalities)[:80])
    words = f"{item.get('family') or ''} {label}"
    return "embedding, reranking or speech model" if _OTHER.search(words) else None


def _fact(label: str, slug: str, item: Mapping[str, Any], at: str, seen: dict[str, str]) -> ModelFact:
    released, month = _released(item, at)
    is_open, is_reasoning = (_flag(item, key, at) for key in ("open_weights", "reasoning"))
    limit = item.get("limit")
    context = limit.get("context") if isinstance(limit, dict) else None
    if context is not None and (isinstance(context, bool) or not isinstance(context, int) or context < 0):
        raise BadRow(path("limit", "context", within=at), "a whole number of tokens", repr(context)[:80])
    return ModelFact(
        model_label=label,
        row_locator=at,
        model_id=_model_id(slug, label, seen),
        name=text_of(item, "name", at, default=label),
        family=text_of(item, "family", at, default="") or None,
        released_on=released,
        access=None if is_open is None else "open" if is_open else "closed",
        is_reasoning=is_reasoning,
        context_tokens=context or None,
        notes=f"released in {month}, the day is not told" if month else None,
    )


def _model_id(slug: str, label: str, seen: dict[str, str]) -> str:
    """Return PROVIDER.ID in the letters of an identifier; a digest tells apart ids that differ in other letters alone."""
    made = re.sub(r"[^a-z0-9.]+", "-", f"{slug}.{label}".lower()).strip("-")
    if seen.setdefault(made, f"{slug}/{label}") != f"{slug}/{label}":
        made += "-" + hashlib.sha256(f"{slug}/{label}".encode()).hexdigest()[:6]
    return made


def _released(item: Mapping[str, Any], at: str) -> tuple[date | None, str | None]:
    """Return the day of release, or the month where no day is told."""
    if not (text := text_of(item, "release_date", at, default="")):
        return None, None
    if _MONTH.fullmatch(text):
        return None, text
    try:
        return values.read_date(text), None
    except ValueError as error:
        raise BadRow(path("release_date", within=at), f"{error}, or a month such as 2024-07", repr(text)) from None


def _flag(item: Mapping[str, Any], key: str, at: str) -> bool | None:
    value = item.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadRow(path(key, within=at), "true or false", repr(value)[:80])
    return value


def _prices(label: str, slug: str, cost: Any, at: str) -> Iterator[Found]:
    if cost is None:
        yield LeftOut("price not stated")
        return
    if not isinstance(cost, dict):
        raise BadRow(at, "an object of prices", repr(cost)[:80])
    yield from (LeftOut(f"price {key}") for key in cost if key not in _KINDS and key not in _BESIDE)
    tiers = cost.get("tiers") or []
    if not isinstance(tiers, list):
        raise BadRow(path("tiers", within=at), "a list of tiers", repr(tiers)[:80])
    levels: list[tuple[str | None, Any, tuple[str | int, ...]]] = [(None, cost, ())]
    for n, tier in enumerate(tiers):
        place = path("tiers", n, within=at)
        bound = tier.get("tier") if isinstance(tier, dict) else None
        if not isinstance(bound, dict) or bound.get("type", "context") != "context":
            raise BadRow(place, "prices over a length of prompt", repr(tier)[:80])
        levels.append((over(bound.get("size"), path("tier", "size", within=place)), tier, ("tiers", n)))
    if not tiers and (long := cost.get("context_over_200k")) is not None:  # beside tiers, it repeats the first of them
        levels.append(("context>200k", long, ("context_over_200k",)))
    for context, prices, keys in levels:
        if not isinstance(prices, dict):
            raise BadRow(path(*keys, within=at), "an object of prices", repr(prices)[:80])
        figures = [Figure(kind, context, prices.get(key), (*keys, key)) for key, kind in _KINDS.items()]
        yield from prices_of(label, provider_of(slug), figures, at, unit="per_mtok")

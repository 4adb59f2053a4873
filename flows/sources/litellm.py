"""LiteLLM's price file: what hundreds of hosts ask per token, model by model, as its maintainers and users keep it.

One object per model under the name by which LiteLLM calls it. Prices are floats in dollars per token. Read are chat,
completion and responses models; not embeddings, images, speech, rerankers and the like, nor prices per second, character,
image, query, per token of audio or reasoning, or in a cloud's own units. A threshold, a service tier or the life of a cache
is part of a field's name: `cache_read_input_token_cost_above_200k_tokens_priority`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, days
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
from flows.sources._prices import tiers
from flows.tables import Page

SOURCE = Source(
    id="litellm",
    title="LiteLLM's model prices",
    kind="feed",
    urls=("https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",),
    publisher="BerriAI",
    licence="MIT",
    may_republish=True,
    min_rows=100,
    expects={"prices": Expect(low=0, high=1_000, max_ratio=100, is_volatile=True)},
    cadence=days(7),
    precedence=20,
)

_LANGUAGE = {"chat", "completion", "responses"}
_SAMPLE = "sample_spec"  # the first entry only explains the fields
_KINDS: Mapping[str, Token] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached_input",
    "input_cost_per_token_cache_hit": "cached_input",  # DeepSeek's, before the field above
    "cache_creation_input_token_cost": "cache_write",
}
_FIELD = re.compile(
    rf"(?P<base>{'|'.join(_KINDS)})(?P<rest>(?:_above_1hr|_above_\d+k_tokens|_batch(?:es|_requests)?|_flex|_priority)*)"
)
_LIKE = re.compile(rf"(?:{'|'.join(_KINDS)})\w*")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices per token of every language model."""
    root = items_of(load(page), page.place, "an object with one entry per model")
    entries: list[Entry] = [(name, item, path(name)) for name, item in root.items() if name != _SAMPLE]
    if not any(isinstance(item, dict) and "mode" in item for _, item, _ in entries):
        raise LayoutChanged(page.place, "entries with a mode", f"none among {len(entries)}")
    rows = read_entries(page, entries, _parse)
    check_prices(rows, page)
    yield from rows


def _parse(label: str, item: Mapping[str, Any], at: str) -> Iterator[Found]:
    if not _is_language_model(item, at):
        yield LeftOut(f"mode {item.get('mode', 'not stated')}")
        return
    figures = [*_figures(label, item), *_ranges(label, item, at)]
    if not figures:
        yield LeftOut("language model without a price per token")
    yield from (LeftOut(f"field {key}") for key in item if _LIKE.fullmatch(key) and not _FIELD.fullmatch(key))
    provider = provider_of(text_of(item, "litellm_provider", at, default=""))  # early mirrors left the field out
    link = item.get("source")
    url = link if isinstance(link, str) and re.match(r"https?://\S+$", link) else None
    yield from prices_of(label, provider, figures, at, unit="per_token", source_url=url)


def _is_language_model(item: Mapping[str, Any], at: str) -> bool:
    """Return whether an entry is a chat or completion model; classes of prices by size have no mode, nor abilities."""
    if item.get("mode") is None:
        return any(key.startswith("supports_") and value is True for key, value in item.items())
    return text_of(item, "mode", at) in _LANGUAGE


def _figures(label: str, item: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the prices that stand in the entry's own fields."""
    for key, value in item.items():
        match = _FIELD.fullmatch(key)
        if match and not (key.endswith("_cache_hit") and item.get("cache_read_input_token_cost") is not None):
            yield Figure(_KINDS[match["base"]], _tier(label, match["rest"]), value, (key,))


def _ranges(label: str, item: Mapping[str, Any], at: str) -> Iterator[Figure]:
    """Yield the prices that stand by length of prompt: the first range is the standard, unless the entry states that."""
    ranges = item.get("tiered_pricing") or []
    if not isinstance(ranges, list):
        raise BadRow(path("tiered_pricing", within=at), "a list of ranges", repr(ranges)[:80])
    for n, one in enumerate(ranges):
        place = path("tiered_pricing", n, within=at)
        bounds = one.get("range") if isinstance(one, dict) else None
        if not isinstance(bounds, list) or not bounds:
            raise BadRow(place, "a range of tokens and its prices", repr(one)[:80])
        context = over(bounds[0], path("range", 0, within=place)) if bounds[0] else None
        for kind, tier, value, keys in _figures(label, one):
            if context or item.get(str(keys[0])) is None:
                yield Figure(kind, tiers(tier, context), value, ("tiered_pricing", n, *keys))


def _tier(label: str, rest: str) -> str | None:
    service = next((name for name in ("batch", "flex", "priority") if f"_{name}" in rest), None)
    threshold = re.search(r"_above_(\d+)k_tokens", rest)
    return tiers(
        "cache_1h" if "_above_1hr" in rest else None,
        service,
        "fine-tuned" if label.rpartition("/")[2].startswith("ft:") else None,
        f"context>{threshold[1]}k" if threshold else None,
    )

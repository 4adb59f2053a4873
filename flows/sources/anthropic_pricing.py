"""Anthropic's price page: what a model costs by the million tokens. It has no table, prices sit in cards.

A card is a title ('Opus 4.7') with labels and amounts: Input, Output, Prompt caching Write and Read; some models cost
more for prompts over 200K tokens (tier 'context>200k'). Cards under a heading of batch processing or fast mode, or titled so,
have the tier 'batch' or 'fast'. Cache writes are those that last five minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.errors import LayoutChanged
from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._price_cards import read_cards
from flows.tables import Page
from flows.values import squash

SOURCE = Source(
    id="anthropic_pricing",
    title="Anthropic's price page",
    kind="pricing",
    urls=("https://www.anthropic.com/pricing",),
    former_urls=("https://claude.com/pricing",),
    publisher="Anthropic",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=8,
    expects={"prices": Expect(low=0.005, high=500)},
    cadence=days(7),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every card that is titled with a model (a version number, or the name Claude)."""
    _check_shown(page)
    found = list(read_cards(page, "anthropic", named=r"\d|\bclaude\b"))
    if not found:
        raise LayoutChanged(page.place, "cards with labelled prices such as 'Input $3 / MTok'", "none")
    yield from found


def _check_shown(page: Page) -> None:
    """Raise LayoutChanged if an amount shown is not the full price: the page's switch halves them all for batch."""
    if page.is_markdown:
        return
    for mark in page.root.xpath("//*[@data-value][contains(@class, 'tokens_')]"):
        shown, full = squash(mark.text_content()), mark.get("data-value")
        if all(re.fullmatch(r"\d+(?:\.\d+)?", text) for text in (shown, full)) and float(shown) != float(full):
            raise LayoutChanged(page.place, f"the full price {full}, as in its data-value", shown)

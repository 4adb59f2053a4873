"""Cohere's price page: what a model costs by the million tokens. Prices sit in cards, those of older models in sentences.

A card is a title ('Command R+') with labels and amounts; one of a fine-tuned model states the price of training too, which is
left out. The answers below say of older models: 'Command R 03-2024 pricing is $0.50/1M tokens for input and $1.50/1M tokens
for output'. Left out by rule: models that embed, rerank, classify or transcribe, which are no language models, and what is free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._price_cards import Token, read_cards, texts
from flows.sources._prices import check_order, once, read_price
from flows.tables import Page

SOURCE = Source(
    id="cohere_pricing",
    title="Cohere's price page",
    kind="pricing",
    urls=("https://cohere.com/pricing",),
    publisher="Cohere",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=4,
    expects={"prices": Expect(low=0.005, high=100)},
    cadence=days(7),
)

_NAMED = r"\b(?:command|aya|c4ai|north)\b"
_OTHER = re.compile(r"\b(?:embed\w*|re-?rank\w*|classify|transcribe)\b", re.IGNORECASE)
# A full stop ends a sentence only before a blank: amounts and versions have stops too.
_SENTENCE = re.compile(
    r"(?P<model>[A-Z](?:[^.:;?!$\u20ac\u00a3\u00a5]|\.(?=\d)){0,80}?)\s+(?:pricing\s+is|(?:is|are)\s+(?:charged|priced)\s+at)\s+"
    r"(?P<prices>.*?)(?:\.?\s*$|\.\s)"
)
_PRICES = re.compile(r"(?P<input>\S.*?)\s+for input(?: tokens)?,?\s+and\s+(?P<output>\S.*?)\s+for output(?: tokens)?")
_SIZES = re.compile(r"(?P<name>.+?)\s+models\s+\((?P<sizes>\d+B(?:(?:,\s*|,?\s+and\s+)\d+B)*)\)")
_TUNED = re.compile(r"\s*\(?\bfine-?\s?tuned(?:\s+models?)?\b\)?\s*", re.IGNORECASE)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every card and every sentence that is about a language model."""
    cards = [
        row for row in read_cards(page, "cohere", _NAMED, without=_SENTENCE) if not _is_other(row.model_label or "")
    ]
    found = [*map(_fine_tuned, cards), *_sentences(page)]
    if not found:
        raise LayoutChanged(page.place, "models with labelled prices such as 'Input $2.50 / 1M tokens'", "none")
    yield from once(found)


def _is_other(title: str) -> bool:
    return bool(_OTHER.search(title)) and not re.search(_NAMED, title, re.IGNORECASE)


def _fine_tuned(row: Observation | Rejected) -> Observation | Rejected:
    """Turn 'Command R Fine-tuned Model' into the model it is made from, with the tier 'fine-tuned'."""
    if isinstance(row, Price) and _TUNED.search(row.model_label):
        return replace(row, model_label=_TUNED.sub(" ", row.model_label).strip(), tier="fine-tuned")
    return row


def _sentences(page: Page) -> Iterator[Observation | Rejected]:
    for line, text in texts(page):
        for match in _SENTENCE.finditer(text):
            locator = f"line {line}, sentence on {match['model']!r}"
            if _is_other(match["model"]) or not re.search(r"\d", match["prices"]):
                continue  # 'free until the limits are reached', 'custom pricing'
            try:
                yield from map(_fine_tuned, _read_sentence(match, f"{page.place}, {locator}", locator))
            except BadRow as error:
                yield Rejected(
                    table="prices",
                    row_locator=locator,
                    reason=str(error),
                    model_label=match["model"],
                    cells={"text": match[0]},
                )


def _read_sentence(match: re.Match[str], place: str, locator: str) -> list[Price]:
    if not re.match(_NAMED, _TUNED.sub("", match["model"]), re.IGNORECASE):
        raise BadRow(place, "a sentence that begins with a model", repr(match["model"]))
    said = _PRICES.fullmatch(match["prices"])
    if said is None:
        raise BadRow(place, "a price for input and one for output", repr(match["prices"]))
    kinds: tuple[Token, ...] = ("input", "output")
    amounts = [(kind, read_price(said[kind], place)) for kind in kinds]
    prices = [
        Price(
            model_label=label,
            row_locator=locator,
            provider_id="cohere",
            token_kind=kind,
            amount_original=money.amount,
            currency=money.currency,
            unit_original=money.unit or "",
        )
        for label in _labels(match["model"])
        for kind, money in amounts
    ]
    check_order(prices[:2], place)
    return prices


def _labels(words: str) -> list[str]:
    """Return the models a sentence is about: both of 'Aya Expanse models (8B and 32B) on the API'."""
    words = re.sub(r"\s+on the API$", "", words)
    if match := _SIZES.fullmatch(words):
        return [f"{match['name']} {size}" for size in re.findall(r"\d+B", match["sizes"])]
    return [re.sub(r"\s+models?$", "", words)]

"""Mistral's cards of NeMo and Large: what its announcements show only as pictures, as tables.

One model per card: 'Benchmark | Score' and 'Language | Score' under headings that tell pre-trained from tuned. The card of
Mistral-Nemo-Instruct-2407 repeats the base model's figures, as the announcement says (https://mistral.ai/news/mistral-nemo).
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import BASE, Card, read_card
from flows.tables import Page

_CARDS = ("Mistral-Nemo-Base-2407", "Mistral-Nemo-Instruct-2407", "Mistral-Large-Instruct-2407")

SOURCE = Source(
    id="mistral_news",
    title="Mistral's cards of NeMo and Large: benchmark tables",
    kind="vendor",
    urls=tuple(f"https://huggingface.co/mistralai/{name}" for name in _CARDS),
    former_urls=(
        *(f"https://huggingface.co/mistralai/{name}/raw/main/README.md" for name in _CARDS),
        "https://mistral.ai/news/mistral-nemo",
        "https://mistral.ai/news/mistral-large-2407",
    ),
    publisher="Mistral AI",
    licence="Apache-2.0 (NeMo), Mistral Research License (Large)",
    may_republish=False,
    min_rows=10,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

_TONGUES = (
    "French", "German", "Spanish", "Italian", "Portuguese", "Russian", "Chinese", "Japanese", "Dutch", "Korean"
)  # fmt: skip

CARD = Card(
    names=(
        (r"multilingual benchmarks \(mmlu\)", {tongue: f"mistral_mmlu_{tongue.lower()}" for tongue in _TONGUES}),
        (r"code & reasoning", {"MBPP Base": "mbpp_evalplus"}),
        (r"math benchmarks", {"Math Instruct": "math"}),
    ),
    base=rf"{BASE}|^main benchmarks|^multilingual benchmarks",
    model=r"\b(?:Mistral|Mixtral|Ministral)-[\w.-]*\w",
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's benchmark tables."""
    yield from read_card(page, CARD)

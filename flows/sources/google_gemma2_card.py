"""Google's card of Gemma 2: benchmark tables of the pre-trained models.

Benchmarks as rows, the shots in a column 'Metric', 'PT' and 'IT' in the names of the models, on the hub in markdown and on
ai.google.dev in HTML. Their 'BIG-Bench' is BIG-Bench Hard (technical report, https://arxiv.org/abs/2408.00118).
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import BASE, Card, Passed, read_card
from flows.tables import Page

_HUB = tuple(
    f"https://huggingface.co/google/gemma-2-{size}" for size in ("2b", "9b", "27b", "2b-it", "9b-it", "27b-it")
)

SOURCE = Source(
    id="google_gemma2_card",
    title="Google's card of Gemma 2: benchmark tables",
    kind="vendor",
    urls=("https://ai.google.dev/gemma/docs/core/model_card_2",),
    former_urls=(
        "https://ai.google.dev/gemma/docs/model_card_2",
        *_HUB,
        *(f"{url}/raw/main/README.md" for url in _HUB),
    ),
    publisher="Google",
    licence="CC-BY-4.0",
    may_republish=True,
    attribution="Google AI for Developers, Gemma 2 model card, CC BY 4.0",
    min_rows=20,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"ethics and safety|dangerous capability", "rates of harmful answers, no score of a benchmark"),
    ),
    names=((r"", {"BIG-Bench": "bbh"}),),
    base=rf"{BASE}|technical report",  # whose tables of rivals are of pre-trained models
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's benchmark tables."""
    yield from read_card(page, CARD)

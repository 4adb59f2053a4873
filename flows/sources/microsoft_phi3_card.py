"""Microsoft's cards of Phi-3: benchmark tables of its small, mini and medium models and their rivals.

Markdown with benchmarks as rows, the shots on a second line of the name ('MMLU <br>5-Shot'), sizes on a second line of the
models; since June 2024 with a column of categories and, below it, means by category. Nothing says base or tuned of a rival:
'Chat Format' and the like over the tables speak of the card's own model.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import NEVER, Card, Passed, read_card
from flows.tables import Page

_CARDS = ("mini-4k", "mini-128k", "small-8k", "small-128k", "medium-4k", "medium-128k")

SOURCE = Source(
    id="microsoft_phi3_card",
    title="Microsoft's cards of Phi-3: benchmark tables",
    kind="vendor",
    urls=tuple(f"https://huggingface.co/microsoft/Phi-3-{name}-instruct/raw/main/README.md" for name in _CARDS),
    former_urls=tuple(f"https://huggingface.co/microsoft/Phi-3-{name}-instruct" for name in _CARDS),
    publisher="Microsoft",
    licence="MIT",
    may_republish=True,
    min_rows=20,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

_MEANS = (
    r"^(?:popular aggregated? benchmarks?|reasoning|language understanding|code generation|math|factual knowledge"
    r"|multilingual|robustness)$"
)

CARD = Card(passed_over=(Passed("", "means over many data sets", row=_MEANS),), base=NEVER, tuned=NEVER)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's benchmark tables."""
    yield from read_card(page, CARD)

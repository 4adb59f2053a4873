"""Meta's Llama model cards: benchmark tables of base and instruction-tuned models.

Cards of one family in one shape: 'Category | Benchmark | # Shots | Metric | models', as HTML with rowspan inside markdown
(Llama 3, 3.1, 4) or as markdown (3.2, 3.3); Llama 2 has its models in rows. Long-context needle tests give recall as 96.8
beside 1, so they are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import TUNED, Card, Passed, read_card
from flows.tables import Page

_CARDS = "https://raw.githubusercontent.com/meta-llama/llama-models/main/models"

SOURCE = Source(
    id="meta_model_cards",
    title="Meta's Llama model cards: benchmark tables",
    kind="vendor",
    urls=tuple(
        f"{_CARDS}/{name}/MODEL_CARD.md" for name in ("llama2", "llama3", "llama3_1", "llama3_2", "llama3_3", "llama4")
    ),
    publisher="Meta",
    licence="Llama community licences",
    may_republish=True,
    min_rows=10,
    expects={"scores": Expect(low=0, high=100)},
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"inference time|greenhouse|power consumption|safety", "no benchmark scores"),
        Passed(r"toxigen", "Llama 2's safety tests: TruthfulQA there is another measure, answers judged by a model"),
        Passed(
            r"^size$",
            "Llama 2's means of several benchmarks",
            column=r"^(code|math|.*reasoning|.*knowledge|.*comprehension)$",
        ),
        Passed("", "needle tests: recall, as 96.8 and as 1 in one row", row=r"needle"),
    ),
    tuned=rf"{TUNED}|multilingual benchmarks",  # 3.2: a heading beside 'Instruction Tuned Models', with their figures
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's benchmark tables."""
    yield from read_card(page, CARD)

"""Anthropic's announcements of Claude 3, 3 Haiku and 3.5 Sonnet: benchmark tables with several vendors' models.

On the pages the tables are pictures; read are captures that have their words, as HTML or markdown. Rows name capability and
benchmark ('Undergraduate level knowledge MMLU'), every cell has its own shots ('86.8% 5-shot', run together in some:
'83.13-shot'), and 'Pre-trained model' in a cell says that it is of the base model. Prices and check marks are no scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import NEVER, Card, read_card
from flows.tables import Page

_NEWS = "https://www.anthropic.com/news"

SOURCE = Source(
    id="anthropic_claude3",
    title="Anthropic's announcements of Claude 3 and 3.5: benchmark tables",
    kind="vendor",
    urls=tuple(f"{_NEWS}/{post}" for post in ("claude-3-family", "claude-3-haiku", "claude-3-5-sonnet")),
    publisher="Anthropic",
    licence="none stated",
    may_republish=False,
    min_rows=10,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(0),
    not_live="its tables are pictures now",
    precedence=25,
    tolerance=0.3,
)

_CAPABILITIES = {
    "mmlu": ("Undergraduate level knowledge MMLU",),
    "gpqa_diamond": ("Graduate level reasoning GPQA, Diamond",),
    "gsm8k": ("Grade school math GSM8K",),
    "math": ("Math problem-solving MATH",),
    "mgsm": ("Multilingual math MGSM",),
    "humaneval": ("Code HumanEval",),
    "drop": ("Reasoning over text DROP, F1 score",),
    "bbh": ("Mixed evaluations BIG-Bench-Hard",),
    "arc_challenge": ("Knowledge Q&A ARC-Challenge",),
    "hellaswag": ("Common Knowledge HellaSwag",),
    "mmmu": ("Math & reasoning MMMU (val)", "Visual question answering MMMU (val)"),
    "docvqa": ("Document visual Q&A ANLS score, test",),
    "mathvista": ("Math MathVista (testmini)", "Visual math reasoning MathVista (testmini)"),
    "ai2d": ("Science diagrams AI2D, test",),
    "chartqa": ("Chart Q&A Relaxed accuracy (test)",),
}

CARD = Card(
    names=((r"", {name: benchmark for benchmark, names in _CAPABILITIES.items() for name in names}),),
    published={
        "claude-3-family": date(2024, 3, 4),
        "claude-3-haiku": date(2024, 3, 13),
        "claude-3-5-sonnet": date(2024, 6, 20),
    },
    base=NEVER,
    tuned=NEVER,
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of an announcement's tables."""
    yield from read_card(page, CARD)

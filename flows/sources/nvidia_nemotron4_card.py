"""NVIDIA's cards of Nemotron-4 340B: one small table per benchmark, without the model's name.

A heading names the benchmark, a table under it has one row of figures: 'MMLU 0-shot', 'Prompt-Strict Acc'. MT-Bench is judged
by GPT-4-Turbo over corrected answers, so a benchmark of its own, of which the total is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import Card, Passed, read_card
from flows.tables import Page

_CARDS = tuple(f"https://huggingface.co/nvidia/Nemotron-4-340B-{name}" for name in ("Instruct", "Base"))

SOURCE = Source(
    id="nvidia_nemotron4_card",
    title="NVIDIA's cards of Nemotron-4 340B: benchmark tables",
    kind="vendor",
    urls=tuple(f"{card}/raw/main/README.md" for card in _CARDS),
    former_urls=_CARDS,
    publisher="NVIDIA",
    licence="NVIDIA Open Model License",
    may_republish=True,
    attribution="NVIDIA, model cards of Nemotron-4-340B",
    min_rows=3,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"mt-?bench", "parts of the total", column=r"^(?!total)"),
        Passed("", "overlap with a reference summary, no accuracy", column=r"^xlsum$"),
    ),
    names=(
        (r"mt-?bench \(gpt-4-turbo\)", {"total": "mt_bench_gpt4_turbo"}),
        (r"tfeval", {"Distractor F1": "tfeval_distractor", "On-topic F1": "tfeval_on_topic"}),
        (r"massive multitask language understanding", {"Average": "mmlu"}),
        (r"humaneval", {"p@1": "humaneval"}),
    ),
    model=r"\bNemotron-4-[\w.-]*\w",
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's benchmark tables."""
    yield from read_card(page, CARD)

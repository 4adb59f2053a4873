"""Cohere's cards of Command R and R+: the two and their rivals on the first Open LLM Leaderboard.

Models as rows, 'Arc (Challenge)' to 'GSM8k' as columns; the card of Command R has the same table without R+. Rows without
'Chat' or 'Instruct' link to base models.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import Card, Passed, read_card
from flows.tables import Page

SOURCE = Source(
    id="cohere_command_r_card",
    title="Cohere's cards of Command R and Command R+: benchmark tables",
    kind="vendor",
    urls=(
        "https://huggingface.co/CohereLabs/c4ai-command-r-plus",
        "https://huggingface.co/CohereLabs/c4ai-command-r-v01",
    ),
    former_urls=(
        "https://huggingface.co/CohereForAI/c4ai-command-r-plus",
        "https://huggingface.co/CohereForAI/c4ai-command-r-v01",
    ),
    publisher="Cohere",
    licence="CC-BY-NC-4.0",
    may_republish=False,
    attribution="Cohere For AI, model cards of C4AI Command R and Command R+",
    min_rows=5,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(passed_over=(Passed("human eval|win rate", "preferences of people, no benchmark"),), mark="base")
_TWICE = "Mixtral 8x7B Chat"  # links to the same model as 'Mixtral 8x7B-Instruct' above it, with other figures


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a card's table."""
    yield from (row for row in read_card(page, CARD) if row.model_label != _TWICE)

"""Google DeepMind's pages of Gemini: benchmark tables of Gemini 1.0 and 1.5, and of what came after.

'Capability | Benchmark | Description | models', as HTML with rowspan; the shots, where told, on a second line of the cell
('90.0% CoT@32*'). The months of a model stand in its name. Reports as PDF and pictures in posts are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import Card, Passed, read_card
from flows.tables import Page

_GEMINI = "https://deepmind.google"

SOURCE = Source(
    id="google_gemini15",
    title="Google DeepMind's pages of Gemini: benchmark tables",
    kind="vendor",
    urls=(f"{_GEMINI}/technologies/gemini/pro/", f"{_GEMINI}/technologies/gemini/flash/"),
    former_urls=(
        f"{_GEMINI}/technologies/gemini/",
        f"{_GEMINI}/models/gemini/pro/",
        f"{_GEMINI}/models/gemini/flash/",
        "https://blog.google/technology/google-deepmind/google-gemini-ai-update-december-2024/",
    ),
    publisher="Google DeepMind",
    licence="none stated",
    may_republish=False,
    min_rows=10,
    expects={"scores": Expect(low=0, high=100, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    published={"google-gemini-ai-update-december-2024": date(2024, 12, 11)},
    passed_over=(
        Passed(
            "", "speech: word error rates and BLEU", row=r"covost|fleurs|vox ?populi|multilingual librispeech|youtube"
        ),
    ),
    names=(
        (
            r"",
            {
                "BIG-Bench": "bbh",
                "LiveCodeBench (Code Generation)": "livecodebench",
            },
        ),
    ),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a page's benchmark tables."""
    yield from read_card(page, CARD)

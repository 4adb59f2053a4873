"""Chatbot Arena's history as CSV files: the boards of the former leaderboard, kept day by day by F. Boulnois.

Columns: rank [| rank_stylectrl] | model | arena_score (arena_elo at first) | 95_pct_ci | votes | organization | license |
knowledge_cutoff | url. One file per arena: lmsys.csv and, since July 2025, lmarena_text.csv hold the text arena. The
score is without style control in all of them (only a rank with it stands beside), so it goes with the site's boards
without style control. The file says nothing of the day of its votes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flows.cells import Row
from flows.csvtable import csv_table
from flows.errors import LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.sources._arenas import LEVEL, RATING_HIGH, RATING_LOW, benchmark_of
from flows.sources._unlike import agreeing
from flows.tables import Page

_FILES = {
    "lmsys": "text",
    "lmarena_text": "text",
    "lmarena_vision": "vision",
    "lmarena_image": "text-to-image",
}
_RAW = "https://raw.githubusercontent.com/fboulnois/llm-leaderboard-csv/main/csv"

SOURCE = Source(
    id="lmarena_csv",
    title="Chatbot Arena's history, kept as CSV",
    kind="leaderboard",
    urls=(f"{_RAW}/lmarena_text.csv", f"{_RAW}/lmarena_vision.csv"),
    former_urls=(f"{_RAW}/lmsys.csv", f"{_RAW}/lmarena_image.csv"),
    publisher="F. Boulnois, from LMArena's data",
    licence="MPL-2.0 (the repository)",
    may_republish=True,
    min_rows=10,
    expects={"scores": Expect(unit="elo", low=RATING_LOW, high=RATING_HIGH)},
    cadence=days(7),
    precedence=20,
    attribution="LMArena; collected by fboulnois/llm-leaderboard-csv",
)

_MODEL, _VOTES = ("model", "model_name"), ("votes", "num_battles")
_SCORE = ("arena_score", "arena_elo", "rating", "score")
_INTERVAL = ("95_pct_ci", "95% CI", "ci")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one rating per row, of the arena that the file is named after."""
    benchmark_id = benchmark_of(_arena(page), is_styled=False)
    table = csv_table(page, having=(_MODEL, _SCORE, _INTERVAL, _VOTES))

    def parse(row: Row) -> Iterator[Observation]:
        if not row.has(_SCORE):
            return  # a model that has no votes yet
        score = row.number_in(_SCORE)
        low, high = row.interval(_INTERVAL, score) if row.has(_INTERVAL) else (None, None)
        yield Score(
            model_label=row.text(_MODEL),
            row_locator=row.locator,
            benchmark_id=benchmark_id,
            score=score,
            ci_low=low,
            ci_high=high,
            ci_level=None if low is None else LEVEL,
            n_samples=row.integer(_VOTES) if row.has(_VOTES) else None,
        )

    yield from agreeing(table.read(parse, into="scores", label=_MODEL))


def _arena(page: Page) -> str:
    name = PurePosixPath(urlsplit(page.url).path).stem
    if name not in _FILES:
        raise LayoutChanged(page.place, f"a file of one arena ({', '.join(_FILES)})", repr(name))
    return _FILES[name]

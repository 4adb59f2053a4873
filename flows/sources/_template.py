"""Copy me to SOURCE_ID.py: one line on what this page measures, and why it matters here.

Then add tests/sources/pages/SOURCE_ID/ (a small page of your own in the shape of the real one) and
tests/sources/test_SOURCE_ID.py (the rows you expect of it). There is no list to add the source to: this folder is the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.tables import Page, Row

SOURCE = Source(
    id="_template",
    title="A leaderboard in one sentence",
    kind="leaderboard",
    urls=("https://example.org/leaderboard",),
    publisher="Example",
    licence="CC-BY-4.0",
    may_republish=True,
    min_rows=10,
    expects={"scores": Expect(unit="percent", low=0, high=100)},
    cadence=days(7),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one score per row of the table that has these columns under this heading."""
    table = page.table(having=("Model", "Accuracy"), heading=r"leaderboard")

    def parse(row: Row) -> Iterator[Observation]:
        yield Score(
            model_label=row.text("Model"),
            row_locator=row.locator,
            benchmark_id="example_accuracy",
            score=row.percent("Accuracy"),
        )

    yield from table.read(parse, into="scores", label="Model")

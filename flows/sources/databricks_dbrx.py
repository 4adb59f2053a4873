"""Databricks' README of DBRX: its two open models and their sizes; scores where a page has them as tables.

The README has no scores, only what the models are: parameters and context in prose, base and instruct in a table. The
technical blog has the scores in HTML tables, benchmarks as rows, base and instruct rivals side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.errors import BadRow, LayoutChanged
from flows.labels import slug
from flows.records import Expect, ModelFact, Observation, Rejected, Source, days
from flows.sources._card_facts import context_of
from flows.sources._vendor_tables import Card, Passed, has_scores, read_card
from flows.tables import Page, Row
from flows.values import squash

SOURCE = Source(
    id="databricks_dbrx",
    title="Databricks' README of DBRX",
    kind="vendor",
    urls=(
        "https://github.com/databricks/dbrx",
        "https://www.databricks.com/blog/introducing-dbrx-new-state-art-open-llm",
    ),
    publisher="Databricks",
    licence="Databricks Open Model License",
    may_republish=True,
    min_rows=2,
    expects={"scores": Expect(low=0, high=100), "models": Expect()},
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"throughput|tokens? per second|training efficiency|flop", "no benchmark scores"),
        Passed(r"long.?context|context length", "accuracy by length of the context, not by benchmark"),
    ),
    names=(
        (
            r"",
            {
                "Gauntlet v0.3": "databricks_gauntlet_v0_3",
                "Databricks Gauntlet": "databricks_gauntlet_v0_3",
                "Databricks Model Gauntlet v0.3": "databricks_gauntlet_v0_3",
                "Gauntlet v0.3 (Avg of 30+ diverse tasks)": "databricks_gauntlet_v0_3",
                "Open LLM Leaderboard": "open_llm_leaderboard_v1",
                "Open LLM Leaderboard (Avg of next 6 rows)": "open_llm_leaderboard_v1",
            },
        ),
    ),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores, where the page has them, and what it says of each model it offers."""
    tables = page.find(having=("Model", "Description"))
    if has_scores(page, CARD):
        yield from read_card(page, CARD)
    elif not tables:
        raise LayoutChanged(page.place, "a table of Model and Description, or of scores", f"{len(page.tables)} others")
    text = squash(page.text if page.is_markdown else " ".join(page.root.itertext()))
    for table in tables:
        yield from table.read(lambda row: _fact(row, text), into="models", label="Model")


def _fact(row: Row, text: str) -> Iterator[ModelFact]:
    description = row["Description"].casefold()
    is_base = bool(re.search(r"\bbase\b|pre-?trained", description))
    if is_base == bool(re.search(r"instruct|fine-?tuned|chat", description)):
        raise BadRow(row.place, "a description that says base or instruct", repr(row["Description"]))
    total = re.search(r"(\d+(?:\.\d+)?)B total param", text)
    active = re.search(r"(\d+(?:\.\d+)?)B (?:live|active)|(\d+(?:\.\d+)?)B parameters are active", text)
    context = re.search(r"context length of (?:up to )?([\d,.]+ ?K?) tokens", text)
    yield ModelFact(
        model_label=row.text("Model"),
        row_locator=row.locator,
        model_id=slug(row.text("Model")),
        organization_id="databricks",
        family="dbrx",
        access="open",
        is_base=is_base,
        params_total_b=float(total[1]) if total else None,
        params_active_b=float(active[1] or active[2]) if active else None,
        context_tokens=context_of(context[1]) if context else None,
    )

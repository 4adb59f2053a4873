"""01.AI's README of the Yi models: which models there are, and on older dates their benchmark tables.

Until late 2023 the README had the scores as tables, models as rows, the shots in a row under the header; since then they
are pictures, and what can be read is the list of models, base and chat apart, with the default context window. Models
without 'Chat' in their name are base models throughout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from flows.errors import LayoutChanged
from flows.labels import slug
from flows.records import Expect, ModelFact, Observation, Rejected, Source, days
from flows.sources._card_facts import context_of, is_quantized
from flows.sources._vendor_tables import Card, Passed, has_scores, read_card
from flows.tables import Page, Row

SOURCE = Source(
    id="yi_card",
    title="01.AI's README of the Yi models",
    kind="vendor",
    urls=("https://raw.githubusercontent.com/01-ai/Yi/main/README.md",),
    publisher="01.AI",
    licence="Apache-2.0",
    may_republish=True,
    min_rows=2,
    expects={"scores": Expect(low=0, high=100), "models": Expect()},
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"vram|batch=|download", "no benchmark scores"),
        Passed(r"", "means over several benchmarks", column=r"common-?\s?sense|reading|math & code|^math$|^code$"),
    ),
    mark="base",
)
_SERIES = ("Default context window",)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores, where the page has them as tables, and what it says of each model it offers."""
    tables = [t for t in page.find(having=("Model", "Download")) if t.headings]
    if has_scores(page, CARD):
        yield from read_card(page, CARD)
    elif not tables:
        raise LayoutChanged(page.place, "tables of scores, or of Model and Download", f"{len(page.tables)} others")
    contexts = _contexts(page)
    for table in tables:
        yield from table.read(partial(_fact, contexts=contexts), into="models", label="Model")


def _contexts(page: Page) -> dict[str, int | None]:
    """Return the default context of each series ('34B' to 4,096)."""
    found: dict[str, int | None] = {}
    for table in page.find(having=("Model", _SERIES)):
        for row in table.rows:
            if match := re.match(r"\d+B\b", row["Model"]):
                found[match[0]] = context_of(row[_SERIES])
    return found


def _fact(row: Row, contexts: dict[str, int | None]) -> Iterator[ModelFact]:
    label = row.text("Model")
    if is_quantized(label):
        return  # the same model in fewer bits
    size = re.search(r"(\d+(?:\.\d+)?)B\b", label)
    own = re.search(r"-(\d+K)\b", label)
    heading = row.table.headings[-1].casefold()
    yield ModelFact(
        model_label=label,
        row_locator=row.locator,
        model_id=slug(label),
        organization_id="01-ai",
        family="yi",
        access="open",
        is_base=True if heading.startswith("base") else False if heading.startswith("chat") else None,
        params_total_b=float(size[1]) if size else None,
        context_tokens=context_of(own[1]) if own else contexts.get(size[0]) if size else None,
    )

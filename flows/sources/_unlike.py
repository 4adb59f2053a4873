"""What a leaderboard may say once: one figure for a model in a benchmark, or for a model's speed at a provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from flows.records import Observation, Rejected, Score, Speed


def agreeing(items: Iterable[Observation | Rejected]) -> Iterator[Observation | Rejected]:
    """Yield the items; rows of one model, benchmark and variant whose figures differ, all as Rejected.

    So two columns that were exchanged, or a column that told the rows apart and went, show themselves. A row said twice with
    the same figure is no contradiction.
    """
    rows = list(items)
    found: dict[tuple[str | None, ...], list[Score | Speed]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Score | Speed):
            found[_key(row)].append(row)
    for row in rows:
        if isinstance(row, Score | Speed) and len({_figure(other) for other in found[_key(row)]}) > 1:
            yield _rejected(row, found[_key(row)])
        else:
            yield row


def _key(row: Score | Speed) -> tuple[str | None, ...]:
    label = row.model_label.casefold()
    if isinstance(row, Score):
        return label, row.benchmark_id, row.variant
    return label, row.provider_id, row.statistic, row.region, "ttft" if row.tokens_per_second is None else "speed"


def _figure(row: Score | Speed) -> float | None:
    if isinstance(row, Score):
        return row.score
    return row.ttft_seconds if row.tokens_per_second is None else row.tokens_per_second


def _rejected(row: Observation, same: list[Score | Speed]) -> Rejected:
    where = "; ".join(f"{_figure(other):g} at {other.row_locator}" for other in same[:6])
    return Rejected(
        table=row.table,
        row_locator=row.row_locator,
        reason=f"{row.row_locator}: expected one figure of {row.model_label!r}; found {where}",
        model_label=row.model_label,
        cells={"figures": where},
    )

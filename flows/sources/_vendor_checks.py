"""What the scores of a vendor's page must look like beside each other, or columns were exchanged, or the unit is another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources._benchmark_names import OF_TEN, UNBOUNDED
from flows.tables import Page

# The same questions, or of the same kind, asked harder: no model does better there.
_HARDER = (("mmlu_pro", "mmlu"), ("humaneval_plus", "humaneval"), ("mbpp_plus", "mbpp_evalplus"))
_ENOUGH = 4


def check_unit(items: Sequence[Score | Rejected], page: Page) -> None:
    """Raise LayoutChanged if the percentages of a page are fractions, if in small tables or with a whole number among them."""
    scores = (item for item in items if isinstance(item, Score))
    values = [item.score for item in scores if item.benchmark_id not in OF_TEN | UNBOUNDED]
    fractions = sum(value <= 1 for value in values)
    if len(values) >= _ENOUGH and max(values) > 0 and fractions >= 0.9 * len(values):
        found = f"{fractions} of {len(values)} figures at most 1"
        raise LayoutChanged(page.place, "percentages from 0 to 100", found)


def believable(items: Iterable[Score | Rejected]) -> Iterator[Score | Rejected]:
    """Yield a table's scores; a model's as Rejected where a harder benchmark stands above the easier one it grew from.

    Such columns were exchanged: Qwen2.5-Coder's post has 45.6 under MMLU and 68.7 under MMLU-Pro.
    """
    rows = list(items)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Score):
            found[row.model_label, row.benchmark_id].append(row.score)
    for row in rows:
        yield row if isinstance(row, Rejected) else _doubted(row, found)


def _doubted(row: Score, found: dict[tuple[str, str], list[float]]) -> Score | Rejected:
    for harder, easier in _HARDER:
        high, low = (found.get((row.model_label, benchmark_id), []) for benchmark_id in (harder, easier))
        if row.benchmark_id in (harder, easier) and high and low and min(high) > max(low):
            reason = f"{row.row_locator}: expected no more in {harder} than in {easier}; found {min(high):g} and {max(low):g}"
            cells = {"score": f"{row.score:g}", "benchmark": row.benchmark_id}
            return Rejected(
                table="scores",
                row_locator=row.row_locator,
                reason=reason,
                model_label=row.model_label,
                cells=cells,
            )
    return row

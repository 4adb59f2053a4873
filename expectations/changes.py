"""Compare a capture with the nearest earlier one of the same page: what shrank, vanished, jumped or turned to another unit.

A check that fails as a whole stops the source's capture; one that fails for a row sends that row to quarantine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from flows.records import Expect

if TYPE_CHECKING:
    import polars as pl

VALUE = {"scores": "score", "prices": "usd_per_mtok", "speeds": "tokens_per_second", "run_costs": "total_cost_usd"}
ALSO = {"speeds": ("ttft_seconds",), "run_costs": ("seconds_per_case",)}  # too restless row by row: only their median
KEY = {
    "scores": ("model_label", "benchmark_id", "variant", "reported_by"),
    "prices": ("model_label", "provider_id", "token_kind", "tier", "effective_on", "seen_on"),
    "speeds": ("model_label", "provider_id", "statistic", "region", "prompt_tokens"),
    "run_costs": ("model_label", "benchmark_id", "variant", "measured_on"),
}
MAGNITUDE = 20.0  # the median of a table moved by more than this: another unit
FEW = 3  # so many rows or models must be gone before a board fails: a board of two that loses one is no broken page
RARE = 0.05  # a tier of a smaller share of a feed's rows is one of a few models, that may go with them
NOTHING = 5.0  # a score above this does not honestly become zero (1 of 20 exercises)


_ONLY = "the table"


@dataclass(frozen=True)
class Change:
    """One thing that changed against the earlier capture; `rows` are the row numbers it condemns (none: the whole table)."""

    check_name: str
    severity: str
    detail: str
    subject: str | None = None
    before_value: str | None = None
    after_value: str | None = None
    rows: tuple[int, ...] = ()


def compare(
    table: str, before: pl.DataFrame, after: pl.DataFrame, expect: Expect, *, is_recent: bool = True
) -> Iterator[Change]:
    """Yield what changed in a table between two captures of one page; `severity` is 'fail' or 'warn'.

    Boards are compared with themselves: a page that moved a board elsewhere is no page that shrank. Where the captures lie
    far apart (`is_recent` false) rows and models may come and go: that only warns.
    """
    for name, old, new in _boards(before, after):
        if new.is_empty():
            yield Change(
                "board_vanished",
                "warn",
                f"expected {name} on the page as before; found no row of it",
                name,
                str(len(old)),
                "0",
            )
            continue
        for change in (*_shrunk(old, new, expect), *_vanished(old, new, expect)):
            yield _of_board(name, change if is_recent else replace(change, severity="warn"))
        for column in (VALUE.get(table), *ALSO.get(table, ())):
            yield from (_of_board(name, change) for change in _magnitude(column, old, new))
    if table == "prices":
        yield from (c if is_recent else replace(c, severity="warn") for c in _tiers_vanished(before, after, expect))
    if table in VALUE:
        may_jump = expect.is_volatile and not is_recent
        jumps = _jumps(table, before, after, expect)
        yield from (replace(c, severity="warn", rows=()) if may_jump else c for c in jumps)


def _tiers_vanished(before: pl.DataFrame, after: pl.DataFrame, expect: Expect) -> Iterator[Change]:
    """Yield each tier that lost all its rows: a table of the page is gone, or the page was cut before it."""
    old, new = before["tier"].to_list(), set(after["tier"].to_list())
    rare = len(old) * RARE if expect.is_volatile else 0
    for tier in sorted({t for t in old if t is not None} - new):
        if (count := old.count(tier)) >= FEW:
            detail = f"expected prices of tier {tier!r} as before ({count}); found none"
            severity = "warn" if count < rare else "fail"
            yield Change("tier_vanished", severity, detail, tier, str(count), "0")


def _of_board(name: str, change: Change) -> Change:
    """Name the board, where there are several, in what is said of it."""
    return (
        change if name == _ONLY else replace(change, detail=f"{name}: {change.detail}", subject=change.subject or name)
    )


def _boards(before: pl.DataFrame, after: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Yield each benchmark of the earlier capture with its rows before and after; one board where there are no benchmarks."""
    import polars as pl

    if "benchmark_id" not in before.columns:
        yield _ONLY, before, after
        return
    for name in before["benchmark_id"].unique().sort():
        yield name, before.filter(pl.col("benchmark_id") == name), after.filter(pl.col("benchmark_id") == name)


def _shrunk(before: pl.DataFrame, after: pl.DataFrame, expect: Expect) -> Iterator[Change]:
    lost = 1 - len(after) / len(before)
    if lost > 0:
        is_much = lost > expect.max_shrink and len(before) - len(after) >= FEW
        severity = "fail" if is_much else "warn"
        detail = f"expected at least {1 - expect.max_shrink:.0%} of the {len(before)} rows before; found {len(after)}"
        yield Change("rows_shrank", severity, detail, None, str(len(before)), str(len(after)))


def _vanished(before: pl.DataFrame, after: pl.DataFrame, expect: Expect) -> Iterator[Change]:
    old, new = set(before["model_label"]), set(after["model_label"])
    gone = sorted(old - new)
    if gone:
        is_much = len(gone) / len(old) > expect.max_vanished and len(gone) >= FEW
        severity = "fail" if is_much else "warn"
        shown = ", ".join(gone[:5]) + (" ..." if len(gone) > 5 else "")
        detail = (
            f"expected at most {expect.max_vanished:.0%} of {len(old)} models gone; found {len(gone)} gone: {shown}"
        )
        yield Change("models_vanished", severity, detail, None, str(len(old)), str(len(old) - len(gone)))


def _values(frame: pl.DataFrame, column: str) -> list[float]:
    return [float(v) for v in frame[column] if v is not None]


def _magnitude(column: str | None, before: pl.DataFrame, after: pl.DataFrame) -> Iterator[Change]:
    """Yield a change if the median of the values above zero moved to another unit, or nothing is above zero any more."""
    if column is None:
        return
    found = _values(after, column)
    old, new = ([v for v in values if v > 0] for values in (_values(before, column), found))
    if len(old) < FEW or len(found) < FEW or (new and len(new) < FEW):
        return
    a, b = median(old), median(new) if new else 0.0
    if not b or abs(math.log(b / a)) > math.log(MAGNITUDE):
        detail = f"expected a median {column} near {a:g}; found {b:g}: {'another unit' if b else 'no figure'}"
        yield Change("magnitude_jumped", "fail", detail, column, f"{a:g}", f"{b:g}")


def _keyed(table: str, frame: pl.DataFrame) -> Mapping[tuple[Any, ...], list[tuple[int, float]]]:
    found: dict[tuple[Any, ...], list[tuple[int, float]]] = {}
    for n, (*key, value) in enumerate(frame.select(*KEY[table], VALUE[table]).iter_rows()):
        if value is not None:
            found.setdefault(tuple(key), []).append((n, float(value)))
    return found


def _jumps(table: str, before: pl.DataFrame, after: pl.DataFrame, expect: Expect) -> Iterator[Change]:
    """Yield rows whose value moved `max_ratio` times or more against the same key; keys that are not unique are skipped."""
    old = _keyed(table, before)
    for key, rows in _keyed(table, after).items():
        was = old.get(key, [])
        if len(rows) != 1 or len(was) != 1 or not _is_jump(table, was[0][1], rows[0][1], expect.max_ratio):
            continue
        (number, new), (_, previous) = rows[0], was[0]
        subject = " / ".join(str(part) for part in key if part is not None)
        detail = f"expected a {VALUE[table]} within {expect.max_ratio:g} times {previous:g}; found {new:g}"
        yield Change("value_jumped", "fail", detail, subject, f"{previous:g}", f"{new:g}", (number,))


def _is_jump(table: str, previous: float, new: float, max_ratio: float) -> bool:
    """Return whether a value moved too far to be believed; what was free may get a price, what had one is not free at once."""
    if previous <= 0 or new < 0:
        return False
    if new == 0:
        return previous > NOTHING if table == "scores" else True
    return abs(math.log(new / previous)) > math.log(max_ratio) - 1e-9  # exactly ten times is ten times

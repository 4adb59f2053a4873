"""EvalPlus: HumanEval and MBPP with their own and with many more tests, one greedy answer per task.

results.json holds an object per model: link, open-data, pass@1 {humaneval, humaneval+, mbpp, mbpp+} in percent or null,
prompted, size. `prompted` says whether a model was asked as a chat model or had to go on with the code; where its name
tells neither, the label says so. MBPP was cut from 399 tasks to 378 on 2024-04-17 (MBPP+ v0.2.0, evalplus README), and
the file keeps some older results: shares tell which, since only some are whole numbers of so many tasks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.tables import Page

SOURCE = Source(
    id="evalplus",
    title="EvalPlus: code from HumanEval and MBPP, rigorously tested",
    kind="leaderboard",
    urls=("https://evalplus.github.io/results.json",),
    publisher="EvalPlus team",
    licence="Apache-2.0",
    may_republish=True,
    min_rows=20,
    expects={"scores": Expect(unit="percent", low=0, high=100)},
    cadence=days(30),
    attribution="EvalPlus leaderboard (Apache-2.0)",
)

_HUMANEVAL = {"humaneval": "humaneval", "humaneval+": "humaneval_plus"}
_MBPP = {
    378: {"mbpp": "mbpp_evalplus", "mbpp+": "mbpp_plus"},
    399: {"mbpp": "mbpp_evalplus_v1", "mbpp+": "mbpp_plus_v1"},
}
_TASKS = tuple(_MBPP)
_HUMANEVAL_TASKS = 164
_SAYS_KIND = re.compile(r"base|instruct|chat|\bit\b", re.I)
# Tuned models that the board lets go on with the code: without their prompt they are no base models.
_TUNED = re.compile(r"vicuna|zephyr|phind|codealpaca|wavecoder|\u03b2", re.I)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the scores of each model in both sets, with their own tests and with EvalPlus's."""
    models = page.json
    if not isinstance(models, dict) or not models or not all(map(_is_entry, models.values())):
        expected = "an object of models, each with 'pass@1' (an object) and 'prompted' (true or false)"
        raise LayoutChanged(page.place, expected, page.text[:200])
    _check_humaneval(page, models)
    usual = _usual_tasks(models)
    for name, entry in models.items():
        benchmarks = _HUMANEVAL | _MBPP[_tasks_of(entry["pass@1"], usual)]
        for key in {**benchmarks, **entry["pass@1"]}:
            locator = f"$[{name!r}]['pass@1'][{key!r}]"
            try:
                yield from _score(page, name, entry, key, benchmarks, locator)
            except BadRow as error:
                cells = {key: str(value) for key, value in entry["pass@1"].items()}
                yield Rejected(table="scores", row_locator=locator, reason=str(error), model_label=name, cells=cells)


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("pass@1"), dict) and isinstance(entry.get("prompted"), bool)


def _is_number(share: Any) -> bool:
    return isinstance(share, int | float) and not isinstance(share, bool) and math.isfinite(share)


def _score(
    page: Page, name: str, entry: dict[str, Any], key: str, benchmarks: Mapping[str, str], locator: str
) -> Iterator[Observation]:
    place, share = f"{page.place}, {locator}", entry["pass@1"].get(key)
    if key not in benchmarks:
        raise BadRow(place, f"one of {', '.join(benchmarks)}", repr(key))
    if key not in entry["pass@1"]:
        raise BadRow(place, "a percentage, or null where there is none", "nothing")
    if share is None:
        return  # not measured
    if not _is_number(share):
        raise BadRow(place, "a percentage as a number", repr(share))
    if not name.strip():
        raise BadRow(place, "a model's name", repr(name))
    own, more = (entry["pass@1"].get(k) for k in (key.rstrip("+"), f"{key.rstrip('+')}+"))
    if _is_number(own) and _is_number(more) and more > own:
        raise BadRow(place, f"at most {own} with the additional tests", repr(more))
    is_usual = benchmarks[key] in {*_HUMANEVAL.values(), *_MBPP[_TASKS[0]].values()}
    yield Score(
        model_label=_label(name.strip(), is_prompted=entry["prompted"]),
        row_locator=locator,
        benchmark_id=benchmarks[key],
        score=float(share),
        variant="evalplus" if key == "humaneval" else None,
        notes=None if is_usual else "a share of 399 tasks: measured before MBPP was cut to 378",
    )


def _check_humaneval(page: Page, models: Mapping[str, Any]) -> None:
    """Raise LayoutChanged if most percentages under 'humaneval' are no whole numbers of its tasks: another benchmark's."""
    shares = [share for entry in models.values() if _is_number(share := entry["pass@1"].get("humaneval")) and share > 1]
    fitting = sum(_is_whole(share, _HUMANEVAL_TASKS) for share in shares)
    if len(shares) >= 10 and fitting < len(shares) / 2:
        found = f"{fitting} of {len(shares)}"
        raise LayoutChanged(page.place, f"shares of {_HUMANEVAL_TASKS} tasks under 'humaneval'", found)


def _is_whole(share: float, tasks: int) -> bool:
    """Return whether a share, printed to one decimal, is a whole number of so many tasks."""
    return abs(share - 100 * round(share * tasks / 100) / tasks) <= 0.0501


def _label(name: str, *, is_prompted: bool) -> str:
    if _SAYS_KIND.search(name) or (_TUNED.search(name) and not is_prompted):
        return name
    return f"{name} [{'instruct' if is_prompted else 'base'}]"


def _fits(shares: Mapping[str, Any], tasks: int) -> bool:
    """Return whether the shares in MBPP, printed to one decimal, are whole numbers of so many tasks."""
    values = [shares[key] for key in _MBPP[tasks] if _is_number(shares.get(key))]
    return all(_is_whole(value, tasks) for value in values)


def _usual_tasks(models: Mapping[str, Any]) -> int:
    """Return the number of tasks that most models' shares are of, counting those that only one number explains."""
    fitting = [[tasks for tasks in _TASKS if _fits(entry["pass@1"], tasks)] for entry in models.values()]
    votes = Counter(found[0] for found in fitting if len(found) == 1)
    return max(_TASKS, key=lambda tasks: votes[tasks])


def _tasks_of(shares: Mapping[str, Any], usual: int) -> int:
    """Return the number of tasks a model's shares are of: the file's usual one where it explains them, or none does."""
    other = next(tasks for tasks in _TASKS if tasks != usual)
    return other if not _fits(shares, usual) and _fits(shares, other) else usual

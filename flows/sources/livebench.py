"""LiveBench: tasks with fixed answers whose questions are renewed from release to release.

One CSV file per release: model | one column per task, in percent. A release is a benchmark of its own, and so is each of
its tasks. The average the site shows is in no file: its script takes the mean over the categories of the means of their
tasks (LiveBench/livebench.github.io, src/Table/Averaging.js), with the categories in a file of their own. It is worked
out here, as an estimate, for models that ran every task of the table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from statistics import fmean

from flows.cells import Row
from flows.csvtable import CsvTable, csv_table
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Rejected, Score, Source, days
from flows.sources._livebench_tasks import CATEGORIES, RELEASES, WITHOUT_DATE
from flows.tables import Page

SOURCE = Source(
    id="livebench",
    title="LiveBench: renewed questions with objective answers",
    kind="leaderboard",
    urls=tuple(f"https://livebench.ai/table_{release}.csv" for release in RELEASES),
    former_urls=("https://livebench.ai/table.csv",),
    publisher="LiveBench team",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=20,
    expects={
        "scores": Expect(unit="percent", low=0, high=100, max_ratio=100)
    },  # of the hard tasks some begin near zero
    cadence=days(7),
)

_MODEL = ("model", "Model")
_FILE = re.compile(r"/table(?:_(\d{4}_\d{2}_\d{2}))?\.csv(?:[?#]|$)")
_TASK = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SUMMARY = re.compile(r"average|overall|score|rank|organi[sz]ation|date|cost|mean", re.I)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one score per model and task, and the average of each model that ran all of them."""
    release = _release(page)
    table = csv_table(page, having=(_MODEL,))
    tasks = _tasks(table, release)
    for row in table.rows:
        scores = [_score(row, task, release) for task in tasks if row.has(task)]  # '' and 'N/A': was not run
        yield from scores
        if average := _average(row, [s for s in scores if isinstance(s, Score)], tasks, release):
            yield average
    yield from table.rejects("scores")


def _release(page: Page) -> str:
    """Return the release whose table this is, as its address says."""
    match = _FILE.search(page.url)
    if not match:  # cost_2026_01_08.csv has the same columns, in dollars
        raise LayoutChanged(page.place, "the address of a release's table, table_YYYY_MM_DD.csv", repr(page.url))
    return match[1] or WITHOUT_DATE


def _tasks(table: CsvTable, release: str) -> list[str]:
    """Return the columns that are tasks: all but the model's."""
    tasks = [name for n, name in enumerate(table.header) if n != table.column(_MODEL)]
    odd = [task for task in tasks if not _TASK.fullmatch(task) or (task not in CATEGORIES and _SUMMARY.search(task))]
    lacks = sorted(RELEASES.get(release, frozenset()) - set(tasks))
    if odd or lacks:
        expected = f"the tasks of release {release}, {', '.join(lacks) or 'and nothing else'}, as columns"
        raise LayoutChanged(table.place, expected, str(odd or tasks))
    return tasks


def _score(row: Row, task: str, release: str) -> Score | Rejected:
    locator = f"{row.locator}, column {task!r}"
    try:
        return Score(
            model_label=row.text(_MODEL),
            row_locator=locator,
            benchmark_id=f"livebench_{release}_{task.lower()}",
            score=row.number_in(task),
        )
    except BadRow as error:
        return Rejected(
            table="scores", row_locator=locator, reason=str(error), model_label=row[_MODEL], cells=row.as_dict()
        )


def _average(row: Row, scores: list[Score], tasks: list[str], release: str) -> Score | None:
    """Return the mean of the categories' means; None where a task was not run, or its category is not known."""
    if len(scores) < len(tasks) or not set(tasks) <= set(CATEGORIES):
        return None
    categories: Mapping[str, list[float]] = defaultdict(list)
    for task, score in zip(tasks, scores, strict=True):
        categories[CATEGORIES[task]].append(score.score)
    added = sorted(set(tasks) - RELEASES.get(release, frozenset(tasks)))
    return Score(
        model_label=row.text(_MODEL),
        row_locator=row.locator,
        benchmark_id="_".join(["livebench", release, *(["with", *added] if added else [])]).lower(),
        score=fmean(map(fmean, categories.values())),
        is_estimate=True,
        notes=f"worked out from the table: mean of {len(categories)} categories' means over {len(tasks)} tasks",
    )

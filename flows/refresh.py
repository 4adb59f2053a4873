"""THE flow: capture, read, validate, load, resolve, build, publish.

Capture, read and validate run for all sources at once and one broken source fails alone; the rest has one writer. The steps
themselves are plain functions in steps.py; this file says in which order they run, and what Prefect does about failures.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from prefect import flow, task, unmapped
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task, exponential_backoff

from flows import steps
from flows.fetch import TransientFetchError
from flows.live import TRIES
from flows.steps import FAILED, SourceRun
from flows.summary import Summary


def _may_help(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what the next try may mend: a busy server, a broken connection."""
    return isinstance(state.result(raise_on_failure=False), TransientFetchError)


step: Any = partial(task, cache_policy=NO_CACHE, persist_result=False)
capture = step(
    steps.capture,
    name="capture",
    task_run_name="capture {source_id}",
    retries=TRIES - 1,
    retry_delay_seconds=exponential_backoff(2),
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_help,
)
read = step(steps.read, name="read", task_run_name="read {source.source_id}")
validate = step(steps.validate, name="validate", task_run_name="validate {source.source_id}")
load = step(steps.load, name="load")
resolve = step(steps.resolve, name="resolve")
build = step(steps.build, name="build")
publish = step(steps.publish, name="publish")


@flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=4), persist_result=False)  # type: ignore[arg-type]
def refresh(
    sources: list[str] | None = None,
    offline: bool = False,
    warehouse: str | None = None,
    replay: str | None = None,
    backfill: dict[str, Any] | None = None,
) -> Summary:
    """Bring the warehouse up to date from live pages, stored ones (`replay`) or past ones (`backfill`), and publish it."""
    with steps.begin(sources, offline=offline, warehouse=warehouse, replay=replay, backfill=backfill) as job:
        captured = capture.map(unmapped(job), job.source_ids)
        readings = read.map(unmapped(job), captured)
        checked = validate.map(unmapped(job), readings)
        runs = gather(job.source_ids, captured, readings, checked)
        load(job, runs)
        resolve(job)
        build(job)
        publish(job)
    summary = Summary.of(job, runs)
    show(summary)
    return summary


def gather(source_ids: Sequence[str], *stages: Sequence[PrefectFuture[SourceRun]]) -> list[SourceRun]:
    """Return every source's run; one whose task failed comes as failed, with the first error on its way."""
    runs = []
    for source_id, *futures in zip(source_ids, *stages, strict=True):
        for future in futures:
            future.wait()
        failed = next((f for f in futures if not f.state.is_completed()), None)
        if failed is None:
            runs.append(futures[-1].result())
        else:
            runs.append(SourceRun(source_id, state=FAILED, message=str(failed.result(raise_on_failure=False))))
    return runs


def show(summary: Summary) -> None:
    """Leave the source table and the validation table in the Prefect UI."""
    create_table_artifact(
        key="sources", table=summary.source_rows(), description=f"Run {summary.run_id}: what each source gave"
    )
    if rows := summary.validation_rows():
        create_table_artifact(
            key="validation",
            table=rows,
            description="Expectations that were not met, and changes against earlier captures",
        )

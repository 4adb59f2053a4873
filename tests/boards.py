"""A small source of our own on a server of the tests, and the steps of a run over it without a build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

from flows import steps
from flows.fetch import Fetcher, TransientFetchError
from flows.records import Expect, Reader, Score, Source, days
from flows.settings import Warehouse
from flows.steps import SourceRun


def board(**scores: float) -> bytes:
    rows = "".join(f"<tr><td>{name}</td><td>{score}</td></tr>" for name, score in scores.items())
    return (
        f"<html><body><h1>Board</h1><table><tr><th>Model</th><th>Score</th></tr>{rows}</table></body></html>".encode()
    )


def read(page) -> Iterator[Score]:
    for row in page.table(having=("Model", "Score")).rows:
        score = float(row["Score"])
        yield Score(model_label=row["Model"], row_locator=row.locator, benchmark_id="mmlu", score=score)


def source(*urls: str, **declared) -> Source:
    told = {"title": "A board", "kind": "leaderboard", "publisher": "us", "licence": "MIT", "may_republish": True}
    told |= {"min_rows": 1, "expects": {"scores": Expect(low=0, high=100)}, "cadence": days(7)}
    return Source(id="board", urls=urls, **(told | declared))


def reader(declared: Source) -> Reader:
    """Return the source with its reader, as a module would be."""
    return SimpleNamespace(SOURCE=declared, read=read)


def small_reference(folder: Path) -> Path:
    """Return reference tables with nothing in them but the benchmark of the board: all of them take a while to load."""
    place = folder / "reference"
    place.mkdir(exist_ok=True)
    for path in steps.REFERENCE.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (place / path.name).write_text("".join(line for line in lines if line in lines[:1] or line.startswith("mmlu,")))
    return place


def run_steps(
    folder: Path,
    declared: Source,
    *,
    delay: float = 0.0,
    tries: int = 1,
    hosts: Sequence[str] | None = None,
    is_validated: bool = False,
) -> SourceRun:
    """Run the steps up to loading over the source, as a run of its own; `tries` as often as the flow would."""
    readers, reference = {"board": reader(declared)}, small_reference(folder)
    job = steps.Job("run", Warehouse.at(folder), ["board"], readers=readers, reference=reference)
    job.fetcher = Fetcher(delay_seconds=delay, private_hosts=hosts)
    job._network = True
    with steps.holding(job):
        for n in range(tries):
            try:
                done = steps.capture(job, "board")
                break
            except TransientFetchError:
                if n == tries - 1:
                    raise
        done = steps.read(job, done)
        if is_validated:
            done = steps.validate(job, done)
        steps.load(job, [done])
    return done

"""Build the marts again from what is in the store: today's, published; or as of a day, into a file of their own."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime, time
from pathlib import Path

from flows import steps
from flows.errors import UsageError
from flows.settings import Warehouse
from flows.steps import Job
from warehouse.connect import disk_errors, hold, open_store


def rebuild(
    warehouse: Warehouse, *, as_of: str | None = None, known_at: str | None = None, output: str | None = None
) -> Path:
    """Resolve and build again; without a date publish, else write the file `output` and leave the published one alone."""
    if not warehouse.store.exists():
        raise UsageError(
            f"{warehouse.store}: expected a store to build from; found none. Type `convergence run` first."
        )
    days = [_day(name, text) for name, text in (("--as-of", as_of), ("--known-at", known_at))]
    if not any(days):
        job = Job("build", warehouse, given={})
        with steps.holding(job):
            steps.resolve(job)
            steps.build(job)
            return steps.publish(job)
    names = [f"{word}_{day}" for word, day in zip(("as_of", "known_at"), days, strict=True) if day]
    target = Path(output) if output else warehouse.snapshots / f"{'_'.join(names)}.duckdb"
    with hold(warehouse), disk_errors(target):
        return _build_dated(warehouse, target, *days)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{name}: expected a day as YYYY-MM-DD; found {text!r}") from error


def _build_dated(warehouse: Warehouse, target: Path, as_of: date | None, known_at: date | None) -> Path:
    from warehouse.build import build

    with open_store(warehouse.store) as con:
        con.execute("checkpoint")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(warehouse.store, part)
        build(part, warehouse.work, as_of=as_of, known_at=datetime.combine(known_at, time.max) if known_at else None)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target

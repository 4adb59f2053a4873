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
        if output is not None:
            raise UsageError("--output: expected --as-of or --known-at with it; without a date the build is published")
        job = Job("build", warehouse, given={})
        with steps.holding(job):
            steps.resolve(job)
            steps.build(job)
            return steps.publish(job)
    names = [f"{word}_{day}" for word, day in zip(("as_of", "known_at"), days, strict=True) if day]
    target = _target(warehouse, Path(output) if output else warehouse.snapshots / f"{'_'.join(names)}.duckdb")
    with hold(warehouse), disk_errors(target):
        return _build_dated(warehouse, target, *days)


def _target(warehouse: Warehouse, path: Path) -> Path:
    """Return the file to write; UsageError if the warehouse's own files would be written over."""
    own = (warehouse.store, warehouse.published, warehouse.archive, warehouse.lock)
    place = path.expanduser().resolve()
    is_own = any(place == file.resolve() or place.is_relative_to(file.resolve()) for file in own)
    if is_own or place.is_dir():
        raise UsageError(f"--output {path}: expected a file that is none of the warehouse's own")
    return place


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{name}: expected a day as YYYY-MM-DD; found {text!r}") from error
    if day.isoformat() != text:
        raise UsageError(f"{name}: expected a day as YYYY-MM-DD; found {text!r}")
    return day


def _build_dated(warehouse: Warehouse, target: Path, as_of: date | None, known_at: date | None) -> Path:
    from warehouse.build import build

    with open_store(warehouse.store) as con:
        con.execute("checkpoint")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.stem}.part.duckdb")
    stale = (part, part.with_name(part.name + ".wal"))
    try:
        for file in stale:
            file.unlink(missing_ok=True)
        shutil.copyfile(warehouse.store, part)
        build(part, warehouse.work, as_of=as_of, known_at=datetime.combine(known_at, time.max) if known_at else None)
        with open_store(part) as con:
            con.execute("checkpoint")
        os.replace(part, target)
    finally:
        for file in stale:
            file.unlink(missing_ok=True)
    return target

"""Publish: one atomic switch of what readers open."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from flows.settings import Warehouse
from warehouse.connect import disk_errors, open_store

KEEP = 3  # snapshots that stay: the published one and two before it, for readers that still have them open


def publish(warehouse: Warehouse, run_id: str) -> Path:
    """Copy the built store into snapshots/RUN and switch `published` to it; return the file readers open.

    The store is checkpointed first, so that the copy is whole. Readers that have the old file open keep their snapshot.
    """
    with open_store(warehouse.store) as con:
        con.execute("checkpoint")
    folder = warehouse.snapshots / run_id
    with disk_errors(warehouse.snapshots):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "llm_convergence.duckdb.part"
        shutil.copyfile(warehouse.store, part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(part, folder / "llm_convergence.duckdb")
        _switch(warehouse.link, Path("snapshots") / run_id)
        _switch(warehouse.published, Path("published") / "llm_convergence.duckdb")
        _remove_old(warehouse)
    return warehouse.published


def _switch(link: Path, target: Path) -> None:
    """Point a symbolic link elsewhere in one step."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    os.replace(new, link)


def _remove_old(warehouse: Warehouse) -> None:
    current = warehouse.link.resolve()
    folders = sorted(
        (f for f in warehouse.snapshots.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True
    )
    for folder in [f for f in folders if f.resolve() != current][KEEP - 1 :]:
        shutil.rmtree(folder)

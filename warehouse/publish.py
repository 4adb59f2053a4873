"""Publish: one atomic switch of what readers open."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from flows.errors import WarehouseError
from flows.settings import Warehouse
from warehouse.connect import disk_errors, open_store, sync_folder

log = logging.getLogger(__name__)
KEEP = 3  # snapshots that stay: the published one and two before it, for readers that still have them open
FILE = "llm_convergence.duckdb"


def publish(warehouse: Warehouse, run_id: str) -> Path:
    """Copy the built store into snapshots/RUN and switch `published` to it; return the file readers open.

    The store is checkpointed first, so that the copy is whole. Readers that have the old file open keep their snapshot. If
    anything fails, or the run is killed, what was published stays.
    """
    with open_store(warehouse.store) as con, disk_errors(warehouse.store):
        con.execute("checkpoint")
    with disk_errors(warehouse.snapshots):
        _copy(warehouse.store, warehouse.snapshots / run_id)
        _switch(warehouse.link, Path(warehouse.snapshots.name) / run_id)
        _switch(warehouse.published, Path(warehouse.link.name) / FILE)
        sync_folder(warehouse.directory)
    _remove_old(warehouse)
    return warehouse.published


def _copy(store: Path, folder: Path) -> None:
    """Copy the store into a snapshot's folder, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{FILE}.part"
    try:
        shutil.copyfile(store, part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(part, folder / FILE)
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _switch(link: Path, target: Path) -> None:
    """Point a symbolic link elsewhere in one step."""
    if link.is_dir() and not link.is_symlink():
        raise WarehouseError(f"{link}: expected a symbolic link to a snapshot; found a folder. Move it away.")
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    os.replace(new, link)


def _remove_old(warehouse: Warehouse) -> None:
    """Remove snapshots beyond those to keep, and what killed runs left half copied; failing at that fails nothing."""
    current = warehouse.link.resolve()
    others = [f for f in warehouse.snapshots.iterdir() if f.is_dir() and f.resolve() != current]
    whole = sorted((f for f in others if (f / FILE).is_file()), key=lambda f: (f.stat().st_mtime_ns, f.name))
    for folder in [*whole[: -(KEEP - 1)], *(f for f in others if f not in whole)]:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            log.warning("publish: %s could not be removed: %s", folder, error)

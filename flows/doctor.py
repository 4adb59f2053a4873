"""Say what is wrong with this installation and this warehouse, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from flows.errors import ConvergenceError, LayoutVersionError, WarehouseError, WarehouseLocked
from flows.settings import REFERENCE, Warehouse, program_version
from flows.sources import source_ids, web_addresses

PACKAGES = ("prefect", "duckdb", "polars", "great-expectations", "dbt-core", "dbt-duckdb", "lxml", "warcio")
FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing looked at: 'ok', 'note' (worth knowing) or 'wrong' (with what to do)."""

    check: str
    state: str
    found: str
    advice: str = ""


def examine(warehouse: Warehouse) -> list[Finding]:
    """Look at everything; a check that breaks is itself a finding."""
    checks: list[Callable[[Warehouse], Iterator[Finding]]] = [
        _program,
        _place,
        _lock,
        _store,
        _published,
        _reference,
        _labels,
        _sources,
        _network,
    ]
    findings = []
    for check in checks:
        try:
            findings += list(check(warehouse))
        except WarehouseLocked as error:
            findings.append(Finding(check.__name__.strip("_"), "note", str(error), "look again when it has ended"))
        except ConvergenceError as error:
            findings.append(Finding(check.__name__.strip("_"), "wrong", str(error), _advice(warehouse, error)))
        except Exception as error:  # noqa: BLE001 - whatever breaks a check is what the doctor is asked for
            said = next(iter(str(error).strip().splitlines()), "no words")
            findings.append(Finding(check.__name__.strip("_"), "wrong", f"{type(error).__name__}: {said}"))
    return findings


def _advice(warehouse: Warehouse, error: ConvergenceError) -> str:
    if isinstance(error, LayoutVersionError) or not isinstance(error, WarehouseError):
        return ""
    if str(error).startswith(str(warehouse.store)):
        return f"restore a backup, or move {warehouse.store.name} away and type: convergence replay {warehouse.archive}"
    return "type: convergence build" if str(error).startswith(str(warehouse.published)) else ""


def _program(_: Warehouse) -> Iterator[Finding]:
    python = sys.version.split()[0]
    yield Finding(
        "python",
        "ok" if sys.version_info >= (3, 11) else "wrong",
        python,
        "" if sys.version_info >= (3, 11) else "use Python 3.11 or newer",
    )
    try:
        found = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        yield Finding("packages", "ok", f"llm-convergence {program_version()}, {found}")
    except PackageNotFoundError as error:
        yield Finding("packages", "wrong", f"{error.name} is not installed", "type: uv sync")


def _place(warehouse: Warehouse) -> Iterator[Finding]:
    folder = warehouse.directory
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        yield Finding("warehouse", "wrong", f"{folder} is no folder", "choose another one with --warehouse")
        return
    if not os.access(folder, os.W_OK):
        yield Finding(
            "warehouse",
            "wrong",
            f"{folder} is read-only",
            "choose another folder with --warehouse, or change its permissions",
        )
        return
    free = shutil.disk_usage(folder).free
    yield Finding(
        "warehouse",
        "ok" if free > FREE_BYTES else "wrong",
        f"{warehouse.directory}, {free // 2**20:,} MB free",
        "" if free > FREE_BYTES else f"make room: a run needs about {FREE_BYTES // 2**20} MB",
    )


def _lock(warehouse: Warehouse) -> Iterator[Finding]:
    from warehouse.connect import holder

    process = holder(warehouse)
    if process is not None:
        yield Finding("lock", "note", f"a run is at work (process {process})", "wait for it to end")
    elif warehouse.lock.exists():
        yield Finding("lock", "ok", "no run is at work")


def _store(warehouse: Warehouse) -> Iterator[Finding]:
    from warehouse.connect import open_store

    if not warehouse.store.exists():
        yield Finding("store", "note", "none yet", "type: convergence run")
        return
    with open_store(warehouse.store, read_only=True) as con:
        captures, readings = con.execute(
            "select (select count(*) from raw.captures), (select count(*) from raw.readings)"
        ).fetchall()[0]
        missing = [
            f
            for (f,) in con.execute("select archive_file from raw.captures").fetchall()
            if not (warehouse.archive / f).is_file()
        ]
    yield Finding("store", "ok", f"{captures} captures, {readings} readings")
    if missing:
        yield Finding(
            "archive",
            "wrong",
            f"{len(missing)} archived pages are gone, the first: {missing[0]}",
            "restore them from a backup; marts are not affected",
        )


def _published(warehouse: Warehouse) -> Iterator[Finding]:
    from warehouse.connect import open_published

    if not warehouse.published.exists():
        yield Finding("published", "note", "nothing yet", "type: convergence run")
        return
    with open_published(warehouse.published) as con:
        n = con.execute("select count(*) from convergence.frontier_gap").fetchall()[0][0]
    yield Finding("published", "ok", f"{warehouse.published.resolve()}, {n} rows in convergence.frontier_gap")


def _reference(_: Warehouse) -> Iterator[Finding]:
    import duckdb

    from warehouse.connect import create_schema
    from warehouse.load import load_reference

    with duckdb.connect() as con:
        create_schema(con)
        try:
            load_reference(con, REFERENCE)
        except ConvergenceError as error:
            yield Finding("reference", "wrong", str(error), "mend the CSV; git diff shows what changed")
            return
        n = con.execute("select count(*) from reference.models").fetchall()[0][0]
    yield Finding("reference", "ok", f"{n} models in {REFERENCE.name}/")


def _labels(warehouse: Warehouse) -> Iterator[Finding]:
    from flows.inspect import unresolved

    if warehouse.published.exists():
        waiting = unresolved(warehouse)
        yield Finding(
            "labels",
            "note" if waiting else "ok",
            f"{len(waiting)} labels wait for a model",
            "type: convergence models suggest" if waiting else "",
        )
        clashes = [f"{row['label']!r} of {row['source']} ({row['why']})" for row in waiting if "clash: " in row["why"]]
        if clashes:
            yield Finding(
                "labels",
                "note",
                f"{len(clashes)} of them stand beside another label of the same model, the first: {clashes[0]}",
                "give one of the two an alias of its own in aliases.csv: another model, or a variant",
            )


def _sources(warehouse: Warehouse) -> Iterator[Finding]:
    from flows.inspect import source_states

    for row in source_states(warehouse):
        if row["state"] in ("failed", "stale"):
            is_module = row["source"] in source_ids()
            advice = (
                f"type: convergence run --source {row['source']}" if is_module else "mend the file, import it again"
            )
            yield Finding(
                f"source {row['source']}", "wrong" if row["state"] == "failed" else "note", str(row["why"]), advice
            )


def _network(_: Warehouse) -> Iterator[Finding]:
    from flows.fetch import network_is_up

    up = network_is_up(web_addresses())
    yield Finding(
        "network",
        "ok" if up else "note",
        "sources' hosts answer" if up else "no source's host answers",
        "" if up else "runs use the reference facts only",
    )

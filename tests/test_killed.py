"""A run killed anywhere and started again gives the same tables, run ids and times aside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.settings import Warehouse
from warehouse.connect import hold, open_published

ROOT = Path(__file__).parents[1]
RUN = """
import os, sys, threading
from flows import archive, steps
from flows.settings import Warehouse
import warehouse.build, warehouse.load, warehouse.publish

def die(*a, **k):
    os.kill(os.getpid(), 9)

def after(function, at=1):
    calls = []
    def call(*a, **k):
        result = function(*a, **k)
        calls.append(1)
        if len(calls) == at:
            die()
        return result
    return call

def run(where):
    if where == "in the archive": archive.keep = after(archive.keep, 2)
    if where == "in load": warehouse.load._add_reading = after(warehouse.load._add_reading, 2)
    if where == "after load": steps.resolve = die
    if where == "in build": steps.build = lambda job, _build=steps.build: (threading.Timer(3, die).start(), _build(job))
    job = steps.Job("run", Warehouse.at(sys.argv[1]), offline=True)
    with steps.holding(job):
        runs = [steps.validate(job, steps.read(job, steps.capture(job, source))) for source in job.source_ids]
        steps.load(job, runs)
        steps.resolve(job)
        steps.build(job)
        steps.publish(job)

import dbt.cli.main, great_expectations, polars  # once for all: each run is a process of its own, forked from here
for where in sys.argv[2:]:
    child = os.fork()
    if not child:
        run(where)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), Warehouse.at(sys.argv[1]).published.exists())
"""
PLACES = ("in the archive", "in load", "after load", "in build")
PASSING = {"capture_id", "reading_id", "run_id"}  # identities that hold the moment of a capture


def run(folder: Path, *places: str) -> list[str]:
    """Run once per place to be killed at; return how each ended (-9: killed, 0: whole) and whether something was published."""
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(folder), *places]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table that people join and of the observations, without moments and identities."""
    found = {}
    with open_published(Warehouse.at(folder).published) as con:
        tables = con.execute(
            "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()"
            " where database_name = current_database() and not internal and data_type not like 'TIMESTAMP%'"
            " and schema_name in ('core', 'convergence', 'efficiency', 'raw', 'reference') group by all"
        ).fetchall()
        for schema, table, columns in tables:
            if (schema, table) in {("raw", "runs"), ("raw", "source_runs"), ("raw", "layout")}:
                continue
            named = ", ".join(
                f'"{c}"' for c in columns if c not in PASSING and not c.endswith(("archive_file", "_capture_id"))
            )
            found[f"{schema}.{table}"] = con.execute(
                f'select {named} from "{schema}"."{table}" order by all'
            ).fetchall()
    return found


@pytest.fixture(scope="module")
def often_killed(tmp_path_factory) -> Path:
    """Return a warehouse whose run was killed at every place in turn, and then let through."""
    folder = tmp_path_factory.mktemp("killed") / "warehouse"
    assert run(folder, *PLACES) == ["-9 False"] * len(PLACES)
    with hold(Warehouse.at(folder)):
        """The dead processes hold nothing."""
    assert run(folder, "nowhere") == ["0 True"]
    return folder


def test_the_tables_are_those_of_a_run_that_nothing_happened_to(often_killed, built_warehouse):
    killed, whole = contents(often_killed), contents(built_warehouse)
    assert set(killed) == set(whole)
    assert [name for name in whole if killed[name] != whole[name]] == []


def test_every_page_that_the_tables_name_is_in_the_archive_and_nothing_half_written(often_killed):
    with open_published(Warehouse.at(often_killed).published) as con:
        files = [file for (file,) in con.execute("select archive_file from raw.captures").fetchall()]
    archive = Warehouse.at(often_killed).archive
    assert len(files) == len(list(archive.rglob("*.warc.gz"))), "what a killed run archived is loaded by the next"
    assert files and all((archive / file).is_file() for file in files)
    assert not list(archive.rglob("*.part"))


def test_the_run_log_has_one_line_per_run_and_says_which_one_was_published(often_killed):
    with open_published(Warehouse.at(often_killed).published) as con:
        states = [
            state for (state,) in con.execute("select state from meta.runs order by started_at, run_id").fetchall()
        ]
        (distinct,) = con.execute("select count(distinct run_id) = count(*) from meta.runs").fetchall()[0]
    assert distinct
    assert "published" in states


def test_a_published_warehouse_stays_readable_while_the_next_run_is_killed(often_killed):
    before = Warehouse.at(often_killed).link.readlink()
    assert run(often_killed, "after load") == ["-9 True"]
    after = Warehouse.at(often_killed)
    assert after.link.readlink() == before
    with duckdb.connect(str(after.published), read_only=True) as con:
        assert con.execute("select count(*) from core.models").fetchall()[0][0] > 100

"""Building again: today's marts, published; or those of a day, in a file of their own."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows import rebuild as rebuilding
from flows.errors import BuildFailed, UsageError, WarehouseLocked
from flows.rebuild import rebuild
from flows.settings import Warehouse
from warehouse.connect import hold, open_published


@pytest.fixture
def place(warehouse_copy) -> Warehouse:
    return Warehouse.at(warehouse_copy)


def fingerprint(folder: Path) -> dict[str, str]:
    """Return every file and link of a warehouse with what it holds; dbt's own folder and the lock are no content."""
    files = [p for p in folder.rglob("*") if p.is_file() and "dbt" not in p.parts and p.name != ".lock"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def latest_record(path: Path) -> date:
    with open_published(path) as con:
        return con.execute("select max(from_on) from convergence.frontier").fetchall()[0][0]


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2024-13-01", "2024-02-30", "20240801", "2024-W01-1", "01.08.2024", "", "2024-08-01T00:00"]
)
@pytest.mark.parametrize("clock", ["as_of", "known_at"])
def test_a_date_that_is_none_is_wrong_usage(place, clock, wrong):
    before = fingerprint(place.directory)
    with pytest.raises(UsageError, match=rf"--{clock.replace('_', '-')}: expected a day as YYYY-MM-DD; found"):
        rebuild(place, **{clock: wrong})
    assert fingerprint(place.directory) == before


def test_without_a_store_it_says_what_to_type(tmp_path):
    with pytest.raises(UsageError, match="convergence run"):
        rebuild(Warehouse.at(tmp_path / "none"), as_of="2024-08-01")
    assert not list(tmp_path.iterdir())


def test_an_output_without_a_date_is_wrong_usage(place, tmp_path):
    with pytest.raises(UsageError, match="--output: expected --as-of or --known-at"):
        rebuild(place, output=str(tmp_path / "x.duckdb"))


@pytest.mark.parametrize(
    "own",
    ["store.duckdb", "llm_convergence.duckdb", "published/llm_convergence.duckdb", "archive/x.duckdb", ".", ".lock"],
)
def test_the_warehouses_own_files_are_not_written_over(place, own):
    before = fingerprint(place.directory)
    with pytest.raises(UsageError, match="none of the warehouse's own"):
        rebuild(place, as_of="2024-08-01", output=str(place.directory / own))
    assert fingerprint(place.directory) == before


def test_while_a_run_is_at_work_nothing_is_built(place):
    with hold(place), pytest.raises(WarehouseLocked):
        rebuild(place, as_of="2024-08-01")


def test_a_dated_build_writes_its_own_file_and_nothing_else(place):
    before = fingerprint(place.directory)
    path = rebuild(place, as_of="2024-08-01")
    assert path == place.snapshots / "as_of_2024-08-01.duckdb"
    after = fingerprint(place.directory)
    assert after.keys() - before.keys() == {"snapshots/as_of_2024-08-01.duckdb"}
    assert {k: v for k, v in after.items() if k in before and k != "store.duckdb"} == {
        k: v for k, v in before.items() if k != "store.duckdb"
    }
    assert latest_record(path) <= date(2024, 8, 1) < latest_record(place.published)


def test_what_was_not_known_yet_is_not_in_a_build_by_the_other_clock(place, tmp_path):
    output = tmp_path / "deep" / "then.duckdb"
    assert rebuild(place, known_at="2020-01-01", output=str(output)) == output
    with open_published(output) as con:
        assert con.execute("select count(*) from core.scores").fetchall() == [(0,)]
    assert [p.name for p in output.parent.iterdir()] == ["then.duckdb"]


def test_a_dated_build_that_fails_leaves_no_file(place, monkeypatch, tmp_path):
    def failing(*_: object, **__: object) -> None:
        raise BuildFailed("no")

    monkeypatch.setattr("warehouse.build.build", failing)
    with pytest.raises(BuildFailed):
        rebuild(place, as_of="2024-08-01", output=str(tmp_path / "out" / "x.duckdb"))
    assert not list((tmp_path / "out").iterdir())


def test_a_build_that_fails_leaves_the_last_published_one_and_is_written_down(place, monkeypatch):
    before = place.link.resolve()

    def failing(*_: object, **__: object) -> None:
        raise BuildFailed("a test failed")

    monkeypatch.setattr("warehouse.build.build", failing)
    with pytest.raises(BuildFailed):
        rebuild(place)
    assert place.link.resolve() == before
    with duckdb.connect(str(place.store), read_only=True) as con:
        logged = con.execute("select command, state, message from raw.runs order by rowid desc limit 1").fetchall()
    assert logged == [("build", "failed", "a test failed")]


def test_a_build_without_a_date_is_published(place):
    before = place.link.resolve()
    assert rebuild(place) == place.published
    assert place.link.resolve() != before
    with open_published(place.published) as con:
        assert con.execute("select count(*) from core.models").fetchall()[0][0] > 100


def test_names_say_both_clocks(place, monkeypatch):
    monkeypatch.setattr(rebuilding, "_build_dated", lambda _, target, *__: target)
    both = rebuild(place, as_of="2024-08-01", known_at="2024-09-01")
    assert both.name == "as_of_2024-08-01_known_at_2024-09-01.duckdb"

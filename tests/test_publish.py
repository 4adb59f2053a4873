"""Publishing: readers see one complete snapshot, whatever happens while it is switched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.errors import WarehouseError
from flows.settings import Warehouse
from tests.mounts import run_on_disk
from warehouse import publish as publishing
from warehouse.connect import open_published, open_store
from warehouse.publish import publish

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path) -> Warehouse:
    return Warehouse.at(tmp_path / "warehouse")


def write(place: Warehouse, value: str) -> None:
    with open_store(place.store) as con:
        con.execute("delete from raw.settings")
        con.execute("insert into raw.settings values ('value', ?)", [value])


def read(place: Warehouse) -> str:
    with open_published(place.published) as con:
        return con.execute("select value from raw.settings").fetchall()[0][0]


def test_what_was_built_is_what_readers_open(place):
    write(place, "one")
    assert publish(place, "run1") == place.published
    assert read(place) == "one"
    assert place.published.readlink() == Path("published/llm_convergence.duckdb")
    assert place.link.readlink() == Path("snapshots/run1")
    assert not list(place.directory.rglob("*.part"))


def test_the_published_file_is_whole_and_cannot_be_written_to(place):
    write(place, "one")
    publish(place, "run1")
    assert not list((place.snapshots / "run1").glob("*.wal"))
    with open_published(place.published) as con, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        con.execute("insert into raw.settings values ('a', 'b')")


READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
for line in sys.stdin:
    print(con.execute("select value, count(*) over () from raw.settings").fetchall()[0][0], flush=True)
"""


def test_a_reader_with_the_old_file_open_keeps_it_and_new_readers_see_the_new_one(place):
    write(place, "run0")
    publish(place, "run0")
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(place.published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin and reader.stdout
        assert reader.stdout.readline() == "open\n"
        for n in range(1, 6):  # more runs than snapshots are kept
            write(place, f"run{n}")
            publish(place, f"run{n}")
            print("?", file=reader.stdin, flush=True)
            assert reader.stdout.readline() == "run0\n"
            assert read(place) == f"run{n}"
        reader.stdin.close()
    assert not (place.snapshots / "run0").exists()


def test_old_snapshots_go_and_the_current_one_never(place):
    write(place, "x")
    for n in range(6):
        publish(place, f"run{n}")
        os.utime(place.snapshots / f"run{n}", (n, n))
    assert sorted(p.name for p in place.snapshots.iterdir()) == ["run3", "run4", "run5"]
    os.utime(place.snapshots / "run5", (0, 0))  # the clock went wrong: the current one looks oldest
    publishing._remove_old(place)
    assert (place.snapshots / "run5").exists()
    assert read(place) == "x"


def test_dated_builds_beside_the_snapshots_stay(place):
    write(place, "x")
    publish(place, "run0")
    dated = place.snapshots / "as_of_2024-08-01.duckdb"
    shutil.copyfile(place.store, dated)
    for n in range(1, 6):
        publish(place, f"run{n}")
    assert dated.exists()


def test_an_old_snapshot_that_cannot_be_removed_fails_nothing(place, monkeypatch, caplog):
    write(place, "x")
    for n in range(3):
        publish(place, f"run{n}")

    def stuck(path: Path) -> None:
        raise OSError(16, "Device or resource busy", str(path))

    monkeypatch.setattr(publishing.shutil, "rmtree", stuck)
    publish(place, "run3")
    assert "could not be removed" in caplog.text
    assert read(place) == "x"


STEPS = ["copyfile", "fsync", "replace", "switch link", "switch published", "remove"]
KILL = """
import os, sys
from flows.settings import Warehouse
from warehouse import publish as p
step, place = sys.argv[1], Warehouse.at(sys.argv[2])
def dying(function, at=0):
    calls = []
    def call(*a, **k):
        if len(calls) == at and not os.environ.get("AFTER"):
            os.kill(os.getpid(), 9)
        calls.append(1)
        result = function(*a, **k)
        if len(calls) == at + 1:
            os.kill(os.getpid(), 9)
        return result
    return call
if step == "copyfile": p.shutil.copyfile = dying(p.shutil.copyfile)
if step == "fsync": p.os.fsync = dying(p.os.fsync)
if step == "replace": p.os.replace = dying(p.os.replace)
if step == "switch link": p._switch = dying(p._switch)
if step == "switch published": p._switch = dying(p._switch, 1)
if step == "remove": p._remove_old = dying(p._remove_old)
p.publish(place, "killed")
"""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_at_any_step_leaves_a_whole_published_file_and_the_next_run_goes_on(place, step, after):
    write(place, "old")
    publish(place, "run0")
    write(place, "new")
    environment = os.environ | ({"AFTER": "1"} if after else {})
    done = subprocess.run([sys.executable, "-c", KILL, step, str(place.directory)], cwd=ROOT, env=environment)
    assert done.returncode == -signal.SIGKILL
    assert read(place) in ("old", "new")
    if step in ("copyfile", "fsync", "replace"):
        assert read(place) == "old"
    write(place, "newer")
    publish(place, "run1")
    assert read(place) == "newer"
    kept = [p for p in place.snapshots.iterdir() if not (p / "llm_convergence.duckdb").exists()]
    assert not kept, "what was half copied is gone"
    assert not list(place.directory.glob(".*.new"))


@pytest.mark.parametrize("step", STEPS[:4])
def test_a_first_run_killed_at_any_step_is_finished_by_the_next(place, step):
    write(place, "new")
    subprocess.run([sys.executable, "-c", KILL, step, str(place.directory)], cwd=ROOT)
    publish(place, "run1")
    assert read(place) == "new"


def test_a_disk_that_is_full_while_copying_leaves_the_last_snapshot_and_no_litter(place, monkeypatch):
    write(place, "old")
    publish(place, "run0")
    write(place, "new")

    def full(_: Path, target: Path) -> None:
        target.write_bytes(b"x" * 1000)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.shutil, "copyfile", full)
    with pytest.raises(WarehouseError, match="expected room on the disk; found it full"):
        publish(place, "run1")
    assert read(place) == "old"
    assert [p.name for p in place.snapshots.iterdir()] == ["run0"]


def test_a_disk_that_is_really_full_leaves_the_last_snapshot(tmp_path):
    script = """
import os
from flows.errors import WarehouseError
from flows.settings import Warehouse
from warehouse.connect import open_published, open_store
from warehouse.publish import publish
place = Warehouse.at(os.environ["DISK"])
try:
    with open_store(place.store): pass
    publish(place, "run0")
    filler = open(place.directory / "filler", "wb", buffering=0)
    try:
        while filler.write(b"x" * 4096): pass
    except OSError: pass
    publish(place, "run1")
except WarehouseError as error:
    print(error)
    if place.published.exists():
        open_published(place.published).close()
        print(os.readlink(place.link))
"""
    said = run_on_disk(tmp_path / "disk", script, megabytes=16)
    assert "expected room on the disk; found it full" in said
    assert "snapshots/run1" not in said


def test_a_folder_where_the_switch_belongs_is_named(place):
    write(place, "x")
    place.link.mkdir(parents=True)
    with pytest.raises(WarehouseError, match="published: expected a symbolic link to a snapshot; found a folder"):
        publish(place, "run1")


def test_a_warehouse_moved_elsewhere_still_opens(place, tmp_path):
    write(place, "x")
    publish(place, "run0")
    place.directory.rename(tmp_path / "moved")
    assert read(Warehouse.at(tmp_path / "moved")) == "x"


def test_the_published_file_opens_under_another_name_and_attached(built_warehouse, tmp_path):
    copy = tmp_path / "my own name.db"
    shutil.copyfile(built_warehouse / "llm_convergence.duckdb", copy)
    asked = "select count(*) from convergence.frontier_gap_at('2024-08-01')"
    with duckdb.connect(str(copy), read_only=True) as con:
        renamed = con.execute(asked).fetchall()
    with duckdb.connect() as con:
        con.execute(f"attach '{copy}' as x (read_only)")
        con.execute("use x")
        assert con.execute(asked).fetchall() == renamed
        assert con.execute("select count(*) from x.core.models").fetchall()[0][0] > 0

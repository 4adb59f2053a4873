"""Opening the store: the right layout, one writer, and clear words when the disk or the file is not well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.errors import LayoutVersionError, UsageError, WarehouseError, WarehouseLocked
from flows.settings import Warehouse
from tests.mounts import run_on_disk
from warehouse.connect import disk_errors, hold, holder, open_published, open_store

ROOT = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path) -> Path:
    """Return a new store with some rows in it."""
    path = tmp_path / "store.duckdb"
    with open_store(path) as con:
        con.execute("insert into raw.settings select 'n', range::varchar from range(200_000)")
    return path


# ---------------------------------------------------------------- making and opening


def test_a_new_store_has_its_layout_and_a_storage_version_that_duckdb_1_4_opens(store):
    with open_store(store, read_only=True) as con:
        assert con.execute("select version from raw.layout").fetchall() == [(1,)]
        tags = con.execute("select tags from duckdb_databases() where not internal").fetchall()
        assert "v1.4" in str(tags)


def test_opening_again_keeps_what_is_there(store):
    with open_store(store) as con:
        assert con.execute("select count(*) from raw.settings").fetchall() == [(200_000,)]
        assert con.execute("select count(*) from raw.layout").fetchall() == [(1,)]


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_store_of_another_layout_is_refused_and_left_alone(store, version):
    with duckdb.connect(str(store)) as con:
        con.execute("update raw.layout set version = ?", [version])
    for read_only in (True, False):
        with pytest.raises(
            LayoutVersionError, match=rf"expected layout version 1; found {version}.*convergence replay"
        ):
            open_store(store, read_only=read_only)
    with duckdb.connect(str(store)) as con:
        assert con.execute("select version from raw.layout").fetchall() == [(version,)]


def test_a_duckdb_file_of_another_kind_is_refused(tmp_path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as con:
        con.execute("create table t as select 1")
    with pytest.raises(LayoutVersionError, match="found a file of another kind"):
        open_store(tmp_path / "x.duckdb")


def damage(path: Path, kind: str) -> None:
    raw = path.read_bytes()
    half = len(raw) // 2
    path.write_bytes(
        {
            "empty": b"",
            "text": b"hello world\n" * 1000,
            "cut in the header": raw[:5000],
            "cut after the header": raw[:12_288],
            "cut in the middle": raw[:half],
            "last block gone": raw[:-262_144],
            "header overwritten": raw[:4096] + os.urandom(8192) + raw[12_288:],
            "catalog overwritten": raw[:12_288] + os.urandom(200_000) + raw[212_288:],
        }[kind]
    )


KINDS = ["empty", "text", "cut in the header", "cut after the header", "cut in the middle", "last block gone",
         "header overwritten", "catalog overwritten"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", [open_store, lambda path: open_store(path, read_only=True), open_published])
def test_a_damaged_file_is_an_error_that_names_it_in_one_line(store, kind, how):
    damage(store, kind)
    with pytest.raises(WarehouseError) as caught:
        how(store)
    assert str(caught.value).startswith(f"{store}: expected ")
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_an_error(tmp_path):
    (tmp_path / "folder.duckdb").mkdir()
    for how in (open_store, open_published):
        with pytest.raises(WarehouseError):
            how(tmp_path / "folder.duckdb")
    with pytest.raises(WarehouseError, match="convergence run"):
        open_published(tmp_path / "missing.duckdb")
    with pytest.raises(WarehouseError):
        open_store(tmp_path / "missing.duckdb", read_only=True)


def test_a_warehouse_that_is_a_file_or_below_one_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WarehouseError, match="expected a usable file or folder"), hold(Warehouse(place)):
            pass


@pytest.mark.parametrize(
    "name", ["with space", "it's", 'say "hi"', "naïve Übung 模型", "semi;colon -- x", "a#b&c=d", "100%", "~home"]
)
def test_a_path_may_have_any_letters(tmp_path, name):
    place = Warehouse.at(tmp_path / name)
    with hold(place), open_store(place.store) as con:
        assert con.execute("select count(*) from raw.captures").fetchall() == [(0,)]
    assert [p.name for p in (tmp_path / name).glob("*.duckdb")] == ["store.duckdb"]
    with open_store(place.store, read_only=True):
        pass


def test_a_path_that_duckdb_cannot_use_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="without a question mark"):
        open_store(tmp_path / "what?" / "store.duckdb")


def test_a_warehouse_behind_a_symbolic_link_is_the_same_warehouse(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with (
        hold(Warehouse.at(tmp_path / "real")),
        pytest.raises(WarehouseLocked),
        hold(Warehouse.at(tmp_path / "link")),
    ):
        pass


def test_a_store_whose_making_was_killed_is_made_anew(tmp_path):
    path = tmp_path / "store.duckdb"
    script = f"""
import os, duckdb
from pathlib import Path
import warehouse.connect as c
make = c.create_schema
def die(con):
    make(con)
    os.kill(os.getpid(), 9)
c.create_schema = die
c.open_store(Path({str(path)!r}))
"""
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == -signal.SIGKILL
    assert not path.exists() and list(tmp_path.iterdir())
    with open_store(path) as con:
        assert con.execute("select count(*) from raw.layout").fetchall() == [(1,)]
    assert [p.name for p in tmp_path.iterdir()] == ["store.duckdb"]


def test_a_log_left_by_a_store_that_was_moved_away_is_not_taken_for_the_new_ones(store):
    killed = f"import os, duckdb\ncon = duckdb.connect({str(store)!r})\ncon.execute(\"insert into raw.settings values ('a', 'b')\")\nos.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", killed]).returncode == -signal.SIGKILL
    wal = store.with_name("store.duckdb.wal")
    assert wal.exists()
    store.rename(store.with_name("away.duckdb"))
    with open_store(store) as con:
        assert con.execute("select count(*) from raw.settings").fetchall() == [(0,)]
    assert store.with_name("store.duckdb.old.wal").exists()


def test_what_a_killed_run_had_written_is_there_for_readers_and_writers(store):
    killed = f"import os, duckdb\ncon = duckdb.connect({str(store)!r})\ncon.execute(\"insert into raw.settings values ('a', 'b')\")\nos.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed])
    for read_only in (True, False):
        with open_store(store, read_only=read_only) as con:
            assert con.execute("select value from raw.settings where name = 'a'").fetchall() == [("b",)]


# ---------------------------------------------------------------- one run at a time


HOLD = """
import sys, time
from flows.settings import Warehouse
from warehouse.connect import hold, open_store
place = Warehouse.at(sys.argv[1])
with hold(place):
    con = open_store(place.store)
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_run(tmp_path):
    """Return another process that holds the warehouse."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_told_which_process_holds_the_warehouse(tmp_path, other_run):
    place = Warehouse.at(tmp_path)
    with pytest.raises(WarehouseLocked, match=rf"found another run \(process {other_run.pid}\) at work"), hold(place):
        pass
    assert holder(place) == str(other_run.pid)


def test_a_store_open_in_another_program_is_locked_and_not_damaged(tmp_path, other_run):
    for read_only in (True, False):
        with pytest.raises(WarehouseLocked, match=rf"open in another program \(\S+, process {other_run.pid}\)"):
            open_store(Warehouse.at(tmp_path).store, read_only=read_only)


def test_a_run_that_was_killed_is_no_obstacle(tmp_path, other_run):
    other_run.kill()
    other_run.wait()
    place = Warehouse.at(tmp_path)
    assert place.lock.read_text() == str(other_run.pid)
    assert holder(place) is None
    with hold(place):
        assert place.lock.read_text() == str(os.getpid())
        assert holder(place) == str(os.getpid())


def test_a_lock_file_with_anything_in_it_is_no_obstacle(tmp_path):
    place = Warehouse.at(tmp_path)
    place.lock.write_bytes(os.urandom(500))
    with hold(place):
        assert place.lock.read_text() == str(os.getpid())


def test_the_lock_is_let_go_when_a_run_fails(tmp_path):
    place = Warehouse.at(tmp_path)
    with pytest.raises(ZeroDivisionError), hold(place):
        _ = 1 / 0
    with hold(place):
        pass


def test_looking_at_the_lock_makes_nothing(tmp_path):
    assert holder(Warehouse.at(tmp_path / "none")) is None
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- disks


TRY = """
import os, sys
from pathlib import Path
from flows.errors import WarehouseError
from flows.settings import Warehouse
from warehouse.connect import disk_errors, hold, open_store
place = Warehouse.at(os.environ["DISK"])
"""
LOCK = (
    TRY
    + """
try:
    with hold(place):
        print("held")
except WarehouseError as error:
    print(error)
"""
)
OPEN = (
    TRY
    + """
try:
    open_store(place.store)
    print("opened")
except WarehouseError as error:
    print(error)
"""
)
FILL = (
    TRY
    + """
try:
    with disk_errors(place.store):
        con = open_store(place.store)
        con.execute("insert into raw.settings select random()::varchar, random()::varchar from range(1_000_000)")
    print("filled")
except WarehouseError as error:
    print(error)
"""
)


@pytest.mark.parametrize("script", [LOCK, OPEN])
def test_a_read_only_folder_is_named_as_such(tmp_path, script):
    said = run_on_disk(tmp_path / "disk", script)
    assert re.search(r"disk/\S+: expected a place to write; found it read-only", said)


def test_a_read_only_store_is_named_as_such(tmp_path):
    with open_store(tmp_path / "disk" / "store.duckdb"):
        pass
    assert "store.duckdb: expected a place to write; found it read-only" in run_on_disk(tmp_path / "disk", OPEN)


def test_a_full_disk_is_named_as_such(tmp_path):
    said = run_on_disk(tmp_path / "disk", FILL, megabytes=4)
    assert "store.duckdb: expected room on the disk; found it full" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "error", [duckdb.ConversionException("bad row"), duckdb.BinderException("no column"), ValueError("x")]
)
def test_an_error_of_the_data_is_not_called_an_error_of_the_disk(error):
    with pytest.raises(type(error)), disk_errors(Path("store")):
        raise error

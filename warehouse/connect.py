"""Open the store and the published file; one writer at a time, held by a lock file."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import LayoutVersionError, WarehouseError, WarehouseLocked
from flows.settings import Warehouse

if TYPE_CHECKING:
    import duckdb

LAYOUT_VERSION = 1
STORAGE_VERSION = "v1.4.0"  # what DuckDB 1.4 can open
_SCHEMA = Path(__file__).with_name("schema.sql")
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn what a disk says (read-only, full, forbidden, damaged) into a WarehouseError that names the place."""
    import duckdb

    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise WarehouseError(f"{place}: expected room on the disk; found it full") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise WarehouseError(
                f"{place}: expected a place to write; found it read-only ({error.strerror})"
            ) from error
        raise
    except duckdb.IOException as error:
        raise WarehouseError(f"{place}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


@contextmanager
def hold(warehouse: Warehouse) -> Iterator[None]:
    """Hold the warehouse for one run; WarehouseLocked, naming the process, if another has it."""
    with disk_errors(warehouse.directory):
        warehouse.directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(warehouse.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode().strip() or "unknown"
            raise WarehouseLocked(
                f"{warehouse.directory}: expected it free; found another run (process {holder}) at work"
            ) from None
        with disk_errors(warehouse.lock):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def open_store(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the store, making it in its layout if it is not there; LayoutVersionError if its layout is another."""
    import duckdb

    with disk_errors(path):
        if not path.exists() and not read_only:
            _create(path)
        con = duckdb.connect(str(path), read_only=read_only, config=dict(_OFFLINE))
    try:
        _check_layout(con, path)
    except BaseException:
        con.close()
        raise
    return con


def _create(path: Path) -> None:
    """Make a new store under another name and move it into place whole."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with duckdb.connect(config=dict(_OFFLINE)) as con:
        con.execute(f"attach '{_quoted(new)}' as fresh (storage_version '{STORAGE_VERSION}')")
        con.execute("use fresh")
        create_schema(con)
        con.execute("use memory")
        con.execute("detach fresh")
    os.replace(new, path)


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Make the store's own tables in an empty database, and note their layout's version."""
    con.execute(_SCHEMA.read_text())
    con.execute("insert into raw.layout values (?, now()::timestamp)", [LAYOUT_VERSION])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _check_layout(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    known = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = 'layout'"
    ).fetchall()
    found = con.execute("select max(version) from raw.layout").fetchall()[0][0] if known[0][0] else None
    if found != LAYOUT_VERSION:
        raise LayoutVersionError(
            f"{path}: expected layout version {LAYOUT_VERSION}; found {found if found is not None else 'a file of another kind'}. "
            "Move the file away and run `convergence replay` over its archive/ to make it anew."
        )


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file read-only, with no way to reach the disk or the network from SQL."""
    import duckdb

    if not path.exists():
        raise WarehouseError(f"{path}: expected a published file; found none. Type `convergence run` first.")
    with disk_errors(path):
        return duckdb.connect(str(path), read_only=True, config=dict(_OFFLINE))

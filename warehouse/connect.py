"""Open the store and the published file; one writer at a time, held by a lock file."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import LayoutVersionError, UsageError, WarehouseError, WarehouseLocked
from flows.settings import Warehouse

if TYPE_CHECKING:
    import duckdb

LAYOUT_VERSION = 1
STORAGE_VERSION = "v1.4.0"  # what DuckDB 1.4 can open
_SCHEMA = Path(__file__).with_name("schema.sql")
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn what a disk says (read-only, full, forbidden, damaged) into a WarehouseError that names the place.

    WarehouseLocked if another program has the file open for writing. What DuckDB says of data is not touched.
    """
    import duckdb

    try:
        yield
    except OSError as error:
        raise WarehouseError(f"{error.filename or place}: {_explain(error)}") from error
    except duckdb.Error as error:
        text = _first_line(error)
        if holder := re.search(r"Conflicting lock is held(?: in (\S+))? \(PID (\d+)\)", str(error)):
            who = f"{Path(holder[1] or 'a program').name}, process {holder[2]}"
            raise WarehouseLocked(f"{place}: expected it free; found it open in another program ({who})") from error
        if os.strerror(errno.ENOSPC) in text:
            raise WarehouseError(f"{place}: {_explain(OSError(errno.ENOSPC, text))}") from error
        if os.strerror(errno.EROFS) in text or os.strerror(errno.EACCES) in text:
            raise WarehouseError(f"{place}: {_explain(OSError(errno.EROFS, text))}") from error
        if isinstance(error, duckdb.IOException | duckdb.SerializationException | duckdb.FatalException) or (
            type(error) is duckdb.Error or isinstance(error, duckdb.InternalException)
        ):
            raise WarehouseError(f"{place}: expected a whole DuckDB file; found: {text}") from error
        raise


def _explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "expected room on the disk; found it full"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"expected a place to write; found it read-only ({error.strerror})"
    return f"expected a usable file or folder; found: {error.strerror or error}"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


@contextmanager
def hold(warehouse: Warehouse) -> Iterator[None]:
    """Hold the warehouse for one run; WarehouseLocked, naming the process, if another has it.

    The lock is the kernel's: a process that dies lets go of it, whatever the lock file says.
    """
    with disk_errors(warehouse.directory):
        warehouse.directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(warehouse.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _lock(handle):
            raise WarehouseLocked(
                f"{warehouse.directory}: expected it free; found another run (process {_named(handle)}) at work"
            )
        with disk_errors(warehouse.lock):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Take the lock, trying for a moment: someone may only be looking (`holder`)."""
    for _ in range(5):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.05)
    return False


def holder(warehouse: Warehouse) -> str | None:
    """Return the process that holds the warehouse, None if no run is at work; nothing is written."""
    if not warehouse.lock.exists():
        return None
    with disk_errors(warehouse.lock):
        handle = os.open(warehouse.lock, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _named(handle)
    finally:
        os.close(handle)


def _named(handle: int) -> str:
    return os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"


def open_store(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the store, making it in its layout if it is not there; LayoutVersionError if its layout is another."""
    if "?" in str(path):
        raise UsageError(f"{path}: expected a path without a question mark, which DuckDB 2.0 takes for the path's end")
    with disk_errors(path):
        if not path.exists() and not read_only:
            _create(path)
        con = _open(path, read_only=read_only)
        try:
            _check_layout(con, path)
        except BaseException:
            con.close()
            raise
    return con


def _open(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open a file that is there, and whole as far as its own size says; a cut one opens, and fails in the middle of a query."""
    import duckdb

    con = duckdb.connect(str(path), read_only=read_only, config=dict(_OFFLINE))
    # Free blocks do not count: those at the end may never have been written.
    blocks, block_bytes = con.execute("select used_blocks, block_size from pragma_database_size()").fetchall()[0]
    found = path.stat().st_size
    if found < blocks * block_bytes:
        con.close()
        raise WarehouseError(
            f"{path}: expected {blocks * block_bytes:,} bytes or more; found {found:,}: it was cut short"
        )
    return con


def _create(path: Path) -> None:
    """Make a new store under another name and move it into place whole."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    for stale in (new, _wal(new)):
        stale.unlink(missing_ok=True)
    if _wal(path).exists():  # of a store that was moved away; it must not be taken for the new one's
        os.replace(_wal(path), path.with_name(f"{path.name}.old.wal"))
    with duckdb.connect(config=dict(_OFFLINE)) as con:
        con.execute(f"attach '{_quoted(new)}' as fresh (storage_version '{STORAGE_VERSION}')")
        con.execute("use fresh")
        create_schema(con)
        con.execute("use memory")
        con.execute("detach fresh")
    os.replace(new, path)


def _wal(path: Path) -> Path:
    """Return where DuckDB keeps what is not in the file yet."""
    return path.with_name(path.name + ".wal")


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Make the store's own tables in an empty database, and note their layout's version."""
    con.execute(_SCHEMA.read_text(encoding="utf-8"))
    moment = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    con.execute("insert into raw.layout values (?, ?)", [LAYOUT_VERSION, moment])


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
            "Move the file away and run `convergence replay` over its archive/ to make it anew; "
            "imported files are not in it and have to be imported again."
        )


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file read-only, with no extension that would have to be fetched."""
    if not path.exists():
        raise WarehouseError(f"{path}: expected a published file; found none. Type `convergence run` first.")
    with disk_errors(path):
        return _open(path, read_only=True)


def sync_folder(folder: Path) -> None:
    """Make sure that names put into a folder are still there after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Build core and the marts: run the dbt project in sql/ on the store, then write the dictionary of what came out."""

from __future__ import annotations

import json
import logging
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import BuildFailed

if TYPE_CHECKING:
    import duckdb

PROJECT = Path(__file__).parents[1] / "sql"
_QUIET = ["--log-level", "none", "--log-level-file", "info", "--no-print", "--no-use-colors", "--cache-selected-only"]
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_DICTIONARY = {
    "table": "meta.dictionary",
    "description": "One row per table, column and table macro of this file: what it holds.",
    "columns": {
        "schema_name": "Schema of the table.",
        "table_name": "Table or view; of a table macro its name with the parameters.",
        "column_name": "Column; NULL in the row that describes the table itself.",
        "data_type": "Type of the column; 'table', 'view' or 'table macro' in rows that describe a table.",
        "comment": "What it holds, with grain and units.",
    },
}
_FILL_DICTIONARY = """
insert into meta.dictionary
select schema_name, table_name, column_name, data_type, comment
from duckdb_columns() where database_name = current_database() and not internal
union all
select schema_name, table_name, null, 'table', comment
from duckdb_tables() where database_name = current_database() and not internal
union all
select schema_name, view_name, null, 'view', comment
from duckdb_views() where database_name = current_database() and not internal
union all
select schema_name, function_name || '(' || array_to_string(parameters, ', ') || ')', null, 'table macro', comment
from duckdb_functions() where database_name = current_database() and not internal and function_type = 'table_macro'
order by schema_name, table_name, column_name nulls first
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildResult:
    """What a build did: how many models and data tests ran, how long it took, and tests that only warn."""

    models: int
    tests: int
    seconds: float
    failures: list[str] = field(default_factory=list)


def build(store: Path, work_dir: Path, *, as_of: date | None = None, known_at: datetime | None = None) -> BuildResult:
    """Build every model of sql/ in the store and run its data tests; BuildFailed names each one that failed.

    `as_of` and `known_at` give the marts as they would have been. Everything dbt writes goes under `work_dir`; the store
    must not be open in this process.
    """
    started = time.monotonic()
    variables = {
        "as_of": as_of.isoformat() if as_of else None,
        "known_at": known_at.isoformat(sep=" ") if known_at else None,
    }
    results = run_dbt(store, work_dir, ["build", "--exclude-resource-type", "unit_test"], variables)
    warned = [_describe(result) for result in results if result.status == "warn"]
    manifest = json.loads((work_dir / "target" / "manifest.json").read_text())
    write_dictionary(store, manifest)
    kinds = [str(result.node.resource_type) for result in results]
    outcome = BuildResult(kinds.count("model"), kinds.count("test"), time.monotonic() - started, warned)
    log.info("build: %d models, %d data tests, %.1f s", outcome.models, outcome.tests, outcome.seconds)
    return outcome


def run_dbt(
    store: Path, work_dir: Path, command: list[str], variables: dict[str, str | None] | None = None
) -> list[Any]:
    """Run one dbt command in this process and return its results; BuildFailed with each failed node and its message."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dbt's own libraries warn; the project's rule is warnings are errors
        from dbt.cli.main import dbtRunner

        places = {
            "--project-dir": PROJECT,
            "--profiles-dir": PROJECT,
            "--target-path": work_dir / "target",
            "--log-path": work_dir / "logs",
        }
        arguments = [*_QUIET, *command, *(str(part) for pair in places.items() for part in pair)]
        given = {name: value for name, value in (variables or {}).items() if value is not None}
        with _environment(
            CONVERGENCE_STORE=str(store.resolve()), DO_NOT_TRACK="1", DBT_ENGINE_SEND_ANONYMOUS_USAGE_STATS="false"
        ):
            try:
                outcome = dbtRunner().invoke([*arguments, "--vars", json.dumps(given)])
            finally:
                _close_store()
    results = list(getattr(outcome.result, "results", []))
    failed = [result for result in results if result.status in ("error", "fail", "runtime error")]
    if failed or not outcome.success:
        lines = [_describe(result) for result in failed] or [str(outcome.exception or "dbt did not finish")]
        raise BuildFailed("\n".join([f"{store}: {len(lines)} models or tests failed", *lines]))
    return results


def _close_store() -> None:
    """Close the store that dbt keeps open, so that this process can open it again."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
        DuckDBConnectionManager.close_all_connections()


def _describe(result: Any) -> str:
    path = getattr(result.node, "compiled_path", None) or result.node.original_file_path
    return f"{result.node.name}: {' '.join(str(result.message).split())} ({path})"


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def write_dictionary(store: Path, manifest: dict[str, Any]) -> None:
    """Give the tables that dbt does not make their comments (sql/models/sources.yml) and write meta.dictionary."""
    import duckdb

    with duckdb.connect(str(store), config=dict(_OFFLINE)) as con:
        con.execute("begin")
        for source in manifest["sources"].values():
            columns = {column["name"]: column["description"] for column in source["columns"].values()}
            table = f"{source['schema']}.{source['identifier']}"
            _comment_table(con, {"table": table, "description": source["description"], "columns": columns})
        for node in manifest["nodes"].values():
            if node["resource_type"] == "model" and node["config"]["meta"].get("clocks"):
                text = f"{node['schema']}.{node['alias']} as asked by the given clocks. {node['description'].strip()}"
                con.execute(f"comment on macro table {node['schema']}.{node['alias']}_at is {_literal(text)}")
        con.execute(
            f"create or replace table {_DICTIONARY['table']} ("
            + ", ".join(f"{c} varchar" for c in _DICTIONARY["columns"])
            + ")"
        )
        _comment_table(con, _DICTIONARY)
        con.execute(_FILL_DICTIONARY)
        con.execute("commit")


def _comment_table(con: duckdb.DuckDBPyConnection, table: dict[str, Any]) -> None:
    """Set the comments of one table and its columns."""
    con.execute(f"comment on table {table['table']} is {_literal(table['description'])}")
    for column, comment in table["columns"].items():
        con.execute(f"comment on column {table['table']}.{column} is {_literal(comment)}")


def _literal(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"

"""A DuckDB 1.4 client, as BI tools still ship it, reads everything in the published file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

READ_ALL = """
import json, sys
import duckdb
path, way = sys.argv[1:]
assert duckdb.__version__.startswith("1.4."), duckdb.__version__
if way == "attached":
    con = duckdb.connect()
    con.execute(f"attach '{path}' as x (read_only)")
    con.execute("use x")
else:
    con = duckdb.connect(path, read_only=True)
here = "database_name = current_database() and not internal"
rows, failed = {}, {}
def ask(name, sql):
    try:
        rows[name] = con.execute(sql).fetchall()[0][0]
    except duckdb.Error as error:
        failed[name] = str(error)[:300]
tables = con.execute(f"select schema_name, table_name, 'table' from duckdb_tables() where {here}"
                     f" union all select schema_name, view_name, 'view' from duckdb_views() where {here}").fetchall()
for schema, table, kind in tables:
    ask(f"{kind} {schema}.{table}", f'select count(*) from (select * from "{schema}"."{table}")')
    ask(f"{kind} {schema}.{table} in full", f'select count(columns(*)::varchar) from "{schema}"."{table}"')
macros = con.execute(f"select schema_name, function_name, parameters from duckdb_functions()"
                     f" where {here} and function_type = 'table_macro'").fetchall()
for schema, macro, parameters in macros:
    given = ", ".join("date '2024-08-01'" for _ in parameters)
    ask(f"macro {schema}.{macro}", f'select count(*) from "{schema}"."{macro}"({given})')
comments = con.execute(f"select count(comment) from duckdb_columns() where {here}").fetchall()[0][0]
print(json.dumps({"rows": rows, "failed": failed, "macros": len(macros), "tables": len(tables), "comments": comments}))
"""


@pytest.fixture(scope="module")
def python14() -> str:
    python = os.environ.get("CONVERGENCE_DUCKDB14_PYTHON", "")
    if not python:
        pytest.skip("CONVERGENCE_DUCKDB14_PYTHON names no Python with duckdb 1.4")
    return python


@pytest.mark.parametrize("way", ["as is", "renamed", "attached"])
def test_duckdb_1_4_reads_every_table_view_and_macro(python14, built_warehouse: Path, tmp_path, way):
    path = built_warehouse / "llm_convergence.duckdb"
    if way != "as is":
        path = tmp_path / "another name, it is 1.4.db"
        shutil.copyfile(built_warehouse / "llm_convergence.duckdb", path)
    done = subprocess.run([python14, "-c", READ_ALL, str(path), way], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["failed"] == {}
    assert found["tables"] > 40 and found["macros"] > 3 and found["comments"] > 100
    assert found["rows"]["table core.models"] > 100

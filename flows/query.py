"""Ad-hoc SQL on the published file, read-only, and the ways to print what it answers. Imports duckdb and nothing heavier."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from flows.errors import UsageError

if TYPE_CHECKING:
    import duckdb

FORMATS = ("table", "csv", "json", "markdown", "parquet")


def run_query(con: duckdb.DuckDBPyConnection, sql: str, form: str, output: Path | None = None) -> None:
    """Print (or write to `output`) the rows of a SELECT, or of a bare FROM; UsageError with DuckDB's words on bad SQL."""
    import duckdb

    try:
        relation = con.sql(sql)
        if relation is None:
            raise UsageError("query: expected a statement that answers rows; found one that does not")
        if form == "table" and output is None:
            _print_table(relation)
        elif form == "parquet":
            _write_parquet(relation, output)
        else:
            rows, names = relation.fetchall(), list(relation.columns)
            if output is None:
                write_rows(sys.stdout, names, rows, form)
            else:
                with output.open("w", encoding="utf-8", newline="") as handle:
                    write_rows(handle, names, rows, form)
    except duckdb.Error as error:
        raise UsageError(f"query: {error}") from error


def _print_table(relation: duckdb.DuckDBPyRelation) -> None:
    import shutil

    sys.stdout.flush()
    if sys.stdout.isatty():
        relation.show(max_width=max(shutil.get_terminal_size().columns, 80), max_rows=60)
    else:
        relation.show(max_width=100_000, max_rows=100_000, max_col_width=1_000)


def _write_parquet(relation: duckdb.DuckDBPyRelation, output: Path | None) -> None:
    if output is not None:
        relation.write_parquet(str(output))
        return
    if sys.stdout.isatty():
        raise UsageError("--format parquet: expected --output FILE or a pipe; found a terminal")
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.parquet"
        relation.write_parquet(str(path))
        sys.stdout.buffer.write(path.read_bytes())


def write_rows(handle: IO[str], names: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> None:
    """Write rows as csv, json (a list of objects), markdown, or (form 'table') in aligned columns."""
    if form == "csv":
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["" if v is None else _plain(v) for v in row] for row in rows])
    elif form == "json":
        json.dump(
            [dict(zip(names, map(_plain, row), strict=True)) for row in rows],
            handle,
            ensure_ascii=False,
            indent=1,
            default=str,
        )
        handle.write("\n")
    elif form == "markdown":
        for cells in (names, ["---"] * len(names), *rows):
            handle.write("| " + " | ".join(_cell(v) for v in cells) + " |\n")
    else:
        _write_aligned(handle, names, [[_cell(v) for v in row] for row in rows])


def _write_aligned(handle: IO[str], names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(names[i]), *(len(row[i]) for row in rows)) if rows else len(names[i]) for i in range(len(names))]
    for cells in (names, ["-" * w for w in widths], *rows):
        handle.write("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        value = f"{value:.6g}"
    return str(_plain(value)).replace("|", "\\|").replace("\n", " ")

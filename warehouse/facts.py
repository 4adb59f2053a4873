"""Fill the reference tables from their CSVs; a mistake is named with file, line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import ConvergenceError
from flows.sources import source_ids
from warehouse.rows import insert, transaction

if TYPE_CHECKING:
    import duckdb

KEYS = {
    "models": ("model_id",),
    "aliases": ("label", "source_id", "valid_from"),
    "organizations": ("organization_id",),
    "providers": ("provider_id",),
    "benchmarks": ("benchmark_id",),
    "successions": ("model_id", "predecessor_id", "kind"),
    "fx_rates": ("currency", "valid_on"),
}
ENTITIES = tuple(KEYS)
GROWN = "registry.csv"  # models taken over from public lists, reviewed; a row of models.csv with the same id wins
REGISTRY = ("models", "aliases", "successions")  # what `convergence import --no-registry` does without

# (table, column, table it refers to, what is let pass). An alias may name a model that was imported into this warehouse; one
# of a source that is no module's is another warehouse's, which shares aliases.csv with this one.
_IMPORTED = "select model_id from reference.imported_models union all select model_id from raw.models"
_REFERS = (
    ("models", "organization_id", "organizations", "false"),
    ("providers", "organization_id", "organizations", "organization_id is null"),
    ("successions", "model_id", "models", "false"),
    ("successions", "predecessor_id", "models", "false"),
    (
        "aliases",
        "model_id",
        "models",
        f"model_id in ({_IMPORTED}) or coalesce(source_id not in (select unnest($sources)), false)",
    ),
)


def load_reference(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Fill the reference.* tables anew from their CSVs, in one transaction; a bad file is named with line and column."""
    with transaction(con):
        setting = con.execute("select value from raw.settings where name = 'registry'").fetchall()
        has_registry = not (setting and setting[-1][0] == "false")
        for name in ENTITIES:
            con.execute(f"delete from reference.{name}")
            if has_registry or name not in REGISTRY:
                _load_csv(con, folder / f"{name}.csv", name)
        _check_ids(con, folder)


def _load_csv(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Fill one reference table from its CSV; ConvergenceError names the line and column that does not fit."""
    if not path.is_file():
        raise ConvergenceError(f"{path}: expected the reference table; found no file")
    columns = con.execute(
        "select column_name, data_type, is_nullable from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'reference' and table_name = ?"
        " order by column_index",
        [name],
    ).fetchall()
    rows = _read_rows(path, KEYS[name], columns)
    grown = path.with_name(GROWN)
    if name == "models" and grown.is_file():
        kept = {row["model_id"] for row in rows}
        rows += [row for row in _read_rows(grown, KEYS[name], columns) if row["model_id"] not in kept]
    insert(con, f"reference.{name}", rows)


def _read_rows(
    path: Path, keys: Sequence[str], columns: Sequence[tuple[str, str, bool]]
) -> list[dict[str, str | None]]:
    """Return the rows of a reference CSV, each cell fit for its column."""
    lines = _csv_lines(path, [c for c, _, _ in columns])
    rows: list[dict[str, str | None]] = []
    for number, cells in lines:
        row = {c: value.strip() or None for (c, _, _), value in zip(columns, cells, strict=True)}
        for column, kind, is_nullable in columns:
            if problem := _misfit(row[column], kind, is_nullable=is_nullable):
                raise ConvergenceError(f"{path}, line {number}, column {column}: {problem}")
        rows.append(row)
    _check_once(path, keys, lines, rows)
    return rows


def _check_once(
    path: Path, keys: Sequence[str], lines: Sequence[tuple[int, list[str]]], rows: Sequence[dict[str, str | None]]
) -> None:
    seen: dict[tuple[str | None, ...], int] = {}
    for (number, _), row in zip(lines, rows, strict=True):
        key = tuple(row[k] for k in keys)
        if key in seen:
            where = f"{path}, line {number}, column {keys[0]}"
            said = ", ".join(str(part) for part in key)
            raise ConvergenceError(f"{where}: expected {said} once; found it in line {seen[key]} too")
        seen[key] = number


def _csv_lines(path: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of a CSV with exactly these columns."""
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            header = next(reader, [])
            if header != list(columns):
                found = ", ".join(header) or "an empty file"
                raise ConvergenceError(f"{path}, line 1: expected the columns {', '.join(columns)}; found {found}")
            lines, begins = [], reader.line_num + 1
            for cells in reader:
                if cells and len(cells) != len(columns):
                    raise ConvergenceError(f"{path}, line {begins}: expected {len(columns)} cells; found {len(cells)}")
                lines += [(begins, cells)] if cells else []
                begins = reader.line_num + 1
            return lines
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConvergenceError(f"{path}: expected a CSV file in UTF-8; found {error}") from error


def _misfit(value: str | None, kind: str, *, is_nullable: bool) -> str | None:
    """Say what is wrong with a cell of a reference table, None if it fits."""
    if value is None:
        return None if is_nullable else "expected a value; found none"
    expected, fits = {
        "DATE": ("a day as YYYY-MM-DD", _is_day),
        "BOOLEAN": ("true or false", lambda text: text in ("true", "false")),
        "BIGINT": ("a whole number", lambda text: re.fullmatch(r"-?\d{1,18}", text) is not None),
        "INTEGER": ("a whole number", lambda text: re.fullmatch(r"-?\d{1,9}", text) is not None),
    }.get(kind.split("(")[0], ("a number", _is_number) if kind != "VARCHAR" else ("text", lambda _: True))
    return None if fits(value) else f"expected {expected}; found {value[:80]!r}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d{1,9}(\.\d{1,15})?([eE][-+]?\d{1,2})?", text) is not None


def _check_ids(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Raise ConvergenceError for the first id that no table defines; without a registry there is nothing it could be in."""
    if not con.execute("select count(*) from reference.models").fetchall()[0][0]:
        return
    for table, column, target, tolerated in _REFERS:
        key = target.removesuffix("s") + "_id"
        query = (
            f"select {column} from reference.{table} where {column} not in (select {key} from reference.{target}) "
            f"and not ({tolerated}) limit 1"
        )
        given = {"sources": list(source_ids())} if "$sources" in query else {}
        for (found,) in con.execute(query, given).fetchall():
            paths = [folder / f"{table}.csv", *([folder / GROWN] if table == "models" else [])]
            path, number = next(
                ((p, n) for p in paths if p.is_file() for n, row in _numbered(p) if row[column].strip() == found),
                (paths[0], 0),
            )
            raise ConvergenceError(
                f"{path}, line {number}, column {column}: expected an id of {target}.csv; found {found!r}"
            )


def _numbered(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        begins = 2
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1


def read_fx_rates(folder: Path) -> dict[str, list[tuple[date, Decimal]]]:
    """Return currency to (day, US dollars per unit), oldest first."""
    rates: dict[str, list[tuple[date, Decimal]]] = {}
    with (folder / "fx_rates.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rates.setdefault(row["currency"], []).append(
                (date.fromisoformat(row["valid_on"]), Decimal(row["usd_per_unit"]))
            )
    return {currency: sorted(pairs) for currency, pairs in rates.items()}

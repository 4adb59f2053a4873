"""Follow a row of any published table to the observations it was made of, by what each mart declares of itself.

A mart's yml says under `meta: explain:` which of its columns come from which rows of which table, as a condition on that
table and on `mart`, the row asked about. A table whose rows have capture and locator is an end: an observation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import UsageError, WarehouseError
from flows.records import OBSERVATIONS
from flows.settings import SQL_PROJECT

if TYPE_CHECKING:
    import duckdb

MAX_DEPTH = 5
# The figures of an observation, as the page has them, by the column that people see.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "scores": ("score",),
    "prices": ("usd_per_mtok",),
    "speeds": ("tokens_per_second", "tokens_per_second_low", "tokens_per_second_high", "ttft_seconds"),
    "run_costs": ("total_cost_usd", "seconds_per_case", "prompt_tokens", "completion_tokens"),
    "models": ("released_on", "params_total_b", "params_active_b", "context_tokens", "access", "licence"),
}


@dataclass(frozen=True)
class Declared:
    """What a mart says of some of its columns: which columns they are, of which rows of which table."""

    columns: Mapping[str, str]
    table: str
    where: str
    is_aggregate: bool = False


@dataclass
class Table:
    """A published table: its columns with their types, and what its yml says of it."""

    schema: str
    name: str
    columns: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @cached_property
    def path(self) -> Path | None:
        """The yml of the model that makes it; None of a table that no model makes."""
        folder = SQL_PROJECT / "models" / self.schema
        paths = (folder / f"{self.name}.yml", folder / f"{self.schema}_{self.name}.yml")
        return next((path for path in paths if path.is_file()), None)

    @cached_property
    def _yml(self) -> Mapping[str, Any]:
        import yaml

        found: Mapping[str, Any] = {}
        if self.path is not None:
            found = yaml.safe_load(self.path.read_text(encoding="utf-8"))["models"][0]
        return found

    @property
    def grain(self) -> tuple[str, ...]:
        """The columns that tell its rows apart, in the order the yml gives them."""
        tests = [test for test in self._yml.get("data_tests", ()) if isinstance(test, dict)]
        found = [test["unique_together"]["arguments"]["columns"] for test in tests if "unique_together" in test]
        return tuple(found[0]) if found else ()

    @property
    def declared(self) -> list[Declared]:
        """What it declares of its figures' origin."""
        said = self._yml.get("config", {}).get("meta", {}).get("explain", ())
        return [Declared(d["columns"], d["from"], d["where"], bool(d.get("is_aggregate"))) for d in said]

    @property
    def kind(self) -> str | None:
        """The observation table its rows are of, if they are observations."""
        is_observation = {"capture_id", "row_locator"} <= set(self.columns) and self.name in OBSERVATIONS
        return self.name if is_observation and self.schema in ("core", "raw") else None


@dataclass
class Origin:
    """A row that figures come from, and what its own figures come from in turn."""

    table: Table
    row: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    wanted: tuple[str, ...] = ()


@dataclass
class Figure:
    """One or several figures of a row, by column, that have the same origin; `is_aggregate`: worked out from it."""

    values: dict[str, Any]
    is_aggregate: bool
    origins: list[Origin] = field(default_factory=list)


def find_table(con: duckdb.DuckDBPyConnection, name: str) -> Table:
    """Return the table of that name, with its schema or without; UsageError with the nearest names if there is none."""
    known = con.execute(
        "select schema_name, table_name, list(column_name order by column_index), list(data_type order by column_index)"
        " from duckdb_columns() where database_name = current_database() and not internal group by all order by all"
    ).fetchall()
    full = [(f"{schema}.{table}", row) for row in known for schema, table in [row[:2]]]
    fits = [row for label, row in full if label == name or label.partition(".")[2] == name]
    if len(fits) > 1:
        raise UsageError(f"{name}: expected one table; found {', '.join(f'{s}.{t}' for s, t, *_ in fits)}")
    if not fits:
        near = nearest(con, name, [label for label, row in full if row[0] != "staging"])
        raise UsageError(f"{name}: expected a published table; found none of that name. Nearest: {', '.join(near)}")
    schema, table, columns, types = fits[0]
    return Table(schema, table, dict(zip(columns, types, strict=True)))


def nearest(con: duckdb.DuckDBPyConnection, word: str, words: Sequence[str], n: int = 5) -> list[str]:
    """Return the words most like a word, the most like first."""
    rows = con.execute(
        "select w from (select distinct unnest(?::varchar[]) as w)"
        " order by contains(w, ?) desc, jaro_winkler_similarity(w, ?) desc, w limit ?",
        [list(words), word, word, n],
    ).fetchall()
    return [w for (w,) in rows]


def trace(con: duckdb.DuckDBPyConnection, table: Table, row: dict[str, Any], depth: int = 0) -> Origin:
    """Return a row with the origin of its figures, down to the observations."""
    if depth > MAX_DEPTH:
        raise WarehouseError(f"{table}: expected figures that lead to observations; found marts that lead in a circle")
    origin = Origin(table, row)
    for declared in table.declared:
        values = {column: row[column] for column in declared.columns if row[column] is not None}
        if not values:
            continue
        figure = Figure(values, declared.is_aggregate)
        source = find_table(con, declared.table)
        wanted = tuple(dict.fromkeys(declared.columns[column] for column in values))
        for found in _rows_behind(con, table, row, source, declared):
            below = trace(con, source, found, depth + 1)
            below.wanted = wanted
            below.figures = [f for f in below.figures if set(f.values) & set(wanted)] or below.figures
            figure.origins.append(below)
        if figure.origins or not _is_said_elsewhere(table, declared, values):
            origin.figures.append(figure)
    if table.kind:
        origin.wanted = tuple(c for c in FIGURES[table.kind] if row.get(c) is not None)
    return origin


def _is_said_elsewhere(table: Table, declared: Declared, values: Mapping[str, Any]) -> bool:
    """Return whether another declaration covers the same columns: of two kinds of rows only one has the origin."""
    return any(set(values) <= set(other.columns) for other in table.declared if other is not declared)


def _rows_behind(
    con: duckdb.DuckDBPyConnection, table: Table, row: Mapping[str, Any], source: Table, declared: Declared
) -> list[dict[str, Any]]:
    keys = [c for c in (table.grain or tuple(table.columns)) if c in row]
    same = " and ".join(f'"{c}" is not distinct from ?' for c in keys)
    sql = (
        f'with mart as (select * from "{table.schema}"."{table.name}" where {same})'
        f' select "{source.name}".* from "{source.schema}"."{source.name}" as "{source.name}", mart'
        f" where ({declared.where}) order by all"
    )
    return rows_of(con, sql, [row[c] for c in keys])


def rows_of(con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query as column to value."""
    found = con.execute(sql, list(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

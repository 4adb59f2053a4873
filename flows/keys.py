"""Find the row that keys speak of, given as column=value or in the order of the table's grain."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flows.errors import UsageError
from flows.lineage import Table, nearest, rows_of
from flows.quote_data import printable

if TYPE_CHECKING:
    import duckdb

MOST_LISTED = 20
_NULLS = ("", "null", "none")


def find_row(con: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str]) -> dict[str, Any]:
    """Return the one row that the keys fit; UsageError with the nearest values if none does, or with a list if several do."""
    conditions = _conditions(con, table, _named(table, keys))
    rows = _select(con, table, conditions, MOST_LISTED + 1)
    if not rows:
        raise UsageError(_none(con, table, conditions))
    if len(rows) > 1:
        raise UsageError(_several(con, table, conditions, rows))
    return rows[0]


def _named(table: Table, keys: Sequence[str]) -> dict[str, str]:
    """Return column to text; a key without a column's name is the next column of the grain."""
    named: dict[str, str] = {}
    for key in keys:
        column, sign, text = key.partition("=")
        if sign and column in table.columns:
            named[column] = text
            continue
        if sign and column.isidentifier():
            raise UsageError(f"{table}: expected one of its columns ({', '.join(table.columns)}); found {column!r}")
        left = [c for c in table.grain if c not in named]
        if not left:
            said = f"in the order {', '.join(table.grain)}" if table.grain else "as column=value"
            raise UsageError(f"{table}: expected its keys {said}; found {key!r}")
        named[left[0]] = key
    return named


def _conditions(con: duckdb.DuckDBPyConnection, table: Table, named: dict[str, str]) -> list[tuple[str, Any]]:
    """Return column and value in the column's own type; UsageError for a text that is none."""
    found = []
    for column, text in named.items():
        kind = table.columns[column]
        if text.casefold() in _NULLS:
            found.append((column, None))
            continue
        value = con.execute(f"select try_cast(? as {kind})", [text]).fetchall()[0][0]
        if value is None:
            raise UsageError(f"{table}: expected a value of {column} ({kind.lower()}); found {text!r}")
        found.append((column, value))
    return found


def _select(
    con: duckdb.DuckDBPyConnection, table: Table, conditions: Sequence[tuple[str, Any]], most: int, columns: str = "*"
) -> list[dict[str, Any]]:
    where = " and ".join(["true", *(f'"{c}" is not distinct from ?' for c, _ in conditions)])
    sql = f'select {columns} from "{table.schema}"."{table.name}" where {where} order by all limit {most}'
    return rows_of(con, sql, [value for _, value in conditions])


def _none(con: duckdb.DuckDBPyConnection, table: Table, conditions: Sequence[tuple[str, Any]]) -> str:
    """Say which key is the first that no row fits, and which values there are."""
    for n in range(len(conditions)):
        if not _select(con, table, conditions[: n + 1], 1):
            before = " and ".join(f"{c}={_text(v)}" for c, v in conditions[:n])
            column, value = conditions[n]
            there = _nearest_values(con, table, conditions[:n], column, value)
            under = f" where {before}" if before else ""
            return (
                f"{table}: expected a row with {column}={_text(value)}{under}; found none."
                f" Nearest values of {column}: {', '.join(map(_text, there)) or 'none, the table is empty'}"
            )
    return f"{table}: expected a row; found the table empty"


def _nearest_values(
    con: duckdb.DuckDBPyConnection, table: Table, before: Sequence[tuple[str, Any]], column: str, value: Any
) -> list[Any]:
    rows = _select(con, table, before, 100_000, f'distinct "{column}" as value')
    values = [row["value"] for row in rows if row["value"] is not None]
    if isinstance(value, str):
        return nearest(con, value, values)
    if value is None or not values:
        return values[:5]
    try:
        return sorted(sorted(values, key=lambda v: abs(v - value))[:5])
    except TypeError:
        return values[:5]


def _several(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    conditions: Sequence[tuple[str, Any]],
    rows: Sequence[dict[str, Any]],
) -> str:
    """List the rows that fit by what tells them apart, and say what to add."""
    from flows.query import write_rows

    given = {column for column, _ in conditions}
    differ = [c for c in (table.grain or tuple(table.columns)) if len({str(row[c]) for row in rows}) > 1]
    differ = [c for c in differ if c not in given][:8] or [c for c in table.columns if c not in given][:8]
    listed = io.StringIO()
    shown = rows[:MOST_LISTED]
    write_rows(listed, differ, [[_text(row[c]) for c in differ] for row in shown], "table")
    n = _select(con, table, conditions, 1, "count(*) as n")[0]["n"]
    more = f"(the first {MOST_LISTED})\n" if n > MOST_LISTED else ""
    hint = " ".join(f"'{c}={_text(rows[0][c])}'" for c in differ)
    said = f"{table}: expected keys of one row; found {n} rows that fit:\n{listed.getvalue()}{more}"
    return f"{said}Add what tells one from the others, such as: {hint}"


def _text(value: Any) -> str:
    return "" if value is None else printable(str(value))

"""Rows a page keeps in the properties of an Astro island and shows only on demand ('All models').

OpenAI's page renders the first rows of a table; the island round it holds all of them, numbers without currency. They are
taken only if every rendered row agrees with them, in the one currency that the rendered cells state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from lxml import html

from flows import values
from flows.errors import LayoutChanged
from flows.tables import Cell, Row, Table, text_of

_MONEY = re.compile(r"([^\d\s.,-]+)\s?([\d.,]+)")


def hidden_rows(table: Table, names: Sequence[int], prices: Sequence[int]) -> list[Row]:
    """Return the rows of the island round a table that the table itself does not show; none if there is no island.

    `names` are the columns that tell a row from others, `prices` those with amounts: a payload row has all columns, or those
    of short context only, or these without cache writes. LayoutChanged if payload and table disagree.
    """
    stored = _stored_rows(table)
    if not stored:
        return []
    signs = {m[1] for row in table.rows for i in prices if (m := _MONEY.fullmatch(row.cells[i].text))}
    if len(signs) != 1:
        raise LayoutChanged(table.place, "one currency sign in the cells", str(sorted(signs)))
    sign = signs.pop()
    rows = {tuple(cells[i] for i in names): cells for cells in (_cells(row, table, sign) for row in stored)}
    for row in table.rows:
        payload = rows.pop(tuple(row.cells[i].text for i in names), None)
        if payload is None or any(_differ(row.cells[i].text, payload[i]) for i in prices if payload[i] is not None):
            raise LayoutChanged(row.place, "the payload's prices", f"{row.as_dict()} beside {payload}")
    return [
        Row(table, [Cell(text or "") for text in cells], len(table.rows) + n, table.line, is_hidden=True)
        for n, cells in enumerate(rows.values(), 1)
    ]


def _stored_rows(table: Table) -> list[list[Any]]:
    """Return the rows in the properties of the island that holds this table alone."""
    if not table.rows or table.rows[0].element is None:
        return []
    island = next(iter(table.rows[0].element.iterancestors("astro-island")), None)
    if island is None or len(list(islice(island.iter("table"), 2))) != 1:
        return []
    try:
        props = {k: _plain(v) for k, v in json.loads(island.get("props") or "{}", parse_float=Decimal).items()}
        if "groups" in props:
            return [[group["model"], *row] for group in props["groups"] for row in group["rows"]]
        return list(props.get("rows") or [])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise LayoutChanged(table.place, "rows in the island's properties", repr(error)) from None


def _plain(value: Any) -> Any:
    """Undo Astro's encoding: [0, value] is the value, [1, items] a list."""
    if isinstance(value, list) and len(value) == 2 and value[0] in (0, 1):
        return [_plain(item) for item in value[1]] if value[0] == 1 else _plain(value[1])
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _cells(row: list[Any], table: Table, sign: str) -> list[str | None]:
    """Spread a payload row over the table's columns; None where it says nothing of a column."""
    every = list(range(len(table.header)))
    short = [i for i in every if not table.header[i].casefold().startswith("long context")]
    bare = [i for i in short if "cache write" not in table.header[i].casefold()]
    columns = next((some for some in (every, short, bare) if len(some) == len(row)), None)
    if columns is None:
        raise LayoutChanged(table.place, f"payload rows of {len(every)}, {len(short)} or {len(bare)} values", str(row))
    found: list[str | None] = [None] * len(every)
    for column, value in zip(columns, row, strict=True):
        found[column] = _text(value, sign)
    return found


def _text(value: Any, sign: str) -> str:
    if isinstance(value, dict):
        return text_of(html.fragment_fromstring(str(value.get("__pricingHtml", "")), create_parent="div"))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{sign}{value}"
    return "-" if value is None else str(value)


def _differ(shown: str, stored: str | None) -> bool:
    amounts = [
        Decimal(m[2].replace(",", "")) if (m := _MONEY.fullmatch(text or "")) else None for text in (shown, stored)
    ]
    return amounts[0] != amounts[1] or (
        amounts[0] is None and values.is_missing(shown) != values.is_missing(stored or "")
    )

"""What two captures of one page differ in: rows gone, new and changed, and the tables and columns they stand in. Pure."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.changes import KEY, VALUE
from flows.errors import PageError

if TYPE_CHECKING:
    import polars as pl

    from flows.tables import Page

Rows = Mapping[tuple[Any, ...], Counter[tuple[Any, ...]]]
_LABEL = "model_label"
# Where a row stands and what it was converted to; a dollar price of a euro page moves with the day's rate alone.
_NO_FACTS = {"row_locator", "source_url", "notes", "usd_per_mtok", "fx_rate"}
_SHOWN_OF = {"prices": "amount_original", "models": "name"}
_DEEP = 5  # levels of JSON whose keys are compared
_MAP_OF = 3  # so many values, all objects, under one object are entries of a list by name, not columns
_JSON = re.compile(r"\s*[{\[]\s*[\"{\[\]}]")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was; `change` is 'new', 'gone' or 'changed', of a row, a table or a column."""

    change: str
    what: str
    table: str
    label: str | None = None
    detail: str | None = None
    column: str | None = None
    before: str | None = None
    after: str | None = None


def compare_rows(table: str, before: pl.DataFrame | None, after: pl.DataFrame | None) -> Iterator[Difference]:
    """Yield the rows of an observation table that came, went or changed; where they stand on the page does not count."""
    frames = [frame for frame in (before, after) if frame is not None]
    columns = [name for name in frames[-1].columns if all(name in frame.columns for frame in frames)] if frames else []
    key = [name for name in KEY.get(table, (_LABEL, "model_id")) if name in columns]
    facts = [
        name
        for name in columns
        if name not in {*key, *_NO_FACTS, "source_id", "capture_id", "reading_id", "captured_at"}
    ]
    old, new = (_keyed(frame, key, facts) for frame in (before, after))
    value = facts.index(wanted) if (wanted := _SHOWN_OF.get(table) or VALUE.get(table)) in facts else None
    for one in dict.fromkeys((*old, *new)):
        gone, come = old[one] - new[one], new[one] - old[one]
        label, detail = str(one[key.index(_LABEL)]), _words(k for k, n in zip(one, key, strict=True) if n != _LABEL)
        if gone.total() == come.total() == 1:
            for name, was, now in zip(facts, next(iter(gone)), next(iter(come)), strict=True):
                if was != now:
                    yield Difference("changed", "row", table, label, detail, name, _text(was), _text(now))
            continue
        for row in gone.elements():
            yield Difference("gone", "row", table, label, detail, before=None if value is None else _text(row[value]))
        for row in come.elements():
            yield Difference("new", "row", table, label, detail, after=None if value is None else _text(row[value]))


def _keyed(frame: pl.DataFrame | None, key: list[str], facts: list[str]) -> defaultdict[Any, Counter[Any]]:
    found: defaultdict[Any, Counter[Any]] = defaultdict(Counter)
    for row in () if frame is None else frame.select(*key, *facts).iter_rows():
        found[row[: len(key)]][row[len(key) :]] += 1
    return found


def _words(parts: Iterator[Any]) -> str | None:
    return " / ".join(str(part) for part in parts if part is not None) or None


def _text(value: Any) -> str | None:
    """Return a value as people write it: 2.5, not 2.500000000000000."""
    if value is None or isinstance(value, str):
        return value
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", text) else text


# --- The shape of a page ------------------------------------------------------------------------------------------------


def compare_shapes(before: Page, after: Page) -> Iterator[Difference]:
    """Yield the tables and columns (in JSON: the objects and keys) that a page lost or got."""
    old, new = shape(before), shape(after)
    for change, tables in (("gone", old.keys() - new.keys()), ("new", new.keys() - old.keys())):
        yield from (
            Difference(change, "table", name, detail=", ".join(sorted((old | new)[name]))) for name in sorted(tables)
        )
    for name in sorted(old.keys() & new.keys()):
        yield from (Difference("gone", "column", name, column=column) for column in sorted(old[name] - new[name]))
        yield from (Difference("new", "column", name, column=column) for column in sorted(new[name] - old[name]))


def shape(page: Page) -> dict[str, set[str]]:
    """Return table to its columns, each named by what stands over it; nothing for a page that cannot be taken apart."""
    try:
        if _JSON.match(page.text):
            found: dict[str, set[str]] = {}
            _walk(page.json, "$", found, _DEEP)
            return found
        if "csv" in (page.content_type or "") or page.url.lower().endswith(".csv"):
            return {"csv": set(next(csv.reader(page.text.splitlines()), []))}
        tables: defaultdict[str, set[str]] = defaultdict(set)
        for table in page.tables:
            tables[table.headings[-1] if table.headings else f"table {table.number}"] |= set(filter(None, table.header))
        return dict(tables)
    except (PageError, csv.Error):
        return {}


def _walk(value: Any, place: str, found: dict[str, set[str]], deep: int) -> None:
    if isinstance(value, list):
        for item in value:
            _walk(item, f"{place}[*]", found, deep)
    elif isinstance(value, dict) and deep:
        inner = list(value.values())
        if len(inner) >= _MAP_OF and all(isinstance(item, dict) for item in inner):
            for item in inner:
                _walk(item, f"{place}.*", found, deep - 1)
            return
        found.setdefault(place, set()).update(value)
        for name, item in value.items():
            _walk(item, f"{place}.{name}", found, deep - 1)

"""Mistral's documentation of prices (until 2024): one table of chat models, first in euro, then in dollars and euro.

Layouts: Model | Input | Output in euro (2023-12), an Endpoint column beside it (2024-02), then a pair of columns in dollars and
a pair in euro, which state one offer twice: the dollar price is read, the euro price only where a row has no other. Tables of
embeddings, moderation and fine-tuning price no use of a language model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._price_cards import Token
from flows.sources._prices import check_order, is_unpriced, once, read_price
from flows.tables import Page, Row, Table
from flows.values import squash

SOURCE = Source(
    id="mistral_docs_pricing",
    title="Mistral's documentation of prices, 2023 and 2024",
    kind="pricing",
    urls=("https://docs.mistral.ai/platform/pricing/",),
    former_urls=("https://docs.mistral.ai/platform/pricing",),
    publisher="Mistral AI",
    licence="Apache-2.0",
    may_republish=True,
    attribution="Mistral AI, platform-docs-public (Apache-2.0)",
    min_rows=4,
    # Each layout named its models anew.
    expects={"prices": Expect(low=0.01, high=100, max_vanished=1.0)},
    cadence=days(0),
    not_live="the page is gone",
)

_COLUMN = re.compile(
    r"(?P<kind>cached input|input|output)(?: tokens?)?(?: prices?)?(?: \((?P<currency>[^()]*)\))?(?P<unit> ?(?:/|\(?per).*)?",
    re.IGNORECASE,
)
_TOKENS: tuple[Token, ...] = ("input", "output", "cached_input")
_CURRENCY = {"usd": "USD", "$": "USD", "us$": "USD", "eur": "EUR", "\u20ac": "EUR"}
_OTHER_TABLE = re.compile(r"\b(?:embeddings?|moderation|fine-?tuning|ocr|audio|agents?|classifiers?)\b", re.IGNORECASE)
_OTHER_MODEL = re.compile(r"embed|moderation|\bocr\b|classifier", re.IGNORECASE)
_TRAINING = re.compile(r"\b(?:training|storage)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"[$\u20ac]\s?\d|\d\s?[$\u20ac]")


class _Column(NamedTuple):
    token: Token
    currency: str | None


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every table of language models."""
    tables = [(table, columns) for table in page.tables if (columns := _columns(table))]
    if not tables:
        there = str([table.header for table in page.tables[:6]])
        raise LayoutChanged(page.place, "a table with columns 'Model', 'Input', 'Output'", there)
    yield from once(row for table, columns in tables for row in _read_table(table, columns))


def _columns(table: Table) -> dict[int, _Column]:
    """Return the price columns of a table of language models; none for tables of other things, by their heading or columns.

    LayoutChanged for a table that prices anything else, and for a column of amounts that is not known.
    """
    priced = [i for i in range(len(table.header)) if any(_AMOUNT.search(row.cells[i].text) for row in table.rows)]
    columns = {i: column for i, label in enumerate(table.header) if (column := _column(label))}
    if not priced or _is_other(table):
        return {}
    kinds = {column.token for column in columns.values()}
    if not table.has("Model") or not {"input", "output"} <= kinds or not set(priced) <= set(columns):
        raise LayoutChanged(table.place, "price columns 'Input' and 'Output' beside 'Model'", str(table.header))
    if len(set(columns.values())) < len(columns):
        raise LayoutChanged(table.place, "one column for each kind and currency", str(table.header))
    return columns


def _column(label: str) -> _Column | None:
    match = _COLUMN.fullmatch(squash(label))
    if not match:
        return None
    words = (match["currency"] or "").casefold()
    found = {code for word, code in _CURRENCY.items() if word in words}
    kind = match["kind"].casefold()
    token: Token = "cached_input" if kind.startswith("cached") else "input" if kind == "input" else "output"
    return _Column(token, found.pop() if len(found) == 1 else None)


def _is_other(table: Table) -> bool:
    """Return whether a table is of embeddings, moderation or fine-tuning, by its heading, its columns or all its models."""
    words = " ".join([*table.headings[-1:], table.caption])
    if _OTHER_TABLE.search(words) or any(_TRAINING.search(label) for label in table.header):
        return True
    return table.has("Model") and all(_OTHER_MODEL.search(" ".join(row.as_dict().values())) for row in table.rows)


def _read_table(table: Table, columns: dict[int, _Column]) -> Iterator[Observation | Rejected]:
    def parse(row: Row) -> list[Price]:
        if _OTHER_MODEL.search(row["Model"]):
            return []  # an embedding model among others: it answers with no tokens
        prices = [price for token in _TOKENS if (price := _price(row, columns, token))]
        if not {"input", "output"} <= {price.token_kind for price in prices}:
            raise BadRow(row.place, "an input and an output price", str(row.as_dict()))
        check_order(prices, row.place)
        return prices

    yield from table.read(parse, into="prices", label="Model")


def _price(row: Row, columns: dict[int, _Column], token: Token) -> Price | None:
    """Return the price of one kind: in dollars where the row has one, else in euro; None if there is neither."""
    found = [(i, c) for i, c in columns.items() if c.token == token and not is_unpriced(row.cells[i].text)]
    for index, column in sorted(found, key=lambda item: item[1].currency == "EUR"):
        label = row.table.header[index]
        place = f"{row.place}, column {label!r}"
        money = read_price(row.cells[index].text, place, unit=_unit(label))
        if column.currency not in (None, money.currency):
            raise BadRow(place, f"a price in {column.currency}", repr(row.cells[index].text))
        return Price(
            model_label=row.text("Model"),
            row_locator=f"{row.locator}, column {label!r}",
            provider_id="mistral",
            token_kind=token,
            amount_original=money.amount,
            currency=money.currency,
            unit_original=money.unit or "",
            notes=f"endpoint {row['Endpoint']}" if row.has("Endpoint") else None,
        )
    return None


def _unit(label: str) -> str | None:
    try:
        return values.read_unit(label)
    except ValueError:
        return None

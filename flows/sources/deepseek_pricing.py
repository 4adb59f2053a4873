"""DeepSeek's price page: cache hits, cache misses and output per million tokens, in dollars or in yuan.

Layouts: a row per model (2024, early 2025; tabs in dollars and in yuan side by side), then a column per model with the prices
at the foot of a table of features, the price cell of one width with the models it holds for. Prices by time of day: the full
price has no tier (the note gives its hours), the cheaper hours the tier 'off-peak'. A price struck out is no offer; what the
page announces for a day, or until one, carries that day.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.markup import blocks_of
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources import _deepseek_cells as cells
from flows.sources._prices import check_order, once, read_price
from flows.tables import Page, Row, Table

SOURCE = Source(
    id="deepseek_pricing",
    title="DeepSeek's price page",
    kind="pricing",
    urls=("https://api-docs.deepseek.com/quick_start/pricing",),
    former_urls=(
        "https://api-docs.deepseek.com/quick_start/pricing/",
        "https://api-docs.deepseek.com/zh-cn/quick_start/pricing",
        "https://api-docs.deepseek.com/zh-cn/quick_start/pricing/",
        "https://api-docs.deepseek.com/quick_start/pricing-details-usd",
        "https://platform.deepseek.com/api-docs/pricing",
    ),
    publisher="DeepSeek",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=3,
    # Few models, renamed together; prices by time of day came and went.
    expects={"prices": Expect(low=0.0005, high=100, max_vanished=1.0, max_shrink=0.9)},
    cadence=days(7),
)


_FOOTNOTE = re.compile(r"[(\uff08](\d{1,2})[)\uff09]\s*([^)\uff09].{9,})")


class _Term(NamedTuple):
    """From when, or until when, the words over a table say that its prices hold."""

    effective_on: date | None
    ends_on: date | None


class _Stated(NamedTuple):
    """What a row or a column says of its amounts."""

    kind: cells.Token
    tier: str | None
    unit: str | None
    note: str | None


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every price table; where one offer stands in dollars and in yuan, the one in dollars."""
    groups: dict[_Term, list[Observation | Rejected]] = defaultdict(list)
    unit = cells.unit_of(page.text)
    for table in page.tables:
        if any(cells.has_amount(cell.text) for row in table.rows for cell in row.cells):
            term = _Term(*cells.dates_of(table.over))
            rows = _read_by_column(table, unit) if _is_transposed(table) else _read_by_row(table, unit)
            groups[term] += [_with_term(r, term) if isinstance(r, Price) else r for r in rows]
    if not groups:
        there = str([table.header for table in page.tables[:6]])
        raise LayoutChanged(page.place, "a table with a column or a row 'MODEL' and prices", there)
    for found in groups.values():
        yield from _in_order(once(_in_dollars(found)), page)


def _with_term(price: Price, term: _Term) -> Price:
    """Return the price with the days that the words over its table tell, else those of the footnotes it is marked with."""
    return replace(price, effective_on=term.effective_on or price.effective_on, ends_on=term.ends_on or price.ends_on)


def _in_dollars(rows: list[Observation | Rejected]) -> Iterator[Observation | Rejected]:
    """Drop a price in yuan that the page also states in dollars: one offer, not two."""
    dollars = {_key(row) for row in rows if isinstance(row, Price) and row.currency == "USD"}
    for row in rows:
        if not isinstance(row, Price) or row.currency == "USD" or _key(row) not in dollars:
            yield row


def _key(price: Price) -> tuple[str, str, str | None]:
    return price.model_label, price.token_kind, price.tier


def _in_order(rows: Iterator[Observation | Rejected], page: Page) -> Iterator[Observation | Rejected]:
    """Yield the rows; those of a model whose cache hits cost more than misses, or input more than output, as Rejected."""
    found = list(rows)
    models: dict[str, list[Price]] = defaultdict(list)
    for row in found:
        if isinstance(row, Price):
            models[row.model_label].append(row)
    for row in found:
        try:
            check_order(models[row.model_label] if isinstance(row, Price) else [], page.place)
            yield row
        except BadRow as error:
            yield Rejected(table="prices", row_locator=row.row_locator, reason=str(error), model_label=row.model_label)


def _is_transposed(table: Table) -> bool:
    """Return whether models are columns: the header names a model and its columns no kind of token.

    LayoutChanged if the header has no 'MODEL', whose words tell models from what is said of them.
    """
    if not any(cells.is_model_word(label) for label in table.header):
        raise LayoutChanged(table.place, "a column or a row 'MODEL' over prices", str(table.header))
    return not any(cells.kind_of(label) and _has_amounts(table, i) for i, label in enumerate(table.header))


def _has_amounts(table: Table, column: int) -> bool:
    return any(cells.has_amount(row.cells[column].text) for row in table.rows)


def _stated(words: str, page_unit: str | None, place: str) -> _Stated:
    """Return what the labels of amounts say; BadRow if they name no kind of token."""
    kind = cells.kind_of(words)
    if kind is None:
        raise BadRow(place, "a label with cache hit, cache miss, input or output", repr(words))
    return _Stated(kind, cells.tier_of(words), cells.unit_of(words) or page_unit, cells.hours_of(words))


def _price(row: Row, index: int, label: str, stated: _Stated, column: str, more: str | None = None) -> Price:
    """Return the price in a cell, without what is struck out in it."""
    place = f"{row.place}, column {column!r}"
    text, note = cells.offer(row.cells[index], place, is_both=cells.says_both(row.table.page.text))
    money = read_price(text, place, unit=stated.unit)
    before = (cell.text for cell in row.cells[:index] if not cells.has_amount(cell.text))
    term = _Term(*cells.dates_of(_footnotes(row.table.page, " ".join([*before, row.cells[index].text]))))
    return Price(
        model_label=label,
        row_locator=f"{row.locator}, column {column!r}",
        provider_id="deepseek",
        token_kind=stated.kind,
        amount_original=money.amount,
        currency=money.currency,
        unit_original=money.unit or "",
        tier=stated.tier,
        effective_on=term.effective_on,
        ends_on=term.ends_on,
        notes="; ".join(part for part in (more, stated.note, note) if part) or None,
    )


def _footnotes(page: Page, words: str) -> list[str]:
    """Return what the page says under the marks in these words, such as '(3)': until when a discount is offered."""
    blocks = page.text.splitlines() if page.is_markdown else blocks_of(page.root)
    said = {match[1]: match[2] for block in blocks if (match := _FOOTNOTE.fullmatch(block.strip()))}
    return [said[mark] for mark in re.findall(r"[(\uff08](\d{1,2})[)\uff09]", words) if mark in said]


def _read_by_column(table: Table, page_unit: str | None) -> Iterator[Observation | Rejected]:
    """Yield the prices of a table whose columns are models.

    A table that lost its spans (a reader service's markdown) has its cells further left: there the labels come first and
    then one amount for each model, in their order.
    """
    models = [(i, name) for i, label in enumerate(table.header) if (name := cells.model_name(label))]
    if not models or len({name for _, name in models}) < len(models):
        raise LayoutChanged(table.place, "a column for each model beside 'MODEL'", str(table.header))
    kind, section, versions = "", "", dict[str, str]()

    def parse(row: Row) -> Iterator[Price]:
        nonlocal kind, section, versions
        found = [i for i, cell in enumerate(row.cells) if cells.has_amount(cell.text)]
        if not found:
            versions = versions or _versions(row, models)
            return
        texts = (cell.text for cell in row.cells[: found[0]])
        words = list(dict.fromkeys(text for text in texts if not values.is_missing(text)))
        # The label of a block or of a kind stands once for several rows, where spans were lost.
        section = next((w for w in words if cells.is_section(w)), section)
        kind = next((w for w in words if cells.kind_of(w)), kind)
        at = _amounts_at(row, found, models)
        others = [w for w in words if not cells.kind_of(w) and not cells.is_section(w)]
        if unknown := [w for w in others if not cells.is_period(w)]:
            raise BadRow(row.place, "labels with cache hit, cache miss, input, output or hours", str(unknown))
        stated = _stated(" ".join((kind, section, *others)), page_unit, row.place)
        for index, (_, name) in zip(at, models, strict=True):
            if not values.is_missing(row.cells[index].text):
                yield _price(row, index, name, stated, name, versions.get(name))

    yield from table.read(parse, into="prices")


def _amounts_at(row: Row, found: list[int], models: list[tuple[int, str]]) -> list[int]:
    """Return the cell of each model in a row with amounts in the cells `found`."""
    columns = [i for i, _ in models]
    # An empty cell may be the rest of a span that was lost: only '-' says that there is no price.
    told = [i for i in columns if i in found or (row.cells[i].text and values.is_missing(row.cells[i].text))]
    if set(found) <= set(columns) == set(told):
        return columns
    if len(found) == 1 and not any(cell.text for cell in row.cells[found[0] + 1 :]) and _lost_spans(row.table.page):
        return found * len(models)
    if len(found) != len(models):
        raise BadRow(row.place, f"a price for each of {[name for _, name in models]}", str(row.as_dict()))
    return found


def _lost_spans(page: Page) -> bool:
    """Return whether what all models have in common (the address, the context) stands in one cell, the others empty.

    So does then a price that they have in common: the page's markup made one wide cell of it.
    """
    rows = (row for table in page.tables for row in table.rows if cells.is_common(row.cells[0].text))
    return any(sum(bool(cell.text) for cell in row.cells) == 2 and len(row.cells) > 2 for row in rows)


def _versions(row: Row, models: list[tuple[int, str]]) -> dict[str, str]:
    if not re.match(r"model version|\u6a21\u578b\u7248\u672c", row.cells[0].text, re.IGNORECASE):
        return {}
    words = [cell.text for cell in row.cells if not cells.is_version_word(cell.text) and cell.text]
    return {name: text for (_, name), text in zip(models, words, strict=False)} if len(words) == len(models) else {}


def _read_by_row(table: Table, page_unit: str | None) -> Iterator[Observation | Rejected]:
    """Yield the prices of a table whose rows are models (a model's prices by time of day in several rows)."""
    priced = [i for i in range(len(table.header)) if _has_amounts(table, i)]
    labels = [
        i for i, label in enumerate(table.header) if cells.is_model_word(label) or (not label and i < min(priced))
    ]
    unknown = [table.header[i] for i in priced if not cells.kind_of(table.header[i])]
    if unknown:
        raise LayoutChanged(table.place, "columns of cache hit, cache miss, input or output", str(unknown))

    def parse(row: Row) -> Iterator[Price]:
        words = list(dict.fromkeys(row.cells[i].text for i in labels))
        names = [name for word in words if not cells.is_period(word) and (name := cells.model_name(word))]
        if len(names) != 1:
            raise BadRow(row.place, "one model", str(words))
        for i in priced:
            if values.is_missing(row.cells[i].text):
                continue
            period = " ".join(word for word in words if cells.is_period(word))
            stated = _stated(f"{table.header[i]} {period}", page_unit, row.place)
            yield _price(row, i, names[0], stated, table.header[i])

    yield from table.read(parse, into="prices", label=table.header[labels[0]])

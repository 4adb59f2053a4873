"""Anthropic's documentation of prices: standard, prompt caching by duration, batch, fast mode and long context.

Tier None holds standard prices and five-minute cache writes, 'cache_1h' one-hour cache writes, then 'batch', 'fast' and
'context>200k' (alone or last: 'fast, context>200k'); 'us_only' for inference in the US alone. Tables under the heading of a
cloud that resells the models are passed over. Markdown and rendered HTML have the same tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._price_cards import Token
from flows.sources._prices import check_order, context_tier, is_price, once, read_price, tiers
from flows.tables import Page, Row, Table
from flows.values import Money, squash

SOURCE = Source(
    id="anthropic_docs_pricing",
    title="Anthropic's documentation of prices",
    kind="pricing",
    urls=("https://docs.claude.com/en/docs/about-claude/pricing.md",),
    former_urls=(
        "https://platform.claude.com/docs/en/about-claude/pricing",
        "https://docs.anthropic.com/en/docs/about-claude/pricing",
    ),
    publisher="Anthropic",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=20,
    expects={"prices": Expect(low=0.005, high=500)},
    cadence=days(7),
)

# Column names without "tokens" and "base"; the second part is the tier the column itself states.
_COLUMNS: dict[str, tuple[Token, str | None]] = {
    "input": ("input", None),
    "output": ("output", None),
    "cache writes": ("cache_write", None),
    "5m cache writes": ("cache_write", None),
    "1h cache writes": ("cache_write", "cache_1h"),
    "cache write": ("cache_write", None),
    "prompt caching write": ("cache_write", None),
    "prompt caching writes": ("cache_write", None),
    "prompt caching read": ("cached_input", None),
    "prompt caching reads": ("cached_input", None),
    "cache read": ("cached_input", None),
    "cache hits": ("cached_input", None),
    "cache reads": ("cached_input", None),
    "cache hits & refreshes": ("cached_input", None),
    "batch input": ("input", "batch"),
    "batch output": ("output", "batch"),
}
# What a heading says of the tables under it; the first that fits, from the nearest heading outwards.
_SERVICES = {
    "batch": "batch",
    "fast mode": "fast",
    "data residency|US-only|inference.geo": "us_only",
    "long context": None,
    "model pricing": None,
}
# The prices of clouds that resell the models are none of Anthropic's.
_RESELLERS = re.compile(
    r"\b(?:bedrock|vertex|foundry|third.party|cloud platforms?|aws|azure|google cloud)\b", re.IGNORECASE
)
_CLAUDE = re.compile(r"\bClaude(?: [A-Z][a-z]+)? \d+(?:\.\d+)*\b")
_AMOUNT = re.compile(r"[$\u20ac\u00a3\u00a5]\s?\d")


class _Column(NamedTuple):
    """What a column holds; without a token kind its cells say it themselves ('Input: $6 / MTok')."""

    token: Token | None
    tier: str | None
    context: str | None
    is_split: bool  # whether the column is one side of a context threshold


_Columns = dict[int, _Column]


@dataclass
class _Prices:
    """The standard prices met so far, by model and kind: the tables further down refer to them."""

    standard: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of every table that prices tokens."""
    yield from once(_read(page))


def _read(page: Page) -> Iterator[Observation | Rejected]:
    state = _Prices()
    for table in page.tables:
        columns = {i: c for i, label in enumerate(table.header) if (c := _column(label))}
        if any(_RESELLERS.search(heading) for heading in table.headings[1:]) or not _is_price_list(table, columns):
            continue
        service = _service(table, columns)
        models = [] if table.has("Model") else _models_named(table, state)

        def parse(row: Row, columns: _Columns = columns, service: str | None = service) -> list[Price]:
            nonlocal models
            models = _models_of(row, models)
            return _read_row(row, columns, service, models, state)

        yield from table.read(parse, into="prices", label="Model")
    if not state.models:
        wanted = "a table with columns 'Model', 'Base Input Tokens', 'Output Tokens'"
        raise LayoutChanged(page.place, wanted, str([t.header for t in page.tables[:6]]))


def _column(label: str) -> _Column | None:
    """Return what a header says: a kind of token, a side of a context threshold, or both; None for other columns."""
    name = squash(label.casefold().replace(" and ", " & "))
    is_split = bool(re.search(r"(?:\u2264|<=?|>|up to|over)\s?[\d,]+\s?k?\b", name))
    context = context_tier(name) if is_split else None
    name = re.sub(r"\(.*?\)|(?:prompts?\s+)?(?:\u2264|<=?|>).*|\b(?:base|tokens?|pricing|price)\b", "", name)
    name = squash(name).replace("5-minute", "5m").replace("1-hour", "1h")
    if name in _COLUMNS:
        return _Column(*_COLUMNS[name], context, is_split)
    return _Column(None, None, context, True) if is_split and not name else None


def _is_price_list(table: Table, columns: _Columns) -> bool:
    """Return whether the table prices tokens.

    Tables of tools, token counts, multipliers and worked examples hold no cell that is one price per token.
    LayoutChanged for a table that has such cells and cannot be read, or has them in a column that is not known.
    """
    priced = {i for row in table.rows for i, cell in enumerate(row.cells) if any(_prices_in(cell.text))}
    is_named = table.has("Model") and {"input", "output"} <= {c.token for c in columns.values()}
    if not priced and not is_named:
        return False
    tokens = {c.token for c in columns.values()}
    if is_named:  # whatever costs something beside known prices is a price too
        priced |= {i for row in table.rows for i, cell in enumerate(row.cells) if _AMOUNT.search(cell.text)}
    if not priced <= set(columns) or not (None in tokens or {"input", "output"} <= tokens):
        raise LayoutChanged(table.place, f"price columns among {', '.join(_COLUMNS)}", str(table.header))
    return True


def _prices_in(text: str) -> Iterator[str]:
    """Yield the prices that a cell consists of: '$6 / MTok', 'Input: $5 / MTok Output: $25 / MTok'."""
    parts = re.split(r"\b(?:input|output)\s*:", text, flags=re.IGNORECASE)
    yield from (part for part in parts if is_price(part))


def _service(table: Table, columns: _Columns) -> str | None:
    """Return the service tier of a table: by its columns where they tell batch from others, else by its headings.

    A standard table has columns of caching or of base input, or the sides of a context threshold; other tables need a heading
    that is known.
    """
    plain = [c for c in columns.values() if c.tier is None and c.token in ("input", "output")]
    if plain and any(c.tier == "batch" for c in columns.values()):
        return None  # standard and batch prices side by side
    for heading in reversed(table.headings):
        for words, service in _SERVICES.items():
            if re.search(rf"\b(?:{words})", heading, re.IGNORECASE):
                return service
    if any(c.tier or c.is_split or c.token in ("cache_write", "cached_input") for c in columns.values()):
        return None
    if re.search(r"\bbase input\b", " ".join(table.header), re.IGNORECASE):
        return None
    heading = table.headings[-1] if table.headings else ""
    raise LayoutChanged(table.place, f"a heading with one of {', '.join(_SERVICES)}", repr(heading))


def _tier(column: _Column, service: str | None, context: str | None) -> str | None:
    """Return 'batch' for a batch column under a batch heading, 'cache_1h, batch' for a one-hour write under it."""
    return tiers(column.tier, None if service == column.tier else service, column.context or context)


def _models_of(row: Row, before: list[str]) -> list[str]:
    """Return the models a row prices: 'Claude Sonnet 4.6 / 4.5 / 4' are three; an empty cell repeats those before."""
    if not row.table.has("Model"):
        return before
    if not (text := row["Model"]):
        if not before:
            raise BadRow(f"{row.place}, column 'Model'", "a model", "an empty cell")
        return before
    if len(text) > 300:
        raise BadRow(f"{row.place}, column 'Model'", "a model", repr(text[:80]))
    names = re.split(r"\s+/\s+", text)
    stem = re.sub(r"\s*\d[\d.]*$", "", names[0])
    return [f"{stem} {name}" if re.fullmatch(r"\d[\d.]*", name) else name for name in names]


def _split_label(text: str) -> tuple[str, str | None, str | None]:
    """Return the name, the note and the context tier of 'Claude Haiku 5.5 (for prompts over 100,000 tokens)'.

    '(deprecated)' is a mark of the page and goes to the notes; any other parenthesis stays with the name.
    """
    if match := re.search(r"\s*\((?:for )?prompts?\s+(.*?)\)", text, re.IGNORECASE):
        return squash(text[: match.start()] + text[match.end() :]), match[0].strip(" ()"), context_tier(match[1])
    if match := re.search(r"\s*\(((?:deprecated|retired|legacy)[^()]*)\)", text, re.IGNORECASE):
        return squash(text[: match.start()] + text[match.end() :]), match[1], None
    return text, None, None


def _models_named(table: Table, state: _Prices) -> list[str]:
    """Return the models that the first sentence over a table names ("When using Claude Sonnet 4 or Sonnet 4.5")."""
    sentence = re.split(r"(?<=[a-z)])[.:](?:\s|$)", " ".join(table.over), maxsplit=1)[0]
    named = _CLAUDE.findall(sentence)  # a preview may stand in its own table alone
    known = [m for m in state.models if re.search(rf"\b{re.escape(m.removeprefix('Claude '))}(?!\.?\d)", sentence)]
    names = list(dict.fromkeys([*known, *named]))
    if not names:
        raise LayoutChanged(table.place, "models of the standard table in the sentence over it", repr(sentence[:200]))
    return names


def _read_row(row: Row, columns: _Columns, service: str | None, models: list[str], state: _Prices) -> list[Price]:
    """Return the prices of one row, for each model it names."""
    found: list[Price] = []
    for model in models:
        name, note, label_context = _split_label(model)
        for column, token, money in _amounts(row, columns):
            price = Price(
                model_label=name,
                row_locator=row.locator,
                provider_id="anthropic",
                token_kind=token,
                amount_original=money.amount,
                currency=money.currency,
                unit_original=money.unit or "",
                tier=_tier(column, service, label_context),
                notes=note,
            )
            if column.is_split and price.tier is None:
                _check_standard(price, row, state)  # said again beside the long-context price: no second price
            else:
                found.append(price)
        _keep_standard(found, row, columns, name, state)
    check_order(found, row.place)
    return found


def _amounts(row: Row, columns: _Columns) -> Iterator[tuple[_Column, Token, Money]]:
    stated = {unit for label in row.table.header if (unit := _unit(label))}
    for index, column in columns.items():
        label = row.table.header[index]
        unit = _unit(label)
        if column.token in ("cache_write", "cached_input") and len(stated) == 1:
            unit = unit or next(iter(stated))  # 'Input (Per MTok) | Output (Per MTok) | Prompt Caching Write', 2024
        for token, text in _cell_prices(row, index, column):
            yield column, token, read_price(text, f"{row.place}, column {label!r}", unit=unit)


def _cell_prices(row: Row, index: int, column: _Column) -> Iterator[tuple[Token, str]]:
    """Yield kind and text of each price in a cell; a cell without a figure ('-') says nothing."""
    text = row.cells[index].text
    if values.is_missing(text):
        return
    if column.token:
        yield column.token, text
        return
    parts = re.findall(r"\b(input|output)\s*:\s*(.*?)(?=\s*\b(?:input|output)\s*:|$)", text, re.IGNORECASE)
    if not parts:
        raise BadRow(f"{row.place}, column {row.table.header[index]!r}", "'Input: $6 / MTok'", repr(text))
    for kind, price in parts:
        yield ("input" if kind.casefold() == "input" else "output"), price


def _unit(label: str) -> str | None:
    try:
        return values.read_unit(label)
    except ValueError:
        return None


def _keep_standard(found: list[Price], row: Row, columns: _Columns, name: str, state: _Prices) -> None:
    """Remember the standard prices of a model; BadRow if the row lacks its input or output price."""
    if any(c.is_split or c.token is None for c in columns.values()):
        return
    mine = {price.token_kind: price for price in found if price.model_label == name}
    if not {"input", "output"} <= set(mine):
        raise BadRow(row.place, "an input and an output price", str(sorted(mine)))
    if mine["input"].tier is None:
        state.models.append(name)
        state.standard |= {(name, kind): price.amount_original for kind, price in mine.items()}


def _check_standard(price: Price, row: Row, state: _Prices) -> None:
    """Raise BadRow if a price up to the threshold is not the standard price of the model."""
    known = state.standard.get((price.model_label, price.token_kind))
    if known != price.amount_original:
        wanted = f"the standard {price.token_kind} price of {price.model_label!r} ({known})"
        raise BadRow(row.place, wanted, str(price.amount_original))

"""Google Cloud's price page of generative models (Vertex AI, since 2026 Agent Platform): Gemini, and the models of partners.

Two shapes. Gemini: a row per model and kind of token ('Input (text, image)', 'Text output'), a column per side of the
context threshold, a table or a column per service tier. Partners: a row per model, its prices as labels and amounts in a
cell, a table per region. Left out by rule, and counted in the log: prices per character, image, second or hour (Gemini 1.5
and older are sold so, and so are the tables that restate token prices by modality); audio, image and training tokens; the
models that draw, film, speak, embed, translate or scan; tools, throughput and estimates. Tiers, joined in this order:
'cache_1h'; 'batch', 'flex', 'priority'; the region ('non-global', 'us-east5'); 'context>200k'.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._google_prices import AMOUNT, NO_LANGUAGE_MODEL, Dated, checked, take_dates
from flows.sources._prices import context_tier, once, read_price, tiers
from flows.sources._vertex_cells import Figure, Kind, kind_of, labelled_amounts, plain_amounts, service_of
from flows.tables import Page, Row, Table
from flows.values import read_date, squash

log = logging.getLogger(__name__)
SOURCE = Source(
    id="google_cloud_pricing",
    title="Google Cloud's price page of generative models",
    kind="pricing",
    urls=("https://cloud.google.com/vertex-ai/generative-ai/pricing",),
    former_urls=("https://cloud.google.com/gemini-enterprise-agent-platform/generative-ai/pricing",),
    publisher="Google Cloud",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=20,
    expects={"prices": Expect(low=0.001, high=500)},
    cadence=days(7),
)

_MODEL = ("Model", "Models", "Open Source Model")
_BESIDE = {"type", "region", "feature", "description", "method", "usage", "input", "output", "output resolution"}
# Tables of tools, throughput and estimates have no column of models.
_NO_MODELS = re.compile(r"feature|tool|duration|.*\bpreference", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    rf"{AMOUNT}\s*(?:(?:/|per\b)\s*[\d,]*\s?[KM]?\s*(?:char|image|second|sec\b|minute|hour|page|count|song|picture|quer|prompt|request)"
    r"|\(/M Tok/hr\))",
    re.IGNORECASE,
)
_OTHER_HEADER = re.compile(r"per (?:1,000|million) char|training (?:tokens|characters)", re.IGNORECASE)
_OTHER_TYPE = re.compile(r"\(\$/|training|tuning", re.IGNORECASE)
_TOKEN_PRICE = re.compile(rf"{AMOUNT}\s*(?:/|per)\s*(?:1\s?M|million|M|1,000|1K) tokens", re.IGNORECASE)
_MONEY = re.compile(r"[$\u20ac\u00a3\u00a5]\s?\d|\d\s?[\u20ac\u00a3\u00a5]|\b(?:USD|EUR|GBP)\b")
_TOOL = re.compile(r"(?:web )?grounding\b", re.IGNORECASE)
_REGION = re.compile(r"[a-z]+-[a-z]+\d+|.*multi-region.*\((?P<short>[a-z]{2,4})\)", re.IGNORECASE)
_LATER = re.compile(
    r"For non-global endpoints, pricing will go into effect .{0,120}?\bon ([A-Z][a-z]+ \d{1,2}, \d{4})\."
)


@dataclass
class _Seen:
    """What the rows above said, and what was left out by which rule."""

    non_global_from: date | None
    model: str = ""
    type: str = ""
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Column:
    """A column of prices: cached tokens or not, its service tiers, its region, its side of the threshold, its unit."""

    label: str
    is_cached: bool
    services: tuple[str | None, ...]
    region: str | None
    context: str | None
    unit: str | None


@dataclass(frozen=True)
class _Model:
    """A model's name, the days between which the row holds, and the page's mark on it ('deprecated')."""

    name: str
    dated: Dated
    notes: str | None


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the prices of text tokens of every table of models."""
    tables = [table for table in page.tables if _is_of_models(table)]
    if not tables:
        raise LayoutChanged(page.place, "tables with a column 'Model'", str([t.header for t in page.tables[:6]]))
    later = _LATER.search(squash(" ".join(" ".join(table.before) for table in page.tables)))
    seen = _Seen(read_date(later[1]) if later else None)
    yield from checked(once(item for table in tables for item in _read_table(table, seen)), page.place)
    log.info("%s: prices left out: %s", page.place, dict(seen.left_out))


def _is_of_models(table: Table) -> bool:
    """Return whether a table names models; LayoutChanged if it does not, and prices tokens all the same."""
    if table.has(_MODEL):
        return True
    first = table.header[0] if table.header else ""
    per_tokens = [i for i, label in enumerate(table.header) if _unit(label)]
    in_columns = any(_MONEY.search(row.cells[i].text) for row in table.rows for i in per_tokens)
    in_cells = any(_TOKEN_PRICE.search(c.text) for row in table.rows for c in row.cells)
    if not _NO_MODELS.search(first) and (in_cells or in_columns):
        raise LayoutChanged(table.place, "a column 'Model'", str(table.header))
    return False


def _read_table(table: Table, seen: _Seen) -> Iterator[Observation | Rejected]:
    seen.model = seen.type = ""
    if any(_TOKEN_PRICE.search(row[_MODEL]) for row in table.rows):
        raise LayoutChanged(table.place, "names under 'Model'", "prices per tokens")
    columns = {i: _column(table, i) for i in range(len(table.header)) if _is_priced(table, i)}
    yield from table.read(lambda row: list(_read_row(row, columns, seen)), into="prices", label=_MODEL)


def _is_priced(table: Table, index: int) -> bool:
    label = squash(table.header[index].casefold())
    if index == table.column(_MODEL) or label in _BESIDE or label.startswith("storage"):
        return False
    return any(_MONEY.search(row.cells[index].text) for row in table.rows)


def _column(table: Table, index: int) -> _Column:
    """Return what a header says: 'Price (/1M tokens) > 200K cached input tokens with Priority', 'Price with Batch API'.

    A column of storage beside the prices means that they are those of cached input.
    """
    label = table.header[index]
    heading = table.headings[-1] if table.headings else ""
    own, over = service_of(label), service_of(heading)
    if own and over and own != over:
        raise LayoutChanged(table.place, "one service tier", f"{heading!r} over {label!r}")
    match = _REGION.fullmatch(heading)
    region = (match["short"] or match[0]).casefold() if match else None
    if re.search(r"\bregional\b", label, re.IGNORECASE):
        region = region or "regional"
    is_cached = bool(re.search(r"\bcached?\b", label, re.IGNORECASE)) or any(
        h.startswith("Storage") for h in table.header
    )
    return _Column(label, is_cached, own or over or (None,), region, context_tier(label), _unit(label))


def _unit(words: str) -> str | None:
    """Return the unit of a header ('/1M tokens') or a type ('1M input text tokens'); None if it names none of tokens."""
    try:
        return values.read_unit(f"/ {words}" if re.match(r"1\s?[MK]\b", words) else words)
    except ValueError:
        return None


def _read_row(row: Row, columns: dict[int, _Column], seen: _Seen) -> Iterator[Price]:
    """Yield the prices of one row; its model and its type may stand in a row above."""
    named = row[_MODEL] or seen.model
    said = row["Type"] if row.table.has("Type") else ""
    seen.type = said or (seen.type if named == seen.model else "")
    seen.model = named
    priced = {i: text for i in columns if "$" in (text := row.cells[i].text) or _is_doubtful(text)}
    if not priced:
        return  # 'N/A', or a row that only names the model of those below it
    if reason := _why_left_out(row, seen, list(priced.values())):
        seen.left_out[reason] += len(priced)
        return
    model = _model(named, row)
    for index, text in priced.items():
        place = f"{row.place}, column {row.table.header[index]!r}"
        for kind, figure in _figures(seen.type, text, place):
            yield from _prices(row, columns[index], model, kind, figure, seen, place)


def _is_doubtful(text: str) -> bool:
    """Return whether a cell is an amount without a dollar sign: of another currency, or of none."""
    return bool(_MONEY.search(text) or re.fullmatch(r"\d+(?:[.,]\d+)?", text))


def _why_left_out(row: Row, seen: _Seen, texts: list[str]) -> str | None:
    """Return the rule by which a row has no price of a language model's text tokens; None if it has some."""
    if _TOOL.match(seen.model):
        return "tools"
    if NO_LANGUAGE_MODEL.search(seen.model):
        return "no language model"
    if _OTHER_TYPE.search(seen.type) or _OTHER_HEADER.search(" ".join(row.table.header)):
        return "characters or training tokens"
    if all(_OTHER_UNIT.search(text) and not _TOKEN_PRICE.search(text) for text in texts):
        return "other units"
    if seen.type and not any(":" in text for text in texts) and _kind(seen.type, row.place) is None:
        return "audio and images"
    return None


def _kind(words: str, place: str) -> Kind | None:
    try:
        return kind_of(words)
    except ValueError as error:
        raise BadRow(place, str(error), repr(words)) from None


def _model(text: str, row: Row) -> _Model:
    """Return name, days and note of 'Gemini 3.8 Flash* through December 31, 2026', 'Claude 3 Haiku (Deprecated)', 'GLM-5 *'."""
    try:
        dated = take_dates(text)
    except ValueError as error:
        raise BadRow(row.place, str(error), repr(text)) from None
    match = re.search(r"\s*\((deprecated|retired|legacy)\)", dated.text, re.IGNORECASE)
    name = dated.text[: match.start()] + dated.text[match.end() :] if match else dated.text
    name = squash(name).rstrip("* ")
    if not name or len(name) > 200:
        raise BadRow(row.place, "a model", repr(text[:80]))
    return _Model(name, dated, match[1].casefold() if match else None)


def _figures(type_: str, text: str, place: str) -> Iterator[tuple[Kind, Figure]]:
    """Yield the prices in a cell with their kinds: its own labels name them, or the row's type."""
    if labelled := labelled_amounts(text, place):
        yield from labelled
        return
    kind = _kind(type_, place)
    if kind:
        yield from ((kind, figure) for figure in plain_amounts(text, place))


def _prices(
    row: Row, column: _Column, model: _Model, kind: Kind, figure: Figure, seen: _Seen, place: str
) -> Iterator[Price]:
    """Yield a price, once for each service tier that it holds for."""
    own = row["Region"].casefold().rstrip("* ") if row.table.has("Region") else ""
    region = figure.region or own or column.region
    if region == "global":
        region = None
    starts = model.dated.starts
    if region == "non-global" and (figure.is_marked or row.table.has("Region")):
        starts = starts or seen.non_global_from
    unit = column.unit or _unit(seen.type)
    money = read_price(figure.text, place, unit=unit)
    for service in column.services:
        if service and kind.service and service != kind.service:
            raise BadRow(place, "one service tier", f"{service} and {kind.service}")
        yield Price(
            model_label=model.name,
            row_locator=row.locator,
            provider_id="vertex",
            token_kind="cached_input" if column.is_cached and kind.token == "input" else kind.token,
            amount_original=money.amount,
            currency=money.currency,
            unit_original=money.unit or "",
            tier=tiers("cache_1h" if kind.is_hour else None, service or kind.service, region, column.context),
            effective_on=starts,
            ends_on=model.dated.ends,
            notes=model.notes,
        )

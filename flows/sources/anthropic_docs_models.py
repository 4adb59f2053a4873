"""Anthropic's overview of models: API names, context, most output, training cut-off and base prices; models are columns.

The comparison table has a row per feature and a column per model; legacy models stand in a second one. The label of a row
here is the model's API name, which the page gives for each; one column may have two ('Upgraded version: ... Previous
version: ...'). From October 2024 to October 2025 names stood in a table of their own (a row per model), in 2025 prices did
too: both are read. Facts of a page are evidence, not the registry; names on clouds and latency are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from flows.cells import Cell
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, ModelFact, Observation, Price, Rejected, Source, days
from flows.sources import anthropic_docs_pricing
from flows.sources._claude_cells import read_amounts
from flows.sources._prices import check_order, once, read_price
from flows.tables import Page, Row, Table
from flows.values import is_missing, read_integer, squash

SOURCE = Source(
    id="anthropic_docs_models",
    title="Anthropic's overview of models",
    kind="vendor",
    urls=("https://docs.claude.com/en/docs/about-claude/models/overview.md",),
    former_urls=(
        "https://platform.claude.com/docs/en/about-claude/models/overview",
        "https://docs.anthropic.com/en/docs/about-claude/models/overview",
        "https://docs.anthropic.com/en/docs/about-claude/models/all-models",
        "https://docs.anthropic.com/en/docs/about-claude/models",
        "https://docs.anthropic.com/en/docs/models-overview",
    ),
    publisher="Anthropic",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=6,
    expects={"models": Expect(), "prices": Expect(low=0.01, high=500)},
    cadence=days(14),
)

_ID_ROW = re.compile(r"(?:claude|anthropic|latest)? ?api (?:id|model name|name|model id)|model id", re.IGNORECASE)
_ALIAS_ROW = re.compile(r"(?:claude|anthropic) api alias|alias", re.IGNORECASE)
_PRICE_ROW = re.compile(r"(?:base )?pric(?:e|ing)\b.*|cost\b.*", re.IGNORECASE)
_CONTEXT_ROW = re.compile(r"context(?: window| length)?", re.IGNORECASE)
_OUTPUT_ROW = re.compile(r"max(?:imum)? output(?: tokens)?", re.IGNORECASE)
_CUTOFF_ROW = re.compile(r"training data cut-?off", re.IGNORECASE)
_THINKING_ROW = re.compile(r"(?:extended |adaptive )?thinking", re.IGNORECASE)
_RETIREMENT_ROW = re.compile(r"retirement(?: date)?|deprecat\w+", re.IGNORECASE)
_NO = re.compile(r"(?:no|not|none)\b|[\u2715-\u2718\u00d7\u274c]", re.IGNORECASE)
_TOKENS = re.compile(
    r"(\d{1,3}(?:,\d{3})+|\d+)\s?([KM]?)(?:\s?tokens?\b)?(?=\s*(?:$|[/(,;^*\u2020]|\d{1,2}$))", re.IGNORECASE
)
_ID = re.compile(r"(?<![\w./:@-])claude-[a-z0-9][a-z0-9.-]*[a-z0-9](?![\w@:])", re.IGNORECASE)
_NAME_COLUMNS = (
    "Anthropic API",
    "Claude API",
    "Claude API ID",
    "API model name",
    "Latest 1P API name",
    "Anthropic API ID",
)


@dataclass(frozen=True)
class _Model:
    """A column of a comparison table: the page's name of the model, its API names, its cells by feature."""

    table: Table
    column: int
    name: str
    mark: str | None
    ids: tuple[str, ...]

    def row(self, feature: re.Pattern[str]) -> Row | None:
        """Return the row of a feature; LayoutChanged if several answer to it."""
        found = [row for row in self.table.rows if feature.fullmatch(_feature(row))]
        if len(found) > 1:
            raise LayoutChanged(self.table.place, f"one row {feature.pattern!r}", str([_feature(row) for row in found]))
        return found[0] if found else None

    def text(self, feature: re.Pattern[str]) -> str:
        """Return what the table says of a feature; nothing where it says nothing."""
        row = self.row(feature)
        return "" if row is None or is_missing(row.cells[self.column].text) else row.cells[self.column].text

    def locator(self, row: Row | None) -> str:
        """Say where the cell of a row stands; the header's line if there is no row."""
        at = row.locator if row else f"line {self.table.line}, table {self.table.number} header"
        return f"{at}, column {self.table.header[self.column]!r}"


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the facts and the base prices of every model that the page compares, and the facts of those it only names."""
    models = [model for table in page.tables for model in _models(table)]
    if not models:
        wanted = "a table with a column per model and a row 'Claude API ID'"
        raise LayoutChanged(page.place, wanted, str([t.header for t in page.tables[:6]]))
    known: dict[str, None] = {}
    for model in models:
        yield from _guarded(model, _facts, "models")
        known |= dict.fromkeys(model.ids)
    yield from _named_only(page, known)
    columns = (item for model in models for item in _guarded(model, _prices, "prices"))
    yield from once(chain(columns, _price_tables(page, models)))


def _feature(row: Row) -> str:
    """Return a row's feature without the mark of a footnote: 'Pricing 2', 'Cost (Input / Output per MTok^)'."""
    return re.sub(r"(?<=\D)\s?\d{1,2}$", "", squash(row.cells[0].text.replace("^", ""))).strip(" :*")


def _models(table: Table) -> Iterator[_Model]:
    """Yield the models of a comparison table: one with a column per model and a row of API names."""
    row = next((row for row in table.rows if _ID_ROW.fullmatch(_feature(row))), None)
    if row is None or not any(re.match(r"claude\b", label, re.IGNORECASE) for label in table.header[1:]):
        return
    if re.match(r"claude\b", table.header[0], re.IGNORECASE):
        raise LayoutChanged(table.place, "a first column of features", repr(table.header[0]))
    for column, label in enumerate(table.header[1:], 1):
        if label:
            match = re.search(r"\s*\((?P<mark>[^()]*)\)\s*$", label)
            name = squash(label[: match.start()] if match else label)
            yield _Model(table, column, name, match["mark"] if match else None, _ids(row.cells[column]))


def _ids(cell: Cell) -> tuple[str, ...]:
    """Return the API names in a cell; one in brackets is the alias of the one before."""
    return tuple(dict.fromkeys(_ID.findall(re.sub(r"\([^()]*\)", " ", cell.text))))


def _guarded(
    model: _Model, parse: Callable[[_Model], Iterable[Observation]], into: str
) -> Iterator[Observation | Rejected]:
    """Yield what `parse` makes of a model's column; Rejected if it cannot be read."""
    try:
        yield from list(parse(model))
    except BadRow as error:
        cells = {_feature(row): row.cells[model.column].text for row in model.table.rows}
        yield Rejected(
            table=into, row_locator=model.locator(None), reason=str(error), model_label=model.name, cells=cells
        )


def _facts(model: _Model) -> Iterator[ModelFact]:
    """Yield what is known of a model, for each of its API names."""
    row = model.row(_ID_ROW)
    _check_names(model, f"{model.table.place}, {model.locator(row)}")
    for model_id in model.ids:
        yield ModelFact(
            model_label=model_id,
            model_id=model_id,
            row_locator=model.locator(row),
            name=model.name,
            organization_id="anthropic",
            is_reasoning=_is_reasoning(model),
            context_tokens=_context(model),
            notes=_notes(model),
        )


def _check_names(model: _Model, place: str) -> None:
    """Raise BadRow if a column has no API name, or one without the words and figures of its header: columns were exchanged."""
    if not model.ids:
        raise BadRow(place, "an API name such as claude-opus-4-1-20250805", "none")
    words = set(re.findall(r"[a-z]{2,}|\d", model.name.casefold()))
    for model_id in model.ids:
        if not words <= set(re.findall(r"[a-z]{2,}|\d", model_id)):
            raise BadRow(place, f"an API name of {model.name!r}", repr(model_id))


def _is_reasoning(model: _Model) -> bool | None:
    """Return whether the model thinks, extended or adaptive; None if the table has no such row."""
    said = [row.cells[model.column].text for row in model.table.rows if _THINKING_ROW.fullmatch(_feature(row))]
    said = [text for text in said if not is_missing(text)]
    return any(not _NO.match(text) for text in said) if said else None


def _context(model: _Model) -> int | None:
    """Return the context window: the first of '200K tokens / 1M tokens (beta)', which every request has.

    BadRow if the model may answer with more tokens than that: the two rows were exchanged.
    """
    text = model.text(_CONTEXT_ROW)
    if not text:
        return None
    place = f"{model.table.place}, {model.locator(model.row(_CONTEXT_ROW))}"
    context, output = _number_of_tokens(text), _number_of_tokens(model.text(_OUTPUT_ROW))
    if context is None:
        raise BadRow(place, "tokens such as '200K tokens'", repr(text))
    if output and output > context:
        raise BadRow(place, f"at least the most output, {output:,} tokens", repr(text))
    return context


def _number_of_tokens(text: str) -> int | None:
    match = _TOKENS.match(text)
    return read_integer(match[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[match[2].casefold()] if match else None


def _notes(model: _Model) -> str | None:
    """Return what the record has no field for."""
    cutoff = re.search(r"(?:[A-Z][a-z]+ )?\d{4}", model.text(_CUTOFF_ROW))
    more = re.search(r"\d+[KM] tokens \(beta\)", model.text(_CONTEXT_ROW))
    alias = model.text(_ALIAS_ROW)
    said = (
        model.mark,
        f"alias {alias}" if alias and alias not in model.ids else None,
        f"context {more[0]}" if more else None,
        f"max output {text}" if (text := re.sub(r"\)\s?\d$", ")", model.text(_OUTPUT_ROW))) else None,
        f"training data cutoff {cutoff[0]}" if cutoff else None,
        f"retirement: {text}" if (text := model.text(_RETIREMENT_ROW)) else None,
    )
    return "; ".join(part for part in said if part) or None


def _prices(model: _Model) -> Iterator[Price]:
    """Yield the base input and output price of a model, for each of its API names."""
    row, text = model.row(_PRICE_ROW), model.text(_PRICE_ROW)
    if row is None or not re.search(r"\d", text):
        return
    place = f"{model.table.place}, {model.locator(row)}"
    _check_names(model, place)
    found = read_amounts(text, " ".join(cell.text for cell in row.cells), place)
    for model_id in model.ids:
        prices = [
            Price(
                model_label=model_id,
                row_locator=model.locator(row),
                provider_id="anthropic",
                token_kind=token,
                amount_original=money.amount,
                currency=money.currency,
                unit_original=money.unit or "",
                notes=model.mark,
            )
            for token, figure in found
            for money in (read_price(figure, place),)
        ]
        check_order(prices, place)
        yield from prices


def _named_only(page: Page, known: dict[str, None]) -> Iterator[Observation | Rejected]:
    """Yield the models that the table of names has beside those of the comparison."""
    for table in page.tables:
        if not (table.has("Model") and table.has(_NAME_COLUMNS)):
            continue
        for row in table.rows:
            for model_id in _ids(row.cell(_NAME_COLUMNS)):
                if model_id not in known:
                    known[model_id] = None
                    yield ModelFact(
                        model_label=model_id,
                        model_id=model_id,
                        row_locator=row.locator,
                        name=row["Model"],
                        organization_id="anthropic",
                    )


def _price_tables(page: Page, models: list[_Model]) -> Iterator[Observation | Rejected]:
    """Yield the prices of a table like that of the price documentation, under the API names of its models."""
    if not page.find(having=("Model", ("Base Input Tokens", "Input", "Base Input"))):
        return
    ids = {model.name: model.ids for model in models}
    for item in anthropic_docs_pricing.read(page):
        names = ids.get(item.model_label or "", ())
        yield from (replace(item, model_label=name) for name in names) if names and isinstance(item, Price) else (item,)

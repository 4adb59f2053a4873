"""Cohere's documentation of models: which there are, with the length of their context; the page states no prices.

One table per family (Command, Aya, North, Embed, Rerank, Audio). A model of language is one that answers at the chat,
generate or summarize endpoint; those that embed, rerank or transcribe are left out. A row that says to be an alias names
no model of its own: it becomes a note on the model it stands for. Facts of a page are evidence, not the registry.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, ModelFact, Observation, Rejected, Source, days
from flows.tables import Page, Row, Table
from flows.values import is_missing, read_integer, squash

SOURCE = Source(
    id="cohere_docs",
    title="Cohere's documentation of models",
    kind="vendor",
    urls=("https://docs.cohere.com/docs/models",),
    publisher="Cohere",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=4,
    expects={"models": Expect()},
    cadence=days(30),
)

_MODEL = ("Model Name", "Model", "Latest Model", "Model ID", "API Name")
_CONTEXT = ("Context Length", "Max Tokens (Context Length)", "Context Window", "Max Tokens", "Context")
_OUTPUT = ("Maximum Output Tokens", "Max Output Tokens", "Max Output")
_ENDPOINT = ("Endpoints", "Endpoint")
_LANGUAGE = re.compile(r"\b(?:chat|generate|summarize|messages)\b", re.IGNORECASE)
_ALIAS = re.compile(r"\balias (?:for|of) (?P<of>[a-z0-9][\w.-]*[a-z0-9])", re.IGNORECASE)
_AMOUNT = re.compile(r"[$\u20ac\u00a3]\s?\d")


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield one fact per language model in the tables that give models their endpoints."""
    tables = [table for table in page.tables if table.has(_MODEL) and table.has(_ENDPOINT)]
    if not any(table.has(_CONTEXT) for table in tables):
        wanted = "tables with columns 'Model Name', 'Context Length', 'Endpoints'"
        raise LayoutChanged(page.place, wanted, str([t.header for t in page.tables[:6]]))
    aliases = _aliases(tables)
    for table in tables:
        _check_no_prices(table)
        yield from table.read(lambda row: list(_read_row(row, aliases)), into="models", label=_MODEL)


def _aliases(tables: list[Table]) -> Mapping[str, list[str]]:
    """Return, by model, the names that rows of their own call its aliases."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in (row for table in tables for row in table.rows):
        if target := _alias_of(row):
            found[target].append(row[_MODEL])
    return found


def _alias_of(row: Row) -> str | None:
    match = _ALIAS.search(row["Description"]) if row.table.has("Description") else None
    return match["of"] if match and match["of"] != row[_MODEL] else None


def _check_no_prices(table: Table) -> None:
    """Raise LayoutChanged if a table has prices: no version of the page had, and their unit would have to be read."""
    for row in table.rows:
        if any(_AMOUNT.search(cell.text) for cell in row.cells):
            raise LayoutChanged(table.place, "a table of models without prices", str(row.as_dict())[:300])


def _read_row(row: Row, aliases: Mapping[str, list[str]]) -> Iterator[ModelFact]:
    if not any(cell.text for cell in row.cells):
        return  # an empty row parts newer models from older ones
    if not _LANGUAGE.search(row[_ENDPOINT]) or _alias_of(row):
        return
    label = row.text(_MODEL)
    if not re.fullmatch(r"[a-z0-9][\w.+ -]{2,80}", label, re.IGNORECASE):
        raise BadRow(row.place, "the API name of a model", repr(label[:80]))
    context = _tokens(row, _CONTEXT) if row.has(_CONTEXT) else None
    if context and row.has(_OUTPUT) and _tokens(row, _OUTPUT) > context:
        raise BadRow(row.place, f"an answer of at most the context's {context:,} tokens", repr(row[_OUTPUT]))
    yield ModelFact(
        model_label=label,
        model_id=label,
        row_locator=row.locator,
        organization_id="cohere",
        context_tokens=context,
        notes=_notes(row, aliases.get(label, [])),
    )


def _tokens(row: Row, name: tuple[str, ...]) -> int:
    """Return a number of tokens: '128k' is 128,000 as the page rounds it, '4096' is 4096."""
    match = re.fullmatch(r"([\d,.]+)\s*([KM]?)(?: tokens)?", row[name], re.IGNORECASE)
    try:
        if match and "." not in match[1]:
            return read_integer(match[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[match[2].casefold()]
    except ValueError:
        pass
    raise BadRow(
        f"{row.place}, column {row.table.header[row.table.column(name)]!r}", "tokens such as '128k'", repr(row[name])
    )


def _notes(row: Row, aliases: list[str]) -> str | None:
    """Return what else the row says: other names, the most it answers, whether it is on its way out."""
    said = [f"alias {name}" for name in aliases]
    if row.has(_OUTPUT):
        said.append(f"max output {row[_OUTPUT]} tokens")
    if row.table.has("Status") and not is_missing(row["Status"]) and row["Status"].casefold() != "live":
        said.append(squash(row["Status"]).casefold())
    return "; ".join(said) or None

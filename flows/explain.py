"""Say where a figure comes from: the row of a table, the observations under it, the captures, and the words on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.archive import first_kept_in, recall
from flows.errors import WarehouseError
from flows.keys import find_row
from flows.lineage import Figure, Origin, find_table, rows_of, trace
from flows.quote import find_place
from flows.quote_data import Place
from flows.records import Observation
from flows.reread import Read, Trace
from flows.settings import SQL_PROJECT, Warehouse
from flows.sources import reader_of, source_ids
from flows.tables import Page
from warehouse.load import StoredCapture

if TYPE_CHECKING:
    import duckdb

# What tells one observation of a row from another, by table; a column of core that was made from it is left aside.
_SAME: Mapping[str, tuple[str, ...]] = {
    "scores": ("benchmark_id",),
    "prices": ("provider_id", "token_kind", "tier", "effective_on", "seen_on"),
    "speeds": ("provider_id", "statistic", "region", "prompt_tokens", "measured_on"),
    "run_costs": ("benchmark_id", "measured_on"),
    "models": (),
}
_CAPTURED = (
    "capture_id",
    "source_id",
    "url",
    "captured_at",
    "http_status",
    "archive_file",
    "archive_offset",
    "body_sha256",
)


@dataclass
class Evidence:
    """An observation under a figure: its row, the capture it stands in, the place there, and what today's reader finds."""

    table: str
    row: dict[str, Any]
    capture: dict[str, Any] | None = None
    place: Place | None = None
    reading: str | None = None
    problem: str | None = None


@dataclass
class Explained:
    """A figure (or several of the same origin) with the rows it comes from, and those with what is under them."""

    values: dict[str, Any]
    is_aggregate: bool
    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: list[Explained] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    origins: str = ""


@dataclass
class Explanation:
    """A row of a table, explained; `computed` are its columns that are worked out from the figures."""

    table: str
    keys: dict[str, Any]
    row: dict[str, Any]
    figures: list[Explained]
    computed: list[str]
    how: str | None = None
    by_hand: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for a program to read."""
        return asdict(self)


def explain(warehouse: Warehouse, table_name: str, keys: Sequence[str], database: Path | None = None) -> Explanation:
    """Explain the row of a published table that the keys speak of.

    UsageError if there is no such table or row, or more than one row; a page that is not in the archive any more is said
    where it is missing.
    """
    from warehouse.connect import open_published

    with open_published(database or warehouse.published) as con:
        table = find_table(con, table_name)
        origin = trace(con, table, find_row(con, table, keys))
        explainer = _Explainer(con, warehouse.archive)
        figures = explainer.figures(origin)
        said = {column for figure in figures for column in figure.values}
        grain = table.grain or tuple(c for c in ("source_id", "model_label", "row_locator") if c in table.columns)
        numbers = [
            c for c, kind in table.columns.items() if kind.startswith(("DOUBLE", "DECIMAL", "BIGINT", "INTEGER"))
        ]
        return Explanation(
            str(table),
            {column: origin.row[column] for column in grain},
            origin.row,
            figures,
            [c for c in numbers if table.declared and c not in said and origin.row[c] is not None],
            f"sql/{table.path.relative_to(SQL_PROJECT).as_posix()}" if table.path else None,
            _by_hand(origin),
        )


def _by_hand(origin: Origin) -> str | None:
    """Return where a row is kept that no page is under: the reference tables, each row with its own source."""
    if origin.figures or "capture_id" in origin.table.columns or "source_url" not in origin.table.columns:
        return None
    return "kept by hand in warehouse/reference, each row with the address it was taken from"


class _Explainer:
    """Looks up captures, and reads each page again once."""

    def __init__(self, con: duckdb.DuckDBPyConnection, archive: Path) -> None:
        self.con, self.archive = con, archive
        self.traces: dict[str, Trace | str] = {}
        self.bodies: dict[str, str | None] = {}

    def figures(self, origin: Origin) -> list[Explained]:
        """Return a row's figures, each with what is under it."""
        if origin.figures:
            return [self._below(figure) for figure in origin.figures]
        if "capture_id" not in origin.table.columns:
            return []
        values = {column: origin.row[column] for column in origin.wanted}
        return [Explained(values, False, evidence=[self.evidence(origin)], origins=str(origin.table))]

    def _below(self, figure: Figure) -> Explained:
        explained = Explained(figure.values, figure.is_aggregate)
        for origin in figure.origins:
            explained.origins = str(origin.table)
            if origin.figures:
                below = self.figures(origin)
                explained.rows += [_key_of(origin)] * len(below)
                explained.figures += below
            elif "capture_id" in origin.table.columns:
                explained.evidence.append(self.evidence(origin))
            else:
                explained.evidence.append(Evidence(str(origin.table), origin.row))
        return explained

    def evidence(self, origin: Origin) -> Evidence:
        """Return an observation with its capture and the place on the page."""
        row = origin.row
        evidence = Evidence(str(origin.table), row)
        sql = f"select {', '.join(_CAPTURED)}, content_type from raw.captures where capture_id = ? limit 1"
        found = rows_of(self.con, sql, [row["capture_id"]])
        if not found:
            evidence.problem = f"raw.captures has no capture {row['capture_id']}" if row["capture_id"] else "no page"
            return evidence
        page = self._trace(found[0])
        evidence.capture = {name: found[0][name] for name in _CAPTURED} | {
            "body_in": self.bodies.get(row["capture_id"])
        }
        if isinstance(page, str):
            evidence.problem = page
        if isinstance(page, str) or not row.get("row_locator"):
            return evidence
        kind = origin.table.kind or str(row.get("table_name", ""))
        figures = _page_figures(kind, row, origin.wanted)
        same = partial(_is_same, kind, row)
        evidence.place = find_place(
            page, row["row_locator"], figures, same, (*figures, *origin.wanted), row.get("model_label") or ""
        )
        if origin.table.kind:
            evidence.reading = _reading(page, figures, [o for o in page.observations if same(o)])
        return evidence

    def _trace(self, captured: Mapping[str, Any]) -> Trace | str:
        """Return the page of a capture, read again; in words why that cannot be."""
        capture_id = captured["capture_id"]
        if capture_id not in self.traces:
            like = {name: captured[name] for name in ("source_id", "url", "captured_at")}
            known = StoredCapture(capture_id, captured["body_sha256"], **like)
            try:
                lies = captured["archive_file"], captured["archive_offset"]
                whole = recall(self.archive, lies[0], known, lies[1])
                self.bodies[capture_id] = first_kept_in(self.archive, *lies)
                page = Page(whole.body, captured["url"], captured["captured_at"], captured["content_type"])
                self.traces[capture_id] = Trace(page, _reader(captured["source_id"], captured["url"]))
            except WarehouseError as error:
                self.traces[capture_id] = str(error)
        return self.traces[capture_id]


def _reader(source_id: str, url: str) -> Read | None:
    """Return what reads a source's pages today; None where there is none."""
    if url.startswith("import:"):
        from flows.columns import read_rows
        from flows.import_rows import file_rows, table_of

        return lambda page: read_rows(table_of(page.url), file_rows(page.body, page.url), page.place)
    return reader_of(source_id).read if source_id in source_ids() else None


def _key_of(origin: Origin) -> dict[str, Any]:
    return {"table": str(origin.table)} | {c: origin.row[c] for c in origin.table.grain if origin.row[c] is not None}


def _page_figures(kind: str, row: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """Return the figures of an observation as the page has them: a price as it was before conversion."""
    found = {("amount_original" if c == "usd_per_mtok" else c): None for c in wanted} if kind else {}
    return {column: row[column] for column in found if row.get(column) is not None}


def _is_same(kind: str, row: Mapping[str, Any], observation: Observation) -> bool:
    """Return whether an observation is the one a row was loaded from, its figures aside."""
    if observation.table != kind or observation.row_locator != row["row_locator"]:
        return False
    if row.get("model_label") not in (None, observation.model_label):
        return False
    if kind == "scores" and getattr(observation, "variant", None) != row.get("page_variant", row.get("variant")):
        return False
    return all(getattr(observation, c) == row[c] for c in _SAME.get(kind, ()) if c in row)


def _reading(page: Trace, figures: Mapping[str, Any], found: Sequence[Observation]) -> str:
    """Say what today's reader makes of the place."""
    if page.error:
        return page.error
    if not found:
        return "today's reader finds no such row on the page any more"
    for observation in found:
        if all(_equal(getattr(observation, column, None), value) for column, value in figures.items()):
            return "today's reader finds the same"
    other = ", ".join(f"{column} {getattr(found[0], column, None)}" for column in figures)
    return f"today's reader finds another figure there: {other}"


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return abs(Decimal(str(one)) - Decimal(str(other))) <= abs(Decimal(str(other))) * Decimal("1e-6")
    return bool(one == other)

"""What the published file says of itself: its tables, its sources, the labels that wait. Imports duckdb and nothing heavier."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import Any

from flows.settings import Warehouse
from flows.sources import reader_of, source_ids
from warehouse.connect import open_published


def _rows(warehouse: Warehouse, sql: str) -> list[dict[str, Any]]:
    with open_published(warehouse.published) as con:
        answer = con.execute(sql)
        names = [d[0] for d in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def tables(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return every table, view and table macro that people join: name, kind, rows, and the first sentence of its comment."""
    with open_published(warehouse.published) as con:
        found = con.execute(
            "select schema_name, table_name, 'table' as kind, comment from duckdb_tables() where not internal"
            " union all select schema_name, view_name, 'view', comment from duckdb_views() where not internal"
            " union all select distinct schema_name, function_name || '(' || array_to_string(parameters, ', ') || ')', 'macro', comment"
            " from duckdb_functions() where not internal and function_type = 'table_macro' order by all"
        ).fetchall()
        rows = []
        for schema, name, kind, comment in found:
            if schema == "staging":
                continue
            count = (
                None if kind == "macro" else con.execute(f'select count(*) from "{schema}"."{name}"').fetchall()[0][0]
            )
            rows.append(
                {
                    "table": f"{schema}.{name}",
                    "kind": kind,
                    "rows": count,
                    "what": (comment or "").split(". ")[0].replace("\n", " ")[:110],
                }
            )
    return rows


def source_states(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return every source a module declares or people imported, with its last capture, rows, age, state and why.

    State: 'never' (not captured yet), 'stale' (older than twice its cadence), else what the last run said; all of it as
    meta.source_health has it.
    """
    known = (
        {row["source_id"]: row for row in _rows(warehouse, "from meta.source_health")}
        if warehouse.published.exists()
        else {}
    )
    declared = {s: reader_of(s).SOURCE for s in source_ids()}
    rows = []
    for source_id in sorted({*declared, *known}):
        health, source = known.get(source_id, {}), declared.get(source_id)
        last, age = health.get("last_capture_at"), health.get("age_days")
        rows.append(
            {
                "source": source_id,
                "what": source.title if source else "imported",
                "last capture": last.date() if last else None,
                "age in days": round(age, 1) if age is not None else None,
                "captures": health.get("n_captures", 0),
                "rows": health.get("rows_accepted", 0),
                "state": _state(health),
                "why": health.get("reason") or "",
            }
        )
    return rows


def _state(health: dict[str, Any]) -> str:
    if health.get("state") == "failed":
        return "failed"
    if not health.get("last_capture_at"):
        return "never"
    return "stale" if health["is_stale"] else health["state"] or "ok"


def unresolved(warehouse: Warehouse, *, candidates: bool = False) -> list[dict[str, Any]]:
    """Return the labels that no model answers to, most rows first; with `candidates`, the ranked guesses, scores and reasons."""
    rows = _rows(warehouse, "from meta.unresolved_labels order by n_rows desc, label, source_id")
    return [
        {"label": r["label"], "source": r["source_id"], "rows": r["n_rows"], "last seen": r["last_captured_at"].date()}
        | (
            {
                "candidates": ", ".join(f"{c['model_id']} ({c['score']:.2f})" for c in json.loads(r["candidates"])[:3]),
                "why": _why(r["candidates"]),
            }
            if candidates
            else {"why": _why(r["candidates"]) if '"clash: ' in r["candidates"] else "no model is known to go by it"}
        )
        for r in rows
    ]


def _why(candidates: str) -> str:
    """Return what speaks for and against the first candidate."""
    return next((c.get("why", "") for c in json.loads(candidates)), "")


def nearest_labels(warehouse: Warehouse, label: str) -> list[str]:
    """Return the labels most like one that no page has; none if a page has it, or nothing is published."""
    if not warehouse.published.exists():
        return []
    known = {row["label"] for row in _rows(warehouse, "select distinct label from core.labels")}
    return [] if label in known else get_close_matches(label, sorted(known), n=3, cutoff=0.5)


def model_ids(warehouse: Warehouse) -> set[str]:
    """Return the models of the published file that are no stand-ins; none if nothing is published."""
    if not warehouse.published.exists():
        return set()
    return {row["model_id"] for row in _rows(warehouse, "select model_id from core.models where not is_provisional")}

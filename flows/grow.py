"""Propose rows for the registry from what feeds state of models: a list for a person to review, taken over by nobody else.

What resolves already is no news. Several entries of one model (each host's own) become one row: what most of them state,
the earliest of what is stated equally often. Names that are no model of their own are left out: moving names, routes,
quantised and faster copies, models that make no text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from flows import labels
from flows.identity import Identities

if TYPE_CHECKING:
    import duckdb

COLUMNS = (
    "model_id", "name", "organization_id", "family", "released_on", "access", "licence", "params_total_b",
    "params_active_b", "params_low_b", "params_high_b", "is_estimate", "is_reasoning", "is_base", "context_tokens",
    "notes", "source_url",
)  # fmt: skip
_NO_TEXT = (
    r"embed|rerank|whisper|tts|stt|asr|transcri|speech|voice|audio|realtime|image|video|diffusion|ocr|moderation|guard"
    r"|reward|clip|bert|imagen|veo|lyria|sora|dall-e|flux|music"
)
_NO_MODEL = re.compile(
    rf"(?:^|[-._]){_NO_TEXT}|latest|(?:^|-)(?:auto|router|free|online|search|live|fast|lightning|turbo|highspeed"
    r"|ultraspeed|tee|original|cheaper|tput|flex|exp|beta|mlx|nothinking|thinking-only)$",
    re.I,
)


class Fact(NamedTuple):
    """What one source states of a model under its own label."""

    source_id: str
    label: str
    name: str | None
    organization_id: str | None
    released_on: date | None
    access: str | None
    is_reasoning: bool | None
    context_tokens: int | None
    source_url: str


def read_facts(con: duckdb.DuckDBPyConnection) -> list[Fact]:
    """Return what the feeds in the warehouse state of models, in their latest good readings."""
    from flows.resolve import LATEST

    rows = con.execute(
        f"""with {LATEST}
        select source_id, model_label, name, organization_id, released_on, access, is_reasoning, context_tokens, source_url
        from raw.models
        where reading_id in (select reading_id from latest)
            and source_id not in (select source_id from meta.sources where kind in ('import', 'reference'))
        order by all"""
    ).fetchall()
    return [Fact(*row) for row in rows]


def propose(
    facts: Iterable[Fact], identities: Identities, organizations: Mapping[str, Any], today: date
) -> Iterator[dict[str, Any]]:
    """Yield a row of registry.csv for each model that no label of it resolves to, the most often stated first."""
    groups = defaultdict[str, list[Fact]](list)
    for fact in facts:
        plain = _plain(fact.label)
        if _NO_MODEL.search(plain) or labels.is_system(plain):
            continue
        if not any(identities.at(text, fact.source_id, today) for text in (fact.label, plain, fact.name) if text):
            groups[labels.loose_key(plain)].append(fact)
    for key, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        organization = _most([fact.organization_id or _vendor(fact.label) for fact in found])
        if organization in organizations:
            yield _row(key, found, organization)


def grow(con: duckdb.DuckDBPyConnection, today: date) -> list[dict[str, Any]]:
    """Return the proposals for what the feeds in a warehouse state of models."""
    from flows.resolve import known_names

    organizations = {
        row[0]: row for row in con.execute("select organization_id from reference.organizations").fetchall()
    }
    return list(propose(read_facts(con), known_names(con), organizations, today))


def _row(key: str, found: list[Fact], organization: str | None) -> dict[str, Any]:
    values = dict.fromkeys(COLUMNS) | {
        "model_id": labels.slug(_plain(_most([fact.label for fact in found]) or key)),
        "name": re.sub(r"^[^:]{2,30}:\s+|\s*\(free\)$", "", _most([fact.name for fact in found]) or key),
        "organization_id": organization,
        "is_base": bool(re.search(r"(?:^|-)base$", key)),
        "is_estimate": False,
        "notes": f"facts as stated by {', '.join(sorted({fact.source_id for fact in found}))}",
        "source_url": _most([fact.source_url for fact in found]),
    }
    for column in ("released_on", "access", "is_reasoning", "context_tokens"):
        values[column] = _most([getattr(fact, column) for fact in found])
    return values


def _plain(label: str) -> str:
    """Return the last step of a path, without the route and the quantisation behind it."""
    text = re.sub(r":.*$", "", label.rpartition("/")[2])
    return re.sub(rf"-(?:{labels.QUANT}|maas)$", "", text, flags=re.I).lower()


def _vendor(label: str) -> str | None:
    path = [step for step in label.split("/")[:-1] if step.lower() not in labels.HOSTS]
    return labels.VENDORS.get(path[-1].lower(), labels.slug(path[-1])) if path else None


def _most(values: Iterable[Any]) -> Any:
    """Return what is stated most often, of several the least; None if nothing is."""
    counts = Counter(value for value in values if value is not None and value != "")
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None

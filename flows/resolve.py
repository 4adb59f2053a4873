"""Give every label of every source a model and a variant, or a place in the queue; redone in full each time.

Order: an alias of this source, the models this source imported, an alias for all sources, the registry by id and by name,
then the same after taking decoration off by rule, else a provisional model of its own. Nothing is taken by likeness:
candidates are only listed for a person to accept.
"""

from __future__ import annotations

import json
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from flows import labels
from flows.aliases import Alias, accept
from flows.candidates import Candidates
from flows.identity import Identities, Match, Names
from flows.labels import loose_key, name_key

if TYPE_CHECKING:
    import duckdb

__all__ = ["Resolution", "Suggestion", "accept", "resolve", "suggest"]
log = logging.getLogger(__name__)

UNRESOLVED = "unresolved."
WAITING = Match("", None, "provisional")
Key = tuple[str, str]  # source and label, or source and the id an import gave
Registry = dict[str, dict[str, Any]]
_FACTS = (
    "name", "organization_id", "family", "released_on", "access", "licence", "params_total_b", "params_active_b",
    "params_low_b", "params_high_b", "is_estimate", "is_reasoning", "is_base", "context_tokens", "notes", "source_url",
)  # fmt: skip
_DAYS = {
    "scores": "coalesce(measured_on, captured_at::date)",
    "prices": "coalesce(effective_on, seen_on, captured_at::date)",
    "speeds": "coalesce(measured_on, captured_at::date)",
    "run_costs": "coalesce(measured_on, captured_at::date)",
    "models": "captured_at::date",
}
LATEST = """newest as (
    select reading_id, readings.source_id, url, concat_ws(' ', body_sha256, reader_version) as version, read_at
    from raw.readings left join raw.captures using (capture_id) where state = 'ok'
    qualify row_number() over (partition by capture_id order by reader_version desc, read_at desc, reading_id) = 1
), latest as (  -- as in stg_readings: a file imported again takes the place of what it said before
    select reading_id from newest
    qualify coalesce(url not like 'import:%', true) or version = first_value(version) over (
        partition by source_id, url order by read_at desc, version desc
    )
)"""
_OBSERVED = "observed as ({})".format(
    " union all ".join(
        f"select source_id, model_label as label, {day} as day, captured_at from raw.{table}"
        f" where reading_id in (select reading_id from latest)"
        for table, day in _DAYS.items()
    )
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one run settled: labels counted per source, how they were settled, the seconds it took, and which clash."""

    n_labels: int
    n_exact: int
    n_rule: int
    n_provisional: int
    n_seconds: float
    clashes: tuple[Clash, ...] = ()


class Clash(NamedTuple):
    """A label that waits because its page has another label of the same model and variant."""

    source_id: str
    label: str
    other: str
    model_id: str
    capture_id: str

    def __str__(self) -> str:
        """Say which labels, in which capture, and of which model."""
        where = f"{self.source_id}, capture {self.capture_id}"
        return f"{where}: expected one label of {self.model_id}; found {self.label!r} beside {self.other!r}"


class Span(NamedTuple):
    """A match with its validity, half open."""

    valid_from: date | None
    valid_to: date | None
    match: Match


class Suggestion(NamedTuple):
    """A waiting label and a model it might mean, for a person to accept or not."""

    label: str
    source_id: str
    n_rows: int
    provisional_model_id: str
    model_id: str | None
    score: float | None
    why: str | None


class Seen(NamedTuple):
    """A label as one source uses it."""

    source_id: str
    label: str
    n_rows: int
    first_at: datetime
    last_at: datetime


class Imported(NamedTuple):
    """A model that a source imported: the id it gave, its facts, its labels, and when it was first imported."""

    source_id: str
    given_id: str
    facts: dict[str, Any]
    labels: frozenset[str]
    first_at: datetime


def resolve(con: duckdb.DuckDBPyConnection) -> Resolution:
    """Rewrite core.labels, meta.unresolved_labels and reference.imported_models from what the store holds.

    One transaction. The spans of a label in a source cover all time without overlap, so that a row joins exactly once.
    """
    started = time.perf_counter()
    seen, days = _read_labels(con), Days(con)
    registry, aliases = _read_reference(con)
    imports = _read_imports(con)
    final = _settle_imported_ids(days, seen, registry, aliases, imports)
    identities = _identities(registry, aliases, imports, final)
    spans = {key: list(_spans(days, identities, label)) for key, label in seen.items()}
    _part_by_date(identities, spans)
    clashes = _part_clashes(con, spans)
    _write(con, days, identities, spans, seen, _imported_rows(imports, final), clashes)
    methods = [{span.match.method for span in found} for found in spans.values()]
    n_provisional = sum("provisional" in found for found in methods)
    n_rule = sum("rule" in found and "provisional" not in found for found in methods)
    n_exact = len(spans) - n_provisional - n_rule
    seconds = time.perf_counter() - started
    return Resolution(len(spans), n_exact, n_rule, n_provisional, seconds, tuple(clashes.values()))


def known_names(con: duckdb.DuckDBPyConnection) -> Identities:
    """Return what the registry and the aliases know, without what sources imported."""
    return _identities(*_read_reference(con), {}, {})


def suggest(con: duckdb.DuckDBPyConnection) -> list[Suggestion]:
    """Return the waiting labels with the models they might mean, those with most rows first."""
    rows = con.execute(
        "select label, source_id, n_rows, provisional_model_id, candidates::varchar from meta.unresolved_labels"
        " order by n_rows desc, source_id, label"
    ).fetchall()
    found = []
    for label, source_id, n_rows, provisional, text in rows:
        for one in json.loads(text) or [{"model_id": None, "score": None, "why": None}]:
            found.append(Suggestion(label, source_id, n_rows, provisional, one["model_id"], one["score"], one["why"]))
    return found


def _read_labels(con: duckdb.DuckDBPyConnection) -> dict[Key, Seen]:
    rows = con.execute(
        f"""with {LATEST}, {_OBSERVED}
        select source_id, label, count(*), min(captured_at), max(captured_at) from observed
        group by source_id, label order by source_id, label"""
    ).fetchall()
    return {(row[0], row[1]): Seen(*row) for row in rows}


def _read_reference(con: duckdb.DuckDBPyConnection) -> tuple[Registry, list[Alias]]:
    """Return the registry and the aliases; neither after `import --no-registry`."""
    settings = dict(con.execute("select name, value from raw.settings").fetchall())
    if settings.get("registry", "true").lower() == "false":
        return {}, []
    columns = ("model_id", "name", "organization_id", "released_on", "access", "is_reasoning", "is_base")
    rows = con.execute(f"select {', '.join(columns)} from reference.models order by model_id").fetchall()
    lines = con.execute(
        "select label, nullif(source_id, ''), valid_from, valid_to, model_id, nullif(variant, '')"
        " from reference.aliases order by all"
    ).fetchall()
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}, [Alias(*line) for line in lines]


def _read_imports(con: duckdb.DuckDBPyConnection) -> dict[Key, Imported]:
    """Return the imported models, the first imported first; of several rows of a model the newest states its facts."""
    rows = con.execute(
        f"""with {LATEST}
        select source_id, model_id, model_label, captured_at, {", ".join(_FACTS)} from raw.models
        where reading_id in (select reading_id from latest)
            and source_id not in (select source_id from meta.sources where kind <> 'import')
        order by captured_at, source_id, model_id, capture_id, row_locator"""
    ).fetchall()
    imports: dict[Key, Imported] = {}
    for source_id, given_id, label, captured_at, *facts in rows:
        old = imports.get((source_id, given_id))
        imports[source_id, given_id] = Imported(
            source_id,
            given_id,
            dict(zip(_FACTS, facts, strict=True)),
            frozenset({label}) | (old.labels if old else frozenset()),
            old.first_at if old else captured_at,
        )
    return dict(sorted(imports.items(), key=lambda item: (item[1].first_at, item[0])))


def _settle_imported_ids(
    days: Days,
    seen: Mapping[Key, Seen],
    registry: Registry,
    aliases: Sequence[Alias],
    imports: Mapping[Key, Imported],
) -> dict[Key, str]:
    """Return the id each imported model goes by: the given one, or 'SOURCE.ID' where that means another model already.

    An id of the registry is free to be taken over as long as no other source's label means it.
    """
    importers = {source_id for source_id, _ in imports}
    clashing = {m.given_id for m in imports.values() if _differ(registry.get(m.given_id, {}), m.facts)}
    taken: dict[str, Mapping[str, Any]] = {}
    if clashing:
        others = _identities(registry, aliases, {}, {})
        for label in seen.values():
            if label.source_id not in importers:
                used = clashing & {span.match.model_id for span in _spans(days, others, label)}
                taken |= {model_id: registry[model_id] for model_id in used}
    final = {}
    for key, model in imports.items():
        is_another = _differ(taken.get(model.given_id, {}), model.facts)
        prefix = f"{model.source_id.replace('_', '-')}." if is_another else ""
        final[key] = prefix + model.given_id
        taken.setdefault(model.given_id, model.facts)
    return final


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two models of one id cannot be the same: both state a fact, and not the same."""
    pairs = [(one.get(fact), other.get(fact)) for fact in ("released_on", "organization_id", "access")]
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _imported_rows(imports: Mapping[Key, Imported], final: Mapping[Key, str]) -> list[tuple[Any, ...]]:
    """Return one row per imported model; what one import leaves open, another of the same model may state."""
    rows: dict[str, dict[str, Any]] = {}
    for key, model in imports.items():
        new = {"source_id": model.source_id, "model_id": final[key]} | model.facts
        old = rows.get(final[key], new)
        rows[final[key]] = {column: new[column] if value is None else value for column, value in old.items()}
    return [tuple(rows[model_id].values()) for model_id in sorted(rows)]


def _identities(
    registry: Registry, aliases: Sequence[Alias], imports: Mapping[Key, Imported], final: Mapping[Key, str]
) -> Identities:
    names, imported = Names(), defaultdict[str, Names](Names)
    for model_id, row in registry.items():
        names.add(model_id, [row["name"]], row)
    for key, model in imports.items():
        given = [model.given_id, model.facts["name"], *sorted(model.labels)]
        imported[model.source_id].add(final[key], given, model.facts)
    exact, loose = defaultdict[Any, list[Alias]](list), defaultdict[Any, list[Alias]](list)
    known = set(registry) | set(final.values())
    for alias in aliases:
        if alias.model_id not in known:
            log.warning("alias %r points to %r, which is no known model: not used", alias.label, alias.model_id)
            continue
        exact[alias.source_id, name_key(alias.label)].append(alias)
        loose[alias.source_id, loose_key(alias.label)].append(alias)
    return Identities(names, dict(imported), dict(exact), dict(loose))


def _spans(days: Days, identities: Identities, seen: Seen) -> Iterator[Span]:
    """Yield the meanings of a label in the order of time.

    A stretch that no alias covers and in which the source has no row takes the meaning of the stretch before it, or after:
    a provisional model without a row would help nobody.
    """
    points = identities.turning_points(seen.label, seen.source_id)
    starts = [None, *points]
    hits = [identities.at(seen.label, seen.source_id, start or date.min) for start in starts]
    found = [hit[0] if hit else None for hit in hits]
    if None in found and any(found):
        used = {sum(point <= row[0] for point in points) for row in days.of(seen)}
        for i in range(len(found)):
            if found[i] is None and i not in used:
                found[i] = next((match for match in (*reversed(found[:i]), *found[i:]) if match), None)
    changes = [i for i in range(len(found)) if i == 0 or found[i] != found[i - 1]]
    for i, end in zip(changes, [*changes[1:], None], strict=True):
        yield Span(starts[i], starts[end] if end else None, found[i] or WAITING)


class Days:
    """The days of each label's rows, with their number and the first and last capture; asked of the store once, if at all."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep the store for when the first label asks."""
        self.con = con
        self.rows: dict[Key, list[tuple[date, int, datetime, datetime]]] = {}

    def of(self, seen: Seen) -> list[tuple[date, int, datetime, datetime]]:
        """Return the days of a label in the order of time."""
        if not self.rows:
            found = self.con.execute(
                f"""with {LATEST}, {_OBSERVED}
                select source_id, label, day, count(*), min(captured_at), max(captured_at) from observed
                group by source_id, label, day order by source_id, label, day"""
            ).fetchall()
            for source_id, label, *row in found:
                self.rows.setdefault((source_id, label), []).append(tuple(row))
        return self.rows[seen.source_id, seen.label]


def _part_by_date(identities: Identities, spans: dict[Key, list[Span]]) -> None:
    """Undo the rules that took dates off where labels with several dates come to one model: Reka-Core-20240501 and -0722."""
    stripped = defaultdict[str, dict[Key, str]](dict)
    for key, found in spans.items():
        for span in found:
            hit = identities.at(key[1], key[0], span.valid_from or date.min)
            if hit and hit[0] == span.match and hit[1].cut:
                stripped[span.match.model_id][key] = hit[1].cut[-1]
    for cuts in stripped.values():
        if _are_several(set(cuts.values())):
            spans |= {key: [Span(None, None, WAITING)] for key in cuts}


def _are_several(cuts: Collection[str]) -> bool:
    """Return whether the dates cannot all be one: 0912 and 20240912 can."""
    longest = max(cuts, key=len)
    return any(not longest.endswith(cut) for cut in cuts)


def _part_clashes(con: duckdb.DuckDBPyConnection, spans: dict[Key, list[Span]]) -> dict[Key, Clash]:
    """Return the labels that wait because a page has another label of the same model and variant, and make them wait.

    Of two such labels the one that is the model's own id stays, and the other waits; both wait if neither is. What an
    import itself called one model is one. Names of hosts and vendors before a name make no other label.
    """
    clashes: dict[Key, Clash] = {}
    for source_id, capture_id, day, *both in _listed_together(con, spans):
        keys = [(source_id, label) for label in both]
        one, other = (_meaning(spans[key], day) for key in keys)
        if one == WAITING or one[:2] != other[:2] or one.method == other.method == "imported":
            continue
        own = [labels.loose_key(one.model_id) in labels.plain_keys(label) for label in both]
        for key, is_own in zip(keys, own, strict=True):
            if own[0] == own[1] or not is_own:
                clashes.setdefault(key, Clash(*key, both[key[1] == both[0]], one.model_id, capture_id))
    for key, clash in clashes.items():
        log.warning("resolve: %s", clash)
        spans[key] = [Span(None, None, WAITING)]
    return clashes


def _meaning(spans: Sequence[Span], day: date) -> Match:
    ends = [(span.valid_from or date.min, span.valid_to or date.max, span.match) for span in spans]
    return next(match for start, end, match in ends if start <= day < end or end == date.max)


def _listed_together(
    con: duckdb.DuckDBPyConnection, spans: Mapping[Key, Sequence[Span]]
) -> list[tuple[str, str, date, str, str]]:
    """Return source, capture, day and two labels of one model and variant that one page has side by side.

    Side by side: of one benchmark and variant, or with different prices of one provider, kind and tier on one day.
    """
    groups = defaultdict[Any, set[str]](set)
    for (source_id, label), found in spans.items():
        for span in found:
            if span.match != WAITING:
                groups[source_id, span.match.model_id, span.match.variant].add(label)
    named = [
        (source_id, label, number)
        for number, ((source_id, *_), found) in enumerate(groups.items())
        if len(found) > 1
        for label in sorted(found)
    ]
    if not named:
        return []
    columns = [list(column) for column in zip(*named, strict=True)]
    pairs = con.execute(
        f"""with {LATEST}, named as (
            select unnest(?::varchar[]) as source_id, unnest(?::varchar[]) as model_label,
                unnest(?::integer[]) as number
        ), listed as (
            select source_id, capture_id, {_DAYS["scores"]} as day, number, model_label,
                concat_ws('|', benchmark_id, variant) as place, null as said
            from raw.scores join named using (source_id, model_label)
            where reading_id in (select reading_id from latest)
            union all
            select source_id, capture_id, {_DAYS["prices"]}, number, model_label,
                concat_ws('|', provider_id, token_kind, coalesce(tier, '-'), {_DAYS["prices"]}), usd_per_mtok
            from raw.prices join named using (source_id, model_label)
            where reading_id in (select reading_id from latest) and provider_id <> 'unstated'  -- that may be several
        )
        select one.source_id, min(one.capture_id), min(one.day), one.model_label, other.model_label
        from listed as one join listed as other using (source_id, capture_id, number, place)
        where one.model_label < other.model_label and (one.said is null or one.said <> other.said)
        group by all order by all""",
        columns,
    ).fetchall()
    return [pair for pair in pairs if not labels.plain_keys(pair[3]) & labels.plain_keys(pair[4])]


def provisional_ids(seen: Iterable[Seen]) -> dict[str, str]:
    """Return a provisional id per label; of two labels with one slug the first seen keeps it, the other gets a hash."""
    first: dict[str, datetime] = {}
    for label in seen:
        first[label.label] = min(label.first_at, first.get(label.label, label.first_at))
    owner: dict[str, str] = {}
    for text in sorted(first, key=lambda text: (first[text], text)):
        plain = UNRESOLVED + labels.slug(text)
        owner[f"{plain}-{labels.short_hash(text)}" if plain in owner else plain] = text
    return {text: model_id for model_id, text in owner.items()}


def _write(
    con: duckdb.DuckDBPyConnection,
    days: Days,
    identities: Identities,
    spans: Mapping[Key, Sequence[Span]],
    seen: Mapping[Key, Seen],
    imported: Sequence[tuple[Any, ...]],
    clashes: Mapping[Key, Clash],
) -> None:
    waiting = [key for key, found in spans.items() if any(span.match == WAITING for span in found)]
    ids = provisional_ids(seen[key] for key in waiting)
    candidates = Candidates(identities)
    rows = [
        (label, source_id, start, end, match.model_id or ids[label], match.variant, match.method, match == WAITING)
        for (source_id, label), found in spans.items()
        for start, end, match in found
    ]
    queue = [
        (
            label,
            source,
            *_extent(days, seen[source, label], spans[source, label]),
            ids[label],
            _reasons(clashes.get((source, label))) + candidates.of(label, source, seen[source, label].first_at.date()),
        )
        for source, label in waiting
    ]
    con.begin()
    try:
        _replace(con, "core.labels", rows)
        _replace(con, "meta.unresolved_labels", [(*row[:-1], json.dumps(row[-1])) for row in queue])
        _replace(con, "reference.imported_models", imported)
    except BaseException:
        con.rollback()
        raise
    con.commit()


def _reasons(clash: Clash | None) -> list[dict[str, Any]]:
    """Return the candidate that a clash is about, with the other label and the capture."""
    if not clash:
        return []
    why = f"clash: {clash.other!r} of capture {clash.capture_id} is this model too"
    return [{"model_id": clash.model_id, "score": 1.0, "why": why}]


def _extent(days: Days, seen: Seen, spans: Sequence[Span]) -> tuple[int, datetime, datetime]:
    """Return how many rows wait under a label, and their first and last capture."""
    if len(spans) == 1:
        return seen.n_rows, seen.first_at, seen.last_at
    ends = [(span.valid_from or date.min, span.valid_to or date.max) for span in spans if span.match == WAITING]
    rows = [row for row in days.of(seen) if any(start <= row[0] < end for start, end in ends)]
    return sum(row[1] for row in rows), min(row[2] for row in rows), max(row[3] for row in rows)


def _replace(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Replace a table's rows, in one statement with a list per column (row by row is a hundred times slower)."""
    con.execute(f"delete from {table}")
    types = con.execute(
        "select data_type from information_schema.columns where table_schema || '.' || table_name = ?"
        " order by ordinal_position",
        [table],
    ).fetchall()
    if rows:
        values = ", ".join(f"unnest(?::{kind}[])" for (kind,) in types)
        con.execute(f"insert into {table} select {values}", [list(column) for column in zip(*rows, strict=True)])

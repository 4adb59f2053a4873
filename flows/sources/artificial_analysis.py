"""Artificial Analysis: speed, price and its own runs of benchmarks for each model, through its documented API.

The API (`/api/v2/data/llms/models`, with a key) answers a list under 'data'; scrapers of the site keep flat rows of the same
figures. Scores are fractions, but for the long-context one of the site's rows. Speed and price are the medians of the
providers of a model. The composite indices (intelligence, coding, agentic, math) are left out: their make-up changed with
each version and the answer does not name the version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, ModelFact, Observation, Price, Rejected, Score, Source, Speed, days
from flows.sources._feeds import Entry, amount_of, load, path, read_entries, text_of
from flows.tables import Page
from flows.values import read_date, squash

SOURCE = Source(
    id="artificial_analysis",
    title="Artificial Analysis: speed, price and quality of models",
    kind="speeds",
    urls=("https://artificialanalysis.ai/api/v2/data/llms/models",),
    former_urls=("https://artificialanalysis.ai/",),
    publisher="Artificial Analysis",
    licence="proprietary; attribution required, no redistribution of the data",
    attribution="https://artificialanalysis.ai/",
    may_republish=False,
    min_rows=100,
    expects={
        "scores": Expect(unit="percent", low=0, high=100),
        "speeds": Expect(low=0.1, high=20_000, max_ratio=100),
        "prices": Expect(low=0, high=1_000, max_ratio=100),  # the set of providers changes
        "models": Expect(),
    },
    cadence=days(7),
    page_is="history",  # the site drops old models from its list; what it measured of them stands
    precedence=20,
    headers={"x-api-key": "{key}"},
    key_env="ARTIFICIAL_ANALYSIS_API_KEY",
)
_BLEND = ("input", "output", "blended")
_PROVIDER = "artificial-analysis"  # the median of all providers, so none of them

_BENCHMARKS: Mapping[str, str] = {
    "mmlu_pro": "mmlu_pro",
    "gpqa": "gpqa_diamond",
    "hle": "hle_text_only",  # methodology, 2025: the text-only questions
    "livecodebench": "livecodebench",
    "scicode": "scicode",
    "math_500": "math_500",
    "aime": "aime_2024",
    "aime_25": "aime_2025",
    "aime25": "aime_2025",
    "ifbench": "ifbench",
    "lcr": "aa_lcr",
    "terminalbench_hard": "terminal_bench_hard",
    "tau2": "tau2_bench_telecom",
}
# Composite indices, and words of the site's rows that are no scores.
_BESIDE = {"ii", "ii_est", "coding", "agentic", "math", "cost"}
_ROW = {
    "slug", "name", "creator", "params", "active", "open", "openness", "reasoning", "release", "license", "url",
    "speed", "ttft", "price", "price_in", "price_out", "context",
}  # fmt: skip


class Shape(NamedTuple):
    """Where an answer has its figures: the keys that lead to them from an entry."""

    scores: tuple[str, ...]
    percent: frozenset[str]
    prices: Mapping[str, tuple[str, ...]]
    speed: tuple[str, ...]
    ttft: tuple[str, ...]


_API = Shape(
    scores=("evaluations",),
    percent=frozenset(),
    prices={
        "input": ("pricing", "price_1m_input_tokens"),
        "output": ("pricing", "price_1m_output_tokens"),
        "blended": ("pricing", "price_1m_blended_3_to_1"),
    },
    speed=("median_output_tokens_per_second",),
    ttft=("median_time_to_first_token_seconds",),
)
_SITE = Shape(
    scores=(),
    percent=frozenset({"lcr"}),
    prices={"input": ("price_in",), "output": ("price_out",), "blended": ("price",)},
    speed=("speed",),
    ttft=("ttft",),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield scores, prices, speed and facts of every model."""
    answer = load(page)
    items, at = (answer.get("data"), "$['data']") if isinstance(answer, dict) else (answer, "$")
    if not isinstance(items, list) or not any(isinstance(item, dict) for item in items):
        raise LayoutChanged(page.place, "a list of models, alone or under 'data'", repr(answer)[:80])
    shape = _API if any("evaluations" in item for item in items if isinstance(item, dict)) else _SITE
    _check_shape(shape, items, page)
    labels = _labels(items)
    entries: list[Entry] = [(labels[n], item, f"{at}[{n}]") for n, item in enumerate(items)]

    def parse(label: str, item: Mapping[str, Any], at: str) -> Iterator[Observation]:
        yield from _scores(label, item, at, shape)
        yield from _prices(label, item, at, shape)
        yield from _speed(label, item, at, shape)
        yield from _facts(label, item, at)

    yield from read_entries(page, entries, parse, into="scores")
    yield from _unknown(items, shape, at)


def _check_shape(shape: Shape, items: list[Any], page: Page) -> None:
    """Raise LayoutChanged if no model has a price of a kind, a speed or a score, or answers begin later than they are long."""
    known = [item for item in items if isinstance(item, dict)]
    wanted = {"speed": [shape.speed], "score": _score_paths(shape)}
    wanted |= {f"{kind} price": [keys] for kind, keys in shape.prices.items()}
    for what, paths in wanted.items():
        if not any(_value(item, keys) is not None for item in known for keys in paths):
            raise LayoutChanged(page.place, f"a {what} in any of {len(known)} models", f"keys {sorted(known[0])}")
    speeds, waits = ([v for item in known if _is_plain(v := _value(item, k)) and v] for k in (shape.speed, shape.ttft))
    if speeds and waits and median(waits) > median(speeds):
        found = f"{median(waits)} and {median(speeds)}: exchanged"
        raise LayoutChanged(page.place, "seconds to the first token under tokens per second, in the median", found)


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _score_paths(shape: Shape) -> list[tuple[str, ...]]:
    return [(*shape.scores, key) for key in _BENCHMARKS]


def _labels(items: list[Any]) -> list[str | None]:
    """Return each model's name, with what tells it from others: preview, not reasoning, reasoning; else its slug.

    The site writes 'DeepSeek V4 Pro' for the model that does not think beside 'DeepSeek V4 Pro (high)' for the one that
    does, and 'Grok 2' with an address that says more.
    """
    known = [item if isinstance(item, dict) else {} for item in items]
    names = [_named(item) for item in known]
    thinking = {
        name.partition(" (")[0] for name, item in zip(names, known, strict=True) if name and item.get("reasoning")
    }
    names = _told_apart(names, [_mode(item) for item in known])
    names = [
        f"{name} (Non-reasoning)" if item.get("reasoning") is False and name in thinking else name
        for name, item in zip(names, known, strict=True)
    ]
    return _told_apart(names, [str(item.get("slug")) for item in known])


def _named(item: Mapping[str, Any]) -> str | None:
    name, slug = squash(str(item.get("name") or "")), str(item.get("slug"))
    if name and "preview" in slug and "(" not in name and "preview" not in name.lower():
        return f"{name} [{slug}]"
    return name or None


def _told_apart(names: list[str | None], words: list[str | None]) -> list[str | None]:
    """Return the names, those that stand several times with their word."""
    often = Counter(names)
    return [f"{n} ({word})" if n and word and often[n] > 1 else n for n, word in zip(names, words, strict=True)]


def _mode(item: Mapping[str, Any]) -> str | None:
    is_reasoning = item.get("reasoning")
    return None if is_reasoning is None else "Reasoning" if is_reasoning else "Non-reasoning"


def _value(item: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return item


def _scores(label: str, item: Mapping[str, Any], at: str, shape: Shape) -> Iterator[Score]:
    for key, benchmark_id in _BENCHMARKS.items():
        keys = (*shape.scores, key)
        value = _number(_value(item, keys), path(*keys, within=at))
        if value is None:
            continue
        if key not in shape.percent:
            if not 0 <= value <= 1:
                raise BadRow(path(*keys, within=at), "a fraction from 0 to 1", str(value))
            value *= 100
        locator = path(*keys, within=at)
        yield Score(model_label=label, row_locator=locator, benchmark_id=benchmark_id, score=float(value))


def _number(value: Any, at: str) -> Decimal | None:
    if value is None:
        return None
    if not _is_plain(value) or value < 0:
        raise BadRow(at, "a number of zero or more", repr(value)[:80])
    return Decimal(value)


def _prices(label: str, item: Mapping[str, Any], at: str, shape: Shape) -> Iterator[Price]:
    _check_blend(item, at, shape)
    for kind, keys in shape.prices.items():
        locator = path(*keys, within=at)
        amount = amount_of(_value(item, keys), locator)
        if amount:  # 0 stands for a model that nobody sells
            yield Price(
                model_label=label,
                row_locator=locator,
                provider_id=_PROVIDER,
                token_kind=kind,  # type: ignore[arg-type]
                amount_original=amount,
                notes="median of its providers",
            )


def _check_blend(item: Mapping[str, Any], at: str, shape: Shape) -> None:
    """Raise BadRow if the blended price is not that of 3 input and 1 output tokens: a price has another unit, or place."""
    prices = (amount_of(_value(item, keys := shape.prices[k]), path(*keys, within=at)) for k in _BLEND)
    given, answered, blended = (price or Decimal(0) for price in prices)
    blend = (3 * given + answered) / 4
    if given and answered and blended and abs(blend - blended) > Decimal("0.05") * blend + Decimal("0.01"):
        raise BadRow(path(*shape.prices["blended"], within=at), f"about {blend:f}", str(blended))


def _speed(label: str, item: Mapping[str, Any], at: str, shape: Shape) -> Iterator[Speed]:
    speed, ttft = (_number(_value(item, keys), path(*keys, within=at)) for keys in (shape.speed, shape.ttft))
    if speed:  # 0 where nobody serves the model, or its speed is not measured
        yield Speed(
            model_label=label,
            row_locator=path(*shape.speed, within=at),
            provider_id=_PROVIDER,
            statistic="median",
            tokens_per_second=float(speed),
            ttft_seconds=float(ttft) if ttft else None,
            notes="median of its providers over the past 72 hours",
        )


def _facts(label: str, item: Mapping[str, Any], at: str) -> Iterator[ModelFact]:
    released = item.get("release") or item.get("release_date")
    context, total, active = (item.get(key) for key in ("context", "params", "active"))
    is_open, is_reasoning = (_truth(item, key, at) for key in ("open", "reasoning"))
    yield ModelFact(
        model_label=label,
        row_locator=at,
        model_id=text_of(item, "slug", at).lower(),
        name=text_of(item, "name", at),
        released_on=read_date(str(released)) if released else None,
        access=None if is_open is None else "open" if is_open else "closed",
        licence=text_of(item, "license", at) if item.get("license") is not None else None,
        params_total_b=None if total is None else float(total),
        params_active_b=None if active is None else float(active),
        is_reasoning=is_reasoning,
        context_tokens=None if context is None else int(context),
    )


def _truth(item: Mapping[str, Any], key: str, at: str) -> bool | None:
    value = item.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadRow(path(key, within=at), "true, false or null", repr(value)[:80])
    return value


def _unknown(items: list[Any], shape: Shape, at: str) -> Iterator[Rejected]:
    """Yield one Rejected for each score that has no benchmark here: said once, not once a model."""
    found = Counter(
        key
        for item in items
        if isinstance(item, dict)
        for key, value in (_value(item, shape.scores) or {} if shape.scores else item).items()
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
    )
    known = {*_BENCHMARKS, *_BESIDE, *_ROW}
    for key in sorted(key for key in found if key not in known and not key.startswith("artificial_analysis_")):
        reason = f"{at}: expected a benchmark that is known; found {key!r} in {found[key]} models"
        yield Rejected(table="scores", row_locator=path("*", *shape.scores, key, within=at), reason=reason)

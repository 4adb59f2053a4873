"""What a reader yields: one frozen record per observation, and the declaration of its source.

The fields are the columns of the raw tables that a page can fill; load adds source, capture and reading. A reader never
converts money or guesses a missing figure: `amount_original`, `currency` and `unit_original` are as the page has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from flows.tables import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The part every observation shares.

    `model_label` is the page's own words; `row_locator` says where on the page; `source_url` is the row's own source where
    it has one, else None and the page's address is used.
    """

    table: ClassVar[str]
    model_label: str
    row_locator: str
    source_url: str | None = None
    is_estimate: bool = False
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Observation):
    """A benchmark score, in the benchmark's own unit (percent benchmarks: 0 to 100)."""

    table: ClassVar[str] = "scores"
    benchmark_id: str
    score: float
    variant: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    n_samples: int | None = None
    reported_by: Literal["independent", "vendor"] = "independent"
    is_contaminated: bool = False
    measured_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Observation):
    """A price as published; conversion to US dollars per million tokens happens once, after reading.

    `effective_on` is the day it became valid, where that is told; `seen_on` a day it was already valid, for a price whose
    beginning is not known; `ends_on` the first day it was no longer on offer.
    """

    table: ClassVar[str] = "prices"
    provider_id: str
    token_kind: Literal["input", "output", "cached_input", "cache_write", "blended"]
    amount_original: Decimal
    currency: str = "USD"
    unit_original: str = "per_mtok"
    tier: str | None = None
    effective_on: date | None = None
    seen_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed(Observation):
    """Output speed in tokens per second, or a range of it, and the time to the first token in seconds."""

    table: ClassVar[str] = "speeds"
    provider_id: str
    statistic: Literal["median", "mean", "single"]
    tokens_per_second: float | None = None
    tokens_per_second_low: float | None = None
    tokens_per_second_high: float | None = None
    ttft_seconds: float | None = None
    region: str | None = None
    prompt_tokens: int | None = None
    measured_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost(Observation):
    """What one run of a benchmark took: dollars for all cases, seconds per case, tokens for all cases."""

    table: ClassVar[str] = "run_costs"
    benchmark_id: str
    variant: str | None = None
    total_cost_usd: Decimal | None = None
    n_cases: int | None = None
    seconds_per_case: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    measured_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFact(Observation):
    """What is known of a model itself; parameters in billions."""

    table: ClassVar[str] = "models"
    model_id: str
    name: str | None = None
    organization_id: str | None = None
    family: str | None = None
    released_on: date | None = None
    access: Literal["open", "closed"] | None = None
    licence: str | None = None
    params_total_b: float | None = None
    params_active_b: float | None = None
    params_low_b: float | None = None
    params_high_b: float | None = None
    is_reasoning: bool | None = None
    is_base: bool | None = None
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row its reader could not make an observation of; it goes to quarantine with the reason."""

    table: str
    row_locator: str
    reason: str
    model_label: str | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


OBSERVATIONS: Mapping[str, type[Observation]] = {kind.table: kind for kind in (Score, Price, Speed, RunCost, ModelFact)}


def days(n: float) -> timedelta:
    """Return `n` days, for the cadence in a source's declaration."""
    return timedelta(days=n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What one observation table of a source must look like.

    `low` and `high` bound the values (score, US dollars per million tokens, tokens per second) in the source's unit. A row
    outside goes to quarantine. `unit` 'percent' also catches a page that turned to fractions. Change checks compare with
    the nearest earlier capture of the same page: `max_shrink` (share of rows gone) and `max_vanished` (share of models
    gone) fail the source, `max_ratio` (a value moved more than so many times) quarantines the row. `is_volatile`, of a
    feed of many hands: values honestly move so far, or to zero, in months, and rare tiers go; that only warns.
    """

    low: float | None = None
    high: float | None = None
    unit: str | None = None
    max_shrink: float = 0.5
    max_vanished: float = 0.5
    max_ratio: float = 10.0
    is_volatile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The declaration of a source: what it is, where, how often, under which licence, and what it must hold.

    `page_is` 'snapshot': what is gone from the latest capture is withdrawn from that day on; 'history': the page lists its
    own past. `former_urls` are addresses the page had before: known in stored captures, never fetched. `min_rows` is the
    least number of observations a capture must give. `precedence`: lower wins where sources disagree (10 the page of the one
    who sets the price or runs the benchmark, 20 collections and feeds, 25 vendors' own tables, 30 reference).
    `attribution` is what the licence asks to be said. `key_env` names the environment variable that holds an API key,
    which goes where a header says '{key}'; without it the source is skipped. `needs_browser`: a script makes the page.
    `not_live` says why nothing can be read at its addresses any more: only captures of the past are read.
    """

    id: str
    title: str
    kind: Literal["leaderboard", "vendor", "pricing", "feed", "speeds", "reference", "import"]
    urls: tuple[str, ...]
    publisher: str
    licence: str
    may_republish: bool
    min_rows: int
    expects: Mapping[str, Expect]
    former_urls: tuple[str, ...] = ()
    cadence: timedelta = timedelta(days=7)
    page_is: Literal["snapshot", "history"] = "snapshot"
    reader_version: int = 1
    precedence: int = 10
    tolerance: float = 0.05
    headers: Mapping[str, str] = field(default_factory=dict)
    attribution: str | None = None
    key_env: str | None = None
    needs_browser: bool = False
    not_live: str | None = None


class Reader(Protocol):
    """A source module: its declaration and its pure reading function."""

    SOURCE: Source

    def read(self, page: Page) -> Iterator[Observation | Rejected]:
        """Yield what the page says, row by row."""
        ...

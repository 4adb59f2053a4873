"""One suite per observation table; each expectation fails its rows (quarantine) or only warns.

A check is (expectation type, its arguments, 'fail' or 'warn'). The runner in validate.py gives the frames these columns
beside the raw ones: `scale_min` and `scale_max` (the benchmark's), `low` and `high` (the source's own bounds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SLUG = r"^[a-z0-9][a-z0-9_.\-]*\Z"
_MODEL_ID = r"^[a-z0-9][a-z0-9.\-]*\Z"
_MOST = 2**31 - 1  # what an integer column holds


@dataclass(frozen=True)
class Check:
    """One expectation: its Great Expectations type, arguments, and whether its rows fail or warn."""

    type: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "fail"


def _present(column: str) -> Check:
    return Check("ExpectColumnValuesToNotBeNull", {"column": column})


def _among(column: str, *values: str) -> Check:
    return Check("ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)})


def _between(column: str, low: float | None, high: float | None, severity: str = "fail") -> Check:
    return Check("ExpectColumnValuesToBeBetween", {"column": column, "min_value": low, "max_value": high}, severity)


def _ordered(greater: str, smaller: str, severity: str = "fail") -> Check:
    kwargs = {"column_A": greater, "column_B": smaller, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return Check("ExpectColumnPairValuesAToBeGreaterThanB", kwargs, severity)


_COMMON = (
    _present("model_label"),
    _present("row_locator"),
    Check("ExpectColumnValueLengthsToBeBetween", {"column": "model_label", "min_value": 1, "max_value": 200}),
)
_BENCHMARK = Check("ExpectColumnValuesToMatchRegex", {"column": "benchmark_id", "regex": SLUG})
_PROVIDER = Check("ExpectColumnValuesToMatchRegex", {"column": "provider_id", "regex": SLUG})

SUITES: Mapping[str, tuple[Check, ...]] = {
    "scores": (
        *_COMMON,
        _present("benchmark_id"),
        _BENCHMARK,
        _present("score"),
        _ordered("score", "scale_min"),
        _ordered("scale_max", "score"),
        _ordered("score", "low"),
        _ordered("high", "score"),
        _ordered("score", "ci_low"),
        _ordered("ci_high", "score"),
        _ordered("scale_max", "ci_high", severity="warn"),
        _ordered("ci_low", "scale_min", severity="warn"),
        _between("ci_level", 0.5, 0.999),
        _between("n_samples", 1, _MOST),
        _among("reported_by", "independent", "vendor"),
    ),
    "prices": (
        *_COMMON,
        _present("provider_id"),
        _PROVIDER,
        _present("usd_per_mtok"),
        _among("token_kind", "input", "output", "cached_input", "cache_write", "blended"),
        _ordered("usd_per_mtok", "low"),
        _ordered("high", "usd_per_mtok"),
        _between("usd_per_mtok", 0, 10_000),
        _between("fx_rate", 0.000001, 1_000),
    ),
    "speeds": (
        *_COMMON,
        _present("provider_id"),
        _PROVIDER,
        _among("statistic", "median", "mean", "single"),
        _between("tokens_per_second", 0.01, 100_000),
        _ordered("tokens_per_second", "low"),
        _ordered("high", "tokens_per_second"),
        _ordered("tokens_per_second_high", "tokens_per_second_low"),
        _between("tokens_per_second_low", 0, 100_000),
        _between("tokens_per_second_high", 0, 100_000),
        _ordered("tokens_per_second", "tokens_per_second_low"),
        _ordered("tokens_per_second_high", "tokens_per_second"),
        _between("ttft_seconds", 0, 3_600),
        _between("prompt_tokens", 1, _MOST),
    ),
    "run_costs": (
        *_COMMON,
        _present("benchmark_id"),
        _BENCHMARK,
        _between("total_cost_usd", 0, 1_000_000),
        _between("n_cases", 1, _MOST),
        _between("seconds_per_case", 0, 86_400),
        _between("prompt_tokens", 0, None),
        _between("completion_tokens", 0, None),
    ),
    "models": (
        *_COMMON,
        _present("model_id"),
        Check("ExpectColumnValuesToMatchRegex", {"column": "model_id", "regex": _MODEL_ID}),
        _among("access", "open", "closed"),
        _between("params_total_b", 0.001, 100_000),
        _between("params_active_b", 0.001, 100_000),
        _between("params_low_b", 0.001, 100_000),
        _between("params_high_b", 0.001, 100_000),
        _ordered("params_total_b", "params_active_b"),
        _ordered("params_high_b", "params_low_b"),
        _between("context_tokens", 1, 1_000_000_000),
    ),
}

_FACTS = (
    "name", "organization_id", "family", "released_on", "access", "licence", "params_total_b", "params_active_b",
    "params_low_b", "params_high_b", "is_reasoning", "is_base", "context_tokens",
)  # fmt: skip
_RUN = ("total_cost_usd", "seconds_per_case", "prompt_tokens", "completion_tokens")
_SPEED = ("tokens_per_second", "tokens_per_second_low", "tokens_per_second_high", "ttft_seconds")


@dataclass(frozen=True)
class Identity:
    """What makes two rows of one capture the same observation.

    Rows equal in all of `columns` are one row written twice. Rows equal in `key` must not differ in the `facts` that both
    state. A row without any of `figures` says nothing.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


_PRICE = ("model_label", "provider_id", "token_kind", "tier", "effective_on", "seen_on")
IDENTITY: Mapping[str, Identity] = {
    "scores": Identity(  # a board may list two runs of one model: that is no contradiction
        ("model_label", "benchmark_id", "variant", "reported_by", "score", "n_samples", "measured_on", "notes")
    ),
    "prices": Identity((*_PRICE, "usd_per_mtok"), _PRICE, ("usd_per_mtok",)),
    "speeds": Identity(
        ("model_label", "provider_id", "statistic", *_SPEED, "region", "prompt_tokens", "measured_on"), figures=_SPEED
    ),
    "run_costs": Identity(("model_label", "benchmark_id", "variant", *_RUN, "measured_on"), figures=_RUN),
    "models": Identity(("model_id", "model_label", *_FACTS), ("model_id",), _FACTS),
}

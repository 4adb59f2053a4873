"""The suites: which value of which column sends its row to quarantine, run through Great Expectations."""

from datetime import datetime
from decimal import Decimal

import pytest

from expectations.suites import IDENTITY, SUITES
from expectations.validate import validate
from flows.archive import Capture
from flows.read import Reading, column_types, to_frame
from flows.records import OBSERVATIONS, Expect, Source

ROWS = {
    "scores": {"benchmark_id": "quiz", "score": 71.0, "reported_by": "independent", "is_contaminated": False},
    "prices": {
        "provider_id": "p", "token_kind": "input", "usd_per_mtok": Decimal(3), "amount_original": Decimal(3), "currency": "USD",
        "unit_original": "per_mtok", "fx_rate": Decimal(1),
    },
    "speeds": {"provider_id": "p", "statistic": "mean", "tokens_per_second": 50.0},
    "run_costs": {"benchmark_id": "quiz", "total_cost_usd": Decimal(2)},
    "models": {"model_id": "own-1"},
}  # fmt: skip
SCALES = {"quiz": (0.0, 100.0), "arena": (None, None)}


def check(table, *given, expect=None):
    """Return the reading of a good row and one row for each of the given, after validation."""
    source = Source(
        id="test", title="Test", kind="leaderboard", urls=("https://example.org/",), publisher="test", licence="none",
        may_republish=True, min_rows=1, tolerance=1.0, expects={table: expect or Expect()},
    )  # fmt: skip
    rows = [
        ROWS[table] | {"model_label": f"M{n}", "row_locator": f"line {n}", "source_url": "https://example.org/"} | row
        for n, row in enumerate([{}, *given])
    ]
    rows = [
        row | ({"model_id": f"own-{n}"} | given[n - 1] if table == "models" and n else {}) for n, row in enumerate(rows)
    ]
    capture = Capture("test", "https://example.org/", datetime(2024, 7, 10), b"")
    reading = Reading(capture, 1, {table: to_frame(table, rows)}, rows_read=len(rows))
    return validate(reading, source, scales=SCALES)


BAD = [
    ("scores", {"score": 100.5}, "expected scale_max >= score; found 100.0 and 100.5"),
    ("scores", {"score": -0.1}, "expected score >= scale_min; found -0.1 and 0.0"),
    ("scores", {"score": None}, "expected a value in score"),
    ("scores", {"score": float("nan")}, "expected a finite score; found nan"),
    ("scores", {"score": float("inf"), "benchmark_id": "arena"}, "expected a finite score; found inf"),
    ("scores", {"ci_low": float("nan")}, "expected a finite ci_low; found nan"),
    ("scores", {"ci_low": 72.0}, "expected score >= ci_low; found 71.0 and 72.0"),
    ("scores", {"ci_high": 70.0}, "expected ci_high >= score; found 70.0 and 71.0"),
    ("scores", {"ci_level": 95.0}, "expected from 0.5 to 0.999 in ci_level; found"),
    ("scores", {"n_samples": 0}, "expected from 1 to 2147483647 in n_samples"),
    ("scores", {"n_samples": 2**31}, "expected from 1 to 2147483647 in n_samples"),
    ("scores", {"reported_by": "me"}, "expected one of 'independent', 'vendor' in reported_by; found 'me'"),
    ("scores", {"benchmark_id": "The Quiz"}, "expected a lower-case slug in benchmark_id; found 'The Quiz'"),
    ("scores", {"benchmark_id": "quiz\n"}, "expected a lower-case slug in benchmark_id"),
    ("scores", {"benchmark_id": None}, "expected a value in benchmark_id"),
    ("scores", {"model_label": ""}, "expected a text of 1 to 200 characters in model_label"),
    ("scores", {"model_label": "x" * 201}, "expected a text of 1 to 200 characters in model_label"),
    ("scores", {"model_label": None}, "expected a value in model_label"),
    ("prices", {"usd_per_mtok": Decimal(-1)}, "expected from 0 to 10000 in usd_per_mtok"),
    ("prices", {"usd_per_mtok": Decimal(10_001)}, "expected from 0 to 10000 in usd_per_mtok"),
    ("prices", {"usd_per_mtok": None}, "expected a value in usd_per_mtok"),
    ("prices", {"token_kind": "prompt"}, "expected one of 'input', 'output'"),
    ("prices", {"provider_id": "Own AI"}, "expected a lower-case slug in provider_id"),
    ("prices", {"fx_rate": Decimal(0)}, "expected from 1e-06 to 1000 in fx_rate"),
    ("speeds", {"tokens_per_second": 0.0}, "expected from 0.01 to 100000 in tokens_per_second"),
    ("speeds", {"tokens_per_second": 200_000.0}, "expected from 0.01 to 100000 in tokens_per_second"),
    ("speeds", {"tokens_per_second": None}, "expected a value in one of tokens_per_second"),
    ("speeds", {"tokens_per_second_low": 60.0, "tokens_per_second_high": 40.0}, "expected tokens_per_second_high >="),
    ("speeds", {"tokens_per_second_low": 60.0}, "expected tokens_per_second >= tokens_per_second_low"),
    ("speeds", {"ttft_seconds": 5_000.0}, "expected from 0 to 3600 in ttft_seconds"),
    ("speeds", {"statistic": "p95"}, "expected one of 'median', 'mean', 'single' in statistic"),
    ("run_costs", {"total_cost_usd": Decimal(-1)}, "expected from 0 to 1000000 in total_cost_usd"),
    ("run_costs", {"total_cost_usd": None, "n_cases": 10}, "expected a value in one of total_cost_usd"),
    ("run_costs", {"n_cases": 0}, "expected from 1 to 2147483647 in n_cases"),
    ("run_costs", {"seconds_per_case": 100_000.0}, "expected from 0 to 86400 in seconds_per_case"),
    ("models", {"model_id": "org/own"}, "expected a lower-case slug in model_id; found 'org/own'"),
    ("models", {"model_id": "own_2"}, "expected a lower-case slug in model_id"),
    ("models", {"access": "gated"}, "expected one of 'open', 'closed' in access"),
    ("models", {"params_total_b": 70_000_000_000.0}, "expected from 0.001 to 100000 in params_total_b"),
    ("models", {"params_total_b": 7.0, "params_active_b": 70.0}, "expected params_total_b >= params_active_b"),
    ("models", {"params_low_b": 9.0, "params_high_b": 8.0}, "expected params_high_b >= params_low_b"),
    ("models", {"context_tokens": 0}, "expected from 1 to 1000000000 in context_tokens"),
]


@pytest.mark.parametrize("table", OBSERVATIONS)
def test_a_value_that_cannot_be_sends_its_row_alone_to_quarantine_with_the_reason(table):
    cases = [(row, reason) for name, row, reason in BAD if name == table]
    reading = check(table, *(row for row, _ in cases))
    assert reading.state == "ok"
    assert reading.frames[table]["row_locator"].to_list() == ["line 0"]
    found = {row.row_locator: row.reason for row in reading.quarantine}
    for n, (row, reason) in enumerate(cases, 1):
        assert reason in found[f"line {n}"], row


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("scores", {"score": 0.0}),
        ("scores", {"score": 100.0, "ci_low": 98.0, "ci_high": 100.0, "ci_level": 0.95, "n_samples": 133}),
        ("scores", {"score": 99.0, "ci_low": 97.0, "ci_high": 101.0}),
        ("scores", {"score": 1287.5, "benchmark_id": "arena"}),
        ("scores", {"score": -3.0, "benchmark_id": "unheard_of"}),
        ("scores", {"model_label": "通义千问 2.5 (72B) 🦙", "variant": "whole, high"}),
        ("prices", {"usd_per_mtok": Decimal(0)}),
        ("prices", {"usd_per_mtok": Decimal("0.000001"), "tier": "batch, context>200k"}),
        ("prices", {"usd_per_mtok": Decimal(600)}),
        ("speeds", {"tokens_per_second": None, "tokens_per_second_low": 40.0, "tokens_per_second_high": 60.0}),
        ("speeds", {"tokens_per_second": None, "ttft_seconds": 0.3}),
        ("run_costs", {"total_cost_usd": None, "prompt_tokens": 3_000_000_000}),
        ("models", {"params_total_b": 46.7, "params_active_b": 12.9, "access": "open", "context_tokens": 32_768}),
        ("models", {"model_id": "gpt-3.5-turbo-0613", "is_reasoning": None}),
    ],
)
def test_a_value_that_can_be_is_accepted(table, row):
    reading = check(table, row)
    assert not reading.quarantine and reading.rows_accepted == 2


def test_the_bounds_of_a_source_are_its_own():
    reading = check("scores", {"score": 3000.0, "benchmark_id": "arena"}, expect=Expect(low=0, high=2000))
    assert [row.reason for row in reading.quarantine] == ["expected high >= score; found 2000.0 and 3000.0"]


def test_an_expectation_that_only_warns_is_recorded_and_keeps_its_row():
    reading = check("scores", {"score": 99.0, "ci_low": 97.0, "ci_high": 101.0})
    (warned,) = [result for result in reading.results if not result["is_success"]]
    assert (warned["severity"], warned["column_name"], warned["n_unexpected"], warned["n_rows"]) == (
        "warn", "scale_max, ci_high", 1, 2,
    )  # fmt: skip
    assert reading.rows_accepted == 2


@pytest.mark.parametrize("table", OBSERVATIONS)
def test_every_expectation_of_a_suite_leaves_a_result(table):
    reading = check(table)
    assert [(r["expectation"], r["severity"]) for r in reading.results] == [(c.type, c.severity) for c in SUITES[table]]
    assert all(r["is_success"] and r["n_rows"] == 1 and r["table_name"] == table for r in reading.results)


def test_every_observation_table_has_a_suite_and_an_identity_of_its_own_columns():
    assert SUITES.keys() == IDENTITY.keys() == OBSERVATIONS.keys()
    for table, checks in SUITES.items():
        known = {*column_types(table), "scale_min", "scale_max", "low", "high"}
        named = {v for c in checks for k, v in c.kwargs.items() if k in ("column", "column_A", "column_B")}
        identity = IDENTITY[table]
        assert named | {*identity.columns, *identity.key, *identity.facts, *identity.figures} <= known

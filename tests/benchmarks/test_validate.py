"""How long validation takes, beside Great Expectations alone on the same rows, and as the rows grow."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from expectations.validate import Earlier, validate
from flows.records import Expect
from tests.test_validate import DAY, reading, source

ROWS = 50_000


def made(n: int) -> list[dict]:
    return [
        {"model_label": f"M{i}", "row_locator": f"line {i}", "benchmark_id": f"quiz{i % 50}", "score": 40.0 + i % 40}
        | {"reported_by": "independent", "is_contaminated": False}
        for i in range(n)
    ]


def seconds(n: int, *, bad: int = 0) -> float:
    """Return how long it takes to check n rows against as many of the capture before, the best of two."""
    rows = made(n)
    for row in rows[:bad]:
        row["score"] = 4000.0
    before = Earlier("before", DAY - timedelta(days=7), reading({"scores": made(n)}).frames)
    times = []
    for _ in range(2):
        given = reading({"scores": rows})
        began = time.perf_counter()
        validate(given, source(scores=Expect(high=100)), earlier=before)
        times.append(time.perf_counter() - began)
        assert given.state == ("rejected" if bad else "ok")
    return min(times)


def suite_alone(n: int) -> float:
    from expectations.run_suite import FORMAT, as_pandas, batches, suite_of

    frame = as_pandas(reading({"scores": made(n)}).frames["scores"], "scores", Expect(high=100), {})
    times = []
    for _ in range(2):
        began = time.perf_counter()
        assert batches().get_batch({"dataframe": frame}).validate(suite_of("scores"), result_format=FORMAT).success
        times.append(time.perf_counter() - began)
    return min(times)


def test_checks_cost_little_beside_the_suite_they_run():
    alone, ours = suite_alone(ROWS), seconds(ROWS)
    assert ours < 6 * alone + 0.5, f"{ours:.2f} s beside {alone:.2f} s"


def test_ten_times_the_rows_take_at_most_some_ten_times_as_long():
    few, many = seconds(ROWS // 10), seconds(ROWS)
    assert many < 15 * few + 0.2, f"{many:.2f} s beside {few:.2f} s"


def test_a_capture_of_bad_rows_only_takes_no_longer_than_ten_good_ones():
    good, bad = seconds(ROWS // 5), seconds(ROWS // 5, bad=ROWS // 5)
    assert bad < 10 * good + 0.5, f"{bad:.2f} s beside {good:.2f} s"


@pytest.mark.benchmark
def test_validate_50k_scores(benchmark):
    frames = reading({"scores": made(ROWS)}).frames

    def fresh():
        given = reading({"scores": []})
        given.frames = dict(frames)
        return (given, source()), {}

    benchmark.pedantic(validate, setup=fresh, rounds=3)

"""Checks against the capture before: what shrank, vanished, jumped or turned to another unit."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from expectations.changes import compare
from flows.read import to_frame
from flows.records import Expect


def scores(*values, board="quiz", first=1, **given):
    return to_frame(
        "scores",
        [
            {
                "model_label": f"M{n}",
                "row_locator": f"line {n}",
                "benchmark_id": board,
                "score": v,
                "reported_by": "independent",
            }
            | given
            for n, v in enumerate(values, first)
        ],
    )


def prices(*amounts, **given):
    return to_frame(
        "prices",
        [
            {"model_label": f"M{n}", "row_locator": f"line {n}", "provider_id": "p", "token_kind": "input"}
            | {"usd_per_mtok": Decimal(str(v))}
            | given
            for n, v in enumerate(amounts, 1)
        ],
    )


def changes(table, before, after, expect=None, **options):
    return [(c.check_name, c.severity, c.rows) for c in compare(table, before, after, expect or Expect(), **options)]


TEN = [50.0 + n for n in range(10)]


def test_a_page_that_is_as_it_was_has_no_changes():
    assert changes("scores", scores(*TEN), scores(*TEN)) == []
    assert changes("prices", prices(1, 2, 3), prices(1, 2, 3)) == []


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (11, []),
        (9, [("rows_shrank", "warn"), ("models_vanished", "warn")]),
        (5, [("rows_shrank", "warn"), ("models_vanished", "warn")]),
        (4, [("rows_shrank", "fail"), ("models_vanished", "fail")]),
    ],
)
def test_losing_more_than_half_of_a_board_fails_and_less_only_warns(left, expected):
    after = scores(*[50.0 + n for n in range(left)])
    assert [c[:2] for c in changes("scores", scores(*TEN), after)] == expected
    assert {c[1] for c in changes("scores", scores(*TEN), after, is_recent=False)} <= {"warn"}
    assert {c[1] for c in changes("scores", scores(*TEN), after, Expect(max_shrink=1, max_vanished=1))} <= {"warn"}


def test_other_models_in_as_many_rows_fail_as_vanished():
    found = changes("scores", scores(*TEN), scores(*TEN, first=6))
    assert found == [("models_vanished", "warn", ())]
    assert changes("scores", scores(*TEN), scores(*TEN, first=7)) == [("models_vanished", "fail", ())]


@pytest.mark.parametrize(("before", "after"), [(2, 1), (3, 1), (4, 2)])
def test_a_small_board_may_lose_a_row_or_two(before, after):
    assert {c[1] for c in changes("scores", scores(*TEN[:before]), scores(*TEN[:after]))} == {"warn"}


def test_boards_are_compared_with_themselves():
    before = pl.concat([scores(*TEN, board="a"), scores(*TEN, board="b")])
    moved = scores(*TEN, board="a")
    assert changes("scores", before, moved) == [("board_vanished", "warn", ())]
    shrunk = pl.concat([scores(*TEN, board="a"), scores(*TEN[:3], board="b")])
    found = [c for c in compare("scores", before, shrunk, Expect()) if c.severity == "fail"]
    assert [c.check_name for c in found] == ["rows_shrank", "models_vanished"]
    assert all(c.detail.startswith("b: expected ") and c.subject == "b" for c in found)


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("scores", scores(*TEN), scores(*[v / 100 for v in TEN])),
        ("scores", scores(*[v / 100 for v in TEN]), scores(*TEN)),
        ("scores", scores(*TEN), scores(*[0.0] * 10)),
        ("prices", prices(1, 2, 3), prices("0.001", "0.002", "0.003")),
        ("prices", prices("0.001", "0.002", "0.003"), prices(1, 2, 3)),
        ("prices", prices(1, 2, 3), prices(0, 0, 0)),
    ],
)
def test_a_table_that_moved_to_another_unit_fails(table, before, after):
    assert ("magnitude_jumped", "fail", ()) in changes(table, before, after)
    assert ("magnitude_jumped", "fail", ()) in changes(table, before, after, is_recent=False)


def test_one_board_among_others_that_moved_to_another_unit_fails():
    before = pl.concat([scores(*TEN, board="a"), scores(*TEN[:3], board="b")])
    after = pl.concat([scores(*TEN, board="a"), scores(0.5, 0.51, 0.52, board="b")])
    assert ("magnitude_jumped", "fail", ()) in changes("scores", before, after)


def test_milliseconds_in_place_of_seconds_fail():
    rows = [
        {
            "model_label": f"M{n}",
            "row_locator": "l",
            "provider_id": "p",
            "statistic": "mean",
            "ttft_seconds": 0.3 + n / 10,
        }
        for n in range(4)
    ]
    after = [row | {"ttft_seconds": row["ttft_seconds"] * 1000} for row in rows]
    assert changes("speeds", to_frame("speeds", rows), to_frame("speeds", after)) == [("magnitude_jumped", "fail", ())]


@pytest.mark.parametrize(
    ("before", "after", "is_jump"),
    [
        (71.0, 0.71, True),
        (0.71, 71.0, True),
        (50.0, 5.0, True),
        (5.0, 50.0, True),
        (50.0, 5.1, False),
        (71.0, 0.0, True),
        (4.0, 0.0, False),
        (0.0, 71.0, False),
    ],
)
def test_a_score_that_moved_tenfold_condemns_its_row_alone(before, after, is_jump):
    found = changes("scores", scores(60.0, before, 62.0), scores(60.0, after, 62.0))
    assert found == [("value_jumped", "fail", (1,))] * is_jump


@pytest.mark.parametrize(
    ("before", "after", "is_jump"),
    [
        (3, 30, True),
        (30, 3, True),
        (3, "29.9", False),
        ("0.15", "1.5", True),
        (3, 0, True),
        (0, 3, False),
        (0, 0, False),
    ],
)
def test_a_price_that_moved_tenfold_or_to_nothing_condemns_its_row_alone(before, after, is_jump):
    found = changes("prices", prices(5, before, 7), prices(5, after, 7))
    assert found == [("value_jumped", "fail", (1,))] * is_jump
    assert changes("prices", prices(5, before, 7), prices(5, after, 7), Expect(max_ratio=1000)) == (
        found if after == 0 and before else []
    )


def test_a_price_is_compared_with_the_same_tier_kind_provider_and_day():
    for column, one, other in (
        ("tier", None, "batch"),
        ("token_kind", "input", "output"),
        ("provider_id", "p", "q"),
        ("effective_on", date(2024, 1, 1), date(2024, 2, 1)),
    ):
        assert changes("prices", prices(3, **{column: one}), prices(30, **{column: other})) == []


def test_rows_of_one_key_are_not_compared_since_none_can_be_told_from_the_other():
    twice = pl.concat([scores(71.0), scores(35.0)])
    assert changes("scores", twice, pl.concat([scores(0.71), scores(35.0)])) == []


def test_models_have_no_value_to_jump():
    rows = [{"model_label": f"M{n}", "row_locator": "l", "model_id": f"m{n}"} for n in range(8)]
    found = changes("models", to_frame("models", rows), to_frame("models", rows[:2]))
    assert [c[:2] for c in found] == [("rows_shrank", "fail"), ("models_vanished", "fail")]


def test_a_tier_that_lost_all_its_prices_fails_as_a_page_cut_before_it_would():
    both = pl.concat([prices(1, 2, 3, 4, 5, 6), prices(1, 2, 3, tier="batch")])
    found = changes("prices", both, prices(1, 2, 3, 4, 5, 6))
    assert ("tier_vanished", "fail", ()) in found
    assert ("tier_vanished", "warn", ()) in changes("prices", both, prices(1, 2, 3, 4, 5, 6), is_recent=False)
    assert "tier_vanished" not in {c[0] for c in changes("prices", both, both)}


def test_in_a_feed_of_many_hands_jumps_far_apart_and_tiers_of_a_few_models_only_warn():
    feed = Expect(max_ratio=100, is_volatile=True)
    before, after = prices(1, 2, 3, 4), prices(0.005, 2, 3, 0)
    assert changes("prices", before, after, feed) == [("value_jumped", "fail", (0,)), ("value_jumped", "fail", (3,))]
    assert {c[1:] for c in changes("prices", before, after, feed, is_recent=False)} == {("warn", ())}
    assert ("value_jumped", "fail", (0,)) in changes("prices", before, after, Expect(), is_recent=False)
    rare = pl.concat([prices(*range(1, 100)), prices(1, 2, 3, tier="context>32k")])
    common = pl.concat([prices(*range(1, 10)), prices(1, 2, 3, tier="batch")])
    assert ("tier_vanished", "warn", ()) in changes("prices", rare, prices(*range(1, 100)), feed)
    assert ("tier_vanished", "fail", ()) in changes("prices", rare, prices(*range(1, 100)))
    assert ("tier_vanished", "fail", ()) in changes("prices", common, prices(*range(1, 10)), feed)

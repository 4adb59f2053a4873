"""SWE-Bench Pro's own page: our own pages in its two layouts, broken ones, and the real captures."""

import re

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import seal_swe_bench_pro as source

URL = source.SOURCE.urls[0]
CAPPED = "* Previous results (e.g. in the paper) were run with a capped cost limit and turn limit of 50."


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads a small page, changed by (old, new) pairs, each of which must be there."""

    def make(name, *changes):
        text = (pages / "seal_swe_bench_pro" / f"{name}.html").read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        page = open_page(text, URL)
        page.check_whole()
        return list(source.read(page))

    return make


def brief(found):
    return [(o.model_label, o.variant, o.score) for o in found]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def test_medals_and_marks_are_no_part_of_the_name_and_effort_is(read):
    assert brief(read("plain")) == [
        ("heron-5-large", None, 43.1),
        ("gull-2025-08-07 (High)", None, 36.0),
        ("gull-2025-08-07 (High)", "capped", 25.5),
        ("Wren-32B", "capped", 6.8),
    ]  # and nothing of the model that has no figure yet


def test_a_mark_carries_the_pages_own_explanation(read):
    found = read("plain")
    assert found[0].notes is None
    assert found[2].notes == "* Older results (e.g. in the paper) were run with a capped cost limit."
    unexplained = read("plain", ("* Older results", "Older results"))
    assert (unexplained[2].variant, unexplained[2].notes) == (
        "marked",
        "marked with *, which the page does not explain",
    )


def test_every_score_is_of_the_public_set_and_names_its_line(read):
    found = read("plain")
    assert {(o.benchmark_id, o.reported_by, o.ci_low, o.ci_level, o.n_samples) for o in found} == {
        ("swe_bench_pro_public", "independent", None, None, None)
    }
    assert found[0].row_locator == "line 12, table 1 row 1"


def test_a_filled_width_is_a_symmetric_interval_of_the_stated_level(read):
    found = read("widths")
    assert [(o.ci_low, o.ci_high, o.ci_level, o.n_samples) for o in found] == [
        pytest.approx((39.51, 46.69, 0.95, 730)),
        pytest.approx((32.52, 39.48, 0.95, 730)),
        pytest.approx((22.34, 28.66, 0.95, 730)),
        pytest.approx((-0.06, 0.86, 0.95, 730)),
        (None, None, None, 730),  # an empty cell is no interval, and a score of zero is a score
    ]
    assert read("widths", ("95% confidence", "90% confidence"))[0].ci_level == 0.9


@pytest.mark.parametrize(
    ("changes", "label", "score"),
    [
        ([("<th>% Resolved</th>", "<th>Resolve Rate (%)</th>")], "heron-5-large", 43.1),
        ([("<th>% Resolved</th>", "<th>Resolved</th>"), (".10</span>", ".10%</span>")], "heron-5-large", 43.1),
        (
            [("<th>Model</th>", "<th>Rank</th><th>Model</th>"), ("<tr><td>", "<tr><td>1</td><td>")],
            "heron-5-large",
            43.1,
        ),
        ([("Leaderboard (Public Set)", "Leaderboard")], "heron-5-large", 43.1),  # the link says which set
        ([("43.10", "43.10%")], "heron-5-large", 43.1),
    ],
)
def test_columns_may_be_renamed_added_and_written_with_a_sign(read, changes, label, score):
    found = read("plain", *changes)
    assert (found[0].model_label, found[0].score) == (label, score)


def test_a_table_of_the_commercial_set_is_another_benchmark(read):
    table = "<table><tr><th>Model</th><th>% Resolved</th></tr><tr><td>heron-5-large</td><td>17.80</td></tr></table>"
    found = read("plain", ("<h2>About</h2>", f"<h2>Leaderboard (Commercial Set)</h2>{table}<h2>About</h2>"))
    assert (found[4].benchmark_id, found[4].score) == ("swe_bench_pro_private", 17.8)
    assert {o.benchmark_id for o in found[:4]} == {"swe_bench_pro_public"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("% Resolved", "Passed")], "Passed"),
        ([("<th>Model</th>", "<th>Agent</th>")], "Agent"),
        ([("Public Set", "Held-out Set"), ("swe_bench_pro_public", "swe_bench_pro")], "Held-out Set"),
        (
            [
                (
                    "<h2>About</h2>",
                    "<table><tr><th>Model</th><th>% Resolved</th></tr><tr><td>x</td><td>1</td></tr></table>",
                )
            ],
            "each set",
        ),
    ],
)
def test_a_page_in_another_shape_is_an_error_that_says_what_it_found(read, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read("plain", *changes)


def test_a_page_cut_off_within_its_table_is_an_error(pages, open_page):
    text = (pages / "seal_swe_bench_pro" / "plain.html").read_text()
    with pytest.raises(LayoutChanged, match="cut off"):
        open_page(text[: text.index("</tbody>")], URL).check_whole()


def test_a_share_without_a_percent_sign_anywhere_is_rejected(read):
    found = read("plain", ("<th>% Resolved</th>", "<th>Resolved</th>"))
    assert len(reasons(found)) == len(found) == 4
    assert "with its % sign" in reasons(found)[0]


def test_swapped_columns_are_rejected_where_a_width_cannot_be_so_large(read):
    found = read("widths", ("<th>% Resolved</th><th>(+/-)</th>", "<th>(+/-)</th><th>% Resolved</th>"))
    assert len(reasons(found)) >= 4


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<td>43.10</td>", "<td>soon</td>", "column '% Resolved': expected a percentage; found 'soon'"),
        ("±3.59", "wide", "column '(+/-)': expected an interval round 43.1"),
        ("<span>🥇</span> heron-5-large", "<span>🥇</span>", "a model's name"),
    ],
)
def test_one_bad_row_is_rejected_with_its_reason_and_the_others_stay(read, old, new, told):
    found = read("widths", (old, new))
    assert len(found) == 5 and len(reasons(found)) == 1
    assert told in reasons(found)[0]


# --- real captures; the figures were read off the page by eye ---


@pytest.fixture
def capture(captures, open_page):
    def make(day):
        return list(source.read(open_page(captures / source.SOURCE.id / day / "index.html", URL, day)))

    return make


def test_the_capture_of_16_october_2025_has_twelve_rows_nine_of_them_capped(capture):
    found = capture("2025-10-16")
    assert brief(found) == [
        ("claude-4-5-Sonnet", None, 43.6),
        ("claude-4-Sonnet", None, 42.7),
        ("gpt-5-2025-08-07 (High)", None, 36.3),
        ("gpt-5-2025-08-07 (High)", "capped", 25.9),
        ("gpt-5-2025-08-07 (Medium)", "capped", 23.26),
        ("claude-opus-4-1-20250805", "capped", 22.71),
        ("claude-4-Sonnet-20250514", "capped", 17.65),
        ("gpt-oss-20b", "capped", 16.2),
        ("gemini-2.5-Pro-Preview-06-05", "capped", 13.54),
        ("SWE-Smith-32B", "capped", 6.84),
        ("gpt-4o-2024-11-20", "capped", 4.92),
        ("Qwen3-32B", "capped", 3.42),
    ]
    assert {o.notes for o in found} == {None, CAPPED}
    assert {o.n_samples for o in found} == {None}


def test_the_capture_of_20_october_2025_has_fourteen_rows_and_intervals_only_by_script(capture):
    found = capture("2025-10-20")
    assert len(found) == 14
    assert brief(found)[2:6] == [
        ("claude-4-5-haiku", None, 39.45),
        ("gpt-5-2025-08-07 (High)", None, 36.3),
        ("kimi-k2-instruct", None, 27.67),
        ("gpt-5-2025-08-07 (High)", "capped", 25.9),
    ]
    assert brief(found)[9] == ("gpt-oss-120b", None, 16.2)  # four days before, the page said gpt-oss-20b*
    assert brief(found)[13] == ("Qwen3-32B", "capped", 3.42)
    assert {(o.ci_low, o.ci_level, o.n_samples) for o in found} == {(None, None, 730)}
    assert sum(o.variant == "capped" for o in found) == 8

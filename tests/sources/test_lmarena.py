"""Chatbot Arena's pages: our own in each layout, broken ones, and the real capture."""

import re
from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import lmarena as source

TEXT = "https://arena.ai/leaderboard/text"


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads a small page under an address, changed by (old, new) pairs that must be there."""

    def make(name, url=TEXT, *changes):
        text = (pages / "lmarena" / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        page = open_page(text, url)
        page.check_whole()
        return list(source.read(page))

    return make


def brief(found):
    return [(o.model_label, o.score, o.ci_low, o.ci_high, o.n_samples) for o in found]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


BOARD = [
    ("heron-5-large", 1496, 1485, 1507, 2829),
    ("gull-3 (thinking-minimal)", 1486, 1482, 1490, 34419),
    ("wren-30b", 1352, 1345, 1359, 10184),
]


def test_a_row_is_a_rating_with_its_interval_and_votes(read):
    found = read("spread_2026.html")
    assert brief(found) == [*BOARD, ("dodo-13b", 973, 957, 989, 2391)]
    assert {(o.benchmark_id, o.ci_level, o.measured_on, o.is_estimate) for o in found} == {
        ("lmarena_text_style_control", 0.95, date(2026, 2, 6), False)
    }
    assert found[3].row_locator.endswith("table 1 row 4")


def test_a_mark_beside_the_rating_is_a_note(read):
    assert [o.notes for o in read("spread_2026.html")] == [None, None, "Preliminary", None]
    assert [o.notes for o in read("board.md")] == [None, None, "Preliminary"]


def test_the_page_as_markdown_gives_the_same_ratings_without_the_icons_words(read):
    assert brief(read("board.md")) == BOARD
    assert {o.benchmark_id for o in read("board.md")} == {"lmarena_text_style_control"}


def test_the_interval_may_stand_in_the_cell_of_the_score(read):
    found = read("score_with_interval.html", "https://arena.ai/leaderboard/code/webdev")
    assert brief(found) == [
        ("heron-6-xhigh", 1509, 1503, 1515, 4462),
        ("gull-4", 1491, 1478, 1505, 2117),
        ("wren-7-preview", 1477, 1468, 1486, None),
    ]  # and nothing of the model without a rating
    assert {o.benchmark_id for o in found} == {"lmarena_code_webdev"}
    assert [o.is_estimate for o in found] == [False, False, True]
    assert "AutoEval" in found[2].notes


def test_the_layout_of_2025_reads_too(read):
    found = read("upper_bound_2025.html", "https://lmarena.ai/leaderboard/text")
    assert brief(found) == [("heron-4", 1456, 1452, 1461, 46291), ("finch-2-chat", 1449, 1443, 1455, 14843)]
    assert found[0].measured_on == date(2025, 9, 18)


@pytest.mark.parametrize(
    ("name", "url", "board"),
    [
        ("upper_bound_2025.html", "https://lmarena.ai/leaderboard/text", "lmarena_text_style_control"),
        ("upper_bound_2025.html", "https://arena.ai/leaderboard/text/overall-no-style-control", "lmarena_text"),
        ("spread_2026.html", "https://arena.ai/leaderboard/text/overall-no-style-control", "lmarena_text"),
        ("board.md", "https://arena.ai/leaderboard/text/coding", "lmarena_text_coding_style_control"),
        ("board.md", "https://arena.ai/leaderboard/text/hard-prompts-no-style-control", "lmarena_text_hard_prompts"),
        ("upper_bound_2025.html", "https://arena.ai/en/leaderboard/search/", "lmarena_search"),
    ],
)
def test_the_address_names_arena_and_category_and_whether_style_is_controlled(read, name, url, board):
    assert {o.benchmark_id for o in read(name, url)} == {board}


def test_what_the_script_says_of_style_control_counts_more_than_the_usual(read):
    found = read("spread_2026.html", TEXT, (r"\"styleControl\":true", r"\"styleControl\":false"))
    assert {o.benchmark_id for o in found} == {"lmarena_text"}


def test_every_arena_of_the_overview_is_a_benchmark_of_its_own(read):
    found = read("overview.html", "https://arena.ai/leaderboard")
    assert [(o.benchmark_id, o.model_label, o.score) for o in found] == [
        ("lmarena_text_style_control", "heron-5-large", 1496),
        ("lmarena_text_to_image", "peacock-paint", 1170),
        ("lmarena_webdev", "heron-5-large", 1390),
    ]


def test_the_script_serves_where_the_table_shows_only_the_first_rows(read, pages):
    whole = (pages / "lmarena" / "spread_2026.html").read_text()
    rows = re.findall(r"<tr><td.*?</tr>", whole)
    found = read("spread_2026.html", TEXT, (rows[2], ""), (rows[3], ""))
    assert [(o.model_label, o.score, o.ci_low, o.n_samples) for o in found] == [
        ("heron-5-large", 1496.22, 1485.1, 2829),
        ("gull-3 (thinking-minimal)", 1485.95, 1481.62, 34419),
        ("wren-30b", 1352.4, 1345.7, 10184),
        ("dodo-13b", 973.0, 957.0, 2391),
    ]
    assert found[3].row_locator == "entries[3]"


def test_a_table_far_shorter_than_the_page_counts_is_an_error(read):
    with pytest.raises(LayoutChanged, match="302 models"):
        read("board.md", TEXT, ("Total Models\n\n3", "Total Models\n\n302"))


@pytest.mark.parametrize(
    ("name", "url", "changes", "told"),
    [
        ("upper_bound_2025.html", TEXT, [(">Score<", ">Strength<")], "Strength"),
        ("upper_bound_2025.html", TEXT, [(">Model<", ">System<")], "System"),
        ("overview.html", TEXT, [], "one table of Model and Score"),
        ("overview.html", "https://arena.ai/leaderboard", [("<h2>Text<", "<h2>Poetry slam<")], "names the arena"),
        ("board.md", "https://arena.ai/leaderboard/text/a/b", [], "ARENA/CATEGORY"),
    ],
)
def test_a_page_in_another_shape_is_an_error_that_says_what_it_found(read, name, url, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(name, url, *changes)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (">1496<", ">soon<", "a rating such as"),
        ("±11", "wide", "an interval round 1496"),
        (">2,829<", ">2,829.5<", "a whole number"),
    ],
)
def test_one_bad_row_is_rejected_with_its_reason_and_the_others_stay(read, old, new, told):
    found = read("spread_2026.html", TEXT, (old, new))
    assert len(found) == 4 and len(reasons(found)) == 1
    assert told in reasons(found)[0]


def test_swapped_columns_never_pass_for_ratings(read):
    found = read(
        "upper_bound_2025.html", TEXT, (">Score<", ">x<"), (">95% CI (±)<", ">Score<"), (">x<", ">95% CI (±)<")
    )
    assert len(reasons(found)) == 2


def test_a_name_that_cannot_be_told_from_its_organization_is_rejected(read):
    linkless = ("finch-2-chat", "Finch finch-2-chat Finch · Apache 2.0")
    assert "a model's name" in reasons(read("upper_bound_2025.html", TEXT, linkless))[0]


def test_a_page_cut_off_within_its_table_is_an_error(pages, open_page):
    text = (pages / "lmarena" / "spread_2026.html").read_text()
    with pytest.raises(LayoutChanged, match="cut off"):
        open_page(text[: text.index("dodo-13b")], TEXT).check_whole()


# --- the real capture; the figures were read off the page by eye ---


def test_the_capture_of_february_2026_has_302_models_of_the_text_arena(captures, open_page):
    page = open_page(captures / "lmarena/2026-02-07/text.html", "https://lmarena.ai/leaderboard/text", "2026-02-07")
    found = list(source.read(page))
    assert len(found) == len({o.model_label for o in found}) == 302
    assert {(o.benchmark_id, o.measured_on) for o in found} == {("lmarena_text_style_control", date(2026, 2, 6))}
    rows = {row[0]: row[1:] for row in brief(found)}
    assert rows["claude-opus-4-6"] == (1496, 1485, 1507, 2829)
    assert rows["gemini-3-flash (thinking-minimal)"] == (1463, 1457, 1469, 16255)
    assert rows["deepseek-r1"] == (1398, 1393, 1403, 18537)
    assert rows["mimo-v2-flash (non-thinking)"] == (1395, 1390, 1400, 15575)
    assert rows["stablelm-tuned-alpha-7b"] == (953, 940, 966, 3287)
    assert [o.model_label for o in found if o.notes == "Preliminary"] == ["ernie-5.0-0110"]


def test_the_table_of_the_capture_agrees_with_the_data_in_its_script(captures, open_page):
    page = open_page(captures / "lmarena/2026-02-07/text.html", "https://lmarena.ai/leaderboard/text", "2026-02-07")
    entries = page.payload_values("entries")[0]
    for row, entry in zip(source.read(page), entries, strict=True):
        assert (row.model_label, row.n_samples) == (entry["modelDisplayName"], entry["votes"])
        assert abs(row.score - entry["rating"]) <= 0.5


def test_models_and_organizations_exchanged_are_no_ratings(read):
    # Each organization stands for several models, so its name has several ratings.
    changes = [
        (f"<span>{name}</span>", "<span>Heron Labs</span>") for name in ("heron-5-large", "wren-30b", "dodo-13b")
    ]
    found = read("spread_2026.html", TEXT, *changes)
    assert [o.model_label for o in found if isinstance(o, Rejected)] == ["Heron Labs"] * 3
    assert "expected one figure of 'Heron Labs'; found 1496 at" in reasons(found)[0]


@pytest.mark.parametrize("day", ["February 6th, 2026", "6 Feb 2026", "2026-02-06"])
def test_the_day_of_the_votes_may_be_written_otherwise(read, day):
    assert {o.measured_on for o in read("spread_2026.html", TEXT, ("Feb 6, 2026", day))} == {date(2026, 2, 6)}


def test_a_day_that_is_none_is_an_error_that_names_it(read):
    with pytest.raises(LayoutChanged, match=r"expected a date .*found .*Foo 6, 2026"):
        read("spread_2026.html", TEXT, ("Feb 6, 2026", "Foo 6, 2026"))


def test_a_comma_behind_the_number_of_models_is_no_part_of_it(read):
    assert len(read("spread_2026.html", TEXT, ("<p>4</p>", "<p>4, all of them</p>"))) == 4

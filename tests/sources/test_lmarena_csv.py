"""Chatbot Arena's history as CSV: our own small files, broken ones, and the real captures."""

import re

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import lmarena_csv as source

RAW = "https://raw.githubusercontent.com/fboulnois/llm-leaderboard-csv/main/csv"


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads a small file under an address, changed by (old, new) pairs that must be there."""

    def make(name, url=f"{RAW}/lmsys.csv", *changes):
        text = (pages / "lmarena_csv" / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return list(source.read(open_page(text, url)))

    return make


def brief(found):
    return [(o.model_label, o.score, o.ci_low, o.ci_high, o.n_samples) for o in found]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def test_the_first_columns_with_arena_elo_read(read):
    found = read("lmsys_2024.csv")
    assert brief(found) == [
        ("Heron-4-2024-05-13", 1287, 1283, 1290, 62251),
        ("Gull 3, early", 1271, 1268, 1274, 31482),
        ("Dodo-13B", 799, 787, 812, 2444),
    ]
    assert {(o.benchmark_id, o.ci_level, o.measured_on) for o in found} == {("lmarena_text", 0.95, None)}
    assert found[1].row_locator == "line 3, table 1 row 2"


def test_the_columns_with_a_rank_by_style_control_read(read):
    found = read("lmarena_text.csv", f"{RAW}/lmarena_text.csv")
    assert brief(found) == [
        ("Heron-5", 1470, 1465, 1475, 26019),
        ("chocolate (Early Gull-4)", 1446, 1440, 1452, 13715),
    ]
    assert {o.benchmark_id for o in found} == {"lmarena_text"}  # the score is without style control


@pytest.mark.parametrize(
    ("name", "board"),
    [
        ("lmsys", "lmarena_text"),
        ("lmarena_text", "lmarena_text"),
        ("lmarena_vision", "lmarena_vision"),
        ("lmarena_image", "lmarena_text_to_image"),
    ],
)
def test_the_files_of_two_arenas_are_two_benchmarks(read, name, board):
    assert {o.benchmark_id for o in read("lmarena_text.csv", f"{RAW}/{name}.csv")} == {board}


def test_a_file_of_no_arena_is_an_error(read):
    with pytest.raises(LayoutChanged, match="a file of one arena"):
        read("lmarena_text.csv", f"{RAW}/merged.csv")


def test_columns_may_come_in_another_order_and_others_be_added(read):
    reordered = [
        ("rank,model,arena_elo,95_pct_ci,votes", "rank,votes,95_pct_ci,arena_elo,delta,model"),
        ("1,Heron-4-2024-05-13,1287,+3/-4,62251", "1,62251,+3/-4,1287,0,Heron-4-2024-05-13"),
        ('2,"Gull 3, early",1271,+3/-3,31482', '2,31482,+3/-3,1271,1,"Gull 3, early"'),
        ("3,Dodo-13B,799,+13/-12,2444", "3,2444,+13/-12,799,0,Dodo-13B"),
    ]
    assert brief(read("lmsys_2024.csv", f"{RAW}/lmsys.csv", *reordered)) == brief(read("lmsys_2024.csv"))


@pytest.mark.parametrize("column", ["model", "arena_elo", "95_pct_ci", "votes"])
def test_a_header_that_lacks_a_column_is_an_error_and_never_fewer_rows(read, column):
    with pytest.raises(LayoutChanged, match=re.escape(f"'rank', '{'model' if column != 'model' else 'title'}'")):
        read("lmsys_2024.csv", f"{RAW}/lmsys.csv", (f",{column},", ",title,"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",1287,", ",high,", "column 'arena_elo': expected a number; found 'high'"),
        ("+3/-4", "3 to 4", "an interval round 1287"),
        (",62251,", ",6225.1,", "a whole number"),
        ("1,Heron-4-2024-05-13", "1,Heron,4", "expected 9 cells"),
    ],
)
def test_one_bad_row_is_rejected_with_its_reason_and_the_others_stay(read, old, new, told):
    found = read("lmsys_2024.csv", f"{RAW}/lmsys.csv", (old, new))
    assert len(found) == 3 and len(reasons(found)) == 1
    assert told in reasons(found)[0]


def test_a_row_without_a_rating_is_left_out_and_one_without_an_interval_is_not(read):
    assert len(read("lmsys_2024.csv", f"{RAW}/lmsys.csv", (",1271,+3/-3,", ",,,"))) == 2
    found = read("lmsys_2024.csv", f"{RAW}/lmsys.csv", (",+3/-3,", ",,"))
    assert (found[1].ci_low, found[1].ci_level) == (None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("404: Not Found", "columns ['404: Not Found']"),
        ("<!DOCTYPE html><html><body>Not here</body></html>", "a CSV file with columns"),
        ("rank,model,arena_score,95_pct_ci,votes,votes\n1,Heron,1287,+3/-4,1,1\n", "each column once"),
        ("rank,model,arena_score,95_pct_ci,votes\n1,Heron,1287,+3/-4,7\n2,Gull,12", "cut off"),
        ('rank,model,arena_score,95_pct_ci,votes\n1,"Heron,1287,+3/-4,7\n2,Gull,1271,+3/-3,9\n', "cut off"),
    ],
)
def test_what_is_no_whole_csv_file_is_an_error(open_page, text, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        list(source.read(open_page(text, f"{RAW}/lmsys.csv")))


# --- real captures; the figures were read off the files by eye ---


@pytest.mark.parametrize(
    ("path", "rows", "line", "expected"),
    [
        ("2024-07-23/lmsys.csv", 116, 0, ("GPT-4o-2024-05-13", 1287, 1283, 1290, 62251)),
        ("2024-07-23/lmsys.csv", 116, 115, ("LLaMA-13B", 799, 787, 812, 2444)),
        ("2024-12-07/lmsys.csv", 168, 1, ("ChatGPT-4o-latest (2024-11-20)", 1366, 1361, 1370, 21929)),
        ("2024-12-07/lmsys.csv", 168, 166, ("Dolly-V2-12B", 822, 808, 834, 3485)),
        ("2025-03-07/lmsys.csv", 176, 2, ("chocolate (Early Grok-3)", 1402, 1397, 1408, 13660)),
        ("2025-08-06/lmarena_text.csv", 266, 2, ("GLM-4.5", 1434, 1425, 1443, 4112)),
        ("2025-08-06/lmarena_text.csv", 266, 265, ("LLaMA-13B", 840, 824, 856, 2446)),
    ],
)
def test_the_captures_have_every_row_of_the_text_arena(captures, open_page, path, rows, line, expected):
    found = list(source.read(open_page(captures / "lmarena_csv" / path, f"{RAW}/{path.split('/')[1]}")))
    assert len(found) == rows and not reasons(found)
    assert brief(found)[line] == expected


def test_a_model_with_two_ratings_is_rejected_and_one_said_twice_is_not(read):
    found = read("lmsys_2024.csv", f"{RAW}/lmsys.csv", ('"Gull 3, early"', "Heron-4-2024-05-13"))
    assert [o.model_label for o in found if isinstance(o, Rejected)] == ["Heron-4-2024-05-13"] * 2
    twice = "\n3,Dodo-13B,799,+13/-12,2444,Dodo,Non-commercial,2023/2,"
    found = read("lmsys_2024.csv", f"{RAW}/lmsys.csv", (twice, twice + "https://example.org/d" + twice))
    assert [o.model_label for o in found].count("Dodo-13B") == 2
    assert not reasons(found)

"""LiveBench's tables: our own small file, broken ones, and every capture against an independent reading."""

import csv
import re
from collections import Counter
from decimal import Decimal

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import livebench as source

SITE = "https://livebench.ai"
HERON = 18  # tasks of the small table
CATEGORIES_2024_11_25 = (  # https://livebench.ai/categories_2024_11_25.json, as the site's script reads it
    ("web_of_lies_v2", "zebra_puzzle", "spatial"),
    ("LCB_generation", "coding_completion"),
    ("AMPS_Hard", "math_comp", "olympiad"),
    ("cta", "tablejoin", "tablereformat"),
    ("connections", "plot_unscrambling", "typos"),
    ("paraphrase", "simplify", "story_generation", "summarize"),
)


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads the small table under an address, changed by (old, new) pairs that must be there."""

    def make(*changes, url=f"{SITE}/table_2024_11_25.csv"):
        text = (pages / "livebench" / "table_2024_11_25.csv").read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return list(source.read(open_page(text, url)))

    return make


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def scores_of(found, label):
    return {o.benchmark_id: o.score for o in found if o.model_label == label}


def test_each_task_of_a_release_is_a_benchmark_of_its_own(read):
    found = read()
    heron = scores_of(found, "heron-4-2024")
    assert len(heron) == HERON + 1
    assert heron["livebench_2024_11_25_amps_hard"] == 53.0
    assert heron["livebench_2024_11_25_zebra_puzzle"] == 39.5
    assert found[0].row_locator == "line 2, table 1 row 1, column 'AMPS_Hard'"
    other = read(url=f"{SITE}/table_2024_08_31.csv")
    assert not {o.benchmark_id for o in found} & {o.benchmark_id for o in other}


def test_a_task_that_was_not_run_is_no_score(read):
    assert scores_of(read(), "gull-3-thinking") == {
        "livebench_2024_11_25_lcb_generation": 80.769,
        "livebench_2024_11_25_coding_completion": 54.0,
    }
    assert "livebench_2024_11_25_connections" not in scores_of(read(), "wren-8k-instruct")
    assert scores_of(read(), "dodo-13b")["livebench_2024_11_25_amps_hard"] == 0.0  # a score of zero is a score


def test_the_average_is_of_the_categories_and_only_of_models_that_ran_every_task(read):
    averages = {o.model_label: o for o in read() if o.benchmark_id == "livebench_2024_11_25"}
    assert set(averages) == {"heron-4-2024", "dodo-13b"}
    # 50.5 reasoning, 47.436 coding, 42.120 mathematics, 48.707 data analysis, 45.305 language, 66.367 instructions
    assert averages["heron-4-2024"].score == pytest.approx(50.0723, abs=1e-4)
    assert averages["heron-4-2024"].is_estimate
    assert "6 categories' means over 18 tasks" in averages["heron-4-2024"].notes


def test_the_average_of_the_first_release_is_the_one_its_paper_prints(open_page):
    # Claude 3.5 Sonnet in table_2024_06_24.csv, and 61.2 in table 1 of arXiv 2406.19314.
    text = (
        "model,AMPS_Hard,LCB_generation,coding_completion,connections,cta,math_comp,olympiad,paraphrase,plot_unscrambling,"
        "simplify,story_generation,summarize,tablejoin,tablereformat,typos,web_of_lies_v2,zebra_puzzle\n"
        "claude-3-5-sonnet-20240620,49.0,58.0,68.421,49.667,62.0,44.792,67.458,72.217,55.144,73.767,74.333,68.883,40.22,"
        "68.0,66.0,80.0,48.0\n"
    )
    for url in (f"{SITE}/table_2024_06_24.csv", f"{SITE}/table.csv"):
        assert round(list(source.read(open_page(text, url)))[-1].score, 1) == 61.2


def test_an_average_over_more_tasks_than_the_release_began_with_has_its_own_name(captures, open_page):
    lines = (captures / "livebench/2026-01-14/table_2026_01_08.csv").read_text().splitlines()
    text = "\n".join([f"{lines[0]},consecutive_events", *(f"{line},10.0" for line in lines[1:])])
    found = list(source.read(open_page(text, f"{SITE}/table_2026_01_08.csv")))
    averages = {o.benchmark_id for o in found if o.is_estimate}
    assert averages == {"livebench_2026_01_08_with_consecutive_events"}


def test_a_release_nobody_knew_reads_by_its_own_columns(read):
    found = read((",spatial,", ",juggling,"), url=f"{SITE}/table_2027_01_01.csv")
    heron = scores_of(found, "heron-4-2024")
    assert heron["livebench_2027_01_01_juggling"] == 48.0
    assert len(heron) == HERON  # no average: nobody said in which category the new task counts


@pytest.mark.parametrize(
    ("changes", "url", "told"),
    [
        ([("model,", "name,")], "table_2024_11_25.csv", "a CSV file with columns"),
        ([(",olympiad,", ",olympics,")], "table_2024_11_25.csv", "the tasks of release 2024_11_25, olympiad"),
        ([(",olympiad,", ",olympiad score,")], "table_2024_11_25.csv", "olympiad score"),
        ([(",olympiad,", ",Global_Average,")], "table_2027_01_01.csv", "Global_Average"),
        ([(",olympiad,", ",typos,")], "table_2024_11_25.csv", "each column once"),
        ([], "cost_2024_11_25.csv", "the address of a release's table"),
        ([], "table_2025_05_30.csv", "javascript"),
    ],
)
def test_another_header_is_an_error_and_never_fewer_rows(read, changes, url, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(*changes, url=f"{SITE}/{url}")


def test_a_file_cut_off_within_its_last_row_is_an_error(pages, open_page):
    text = (pages / "livebench" / "table_2024_11_25.csv").read_text()
    with pytest.raises(LayoutChanged, match="cut off"):
        list(source.read(open_page(text[:-30], f"{SITE}/table_2024_11_25.csv")))


def test_one_bad_cell_is_rejected_with_its_place_and_the_others_of_its_row_stay(read):
    found = read((",44.872,", ",many,"))
    assert len(reasons(found)) == 1
    assert "line 2, table 1 row 1, column 'LCB_generation': expected a number; found 'many'" in reasons(found)[0]
    assert len(scores_of([o for o in found if not isinstance(o, Rejected)], "heron-4-2024")) == HERON - 1


def test_a_row_with_a_cell_too_many_is_rejected(read):
    found = read(("heron-4-2024,53.0", "heron-4-2024,,53.0"))
    assert len(reasons(found)) == 1 and "expected 19 cells" in reasons(found)[0]


# --- real captures, against a reading of the same files with the csv module alone ---


def tables(captures):
    """Yield each captured file, its release and its rows as the csv module reads them."""
    for path in sorted((captures / "livebench").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield path, path.stem.removeprefix("table_"), list(csv.DictReader(file))


def test_every_score_of_every_capture_equals_an_independent_reading_to_the_last_decimal(captures, open_page):
    seen = 0
    for path, release, rows in tables(captures):
        expected = Counter(
            (row["model"], f"livebench_{release}_{task.lower()}", Decimal(cell), f"line {line}, ", f"column '{task}'")
            for line, row in enumerate(rows, 2)
            for task, cell in row.items()
            if task != "model" and cell not in ("", "N/A")
        )
        read = list(source.read(open_page(path, f"{SITE}/{path.name}")))
        assert not reasons(read)
        found = Counter(
            (
                o.model_label,
                o.benchmark_id,
                Decimal(repr(o.score)),
                o.row_locator[: o.row_locator.index("table")],
                o.row_locator[o.row_locator.index("column") :],
            )
            for o in read
            if not o.is_estimate
        )
        assert found == expected  # both ways: nothing is missing, nothing was added
        assert all(repr(float(key[2])) == str(key[2]) for key in expected)  # no cell has decimals a float would lose
        seen += len(expected)
    assert seen >= 720 + 900 + 1430


def test_the_averages_of_the_capture_of_november_2024_are_those_of_the_sites_script(captures, open_page):
    [(path, _, rows)] = [table for table in tables(captures) if table[1] == "2024_11_25"]
    read = source.read(open_page(path, f"{SITE}/{path.name}"))
    found = {o.model_label: o.score for o in read if o.is_estimate}
    expected = {
        row["model"]: sum(sum(float(row[t]) for t in tasks) / len(tasks) for tasks in CATEGORIES_2024_11_25) / 6
        for row in rows
    }
    assert found == pytest.approx(expected)
    assert len(found) == 40


@pytest.mark.parametrize(
    ("path", "models", "label", "task", "score"),
    [
        ("2024-11-27/table_2024_11_25.csv", 40, "claude-3-5-haiku-20241022", "web_of_lies_v2", 22.0),
        ("2025-06-11/table_2025_05_30.csv", 45, "chatgpt-4o-latest-2025-03-27", "tablereformat", 98.039),
        ("2026-01-14/table_2026_01_08.csv", 65, "claude-4-1-opus-20250805-thinking-32k", "spatial", 90.0),
    ],
)
def test_the_captures_have_all_their_models(captures, open_page, path, models, label, task, score):
    name = path.split("/")[1]
    found = list(source.read(open_page(captures / "livebench" / path, f"{SITE}/{name}")))
    assert len({o.model_label for o in found}) == models
    assert scores_of(found, label)[f"livebench_{name[6:16]}_{task}"] == score

"""Aider's boards: our own pages in each layout, broken pages, and the publisher's own data beside real captures."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from flows.errors import LayoutChanged
from flows.records import Rejected, RunCost, Score
from flows.sources import aider

INDEX, EDIT, REFACTOR = aider.SOURCE.urls
DATES = {
    "2024-07-10", "2024-08-10", "2024-12-01", "2024-12-31", "2025-02-01", "2025-04-20", "2025-06-15", "2025-10-10",
    "2026-05-22",
}  # fmt: skip


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads a small page, changed by (old, new) pairs, each of which must be there."""

    def make(name, *changes, regex=()):
        text = (pages / "aider" / f"{name}.html").read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        for pattern, new in regex:
            assert re.search(pattern, text, re.S)
            text = re.sub(pattern, new, text, flags=re.S)
        return list(aider.read(open_page(text, INDEX)))

    return make


def of(kind, observations):
    return [o for o in observations if isinstance(o, kind)]


def brief(scores):
    return [(s.benchmark_id, s.model_label, s.variant, s.score) for s in scores]


# --- our own pages, layout by layout ---


def test_two_boards_on_one_page_are_told_by_their_headings(read):
    found = read("two_boards")
    assert brief(found) == [
        ("aider_edit", "heron-3-20240601", "diff", 75.9),
        ("aider_edit", "Salt & Pepper Coder (whole)", "whole", 61.0),
        ("aider_edit", "gull-mini", "diff-fenced", 9.8),
        ("aider_refactor", "heron-3-20240601", "udiff", 62.9),
        ("aider_refactor", "gull-mini", "diff", 22.5),
    ]
    assert found[0].notes == "command: aider --heron; correct edit format: 98.5%"
    assert found[0].row_locator == "line 20, table 1 row 1"
    assert (found[0].n_samples, found[0].measured_on) == (None, None)


def test_a_rounded_cost_is_taken_and_zero_or_a_question_mark_is_no_cost(read):
    found = read("polyglot_cost")
    assert len(of(Score, found)) == 4
    assert [(r.model_label, r.variant, r.total_cost_usd, r.n_cases) for r in of(RunCost, found)] == [
        ("Heron R1 + gull-4", "architect", Decimal("1203.5"), None),
        ("gull-4 (high)", "diff", Decimal("0.42"), None),
    ]


def test_details_give_the_exact_cost_the_date_and_the_cases(read):
    found = read("polyglot_details")
    assert not of(Rejected, found)
    assert [(s.model_label, s.variant, s.score, s.n_samples, s.measured_on) for s in of(Score, found)] == [
        ("heron-r1 (high) + gull-4.1", "architect", 81.3, 225, date(2025, 4, 17)),
        ("gull-4.1", "diff", 50.7, 224, date(2025, 4, 14)),
        ("gull-4.1", "diff", 50.7, 225, date(2025, 4, 15)),
        ("Plover & Quail 32B", "whole", 27.1, 225, date(2025, 3, 7)),
        ("gull-nano", "whole", 8.9, 225, date(2025, 4, 14)),
        ("osprey-max", "diff", 4.0, None, None),
    ]
    first, *others = of(RunCost, found)
    assert (first.total_cost_usd, first.n_cases, first.seconds_per_case) == (Decimal("71.4321"), 225, 101.5)
    assert (first.prompt_tokens, first.completion_tokens, first.measured_on) == (1234567, 76543, date(2025, 4, 17))
    # a zero is an unknown cost; a cost under half a cent is not shown but told; the last row says nothing of its run
    assert [(r.model_label, r.total_cost_usd, r.seconds_per_case) for r in others] == [
        ("gull-4.1", Decimal("8.1349"), 20.5),
        ("gull-4.1", Decimal("8.1349"), 19.0),
        ("Plover & Quail 32B", None, 137.4),
        ("gull-nano", Decimal("0.0042"), 12.0),
    ]


SAME_PAGE = {
    "headers with sort arrows": [("Percent correct</th>", "Percent correct ▼</th>"), ("Cost</th>", "Cost ▲</th>")],
    "the cost column of early April 2025": [(">Cost<", ">Cost (log scale)<")],
    "the heading of early April 2025": [("Aider polyglot coding leaderboard", "Polyglot leaderboard")],
    "the long name for the edit format column": [(">Correct edit format<", ">Percent using correct edit format<")],
}


@pytest.mark.parametrize("case", SAME_PAGE)
def test_the_same_figures_are_read_from(case, read):
    assert read("polyglot_details", *SAME_PAGE[case]) == read("polyglot_details")


def test_without_its_column_the_edit_format_is_read_from_the_details(read):
    """The layout of 13 April 2025: Model, Percent correct, Cost (log scale), Command, and details over five columns."""
    columns = r'<t([hd]) class="col-(?:edit-format|conform)">.*?</t\1>'
    found = read("polyglot_details", ('colspan="7"', 'colspan="5"'), regex=[(columns, "")])
    assert found == [replace(o, notes=o.notes and o.notes.split("; correct")[0]) for o in read("polyglot_details")]
    assert [s.variant for s in of(Score, found)] == ["architect", "diff", "diff", "whole", "whole", "diff"]


def test_columns_may_stand_in_another_order_or_be_more(read):
    swapped = [(r"(<t([hd])>[^<]*</t\2>)(\s*)(<t([hd])>\$?[^<]*</t\5>)(\s*</tr>)", r"\4\3<t\5>new</t\5>\3\1\6")]
    found = read("polyglot_cost", regex=swapped)
    assert [replace(o, row_locator="") for o in found] == [replace(o, row_locator="") for o in read("polyglot_cost")]


def test_the_first_layout_without_a_column_for_the_edit_format_percentage_is_read(read):
    """The layout of May 2024: Model, Percent correct, Command, Edit format."""
    columns = r"<th>Percent using correct edit format</th>|<td[^>]*>\d+\.\d%</td>(?=\s*<td><code>)"
    change = ("Percent completed correctly", "Percent correct")
    found = read("two_boards", change, regex=[(columns, "")])
    assert brief(found) == brief(read("two_boards"))
    assert found[0].notes == "command: aider --heron"


# --- pages that changed ---

SCORE, MODEL, FORMAT = "Percent completed correctly</th>", "<th>Model</th>", "<th>Edit format</th>"
HELD = "Percent using correct edit format</th>"
LOST = {
    "the models' column renamed": ("two_boards", [(MODEL, "<th>LLM</th>")], "columns for model"),
    "the score's column renamed": ("two_boards", [(SCORE, "Passed</th>")], "columns for score"),
    "the edit format's column gone": ("two_boards", [(FORMAT, "")], "columns for edit_format"),
    "model and score both renamed": ("two_boards", [(MODEL, "<th>LLM</th>"), (SCORE, "%</th>")], "model, score"),
    "two columns of one name": ("two_boards", [(FORMAT, MODEL)], "once each"),
    "the headers of the two percentages swapped": (
        "two_boards",
        [(SCORE, "@"), (HELD, SCORE), ("@", HELD)],
        "rows ranked by the other percentage",
    ),
    "model and command swapped": (
        "polyglot_cost",
        [(MODEL, "@"), ("<th>Command</th>", MODEL), ("@", "<th>Command</th>")],
        "expected names of models under 'Model'; found 'aider --architect",
    ),
    "model and edit format swapped": ("two_boards", [(MODEL, "@"), (FORMAT, MODEL), ("@", FORMAT)], "found 'diff'"),
    "no heading that names a board": ("two_boards", [("Code refactoring leaderboard", "Results")], "names one board"),
    "a heading that names two boards": ("two_boards", [("Code editing", "Editing and refactoring")], "names one board"),
    "the cost's column in euro": ("polyglot_cost", [("Total Cost", "Total Cost (€)")], "money as 'Cost' of the run"),
    "the cost per case, not per run": ("polyglot_cost", [("Total Cost", "Cost per case")], "money as 'Cost'"),
    "details without the cost's column": ("polyglot_details", [("<th>Cost</th>", "<th>Bar</th>")], "columns for cost"),
    "a kind of detail renamed": ("polyglot_details", [("> Date :", "> Day :")], "expected details date"),
}


@pytest.mark.parametrize("case", LOST)
def test_a_page_is_refused_that_has(case, read):
    name, changes, words = LOST[case]
    with pytest.raises(LayoutChanged, match=re.escape(words)):
        read(name, *changes)


@pytest.mark.parametrize("name", ["two_boards", "polyglot_cost", "polyglot_details"])
def test_an_empty_table_is_refused(name, read):
    with pytest.raises(LayoutChanged, match="a row per model; found no rows"):
        read(name, regex=[(r"<tbody>.*?</tbody>", "<tbody></tbody>")])


def test_one_empty_board_beside_a_full_one_is_refused(read):
    with pytest.raises(LayoutChanged, match=r"'Code refactoring leaderboard': expected a row per model"):
        read("two_boards", regex=[(r"(refactoring leaderboard</h2>.*<tbody>).*?(</tbody>)", r"\1\2")])


def test_a_page_without_tables_is_refused(open_page):
    with pytest.raises(LayoutChanged, match="a leaderboard with columns Model and Percent correct; found no table"):
        list(aider.read(open_page("<html><body><p>Moved.</p></body></html>", INDEX)))


ALL_REJECTED = {
    "fractions in place of percentages": ("two_boards", (r"(\d\d?)\.(\d)%", r"0.\1\2"), "% sign"),
    "percentages without their sign": ("polyglot_cost", (r"(\d\.\d)%", r"\1"), "% sign"),
    "another model's details": (
        "polyglot_details",
        (r"> Model :</strong> \S+", "> Model :</strong> Rail"),
        "details of",
    ),
    "another score in the details": ("polyglot_details", (r"rate 2 :</strong> \S+", "rate 2 :</strong> 1.0"), "too"),
    "percentages under Edit format": ("polyglot_cost", (r"<td>(architect|diff|whole)</td>", "<td>9.0%</td>"), "'diff'"),
}


@pytest.mark.parametrize("case", ALL_REJECTED)
def test_no_score_is_taken_from(case, read):
    name, change, words = ALL_REJECTED[case]
    found = read(name, regex=[change])
    rejected = [o for o in of(Rejected, found) if o.table == "scores"]
    assert not of(Score, found)
    assert len(rejected) == len(of(Score, read(name)))
    assert all(words in r.reason and r.model_label and r.cells for r in rejected)


COSTS = {
    "euro": (r"\$(\d)", r"€\1", "US dollars"),
    "pounds": (r"\$(\d)", r"£\1", "dollars"),
    "no currency": (r"\$(\d)", r"\1", "currency sign"),
    "a price per tokens": (r"(\$[\d.,]+)", r"\1 / 1M tokens", "for the whole run"),
    "two amounts": (r"(\$[\d.,]+)", r"\1 (was $9)", "one amount"),
}


@pytest.mark.parametrize("name", ["polyglot_cost", "polyglot_details"])
@pytest.mark.parametrize("case", COSTS)
def test_a_cost_is_rejected_but_its_score_kept_where_it_is_in(case, name, read):
    pattern, new, words = COSTS[case]
    found = read(name, regex=[(pattern, new)])
    costs = [r for r in of(RunCost, found) if r.total_cost_usd is not None]
    rejected = of(Rejected, found)
    assert [r.model_label for r in costs] == (["gull-nano"] if name == "polyglot_details" else [])  # its cell is empty
    assert len(rejected) == 3
    assert all(r.table == "run_costs" and words in r.reason for r in rejected)
    assert brief(of(Score, found)) == brief(of(Score, read(name)))


ROWS = {
    "a cell lost before the score": ("two_boards", ("<td>gull-mini</td>\n        <td>22.5%</td>", "<td>22.5%</td>")),
    "the score lost": ("two_boards", ('<td style="text-align: center;">9.8%</td>', "")),
    "an empty label": ("two_boards", ("<td>heron-3-20240601</td>\n        <td>62.9%", "<td></td>\n        <td>62.9%")),
    "a cost that the details contradict": ("polyglot_details", ("$71.43", "$17.43")),
    "a cost that only the details have": ("polyglot_details", ("$71.43", "")),
    "a date that is none": ("polyglot_details", ("> 2025-04-17 <", "> in April <")),
    "cases that are no number": ("polyglot_details", ("> 224 <", "> most <")),
}


@pytest.mark.parametrize("case", ROWS)
def test_one_row_is_rejected_and_the_others_kept_with(case, read):
    name, change = ROWS[case]
    whole, found = read(name), read(name, change)
    rejected = of(Rejected, found)
    assert rejected
    assert len({r.row_locator for r in rejected}) == 1
    assert len(found) == len(whole)
    kept = [o for o in whole if o.row_locator != rejected[0].row_locator]
    assert [o for o in found if o.row_locator != rejected[0].row_locator] == kept


# --- the real pages and the publisher's own data of the day ---

SCORE_OF = {"edit": "pass_rate_2", "refactor": "pass_rate_1", "polyglot": "pass_rate_2"}


SCORE_KEYS = ("model", "edit_format", "pass_rate_2", "test_cases", "date")
RUN_FIELDS = (
    "model_label",
    "variant",
    "n_cases",
    "measured_on",
    "seconds_per_case",
    "prompt_tokens",
    "completion_tokens",
)
RUN_KEYS = ("model", "edit_format", "test_cases", "date", "seconds_per_case", "prompt_tokens", "completion_tokens")


def exact_cost(row) -> Decimal | None:
    """Return the dollars as the data has them; a zero or nothing is an unknown cost, which the page does not show."""
    return Decimal(str(row.get("total_cost") or 0)) or None


def page_of(folder: Path, board: str) -> tuple[Path, str]:
    """Return file and address of the page that showed a board on that day."""
    if board != "polyglot" and (folder / f"{board}.html").exists():
        return folder / f"{board}.html", EDIT if board == "edit" else REFACTOR
    return folder / "index.html", INDEX


@pytest.fixture(scope="module")
def boards(captures):
    """Return folder of the day, board and rows of each file of the publisher's own data."""
    files = sorted((captures / "aider").glob("*/truth/*_leaderboard.yml"))
    return [(f.parents[1], f.name.removesuffix("_leaderboard.yml"), yaml.safe_load(f.read_text())) for f in files]


def test_every_capture_is_compared(boards):
    assert {folder.name for folder, _, _ in boards} >= DATES
    assert len(boards) >= 24


def test_every_row_of_the_publishers_data_is_read_and_none_more(boards, open_page):
    """Both ways: no page hides a row of the data (24 boards on 9 dates), and none shows a row that is not in it."""
    for folder, board, truth in boards:
        file, url = page_of(folder, board)
        found = [o for o in aider.read(open_page(file, url, folder.name)) if not isinstance(o, RunCost)]
        assert not of(Rejected, found)
        read = Counter(
            (o.model_label, o.variant, o.score, o.notes) for o in found if o.benchmark_id == f"aider_{board}"
        )
        said = Counter(
            (
                row["model"],
                row["edit_format"],
                row[SCORE_OF[board]],
                f"command: {row['command']}; correct edit format: {row['percent_cases_well_formed']:g}%",
            )
            for row in truth
        )
        assert read - said == Counter(), (folder.name, board, "on the page only")
        assert said - read == Counter(), (folder.name, board, "in the data only")


def test_every_run_since_april_2025_has_the_exact_figures_of_the_publishers_data(boards, open_page):
    compared = 0
    for folder, board, truth in boards:
        if board != "polyglot" or folder.name < "2025-04":
            continue
        file, url = page_of(folder, board)
        found = list(aider.read(open_page(file, url, folder.name)))
        scores = Counter((s.model_label, s.variant, s.score, s.n_samples, s.measured_on) for s in of(Score, found))
        assert scores == Counter(tuple(row[key] for key in SCORE_KEYS) for row in truth)
        runs = Counter((*(getattr(r, name) for name in RUN_FIELDS), r.total_cost_usd) for r in of(RunCost, found))
        assert runs == Counter((*(row.get(key) for key in RUN_KEYS), exact_cost(row)) for row in truth)
        compared += len(truth)
    assert compared >= 47 + 59 + 69 + 69


def test_the_costs_of_february_2025_are_the_publishers_in_cents(captures, boards, open_page):
    page = open_page(captures / "aider" / "2025-02-01" / "index.html", INDEX, "2025-02-01")
    truth = next(rows for folder, board, rows in boards if (folder.name, board) == ("2025-02-01", "polyglot"))
    said = Counter((t["model"], t["edit_format"], round(t["total_cost"], 2)) for t in truth if t.get("total_cost"))
    read = Counter((r.model_label, r.variant, float(r.total_cost_usd)) for r in of(RunCost, aider.read(page)))
    assert read == said
    assert len(truth) - read.total() == 7  # six shown as '?', and qwen-max-2025-01-25 as '$0.0', its cost not known


def test_some_figures_are_as_a_person_reads_them_off_the_page(captures, open_page):
    def scores(day, name, url):
        return {
            (s.benchmark_id, s.model_label, s.variant): s.score
            for s in of(Score, aider.read(open_page(captures / "aider" / day / name, url, day)))
        }

    july = scores("2024-07-10", "index.html", INDEX)
    assert len(july) == 30 + 9
    assert july["aider_edit", "DeepSeek Coder V2 (whole)", "whole"] == 75.2
    assert july["aider_refactor", "claude-3-opus-20240229", "diff"] == 72.3
    assert scores("2026-05-22", "edit.html", EDIT)["aider_edit", "o1", "diff"] == 84.2
    latest = list(aider.read(open_page(captures / "aider" / "2026-05-22" / "index.html", INDEX, "2026-05-22")))
    assert (latest[0].model_label, latest[0].score, latest[0].variant) == ("gpt-5 (high)", 88.0, "diff")
    april = list(aider.read(open_page(captures / "aider" / "2025-04-20" / "index.html", INDEX, "2025-04-20")))
    run = of(RunCost, april)[0]
    assert (run.model_label, run.variant, run.total_cost_usd) == (
        "o3 (high) + gpt-4.1",
        "architect",
        Decimal("69.2921"),
    )
    assert sum(r.total_cost_usd is None for r in of(RunCost, april)) == 16

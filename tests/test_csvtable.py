"""A page that is a CSV file reads like any table, and a row that does not fit its header is never lost."""

import re

import pytest

from flows.csvtable import csv_table
from flows.errors import LayoutChanged
from flows.records import Rejected, Score


def rows_of(table):
    def parse(row):
        yield Score(
            model_label=row.text("model"), row_locator=row.locator, benchmark_id="b", score=row.number_in("score")
        )

    return list(table.read(parse, into="scores", label="model"))


def test_rows_know_their_line_and_quoted_cells_may_span_several(open_page):
    page = open_page('\ufeffmodel,"note, long",score\r\nheron,"two\nlines",1.5\n\n"gull, 3",x,2\r\n')
    table = csv_table(page, having=("model", "score"))
    assert table.header == ["model", "note, long", "score"]
    assert [(o.model_label, o.score, o.row_locator) for o in rows_of(table)] == [
        ("heron", 1.5, "line 2, table 1 row 1"),
        ("gull, 3", 2.0, "line 5, table 1 row 2"),
    ]


def test_a_row_of_another_width_is_rejected_and_the_others_stay(open_page):
    found = rows_of(csv_table(open_page("model,score\nheron,1\ngull,2,3\nwren\ndodo,4\n"), having=("model", "score")))
    assert [o.model_label for o in found if isinstance(o, Score)] == ["heron", "dodo"]
    assert [(o.row_locator, "expected 2 cells" in o.reason) for o in found if isinstance(o, Rejected)] == [
        ("line 3, table 1 row 2", True),
        ("line 4, table 1 row 3", True),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title,score\nheron,1\n", "columns 'model', 'score'; found columns ['title', 'score']"),
        ("model;score\nheron;1\n", "columns 'model', 'score'"),
        ("model,score,score\nheron,1,2\n", "each column once"),
        ("model,score\nheron,1\ngull", "its last line: the body is cut off"),
        ('model,score\n"heron,1\ngull,2\n', "its last line: the body is cut off"),
    ],
)
def test_a_file_without_its_columns_or_its_end_is_an_error(open_page, text, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        csv_table(open_page(text), having=("model", "score"))

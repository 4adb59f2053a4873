"""Markdown as converters and vendors write it: reference links, entities, tables without a header."""

import time

import pytest

from flows.markdown import plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[MMLU][mmlu]", "MMLU"),
        ("[Natural Questions][natural q]", "Natural Questions"),
        ("GPT-4 [1][2]", "GPT-4 [1][2]"),  # two notes
        ("Q&amp;A &lt;128k &#8211; R&D", "Q&A <128k \u2013 R&D"),
        (r"\&amp;", "&amp;"),
    ],
)
def test_reference_links_keep_their_words_and_entities_their_character(text, words):
    assert plain(text) == words


def test_the_first_row_of_a_table_without_a_header_is_its_header(open_page):
    page = open_page("# A\n\n|     |     |\n| --- | --- |\n|  | **Heron** |\n| MMLU | 71 |\n")
    (table,) = page.tables
    assert table.header == ["", "Heron"]
    assert [(row.locator, row["Heron"]) for row in table.rows] == [("line 6, table 1 row 1", "71")]


def test_a_table_without_a_header_or_a_row_is_empty(open_page):
    (table,) = open_page("# A\n\n|     |     |\n| --- | --- |\n").tables
    assert (table.header, table.rows) == (["", ""], [])


def test_a_long_line_full_of_brackets_is_read_in_moderate_time(open_page):
    began = time.process_time()
    assert open_page("# Page\n\n" + '{"a": [1, 2], "b": [' * 20_000).tables == []
    assert time.process_time() - began < 5

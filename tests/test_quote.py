"""The place on a page that a locator names, and the words there that hold a figure."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest

from flows.quote import find_place
from flows.quote_data import Place, crop, numbers_in
from flows.records import Observation, Price, Score
from flows.reread import Trace
from flows.tables import Page

NOON = datetime(2024, 7, 10, 12)


def page(body: str | bytes, url: str = "https://example.org/page", kind: str | None = None) -> Page:
    return Page(body.encode() if isinstance(body, str) else body, url, NOON, kind)


def place(
    body: str | bytes, locator: str, figures: dict[str, object], read=None, same=None, label: str = "", **more: object
) -> Place:
    same = same or (lambda o: o.row_locator == locator)
    return find_place(Trace(page(body, **more), read), locator, figures, same, label=label)


# ---------------------------------------------------------------- tables


HTML = """<table><tr><th>Model</th><th>Cached input</th><th>Input</th><th>Score</th></tr>
<tr><td>Model 5 mini</td><td>$5.00</td><td>$5.00</td><td>71.5%</td></tr></table>"""


def read_prices(page: Page) -> Iterator[Observation]:
    for row in page.tables[0].rows:
        for kind, column in (("input", "Input"), ("cached_input", "Cached input")):
            amount = row.money(column, unit="per_mtok").amount
            yield Price(model_label=row["Model"], row_locator=row.locator, provider_id="x", token_kind=kind, amount_original=amount)  # fmt: skip


@pytest.mark.parametrize(("kind", "column"), [("input", "Input"), ("cached_input", "Cached input")])
def test_of_two_cells_with_the_same_figure_it_is_the_one_the_reader_took(kind, column):
    found = place(
        HTML, "line 2, table 1 row 1", {"amount_original": Decimal(5)}, read_prices,
        lambda o: isinstance(o, Price) and o.token_kind == kind,
        "Model 5 mini",
    )  # fmt: skip
    assert (found.kind, found.cells) == ("HTML table", ((column, "$5.00"),))


def test_without_a_reader_every_cell_that_shows_the_figure_is_shown():
    found = place(HTML, "line 2, table 1 row 1", {"amount_original": Decimal(5)}, label="Model 5 mini")
    assert found.cells == (("Cached input", "$5.00"), ("Input", "$5.00"))
    assert found.words == "Model 5 mini | $5.00 | $5.00 | 71.5%"


@pytest.mark.parametrize("score", [71.5, 0.715])
def test_a_share_is_found_by_its_percentage(score):
    assert place(HTML, "line 2, table 1 row 1", {"score": score}).cells == (("Score", "71.5%"),)


def test_a_locator_may_name_the_column():
    locator = "line 2, table 1 row 1, column 'Cached input'"
    assert place(HTML, locator, {"amount_original": Decimal(5)}).cells == (("Cached input", "$5.00"),)


def test_a_locator_may_name_two_places():
    two = HTML + HTML.replace("71.5%", "0.41 s").replace("Score", "First token")
    locator = (
        "line 2, table 1 row 1, column 'Score'; time to the first token at line 3, table 2 row 1, column 'First token'"
    )
    found = place(two, locator, {"tokens_per_second": 71.5, "ttft_seconds": 0.41})
    assert found.cells == (("Score", "71.5%"), ("First token", "0.41 s"))


def test_a_figure_that_no_cell_shows_is_no_cell():
    found = place(HTML, "line 2, table 1 row 1", {"score": 12.25})
    assert found.words and found.cells == ()


def test_the_number_in_a_models_name_is_no_figure():
    markdown = "| Model | Rate |\n|---|---|\n| GPT 5 | 5 % |\n"
    found = place(markdown, "line 3, table 1 row 1", {"score": 5.0}, label="GPT 5")
    assert (found.kind, found.words, found.cells) == ("markdown table", "| GPT 5 | 5 % |", (("Rate", "5 %"),))


def test_a_page_without_that_place_says_so():
    found = place(HTML, "table 7 row 1", {"score": 1.0})
    assert found.words == "" and "no such place on the page" in found.note
    assert "cannot be found" in place(HTML, "line 999", {"score": 1.0}).note


def test_words_at_a_line_are_quoted_from_the_cards_title_to_the_figure():
    body = (
        "<div>Save now</div><h3>Opus 9</h3>\n<p>Input</p>\n<p>$ 5 / MTok</p>\n<p>Output $ 25 / MTok</p>\n<h3>Next</h3>"
    )
    found = place(body, "line 1, card 'Opus 9'", {"amount_original": Decimal(5)})
    assert found.words == "Opus 9 Input $ 5 / MTok"
    assert found.cells == (("", "Opus 9 Input $ 5 / MTok"),)


# ---------------------------------------------------------------- files and data


def test_a_line_of_a_csv_file_is_quoted_with_its_cell_by_name_or_by_figure():
    body = 'model,score,votes\n"one,\nof two lines",1287,12\ntwo,1200,1287\n'
    kinds = {"url": "https://example.org/x.csv", "kind": "text/csv"}
    found = place(body, "line 4", {"score": 1200.0}, **kinds)
    assert (found.kind, found.words, found.cells) == ("CSV file", "two,1200,1287", (("score", "1200"),))
    named = find_place(Trace(page(body, **kinds), None), "line 2", {"score": 1287.0}, lambda o: True, ("score",))
    assert named.cells == (("score", "1287"),)


def test_a_line_of_a_file_in_a_zip_file_is_quoted():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr("data/other.csv", "model,score\none,1\n")
        files.writestr("data/gpqa.csv", "model,score\none,71.5\n")
    found = place(packed.getvalue(), "gpqa.csv line 2", {"score": 71.5})
    assert (found.kind, found.words, found.cells) == ("gpqa.csv in the zip file", "one,71.5", (("score", "71.5"),))
    assert "0 files called nothing.csv" in place(packed.getvalue(), "nothing.csv line 2", {"score": 1.0}).note


JSON = '{"data": [{"id": "one"}, {"id": "it\'s", "pricing": {"prompt": 0.00000250, "rest": ["2.5", 3]}}]}'


@pytest.mark.parametrize(
    ("path", "cells"),
    [
        ("$['data'][1]['pricing']['prompt']", (("$['data'][1]['pricing']['prompt']", "0.00000250"),)),
        ("$['data'][1]['pricing']['rest'][0]", (("$['data'][1]['pricing']['rest'][0]", "2.5"),)),
        ("$['data'][1]", (("pricing.prompt", "0.00000250"),)),
    ],
)
def test_a_path_leads_to_the_value_with_the_digits_of_the_page(path, cells):
    found = place(JSON, path, {"amount_original": Decimal("0.0000025")})
    assert (found.kind, found.cells) == ("JSON", cells)
    assert found.words == '{"id": "it\'s", "pricing": {"prompt": 0.00000250, "rest": ["2.5", 3]}}'


@pytest.mark.parametrize("key", ["it's", 'a "quote"', "back\\slash", "tab\t", "é"])
def test_a_path_may_have_any_key(key):
    escaped = json.dumps(key)[1:-1].replace('\\"', '"').replace("'", "\\'")
    found = place(json.dumps({key: {"price": 3}}), f"$['{escaped}']['price']", {"amount_original": Decimal(3)})
    assert [text for _, text in found.cells] == ["3"]


@pytest.mark.parametrize(
    "path", ["$['nothing']", "$[5]", "$['data'][9]", "$.data", "$['data'", "$['data'][1]['id'][0]['x']"]
)
def test_a_path_that_leads_nowhere_is_said(path):
    assert "cannot be found" in place(JSON, path, {"score": 1.0}).note


def test_an_object_of_a_scripts_payload_is_quoted():
    def read(page: Page) -> Iterator[Observation]:
        def parse(item: dict, at: str) -> Iterator[Observation]:
            yield Score(model_label=item["model"], row_locator=at, benchmark_id="b", score=item["score"])

        yield from page.read_values(
            page.payload_values("entries")[0], parse, into="scores", label="model", at="entries"
        )

    body = '<html><script type="application/json">{"entries": [{"model": "a", "score": 1}, {"model": "b", "score": 71.5}]}</script></html>'
    found = place(body, "entries[1]", {"score": 71.5}, read)
    assert (found.kind, found.words, found.cells) == (
        "script payload",
        '{"model": "b", "score": 71.5}',
        (("score", "71.5"),),
    )
    script = place(body, "payload script 1, $['entries'][1]['score']", {"score": 71.5})
    assert (script.kind, script.cells) == ("script payload", (("$['entries'][1]['score']", "71.5"),))


# ---------------------------------------------------------------- numbers and quotations


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1,287", {"1287", "1.287"}), ("$3 / MTok", {"3"}), ("+4/-3", {"4", "-3"}), ("0,5 €", {"0.5", "5"}), ("1 234.5", {"1234.5"}),
     ("1.5e-06", {"0.0000015"}), ("\u22123.5", {"-3.5"}), (".5", {"0.5"}), ("none", set()), ("71.5%", {"71.5"})],
)  # fmt: skip
def test_numbers_are_found_as_they_are_written(text, numbers):
    assert {Decimal(n) for n in numbers} <= numbers_in(text)


def test_a_long_quotation_keeps_its_start_and_the_figure():
    words = "start " + "x" * 1000 + " 71.5% " + "y" * 1000
    short = crop(words, (("", "71.5%"),))
    assert short.startswith("start") and "71.5%" in short and len(short) < 500

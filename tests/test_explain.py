"""From a mart's row to the observations, the captures and the words on the page: for every mart, and every kind of page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from warcio.archiveiterator import ArchiveIterator

from flows import explain as explain_module
from flows import steps
from flows.archive import Capture
from flows.cli import main
from flows.errors import UsageError, WarehouseError
from flows.explain import explain
from flows.explain_text import as_json, as_text, printable
from flows.lineage import find_table, rows_of
from flows.records import Expect, Observation, Price, Score, Source
from flows.settings import SQL_PROJECT, Warehouse
from flows.tables import Page
from tests.conftest import ROOT
from warehouse.connect import open_published

PAGES = ROOT / "tests" / "sources" / "pages"
JUNE, JULY = datetime(2024, 6, 10, 12), datetime(2024, 7, 10, 12)
HOSTILE = "evil\x1b[31m red\u202e\x9b2J\n model"
FEED = json.dumps(
    {
        "models": [
            {"id": HOSTILE, "pricing": {"prompt": "0.00000250", "completion": 1e-05}},
            {"id": "another", "pricing": {}},
        ]
    }
).replace("1e-05", "0.0000100")


class Feed:
    """A price feed in JSON, with the paths of its values as locators."""

    SOURCE = Source(
        id="feed", title="A feed", kind="feed", urls=("https://feed.example.org/api.json",), publisher="x", licence="x",
        may_republish=True, min_rows=1, expects={"prices": Expect()},
    )  # fmt: skip

    @staticmethod
    def read(page: Page) -> Iterator[Observation]:
        for n, model in enumerate(page.json["models"]):
            for key, kind in (("prompt", "input"), ("completion", "output")):
                if key in model["pricing"]:
                    yield Price(
                        model_label=model["id"], provider_id="openai", token_kind=kind, unit_original="per_token",
                        row_locator=f"$['models'][{n}]['pricing']['{key}']", amount_original=Decimal(str(model["pricing"][key])),
                    )  # fmt: skip


@pytest.fixture(scope="module")
def place(built_warehouse, tmp_path_factory) -> Warehouse:
    """Return a warehouse with an HTML, a markdown and a JSON source beside the reference CSVs; built once, to look at."""
    folder = tmp_path_factory.mktemp("explained") / "warehouse"
    shutil.copytree(built_warehouse, folder, symlinks=True)
    board = (PAGES / "aider" / "polyglot_details.html").read_bytes()
    aider, docs = "https://aider.chat/docs/leaderboards/", "https://docs.claude.com/en/docs/about-claude/pricing.md"
    board = board.replace(b"heron-r1 (high) + gull-4.1", b"gpt-4-0314")
    given = {
        "aider": [Capture("aider", aider, day, board, "text/html", 200) for day in (JUNE, JULY)],
        "anthropic_docs_pricing": [Capture("anthropic_docs_pricing", docs, JULY, (PAGES / "anthropic_docs_pricing" / "pricing.md").read_bytes(), "text/markdown", 200)],
        "feed": [Capture("feed", Feed.SOURCE.urls[0], JULY, FEED.encode(), "application/json", 200)],
    }  # fmt: skip
    job = steps.Job("replay", Warehouse.at(folder), given=given, readers={"feed": Feed})
    with steps.holding(job):
        runs = [steps.validate(job, steps.read(job, steps.capture(job, source))) for source in job.source_ids]
        assert [run.state for run in runs] == ["ok"] * 3, [run.message for run in runs]
        steps.load(job, runs)
        steps.resolve(job)
        steps.build(job)
        steps.publish(job)
    return job.warehouse


def told(place: Warehouse, table: str, *keys: str) -> str:
    return "\n".join(as_text(explain(place, table, keys)))


def evidence(place: Warehouse, table: str, *keys: str):
    """Return the one observation under the row's only figure."""
    (figure,) = explain(place, table, keys).figures
    while figure.figures:
        (figure,) = figure.figures
    (found,) = figure.evidence
    return found


PRICE = ("efficiency.price_history", "source_id=anthropic_docs_pricing", "model_id=unresolved.claude-opus-9.1", "tier=")
SCORE = ("convergence.frontier", "aider_polyglot", "closed", "model_id=gpt-4-0314")


# ---------------------------------------------------------------- from a mart's row to the page


def test_an_html_source(place):
    found = evidence(place, *SCORE)
    assert found.place.kind == "HTML table"
    assert found.place.cells == (("Percent correct", "81.3%"),)
    assert (
        found.place.words == "| gpt-4-0314 | 81.3% | $71.43 | aider --model heron-r1 --architect | 100.0% | architect"
    )
    assert (found.row["score"], found.row["model_label"], found.row["row_locator"]) == (
        81.3,
        "gpt-4-0314",
        "line 22, table 1 row 1",
    )
    assert (found.capture["url"], found.capture["captured_at"]) == ("https://aider.chat/docs/leaderboards/", JULY)
    assert found.reading == "today's reader finds the same"


def test_a_markdown_source(place):
    found = evidence(place, *PRICE, "token_kind=output")
    assert found.place.kind == "markdown table"
    assert found.place.cells == (("Output Tokens", "$90 / MTok"),)
    assert found.place.words.startswith("| Claude Opus 9.1") and found.place.words.endswith("\\$90 / MTok   |")
    assert found.row["usd_per_mtok"] == 90


def test_a_json_source(place, monkeypatch):
    monkeypatch.setattr(explain_module, "_reader", lambda source_id, url: Feed.read)
    found = evidence(place, "efficiency.price_history", "source_id=feed", "token_kind=output")
    path = "$['models'][0]['pricing']['completion']"
    assert found.place.kind == "JSON"
    assert found.place.cells == ((path, "0.0000100"),), "the digits as they stand on the page"
    assert '"completion": 0.0000100' in found.place.words
    assert (found.row["usd_per_mtok"], found.row["amount_original"]) == (10, Decimal("0.00001"))
    assert found.reading == "today's reader finds the same"
    answer = told(place, "efficiency.price_history", "source_id=feed", "token_kind=output")
    assert "0.00001 USD per token is 10 US dollars per million tokens" in answer


def test_a_csv_source(place):
    explained = explain(place, "convergence.frontier_gap", ["mmlu", "2024-07-31"])
    assert [list(figure.values) for figure in explained.figures] == [["closed_score"], ["open_score"]]
    for figure in explained.figures:
        (found,) = figure.evidence
        (value,) = figure.values.values()
        assert found.place.kind == "CSV file" and found.capture["url"] == "warehouse/reference/scores.csv"
        assert [(name, float(text)) for name, text in found.place.cells] == [("score", value)]
        lines = (ROOT / "warehouse" / "reference" / "scores.csv").read_text().splitlines()
        assert lines[int(found.row["row_locator"].removeprefix("line ")) - 1] == found.place.words
    assert "gap" in explained.computed
    assert "which takes it from https://" in told(place, "convergence.frontier_gap", "mmlu", "2024-07-31")


def test_several_figures_are_each_explained(place):
    keys = ["gpt-4o-2024-05-13", "gpt-4-32k", "article"]
    explained = explain(place, "efficiency.successor_efficiency", keys)
    assert [list(f.values) for f in explained.figures][:4] == [
        ["input_usd_per_mtok"], ["output_usd_per_mtok"], ["predecessor_input_usd_per_mtok"], ["predecessor_output_usd_per_mtok"],
    ]  # fmt: skip
    for figure in explained.figures[:4]:
        (below,) = figure.figures
        assert figure.origins == "efficiency.price_history"
        (found,) = below.evidence
        assert Decimal(found.place.cells[0][1]) == found.row["amount_original"]
        assert found.row["usd_per_mtok"] == next(iter(figure.values.values()))
    assert "0.06 USD per thousand tokens is 60 US dollars per million tokens" in told(
        place, "successor_efficiency", *keys
    )
    rates = [name for figure in explained.figures[4:] for name in figure.values]
    assert "tokens_per_second" in rates and all(f.is_aggregate and f.evidence for f in explained.figures[4:])


def test_figures_in_the_rows_of_details_are_found(place):
    cost, tokens, score = explain(
        place, "efficiency.run_costs", ["aider_polyglot", "gpt-4-0314", "source_id=aider"]
    ).figures
    assert cost.evidence[0].place.cells == (("Total cost", "71.4321"), ("Seconds per case", "101.5"))
    assert tokens.is_aggregate and tokens.evidence[0].place.cells[0] == ("Prompt tokens", "1234567")
    assert score.evidence[0].place.cells == (("Percent correct", "81.3%"),)


def test_a_mean_is_led_back_to_all_its_scores(place):
    with open_published(place.published) as con:
        row = rows_of(
            con, "from convergence.dispersion where benchmark_id = 'aider_polyglot' order by month desc limit 1"
        )[0]
    (figure,) = explain(place, "convergence.dispersion", ["aider_polyglot", str(row["month"]), row["panel"]]).figures
    scores = [found.row["score"] for found in figure.evidence]
    assert len(scores) == row["n"] and sum(scores) / len(scores) == pytest.approx(row["mean"])
    assert len({found.row["model_id"] for found in figure.evidence}) == len(scores)


# ---------------------------------------------------------------- the archived record


def test_the_place_in_the_archive_is_that_of_the_record(place):
    capture = evidence(place, *SCORE).capture
    with (place.archive / capture["archive_file"]).open("rb") as handle:
        handle.seek(capture["archive_offset"])
        record = next(ArchiveIterator(handle))
        assert record.rec_headers.get_header("WARC-Target-URI") == capture["url"]
        assert record.rec_headers.get_header("WARC-Date") == "2024-07-10T12:00:00Z"
        assert record.rec_type == "revisit", "the page was the same in June"
    assert capture["body_in"] != capture["archive_file"] and (place.archive / capture["body_in"]).is_file()
    assert f"(the same body as before, kept in {capture['body_in']})" in told(place, *SCORE)


def test_a_page_that_is_gone_is_said_where_it_is_missing(place, tmp_path):
    copy = Warehouse.at(tmp_path / "warehouse")
    shutil.copytree(
        place.directory, copy.directory, symlinks=True, ignore=shutil.ignore_patterns("dbt", "store.duckdb")
    )
    first = evidence(copy, *SCORE).capture["body_in"]
    (copy.archive / first).unlink()
    found = evidence(copy, *SCORE)
    assert found.place is None and first in found.problem
    assert found.capture["url"] == "https://aider.chat/docs/leaderboards/", "what is known is told all the same"
    assert f"missing:   {found.problem}" in told(copy, *SCORE)


def test_a_reader_that_reads_otherwise_today_is_said(place, monkeypatch):
    def reads(value: float | None):
        def read(page: Page) -> Iterator[Observation]:
            if value is None:
                return
            yield Score(model_label="gpt-4-0314", benchmark_id="aider_polyglot", variant="architect", score=value, row_locator="line 22, table 1 row 1")  # fmt: skip

        return read

    said = {
        81.3: "finds the same",
        82.0: "finds another figure there: score 82.0",
        None: "finds no such row on the page any more",
    }
    for value, words in said.items():
        monkeypatch.setattr(explain_module, "_reader", lambda *_, value=value: reads(value))
        found = evidence(place, *SCORE)
        assert words in found.reading
        assert found.place.cells == (("Percent correct", "81.3%"),), "the page is quoted as it is"
    monkeypatch.setattr(explain_module, "_reader", lambda *_: lambda page: 1 / 0)
    assert "today's reader breaks on the page: ZeroDivisionError" in evidence(place, *SCORE).reading
    monkeypatch.setattr(explain_module, "_reader", lambda *_: None)
    assert evidence(place, *SCORE).reading == "there is no reader of this source any more"


def test_hostile_words_of_a_page_never_reach_a_terminal(place, capsys):
    keys = ["raw.prices", "source_id=feed", "token_kind=input", "--warehouse", str(place.directory)]
    for more in ([], ["--json"]):
        assert main(["explain", *keys, *more]) == 0
        answer = capsys.readouterr().out
        assert all(c.isprintable() or c == "\n" for c in answer)
        assert "\\x1b[31m red" in answer or "\\u001b[31m red" in answer
    assert main(["explain", "raw.prices", "source_id=feed", *keys[-2:]]) == 2
    assert all(c.isprintable() or c == "\n" for c in capsys.readouterr().err)
    assert printable("a\x07\u202e\x9bb\n") == "a\\x07\\u202e\\x9bb\\n"


# ---------------------------------------------------------------- any table, and its keys


def test_every_table_is_explained_or_says_that_no_page_is_under_it(place, monkeypatch):
    monkeypatch.setattr(explain_module, "_reader", lambda *_: None)  # pages are quoted all the same, and faster
    with open_published(place.published) as con:
        names = con.execute(
            "select distinct schema_name || '.' || table_name from duckdb_columns()"
            " where not internal and schema_name != 'staging' order by all"
        ).fetchall()
        tables = [find_table(con, name) for (name,) in names]
        rows = {str(t): rows_of(con, f'select * from "{t.schema}"."{t.name}" limit 1') for t in tables}
    for table in tables:
        for row in rows[str(table)]:
            keys = [f"{c}={'' if row[c] is None else row[c]}" for c in table.grain or table.columns]
            explained = explain(place, str(table), keys)
            assert {c: explained.row[c] for c in row if c != "age_days"} == {c: row[c] for c in row if c != "age_days"}
            assert "\n".join(as_text(explained)) and json.loads(as_json(explained))["table"] == str(table)
            if {"capture_id", "row_locator"} <= set(table.columns):
                assert explained.figures, table


def test_a_row_kept_by_hand_names_its_own_source(place):
    answer = told(place, "core.models", "gpt-4o-2024-05-13")
    assert "released_on 2024-05-13" in answer and "source_url https://" in answer
    assert "This row is kept by hand in warehouse/reference" in answer


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["convergence.frontier_gaps"], "expected a published table; found none of that name. Nearest: convergence.frontier_gap"),
        (["captures"], r"captures: expected one table; found meta.captures, raw.captures"),
        (["frontier_gap", "benchmark=mmlu"], r"expected one of its columns \(benchmark_id, .*; found 'benchmark'"),
        (["frontier_gap", "mmlu", "soon"], r"expected a value of as_of_on \(date\); found 'soon'"),
        (["frontier_gap", "mlmu"], "expected a row with benchmark_id=mlmu; found none. Nearest values of benchmark_id: .*mmlu"),
        (["frontier_gap", "mmlu", "2024-07-30"], "with as_of_on=2024-07-30 where benchmark_id=mmlu; found none. Nearest values of as_of_on: .*2024-07-31"),
        (["frontier_gap", "mmlu", "2024-07-31", "3"], "expected its keys in the order benchmark_id, as_of_on; found '3'"),
        (["raw.scores", "x"], "expected its keys as column=value; found 'x'"),
        (["frontier_gap", "mmlu"], r"found \d+ rows that fit:\nas_of_on\n-+\n(.*\n){20}\(the first 20\)\nAdd what tells .* 'as_of_on="),
        (["frontier_gap", "mmlu", "gap=-1e9"], "expected a row with gap=-1000000000.0 where benchmark_id=mmlu; found none. Nearest"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_keys_that_name_no_row_or_several_say_what_there_is(place, words, said):
    with pytest.raises(UsageError, match=said):
        explain(place, words[0], words[1:])


@pytest.mark.parametrize("name", ["x; drop table core.models", 'core."models"', "core.models--", "", "core.scores'"])
def test_a_table_is_only_ever_one_that_is_there(place, name):
    with pytest.raises(UsageError, match="expected a published table"):
        explain(place, name, [])


def test_keys_are_values_and_never_sql(place):
    with pytest.raises(UsageError, match="found none. Nearest values"):
        explain(place, "core.models", ["model_id=x' or '1'='1"])


def test_before_the_first_run_it_says_what_to_type(tmp_path):
    with pytest.raises(WarehouseError, match="Type `convergence run` first"):
        explain(Warehouse.at(tmp_path), "core.models", [])


# ---------------------------------------------------------------- what marts declare


MARTS = [p for p in sorted((SQL_PROJECT / "models").glob("*/*.yml")) if p.parent.name in ("convergence", "efficiency")]
MARTS.append(SQL_PROJECT / "models" / "meta" / "conflicts.yml")


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_every_mart_declares_where_its_figures_come_from(place, path):
    schema = path.parent.name
    with open_published(place.published) as con:
        table = find_table(con, f"{schema}.{path.stem.removeprefix(f'{schema}_')}")
        assert table.declared
        for declared in table.declared:
            source = find_table(con, declared.table)
            assert source.kind or source.declared, "what it leads to leads on"
            assert set(declared.columns) <= set(table.columns)
            assert set(declared.columns.values()) <= set(source.columns)


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_every_figure_of_every_row_has_its_observation_and_no_other(place, path):
    schema = path.parent.name
    with open_published(place.published) as con:
        table = find_table(con, f"{schema}.{path.stem.removeprefix(f'{schema}_')}")
        con.execute("set memory_limit = '1GB'")
        for declared in table.declared:
            others = [d for d in table.declared if d is not declared and set(d.columns) & set(declared.columns)]
            source = declared.table.partition(".")[2]
            for column, of in declared.columns.items():
                found = con.execute(f"""
                    with mart as (select row_number() over () as mart_no, * from {table}),
                    hits as (
                        select mart_no, count(*) as n_hits, bool_and(abs("{source}"."{of}"::double - mart."{column}"::double) < 1e-9) as is_same
                        from mart, {declared.table} as "{source}" where ({declared.where}) group by mart_no
                    )
                    select
                        count(*) filter (n_hits is null), count(*) filter (n_hits > 1), count(*) filter (not is_same)
                    from mart left join hits using (mart_no) where mart."{column}" is not null
                """).fetchall()[0]
                lost, several, others_value = found
                assert lost == 0 or others, (column, "rows without an observation", lost)
                if not declared.is_aggregate:
                    assert (several, others_value) == (0, 0), (column, declared)

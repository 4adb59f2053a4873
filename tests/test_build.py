"""Building: from raw rows to marts, on a small store of the article's own figures."""

import os
import subprocess
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from flows.errors import BuildFailed
from warehouse.build import PROJECT, build
from warehouse.connect import open_store

# SEAL, summer 2024: model, access, released, coding (score, plus, minus), instruction following (score, plus, minus)
SEAL = [
    ("claude-3-5-sonnet-20240620", "closed", "2024-06-20", (1165, 33, 33), (90.17, 1.54, 1.54)),
    ("gpt-4-0125-preview", "closed", "2024-01-25", (1131, 24, 27), (87.95, 1.30, 1.30)),
    ("gpt-4o-2024-05-13", "closed", "2024-05-13", (1125, 28, 27), (88.77, 1.37, 1.37)),
    ("llama-3.1-405b-instruct", "open", "2024-07-23", (1123, 33, 30), (90.35, 1.53, 1.52)),
    ("gemini-1.5-pro-may-2024", "closed", "2024-05-24", (1085, 28, 28), (85.20, 1.67, 1.70)),
    ("claude-3-opus-20240229", "closed", "2024-03-04", (1045, 24, 24), (84.78, 1.52, 1.52)),
    ("gemini-1.5-flash-preview", "closed", "2024-05-14", (1024, 29, 25), (82.34, 1.79, 1.80)),
    ("gemini-1.5-pro-april-2024", "closed", "2024-04-09", (984, 29, 27), (82.90, 2.02, 2.02)),
    ("claude-3-sonnet-20240229", "closed", "2024-03-04", (970, 27, 28), (83.26, 1.78, 1.79)),
    ("llama-3-70b-instruct", "open", "2024-04-18", (967, 22, 23), (85.65, 1.67, 1.67)),
    ("mistral-large-2402", "closed", "2024-02-26", (908, 24, 25), (85.11, 1.52, 1.52)),
    ("gemini-1.0-pro", "closed", "2023-12-06", (781, 29, 29), (73.65, 2.32, 2.32)),
    ("codellama-34b-instruct", "open", "2023-08-24", (690, 33, 35), (66.78, 2.16, 2.15)),
]
# The article's table: model, day, input and output US dollars per million tokens, tokens per second (point, low, high)
ARTICLE = [
    ("claude-3-sonnet-20240229", "2024-03-04", 3, 15, (63, None, None)),
    ("claude-3-5-sonnet-20240620", "2024-06-20", 3, 15, (79, None, None)),
    ("gpt-3.5-turbo-16k-0613", "2023-06-13", 3, 4, (None, 40, 50)),
    ("gpt-3.5-turbo-0125", "2024-01-25", 0.5, 1.5, (83, None, None)),
    ("gpt-4-32k", "2023-03-14", 60, 120, (22, None, None)),
    ("gpt-4-0314", "2023-03-14", 30, 60, None),
    ("gpt-4o-2024-05-13", "2024-05-13", 5, 15, (83, None, None)),
]
PAIRS = [(1, 0), (3, 2), (6, 4), (6, 5)]
URL = "https://example.org"
MACROS = """
select schema_name || '.' || function_name, parameters
from duckdb_functions() where function_type = 'table_macro' and not internal
"""
VIEWS = "select schema_name || '.' || view_name from duckdb_views() where not internal"


class Filler:
    """Puts rows into a store as load and resolve would."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def insert(self, table: str, **row) -> None:
        self.con.execute(
            f"insert into {table} ({', '.join(row)}) values ({', '.join('?' for _ in row)})", list(row.values())
        )

    def capture(
        self, source_id: str, day: str, url: str = "https://example.org/page", version: int = 1, state: str = "ok"
    ) -> dict:
        capture_id = f"{source_id} {day} {url}"
        self.con.execute("delete from raw.captures where capture_id = ?", [capture_id])
        self.insert(
            "raw.captures", capture_id=capture_id, source_id=source_id, url=url, captured_at=day, body_sha256="0", body_bytes=1,
            archive_file="a.warc.gz", archive_offset=0,
        )  # fmt: skip
        self.insert(
            "raw.readings", reading_id=f"{capture_id} {version}", capture_id=capture_id, source_id=source_id, reader_version=version,
            read_at=day, state=state, rows_read=1, rows_accepted=1, rows_quarantined=0,
        )  # fmt: skip
        return {
            "source_id": source_id,
            "capture_id": capture_id,
            "reading_id": f"{capture_id} {version}",
            "captured_at": day,
        }

    def row(self, table: str, capture: dict, model: str, **columns) -> None:
        locator = f"line {self.con.execute(f'select count(*) + 1 from raw.{table}').fetchall()[0][0]}"
        self.insert(
            f"raw.{table}",
            **capture,
            row_locator=locator,
            model_label=model,
            source_url=URL,
            is_estimate=False,
            **columns,
        )

    def score(self, capture: dict, model: str, benchmark: str, score: float, plus: float, minus: float) -> None:
        self.row(
            "scores", capture, model, benchmark_id=benchmark, score=score, ci_low=score - minus, ci_high=score + plus, ci_level=0.95,
            reported_by="independent", is_contaminated=False,
        )  # fmt: skip

    def price(self, capture: dict, model: str, kind: str, usd: float, effective_on: str | None = None) -> None:
        self.row(
            "prices", capture, model, provider_id="vendor", token_kind=kind, usd_per_mtok=usd, amount_original=usd, currency="USD",
            unit_original="per_mtok", fx_rate=1, effective_on=effective_on,
        )  # fmt: skip

    def resolve(self) -> None:
        """Let every label mean the model of its name."""
        self.con.execute("delete from core.labels")
        self.con.execute(
            "insert into core.labels by name select model_label as label, source_id, model_label as model_id, 'exact' as method,"
            " model_label not in (select model_id from reference.models) as is_provisional from ("
            + " union ".join(
                f"select model_label, source_id from raw.{t}" for t in ("scores", "prices", "speeds", "run_costs")
            )
            + ")"
        )


def fill(store: Path) -> None:
    """Fill a new store with SEAL's boards and the article's table."""
    with open_store(store) as con:
        f = Filler(con)
        models = {m: (access, day) for m, access, day, *_ in SEAL} | {
            m: ("closed", day) for m, day, *_ in ARTICLE if "gpt" in m
        }
        for model, (access, day) in models.items():
            f.insert(
                "reference.models",
                model_id=model,
                name=model,
                organization_id="vendor",
                access=access,
                released_on=day,
                source_url=URL,
            )
        f.insert("reference.organizations", organization_id="vendor", name="Vendor", source_url=URL)
        f.insert("reference.providers", provider_id="vendor", name="Vendor", organization_id="vendor", source_url=URL)
        shared = {"higher_is_better": True, "source_url": URL}
        f.insert(
            "reference.benchmarks", benchmark_id="seal_coding", name="Coding", unit="elo", scale_kind="rating", **shared
        )
        f.insert(
            "reference.benchmarks", benchmark_id="seal_instruction_following", name="Instruction following", unit="percent", score_min=0,
            score_max=100, scale_kind="accuracy", **shared,
        )  # fmt: skip
        capture = f.capture("reference", "2024-08-01")
        for model, _, _, coding, following in SEAL:
            f.score(capture, model, "seal_coding", *coding)
            f.score(capture, model, "seal_instruction_following", *following)
        for model, day, input_usd, output_usd, speed in ARTICLE:
            f.price(capture, model, "input", input_usd, day)
            f.price(capture, model, "output", output_usd, day)
            if speed:
                names = ("tokens_per_second", "tokens_per_second_low", "tokens_per_second_high")
                f.row(
                    "speeds",
                    capture,
                    model,
                    provider_id="vendor",
                    statistic="median",
                    **dict(zip(names, speed, strict=True)),
                )
        for model, predecessor in PAIRS:
            f.insert(
                "reference.successions",
                model_id=ARTICLE[model][0],
                predecessor_id=ARTICLE[predecessor][0],
                kind="article",
                source_url=URL,
            )
        f.resolve()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the store of SEAL and the article, built once; look, do not touch."""
    folder = tmp_path_factory.mktemp("build")
    fill(folder / "store.duckdb")
    build(folder / "store.duckdb", folder / "work")
    return folder / "store.duckdb"


def ask(store: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(store), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("board", "share", "n_tied"), [("seal_coding", 0.4, 4), ("seal_instruction_following", 0.3, 3)]
)
def test_seal_of_summer_2024_shows_the_top_tied(built, board, share, n_tied):
    sql = f"select tied_with_leader, n_tied, n, n_models from convergence.dispersion where benchmark_id = '{board}' and panel = 'top10'"
    assert ask(built, f"{sql} and month = date '2024-07-01'") == [(share, n_tied, 10, 13)]


def test_the_articles_pairs_come_out_as_the_article_has_them(built):
    rows = ask(
        built,
        """
        select predecessor_id, predecessor_input_usd_per_mtok::double, predecessor_output_usd_per_mtok::double,
            input_usd_per_mtok::double, output_usd_per_mtok::double, predecessor_tokens_per_second, tokens_per_second,
            round(input_price_ratio, 2), round(output_price_ratio, 2), round(speed_ratio, 1), verdict
        from efficiency.successor_efficiency order by predecessor_id
        """,
    )
    assert rows == [
        ("claude-3-sonnet-20240229", 3, 15, 3, 15, 63, 79, 1, 1, 1.3, "faster"),
        ("gpt-3.5-turbo-16k-0613", 3, 4, 0.5, 1.5, 45, 83, 6, 2.67, 1.8, "both"),
        ("gpt-4-0314", 30, 60, 5, 15, None, 83, 6, 4, None, "cheaper"),
        ("gpt-4-32k", 60, 120, 5, 15, 22, 83, 12, 8, 3.8, "both"),
    ]


def test_llama_405b_closed_the_gap_in_coding_to_a_tie(built):
    rows = ask(
        built,
        "select open_model_id, gap, gap_share, round(win_probability, 3) from convergence.frontier_gap"
        " where benchmark_id = 'seal_coding' and as_of_on in (date '2024-06-30', date '2024-07-31') order by as_of_on",
    )
    assert rows == [("llama-3-70b-instruct", 198, None, 0.758), ("llama-3.1-405b-instruct", 42, None, 0.56)]


def test_as_of_and_known_at_are_two_clocks(built):
    steps = "select count(*) from convergence.frontier_at"
    assert ask(built, f"{steps}('2024-07-22') where model_id = 'llama-3.1-405b-instruct'") == [(0,)]
    assert ask(built, f"{steps}('2024-07-23') where model_id = 'llama-3.1-405b-instruct'")[0][0] > 0
    assert ask(built, f"{steps}('2026-01-01', '2024-07-31')") == [(0,)], "nothing had been captured by then"
    assert ask(built, f"{steps}('2026-01-01', date '2024-08-01')") == ask(built, f"{steps}('2026-01-01')")


def test_every_table_column_and_macro_has_a_comment(built):
    assert ask(built, "select * from meta.dictionary where coalesce(comment, '') = ''") == []
    listed = ask(built, "select count(*) from meta.dictionary where column_name is not null")
    assert listed == ask(
        built, "select count(*) from duckdb_columns() where not internal and database_name = current_database()"
    )


def test_macros_work_in_a_renamed_and_attached_file(built, tmp_path):
    (tmp_path / "renamed.duckdb").write_bytes(built.read_bytes())
    with duckdb.connect() as con:
        con.execute(f"attach '{tmp_path / 'renamed.duckdb'}' as other (read_only)")
        con.execute("use other")
        macros = con.execute(MACROS).fetchall()
        assert len(macros) > 20
        for name, parameters in macros:
            con.execute(f"select * from {name}({', '.join('current_date' for _ in parameters)})").fetchall()
        for (view,) in con.execute(VIEWS).fetchall():
            con.execute(f"select * from {view}").fetchall()


def test_the_file_opens_in_duckdb_1_4_with_its_macros(built):
    python = os.environ.get("CONVERGENCE_DUCKDB14_PYTHON")
    if not python:
        pytest.skip("no DuckDB 1.4 here (set CONVERGENCE_DUCKDB14_PYTHON to a Python that has it)")
    script = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for name, parameters in con.execute(sys.argv[2]).fetchall():
    con.execute(f"select * from {name}({', '.join('current_date' for _ in parameters)})").fetchall()
for (view,) in con.execute(sys.argv[3]).fetchall():
    con.execute(f"select * from {view}").fetchall()
print(duckdb.__version__)
"""
    found = subprocess.run(
        [python, "-c", script, str(built), MACROS, VIEWS], capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("1.4.")


def test_building_again_changes_nothing_and_prints_nothing(built, tmp_path, capfd):
    (tmp_path / "store.duckdb").write_bytes(built.read_bytes())
    before = {path: path.stat().st_mtime for path in PROJECT.rglob("*")}
    result = build(tmp_path / "store.duckdb", tmp_path / "work")
    assert capfd.readouterr() == ("", "")
    assert {path: path.stat().st_mtime for path in PROJECT.rglob("*")} == before
    assert result.models > 40 and result.tests > 50 and result.failures == []
    with duckdb.connect() as con:
        con.execute(f"attach '{built}' as one (read_only)")
        con.execute(f"attach '{tmp_path / 'store.duckdb'}' as two (read_only)")
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'one'"
        ).fetchall()
        for (table,) in tables:
            one, two = f"from one.{table}", f"from two.{table}"
            assert con.execute(f"({one} except all {two}) union all ({two} except all {one})").fetchall() == [], table


def test_a_build_as_of_a_day_knows_nothing_later(built, tmp_path):
    store = tmp_path / "store.duckdb"
    store.write_bytes(built.read_bytes())
    build(store, tmp_path / "work", as_of=date(2024, 5, 1), known_at=datetime(2024, 8, 1, 12))
    assert ask(store, "select max(from_on), max(to_on) from convergence.frontier") == [(date(2024, 4, 18),) * 2]
    assert ask(store, "select max(as_of_on) from convergence.frontier_gap") == [(date(2024, 4, 30),)]
    assert ask(store, "select count(*) from efficiency.successor_efficiency where model_id like 'gpt-4o%'") == [(0,)]


def test_pages_over_time_make_history_and_withdrawals(tmp_path):
    store = tmp_path / "store.duckdb"
    with open_store(store) as con:
        f = Filler(con)
        f.insert(
            "reference.models",
            model_id="m",
            name="M",
            organization_id="o",
            access="closed",
            released_on="2024-01-01",
            source_url=URL,
        )
        f.insert("reference.providers", provider_id="vendor", name="Vendor", organization_id="o", source_url=URL)
        for day, models, usd in (("2024-01-10", "mn", 10), ("2024-02-10", "mn", 10), ("2024-03-10", "m", 8)):
            capture = f.capture("page", day)
            for model in models:
                f.price(capture, model, "input", usd)
                f.score(capture, model, "own_test", 50, 1, 1)
        f.price(f.capture("silent", "2024-01-20"), "m", "input", 11)
        corrected = f.capture("page", "2024-02-10", version=2)
        f.price(corrected, "m", "input", 9)
        f.score(corrected, "m", "own_test", 55, 1, 1)
        f.resolve()
    build(store, tmp_path / "work")
    columns = "usd_per_mtok::double, valid_from::varchar, valid_to::varchar, is_preferred"
    history = f"select {columns} from efficiency.price_history where source_id"
    assert ask(store, f"{history} = 'page' and model_id = 'm' order by valid_from") == [
        (10, "2024-01-10", "2024-02-10", True),
        (9, "2024-02-10", "2024-03-10", True),
        (8, "2024-03-10", None, True),
    ]
    assert ask(store, f"{history} = 'silent'") == [(11, "2024-01-20", None, False)], (
        "a source that stops speaking ends nothing"
    )
    gone = ask(store, f"{history} = 'page' and model_id = 'n'")
    assert gone == [(10, "2024-01-10", "2024-02-10", True)], "the next capture, as corrected, no longer lists it"
    withdrawn = "select captured_at::date::varchar, is_current, is_headline, withdrawn_on::varchar from core.scores"
    assert ask(store, f"{withdrawn} where model_id = 'n'") == [("2024-01-10", False, False, "2024-02-10")]
    assert ask(store, f"{withdrawn} where model_id = 'm' and is_headline") == [("2024-03-10", True, True, None)]
    assert ask(store, "select is_provisional, access from core.models where model_id = 'n'") == [(True, None)]
    assert ask(store, "select scale_kind from core.benchmarks where benchmark_id = 'own_test'") == [(None,)]
    used = ask(
        store, "select used_source_id, other_source_id from meta.conflicts where table_name = 'prices' group by all"
    )
    assert used == [("page", "silent")]


def test_a_label_that_nobody_resolved_fails_the_build_by_name(built, tmp_path):
    store = tmp_path / "store.duckdb"
    store.write_bytes(built.read_bytes())
    with duckdb.connect(str(store)) as con:
        con.execute("delete from core.labels where label = 'gpt-4-32k'")
    with pytest.raises(BuildFailed, match=r"every_staged_row_has_one_label: Got \d+ results.*\.sql"):
        build(store, tmp_path / "work")
    with duckdb.connect(str(store)) as con:
        assert con.execute("select 1").fetchall() == [(1,)], "the store is closed after a failure too"

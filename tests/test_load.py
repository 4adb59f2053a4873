"""Loading: a capture's reading goes in whole, once, and what is there stays as it is."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.archive import Capture
from flows.errors import ConvergenceError
from flows.read import Reading, to_frame
from flows.records import Rejected
from flows.settings import REFERENCE
from flows.sources import reader_of
from warehouse import load as loading
from warehouse.connect import create_schema, open_store
from warehouse.load import ENTITIES, declare_sources, load, load_reference, read_state, write_run

ROOT = Path(__file__).parents[1]
NOON = datetime(2024, 7, 10, 12)
KEYS = {"model_label": "GPT-4o", "row_locator": "line 3", "source_url": "https://example.org/a", "is_estimate": False}
SCORE = KEYS | {"benchmark_id": "mmlu", "score": 88.7, "reported_by": "vendor", "is_contaminated": False}
PRICE = KEYS | {
    "provider_id": "openai",
    "token_kind": "input",
    "amount_original": Decimal("0.000002500"),
    "currency": "USD",
    "unit_original": "per_token",
    "usd_per_mtok": Decimal("2.500000"),
    "fx_rate": Decimal(1),
}


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        create_schema(connection)
        yield connection


def capture(n: int = 0, body: bytes = b"<html>") -> Capture:
    return Capture("aider", f"https://example.org/{n}", NOON, body, "text/html", 200)


def reading(n: int = 0, version: int = 1, **rows: list[dict]) -> Reading:
    frames = {table: to_frame(table, records) for table, records in (rows or {"scores": [SCORE]}).items()}
    return Reading(capture(n), version, frames, rows_read=sum(map(len, frames.values())))


def count(con, table: str) -> int:
    return con.execute(f"select count(*) from raw.{table}").fetchall()[0][0]


def test_the_same_reading_twice_adds_nothing(con):
    assert load(con, [reading()]) == 1
    before = {t: con.execute(f"from raw.{t} order by all").fetchall() for t in ("scores", "captures", "readings")}
    assert load(con, [reading(), reading()]) == 0
    assert {t: con.execute(f"from raw.{t} order by all").fetchall() for t in before} == before


def test_a_newer_readers_reading_stands_beside_the_old_one(con):
    load(con, [reading(version=1)])
    load(con, [reading(version=2, scores=[SCORE | {"score": 90.0}])])
    assert con.execute("select score from raw.scores order by score").fetchall() == [(88.7,), (90.0,)]
    assert (count(con, "captures"), count(con, "readings")) == (1, 2)
    assert load(con, [reading(version=1)]) == 0  # an older program after a newer one


def test_nothing_in_the_raw_tables_is_ever_updated_or_deleted():
    code = (ROOT / "warehouse" / "load.py").read_text()
    assert not re.search(r"(?i)\b(update|delete from|truncate|insert or replace)\b[^\n]*raw\.", code)
    for file in (ROOT / "flows").rglob("*.py"):
        assert not re.search(r"(?i)\b(delete from|update) raw\.", file.read_text()), file.name


def test_every_value_arrives_as_it_was_read(con):
    full = SCORE | {"variant": "5-shot", "ci_low": 88.0, "ci_high": 89.5, "ci_level": 0.95, "n_samples": 14_042,
                    "measured_on": date(2024, 5, 13), "notes": "a | b; 'c' \"d\" \n模型"}  # fmt: skip
    load(con, [reading(scores=[full, SCORE])])
    names = [*full, "captured_at", "source_id"]
    rows = con.execute(f"select {', '.join(names)} from raw.scores order by variant nulls last").fetchall()
    assert dict(zip(names, rows[0], strict=True)) == full | {"captured_at": NOON, "source_id": "aider"}
    assert dict(zip(names, rows[1], strict=True)) == {
        n: (SCORE | {"captured_at": NOON, "source_id": "aider"}).get(n) for n in names
    }


@pytest.mark.parametrize("amount", ["0.000000001", "0.075000000", "999999999.999999999", "0"])
def test_money_keeps_every_digit(con, amount):
    usd = Decimal(amount).quantize(Decimal("0.000001"))
    load(con, [reading(prices=[PRICE | {"amount_original": Decimal(amount), "usd_per_mtok": usd}])])
    found = con.execute("select amount_original, usd_per_mtok, typeof(usd_per_mtok), tier from raw.prices").fetchall()
    assert found == [(Decimal(amount), usd, "DECIMAL(18,6)", None)]


def test_every_observation_table_takes_a_row_of_nothing_but_its_keys(con):
    rows = {
        "scores": [SCORE],
        "prices": [PRICE],
        "speeds": [KEYS | {"provider_id": "openai", "statistic": "median"}],
        "run_costs": [KEYS | {"benchmark_id": "aider_edit", "total_cost_usd": Decimal("1.234567")}],
        "models": [KEYS | {"model_id": "gpt-4o"}],
    }
    load(con, [reading(**rows)])
    assert {t: count(con, t) for t in rows} == dict.fromkeys(rows, 1)
    assert con.execute("select total_cost_usd, n_cases from raw.run_costs").fetchall() == [(Decimal("1.234567"), None)]
    assert con.execute("select is_reasoning from raw.models").fetchall() == [(None,)]


def test_quarantine_keeps_the_row_as_json_with_the_reason(con):
    kept = reading()
    cells = {"Model": "GPT-4o 'x' \"y\"", "Score": "n/a", "模型": "\u2028<script>", "n": 3, "when": date(2024, 1, 1)}
    kept.quarantine = [
        Rejected(table="scores", row_locator="line 9", reason="expected a number; found 'n/a'", cells=cells)
    ]
    load(con, [kept])
    row = con.execute("select table_name, row_locator, model_label, reason, row_json from raw.quarantine").fetchall()[0]
    assert row[:4] == ("scores", "line 9", None, "expected a number; found 'n/a'")
    assert json.loads(row[4]) == cells | {"when": "2024-01-01"}
    assert con.execute("select row_json->>'Model' from raw.quarantine").fetchall() == [("GPT-4o 'x' \"y\"",)]


def test_a_failed_reading_is_written_down_without_rows(con):
    bad = Reading(capture(), 1, state="failed", message="expected a table; found none")
    assert load(con, [bad]) == 1
    assert con.execute("select state, message, rows_accepted from raw.readings").fetchall() == [
        ("failed", "expected a table; found none", 0)
    ]
    assert load(con, [bad]) == 0


def test_a_page_whose_reader_crashed_is_kept_and_read_again(con):
    assert load(con, [Reading(capture(), 1, state="crashed", message="boom")]) == 0
    assert (count(con, "captures"), count(con, "readings")) == (1, 0)
    assert [c.capture_id for c, _ in read_state(con).to_read_again("aider", 1)] == [capture().capture_id]
    assert load(con, [reading()]) == 1
    assert (count(con, "captures"), count(con, "readings")) == (1, 1)
    assert read_state(con).to_read_again("aider", 1) == []


@pytest.mark.parametrize("bad", [{"n_samples": 3_000_000_000}, {"reported_by": None}, {"row_locator": None}])
def test_rows_that_the_tables_cannot_take_fail_alone(con, bad, caplog):
    misfit = reading(1, scores=[SCORE, SCORE | bad])
    assert load(con, [reading(0), misfit, reading(2)]) == 2
    assert misfit.state == "crashed" and "https://example.org/1" in (misfit.message or "")
    assert "aider: load:" in caplog.text
    assert con.execute("select count(*), count(distinct capture_id) from raw.scores").fetchall() == [(2, 2)]
    assert (count(con, "captures"), count(con, "readings")) == (3, 2)


def test_a_column_that_the_table_does_not_have_fails_alone(con):
    odd = reading(1)
    odd.frames["scores"] = odd.frames["scores"].with_columns(surprise=1)
    assert load(con, [odd, reading(2)]) == 1
    assert odd.state == "crashed"


def test_an_error_in_the_middle_leaves_nothing_of_that_reading(con, monkeypatch):
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "as_json", broken)
    stopped = reading()
    stopped.quarantine = [Rejected(table="scores", row_locator="1", reason="x")]
    with pytest.raises(KeyboardInterrupt):
        load(con, [stopped])
    assert [count(con, t) for t in ("captures", "readings", "scores", "quarantine")] == [0, 0, 0, 0]
    monkeypatch.undo()
    assert load(con, [stopped]) == 1


LOAD = """
import os, sys
from pathlib import Path
sys.path.insert(0, ".")
from tests.test_load import PRICE, SCORE, reading
from warehouse import load as loading
from warehouse.connect import open_store
kill_at = int(sys.argv[2])
calls = []
def dying(*a, _insert=loading._insert, **k):
    calls.append(1)
    if len(calls) == kill_at:
        os.kill(os.getpid(), 9)
    return _insert(*a, **k)
loading._insert = dying
loading.now = lambda: __import__("datetime").datetime(2026, 1, 1)
with open_store(Path(sys.argv[1])) as con:
    loading.load(con, [reading(n, scores=[SCORE] * 50, prices=[PRICE] * 50) for n in range(3)])
"""


def dump(path: Path) -> dict[str, list]:
    with open_store(path, read_only=True) as con:
        return {
            t: con.execute(f"from raw.{t} order by all").fetchall()
            for t in ("captures", "readings", "scores", "prices")
        }


def test_a_load_killed_anywhere_and_run_again_gives_the_same_tables(tmp_path):
    def run(path: Path, kill_at: int) -> int:
        return subprocess.run([sys.executable, "-c", LOAD, str(path), str(kill_at)], cwd=ROOT).returncode

    whole = tmp_path / "whole.duckdb"
    assert run(whole, 0) == 0
    for kill_at in (1, 2, 8):  # at the first page, inside its transaction, in a later page
        path = tmp_path / f"killed{kill_at}.duckdb"
        assert run(path, kill_at) == -signal.SIGKILL
        assert len(dump(path)["scores"]) in (0, 50, 100)
        assert run(path, 0) == 0
        assert dump(path) == dump(whole)


def test_the_state_says_what_was_captured_and_read(con):
    load(con, [reading(0), reading(1)])
    state = read_state(con)
    assert set(state.captures) == {capture(0).capture_id, capture(1).capture_id}
    known = state.known("aider", "https://example.org/0")
    assert known is not None and known.body_sha256 == capture().body_sha256
    assert state.known("aider", "https://example.org/9") is None
    assert [c.url for c, _ in state.to_read_again("aider", 2)] == ["https://example.org/0", "https://example.org/1"]
    stored, file = state.captures[capture(0).capture_id]
    assert (stored.url, stored.captured_at, stored.body_sha256, file) == (
        "https://example.org/0", NOON, capture().body_sha256, capture().archive_file,
    )  # fmt: skip


def test_declaring_sources_again_keeps_those_that_people_imported(con):
    declare_sources(con, [reader_of("aider").SOURCE])
    con.execute("insert into meta.sources select * replace ('mine' as source_id) from meta.sources")
    declare_sources(con, [reader_of("aider").SOURCE])
    assert con.execute("select source_id from meta.sources order by 1").fetchall() == [("aider",), ("mine",)]


def test_the_run_log_only_grows(con):
    for state in ("loaded", "published"):
        write_run(con, "run1", "run", NOON, state, None, "1")
    assert con.execute("select state from raw.runs").fetchall() == [("loaded",), ("published",)]


# ---------------------------------------------------------------- reference tables


@pytest.fixture
def facts(tmp_path) -> Path:
    """Return a small, right set of reference tables."""
    folder = tmp_path / "reference"
    folder.mkdir()
    with duckdb.connect() as schema:
        create_schema(schema)
        for name in ENTITIES:
            columns = schema.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = 'reference' and table_name = ?"
                " order by column_index", [name]
            ).fetchall()  # fmt: skip
            given = {
                "model_id": "gpt-4o",
                "predecessor_id": "gpt-4o",
                "organization_id": "openai",
                "provider_id": "openai",
                "source_id": "",
            }
            kinds = {"DATE": "2024-05-13", "BOOLEAN": "true", "VARCHAR": "text"}
            row = [given.get(c, kinds.get(t, "1")) for c, t in columns]
            (folder / f"{name}.csv").write_text(",".join(c for c, _ in columns) + "\n" + ",".join(row) + "\n")
    return folder


def change(folder: Path, name: str, column: str, value: str, *, new_row: bool = False) -> None:
    path = folder / f"{name}.csv"
    header, row = path.read_text().splitlines()[:2]
    cells = dict(zip(header.split(","), row.split(","), strict=True)) | {column: value}
    path.write_text("\n".join([header, *([row] if new_row else []), ",".join(cells.values())]) + "\n")


def test_the_projects_own_reference_tables_load(con):
    load_reference(con, REFERENCE)
    load_reference(con, REFERENCE)
    assert con.execute("select count(*) = count(distinct model_id) from reference.models").fetchall() == [(True,)]


def test_empty_cells_are_null_and_numbers_are_exact(con, facts):
    change(facts, "models", "params_total_b", "")
    change(facts, "fx_rates", "usd_per_unit", "0.142755001")
    load_reference(con, facts)
    assert con.execute("select params_total_b from reference.models").fetchall() == [(None,)]
    assert con.execute("select usd_per_unit from reference.fx_rates").fetchall() == [(Decimal("0.142755001"),)]


MISTAKES = [
    ("models", "released_on", "13 May 2024", "expected a day as YYYY-MM-DD; found '13 May 2024'"),
    ("models", "released_on", "2024-02-30", "expected a day"),
    ("models", "released_on", "20240513", "expected a day"),
    ("models", "is_base", "yes", "expected true or false; found 'yes'"),
    ("models", "is_base", "True", "expected true or false"),
    ("models", "params_total_b", "about 8", "expected a number; found 'about 8'"),
    ("models", "params_total_b", "nan", "expected a number"),
    ("models", "context_tokens", "128k", "expected a whole number; found '128k'"),
    ("models", "model_id", "", "expected a value; found none"),
    ("models", "source_url", "", "expected a value; found none"),
    ("models", "organization_id", "nobody", "expected an id of organizations.csv; found 'nobody'"),
    ("providers", "organization_id", "nobody", "expected an id of organizations.csv; found 'nobody'"),
    ("successions", "model_id", "gpt-9", "expected an id of models.csv; found 'gpt-9'"),
    ("successions", "predecessor_id", "gpt-9", "expected an id of models.csv; found 'gpt-9'"),
    ("aliases", "model_id", "gpt-9", "expected an id of models.csv; found 'gpt-9'"),
    ("benchmarks", "score_max", "100%", "expected a number; found '100%'"),
    ("fx_rates", "usd_per_unit", "1,08", None),
]


@pytest.mark.parametrize(("table", "column", "value", "said"), MISTAKES)
def test_a_mistake_in_a_reference_table_is_named_with_file_line_and_column(con, facts, table, column, value, said):
    load_reference(con, facts)
    change(facts, table, column, value)
    with pytest.raises(ConvergenceError) as caught:
        load_reference(con, facts)
    where = f"{facts / table}.csv, line 2"
    assert str(caught.value).startswith(
        where + (f", column {column}: {said}" if said else ": expected 4 cells; found 5")
    )
    assert con.execute("select count(*) from reference.models").fetchall() == [(1,)], "the last good tables stand"


@pytest.mark.parametrize("table", ENTITIES)
def test_a_row_that_stands_twice_is_named_with_both_lines(con, facts, table):
    change(facts, table, "source_url", "https://example.org/other", new_row=True)
    with pytest.raises(
        ConvergenceError, match=rf"{table}.csv, line 3, column \w+: expected .* once; found it in line 2 too"
    ):
        load_reference(con, facts)


@pytest.mark.parametrize("table", ENTITIES)
def test_a_missing_table_or_column_is_named(con, facts, table):
    path = facts / f"{table}.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.split(",", 1)[1] for line in lines))
    with pytest.raises(ConvergenceError, match=rf"{table}.csv, line 1: expected the columns"):
        load_reference(con, facts)
    path.unlink()
    with pytest.raises(ConvergenceError, match=rf"{table}.csv: expected the reference table; found no file"):
        load_reference(con, facts)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b'model_id,"name\n', "\ufeffmodel_id".encode()])
def test_a_file_that_is_no_csv_is_named(con, facts, body):
    (facts / "models.csv").write_bytes(body)
    with pytest.raises(ConvergenceError, match=r"models.csv"):
        load_reference(con, facts)


def test_quoted_cells_over_several_lines_keep_the_line_numbers_right(con, facts):
    path = facts / "organizations.csv"
    header = path.read_text().splitlines()[0]
    path.write_text(f'{header}\nopenai,"Open\nAI",US,https://x\n\nmistral,Mistral,FR,\n')
    with pytest.raises(ConvergenceError, match=r"organizations.csv, line 5, column source_url"):
        load_reference(con, facts)


def test_an_alias_may_name_an_imported_model_or_belong_to_another_warehouse(con, facts):
    change(facts, "aliases", "model_id", "my-own-model")
    with pytest.raises(ConvergenceError, match="my-own-model"):
        load_reference(con, facts)
    load(con, [reading(models=[KEYS | {"model_id": "my-own-model"}])])
    load_reference(con, facts)
    con.execute("delete from raw.models")
    change(facts, "aliases", "source_id", "somebodys_import")
    load_reference(con, facts)
    change(facts, "aliases", "source_id", "aider")
    with pytest.raises(ConvergenceError, match="my-own-model"):
        load_reference(con, facts)


def test_without_the_registry_only_what_is_not_a_registry_is_loaded(con, facts):
    con.execute("insert into raw.settings values ('registry', 'false')")
    shutil.copyfile(facts / "fx_rates.csv", facts / "copy.csv")
    (facts / "models.csv").unlink()
    load_reference(con, facts)
    assert con.execute(
        "select (from reference.models select count(*)), (from reference.fx_rates select count(*))"
    ).fetchall() == [(0, 1)]


def test_a_path_with_quotes_loads_too(con, facts, tmp_path):
    odd = tmp_path / 'it\'s "odd" 模型'
    facts.rename(odd)
    load_reference(con, odd)

"""The rules of the dbt project, and its unit tests run as one of ours."""

import re
from pathlib import Path

import pytest
import yaml

from warehouse.build import PROJECT, build, run_dbt
from warehouse.connect import open_store

MODELS = sorted((PROJECT / "models").glob("*/*.sql"))
MARTS = [path for path in MODELS if path.parent.name in ("convergence", "efficiency")]


def read_pair(model: Path) -> dict:
    return yaml.safe_load(model.with_suffix(".yml").read_text())


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_model_has_a_pair_with_grain_columns_and_a_unit_test(model):
    pair = read_pair(model)
    described = pair["models"][0]
    assert [described["name"]] == [m["name"] for m in pair["models"]] == [model.stem]
    assert described["description"].startswith("One row per ")
    assert all(column["description"] for column in described["columns"])
    tests = pair["unit_tests"]
    assert {test["model"] for test in tests} == {model.stem}
    assert all(test["expect"]["rows"] for test in tests)


def test_every_pair_has_its_model():
    pairs = {path.with_suffix(".sql") for path in (PROJECT / "models").glob("*/*.yml")}
    assert pairs == set(MODELS)


@pytest.mark.parametrize("mart", MARTS, ids=lambda path: path.stem)
def test_marts_say_what_a_row_is_by_a_test(mart):
    tests = [next(iter(test)) for test in read_pair(mart)["models"][0]["data_tests"]]
    assert "unique_together" in tests


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_marts_are_at_most_80_lines(path):
    assert len(path.read_text().splitlines()) <= 80


@pytest.mark.parametrize("path", sorted(PROJECT.rglob("*.sql")), ids=lambda path: str(path.relative_to(PROJECT)))
def test_sql_runs_on_the_oldest_duckdb_that_opens_the_file(path):
    text = re.sub(r"\{[#%].*?[#%]\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\bif\(", text), "if() came with DuckDB 1.5; write case when"
    assert not re.search(r"\bselect distinct\b", text)


@pytest.mark.parametrize(
    "model", [path for path in MODELS if "create_at_macros" in path.read_text()], ids=lambda path: path.stem
)
def test_no_column_is_named_like_a_clock(model):
    columns = {column["name"] for column in read_pair(model)["models"][0]["columns"]}
    assert not columns & {"as_of", "known_at"}, "the parameter of the macro would take its place"


def test_every_unit_test_holds_on_an_empty_store(tmp_path):
    open_store(tmp_path / "store.duckdb").close()
    build(tmp_path / "store.duckdb", tmp_path / "work")
    results = run_dbt(tmp_path / "store.duckdb", tmp_path / "work", ["test", "--select", "test_type:unit"])
    assert len(results) >= len(MODELS)
    assert {result.status for result in results} == {"pass"}

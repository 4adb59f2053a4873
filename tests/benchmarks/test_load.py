"""How long loading takes, beside the bare insert that no loader can beat."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from flows.archive import Capture
from flows.read import Reading
from flows.records import Rejected
from tests.test_load import PRICE, SCORE, to_frame
from warehouse.connect import open_store
from warehouse.load import load

ROWS = 100_000


def frame(table: str, row: dict, n: int = ROWS) -> pl.DataFrame:
    one = to_frame(table, [row])
    return one.select(pl.all().repeat_by(n).explode()).with_columns(row_locator=pl.format("row {}", pl.int_range(n)))


def made(n: int, **frames: pl.DataFrame) -> Reading:
    return Reading(
        Capture("aider", f"https://example.org/{n}", datetime(2024, 7, 10), b"x", "text/html", 200), 1, frames
    )


class Stream:
    def __init__(self, data: pl.DataFrame) -> None:
        self.data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.data.__arrow_c_stream__(requested_schema)


def bare(path: Path, data: pl.DataFrame) -> float:
    began = time.perf_counter()
    with open_store(path) as con:
        con.register("incoming", Stream(data))
        con.execute(
            "create table bare as select *, 'aider' as source_id, 'a' as capture_id, 'b' as reading_id from incoming"
        )
    return time.perf_counter() - began


def loaded(path: Path, reading: Reading) -> float:
    began = time.perf_counter()
    with open_store(path) as con:
        assert load(con, [reading]) == 1
    return time.perf_counter() - began


@pytest.mark.parametrize(("table", "row"), [("scores", SCORE), ("prices", PRICE)])
def test_loading_costs_little_more_than_a_bare_insert(tmp_path, table, row):
    data = frame(table, row)
    fastest = min(bare(tmp_path / f"bare{n}.duckdb", data) for n in range(3))
    ours = min(loaded(tmp_path / f"ours{n}.duckdb", made(n, **{table: data})) for n in range(3))
    assert ours < 3 * fastest + 0.2, f"{ours:.2f} s beside {fastest:.2f} s"


def test_a_large_quarantine_does_not_hold_a_run_up(tmp_path):
    many = made(0, scores=frame("scores", SCORE, 10))
    cells = {"Model": "x", "Score": "n/a"}
    many.quarantine = [
        Rejected(table="scores", row_locator=str(n), reason="no number", cells=cells) for n in range(50_000)
    ]
    assert loaded(tmp_path / "store.duckdb", many) < 5

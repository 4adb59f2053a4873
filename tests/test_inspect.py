"""What the published file says of its tables, sources and waiting labels."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from flows.errors import WarehouseError
from flows.inspect import nearest_labels, source_states, tables, unresolved
from flows.settings import Warehouse
from flows.sources import reader_of, source_ids
from warehouse.load import now


def change(place: Warehouse, *statements: str) -> None:
    with duckdb.connect(str(place.published.resolve())) as con:
        for statement in statements:
            con.execute(statement)


@pytest.fixture
def place(warehouse_copy) -> Warehouse:
    return Warehouse.at(warehouse_copy)


def state(place: Warehouse, source: str) -> dict:
    return next(row for row in source_states(place) if row["source"] == source)


def test_every_table_people_join_is_listed_with_rows_and_what_it_holds(place):
    found = {row["table"]: row for row in tables(place)}
    assert found["core.models"]["rows"] > 100
    assert found["convergence.frontier_gap"]["what"]
    assert any(row["kind"] == "macro" and row["rows"] is None for row in found.values())
    assert not any(name.startswith("staging.") for name in found)


def test_without_a_published_file_tables_say_what_to_type(tmp_path):
    for ask in (tables, unresolved):
        with pytest.raises(WarehouseError, match="convergence run"):
            ask(Warehouse.at(tmp_path))


def test_without_a_published_file_every_source_was_never_captured(tmp_path):
    rows = source_states(Warehouse.at(tmp_path))
    assert [row["source"] for row in rows] == list(source_ids())
    assert {row["state"] for row in rows} == {"never"}


def test_a_source_that_was_never_captured_says_so_after_an_offline_run(place):
    assert state(place, "aider")["state"] == "never"
    assert state(place, "reference")["state"] == "ok"
    assert state(place, "reference")["rows"] > 1000


def capture(days_ago: float, source: str = "aider") -> str:
    moment = now() - timedelta(days=days_ago)
    return (
        f"insert into raw.captures by name select 'c1' as capture_id, '{source}' as source_id, 'u' as url,"
        f" timestamp '{moment}' as captured_at, 's' as body_sha256, 1 as body_bytes, 'f' as archive_file, 0 as archive_offset;"
        f"insert into raw.readings values ('r1', 'c1', '{source}', 1, now(), 'ok', 9, 8, 1, null)"
    )


def run(number: int, state: str, message: str = "null", source: str = "aider") -> str:
    return (
        f"insert into raw.source_runs values ('run {number}', '{source}', '{state}', 1, 1, 1, 1, 0, {message}, 0.1);"
        f"insert into raw.runs by name select 'run {number}' as run_id, 'run' as command, 'loaded' as state,"
        f" now()::timestamp + interval {number} minute as started_at"
    )


def test_the_last_run_of_a_source_counts_with_its_own_message(place):
    change(place, capture(0), run(1, "failed", "'no table'"), run(2, "ok"))
    row = state(place, "aider")
    assert (row["state"], row["why"], row["captures"], row["rows"]) == ("ok", "", 1, 8)
    change(place, run(3, "failed", "'no table'"))
    assert (state(place, "aider")["state"], state(place, "aider")["why"]) == ("failed", "no table")


def test_a_source_older_than_twice_its_cadence_is_stale(place):
    cadence = reader_of("aider").SOURCE.cadence.total_seconds() / 86_400
    change(place, capture(2 * cadence - 0.5), run(1, "ok"))
    assert state(place, "aider")["state"] == "ok"
    change(place, "update raw.captures set captured_at = captured_at - interval 1 day where source_id = 'aider'")
    row = state(place, "aider")
    assert row["state"] == "stale" and f"expected every {cadence:.0f}" in row["why"]


def test_a_source_that_people_imported_is_listed(place):
    declare = (
        "insert into meta.sources by name select 'my_tests' as source_id, 'Mine' as title, 'import' as kind,"
        " 'snapshot' as page_is, 50 as precedence, 0 as cadence_days, false as may_republish, 'import:m' as url"
    )
    change(place, declare, capture(1000, "my_tests"), run(1, "ok", source="my_tests"))
    row = state(place, "my_tests")
    assert (row["what"], row["state"]) == ("imported", "ok")


def test_waiting_labels_come_with_most_rows_first_and_their_candidates(place):
    change(
        place,
        "delete from meta.unresolved_labels",
        "insert into meta.unresolved_labels values ('few', 'aider', 1, '2024-01-01', '2024-01-02', 'x', '[]'),"
        " ('many', 'aider', 9, '2024-01-01', '2024-02-02', 'y', '[{\"model_id\": \"gpt-4o\", \"score\": 0.5}]')",
    )
    rows = unresolved(place, candidates=True)
    assert [row["label"] for row in rows] == ["many", "few"]
    assert rows[0]["candidates"] == "gpt-4o (0.50)"
    assert "candidates" not in unresolved(place)[0]


def test_a_label_that_no_page_has_is_answered_with_those_most_like_it(place):
    change(
        place,
        "insert into core.labels by name select 'Heron 5 (high)' as label, 'aider' as source_id, 'm' as model_id,"
        " 'alias' as method, false as is_provisional",
    )
    assert nearest_labels(place, "Heron 5 (hihg)") == ["Heron 5 (high)"]
    assert nearest_labels(place, "Heron 5 (high)") == []

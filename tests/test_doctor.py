"""The doctor: every finding, on an empty, a good and a damaged warehouse."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from flows import doctor, settings
from flows.doctor import Finding, examine
from flows.settings import Warehouse
from tests.mounts import run_on_disk
from warehouse.connect import hold


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr("flows.fetch.network_is_up", lambda _: False)


@pytest.fixture
def good(warehouse_copy) -> Warehouse:
    return Warehouse.at(warehouse_copy)


def found(place: Warehouse) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(place)}


def wrong(place: Warehouse) -> list[str]:
    return [name for name, finding in found(place).items() if finding.state == "wrong"]


def test_nothing_is_wrong_with_a_new_installation_and_nothing_is_made_by_looking(tmp_path):
    findings = found(Warehouse.at(tmp_path / "new" / "warehouse"))
    assert {f.state for f in findings.values()} <= {"ok", "note"}
    assert findings["store"].advice == findings["published"].advice == "type: convergence run"
    assert findings["network"].advice == "runs use the reference facts only"
    assert not list(tmp_path.iterdir())


def test_nothing_is_wrong_with_a_good_warehouse(good):
    findings = found(good)
    assert not [f for f in findings.values() if f.state == "wrong"]
    for check in ("python", "packages", "warehouse", "lock", "store", "published", "reference"):
        assert findings[check].state == "ok", findings[check]
    assert "captures" in findings["store"].found


def test_a_network_that_answers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.fetch.network_is_up", lambda _: True)
    assert found(Warehouse.at(tmp_path))["network"].state == "ok"


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", (*doctor.PACKAGES, "no-such-package"))
    finding = found(Warehouse.at(tmp_path))["packages"]
    assert (finding.state, finding.found, finding.advice) == (
        "wrong",
        "no-such-package is not installed",
        "type: uv sync",
    )


def test_an_old_python_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 0))
    assert found(Warehouse.at(tmp_path))["python"].advice == "use Python 3.11 or newer"


def test_little_room_on_the_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    assert found(Warehouse.at(tmp_path))["warehouse"].advice.startswith("make room")


def test_a_warehouse_that_is_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    assert found(Warehouse.at(tmp_path / "file"))["warehouse"].state == "wrong"


def test_a_read_only_disk_is_said(tmp_path):
    said = run_on_disk(
        tmp_path / "disk",
        "import os\nfrom flows.doctor import _place\nfrom flows.settings import Warehouse\n"
        + ("os.access = lambda *_: False\n" if not _can_mount() else "")
        + "print(list(_place(Warehouse.at(os.environ['DISK']))))",
    )
    assert "is read-only" in said and "--warehouse" in said


def _can_mount() -> bool:
    from tests.mounts import can_mount

    return can_mount()


def test_a_run_at_work_is_no_fault_and_is_not_disturbed(good):
    with hold(good):
        finding = found(good)["lock"]
        assert (finding.state, str(os.getpid()) in finding.found) == ("note", True)
        assert good.lock.read_text() == str(os.getpid())


def test_an_archived_page_that_is_gone_is_named(good):
    page = next(good.archive.rglob("*.warc.gz"))
    page.unlink()
    finding = found(good)["archive"]
    assert finding.state == "wrong"
    assert page.name in finding.found and finding.found.startswith("1 archived pages are gone")


@pytest.mark.parametrize("body", [b"", b"no database", None])
def test_a_damaged_store_is_said_with_what_to_do(good, body):
    good.store.write_bytes(good.store.read_bytes()[: good.store.stat().st_size // 2] if body is None else body)
    finding = found(good)["store"]
    assert finding.state == "wrong"
    assert "convergence replay" in finding.advice
    assert found(good)["published"].state == "ok"


def test_a_store_of_another_layout_is_said_with_what_to_do(good):
    with duckdb.connect(str(good.store)) as con:
        con.execute("update raw.layout set version = 99")
    assert "expected layout version 1; found 99" in found(good)["store"].found


def test_a_damaged_published_file_is_said_with_what_to_do(good):
    good.published.resolve().write_bytes(b"no database")
    finding = found(good)["published"]
    assert (finding.state, finding.advice) == ("wrong", "type: convergence build")
    assert found(good)["store"].state == "ok"


def test_a_published_file_without_its_marts_is_said(good):
    with duckdb.connect(str(good.published.resolve())) as con:
        con.execute("drop schema convergence cascade")
    assert "published" in wrong(good)


def test_a_switch_that_leads_nowhere_is_no_published_file(good):
    shutil.rmtree(good.snapshots)
    assert found(good)["published"].advice == "type: convergence run"


def test_a_mistake_in_the_reference_tables_is_named(good, tmp_path, monkeypatch):
    folder = tmp_path / "reference"
    shutil.copytree(settings.REFERENCE, folder)
    path = folder / "models.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    monkeypatch.setattr(doctor, "REFERENCE", folder)
    finding = found(good)["reference"]
    assert (
        finding.state == "wrong" and "models.csv, line" in finding.found and finding.advice.startswith("mend the CSV")
    )


def test_labels_that_wait_are_a_note(good):
    with duckdb.connect(str(good.published.resolve())) as con:
        con.execute(
            "insert into meta.unresolved_labels values ('x', 'aider', 1, '2024-01-01', '2024-01-02', 'x', '[]')"
        )
    assert "labels wait for a model" in found(good)["labels"].found
    assert found(good)["labels"].advice == "type: convergence models suggest"


@pytest.mark.parametrize(
    ("source", "advice"),
    [("aider", "type: convergence run --source aider"), ("my_tests", "mend the file, import it again")],
)
def test_a_source_that_failed_is_wrong_with_its_reason(good, source, advice):
    with duckdb.connect(str(good.published.resolve())) as con:
        con.execute(f"insert into raw.source_runs values ('r', '{source}', 'failed', 1, 1, 1, 1, 0, 'no table', 0.1)")
        con.execute(
            "insert into raw.runs by name select 'r' as run_id, 'run' as command, 'loaded' as state, now()::timestamp as started_at"
        )
        con.execute(
            "insert into meta.sources by name select 'my_tests' as source_id, 'Mine' as title, 'import' as kind,"
            " 'snapshot' as page_is, 50 as precedence, 0 as cadence_days, false as may_republish, 'import:m' as url"
        )
    finding = found(good)[f"source {source}"]
    assert (finding.state, finding.found, finding.advice) == ("wrong", "no table", advice)


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(good, monkeypatch):
    def broken(_: Path) -> None:
        raise RuntimeError("no idea\nat all")

    monkeypatch.setattr("flows.inspect.unresolved", broken)
    findings = found(good)
    assert (findings["labels"].state, findings["labels"].found) == ("wrong", "RuntimeError: no idea")
    assert "network" in findings

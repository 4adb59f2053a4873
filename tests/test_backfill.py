"""The past through a real pywb on loopback: the rows of a direct replay of the same pages, also after being killed halfway."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows import past, steps
from flows.archive import Capture, Exchange, keep
from flows.fetch import Fetcher
from flows.settings import Warehouse
from flows.sources import reader_of
from flows.warc import read_records
from tests.conftest import ROOT
from tests.serving import serving
from tests.test_cdx import PAGE, ByStart, index, line, memento
from tests.test_flow import board

PAGES = ROOT / "tests" / "sources" / "pages"
AIDER = "https://aider.chat/docs/leaderboards/"
VECTARA = "https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md"
STORED = (  # a page served again (a revisit), one served packed, two layouts, two addresses
    ("aider", AIDER, "2024-07-10T12:00:07", "two_boards.html", False),
    ("aider", AIDER, "2024-08-01T01:01:01", "two_boards.html", False),
    ("aider", f"{AIDER}edit.html", "2025-01-05T00:00:00", "two_boards.html", False),
    ("aider", AIDER, "2025-02-01T03:04:05", "polyglot_cost.html", True),
    ("aider", AIDER, "2025-10-10T23:59:59", "polyglot_details.html", False),
    ("vectara_hallucination", VECTARA, "2023-11-30T05:05:05", "first_judge.md", False),
    ("vectara_hallucination", VECTARA, "2024-06-30T05:05:05", "second_judge.md", False),
    ("vectara_hallucination", VECTARA, "2025-12-01T05:05:05", "new_documents.md", False),
)
N_PAGES = {"aider": 5, "vectara_hallucination": 3}
SERVE = """
from gevent.monkey import patch_all; patch_all()
from pywb.apps.frontendapp import FrontEndApp
from pywb.utils.geventserver import GeventServer, RequestURIWSGIHandler
server = GeventServer(FrontEndApp(), port=0, hostname="127.0.0.1", handler_class=RequestURIWSGIHandler)
print("port", server.port, flush=True)
server.join()
"""
MANAGE = "import sys; from pywb.manager.manager import main; main(sys.argv[1:])"
RUN = """
import dataclasses, json, os, sys
from flows import archive, steps
from flows.fetch import Fetcher
from flows.sources import reader_of
import warehouse.load

Fetcher.__init__.__kwdefaults__["delay_seconds"] = 0.0

def die(*a, **k):
    os.kill(os.getpid(), 9)

def after(function, at):
    calls = []
    def call(*a, **k):
        result = function(*a, **k)
        calls.append(1)
        if len(calls) == at:
            die()
        return result
    return call

def run(folder, wanted, where):
    module = reader_of(wanted["source"])
    module.SOURCE = dataclasses.replace(module.SOURCE, min_rows=2)
    if where == "between two pages": archive.keep = after(archive.keep, 2)
    if where == "while a page is written": archive.os.replace = die
    if where == "in load": warehouse.load._add_reading = after(warehouse.load._add_reading, 2)
    with steps.begin(warehouse=folder, backfill=wanted) as job:
        runs = [steps.read(job, steps.capture(job, source)) for source in job.source_ids]
        steps.load(job, runs)

import polars  # once for all
for folder, wanted, where in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        run(folder, wanted, where)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(autouse=True)
def without_delays(monkeypatch):
    """Ask loopback without the second between requests, and take the small test pages for whole ones."""
    monkeypatch.setitem(Fetcher.__init__.__kwdefaults__, "delay_seconds", 0.0)
    monkeypatch.setattr(past, "WAITS", (0.0, 0.0))
    for source in N_PAGES:
        monkeypatch.setattr(reader_of(source), "SOURCE", dataclasses.replace(reader_of(source).SOURCE, min_rows=2))


@pytest.fixture(scope="module")
def crawl(tmp_path_factory) -> Path:
    """Return a WARC file of our small test pages, as a crawler would have kept them over the years."""
    folder = tmp_path_factory.mktemp("crawl")
    for source, url, moment, name, is_packed in STORED:
        body = (PAGES / source / name).read_bytes()
        headers = (
            ("Content-Type", "text/html; charset=utf-8" if name.endswith("html") else "text/plain"),
            ("ETag", '"1"'),
        )
        packed = gzip.compress(body) if is_packed else None
        served = Exchange("HTTP/1.1 200 OK", (*headers, ("Content-Encoding", "gzip")) if packed else headers, packed)
        keep(folder, Capture(source, url, datetime.fromisoformat(moment), body, http_status=200, exchange=served))
    whole = folder / "crawl.warc.gz"
    whole.write_bytes(b"".join(path.read_bytes() for path in sorted(folder.glob("*/*/*.warc.gz"))))
    return whole


@pytest.fixture(scope="module")
def pywb(crawl, tmp_path_factory) -> Iterator[str]:
    """Return the address of a collection that a real pywb serves; one pywb for all tests."""
    python = os.environ.get("CONVERGENCE_PYWB_PYTHON", "")
    if not python:
        pytest.skip("CONVERGENCE_PYWB_PYTHON names no Python with pywb")
    folder = tmp_path_factory.mktemp("pywb")
    for args in (("init", "past"), ("add", "past", str(crawl))):
        subprocess.run([python, "-W", "ignore", "-c", MANAGE, *args], cwd=folder, check=True, capture_output=True)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [python, "-W", "ignore", "-c", SERVE], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        said = (line.split() for line in server.stdout)
        port = next((words[1] for words in said if words[:1] == ["port"]), None)  # the system chose it
        assert port, f"pywb did not start: {(folder / 'log').read_text()}"
        yield f"http://127.0.0.1:{port}/past"
    finally:
        server.kill()
        server.communicate()


def step_through(warehouse: Path, sources: list[str], *, is_checked: bool = True, **options) -> steps.Job:
    """Run the plain steps up to loading, without building."""
    with steps.begin(sources, warehouse=str(warehouse), **options) as job:
        job.runs = [steps.read(job, steps.capture(job, source)) for source in job.source_ids]
        steps.load(job, [steps.validate(job, run) if is_checked else run for run in job.runs])
    return job


def wanted(source: str, pywb: str, **options) -> dict[str, object]:
    return {"source": source, "first": "2020-01-01", "last": "2026-10-31", "replay": pywb, **options}


def rows(warehouse: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that was loaded; but where in the archive it lies, and when it was read."""
    passing = "lambda c: c not in ('archive_offset', 'etag', 'last_modified', 'read_at')"
    with duckdb.connect(str(Warehouse.at(warehouse).store), read_only=True) as con:
        tables = ("captures", "readings", "scores", "run_costs", "quarantine", "expectation_results", "changes")
        return {t: con.execute(f"select columns({passing}) from raw.{t} order by all").fetchall() for t in tables}


@pytest.fixture(scope="module")
def replayed(crawl, tmp_path_factory) -> dict[str, dict[str, list[tuple[object, ...]]]]:
    """Return, per source, the rows of a direct replay of the same pages."""
    found = {}
    for source in N_PAGES:
        module = reader_of(source)
        declared, module.SOURCE = module.SOURCE, dataclasses.replace(module.SOURCE, min_rows=2)
        folder = tmp_path_factory.mktemp("replayed")
        try:
            step_through(folder, [source], replay=str(crawl))
        finally:
            module.SOURCE = declared
        found[source] = rows(folder)
    return found


@pytest.mark.parametrize("source", N_PAGES)
def test_the_past_through_a_pywb_gives_the_rows_of_a_direct_replay(source, pywb, replayed, tmp_path):
    job = step_through(tmp_path, [], backfill=wanted(source, pywb))
    found = rows(tmp_path)
    assert len(found["captures"]) == N_PAGES[source] and len(found["scores"]) > 10
    assert found == replayed[source]
    assert (job.tally.taken, job.tally.remaining, job.tally.lost, job.tally.errors) == (N_PAGES[source], 0, {}, [])


def test_a_second_time_asks_for_no_page_and_adds_nothing(pywb, replayed, tmp_path):
    step_through(tmp_path, [], backfill=wanted("aider", pywb))
    job = step_through(tmp_path, [], backfill=wanted("aider", pywb))
    assert (job.tally.known, job.tally.taken) == (5, 0)
    assert [run.state for run in job.runs] == ["unchanged"]
    assert rows(tmp_path) == replayed["aider"]


def test_killed_anywhere_and_run_again_gives_the_same_tables(pywb, crawl, tmp_path):
    """The checks are left out on both sides: they take as long as all the rest, and are no part of it."""
    places = dict.fromkeys(N_PAGES, ("between two pages", "while a page is written", "in load", "nowhere"))
    plan = [(str(tmp_path / source), wanted(source, pywb), place) for source in places for place in places[source]]
    command = [sys.executable, "-W", "ignore", "-c", RUN, json.dumps(plan)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["-9", "-9", "-9", "0"] * 2, done.stderr
    for source, n_pages in N_PAGES.items():
        step_through(tmp_path / f"{source} replayed", [source], is_checked=False, replay=str(crawl))
        found = rows(tmp_path / source)
        assert found == rows(tmp_path / f"{source} replayed") and len(found["scores"]) > 10
        kept = [path for path in Warehouse.at(tmp_path / source).archive.rglob("*") if path.is_file()]
        assert len([path for path in kept if not path.is_symlink()]) == n_pages, "nothing half written stays"


def test_a_few_pages_at_a_time_come_to_the_same_as_all_at_once(pywb, replayed, tmp_path):
    left = [step_through(tmp_path, [], backfill=wanted("aider", pywb, limit=2)).tally.remaining for _ in range(3)]
    assert left == [3, 1, 0]
    assert rows(tmp_path) == replayed["aider"]


def test_a_body_that_was_served_twice_is_asked_for_once_and_kept_once(pywb, tmp_path):
    job = step_through(tmp_path, [], backfill=wanted("aider", pywb))
    assert job.tally.served_again == 2, "two pages of three have the body of the first"
    files = sorted(Warehouse.at(tmp_path).archive.glob("aider/*/*.warc.gz"))
    records = [list(read_records(file, lambda _: False)) for file in files]
    assert sorted(r[-1].kind for r in records) == ["response"] * 3 + ["revisit"] * 2
    assert all(
        r[-1].source_uri == f"{pywb}/{r[-1].date.translate(str.maketrans('', '', '-:TZ'))}id_/{r[-1].url}"
        for r in records
    )


def test_what_is_in_the_archive_replays_without_the_service(pywb, replayed, tmp_path):
    step_through(tmp_path / "first", [], backfill=wanted("aider", pywb))
    step_through(tmp_path / "second", ["aider"], replay=str(tmp_path / "first" / "archive"))
    assert rows(tmp_path / "second") == replayed["aider"]


def test_a_day_outside_and_a_page_no_one_kept_give_nothing_and_no_error(pywb, tmp_path):
    job = step_through(tmp_path, [], backfill=wanted("aider", pywb, first="2020-01-01", last="2020-12-31"))
    assert (job.tally.listed, [run.state for run in job.runs]) == (0, ["unchanged"])
    job = step_through(tmp_path, [], backfill=wanted("seal", pywb))
    assert (job.tally.listed, [run.state for run in job.runs]) == (0, ["unchanged"])


def test_a_page_of_the_past_goes_through_the_steps_of_any_page(tmp_path):
    """Also where there is no pywb; of a loopback service only because the user named it."""
    with serving() as web:
        web.replies = ByStart()
        index(web, line("20250101120000"))
        memento(web, "20250101120000", board(**{"gpt-4o-2024-05-13": 23.0}).encode())
        options = {"source": "seal_swe_bench_pro", "first": "2025-01-01", "last": "2025-12-31", "replay": web.url("/c")}
        job = step_through(tmp_path, [], is_checked=False, backfill=options)
    assert [(run.state, run.n_new_captures, run.rows_accepted) for run in job.runs] == [("ok", 1, 9)]
    found = rows(tmp_path)
    assert [row[2:4] for row in found["captures"]] == [(PAGE, datetime(2025, 1, 1, 12))]
    with duckdb.connect(str(Warehouse.at(tmp_path).store), read_only=True) as con:
        assert con.execute("select distinct command, state from raw.runs").fetchall() == [("backfill", "loaded")]


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Return a function that types the command, with a flow that does nothing but say what it was asked for."""
    from flows import cli, launch
    from flows.summary import Summary

    monkeypatch.setattr(cli, "ME", "convergence")  # under `uv run` it says so

    asked: dict[str, object] = {}

    def type_it(*args: str, remaining: int = 0) -> int:
        notes = ["the past: 12 pages listed"]
        summary = Summary("a-run", "a-file", [steps.SourceRun("aider", n_captures=2)], notes, remaining)
        monkeypatch.setattr(launch, "run_flow", lambda **given: asked.update(given) or summary)
        return cli.main(["backfill", "--warehouse", str(tmp_path), *args])

    type_it.asked = asked
    return type_it


def test_the_command_hands_on_what_was_typed_and_ends_with_what_to_type_next(typed, capsys):
    assert typed("aider", "--from", "2024-01-01", "--to", "2024-12-31", "--replay", "http://localhost:8080/c") == 0
    assert typed.asked["backfill"] == {
        "source": "aider", "first": "2024-01-01", "last": "2024-12-31", "cdx": None, "replay": "http://localhost:8080/c",
        "limit": 50, "every": None, "via": None, "urls": [],
    }  # fmt: skip
    assert capsys.readouterr().out.splitlines()[-3:-1] == ["the past: 12 pages listed", "next: convergence tables"]
    assert typed("aider", "--from", "2024-01-01", "--url", "https://x.org/a b", remaining=10) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("next: convergence backfill --warehouse ") and last.endswith("--url 'https://x.org/a b'")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("no_such", "--from", "2024-01-01"), "expected one of"),
        (("aider", "--from", "January"), "--from: expected a day as YYYY-MM-DD"),
        (("aider", "--from", "2024-01-01", "--limit", "0"), "--limit"),
    ],
)
def test_wrong_usage_is_code_2_before_anything_heavy_starts(typed, capsys, args, said):
    assert typed(*args) == 2
    assert said in capsys.readouterr().err
    assert not typed.asked


def test_a_program_is_told_what_remains(typed, capsys):
    typed("aider", "--from", "2024-01-01", "--json", remaining=10)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["remaining"], answer["notes"]) == (10, ["the past: 12 pages listed"])

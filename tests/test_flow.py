"""The flow under a real Prefect server: what it does when all is well, when a source breaks, when a reader is mended."""

import dataclasses
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from flows import steps
from flows.records import Source
from flows.settings import Warehouse
from flows.sources import reader_of, source_ids

BOARD = """<html><head><title>SWE-Bench Pro</title></head><body><h1>SWE-Bench Pro</h1><h2>Leaderboard (Public Set)</h2>
<table><thead><tr><th>Model</th><th>% Resolved</th><th>Trajectories</th></tr></thead><tbody>{rows}</tbody></table></body></html>"""
COUNTED = ("raw.captures", "raw.readings", "raw.scores", "raw.prices", "raw.speeds", "raw.run_costs", "raw.quarantine")


def board(**scores: float) -> str:
    """Return a page in the shape of the SWE-bench Pro board."""
    filler = {f"filler-model-{n}": 10.0 + n for n in range(8)}
    rows = (f"<tr><td>{name}</td><td>{value:.2f}</td><td>-</td></tr>" for name, value in {**filler, **scores}.items())
    return BOARD.format(rows="\n".join(rows))


def stored(folder: Path, **pages: str) -> str:
    """Lay pages out as SOURCE/DATE/file; a page's name is its date with underscores."""
    for day, text in pages.items():
        path = folder / "seal_swe_bench_pro" / day.strip("_").replace("_", "-") / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def counts(warehouse: Path) -> dict[str, int]:
    with duckdb.connect(str(Warehouse.at(warehouse).published), read_only=True) as con:
        return {table: con.execute(f"select count(*) from {table}").fetchall()[0][0] for table in COUNTED}


def ask(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(Warehouse.at(warehouse).published), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.fixture
def refresh(prefect_api):
    """Return the flow, with a Prefect server to run it on."""
    from flows.refresh import refresh as flow

    return flow


def test_an_offline_run_publishes_and_a_second_adds_nothing_but_a_line_in_the_run_log(refresh, warehouse_copy):
    first = counts(warehouse_copy)
    summary = refresh(offline=True, warehouse=str(warehouse_copy))
    assert summary.exit_code == 0
    assert counts(warehouse_copy) == first
    states = {run.source_id: run.state for run in summary.runs}
    assert states == {s: "unchanged" if s == "reference" else "skipped" for s in source_ids()}
    assert ask(warehouse_copy, "select count(*), count(distinct run_id) from meta.runs") == [(2, 2)]


def test_every_step_of_every_source_shows_in_the_prefect_ui_with_its_artifacts(refresh, warehouse_copy):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.sorting import FlowRunSort

    refresh(offline=True, warehouse=str(warehouse_copy))
    with get_client(sync_client=True) as client:
        last = client.read_flow_runs(limit=1, sort=FlowRunSort.START_TIME_DESC)[0]
        assert last.state.is_completed()
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        this = FlowRunFilter(id=FlowRunFilterId(any_=[last.id]))
        names = {run.name for run in client.read_task_runs(flow_run_filter=this)}
        artifacts = {artifact.key for artifact in client.read_artifacts(flow_run_filter=this)}
    assert {f"{step} {s}" for s in source_ids() for step in ("capture", "read", "validate")} <= names
    assert {name.split("-")[0] for name in names} >= {"load", "resolve", "build", "publish"}
    assert "sources" in artifacts


def test_one_broken_source_fails_alone_and_the_rest_is_published(refresh, warehouse_copy, tmp_path, pages_of):
    captures = tmp_path / "captures"
    stored(captures, _2025_10_16=board(), _2025_10_20=board().replace("% Resolved", "Solved"))
    pages_of("aider", captures, "2025-10-10", "polyglot_details.html")
    summary = refresh(warehouse=str(warehouse_copy), replay=str(captures))
    states = {run.source_id: run.state for run in summary.runs}
    assert states == {"aider": "ok", "reference": "unchanged", "seal_swe_bench_pro": "failed"}
    assert summary.exit_code == 3
    message = next(run.message for run in summary.runs if run.state == "failed")
    assert "LayoutChanged" in message and "2025-10-20" in message and "% Resolved" in message
    assert ask(warehouse_copy, "select count(*) from core.scores where source_id = 'aider'")[0][0] > 0
    assert ask(warehouse_copy, "select count(*) from core.scores where source_id = 'seal_swe_bench_pro'") == [(8,)]
    again = refresh(warehouse=str(warehouse_copy), replay=str(captures))
    assert again.exit_code == 3, "what could not be read is said again"
    assert sum(run.n_new_captures for run in again.runs) == 0


def test_a_mended_reader_corrects_core_on_replay_and_the_old_reading_stays(
    refresh, warehouse_copy, tmp_path, monkeypatch
):
    captures = stored(tmp_path / "captures", _2025_10_16=board(**{"gpt-4o-2024-05-13": 23.0}))
    refresh(warehouse=str(warehouse_copy), replay=captures)
    score = "select score from core.scores where source_id = 'seal_swe_bench_pro' and model_label = 'gpt-4o-2024-05-13'"
    assert ask(warehouse_copy, score) == [(23.0,)]
    before = counts(warehouse_copy)

    module = reader_of("seal_swe_bench_pro")
    original = module.read

    def mended(page):
        return (dataclasses.replace(row, score=row.score + 1) for row in original(page))

    monkeypatch.setattr(module, "read", mended)
    monkeypatch.setattr(
        module, "SOURCE", dataclasses.replace(module.SOURCE, reader_version=module.SOURCE.reader_version + 1)
    )
    refresh(warehouse=str(warehouse_copy), replay=captures)
    assert ask(warehouse_copy, score) == [(24.0,)]
    after = counts(warehouse_copy)
    assert after["raw.captures"] == before["raw.captures"]
    assert after["raw.readings"] == before["raw.readings"] + 1
    old = "select score from raw.scores where source_id = 'seal_swe_bench_pro' and model_label = 'gpt-4o-2024-05-13' order by score"
    assert ask(warehouse_copy, old) == [(23.0,), (24.0,)]


def step_through(warehouse: Path, sources: list[str], **options) -> list[steps.SourceRun]:
    """Run the plain steps up to loading, without building."""
    with steps.begin(sources, warehouse=str(warehouse), **options) as job:
        runs = [steps.validate(job, steps.read(job, steps.capture(job, source))) for source in job.source_ids]
        steps.load(job, runs)
    return runs


def test_a_mended_reader_reads_the_archive_again_on_a_plain_run(tmp_path, monkeypatch):
    name = "seal_swe_bench_pro"
    step_through(tmp_path / "warehouse", [name], replay=stored(tmp_path / "captures", _2025_10_16=board()))
    module = reader_of(name)
    newer = dataclasses.replace(module.SOURCE, reader_version=module.SOURCE.reader_version + 1)
    monkeypatch.setattr(module, "SOURCE", newer)
    (run,) = step_through(tmp_path / "warehouse", [name], offline=True)
    assert (run.state, run.n_new_captures, run.rows_accepted) == ("ok", 0, 8)


def test_an_alias_added_later_mends_old_rows(refresh, warehouse_copy, tmp_path, monkeypatch):
    captures = stored(tmp_path / "captures", _2025_10_16=board(**{"The New One": 50.0}))
    refresh(warehouse=str(warehouse_copy), replay=captures)
    who = "select model_id, is_provisional from core.scores where model_label = 'The New One'"
    assert ask(warehouse_copy, who)[0][1] is True
    assert ask(warehouse_copy, "select n_rows from meta.unresolved_labels where label = 'The New One'") == [(1,)]

    reference = tmp_path / "reference"
    reference.mkdir()
    for csv in steps.REFERENCE.glob("*.csv"):
        (reference / csv.name).write_bytes(csv.read_bytes())
    with (reference / "aliases.csv").open("a") as handle:
        handle.write("The New One,seal_swe_bench_pro,,,gpt-5-2025-08-07,,told by its maker,https://example.org/new\n")
    monkeypatch.setitem(steps.Job.__init__.__kwdefaults__, "reference", reference)
    refresh(warehouse=str(warehouse_copy), offline=True)
    assert ask(warehouse_copy, who) == [("gpt-5-2025-08-07", False)]
    assert ask(warehouse_copy, "select count(*) from meta.unresolved_labels where label = 'The New One'") == [(0,)]


class Site:
    """A web server on loopback that answers what a test tells it to."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/robots.txt":
                    status, text = 404, ""
                else:
                    site.asked.append(self.path)
                    status, text = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/board"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def live(monkeypatch) -> Iterator[Site]:
    """Put the SWE-bench Pro source on a server of our own."""
    site = Site()
    module = reader_of("seal_swe_bench_pro")
    monkeypatch.setattr(module, "SOURCE", dataclasses.replace(module.SOURCE, urls=(site.url,)))
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_a_live_page_is_captured_once_and_not_again_while_it_stays_the_same(tmp_path, live):
    live.answers = [(200, board())]
    (first,) = step_through(tmp_path, ["seal_swe_bench_pro"])
    assert (first.state, first.n_new_captures, first.rows_accepted) == ("ok", 1, 8)
    (second,) = step_through(tmp_path, ["seal_swe_bench_pro"])
    assert (second.state, second.n_new_captures, second.message) == ("unchanged", 0, None)


def test_a_busy_server_is_asked_again_with_patience(refresh, warehouse_copy, live):
    live.answers = [(503, "busy"), (200, board())]
    summary = refresh(["seal_swe_bench_pro"], warehouse=str(warehouse_copy))
    assert [(r.state, r.rows_accepted) for r in summary.runs] == [("ok", 8)]
    assert len(live.asked) == 2


def test_a_page_that_is_gone_fails_its_source_at_once_with_its_address(refresh, warehouse_copy, live):
    live.answers = [(404, "gone")]
    summary = refresh(["seal_swe_bench_pro"], warehouse=str(warehouse_copy))
    assert summary.exit_code == 3
    assert summary.runs[0].message == f"{live.url}: expected status 200; found 404"
    assert len(live.asked) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "found an empty body"),
        (board()[:600], "the body is cut off"),
        (
            "<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>",
            "BlockedPage",
        ),
        (board().replace("% Resolved", "Resolved in all"), "LayoutChanged"),
    ],
    ids=["empty", "cut in half", "a gate", "a column renamed"],
)
def test_a_bad_page_is_kept_and_named_and_nothing_of_it_is_loaded(tmp_path, live, body, said):
    live.answers = [(200, body)]
    warehouse = Warehouse.at(tmp_path)
    job = steps.Job("run", warehouse, ["seal_swe_bench_pro"])
    with steps.holding(job):
        run = steps.validate(job, steps.read(job, steps.capture(job, "seal_swe_bench_pro")))
        steps.load(job, [run])
    assert run.state == "failed"
    assert said in run.message and live.url in run.message
    with duckdb.connect(str(warehouse.store), read_only=True) as con:
        assert con.execute("select count(*) from raw.captures").fetchall() == [(1,)], (
            "the bytes are archived all the same"
        )
        assert con.execute("select count(*) from raw.scores").fetchall() == [(0,)]
        assert con.execute("select state from raw.readings").fetchall() == [("failed",)]
    assert len(list(warehouse.archive.rglob("*.warc.gz"))) == 1


def test_a_value_that_jumped_stays_in_quarantine_until_somebody_looks(tmp_path):
    """Also when every later capture repeats it, in one run or in several."""
    warehouse = Warehouse.at(tmp_path / "warehouse")
    days = ["_2025_10_16", "_2025_10_17", "_2025_10_18", "_2025_10_19"]
    pages = [
        board(**{"gpt-4o-2024-05-13": 2.0 if n == 0 else 40.0, **{f"more-{i}": 20.0 for i in range(20)}})
        for n in range(4)
    ]
    for first, last in ((0, 2), (2, 3), (3, 4)):
        folder = stored(tmp_path / f"captures{first}", **dict(zip(days[first:last], pages[first:last], strict=True)))
        with steps.begin(warehouse=str(warehouse.directory), replay=folder) as job:
            run = steps.validate(job, steps.read(job, steps.capture(job, "seal_swe_bench_pro")))
            steps.load(job, [run])
    with duckdb.connect(str(warehouse.store), read_only=True) as con:
        scores = con.execute("select distinct score from raw.scores where model_label like 'gpt-4o%'").fetchall()
        jumped = con.execute("select count(*) from raw.quarantine where reason like '%value_jumped%'").fetchall()
    assert (scores, jumped) == ([(2.0,)], [(3,)])


def test_sources_declare_what_they_are_under_their_own_name():
    for source_id in source_ids():
        source = reader_of(source_id).SOURCE
        assert isinstance(source, Source)
        assert source.id == source_id
        assert source.min_rows > 0 and source.expects and source.urls and source.licence

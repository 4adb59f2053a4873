"""The manners of a run, from the step that captures to what is kept: against real servers on loopback, without a build."""

from __future__ import annotations

import gzip
import logging
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler

import duckdb
import pytest

from flows import live
from flows.errors import FetchError
from flows.fetch import TransientFetchError
from flows.records import Source
from flows.settings import Warehouse
from flows.sources import source_ids
from flows.steps import FAILED, OK, SKIPPED, UNCHANGED
from flows.summary import Summary
from tests.boards import board, run_steps, source
from tests.serving import Reply, Web, serving

KEY = "sk-very-secret-4711"


@pytest.fixture
def web():
    with serving() as running:
        running.replies["/robots.txt"] = Reply(404)
        yield running


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the steps up to loading over one source, as a run of its own."""
    return partial(run_steps, tmp_path)


@pytest.fixture
def clock(monkeypatch):
    """Return a function that sets the clock by which captures are dated."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(live, "now", lambda: moment)

    return at


def ask(tmp_path, sql: str) -> list[tuple]:
    with duckdb.connect(str(Warehouse.at(tmp_path).store), read_only=True) as con:
        return con.execute(sql).fetchall()


# ---------------------------------------------------------------- order, spacing, what is not sent twice


def test_a_sources_pages_are_asked_for_in_their_order_one_by_one_with_a_pause_after_each_answer(web: Web, run):
    ended = []

    def slow(handler: BaseHTTPRequestHandler) -> None:
        import time

        time.sleep(0.1)
        body = board(a=1)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        ended.append(time.monotonic())
        handler.wfile.write(body)

    web.replies |= {f"/{n}": Reply(act=slow) for n in "cab"}
    run(source(*(web.url(f"/{n}") for n in "cab")), delay=0.2)
    assert web.paths() == ["/robots.txt", "/c", "/a", "/b"]
    assert web.most_at_once == 1
    moments = [when for _, _, when in web.asked]
    assert moments[1] - moments[0] >= 0.19
    assert all(begin - end >= 0.19 for end, begin in zip(ended, moments[2:], strict=False)), (
        "counted from the answer's end"
    )


def test_a_page_that_did_not_change_costs_a_few_bytes_and_no_body(web: Web, run, tmp_path):
    sent: list[int] = []
    body = board(**{f"model-{n}": 50 for n in range(5000)})

    def page(handler: BaseHTTPRequestHandler) -> None:
        is_known = handler.headers.get("If-None-Match") == '"v1"'
        head = "HTTP/1.1 304 Not Modified\r\n" if is_known else f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
        answer = f'{head}ETag: "v1"\r\n\r\n'.encode() + (b"" if is_known else body)
        sent.append(
            handler.connection.send(answer) if is_known else (handler.connection.sendall(answer), len(answer))[1]
        )

    web.replies["/board"] = Reply(act=page)
    first, second = run(source(web.url("/board"))), run(source(web.url("/board")))
    assert (first.state, first.rows_accepted) == (OK, 5000)
    assert (second.state, second.n_new_captures) == (UNCHANGED, 0)
    assert sent[0] > 100_000 and sent[1] < 100
    assert ask(tmp_path, "select count(*) from raw.captures") == [(1,)]


# ---------------------------------------------------------------- what is forbidden, refused or lost


def test_a_source_that_robots_txt_forbids_is_skipped_and_nothing_of_the_run_fails(web: Web, run):
    web.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /"), "/board": Reply(body=board(a=1))}
    done = run(source(web.url("/board")))
    assert (done.state, done.message) == (SKIPPED, f"{web.url('/board')}: robots.txt forbids it")
    assert Summary("r", "p", [done]).exit_code == 0
    assert web.paths() == ["/robots.txt"]


def test_of_several_pages_one_that_robots_txt_forbids_loses_no_other(web: Web, run):
    web.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /a"), "/b": Reply(body=board(a=1))}
    done = run(source(web.url("/a"), web.url("/b")))
    assert (done.state, done.rows_accepted) == (OK, 1)
    assert done.message == f"1 of 2 pages: {web.url('/a')}: robots.txt forbids it"
    again = run(source(web.url("/a"), web.url("/b")))
    assert (again.state, again.message) == (UNCHANGED, done.message)


@pytest.mark.parametrize("status", [403, 404, 451])
def test_of_several_pages_one_that_fails_loses_no_other_and_the_source_says_which(web: Web, run, status):
    web.replies |= {"/a": Reply(status), "/b": Reply(body=board(a=1))}
    done = run(source(web.url("/a"), web.url("/b")))
    assert (done.state, done.rows_accepted) == (FAILED, 1)
    assert done.message.startswith(f"1 of 2 pages: {web.url('/a')}: expected status 200; found {status}")
    assert Summary("r", "p", [done]).exit_code == 3


def test_a_page_that_stays_busy_loses_no_other_and_what_came_is_not_asked_for_again(web: Web, run):
    web.replies |= {"/a": Reply(503), "/b": Reply(body=board(a=1)), "/c": Reply(410)}
    pages = source(*(web.url(f"/{n}") for n in "abc"))
    with pytest.raises(TransientFetchError):
        run(pages, tries=live.TRIES - 1)
    web.asked.clear()
    done = run(pages, tries=live.TRIES)
    assert (done.state, done.rows_accepted) == (FAILED, 1)
    assert "2 of 3 pages" in done.message and "/a: expected status 200; found 503" in done.message
    assert web.paths() == ["/robots.txt", "/a", "/b", "/c", "/a", "/a"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "found 401 (it asks for a key)"),
        (403, "found 403 (the site refuses this program)"),
        (404, "found 404"),
        (451, "found 451 (withheld for legal reasons)"),
        (500, "found 500"),
    ],
)
def test_a_source_whose_only_page_fails_says_what_the_server_said(web: Web, run, status, said):
    web.replies["/a"] = Reply(status)
    with pytest.raises(FetchError) as caught:
        run(source(web.url("/a")))
    assert str(caught.value) == f"{web.url('/a')}: expected status 200; {said}"


def test_a_private_page_is_refused_with_how_to_allow_it(web: Web, run):
    web.replies["/board"] = Reply(body=board(a=1))
    with pytest.raises(FetchError, match=f"set CONVERGENCE_PRIVATE_HOSTS=127.0.0.1:{web.port}$"):
        run(source(web.url("/board")), hosts=())
    assert web.asked == []


# ---------------------------------------------------------------- keys


def test_a_source_whose_page_says_nothing_any_more_is_skipped_and_not_asked_for(web: Web, run):
    done = run(source(web.url("/board"), not_live="the page is gone"))
    assert (done.state, web.asked) == (SKIPPED, [])
    assert done.message.startswith("not read live: the page is gone")
    assert Summary("r", "p", [done]).exit_code == 0


def with_key(web: Web) -> Source:
    return source(web.url("/board"), key_env="BOARD_API_KEY", headers={"X-Api-Key": "Token {key}"})


@pytest.mark.parametrize("value", [None, "", "  ", "two\nlines", "schlüssel"])
def test_without_its_key_a_source_is_skipped_and_nothing_is_asked(web: Web, run, monkeypatch, value):
    monkeypatch.delenv("BOARD_API_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("BOARD_API_KEY", value)
    done = run(with_key(web))
    assert done.state == SKIPPED and done.message.startswith("no key: ") and "BOARD_API_KEY" in done.message
    assert value is None or not value.strip() or value not in done.message
    assert (Summary("r", "p", [done]).exit_code, web.asked) == (0, [])


def test_a_key_goes_to_its_own_host_and_nowhere_else(web: Web, run, monkeypatch, tmp_path, caplog):
    """Not into logs, the summary and its tables, the archive or the store; also where the page is moved to another host."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("BOARD_API_KEY", KEY)
    with serving() as other:
        web.replies["/board"] = Reply(302, headers={"Location": other.url("/moved")})
        other.replies["/moved"] = Reply(body=board(a=1))
        done = run(with_key(web))
        assert done.rows_accepted == 1
        assert web.headers("/board")["x-api-key"] == f"Token {KEY}"
        assert KEY not in str(other.asked)
    web.replies["/board"] = Reply(body=board(b=2))
    done = run(with_key(web))
    assert done.rows_accepted == 1
    summary = Summary("r", "p", [done])
    assert KEY not in f"{caplog.text}{done}{summary.as_json()}{summary.source_rows()}{summary.validation_rows()}"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    held = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    assert len(list(tmp_path.rglob("*.warc.gz"))) == 2 and not [data for data in held if KEY.encode() in data]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=board(a=1).replace(b"Board", KEY.encode())),
        Reply(body=gzip.compress(KEY.encode()), headers={"Content-Encoding": "gzip"}),
        Reply(body=board(a=1), headers={"X-Said": f"hello {KEY}"}),
        Reply(302, headers={"Location": f"/{KEY}"}),
        Reply(302, headers={"Location": f"ftp://{KEY}/"}),
    ],
    ids=["body", "packed body", "header", "redirect", "bad redirect"],
)
def test_a_server_that_repeats_the_key_gets_it_into_no_error_and_no_archive(
    web: Web, run, monkeypatch, tmp_path, reply
):
    monkeypatch.setenv("BOARD_API_KEY", KEY)
    web.replies["/board"] = reply
    with pytest.raises(FetchError) as caught:
        run(with_key(web))
    assert KEY not in str(caught.value)
    assert not list(tmp_path.rglob("*.warc.gz"))
    assert KEY not in str(ask(tmp_path, "from raw.runs"))


def test_every_source_with_a_key_says_where_it_goes():
    from flows.sources import reader_of

    for declared in (reader_of(source_id).SOURCE for source_id in source_ids()):
        asks = any("{key}" in value for value in declared.headers.values())
        assert asks == bool(declared.key_env), declared.id
        assert not declared.key_env or all(url.startswith("https://") for url in declared.urls), declared.id


# ---------------------------------------------------------------- a browser that is not there


def test_a_source_whose_page_needs_a_browser_is_skipped_where_there_is_none(web: Web, run, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVERGENCE_CHROMIUM", str(tmp_path / "none"))
    done = run(source(web.url("/board"), needs_browser=True))
    assert done.state == SKIPPED and done.message.startswith("needs a browser") and "install" in done.message
    assert "\n" not in done.message and web.asked == []


# ---------------------------------------------------------------- a clock that runs backwards


def test_a_clock_that_runs_backwards_breaks_neither_identity_nor_order_nor_the_change_checks(
    web: Web, run, clock, tmp_path, caplog
):
    """Each capture keeps the moment it was given and is compared with the nearest one before that moment, not with the last."""
    noon = datetime(2026, 3, 2, 12)
    names = [f"model-{n}" for n in range(40)]
    moments = [noon, noon - timedelta(hours=1), noon + timedelta(hours=1)]
    values = [50.0, 2.0, 51.0]  # the second is as far from the first as would be a jump, had it come after it
    for moment, value in zip(moments, values, strict=True):
        clock(moment)
        web.replies["/board"] = Reply(body=board(**dict.fromkeys(names, 50.0) | {"model-0": value}))
        done = run(source(web.url("/board")), is_validated=True)
        assert (done.state, done.n_new_captures, done.rows_accepted) == (OK, 1, 40), done.message
    assert caplog.text.count("is the clock right?") == 1
    rows = "select captured_at, count(distinct capture_id), count(*) from raw.scores group by all order by all"
    assert ask(tmp_path, rows) == [(moment, 1, 40) for moment in sorted(moments)]
    assert ask(tmp_path, "select count(*) from raw.quarantine") == [(0,)]


def test_a_page_as_it_was_at_the_newest_moment_is_no_new_capture_though_the_clock_went_back(web: Web, run, clock):
    for moment, state in ((datetime(2026, 3, 2), OK), (datetime(2026, 3, 1), UNCHANGED)):
        clock(moment)
        web.replies["/board"] = Reply(body=board(a=1))
        assert run(source(web.url("/board"))).state == state


def test_two_different_pages_of_one_second_are_two_captures(web: Web, run, clock, tmp_path):
    clock(datetime(2026, 3, 2))
    for value in (1, 2):
        web.replies["/board"] = Reply(body=board(a=value))
        assert run(source(web.url("/board"))).n_new_captures == 1
    assert ask(tmp_path, "select count(distinct capture_id), count(*) from raw.scores") == [(2, 2)]

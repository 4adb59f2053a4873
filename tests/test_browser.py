"""Pages that a script makes, in a real Chromium that cannot reach the network but through the fetcher."""

from __future__ import annotations

import dataclasses
import gzip
import os
import sys
import time
from datetime import datetime

import pytest

from flows import browser as rendering
from flows import live
from flows.archive import Capture, keep
from flows.browser import RENDERED, find_chromium, render
from flows.errors import FetchError, RobotsForbidden, Unequipped
from flows.fetch import Fetcher, TransientFetchError
from flows.read import read_capture
from flows.sources import reader_of
from tests.serving import Reply, Web, serving

HTML = {"Content-Type": "text/html; charset=utf-8"}
SCRIPT = {"Content-Type": "text/javascript"}


@pytest.fixture
def web():
    with serving() as running:
        yield running


@pytest.fixture
def fetcher():
    made = Fetcher(delay_seconds=0.0, private_hosts=("127.0.0.1",))
    yield made
    made.close()


@pytest.fixture
def chromium(monkeypatch):
    """Need the extra and a Chromium; in CI, which counts skips, both are there."""
    pytest.importorskip("playwright", reason="no extra `browser` here (uv sync --extra browser)")
    monkeypatch.setattr(rendering, "QUIET_SECONDS", 0.3)
    if os.geteuid() == 0:
        monkeypatch.setenv(rendering.NO_SANDBOX, "1")
    try:
        return find_chromium()
    except Unequipped as error:
        pytest.skip(f"no Chromium here: {error}")


def page(script: str, body: str = "<p>Loading</p>") -> Reply:
    text = f"<!doctype html><html><head><title>Board</title></head><body><h1>Board</h1>{body}<script>{script}</script></body></html>"
    return Reply(body=text.encode(), headers=HTML)


TABLE = """
fetch('/rows.json').then(r => r.json()).then(rows => {
    const cells = rows.map(([m, s]) => `<tr><td>${m}</td><td>${s}</td></tr>`).join('');
    document.body.insertAdjacentHTML('beforeend', `<table><thead><tr><th>Model</th><th>Score</th></tr></thead><tbody>${cells}</tbody></table>`);
});
"""


def test_a_table_that_a_script_makes_of_data_it_asks_for_is_there_to_read(web: Web, fetcher, chromium, open_page):
    web.replies |= {"/board": page(TABLE), "/rows.json": Reply(body='[["one é", 71.5], ["two", 50]]'.encode())}
    answer = render(fetcher, web.url("/board"))
    (table,) = open_page(answer.body).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["one é", "71.5"], ["two", "50"]]
    assert answer.body.startswith(b"<!DOCTYPE html><html>") and answer.status == 200
    headers = dict(answer.exchange.headers)
    assert headers[RENDERED].startswith("Chromium ") and headers["Content-Type"] == "text/html; charset=utf-8"
    assert (answer.etag, answer.exchange.payload) == (None, None)
    assert web.paths() == ["/robots.txt", "/board", "/rows.json"]
    assert {web.headers(path)["user-agent"].split("/")[0] for path in web.paths()} == {"llm-convergence"}


def test_a_page_in_the_browser_reaches_nothing_but_what_the_fetcher_brings(web: Web, fetcher, chromium, caplog):
    """One visit for all of it: each way out is tried by the page, and none arrives."""
    caplog.set_level("INFO", logger="flows")
    with serving() as private:
        inside = private.url("", "localhost")
        script = f"""
        const tries = [
            fetch('{inside}/secret'), fetch('/forbidden'), fetch('/post', {{method: 'POST', body: 'x'}}), fetch('/gone'),
            fetch('file:///etc/passwd'), fetch('/ok').then(r => r.text()).then(t => {{ document.title = t; }}),
        ];
        for (const address of ['ws://127.0.0.1:{web.port}/socket', 'ws://localhost:{private.port}/socket']) new WebSocket(address);
        new EventSource('/events'); new Image().src = '/image.png'; navigator.sendBeacon('/beacon', 'x');
        const frame = document.createElement('iframe'); frame.src = '/frame'; document.body.append(frame);
        if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js').catch(() => 0);
        const link = document.createElement('a'); link.href = '/file.zip'; link.download = 'file.zip'; document.body.append(link); link.click();
        window.open('/popup');
        Promise.allSettled(tries).then(all => {{
            document.body.insertAdjacentHTML('beforeend', '<p id=said>' + all.map(t => t.status).join(' ') + '</p>');
            location.href = '{inside}/elsewhere';
        }});
        """
        web.replies |= {
            "/robots.txt": Reply(body=b"User-agent: *\nDisallow: /forbidden"),
            "/page": page(script, "<link rel=stylesheet href=/style.css>"),
            "/ok": Reply(body=b"fine"),
        }
        answer = render(fetcher, web.url("/page"))
        assert private.paths() == []
    assert b'<p id="said">rejected rejected rejected rejected rejected fulfilled</p>' in answer.body
    assert b"<title>fine</title>" in answer.body
    assert sorted(web.paths()) == ["/gone", "/ok", "/page", "/robots.txt"]
    assert "CONVERGENCE_PRIVATE_HOSTS=localhost" in caplog.text and "robots.txt forbids it" in caplog.text


def test_a_script_that_never_rests_is_given_up(web: Web, fetcher, chromium, monkeypatch):
    monkeypatch.setattr(rendering, "RENDER_SECONDS", 1.5)
    web.replies["/page"] = page("setTimeout(() => { for (;;) {} }, 0)")
    began = time.monotonic()
    with pytest.raises(TransientFetchError, match="/page: expected the page's scripts at rest within 1.5 seconds"):
        render(fetcher, web.url("/page"))
    assert time.monotonic() - began < 20


def test_scripts_and_data_over_the_limit_are_no_page(web: Web, fetcher, chromium, monkeypatch):
    monkeypatch.setattr(rendering, "MAX_BYTES", 100_000)
    web.replies |= {"/page": page("fetch('/1'); fetch('/2');"), **{f"/{n}": Reply(body=b"x" * 60_000) for n in (1, 2)}}
    with pytest.raises(FetchError, match="expected at most 100,000 bytes of scripts and data; found more"):
        render(fetcher, web.url("/page"))


def test_a_gates_scripts_are_not_run_and_it_is_told_as_always(web: Web, fetcher, chromium):
    gate = "<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue<script src=/solve.js></script></body></html>"
    web.replies["/page"] = Reply(body=gate.encode(), headers=HTML)
    answer = render(fetcher, web.url("/page"))
    assert answer.body == gate.encode() and web.paths() == ["/robots.txt", "/page"]
    reader = reader_of("seal_swe_bench_pro")
    reading = read_capture(Capture(reader.SOURCE.id, web.url("/page"), datetime(2026, 1, 1), answer.body), reader)
    assert reading.state == "failed" and reading.message.startswith("BlockedPage")


def test_the_rendered_page_goes_into_the_archive_and_says_so(web: Web, fetcher, chromium, tmp_path):
    web.replies["/page"] = page("document.body.append('made')")
    source = dataclasses.replace(reader_of("seal_swe_bench_pro").SOURCE, urls=(web.url("/page"),), needs_browser=True)
    capture = live.capture_of(source, source.urls[0], live.ask(fetcher, source, source.urls[0]))
    text = gzip.decompress(keep(tmp_path, capture).read_bytes())
    assert f"\r\n{RENDERED}: Chromium ".encode() in text and b"made</body></html>" in text


# ---------------------------------------------------------------- what must be here


def test_without_the_extra_a_source_that_needs_a_browser_is_skipped_with_what_to_install(fetcher, monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(Unequipped, match=r"needs a browser: install the extra, `uv sync --extra browser`"):
        render(fetcher, "https://example.org/")


@pytest.mark.parametrize("named", ["", "/no/such/chromium"])
def test_without_chromium_it_says_so_and_downloads_none(monkeypatch, named, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(rendering.CHROMIUM, named)
    with pytest.raises(Unequipped, match="install Chromium, or set CONVERGENCE_CHROMIUM to where it is"):
        find_chromium()


def test_the_chromium_of_the_environment_goes_before_that_on_the_path(monkeypatch, tmp_path):
    for name in ("mine", "chromium"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_chromium() == tmp_path / "chromium"
    monkeypatch.setenv(rendering.CHROMIUM, str(tmp_path / "mine"))
    assert find_chromium() == tmp_path / "mine"


def test_nobody_runs_scripts_as_root_without_a_sandbox_unless_asked_to(fetcher, chromium, monkeypatch):
    monkeypatch.delenv(rendering.NO_SANDBOX, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Unequipped, match="no sandbox for root: .* set CONVERGENCE_CHROMIUM_NO_SANDBOX=1"):
        render(fetcher, "https://example.org/")


def test_a_page_that_robots_txt_forbids_starts_no_browser(web: Web, fetcher, chromium, monkeypatch):
    monkeypatch.setattr(rendering._Visit, "show", None)
    web.replies |= {"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /page"), "/page": page("")}
    with pytest.raises(RobotsForbidden):
        render(fetcher, web.url("/page"))

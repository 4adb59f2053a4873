"""What a CDX index and a replay service may answer, and what comes of it; both are small servers on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from flows import cdx, past
from flows.archive import waiting
from flows.backfill import Plan, pages_of_the_past
from flows.capture import Capture
from flows.errors import FetchError, NoNetwork, RobotsForbidden, UsageError
from flows.fetch import Fetcher
from flows.mementos import Tally
from flows.past import Past, Span, key_of, thinned
from flows.read import read_capture
from flows.settings import Warehouse
from flows.sources import reader_of
from flows.steps import SourceRun
from flows.warc import read_records
from tests.serving import Reply, Web, serving
from warehouse.load import State

SOURCE = "seal_swe_bench_pro"
PAGE = "https://scaleapi.github.io/SWE-bench_Pro-os/"
HEADER = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
SPAN = Span(datetime(2025, 1, 1).date(), datetime(2025, 12, 31).date())
GATE = (
    b"<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>"
)


@pytest.fixture(autouse=True)
def without_delays(monkeypatch):
    """Ask loopback without the second between requests, and a busy server again at once."""
    monkeypatch.setitem(Fetcher.__init__.__kwdefaults__, "delay_seconds", 0.0)
    monkeypatch.setattr(past, "WAITS", (0.0, 0.0))


class ByStart(dict):
    """Replies by path, and the one reply for a path with any query."""

    def get(self, path, default=None):
        return super().get(path) or super().get(path.partition("?")[0], default)


@pytest.fixture
def asker(web):
    """Return what pages are fetched with, the server allowed."""
    fetcher = Fetcher(private_hosts=[f"127.0.0.1:{web.port}"])
    yield fetcher
    fetcher.close()


@pytest.fixture
def web():
    with serving() as server:
        server.replies = ByStart()
        yield server


def digest_of(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body).digest()).decode()


def line(moment: str, *, url: str = PAGE, status: str = "200", digest: str = "-") -> list[str]:
    return ["io,github,scaleapi)/swe-bench_pro-os", moment, url, "text/html", status, digest, "1000"]


def index(web: Web, *lines: list[str]) -> None:
    web.replies["/c/cdx"] = Reply(body=json.dumps([HEADER, *lines]).encode() if lines else b"[]")


def page(n: int) -> bytes:
    return f"<html><body>page {n}</body></html>{n}".encode()


def memento(web: Web, moment: str, body: bytes, *, url: str = PAGE, said: str | None = "", status: int = 200) -> None:
    """Let the replay service answer for a moment; `said` is its Memento-Datetime, by default the moment, None: none."""
    date = datetime.strptime(moment, "%Y%m%d%H%M%S").strftime("%a, %d %b %Y %H:%M:%S GMT") if said == "" else said
    headers = {"Content-Type": "text/html"} | ({"Memento-Datetime": date} if date else {})
    web.replies[f"/c/{moment}id_/{url}"] = Reply(status, body, headers)


@dataclass
class Taken:
    """What a backfill came to: the source's run, the tally, and the captures in the order they were taken."""

    run: SourceRun
    tally: Tally
    captures: list[Capture]


def backfill(web: Web, folder: Path, *, is_up: bool = True, **options) -> Taken:
    """Take the past that the server tells of into an archive, as the capture step does; nothing is read or loaded."""
    wanted = {"source": SOURCE, "first": "2025-01-01", "last": "2025-12-31", "replay": web.url("/c")} | options
    plan, run = Plan.of(**wanted), SourceRun(SOURCE)
    job = SimpleNamespace(
        state=State(), warehouse=Warehouse.at(folder), fetcher=plan.fetcher(), has_network=lambda: is_up, tally=None
    )
    captures = []
    try:
        captures = pages_of_the_past(job, run, plan)
    except (NoNetwork, RobotsForbidden) as error:  # as the capture step does
        run.state, run.message = "skipped", str(error)
    finally:
        job.fetcher.close()
    return Taken(run, job.tally, captures)


def kept(folder: Path) -> list[tuple[datetime, int]]:
    """Return moment and number of every page in the archive, oldest first."""
    found = waiting(Warehouse.at(folder).archive, SOURCE, ())
    return sorted((c.captured_at, int(c.body[-1:])) for c in found)


def pages_asked(web: Web) -> list[str]:
    return [path for path in web.paths() if "id_/" in path]


# --- The index ----------------------------------------------------------------------------------------------------------


def objects(*lines: list[str]) -> bytes:
    names = dict(zip(HEADER, ("urlkey", "timestamp", "url", "mime", "status", "digest", "length"), strict=True))
    return b"".join(
        json.dumps({names[n]: v for n, v in zip(HEADER, row, strict=True)}).encode() + b"\n" for row in lines
    )


HOLES = (
    (line("20250102030405"), None),
    (line("20250102030405"), None),  # again
    (line("20250203040506", status="-"), None),  # a revisit: no status
    (line("20250203040507", url=""), None),  # of the address that was asked for, then
    (
        line("20250304050607", url="http://www.scaleapi.github.io:80/SWE-bench_Pro-os"),
        None,
    ),  # the same page to an index
    (line("20250304050608", status="301"), "of a status other than 200"),
    (line("20250405060708", url="https://example.org/SWE-bench_Pro-os/"), "of another address"),
    (line(""), "without a moment"),
    (line("20251345000000"), "without a moment"),
    (line("2025"), "without a moment"),
    (line("20240101000000"), "of another time"),
    (line("20990101000000"), "of another time"),
)


@pytest.mark.parametrize("dialect", ["an array", "objects", "after urlkey and timestamp"])
def test_an_index_with_holes_gives_what_it_has_and_counts_the_rest(web, asker, dialect):
    lines = [row for row, _ in HOLES]
    body = json.dumps([HEADER, *lines, ["too", "short"], "odd"]).encode()
    if dialect == "objects":
        body = b"\n" + objects(*lines).replace(b"\n", b"\n\n") + b'{"no": "capture"}\n{"broken": \n'
    elif dialect == "after urlkey and timestamp":
        body = b"".join(f"{row[0]} {row[1]} ".encode() + objects(row) for row in lines) + b"some words\nmore words\n"
    web.replies["/c/cdx"] = Reply(body=body)
    listing = cdx.list_mementos(asker, web.url("/c/cdx"), web.url("/c"), PAGE, SPAN)
    moments = ["2025-01-02 03:04:05", "2025-02-03 04:05:06", "2025-02-03 04:05:07", "2025-03-04 05:06:07"]
    assert [str(p.moment) for p in listing.pages] == moments
    assert {p.url for p in listing.pages} == {PAGE}
    assert listing.pages[-1].ask == web.url("/c/20250304050607id_/http://www.scaleapi.github.io:80/SWE-bench_Pro-os")
    expected = {reason: sum(r == reason for _, r in HOLES) for _, reason in HOLES if reason}
    assert listing.left_out == expected | {"without a moment": expected["without a moment"] + 2}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (json.dumps([HEADER, line("20250102030405")]).encode()[:-20], "the whole answer of a CDX index"),
        (objects(line("20250102030405"), line("20250203040506"))[:-20], "found it cut at"),
        (b"<html><body>Please wait</body></html>", "the answer of a CDX index in JSON; found '<html>"),
        (b'{"message": "Internal Error"}', 'found \'{"message"'),
        (b"[[1, 2], [3, 4]]", "that names its columns; found '[1, 2]'"),
        (b"[{}]", "that names its columns"),
        (b"Blocked Site Error", "found 'Blocked Site Error'"),
    ],
    ids=["an array cut", "lines cut", "a page", "an error", "no header", "no columns", "words"],
)
def test_an_answer_that_was_cut_or_is_no_index_fails_the_source_and_loses_nothing(web, tmp_path, body, said):
    index(web, line("20250102030405"))
    memento(web, "20250102030405", page(1))
    backfill(web, tmp_path)
    web.replies["/c/cdx"] = Reply(body=body)
    taken = backfill(web, tmp_path)
    assert taken.run.state == "failed" and said in taken.run.message and web.url("/c/cdx") in taken.run.message
    assert kept(tmp_path) == [(datetime(2025, 1, 2, 3, 4, 5), 1)], "what was there stays"


def test_one_address_whose_index_fails_loses_no_other(web, tmp_path):
    memento(web, "20250102030405", page(1))
    good, bad = json.dumps([HEADER, line("20250102030405")]).encode(), b"no index"

    def act(handler):
        body = bad if "other" in handler.path else good
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    web.replies["/c/cdx"] = Reply(act=act)
    taken = backfill(web, tmp_path, urls=[PAGE, "https://example.org/other"])
    assert taken.run.state == "failed" and "example.org" in taken.run.message
    assert len(kept(tmp_path)) == 1


def test_an_index_that_goes_on_is_followed_by_its_key_and_by_the_last_moment(web, asker, monkeypatch):
    monkeypatch.setattr(cdx, "ROWS", 2)
    lines = [line(f"2025010{n}000000") for n in range(1, 6)]

    def by_key(query: str) -> bytes:
        first = 2 if "resumeKey=a+b%21" in query else 0
        return json.dumps([HEADER, *lines[first : first + 2], *([[], ["a b!"]] if not first else [])]).encode()

    def by_moment(query: str) -> bytes:
        start = query.partition("from=")[2][:14]
        return objects(*[row for row in lines if row[1] >= start][:2])

    for answer, n in ((by_key, 4), (by_moment, 5)):
        web.replies["/c/cdx"] = Reply(act=lambda handler, answer=answer: write(handler, answer(handler.path)))
        listing = cdx.list_mementos(asker, web.url("/c/cdx"), web.url("/c"), PAGE, SPAN)
        assert [p.moment.day for p in listing.pages] == list(range(1, n + 1)) and not listing.left_out


def write(handler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([HEADER, line("20250101000000"), [], ["the same key"]]).encode(),
        objects(*[line("20250101000000")] * 2),
    ],
    ids=["the same key", "too many in one second"],
)
def test_an_index_that_does_not_come_on_is_an_error_and_no_endless_loop(web, asker, monkeypatch, body):
    monkeypatch.setattr(cdx, "ROWS", 2)
    web.replies["/c/cdx"] = Reply(body=body)
    with pytest.raises(FetchError, match="at the same place again"):
        cdx.list_mementos(asker, web.url("/c/cdx"), web.url("/c"), PAGE, SPAN)
    assert len(web.paths()) <= 4


def test_pages_are_thinned_to_the_newest_of_each_period_and_ranges_agree_on_the_periods():
    days = [datetime(2025, 1, 1 + n) for n in range(30)]
    pages = [Past(url, day, "") for url in ("a", "b") for day in days]
    kept = thinned(pages, 10)
    assert {p.url for p in kept} == {"a", "b"} and len(kept) in (6, 8)
    assert set(thinned([p for p in pages if p.moment.day > 12], 10)) <= set(kept)
    assert thinned(pages, 0) == pages


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("https://example.org/a/", "http://www.example.org:80/A", True),
        ("https://example.org/a#b", "https://example.org/a", True),
        ("https://example.org/a?b=1", "https://example.org/a", False),
        ("https://example.org/a", "https://docs.example.org/a", False),
        ("https://example.org:8080/a", "https://example.org/a", False),
        ("https://[bad", "https://example.org/", False),
    ],
)
def test_addresses_are_the_same_page_as_an_index_sees_it(one, other, are_same):
    assert (key_of(one) == key_of(other)) is are_same


# --- The replay service -------------------------------------------------------------------------------------------------


def test_pages_keep_their_own_date_and_are_taken_oldest_first(web, tmp_path):
    index(web, line("20250302000000"), line("20250101000000"))
    memento(web, "20250302000000", page(2))
    memento(web, "20250101000000", page(1))
    taken = backfill(web, tmp_path)
    assert (taken.run.state, taken.run.message, taken.tally.taken) == ("ok", None, 2)
    assert kept(tmp_path) == [(datetime(2025, 1, 1), 1), (datetime(2025, 3, 2), 2)]
    assert [path[3:11] for path in pages_asked(web)] == ["20250101", "20250302"]
    assert web.most_at_once == 1


def test_the_oldest_page_of_all_addresses_comes_first_so_that_a_limit_cuts_off_the_newest(web, tmp_path):
    other = "https://example.org/board"
    answers = {
        PAGE: [line("20250301000000")],
        other: [line("20250401000000", url=other), line("20250201000000", url=other)],
    }

    def act(handler):
        url = parse_qs(urlsplit(handler.path).query)["url"][0]
        write(handler, json.dumps([HEADER, *answers[url]]).encode())

    web.replies["/c/cdx"] = Reply(act=act)
    for n, (moment, url) in enumerate((("20250201000000", other), ("20250301000000", PAGE), ("20250401000000", other))):
        memento(web, moment, page(n), url=url)
    taken = backfill(web, tmp_path, urls=[PAGE, other], limit=2)
    assert [(c.url, c.captured_at.month) for c in taken.captures] == [(other, 2), (PAGE, 3)]


def test_what_is_not_to_be_had_is_counted_the_others_go_on_and_it_is_asked_for_again(web, tmp_path):
    days = ["20250101000000", "20250201000000", "20250301000000", "20250401000000"]
    index(web, *map(line, days))
    memento(web, days[0], page(1))
    for day, status in zip(days[1:], (404, 403, 503), strict=True):
        memento(web, day, b"sorry", status=status)
    taken = backfill(web, tmp_path)
    assert taken.tally.lost == {"with status 404": 1, "with status 403": 1, "with status 503": 1}
    assert (taken.run.state, len(kept(tmp_path))) == ("ok", 1)
    assert len(pages_asked(web)) == 6, "a busy server is asked three times"
    assert "not to be had, and asked for again the next time: 1 with status 404" in "\n".join(taken.tally.lines())
    memento(web, days[1], page(2))
    assert (backfill(web, tmp_path).tally.taken, len(kept(tmp_path))) == (1, 2)


def test_if_none_is_to_be_had_the_source_failed(web, tmp_path):
    index(web, line("20250101000000"))
    taken = backfill(web, tmp_path)
    assert taken.run.state == "failed" and "1 with status 404" in taken.run.message


def test_a_service_that_fails_again_and_again_is_left_alone_and_404_does_not_count(web, tmp_path):
    days = [f"202501{day:02d}000000" for day in range(1, 21)]
    index(web, *map(line, days))
    for day in days[8:]:
        memento(web, day, b"no", status=403)
    taken = backfill(web, tmp_path)
    assert taken.tally.lost == {"with status 404": 8, "with status 403": 5}
    assert taken.tally.remaining == 7


def test_the_nearest_capture_has_its_own_date_and_one_that_is_known_or_outside_is_not_taken(web, tmp_path):
    index(web, *(line(f"2025010{n}000000") for n in range(1, 5)))
    memento(web, "20250101000000", page(1))
    memento(web, "20250102000000", page(2), said="Fri, 03 Jan 2025 12:00:00 GMT")
    web.replies[f"/c/20250103000000id_/{PAGE}"] = Reply(302, headers={"Location": f"/c/20250101000000id_/{PAGE}"})
    memento(web, "20250104000000", page(4), said="Sun, 04 Feb 2024 00:00:00 GMT")
    taken = backfill(web, tmp_path)
    assert kept(tmp_path) == [(datetime(2025, 1, 1), 1), (datetime(2025, 1, 3, 12), 2)]
    assert taken.tally.left_out == {"whose nearest capture is known": 1, "whose nearest capture is of another time": 1}


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("/c/20250101000000id_/https://example.org/moved", "that led to another page"),
        ("/elsewhere", "that led away from the replay service"),
    ],
)
def test_an_archived_redirect_to_another_page_is_not_the_page(web, tmp_path, where, reason):
    index(web, line("20250101000000"))
    web.replies[f"/c/20250101000000id_/{PAGE}"] = Reply(302, headers={"Location": where})
    web.replies[where] = Reply(body=page(1), headers={"Memento-Datetime": "Wed, 01 Jan 2025 00:00:00 GMT"})
    assert backfill(web, tmp_path).tally.left_out == {reason: 1}
    assert kept(tmp_path) == []


def test_a_redirect_into_a_private_network_is_refused(web, tmp_path):
    index(web, line("20250101000000"), line("20250102000000"))
    for day in ("20250101000000", "20250102000000"):
        web.replies[f"/c/{day}id_/{PAGE}"] = Reply(
            302, headers={"Location": f"http://127.0.0.2:{web.port}/c/{day}id_/{PAGE}"}
        )
    taken = backfill(web, tmp_path)
    assert (taken.tally.lost, taken.run.state) == ({"that failed otherwise": 2}, "failed")


def test_a_date_of_its_own_that_makes_no_sense_is_an_error_of_that_page(web, tmp_path):
    index(web, line("20250101000000"), line("20250102000000"))
    memento(web, "20250101000000", page(1), said="some day")
    memento(web, "20250102000000", page(2))
    assert (backfill(web, tmp_path).tally.lost, len(kept(tmp_path))) == ({"that failed otherwise": 1}, 1)


def test_an_archived_gate_is_kept_and_named_but_a_gate_of_the_service_is_no_page(web, tmp_path):
    index(web, line("20250101000000"), line("20250102000000"), line("20250103000000"))
    memento(web, "20250101000000", GATE)
    memento(web, "20250102000000", GATE, said=None)
    memento(web, "20250103000000", page(3), said=None)
    taken = backfill(web, tmp_path)
    assert taken.tally.lost == {"that failed otherwise": 1}
    assert [c.captured_at.day for c in taken.captures] == [1, 3]
    assert read_capture(taken.captures[0], reader_of(SOURCE), {}).message.startswith("BlockedPage")


def test_the_same_body_is_asked_for_once_if_its_digest_is_right_and_each_time_if_not(web, tmp_path):
    right, wrong = digest_of(page(1)), digest_of(b"something else")
    days = [f"2025010{n}000000" for n in range(1, 7)]
    digests = [right, digest_of(page(2)), right, wrong, wrong, "-"]
    index(web, *(line(day, digest=digest) for day, digest in zip(days, digests, strict=True)))
    for day, n in zip(days, (1, 2, 1, 3, 4, 1), strict=True):
        memento(web, day, page(n))
    taken = backfill(web, tmp_path)
    assert [n for _, n in kept(tmp_path)] == [1, 2, 1, 3, 4, 1]
    assert len(pages_asked(web)) == 5 and taken.tally.served_again == 1
    kinds = [list(read_records(f, lambda _: False))[-1].kind for f in Warehouse.at(tmp_path).archive.glob("*/*/*.gz")]
    assert sorted(kinds) == ["response"] * 4 + ["revisit"] * 2, "the last was asked for, and is the first's body again"
    archived = list(waiting(Warehouse.at(tmp_path).archive, SOURCE, ()))
    assert {(c.content_type, c.http_status) for c in (*archived, *taken.captures)} == {("text/html", 200)}


def test_a_body_that_an_earlier_run_archived_is_not_asked_for_again(web, tmp_path):
    index(web, line("20250101000000", digest=digest_of(page(1))), line("20250102000000", digest=digest_of(page(1))))
    memento(web, "20250101000000", page(1))
    assert [backfill(web, tmp_path, limit=1).tally.taken for _ in range(2)] == [1, 1]
    assert len(pages_asked(web)) == 1 and len(kept(tmp_path)) == 2


def test_robots_of_the_replay_service_are_obeyed_and_the_source_is_skipped(web, tmp_path):
    index(web, line("20250101000000"), line("20250102000000"))
    web.replies["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /c/2025\n")
    memento(web, "20250101000000", page(1))
    taken = backfill(web, tmp_path)
    assert taken.run.state == "skipped" and "robots.txt forbids" in taken.run.message
    web.replies["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /\n")
    assert backfill(web, tmp_path).run.state == "skipped"
    assert pages_asked(web) == []


def test_what_a_busy_service_asks_for_is_heeded(web, tmp_path):
    index(web, line("20250101000000"))
    answers = [Reply(429, headers={"Retry-After": "1"}), Reply(200)]

    def act(handler):
        reply = answers.pop(0)
        body = page(1) if reply.status == 200 else b""
        handler.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    web.replies[f"/c/20250101000000id_/{PAGE}"] = Reply(act=act)
    assert backfill(web, tmp_path).tally.taken == 1
    first, second = (when for path, _, when in web.asked if "id_/" in path)
    assert second - first >= 1


def test_a_service_that_cannot_be_reached_is_skipped_without_network_and_failed_with_one(web, tmp_path):
    for is_up, state in ((False, "skipped"), (True, "failed")):
        taken = backfill(web, tmp_path, replay="http://127.0.0.1:9/c", is_up=is_up)
        assert taken.run.state == state and "127.0.0.1:9" in taken.run.message


def test_the_limit_says_how_many_remain(web, tmp_path):
    days = [f"2025010{n}000000" for n in range(1, 6)]
    index(web, *map(line, days))
    for n, day in enumerate(days, 1):
        memento(web, day, page(n))
    taken = backfill(web, tmp_path, limit=2)
    assert (taken.tally.taken, taken.tally.remaining, len(pages_asked(web))) == (2, 3, 2)
    assert taken.tally.lines()[-1] == "3 remain for the next run"
    assert backfill(web, tmp_path, every=400).tally.left_out["more than one in 400 days"] >= 3


# --- What is asked for --------------------------------------------------------------------------------------------------


def plan(**options) -> Plan:
    return Plan.of(**({"source": SOURCE, "first": "2025-01-01", "last": "2025-12-31"} | options))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"first": "2025-13-01"}, "--from: expected a day"),
        ({"first": "2026-01-01"}, "expected a day and a later one"),
        ({"limit": 0}, "--limit"),
        ({"every": -1}, "--every"),
        ({"cdx": "https://example.org/index"}, "expected --replay with it"),
        ({"replay": "ftp://example.org/c"}, "--cdx: ftp://example.org/c/cdx: expected an http or https address"),
        ({"urls": ["aider.chat"]}, "--url: aider.chat: expected an http or https address"),
        ({"source": "no_such"}, "source 'no_such': expected one of"),
        ({"source": "reference"}, "expected an address on the web"),
        ({"via": "git"}, "expected an address on raw.githubusercontent.com"),
    ],
)
def test_wrong_usage_says_what_was_expected(options, said):
    with pytest.raises(UsageError, match=said):
        plan(**options)


@pytest.mark.parametrize(
    ("options", "index", "replay"),
    [
        ({}, "https://web.archive.org/cdx/search/cdx", "https://web.archive.org/web"),
        ({"replay": "http://localhost:8080/c/"}, "http://localhost:8080/c/cdx", "http://localhost:8080/c"),
        ({"cdx": "http://localhost:8080/c/cdx"}, "http://localhost:8080/c/cdx", "http://localhost:8080/c"),
        ({"cdx": "https://a.org/x", "replay": "https://b.org/y"}, "https://a.org/x", "https://b.org/y"),
    ],
)
def test_index_and_replay_service_go_together(options, index, replay):
    assert (plan(**options).index, plan(**options).replay) == (index, replay)


def test_all_addresses_of_a_source_are_looked_for_each_page_once():
    found = plan(source="mistral_pricing", via="web").addresses()
    assert "https://mistral.ai/pricing" in found and "https://mistral.ai/technology/" in found
    assert len(found) == len({key_of(url) for url in found}), "with or without a slash or a fragment it is one page"
    assert list(plan(urls=["http://www.scaleapi.github.io/swe-bench_pro-os"]).addresses()) == [PAGE]
    assert list(plan(urls=["https://example.org/older"]).addresses()) == ["https://example.org/older"]


def test_files_of_a_repository_are_read_through_git_unless_a_service_is_named():
    assert all(plan(source="litellm").addresses().values())
    assert not any(plan(source="litellm", replay="http://localhost/c").addresses().values())
    mixed = plan(source="llm_prices").addresses()
    assert {url.split("/")[2] for url, file in mixed.items() if not file} == {"www.llm-prices.com"}
    assert set(plan(source="llm_prices", via="git").addresses()) == {url for url, file in mixed.items() if file}
    assert next(iter(plan(source="litellm").addresses().values())).owner == "BerriAI"

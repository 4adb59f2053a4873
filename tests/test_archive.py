"""The archive: bytes as served, in files any WARC tool reads, whole or not at all."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows import archive, steps
from flows.archive import Capture, Exchange, Request, keep, recall, waiting
from flows.errors import WarehouseError
from flows.fetch import Fetcher
from flows.replay import stored_captures
from flows.settings import Warehouse
from tests.conftest import ROOT
from tests.serving import Reply, serving
from warehouse.connect import open_store

NOON = datetime(2024, 7, 10, 12)


def page(
    body: bytes = b"<html>", source_id: str = "aider", url: str = "https://example.org/a", **more: object
) -> Capture:
    return Capture(source_id, url, NOON, body, **{"http_status": 200, **more})


def written(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]


def records(path: Path) -> list[tuple[str, dict[str, str], bytes]]:
    """Return kind, headers (the record's and the answer's) and content of a file's records, as the library reads them."""
    with path.open("rb") as handle:
        return [
            (r.rec_type, dict([*r.rec_headers.headers, *(r.http_headers.headers if r.http_headers else [])]), r.raw_stream.read())
            for r in ArchiveIterator(handle, check_digests="raise")
        ]  # fmt: skip


BODIES = {
    "empty": b"",
    "text": b"<html>hello</html>",
    "binary": bytes(range(256)) * 100,
    "random": os.urandom(100_000),
    "huge": b"x" * 5_000_000,
    "like HTTP": b"HTTP/1.1 200 OK\r\nContent-Type: a\r\n\r\nbody",
    "like WARC": b"\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n",
    "like gzip": gzip.compress(b"hello"),
    "not UTF-8": "é\r\n\0".encode("latin-1"),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bytes_come_back_as_they_were_served(tmp_path, body):
    kept = page(
        body, content_type="text/html; charset=utf-8", etag='W/"1"', last_modified="Wed, 10 Jul 2024 00:00:00 GMT"
    )
    keep(tmp_path, kept)
    assert recall(tmp_path, kept.archive_file, kept) == kept


@pytest.mark.parametrize(
    "more",
    [{"content_type": None, "http_status": None}, {"content_type": ""}, {"etag": '"é\r\nX-Evil: 1"'}, {"content_type": "ü; charset=é"},
     {"url": "https://example.org/a b\r\nWARC-Type: warcinfo"}, {"url": "import:scores/Ünï cödé.csv"},
     {"url": "warehouse/reference/scores.csv", "content_type": "text/csv", "http_status": None}, {"etag": "x" * 9000}],
)  # fmt: skip
def test_whatever_headers_and_address_say_the_capture_comes_back(tmp_path, more):
    kept = page(b"body", **more)
    path = keep(tmp_path, kept)
    assert recall(tmp_path, kept.archive_file, kept) == kept
    with path.open("rb") as handle:
        (record,) = ArchiveIterator(handle)
        assert record.rec_type == ("response" if kept.url.startswith("https:") else "resource")
        assert record.rec_headers.get_header("X-Evil") is None
        assert record.http_headers is None or record.http_headers.get_header("X-Evil") is None


def test_any_warc_tool_reads_the_file_and_finds_its_digests_right(tmp_path):
    kept = page(b"<html>hello</html>", content_type="text/html", etag='"1"')
    with keep(tmp_path, kept).open("rb") as handle:
        (record,) = ((r, r.content_stream().read()) for r in ArchiveIterator(handle, check_digests="raise"))
    warc, http = record[0].rec_headers, record[0].http_headers
    assert warc.get_header("WARC-Target-URI") == "https://example.org/a"
    assert warc.get_header("WARC-Date") == "2024-07-10T12:00:00Z"
    assert warc.get_header("WARC-Record-ID").startswith("<urn:uuid:")
    assert warc.get_header("WARC-Payload-Digest").startswith("sha1:")
    assert (http.get_statuscode(), http.get_header("Content-Type"), http.get_header("ETag")) == (
        "200",
        "text/html",
        '"1"',
    )
    assert record[1] == kept.body


def test_the_standard_tool_checks_the_file(tmp_path):
    path = keep(tmp_path, page())
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_keeping_twice_writes_once(tmp_path):
    first = keep(tmp_path, page())
    before = first.stat().st_mtime_ns
    assert keep(tmp_path, page()) == first
    assert first.stat().st_mtime_ns == before
    assert written(tmp_path) == [first]


def test_a_damaged_file_is_written_anew_while_the_bytes_are_at_hand(tmp_path):
    path = keep(tmp_path, page(b"hello" * 1000))
    path.write_bytes(path.read_bytes()[:100])
    keep(tmp_path, page(b"hello" * 1000))
    assert recall(tmp_path, page(b"hello" * 1000).archive_file, page(b"hello" * 1000)).body == b"hello" * 1000


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(tmp_path, page())
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_killed_write_leaves_nothing_that_looks_like_a_page_and_the_next_run_cleans_up(tmp_path):
    script = (
        "import os, sys, time\nfrom pathlib import Path\nfrom datetime import datetime\nfrom flows import archive\n"
        "archive.os.fsync = lambda _: (print('writing', flush=True), time.sleep(60))\n"
        "archive.keep(Path(sys.argv[1]), archive.Capture('aider', 'https://example.org/b', datetime(2024, 7, 10), b'x' * 1000))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"writing\n"
        run.send_signal(signal.SIGKILL)
    assert [p.suffix for p in tmp_path.rglob("*") if p.is_file()] == [".part"]
    path = keep(tmp_path, page())
    assert written(tmp_path) == [path]


def test_a_page_that_is_gone_is_named(tmp_path):
    with pytest.raises(WarehouseError, match=r"expected the archived page of https://example.org/a; found no file"):
        recall(tmp_path, page().archive_file, page())


def test_another_page_in_its_place_is_noticed(tmp_path):
    path = keep(tmp_path, page(b"other"))
    with pytest.raises(WarehouseError, match="as it was archived; found other bytes"):
        recall(tmp_path, str(path.relative_to(tmp_path)), page(b"hello"))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.5, 0.9])
def test_a_cut_file_is_an_error_that_names_it(tmp_path, share):
    kept = page(os.urandom(50_000))
    path = keep(tmp_path, kept)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(WarehouseError, match=path.name):
        recall(tmp_path, kept.archive_file, kept)


@pytest.mark.parametrize("place", [0, 3, 12, 300, -300, -9])
def test_a_damaged_file_never_gives_another_page(tmp_path, place):
    kept = page(os.urandom(5000))
    path = keep(tmp_path, kept)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 0xFF
    path.write_bytes(raw)
    try:
        assert recall(tmp_path, kept.archive_file, kept) == kept  # the trailer alone was hit
    except WarehouseError as error:
        assert path.name in str(error)


@pytest.mark.parametrize("source_id", ["../evil", "..", "/etc", "a/b", "", "a\0b", ".hidden", "a b", "a\nb", "é"])
def test_a_hostile_source_id_cannot_leave_the_archive(tmp_path, source_id):
    with pytest.raises(WarehouseError, match="expected an id of letters"):
        keep(tmp_path / "archive", page(source_id=source_id))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file", ["../secret.warc.gz", "/etc/passwd", "aider/../../secret.warc.gz"])
def test_an_archive_file_outside_the_archive_is_not_read(tmp_path, file):
    (tmp_path / "secret.warc.gz").write_bytes(b"secret")
    with pytest.raises(WarehouseError, match="inside"):
        recall(tmp_path / "archive", file, page())


def test_an_address_never_names_a_file(tmp_path):
    path = keep(tmp_path, page(url="https://example.org/../../etc/passwd\0"))
    assert path.parent == tmp_path / "aider" / "2024"


@pytest.mark.parametrize(
    "moment",
    [datetime(2024, 7, 10, 12, 0, 0, 999_999), datetime(2024, 7, 10, 12, tzinfo=UTC), datetime(2024, 7, 10, 14, tzinfo=timezone(timedelta(hours=2)))],
)  # fmt: skip
def test_a_moment_is_utc_in_whole_seconds(moment):
    capture = Capture("aider", "https://example.org/a", moment, b"<html>")
    assert capture.captured_at == NOON and capture.captured_at.tzinfo is None
    assert capture.capture_id == page().capture_id


def test_source_address_moment_and_bytes_each_make_another_capture():
    others = [
        Capture("seal", "https://example.org/a", NOON, b"<html>"),
        Capture("aider", "https://example.org/b", NOON, b"<html>"),
        Capture("aider", "https://example.org/a", NOON + timedelta(seconds=1), b"<html>"),
        Capture("aider", "https://example.org/a", NOON, b"<html >"),
    ]
    assert len({c.capture_id for c in (page(), *others)}) == 5


# ---------------------------------------------------------------- what went over the wire


SERVED = Exchange(
    "HTTP/1.1 200 Fine",
    (("Date", "Wed, 10 Jul 2024 12:00:00 GMT"), ("Content-Type", "text/html"), ("X-Served-By", "cache-1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
    request=Request("GET /a?q=1 HTTP/1.1", (("Host", "example.org"), ("User-Agent", "llm-convergence/0"))),
)  # fmt: skip


def test_request_and_answer_are_kept_as_they_went_over_the_wire(tmp_path):
    path = keep(tmp_path, page(exchange=SERVED))
    with path.open("rb") as handle:
        request, response = ((r.rec_type, r.rec_headers, r.http_headers) for r in ArchiveIterator(handle))
    assert (request[0], response[0]) == ("request", "response")
    assert request[2].to_str().split("\r\n")[:3] == ["GET /a?q=1 HTTP/1.1", "Host: example.org", "User-Agent: llm-convergence/0"]  # fmt: skip
    assert request[1].get_header("WARC-Concurrent-To") == response[1].get_header("WARC-Record-ID")
    assert f"{response[2].protocol} {response[2].statusline}" == "HTTP/1.1 200 Fine"
    assert tuple(response[2].headers) == SERVED.headers


def test_no_key_is_ever_written(tmp_path):
    headers = ("Authorization", "Bearer s3cret"), ("x-api-key", "s3cret"), ("Cookie", "s3cret"), ("X-Some-Name", "s3cret"), ("Accept", "*/*")  # fmt: skip
    asked = Request("GET /a?limit=5&api_key=s3cret&Token=s3cret HTTP/1.1", headers)
    path = keep(tmp_path, page(exchange=Exchange("HTTP/1.1 200 OK", (), request=asked)))
    text = gzip.decompress(path.read_bytes()).decode()
    assert "s3cret" not in text and "Bearer" not in text
    assert "GET /a?limit=5&api_key=...&Token=... HTTP/1.1\r\n" in text
    assert "x-api-key: (withheld)\r\n" in text and "Accept: */*\r\n" in text


def test_a_body_stays_packed_as_it_travelled_and_is_read_unpacked(tmp_path):
    packed = gzip.compress(b"<html>hello</html>")
    headers = ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Type", "text/html")
    kept = page(b"<html>hello</html>", exchange=Exchange("HTTP/1.1 200 OK", headers, packed))
    ((kind, said, raw),) = records(keep(tmp_path, kept))
    assert (kind, raw, said["Content-Encoding"]) == ("response", packed, "gzip")
    assert "Transfer-Encoding" not in said and said["X-Archive-Orig-Transfer-Encoding"] == "chunked"
    found = recall(tmp_path, kept.archive_file, kept)
    assert found == kept and found.exchange.payload == packed


@pytest.mark.parametrize("body", [b"<html>", gzip.compress(b"<html>")], ids=["plain", "a gzip file"])
def test_what_is_not_packed_comes_back_as_it_is_whatever_its_header_says(tmp_path, body):
    said = () if body[:2] == b"\x1f\x8b" else (("Content-Encoding", "gzip"),)
    kept = page(body, exchange=Exchange("HTTP/1.1 200 OK", said))
    keep(tmp_path, kept)
    assert recall(tmp_path, kept.archive_file, kept).body == body


@pytest.mark.parametrize("exchange", [None, SERVED], ids=["a stored page", "a fetched page"])
def test_the_offset_is_where_the_record_begins(tmp_path, exchange):
    for kept in (page(exchange=exchange), Capture("aider", "https://example.org/a", datetime(2025, 1, 1), b"<html>", exchange=exchange)):  # fmt: skip
        assert kept.archive_offset is None
        path = keep(tmp_path, kept)
        assert (kept.archive_offset > 0) == (exchange is not None)
        with path.open("rb") as handle:
            handle.seek(kept.archive_offset)
            record = next(ArchiveIterator(handle))
            assert record.rec_type == ("revisit" if kept.captured_at.year == 2025 else "response")
            assert record.rec_headers.get_header("WARC-Target-URI") == kept.url
        assert recall(tmp_path, kept.archive_file, kept, kept.archive_offset) == kept
        again = Capture(kept.source_id, kept.url, kept.captured_at, kept.body)
        keep(tmp_path, again)
        assert again.archive_offset == kept.archive_offset, "a page that is there already is noted too"


# ---------------------------------------------------------------- the same body again


LATER = datetime(2024, 8, 1)


def again(body: bytes, source_id: str = "aider", url: str = "https://example.org/b", **more: object) -> Capture:
    return Capture(source_id, url, LATER, body, http_status=200, **more)


@pytest.mark.parametrize("url", ["https://example.org/b", "import:scores/x.csv", "warehouse/reference/scores.csv"])
def test_a_body_that_is_there_already_is_not_kept_twice(tmp_path, url):
    body = os.urandom(50_000)
    first, second = page(body), again(body, "seal", url, content_type="text/plain")
    file = keep(tmp_path, first).relative_to(tmp_path).as_posix()
    path = keep(tmp_path, second)
    ((kind, said, raw),) = records(path)
    assert (kind, raw) == ("revisit", b"") and path.stat().st_size < 2_000
    assert said["WARC-Profile"] == "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    assert said["WARC-Payload-Digest"] == records(tmp_path / file)[0][1]["WARC-Payload-Digest"]
    assert said["WARC-Refers-To-Target-URI"] == "https://example.org/a"
    assert said["WARC-Refers-To-Date"] == "2024-07-10T12:00:00Z"
    assert said["WARC-Refers-To"] == records(tmp_path / file)[0][1]["WARC-Record-ID"]
    assert said["WARC-Convergence-Refers-To-File"] == file
    assert recall(tmp_path, second.archive_file, second) == second
    (found,) = waiting(tmp_path, "seal", set())
    assert (found.capture_id, found.body) == (second.capture_id, body)
    assert list(waiting(tmp_path, "seal", {second.capture_id})) == []


def test_a_body_is_kept_once_over_many_captures_and_a_new_one_again_whole(tmp_path):
    sizes = []
    for day in range(1, 6):
        for body in (b"a" * 1000, b"b" * 1000):
            capture = Capture("aider", "https://example.org/a", datetime(2024, 7, day), body)
            sizes.append(records(keep(tmp_path, capture))[0][0])
    assert sizes == ["response"] * 2 + ["revisit"] * 8
    first = Capture("aider", "https://example.org/a", datetime(2024, 7, 1), b"a" * 1000).archive_file
    last = Capture("aider", "https://example.org/a", datetime(2024, 7, 5), b"a" * 1000)
    said = records(tmp_path / last.archive_file)[0][1]
    assert said["WARC-Convergence-Refers-To-File"] == first, "every revisit names the whole record, not another revisit"


def test_a_page_and_the_same_page_packed_are_two_payloads(tmp_path):
    packed = gzip.compress(b"<html>")
    exchange = Exchange("HTTP/1.1 200 OK", (("Content-Encoding", "gzip"),), packed)
    captures = [page(), again(b"<html>", exchange=exchange), again(packed, url="https://example.org/c")]
    kinds = [records(keep(tmp_path, capture))[0][0] for capture in captures]
    assert kinds == ["response", "response", "revisit"], "the file a packed body looks like is the same payload"
    assert [recall(tmp_path, c.archive_file, c).body for c in captures] == [b"<html>", b"<html>", packed]


def test_an_empty_body_refers_to_nothing(tmp_path):
    assert [records(keep(tmp_path, c))[0][0] for c in (page(b""), again(b""))] == ["response", "response"]


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize(
    ("harm", "said"),
    [(Path.unlink, "no file"), (damage, "damaged"), (lambda path: path.write_bytes(b""), "found none")],
)
def test_a_revisit_whose_original_is_gone_or_damaged_is_a_clear_error(tmp_path, harm, said):
    body = os.urandom(5_000)
    original = keep(tmp_path, page(body))
    keep(tmp_path, again(body))
    harm(original)
    with pytest.raises(
        WarehouseError, match=rf"expected the body of https://example.org/b, .*{original.name}.*{said}"
    ) as error:
        recall(tmp_path, again(body).archive_file, again(body))
    assert again(body).capture_id in str(error.value)
    with pytest.raises(WarehouseError, match=original.name):
        list(waiting(tmp_path, "aider", {page(body).capture_id}))


def test_a_body_whose_original_is_damaged_is_kept_whole_again_and_mends_the_revisits(tmp_path):
    body = os.urandom(5_000)
    damage(keep(tmp_path, page(body)))
    keep(tmp_path, again(body))
    assert records(tmp_path / again(body).archive_file)[0][0] == "response"
    keep(tmp_path, page(body))
    assert records(tmp_path / page(body).archive_file)[0][0] == "revisit", "the damaged one refers to the new one"
    third = Capture("seal", "https://example.org/s", LATER, body)
    keep(tmp_path, third)
    for capture in (page(body), again(body), third):
        assert recall(tmp_path, capture.archive_file, capture).body == body


def test_a_revisit_finds_its_body_by_digest_where_the_named_file_is_gone(tmp_path):
    body = os.urandom(5_000)
    original = keep(tmp_path, page(body))
    keep(tmp_path, again(body))
    original.unlink()
    keep(tmp_path, Capture("seal", "https://example.org/s", LATER, body))
    assert recall(tmp_path, again(body).archive_file, again(body)).body == body


def test_revisits_that_refer_to_each_other_are_an_error(tmp_path):
    body = b"hello" * 100
    original, revisit = keep(tmp_path, page(body)), keep(tmp_path, again(body))
    original.write_bytes(revisit.read_bytes())
    with pytest.raises(WarehouseError, match="revisits that refer to each other"):
        recall(tmp_path, again(body).archive_file, again(body))


def test_without_its_links_the_archive_reads_the_same_and_gets_them_back(tmp_path):
    keep(tmp_path, page())
    keep(tmp_path, again(b"<html>"))
    shutil.rmtree(tmp_path / ".payloads")
    assert recall(tmp_path, again(b"<html>").archive_file, again(b"<html>")).body == b"<html>"
    keep(tmp_path, page())
    assert records(keep(tmp_path, Capture("seal", "https://example.org/s", LATER, b"<html>")))[0][0] == "revisit"


def test_a_link_that_leads_out_of_the_archive_is_not_followed(tmp_path):
    outside = keep(tmp_path / "other", page(b"secret"))
    keep(tmp_path / "archive", page())
    (pointer,) = (tmp_path / "archive" / ".payloads").iterdir()
    pointer.unlink()
    pointer.symlink_to(outside)
    path = keep(tmp_path / "archive", again(b"<html>"))
    assert records(path)[0][0] == "response"


def old_file(folder: Path, capture: Capture) -> Path:
    """Write a capture as the archive's first version did: one response record."""
    path = folder / capture.archive_file
    path.parent.mkdir(parents=True)
    with path.open("wb") as handle:
        writer = WARCWriter(handle, gzip=True)
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        stamp = {"WARC-Date": "2024-07-10T12:00:00Z", "WARC-Convergence-Source": capture.source_id}
        body = BytesIO(capture.body)
        writer.write_record(writer.create_warc_record(capture.url, "response", payload=body, http_headers=http, warc_headers_dict=stamp))  # fmt: skip
    return path


def test_captures_of_the_first_version_are_read_and_referred_to(tmp_path):
    path = old_file(tmp_path, page())
    before = path.read_bytes()
    assert recall(tmp_path, page().archive_file, page(), 0).body == b"<html>"
    assert [c.capture_id for c in waiting(tmp_path, "aider", set())] == [page().capture_id]
    keep(tmp_path, page())
    assert path.read_bytes() == before
    assert records(keep(tmp_path, again(b"<html>")))[0][0] == "revisit"


def test_two_sources_that_are_served_the_same_at_once_keep_it_once(tmp_path):
    body = os.urandom(200_000)
    captures = [Capture(f"source_{n}", f"https://example.org/{n}", NOON, body) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda capture: keep(tmp_path, capture), captures))
    assert sorted(records(path)[0][0] for path in paths) == ["response"] + ["revisit"] * 7


# ---------------------------------------------------------------- from a server to the store


@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "in gzip"])
def test_a_fetched_page_is_kept_with_its_request_and_all_that_the_server_said(tmp_path, packed):
    body = b"<html>" + b"<p>hello</p>" * 100
    sent = gzip.compress(body) if packed else body
    headers = {"Content-Type": "text/html", "X-Cache": "HIT", "ETag": '"1"'} | (
        {"Content-Encoding": "gzip"} if packed else {}
    )
    with serving() as web:
        web.replies |= {"/robots.txt": Reply(404), "/page": Reply(200, sent, headers)}
        fetcher = Fetcher(delay_seconds=0.0, private_hosts=("127.0.0.1",))
        try:
            answer = fetcher.fetch(web.url("/page"), headers={"X-Api-Key": "s3cret"})
        finally:
            fetcher.close()
        assert web.headers("/page")["x-api-key"] == "s3cret"
        kept = Capture(
            "aider", web.url("/page"), NOON, answer.body, answer.content_type, 200, '"1"', exchange=answer.exchange
        )
    path = keep(tmp_path, kept)
    (_, asked, _), (kind, said, raw) = records(path)
    assert (kind, raw) == ("response", sent)
    assert said.items() >= headers.items() and said["Content-Length"] == str(len(sent))
    assert asked["User-Agent"].startswith("llm-convergence/") and asked["X-Api-Key"] == "(withheld)"
    text = gzip.decompress(path.read_bytes())
    assert b"GET /page HTTP/1.1\r\n" in text and b"HTTP/1.1 200 OK\r\n" in text and b"s3cret" not in text
    assert recall(tmp_path, kept.archive_file, kept).body == body


def test_the_store_names_file_and_offset_and_two_days_of_the_same_page_are_one_body(tmp_path):
    board = (ROOT / "tests" / "sources" / "pages" / "aider" / "polyglot_details.html").read_bytes()
    exchange = Exchange("HTTP/1.1 200 OK", (("Content-Type", "text/html"),), request=Request("GET / HTTP/1.1"))
    pages = [Capture("aider", "https://aider.chat/docs/leaderboards/", datetime(2024, month, 10), board, "text/html", 200, exchange=exchange) for month in (6, 7)]  # fmt: skip
    for given in (pages[:1], pages):  # the second run has the first page again
        job = steps.Job("replay", Warehouse.at(tmp_path), given={"aider": given})
        with steps.holding(job):
            steps.load(job, [steps.validate(job, steps.read(job, steps.capture(job, "aider")))])
    with open_store(Warehouse.at(tmp_path).store, read_only=True) as con:
        rows = con.execute("select archive_file, archive_offset from raw.captures order by captured_at").fetchall()
        ids = [i for (i,) in con.execute("select capture_id from raw.captures order by captured_at").fetchall()]
    kinds = []
    for (file, offset), page_kept in zip(rows, pages, strict=True):
        assert offset > 0
        with (tmp_path / "archive" / file).open("rb") as handle:
            handle.seek(offset)
            record = next(ArchiveIterator(handle))
            kinds.append(record.rec_type)
            assert record.rec_headers.get_header("WARC-Date") == page_kept.captured_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert recall(tmp_path / "archive", file, page_kept, offset) == page_kept
    assert kinds == ["response", "revisit"]
    assert ids == [p.capture_id for p in pages]
    job = steps.Job("replay", Warehouse.at(tmp_path), given=stored_captures(tmp_path / "archive"))
    with steps.holding(job):
        run = steps.capture(job, "aider")
    assert (run.n_captures, run.n_new_captures) == (2, 0), "replaying the archive over itself adds nothing"

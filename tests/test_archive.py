"""The archive: bytes as served, in files any WARC tool reads, whole or not at all."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows import archive
from flows.archive import Capture, keep, read_warc, recall
from flows.errors import WarehouseError

NOON = datetime(2024, 7, 10, 12)


def page(
    body: bytes = b"<html>", source_id: str = "aider", url: str = "https://example.org/a", **more: object
) -> Capture:
    return Capture(source_id, url, NOON, body, **{"http_status": 200, **more})


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
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [first]


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
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


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


# ---------------------------------------------------------------- other people's WARC files


def foreign(path: Path, *records: tuple[str, str, bytes, dict[str, str]], compressed: bool = True) -> Path:
    """Write a WARC file as another tool would: (record type, address, body, WARC headers and Status, HTTP headers by H-)."""
    with path.open("wb") as handle:
        writer = WARCWriter(handle, gzip=compressed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another"}))
        for kind, url, body, more in records:
            http = None
            if kind in ("response", "revisit"):
                lines = [(k[2:], v) for k, v in more.items() if k.startswith("H-")]
                http = StatusAndHeaders(
                    more.get("Status", "200 OK"), [("Content-Type", "text/html"), *lines], protocol="HTTP/1.1"
                )
            stamp = {"WARC-Date": more.get("WARC-Date", "2024-07-10T12:00:00Z")}
            record = writer.create_warc_record(
                url,
                kind,
                payload=BytesIO(body),
                http_headers=http,
                warc_headers_dict=stamp,
                warc_content_type="text/html",
            )
            writer.write_record(record)
    return path


KNOWN = {"https://example.org/a": "aider"}


@pytest.mark.parametrize("compressed", [True, False])
def test_pages_of_a_foreign_file_are_found_by_their_address(tmp_path, compressed):
    file = foreign(
        tmp_path / "x.warc",
        ("response", "http://EXAMPLE.org:80/a", b"one", {}),
        ("response", "https://example.org/other", b"two", {}),
        ("request", "https://example.org/a", b"GET / HTTP/1.1\r\n\r\n", {}),
        ("response", "https://example.org/a", b"gone", {"Status": "404 Not Found"}),
        ("response", "https://example.org/a", b"", {"Status": "302 Found"}),
        ("resource", "https://example.org/a", b"three", {}),
        compressed=compressed,
    )
    found = list(read_warc(file, KNOWN))
    assert [(c.source_id, c.url, c.body) for c in found] == [
        ("aider", "https://example.org/a", b"one"),
        ("aider", "https://example.org/a", b"three"),
    ]
    assert found[1].content_type == "text/html"


def test_a_body_stored_as_it_travelled_is_unpacked(tmp_path):
    packed = gzip.compress(b"hello")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    headers = {"H-Content-Encoding": "gzip", "H-Transfer-Encoding": "chunked"}
    (found,) = read_warc(
        foreign(tmp_path / "x.warc.gz", ("response", "https://example.org/a", chunked, headers)), KNOWN
    )
    assert found.body == b"hello"


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2024-07-10T12:00:00Z", NOON), ("2024-07-10T12:00:00.123456Z", NOON), ("2024-07-10T14:00:00+02:00", NOON),
     ("2024-07-10", datetime(2024, 7, 10)), ("2024-07", datetime(2024, 7, 1)), ("2024", datetime(2024, 1, 1)),
     ("2024-07-10T12:00:00", NOON)],
)  # fmt: skip
def test_a_date_of_any_precision_is_utc(tmp_path, monkeypatch, text, moment):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        (found,) = read_warc(
            foreign(tmp_path / "x.warc", ("response", "https://example.org/a", b"x", {"WARC-Date": text}))
        )
        assert found.captured_at == moment
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_date_that_is_none_is_an_error_that_names_the_file(tmp_path):
    file = foreign(tmp_path / "x.warc", ("response", "https://example.org/a", b"x", {"WARC-Date": "yesterday"}))
    with pytest.raises(WarehouseError, match=r"x.warc: expected a whole WARC file"):
        list(read_warc(file))


@pytest.mark.parametrize("share", [0.5, 0.8, 0.98])
def test_a_foreign_file_cut_anywhere_is_an_error_that_names_it(tmp_path, share):
    records = [("response", "https://example.org/a", os.urandom(3000), {}) for _ in range(3)]
    file = foreign(tmp_path / "x.warc.gz", *records)
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(WarehouseError, match=r"x.warc.gz"):
        list(read_warc(file, KNOWN))


@pytest.mark.parametrize("body", [b"", b"hello", b"<html>" * 1000, os.urandom(1000), b"\x1f\x8b" + os.urandom(1000)])
def test_a_file_that_is_no_warc_gives_no_page(tmp_path, body):
    file = tmp_path / "x.warc"
    file.write_bytes(body)
    try:
        assert list(read_warc(file, KNOWN)) == []
    except WarehouseError as error:
        assert "x.warc" in str(error)


def test_a_page_over_the_limit_is_refused_and_other_records_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    big = ("response", "https://example.org/video", b"x" * 5000, {})
    assert list(read_warc(foreign(tmp_path / "x.warc.gz", big), KNOWN)) == []
    bomb = ("response", "https://example.org/a", gzip.compress(b"x" * 5000), {"H-Content-Encoding": "gzip"})
    with pytest.raises(WarehouseError, match="expected a page of at most 1,000 bytes"):
        list(read_warc(foreign(tmp_path / "y.warc.gz", bomb), KNOWN))

"""Pages in WARC files: our own archive's, and other people's crawls."""

from __future__ import annotations

import gzip
import logging
import os
import subprocess
import time
import zlib
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows import warc
from flows.archive import Capture, Exchange, Request, keep
from flows.crawls import read_warcs
from flows.errors import WarehouseError
from flows.warc import payload_digest, read_records

NOON = datetime(2024, 7, 10, 12)


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
            stamp = {"WARC-Date": "2024-07-10T12:00:00Z"} | {k: v for k, v in more.items() if k.startswith("WARC-")}
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


@pytest.fixture(autouse=True)
def _log(caplog):
    caplog.set_level(logging.INFO, logger="flows")


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
    found = list(read_warcs([file], KNOWN))
    assert [(c.source_id, c.url, c.body) for c in found] == [
        ("aider", "https://example.org/a", b"one"),
        ("aider", "https://example.org/a", b"three"),
    ]
    assert found[1].content_type == "text/html"


def test_a_body_stored_as_it_travelled_is_unpacked(tmp_path):
    packed = gzip.compress(b"hello")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    headers = {"H-Content-Encoding": "gzip", "H-Transfer-Encoding": "chunked"}
    file = foreign(tmp_path / "x.warc.gz", ("response", "https://example.org/a", chunked, headers))
    (found,) = read_warcs([file], KNOWN)
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
        file = foreign(tmp_path / "x.warc", ("response", "https://example.org/a", b"x", {"WARC-Date": text}))
        (found,) = read_warcs([file])
        assert found.captured_at == moment
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_page_with_a_date_that_is_none_is_passed_over_and_said(tmp_path, caplog):
    pages = [("response", "https://example.org/a", b"x", {"WARC-Date": d}) for d in ("yesterday", "2024-07-10")]
    assert len(list(read_warcs([foreign(tmp_path / "x.warc", *pages)], KNOWN))) == 1
    assert "https://example.org/a (yesterday): Invalid isoformat" in caplog.text
    assert "1 with a body or a date that cannot be read" in caplog.text


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("wanted", [True, False], ids=["a page of ours", "another's page"])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.98])
def test_a_file_cut_anywhere_is_an_error_that_says_what_of_it_is_whole_and_how_to_have_that(
    tmp_path, share, compressed, wanted
):
    url = "https://example.org/a" if wanted else "https://example.org/other"
    records = [
        ("response", "https://example.org/a", os.urandom(3000), {}),
        *[("response", url, os.urandom(3000), {})] * 2,
    ]
    file = foreign(tmp_path / ("x.warc.gz" if compressed else "x.warc"), *records, compressed=compressed)
    whole = list(read_warcs([file], KNOWN))
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * share)])
    n = 2 if share == 0.5 else 3  # with the warcinfo record
    with pytest.raises(
        WarehouseError, match=rf"{file.name}: expected a whole WARC file; .* {n} whole records"
    ) as error:
        list(read_warcs([file], KNOWN))
    command = str(error.value).partition("to have those: ")[2]
    assert "Nothing was loaded" in str(error.value)
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert list(read_warcs([tmp_path / f"whole-{file.name}"], KNOWN)) == (whole[: n - 1] if wanted else whole[:1])


def test_a_file_cut_before_its_first_record_ends_has_nothing_whole(tmp_path):
    file = tmp_path / "x.warc.gz"
    file.write_bytes(foreign(file, ("response", "https://example.org/a", b"x", {})).read_bytes()[:50])
    with pytest.raises(WarehouseError, match="no whole record before that. Nothing was loaded$"):
        list(read_warcs([file], KNOWN))


@pytest.mark.parametrize("body", [b"", b"hello", b"<html>" * 1000, os.urandom(1000), b"\x1f\x8b" + os.urandom(1000)])
def test_a_file_that_is_no_warc_gives_no_page(tmp_path, body):
    file = tmp_path / "x.warc"
    file.write_bytes(body)
    try:
        assert list(read_warcs([file], KNOWN)) == []
    except WarehouseError as error:
        assert "x.warc" in str(error)


def test_a_page_over_the_limit_is_refused_and_other_records_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(warc, "MAX_BYTES", 1000)
    big = ("response", "https://example.org/video", b"x" * 5000, {})
    assert list(read_warcs([foreign(tmp_path / "x.warc.gz", big)], KNOWN)) == []
    bomb = ("response", "https://example.org/a", gzip.compress(b"x" * 5000), {"H-Content-Encoding": "gzip"})
    with pytest.raises(WarehouseError, match="expected a page of at most 1,000 bytes"):
        list(read_warcs([foreign(tmp_path / "y.warc.gz", bomb)], KNOWN))


PACKED = {
    "gzip": ("gzip", gzip.compress(b"hello"), [b"hello"]),
    "gzip in two parts": ("x-gzip", gzip.compress(b"he") + gzip.compress(b"llo"), [b"hello"]),
    "deflate": ("deflate", zlib.compress(b"hello"), [b"hello"]),
    "bare deflate": ("deflate", zlib.compress(b"hello")[2:-4], [b"hello"]),
    "not packed at all": ("gzip", b"hello", [b"hello"]),
    "identity": ("identity", b"hello", [b"hello"]),
    "capitals": ("GZIP", gzip.compress(b"hello"), [b"hello"]),
    "brotli": ("br", b"\x0b\x02\x80hello\x03", []),
    "twice": ("gzip, gzip", gzip.compress(gzip.compress(b"hello")), []),
    "cut": ("gzip", gzip.compress(b"hello")[:-9], []),
    "damaged": ("gzip", gzip.compress(b"hello" * 100)[:15] + b"x" * 30, []),
}


@pytest.mark.parametrize(("coding", "body", "found"), PACKED.values(), ids=PACKED)
def test_a_body_is_unpacked_or_passed_over_and_said(tmp_path, caplog, coding, body, found):
    file = foreign(tmp_path / "x.warc", ("response", "https://example.org/a", body, {"H-Content-Encoding": coding}))
    assert [c.body for c in read_warcs([file], KNOWN)] == found
    assert ("1 with a body or a date that cannot be read" in caplog.text) == (not found)


def test_what_is_no_page_of_a_source_is_passed_over_and_counted_by_its_reason(tmp_path, caplog):
    a = "https://example.org/a"
    file = foreign(
        tmp_path / "x.warc.gz",
        ("request", a, b"GET / HTTP/1.1\r\n\r\n", {}),
        ("metadata", a, b"via: x", {}),
        ("resource", "dns:example.org", b"20240710 example.org. IN A 1.2.3.4", {}),
        ("response", "dns:example.org", b"20240710", {}),
        ("response", "https://example.org:99999/", b"a port that is none", {}),
        ("conversion", a, b"text", {}),
        ("response", a, b"gone", {"Status": "404 Not Found"}),
        ("response", a, b"", {"Status": "301 Moved"}),
        ("response", a, b"", {"Status": "nonsense"}),
        ("response", "https://other.org/a", b"x", {}),
        ("revisit", a, b"", {"WARC-Payload-Digest": "sha1:NOWHERE"}),
        ("response", a, b"a page", {}),
    )
    assert [c.body for c in read_warcs([file], KNOWN)] == [b"a page"]
    (line,) = [line for line in caplog.text.splitlines() if "passed over" in line]
    assert line.endswith(
        "12 records passed over: 1 conversion records, 1 metadata records, 3 of a status other than 200,"
        " 4 of an address that no source reads, 1 request records, 1 revisits whose original is in none of the files,"
        " 1 warcinfo records"
    )


REFERS = {
    "by its id": {"WARC-Refers-To": "<urn:uuid:1>"},
    "by address and moment": {"WARC-Refers-To-Target-URI": "http://example.org/old", "WARC-Refers-To-Date": "2024-07-10T12:00:00Z"},
    "by the digest of its body": {},
}  # fmt: skip


@pytest.mark.parametrize("refers", REFERS.values(), ids=REFERS)
@pytest.mark.parametrize("apart", [False, True], ids=["in the same file", "in another file"])
def test_a_revisit_takes_its_body_from_its_original_whoevers_address_that_has(tmp_path, refers, apart):
    body = b"<html>hello</html>"
    digest = {"WARC-Payload-Digest": payload_digest(body)}
    original = ("response", "https://example.org/old", body, {"WARC-Record-ID": "<urn:uuid:1>"})
    other = ("response", "https://example.org/old", b"another", {"WARC-Date": "2024-07-01T12:00:00Z"})
    revisit = ("revisit", "https://example.org/a", b"", {**digest, **refers, "WARC-Date": "2024-09-01T00:00:00Z"})
    files = [[other, revisit, original]] if not apart else [[other, revisit], [original]]
    paths = [foreign(tmp_path / f"{n}.warc.gz", *records) for n, records in enumerate(files)]
    (found,) = read_warcs(paths, KNOWN)
    assert (found.source_id, found.url, found.body) == ("aider", "https://example.org/a", body)
    assert (found.captured_at, found.content_type, found.http_status) == (datetime(2024, 9, 1), "text/html", 200)


def test_a_page_not_modified_is_the_page_it_was(tmp_path):
    refers = REFERS["by address and moment"] | {"WARC-Date": "2024-09-01T00:00:00Z", "Status": "304 Not Modified"}
    records = [
        ("response", "https://example.org/old", b"<html>", {}),
        ("revisit", "https://example.org/a", b"", refers),
    ]
    (found,) = read_warcs([foreign(tmp_path / "x.warc", *records)], KNOWN)
    assert (found.body, found.http_status, found.captured_at) == (b"<html>", 200, datetime(2024, 9, 1))


def test_a_revisit_never_takes_a_body_of_another_digest(tmp_path, caplog):
    refers = REFERS["by its id"] | {"WARC-Payload-Digest": payload_digest(b"what it was")}
    records = [
        ("response", "https://example.org/old", b"something else", {"WARC-Record-ID": "<urn:uuid:1>"}),
        ("revisit", "https://example.org/a", b"", refers),
    ]
    assert list(read_warcs([foreign(tmp_path / "x.warc", *records)], KNOWN)) == []
    assert "1 revisits whose original is in none of the files" in caplog.text


def test_our_own_archive_moves_to_another_with_request_headers_and_revisits(tmp_path):
    request = Request("GET /a HTTP/1.1", (("Host", "example.org"),))
    packed = gzip.compress(b"<html>")
    exchange = Exchange("HTTP/1.1 200 OK", (("Content-Encoding", "gzip"), ("X-Served-By", "x")), packed, request)
    first = Capture("aider", "https://example.org/a", NOON, b"<html>", http_status=200, exchange=exchange)
    later = Capture(
        "aider", "https://example.org/a", datetime(2024, 8, 1), b"<html>", http_status=200, exchange=exchange
    )
    old, new = tmp_path / "old", tmp_path / "new"
    paths = [keep(old, first), keep(old, later)]
    found = list(read_warcs(paths, KNOWN))
    assert found == [first, later] and [c.exchange for c in found] == [exchange, exchange]
    for capture in found:
        keep(new, capture)
    assert [c.body for c in read_warcs(sorted(new.rglob("*.warc.gz")))] == [b"<html>"] * 2
    kinds = [[r.kind for r in read_records(new / c.archive_file, lambda _: False)] for c in found]
    assert kinds == [["request", "response"], ["request", "revisit"]]


def test_headers_that_make_no_sense_are_an_error_that_names_the_file(tmp_path):
    file = tmp_path / "x.warc"
    file.write_bytes(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n")
    with pytest.raises(WarehouseError, match=r"x.warc: expected a whole WARC file"):
        list(read_warcs([file], KNOWN))

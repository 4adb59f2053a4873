"""Stored captures: the layout SOURCE/DATE/file, with a manifest or without, and WARC files."""

from __future__ import annotations

import csv
import hashlib
import logging
from datetime import datetime
from pathlib import Path

import pytest

from flows import replay
from flows.archive import Capture, keep
from flows.errors import UsageError, WarehouseError
from flows.replay import stored_captures
from flows.sources import reader_of
from tests.test_crawls import foreign

AIDER = "https://aider.chat/docs/leaderboards/"


@pytest.fixture(autouse=True)
def _log(caplog):
    caplog.set_level(logging.INFO, logger="flows")


def put(folder: Path, path: str, body: str | bytes = "<html>") -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body.encode() if isinstance(body, str) else body)


def manifest(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_captures_come_by_source_in_date_order(tmp_path):
    for day in ("2025-03-01", "2024-07-10", "2024-12-31"):
        put(tmp_path, f"aider/{day}/index.html", day)
    put(tmp_path, "seal/2024-08-01/coding.html")
    found = stored_captures(tmp_path)
    assert list(found) == ["aider", "seal"]
    assert [c.body.decode() for c in found["aider"]] == ["2024-07-10", "2024-12-31", "2025-03-01"]
    assert found["aider"][0].captured_at == datetime(2024, 7, 10)
    assert found["aider"][0].content_type == "text/html"


def test_the_manifest_knows_the_addresses(tmp_path):
    put(tmp_path, "aider/2024-07-10/x.html")
    manifest(tmp_path, {"source_id": "aider", "path": "aider/2024-07-10/x.html", "url": "https://aider.chat/old"})
    assert stored_captures(tmp_path)["aider"][0].url == "https://aider.chat/old"


@pytest.mark.parametrize("with_manifest", [True, False])
def test_without_a_line_in_the_manifest_the_address_is_the_sources_own(tmp_path, with_manifest):
    put(tmp_path, "aider/2024-07-10/index.html")
    if with_manifest:
        manifest(tmp_path, {"path": "aider/2020-01-01/other.html", "url": "https://aider.chat/old"})
    assert stored_captures(tmp_path)["aider"][0].url in reader_of("aider").SOURCE.urls


def test_a_manifest_of_another_kind_is_wrong_usage(tmp_path):
    put(tmp_path, "aider/2024-07-10/index.html")
    manifest(tmp_path, {"file": "a", "address": "b"})
    with pytest.raises(UsageError, match=r"manifest.csv: expected the columns path and url; found file, address"):
        stored_captures(tmp_path)


def test_a_manifest_in_another_encoding_is_wrong_usage(tmp_path):
    put(tmp_path, "aider/2024-07-10/index.html")
    put(tmp_path, "manifest.csv", "path,url\naider/é,x\n".encode("utf-16"))
    with pytest.raises(UsageError, match=r"manifest.csv: expected a CSV file in UTF-8"):
        stored_captures(tmp_path)


def test_bytes_that_differ_from_the_manifest_are_said(tmp_path, caplog):
    put(tmp_path, "aider/2024-07-10/index.html", "mended")
    manifest(
        tmp_path, {"path": "aider/2024-07-10/index.html", "url": AIDER, "sha256": hashlib.sha256(b"page").hexdigest()}
    )
    stored_captures(tmp_path)
    assert "its bytes are not those that manifest.csv lists" in caplog.text


def test_truth_beside_a_page_and_hidden_files_are_no_captures(tmp_path):
    put(tmp_path, "aider/2024-07-10/index.html")
    put(tmp_path, "aider/2024-07-10/truth/edit.yml")
    put(tmp_path, "aider/2024-07-10/.DS_Store")
    assert len(stored_captures(tmp_path)["aider"]) == 1


def test_a_source_without_a_reader_is_left_out_and_said(tmp_path, caplog):
    put(tmp_path, "aider/2024-07-10/index.html")
    put(tmp_path, "nobody_reads_this/2024-07-10/index.html")
    assert list(stored_captures(tmp_path)) == ["aider"]
    assert "no reader for nobody_reads_this; left out" in caplog.text


@pytest.mark.parametrize("day", ["2024-13-45", "2024-02-30", "notes", "20240710"])
def test_a_folder_that_is_no_day_is_left_out_and_said(tmp_path, caplog, day):
    put(tmp_path, "aider/2024-07-10/index.html")
    put(tmp_path, f"aider/{day}/index.html")
    assert len(stored_captures(tmp_path)["aider"]) == 1
    assert f"'{day}' is no day as YYYY-MM-DD" in caplog.text


def test_a_file_over_the_limit_is_left_out_and_said(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(replay, "MAX_BYTES", 10)
    put(tmp_path, "aider/2024-07-10/index.html", "small")
    put(tmp_path, "aider/2024-07-11/index.html", "much larger")
    assert len(stored_captures(tmp_path)["aider"]) == 1
    assert "over 10 bytes" in caplog.text


@pytest.mark.parametrize("layout", [[], ["unknown/2024-07-10/a.html"], ["readme.txt"], ["aider/index.html"]])
def test_a_folder_without_captures_is_wrong_usage(tmp_path, layout):
    for path in layout:
        put(tmp_path, path)
    with pytest.raises(UsageError, match=r"as SOURCE/DATE/file or in WARC files; found none"):
        stored_captures(tmp_path)


def test_a_folder_that_is_not_there_or_a_source_that_is_unknown_is_wrong_usage(tmp_path):
    put(tmp_path, "page.html")
    for place in (tmp_path / "missing", tmp_path / "page.html"):
        with pytest.raises(UsageError, match="expected a folder of stored captures or a WARC file"):
            stored_captures(place)
    with pytest.raises(UsageError, match="expected one of"):
        stored_captures(tmp_path, ["nobody"])


def test_only_the_wanted_sources_come(tmp_path):
    put(tmp_path, "aider/2024-07-10/index.html")
    put(tmp_path, "seal/2024-07-10/index.html")
    assert list(stored_captures(tmp_path, ["seal"])) == ["seal"]
    with pytest.raises(UsageError, match="expected captures of openai_pricing"):
        stored_captures(tmp_path, ["openai_pricing"])


# ---------------------------------------------------------------- WARC files


def test_our_own_archive_comes_back_as_the_same_captures(tmp_path):
    kept = [
        Capture("aider", AIDER, datetime(2024, 7, d, 3, 4, 5), b"<html>%d" % d, "text/html", 200, '"1"') for d in (9, 2)
    ]
    for capture in kept:
        keep(tmp_path, capture)
    found = stored_captures(tmp_path)["aider"]
    assert found == kept[::-1]
    assert [c.capture_id for c in found] == [c.capture_id for c in kept[::-1]]


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize("as_file", [True, False])
def test_a_foreign_warc_file_is_read_by_address(tmp_path, caplog, name, as_file):
    (tmp_path / "deep").mkdir()
    file = foreign(
        tmp_path / "deep" / name,
        ("response", AIDER, b"<html>", {}),
        ("response", "https://example.org/", b"<html>", {}),
        compressed=name.endswith(".gz"),
    )
    found = stored_captures(file if as_file else tmp_path)
    assert [(s, c.url, c.captured_at) for s, cs in found.items() for c in cs] == [
        ("aider", AIDER, datetime(2024, 7, 10, 12))
    ]
    assert "2 records passed over: 1 of an address that no source reads, 1 warcinfo records" in caplog.text


def test_captures_of_a_source_that_is_no_module_are_left_out_and_said(tmp_path, caplog):
    keep(tmp_path, Capture("my_tests", "import:scores/x.csv", datetime(2024, 7, 10), b"a,b"))
    keep(tmp_path, Capture("aider", AIDER, datetime(2024, 7, 10), b"<html>"))
    assert list(stored_captures(tmp_path)) == ["aider"]
    assert "no reader for my_tests; left out" in caplog.text


def test_a_hostile_source_in_a_warc_file_is_left_out(tmp_path):
    file = foreign(tmp_path / "x.warc", ("response", AIDER, b"<html>", {}), compressed=False)
    raw = file.read_bytes().replace(b"WARC-Date: 2024", b"WARC-Convergence-Source: ../../x\r\nWARC-Date: 2024")
    file.write_bytes(raw)
    with pytest.raises(UsageError, match="found none"):
        stored_captures(file)


def test_a_damaged_warc_file_is_named(tmp_path):
    file = foreign(tmp_path / "x.warc.gz", ("response", AIDER, bytes(range(256)) * 50, {}))
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(WarehouseError, match=r"x.warc.gz: expected a whole WARC file"):
        stored_captures(tmp_path)


def test_the_files_of_a_run_that_is_writing_are_not_read(tmp_path):
    put(tmp_path, "aider/2024/.abc.warc.gz.12.part", b"half")
    put(tmp_path, "aider/2024/.abc.warc.gz", b"half")
    put(tmp_path, "aider/2024-07-10/index.html")
    assert len(stored_captures(tmp_path)["aider"]) == 1


@pytest.mark.captures
def test_the_real_captures_lie_in_the_layout(captures):
    found = stored_captures(captures)
    with (captures / "manifest.csv").open(encoding="utf-8", newline="") as handle:
        listed = {(r["source_id"], r["url"], r["sha256"]) for r in csv.DictReader(handle)}
    assert {(c.source_id, c.url, c.body_sha256) for cs in found.values() for c in cs} <= listed

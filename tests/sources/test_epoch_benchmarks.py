"""Epoch AI's archive: our own files in its shape, packed for each test, and broken ones; no capture of it is at hand."""

import io
import logging
import re
import zipfile
from datetime import date

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources import epoch_benchmarks as source


@pytest.fixture
def pack(pages, open_page):
    """Return a function that packs our files, without some, with others, and with words of some changed."""

    def make(*changes, without=(), folder="", **others):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.md", "## Licensing")
            for path in sorted((pages / "epoch_benchmarks").iterdir()):
                text = path.read_text()
                for name, old, new in changes:
                    assert name != path.stem or old in text
                    text = text.replace(old, new) if name == path.stem else text
                if path.stem not in without:
                    archive.writestr(folder + path.name, text)
            for name, text in others.items():
                archive.writestr(f"{name.replace('__', '/')}.csv", text)
        return open_page(buffer.getvalue(), source.SOURCE.urls[0])

    return make


@pytest.fixture
def read(pack):
    def make(*changes, **options):
        page = pack(*changes, **options)
        page.check_whole()
        return list(source.read(page))

    return make


def brief(found, benchmark_id):
    return [(s.model_label, s.score) for s in found if isinstance(s, Score) and s.benchmark_id == benchmark_id]


def reasons(found):
    return [row.reason for row in found if isinstance(row, Rejected)]


def test_own_runs_are_shares_of_one_and_come_as_percent_with_their_interval(read):
    found = read()
    assert brief(found, "gpqa_diamond") == [
        ("heron-1-2026-03-05 (xhigh)", 93.3),
        ("heron-1-2026-03-05 (no thinking)", 78.47),
        ("gull-4-6 (32K thinking)", 87.37373737373737),
        ("gull-4-6", 50.0),
    ]
    first, second, third, fourth = (s for s in found if s.benchmark_id == "gpqa_diamond")
    assert (first.ci_low, first.ci_high, first.ci_level) == (pytest.approx(89.772), pytest.approx(96.828), 0.95)
    assert (third.ci_low, third.ci_level, third.measured_on) == (None, None, None)
    assert (first.measured_on, first.source_url) == (date(2026, 3, 6), "https://example.org/logs/1")
    assert (second.source_url, fourth.notes) == (None, "its setting of reasoning is not known")
    assert {s.reported_by for s in found} == {"independent"}


def test_rows_name_the_file_and_the_line_in_it_though_notes_have_lines_of_their_own(read):
    found = [s.row_locator for s in read() if s.benchmark_id == "gpqa_diamond"]
    assert found == [
        "gpqa_diamond.csv line 2",
        "gpqa_diamond.csv line 3",
        "gpqa_diamond.csv line 6",
        "gpqa_diamond.csv line 7",
    ]


def test_boards_keep_their_own_column_scale_and_variant(read):
    found = read()
    assert brief(found, "aider_polyglot") == [("heron-1-2026-03-05 (high)", 88.0), ("wren-7b", 3.1)]
    assert [s.variant for s in found if s.benchmark_id == "aider_polyglot"] == ["diff", "whole"]
    assert brief(found, "hle") == [("heron-1-2026-03-05 (max)", 37.52), ("gull-4-6", 34.44)]
    hle = next(s for s in found if s.benchmark_id == "hle")
    assert (hle.ci_low, hle.ci_high) == (pytest.approx(33.796), pytest.approx(41.244))
    assert brief(found, "simplebench") == [
        ("heron-1-2026-03-05 (high)", 79.6),
        ("gull-4-6", 67.6),
    ]  # one has its own sign


def test_a_boards_own_name_tells_thinking_where_the_setting_is_not_known(read):
    twice = "gull-4-6_unknown,0.3444,2026-02-17,Gull,Nowhere,,,{},0.0186,46,,C2"
    row = "gull-4-6,0.3444,2026-02-17,Gull,Nowhere,,,gull-4-6,0.0186,46,,C2"
    both = twice.format("Gull 4.6 (Thinking)") + "\n" + twice.format("gull-4-6").replace("0.3444", "0.19") + "\n"
    found = read(("hle_external", row + "\n", both + row.replace("gull-4-6,0", "gull-4-6_thinking,0") + "\n"))
    assert brief(found, "hle")[1:] == [
        ("gull-4-6 (thinking)", 34.44),
        ("gull-4-6", 19.0),
        ("gull-4-6 (thinking)", 34.44),
    ]


def test_an_archive_without_metadata_or_in_a_folder_says_the_same(read):
    scores = [(s.model_label, s.benchmark_id, s.score) for s in read()]
    for found in (read(without=("benchmark_metadata",)), read(folder="benchmark_data/")):
        assert [(s.model_label, s.benchmark_id, s.score) for s in found] == scores


def test_the_archives_own_word_on_column_and_scale_holds(read):
    metadata = ("benchmark_metadata", "Accuracy,1.0", "Calibration Error,0.01")
    assert brief(read(metadata), "hle") == [("heron-1-2026-03-05 (max)", 57.0), ("gull-4-6", 46.0)]


def test_figures_from_papers_and_rows_without_model_or_score_are_left_out_and_counted(read, caplog):
    with caplog.at_level(logging.INFO):
        found = read(epoch_capabilities_index__eci_scores="Model,eci\nHeron,166\n")
    assert not reasons(found)
    assert {s.benchmark_id for s in found} == {"gpqa_diamond", "aider_polyglot", "hle", "simplebench"}
    for words in ("1 file of figures from papers", "2 row without a model or a score", "2 file of an index"):
        assert words in caplog.text


def test_a_file_nobody_declared_is_rejected_with_its_header_and_not_dropped(read):
    (bad,) = [row for row in read(owl_bench_external="Model version,Score\nheron-1,0.5\n") if isinstance(row, Rejected)]
    assert "expected a file of a known benchmark" in bad.reason and "'owl_bench_external'" in bad.reason
    assert (bad.row_locator, bad.cells) == ("owl_bench_external.csv line 1", {"header": "Model version,Score"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("hle_external", "Accuracy,Release", "Exactness,Release"), "expected a column 'Accuracy'"),
        (("hle_external", "Model version", "Model"), "'Model version'"),
        (("hle_external", "0.3444", "34.44"), "expected a score that times 1.0 is from 0 to 1; found '34.44'"),
        (("hle_external", "0.3444", "high"), "expected a number; found 'high'"),
        (("aider_polyglot_external", "88.0", "-1"), "a score that times 0.01 is from 0 to 1"),
        (("gpqa_diamond", "2026-03-06T02:57:02.864Z", "soon"), "expected a date"),
    ],
)
def test_what_cannot_be_read_is_rejected_and_the_other_files_stay(read, change, told):
    found = read(change)
    assert len(reasons(found)) == 1
    assert told in reasons(found)[0]
    assert len(brief(found, "simplebench")) == 2


@pytest.mark.parametrize(
    "page", [b"Model version,Score\nheron-1,0.5\n", b"PK\x03\x04 but not to its end", b"<html>moved</html>"]
)
def test_what_is_no_archive_is_an_error(open_page, page):
    with pytest.raises(LayoutChanged, match="a zip archive to its end"):
        list(source.read(open_page(page)))


def test_an_archive_without_a_known_file_is_an_error(read):
    everything = ("gpqa_diamond", "aider_polyglot_external", "hle_external", "simplebench_external")
    with pytest.raises(LayoutChanged, match=re.escape("files such as gpqa_diamond")):
        read(without=everything)


def test_every_benchmark_of_the_archive_is_registered():
    import csv

    from tests.conftest import ROOT

    with (ROOT / "warehouse" / "reference" / "benchmarks.csv").open(encoding="utf-8", newline="") as handle:
        known = {row["benchmark_id"]: row["unit"] for row in csv.DictReader(handle)}
    assert {known.get(board.benchmark_id) for board in source._BOARDS.values()} == {"percent"}

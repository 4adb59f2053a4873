"""Zip archives that a source serves: bounded, whole, and never written anywhere."""

import io
import zipfile

import pytest

from flows import zipped
from flows.errors import BlockedPage, LayoutChanged


def packed(files, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_files_come_as_pages_under_the_archives_address(open_page):
    page = open_page(packed([("a/scores.csv", "x,y\n1,2\n"), ("README.md", "# words"), ("empty/", "")]))
    page.check_whole()
    (name, member), *others = page.members(".csv").items()
    assert (name, member.text, others) == ("a/scores.csv", "x,y\n1,2\n", [])
    assert member.url == "https://example.org/page#a/scores.csv"
    assert set(page.members()) == {"a/scores.csv", "README.md"}


def test_a_name_that_leads_out_of_a_folder_is_only_a_name(open_page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = open_page(packed([("../../out.csv", "x\n"), ("/etc/out.csv", "y\n")]))
    assert set(page.members(".csv")) == {"../../out.csv", "/etc/out.csv"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([("bomb.csv", b"0" * 20_000_000)], "packed at most 200 times"),
        ([(f"{n}.csv", "x") for n in range(zipped.MAX_MEMBERS + 1)], "1 to 1,000 files"),
        ([], "1 to 1,000 files in the archive"),
    ],
)
def test_an_archive_that_holds_too_much_or_nothing_is_an_error(open_page, files, told):
    page = open_page(packed(files))
    for look in (page.members, page.check_whole):
        with pytest.raises(LayoutChanged, match=told):
            look()


def test_large_files_are_refused_by_what_they_promise_before_they_are_unpacked(open_page, monkeypatch):
    page = open_page(packed([("a.csv", "x" * 100), ("b.csv", "x" * 100)], zipfile.ZIP_STORED))
    monkeypatch.setattr(zipped, "MAX_UNPACKED", 150)
    with pytest.raises(LayoutChanged, match="at most 150 bytes in the archive; found 200"):
        page.members()
    monkeypatch.setattr(zipped, "MAX_MEMBER", 50)
    with pytest.raises(LayoutChanged, match="files of at most 50 bytes"):
        page.members()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="each file once"):
        open_page(packed([("a.csv", "x\n"), ("a.csv", "y\n")])).members()


def test_an_archive_cut_off_or_damaged_is_an_error(open_page):
    body = packed([("a.csv", "x,y\n" + "1,2\n" * 50)], zipfile.ZIP_STORED)
    with pytest.raises(LayoutChanged, match="a zip archive to its end"):
        open_page(body[:-30]).check_whole()
    with pytest.raises(LayoutChanged, match="a zip archive to its end"):
        open_page(body.replace(b"1,2\n", b"1,3\n", 1)).members()  # another checksum


def test_a_gate_in_place_of_an_archive_is_a_gate(open_page):
    page = open_page("<html><title>Just a moment...</title><body>Verify you are human</body></html>")
    with pytest.raises(BlockedPage):
        page.check_whole()
    with pytest.raises(LayoutChanged, match="a zip archive to its end"):
        page.members()

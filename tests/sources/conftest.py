"""The small pages of our own, in the shapes of the real ones."""

from pathlib import Path

import pytest


@pytest.fixture
def pages() -> Path:
    """Return the folder of small test pages, one folder per source."""
    return Path(__file__).parent / "pages"


@pytest.fixture
def page_of(pages, open_page, request):
    """Return a function that opens a small page of the test module's own source, with words of it changed."""
    source_id = request.module.__name__.rpartition(".test_")[2]

    def make(name, *changes):
        text = (pages / source_id / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return open_page(text)

    return make

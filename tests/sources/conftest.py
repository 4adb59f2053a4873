"""The small pages of our own, in the shapes of the real ones."""

from pathlib import Path

import pytest


@pytest.fixture
def pages() -> Path:
    """Return the folder of small test pages, one folder per source."""
    return Path(__file__).parent / "pages"

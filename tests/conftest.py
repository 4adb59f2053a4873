"""What all tests share: no network but loopback, and the real captures where they lie beside the project."""

import os
from datetime import UTC, datetime
from pathlib import Path

os.environ.update(PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")

import pytest

from flows.tables import Page

ROOT = Path(__file__).parents[1]
CAPTURES = Path(os.environ.get("CONVERGENCE_CAPTURES", ROOT.parent / "shared" / "captures"))


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of real captured pages; skip where there is none."""
    if not (CAPTURES / "manifest.csv").is_file():
        pytest.skip("no captured pages here (set CONVERGENCE_CAPTURES to a folder of them)")
    return CAPTURES


@pytest.fixture
def open_page():
    """Return a function that makes a Page of a file or of text."""

    def make(source: Path | str | bytes, url: str = "https://example.org/page", day: str = "2026-01-01") -> Page:
        body = source.read_bytes() if isinstance(source, Path) else source.encode() if isinstance(source, str) else source
        return Page(body, url, datetime.fromisoformat(day).replace(tzinfo=UTC))

    return make

"""What all tests share: no network but loopback, and the real captures where they lie beside the project."""

import logging
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

os.environ.update(PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
os.environ["CONVERGENCE_PRIVATE_HOSTS"] = "127.0.0.1"  # where the tests' own servers are

import pytest

from flows.tables import Page

ROOT = Path(__file__).parents[1]
CAPTURES = Path(os.environ.get("CONVERGENCE_CAPTURES", ROOT.parent / "shared" / "captures"))


@pytest.fixture(autouse=True)
def loggers_as_they_were():
    """Take back what a command that ran inside the test did to our loggers: its handler writes to a stream that ends with it."""
    loggers = [logging.getLogger(name) for name in ("flows", "expectations", "warehouse")]
    before = [(list(one.handlers), one.level, one.propagate) for one in loggers]
    yield
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


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
        body = (
            source.read_bytes() if isinstance(source, Path) else source.encode() if isinstance(source, str) else source
        )
        return Page(body, url, datetime.fromisoformat(day).replace(tzinfo=UTC))

    return make


@pytest.fixture(scope="session")
def prefect_api():
    """Return the address of one Prefect server for all tests that run the flow."""
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        logging.getLogger("prefect").propagate = False
        yield PREFECT_API_URL.value()


@pytest.fixture(scope="session")
def built_warehouse(tmp_path_factory):
    """Return a warehouse built once from the reference facts, by the plain steps; look, do not touch."""
    from flows import steps
    from flows.settings import Warehouse

    folder = tmp_path_factory.mktemp("built") / "warehouse"
    job = steps.Job("run", Warehouse.at(folder), offline=True)
    with steps.holding(job):
        runs = [steps.validate(job, steps.read(job, steps.capture(job, source))) for source in job.source_ids]
        steps.load(job, runs)
        steps.resolve(job)
        steps.build(job)
        steps.publish(job)
    return folder


@pytest.fixture
def warehouse_copy(built_warehouse, tmp_path):
    """Return a copy of the built warehouse for a test to change."""
    folder = tmp_path / "warehouse"
    shutil.copytree(built_warehouse, folder, symlinks=True)
    return folder


@pytest.fixture
def pages_of():
    """Return a function that lays out the small test pages of a source as captures of one day."""

    def lay_out(source_id: str, folder: Path, day: str, *names: str) -> None:
        target = folder / source_id / day
        target.mkdir(parents=True, exist_ok=True)
        pages = sorted((ROOT / "tests" / "sources" / "pages" / source_id).iterdir())
        for page in [p for p in pages if p.name in names] if names else pages[:1]:
            (target / page.name).write_bytes(page.read_bytes())

    return lay_out

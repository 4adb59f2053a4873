"""Rules of the house, held by tests: pairs, no second lists, nothing that belongs to one machine."""

import re
import subprocess
from pathlib import Path

import pytest

from flows.records import Score
from flows.sources import _template, source_ids
from tests.conftest import ROOT


def tracked() -> list[Path]:
    """Return the files that git knows, or would add."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("source_id", [s for s in source_ids() if s != "reference"])
def test_every_source_has_its_test_and_a_small_page_of_our_own(source_id):
    assert (ROOT / "tests" / "sources" / f"test_{source_id}.py").is_file()
    assert list((ROOT / "tests" / "sources" / "pages" / source_id).iterdir())


def test_the_template_reads_a_page_as_it_stands(open_page):
    page = open_page(
        "<h2>Leaderboard</h2><table><tr><th>Model</th><th>Accuracy</th></tr><tr><td>one</td><td>71.5%</td></tr></table>"
    )
    assert [(row.model_label, row.score) for row in _template.read(page) if isinstance(row, Score)] == [("one", 71.5)]


def test_nothing_tracked_names_a_machine_or_a_package_registry():
    machine = re.compile(r"/(?:work|root|home/[a-z]+)/[a-z.]|pypi\.org|pythonhosted|registry\.npmjs", re.I)
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".sql", ".sh", ""} and path.name != "test_house.py":
            found = machine.search(path.read_text(errors="replace"))
            assert not found, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_prefect_and_dbt_and_great_expectations_appear_only_where_they_belong():
    allowed = {
        "prefect": {"refresh.py", "launch.py"},
        "dbt": {"build.py", "launch.py"},
        "great_expectations": {"run_suite.py", "launch.py"},
    }
    for folder in ("flows", "expectations", "warehouse"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in re.findall(r"^\s*(?:from|import) (prefect|dbt|great_expectations)\b", path.read_text(), re.M):
                assert path.name in allowed[name], f"{path.relative_to(ROOT)} imports {name}"


def test_the_flow_stands_on_one_screen():
    text = (ROOT / "flows" / "refresh.py").read_text()
    body = text[text.index("\n@flow") : text.index("\ndef gather")]
    assert len(body.splitlines()) <= 40
    steps = [
        body.index(f"{name}")
        for name in ("capture.map", "read.map", "validate.map", "load(", "resolve(", "build(", "publish(")
    ]
    assert steps == sorted(steps)

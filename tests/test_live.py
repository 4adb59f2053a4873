"""The weekly watch: what its script does to issues, with a GitHub client of our own on the PATH, and what its workflow may do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flows.sources import reader_of, source_ids
from tests.conftest import ROOT

SCRIPT = ROOT / ".github" / "live_issues.py"
# Writes down each call: its arguments, one per line, then what came on standard input where that is asked for.
GH = """#!/bin/sh
{ echo "== call"; for word in "$@"; do echo "$word"; done; case "$*" in *--body-file*) echo "-- text"; cat;; esac; } >> "$CALLS"
case "$1 $2" in
    "issue list") cat "$ISSUES";;
    "$FAILS") echo "gh: HTTP 403" >&2; exit 1;;
esac
"""
LIST = [
    "issue",
    "list",
    "--label",
    "live-watch",
    "--state",
    "all",
    "--limit",
    "1000",
    "--json",
    "number,title,state,body",
]
Call = tuple[list[str], str]


@pytest.fixture
def tell(tmp_path):
    """Return a function that runs the script over sources and issues, and returns the calls it made after the first two."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)

    def run(
        rows: list[dict], issues: list[dict], *, fails: str = "none"
    ) -> tuple[list[Call], subprocess.CompletedProcess]:
        (tmp_path / "issues.json").write_text(json.dumps(issues))
        (tmp_path / "sources.json").write_text(json.dumps(rows))
        (tmp_path / "calls").unlink(missing_ok=True)
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), "FAILS": fails}
        env |= {"ISSUES": str(tmp_path / "issues.json")}
        command = [sys.executable, str(SCRIPT), str(tmp_path / "sources.json")]
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=30)
        return calls_of(tmp_path / "calls")[2:], done

    return run


def calls_of(path: Path) -> list[Call]:
    found = []
    for block in path.read_text().split("== call\n")[1:]:
        words, _, text = block.partition("-- text\n")
        found.append((words.splitlines(), text))
    return found


def row(state: str, why: str = "", source: str = "aider") -> dict:
    return {"source": source, "what": "A board", "last capture": "2026-11-16", "state": state, "why": why}


def issue(number: int, state: str, body: str = "", source: str = "aider") -> dict:
    return {"number": number, "title": f"Source {source} is broken on the live web", "state": state, "body": body}


@pytest.mark.parametrize("state", ["failed", "stale"])
def test_a_broken_source_gets_an_issue_of_a_title_fixed_by_its_id(tell, state):
    ((words, text),), done = tell([row(state, "expected one table; found none"), row("ok", source="seal")], [])
    title = "Source aider is broken on the live web"
    assert words == ["issue", "create", "--title", title, "--label", "live-watch", "--body-file", "-"]
    assert f"is **{state}** (last capture: 2026-11-16)" in text
    assert "```text\nexpected one table; found none\n```" in text and "convergence check aider" in text
    assert (done.returncode, done.stdout) == (0, f"aider: {state}: issue opened\n")


def test_an_issue_that_says_it_already_is_left_alone(tell):
    ((_, text),), _ = tell([row("failed", "no table")], [])
    calls, done = tell([row("failed", "no table")], [issue(7, "OPEN", text.replace("\n", "\r\n"))])
    assert calls == [] and done.stdout == "aider: failed: issue as it was\n"


def test_an_open_issue_is_edited_and_what_is_new_is_said_to_people(tell):
    ((_, text),), _ = tell([row("failed", "no table")], [])
    (edit, comment), _ = tell([row("failed", "another reason")], [issue(7, "OPEN", text)])
    assert (
        edit[0] == ["issue", "edit", "7", "--body-file", "-"]
        and "another reason" in edit[1]
        and "no table" not in edit[1]
    )
    assert comment[0] == ["issue", "comment", "7", "--body-file", "-"] and "another reason" in comment[1]
    later = row("failed", "no table") | {"last capture": "2026-11-23"}
    (edit,), _ = tell([later], [issue(7, "OPEN", text)])
    assert edit[0][1] == "edit" and "2026-11-23" in edit[1]


def test_an_issue_that_was_closed_is_opened_again_so_that_a_source_has_but_one(tell):
    calls, _ = tell(
        [row("failed", "no table")], [issue(9, "CLOSED"), issue(7, "CLOSED"), issue(8, "OPEN", source="seal")]
    )
    assert [words[:3] for words, _ in calls] == [["issue", verb, "7"] for verb in ("reopen", "edit", "comment")]


@pytest.mark.parametrize("state", ["ok", "unchanged"])
def test_a_source_that_is_well_again_closes_its_issue(tell, state):
    (comment, close), done = tell([row(state)], [issue(7, "OPEN", "no table"), issue(3, "CLOSED")])
    assert comment[0][:3] == ["issue", "comment", "7"] and "well again" in comment[1]
    assert close[0] == ["issue", "close", "7"]
    assert done.stdout == f"aider: {state}: issue closed\n"


@pytest.mark.parametrize("state", ["skipped", "never"])
def test_a_source_that_could_not_be_asked_changes_nothing(tell, state):
    assert tell([row(state, "no network")], [issue(7, "OPEN")])[0] == []


def test_of_two_issues_of_one_title_the_open_one_counts(tell):
    calls, _ = tell([row("ok")], [issue(3, "CLOSED"), issue(7, "OPEN"), issue(9, "CLOSED")])
    assert [words[1:3] for words, _ in calls] == [["comment", "7"], ["close", "7"]]


def test_what_a_page_says_stays_in_its_code_block_and_out_of_the_command_line(tell):
    why = "found ``` @everyone\x1b[31m \u202e <!-- $(touch x) `````\n# A heading --body-file /etc/passwd" + "x" * 9000
    ((words, text),), done = tell([row("failed", why)], [])
    assert done.returncode == 0 and not any("@everyone" in word for word in words)
    block = text[text.index("``````text\n") : text.rindex("\n``````\n")]
    assert "@everyone" in block and "@everyone" not in text.replace(block, "")
    assert not {"\x1b", "\u202e"} & set(text) and len(text) < 5000


def test_a_client_that_fails_ends_it_with_what_it_said(tell):
    _, done = tell([row("failed", "no table")], [], fails="issue create")
    assert done.returncode == 1 and done.stderr == "gh issue create: gh: HTTP 403\n"


def test_our_label_is_made_and_only_issues_of_it_are_looked_at(tell, tmp_path):
    tell([], [])
    (label, _), (listed, _) = calls_of(tmp_path / "calls")
    assert label[:4] == ["label", "create", "live-watch", "--force"] and listed == LIST


# ---------------------------------------------------------------- the workflow


@pytest.fixture(scope="module")
def workflow() -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "live.yml").read_text())


def test_the_watch_runs_weekly_and_by_hand_and_may_only_read_code_and_write_issues(workflow):
    starts = workflow[True]  # YAML takes `on` for a truth
    assert set(starts) == {"schedule", "workflow_dispatch"}
    (when,) = starts["schedule"]
    assert len(when["cron"].split()) == 5 and when["cron"].split()[4] != "*"
    assert workflow["permissions"] == {"contents": "read", "issues": "write"}
    assert "permissions" not in workflow["jobs"]["watch"]


def test_the_watch_fetches_looks_tells_and_keeps_the_summary(workflow):
    steps = workflow["jobs"]["watch"]["steps"]
    commands = [step.get("run", "") for step in steps]
    order = ["convergence run --json", "convergence sources --check --json", "live_issues.py"]
    places = [next(n for n, command in enumerate(commands) if words in command) for words in order]
    assert places == sorted(places)
    assert [step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", "")] == ["summary"]
    assert (ROOT / ".github" / "live_issues.py").is_file()


def test_only_the_step_that_fetches_sees_keys_and_only_the_one_that_tells_may_write(workflow):
    job = workflow["jobs"]["watch"]
    needed = {reader_of(s).SOURCE.key_env for s in source_ids()} - {None}
    for step in job["steps"]:
        secrets = {name for name, value in step.get("env", {}).items() if "secrets." in value}
        assert secrets == (needed if step.get("name") == "fetch" else set())
        assert ("GH_TOKEN" in step.get("env", {})) == (step.get("name") == "tell")
        assert "${{" not in step.get("run", "")
    assert not [value for value in job["env"].values() if "secrets" in value or "token" in value]

"""Keep one issue per broken source: open it, bring it up to date, close it when the source is well again.

    python .github/live_issues.py sources.json

`sources.json` is what `convergence sources --check --json` prints. The title is fixed by the source's id, so that a source has
one issue for good: it is opened again, not made anew. A source that could not be asked this time (no network, no key) changes
nothing. What a page says is not to be trusted: it goes into a code block, where it mentions and links nobody.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

LABEL = "live-watch"
BROKEN, WELL = ("failed", "stale"), ("ok", "unchanged")
MOST = 4000  # characters of a reason
_MARK = "<!-- live-watch -->"


def gh(*args: str, text: str | None = None) -> str:
    """Run the GitHub client and return what it prints; its failure ends the script with what it said."""
    done = subprocess.run(["gh", *args], input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"gh {' '.join(args[:2])}: {done.stderr.strip()}")
    return done.stdout


def title_of(source_id: str) -> str:
    """Return the title of a source's issue."""
    return f"Source {source_id} is broken on the live web"


def reason_of(row: dict[str, object]) -> str:
    """Return why a source is broken, in a code block that it cannot leave."""
    reason = "".join(c if c.isprintable() or c == "\n" else "?" for c in str(row.get("why") or "no reason given"))[
        :MOST
    ]
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", reason))]))
    return f"{fence}text\n{reason}\n{fence}\n"


def body_of(row: dict[str, object]) -> str:
    """Return the issue's text: state, reason and what to type."""
    source_id = row["source"]
    return (
        f"{_MARK}\n`{source_id}` is **{row['state']}** (last capture: {row.get('last capture') or 'never'}).\n\n"
        f"{reason_of(row)}\nWhat changed on the page: `uv run convergence check {source_id}`\n"
    )


def run_of() -> str:
    """Return a line that leads to this run of the workflow, if it is one."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    return f"\nSeen by {server}/{repository}/actions/runs/{run}\n" if run else ""


def known_issues() -> dict[str, dict[str, str]]:
    """Return title to issue of all that carry our label; of several, the one that is open, else the first."""
    fields = "number,title,state,body"
    listed = json.loads(
        gh("issue", "list", "--label", LABEL, "--state", "all", "--limit", "1000", "--json", fields) or "[]"
    )
    ordered = sorted(listed, key=lambda issue: (issue["state"].upper() != "OPEN", issue["number"]))
    return {issue["title"]: issue for issue in reversed(ordered)}


def report(row: dict[str, object], issue: dict[str, str] | None) -> str:
    """Make the issue of a broken source say what is wrong; return what was done."""
    body = body_of(row)
    if issue is None:
        title = title_of(str(row["source"]))
        gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", text=body + run_of())
        return "opened"
    number, before = str(issue["number"]), issue["body"].replace("\r\n", "\n")
    was_open = issue["state"].upper() == "OPEN"
    if was_open and before.startswith(body):
        return "as it was"
    if not was_open:
        gh("issue", "reopen", number)
    gh("issue", "edit", number, "--body-file", "-", text=body + run_of())
    if not was_open or reason_of(row) not in before:  # people are told of what is new, not once a week
        gh("issue", "comment", number, "--body-file", "-", text=reason_of(row) + run_of())
    return "brought up to date"


def main(path: str) -> None:
    """Bring the issues in line with the states of the sources."""
    rows = json.loads(Path(path).read_text(encoding="utf-8"))
    gh("label", "create", LABEL, "--force", "--color", "B60205", "--description", "a source that its live page broke")
    issues = known_issues()
    for row in rows:
        issue = issues.get(title_of(row["source"]))
        done = None
        if row["state"] in BROKEN:
            done = report(row, issue)
        elif row["state"] in WELL and issue and issue["state"].upper() == "OPEN":
            said = f"`{row['source']}` is well again ({row['state']}, last capture: {row.get('last capture')}).\n"
            gh("issue", "comment", str(issue["number"]), "--body-file", "-", text=said + run_of())
            gh("issue", "close", str(issue["number"]))
            done = "closed"
        if done:
            sys.stdout.write(f"{row['source']}: {row['state']}: issue {done}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

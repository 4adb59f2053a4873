"""The past of files of a repository: GitHub's list of commits and the file as each left it, from a server on loopback."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from flows import commits, past
from flows.archive import waiting
from flows.backfill import Plan, pages_of_the_past
from flows.commits import File
from flows.errors import FetchError
from flows.fetch import Fetcher
from flows.past import Span
from flows.settings import Warehouse
from flows.steps import SourceRun
from flows.warc import read_records
from tests.serving import Reply, serving
from warehouse.load import State

URL = "https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md"
LIST = "/repos/vectara/hallucination-leaderboard/commits"
SPAN = Span(datetime(2024, 1, 1).date(), datetime(2024, 12, 31).date())


@pytest.fixture
def hub(monkeypatch):
    """Return a server that stands for GitHub's API and for its raw files."""
    monkeypatch.setitem(Fetcher.__init__.__kwdefaults__, "delay_seconds", 0.0)
    monkeypatch.setattr(past, "WAITS", (0.0, 0.0))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with serving() as web:
        monkeypatch.setattr(commits, "API", web.url(""))
        monkeypatch.setattr(commits, "FILES", web.url(""))
        monkeypatch.setenv("CONVERGENCE_PRIVATE_HOSTS", f"127.0.0.1:{web.port}")
        yield Hub(web)


class Hub:
    """Commits by moment, newest first, in pages of three; each commit's file is its own id."""

    def __init__(self, web) -> None:
        self.web, self.commits, self.queries = web, [], []
        web.replies = self

    def add(self, *moments: datetime, file: bool = True) -> None:
        for moment in moments:
            sha = f"{len(self.commits):040x}"
            self.commits.append((sha, moment, file))

    def get(self, path: str, default: Reply) -> Reply:
        parts = urlsplit(path)
        if parts.path == LIST:
            return self.list(parse_qs(parts.query))
        shas = {f"/vectara/hallucination-leaderboard/{sha}/README.md": sha for sha, _, file in self.commits if file}
        return Reply(body=f"# {shas[path]}".encode(), headers={"ETag": '"x"'}) if path in shas else Reply(404)

    def list(self, query: dict[str, list[str]]) -> Reply:
        self.queries.append({name: values[0] for name, values in query.items()})
        since, until = (datetime.fromisoformat(query[n][0]).replace(tzinfo=None) for n in ("since", "until"))
        found = sorted((c for c in self.commits if since <= c[1] <= until), key=lambda c: c[1], reverse=True)
        first = 3 * (int(query["page"][0]) - 1)
        shown = [
            {"sha": sha, "commit": {"committer": {"date": f"{moment.isoformat()}Z"}}}
            for sha, moment, _ in found[first : first + 3]
        ]
        more = {"Link": '<https://elsewhere.example.org/next>; rel="next"'} if len(found) > first + 3 else {}
        return Reply(body=json.dumps(shown).encode(), headers=more)


@pytest.fixture
def asker(hub):
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


def take(folder, **options):
    plan = Plan.of(**({"source": "vectara_hallucination", "first": "2024-01-01", "last": "2024-12-31"} | options))
    run, fetcher = SourceRun("vectara_hallucination"), plan.fetcher()
    job = SimpleNamespace(
        state=State(), warehouse=Warehouse.at(folder), fetcher=fetcher, has_network=lambda: True, tally=None
    )
    try:
        captures = pages_of_the_past(job, run, plan)
    finally:
        fetcher.close()
    return run, job.tally, captures


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, File("vectara", "hallucination-leaderboard", "main", "README.md")),
        ("https://raw.githubusercontent.com/a/b/refs/heads/main/c/d.json", File("a", "b", "main", "c/d.json")),
        ("https://raw.githubusercontent.com/a/b/main/c%20d.md", File("a", "b", "main", "c d.md")),
        ("https://raw.githubusercontent.com/a/b", None),
        ("https://github.com/a/b/blob/main/c.md", None),
        ("https://raw.githubusercontent.com.example.org/a/b/main/c", None),
        ("https://aider.chat/docs/leaderboards/", None),
    ],
)
def test_only_a_raw_address_names_a_file(url, expected):
    assert File.at(url) == expected


def test_a_file_is_had_as_each_commit_left_it_under_the_source_s_own_address(hub, tmp_path):
    hub.add(datetime(2024, 3, 1, 12), datetime(2024, 6, 1, 12), datetime(2023, 12, 31))
    run, tally, captures = take(tmp_path)
    assert [(c.url, c.captured_at, c.body) for c in captures] == [
        (URL, datetime(2024, 3, 1, 12), b"# " + b"0" * 40),
        (URL, datetime(2024, 6, 1, 12), b"# " + b"0" * 39 + b"1"),
    ]
    assert (run.state, tally.taken, captures[0].etag) == ("ok", 2, None)
    archive = Warehouse.at(tmp_path).archive
    assert [(c.captured_at, c.etag) for c in waiting(archive, "vectara_hallucination", ())] == [
        (c.captured_at, None) for c in sorted(captures, key=lambda c: c.archive_file)
    ]
    request, response = read_records(archive / captures[0].archive_file, lambda _: False)
    place = f"{hub.web.url('')}/vectara/hallucination-leaderboard/{'0' * 40}/README.md"
    assert (request.source_uri, response.source_uri, response.url) == (place, place, URL)
    assert take(tmp_path)[1].taken == 0, "what is archived is not asked for again"


def test_a_long_list_is_gone_through_page_by_page_and_its_link_is_never_followed(hub, tmp_path):
    hub.add(*(datetime(2024, 1, 1) + timedelta(days=n) for n in range(8)))
    _, _, captures = take(tmp_path, every=0)
    assert [c.captured_at.day for c in captures] == list(range(1, 9))
    assert [query["page"] for query in hub.queries] == ["1", "2", "3"]
    assert {(q["path"], q["sha"], q["per_page"]) for q in hub.queries} == {("README.md", "main", "100")}


def test_thinned_it_gives_the_newest_of_each_period_without_listing_every_commit(hub, tmp_path):
    hub.add(*(datetime(2024, 1, 1) + timedelta(hours=6 * n) for n in range(4 * 360)))
    _, _, captures = take(tmp_path, every=30)
    ordinals = [c.captured_at.toordinal() for c in captures]
    assert len(ordinals) in (12, 13) and len({n // 30 for n in ordinals}) == len(ordinals)
    assert all(n % 30 == 29 and c.captured_at.hour == 18 for n, c in zip(ordinals[:-1], captures, strict=False))
    assert len(hub.queries) <= 14, "and not one per three of 1,440 commits"


def test_two_commits_of_one_second_and_a_file_that_was_deleted_lose_nothing_else(hub, tmp_path):
    hub.add(datetime(2024, 1, 1), datetime(2024, 1, 1), datetime(2024, 5, 1))
    hub.add(datetime(2024, 3, 1), file=False)
    run, tally, captures = take(tmp_path, every=0)
    assert [c.captured_at.month for c in captures] == [1, 5]
    assert (run.state, tally.lost) == ("ok", {"with status 404": 1})


def test_commits_without_an_id_or_a_moment_are_counted(hub, asker):
    good = {"sha": "a" * 40, "commit": {"committer": {"date": "2024-05-01T14:00:00+02:00"}}}
    bad = [
        {},
        None,
        {"sha": "x", "commit": good["commit"]},
        {"sha": "b" * 40, "commit": {"committer": {"date": "soon"}}},
    ]
    hub.list = lambda query: Reply(body=json.dumps([good, *bad]).encode())
    listing = commits.list_commits(asker, URL, File.at(URL), SPAN, 30)
    assert [p.moment for p in listing.pages] == [datetime(2024, 5, 1, 12)]
    assert listing.left_out == {"commits without an id or a moment": 4}


@pytest.mark.parametrize("body", [b'{"message": "Not Found"}', b"[1, 2", b"<html></html>", b""])
def test_an_answer_that_is_no_list_of_commits_is_an_error(hub, asker, body):
    hub.list = lambda query: Reply(body=body)
    with pytest.raises(FetchError, match="expected a list of commits"):
        commits.list_commits(asker, URL, File.at(URL), SPAN, 30)


def test_a_token_goes_to_the_list_of_commits_and_nowhere_else(hub, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret ")
    hub.add(datetime(2024, 3, 1))
    take(tmp_path)
    sent = {path.split("?")[0]: headers.get("authorization") for path, headers, _ in hub.web.asked}
    assert sent.pop(LIST) == "Bearer ghp_secret"
    assert sent and not any(sent.values())
    assert "ghp_secret" not in caplog.text
    assert not any(b"ghp_secret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    monkeypatch.setenv("GITHUB_TOKEN", "ghp\nsecret")
    run, _, _ = take(tmp_path)
    assert run.state == "failed" and "GITHUB_TOKEN: expected a token" in run.message and "ghp" not in run.message


def test_without_a_token_a_refusal_says_what_to_set(hub, tmp_path):
    hub.list = lambda query: Reply(403)
    run, tally, _ = take(tmp_path)
    assert run.state == "failed" and "found 403" in run.message and "set GITHUB_TOKEN" in run.message
    assert tally.listed == 0

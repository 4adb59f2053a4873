"""What changed on a live page against its last good capture: found by fetching it, kept by nobody."""

from __future__ import annotations

import dataclasses
import json
import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from flows import check as checking
from flows.check import check, exit_code
from flows.cli import main
from flows.differences import Difference, compare_rows, compare_shapes, shape
from flows.errors import UsageError
from flows.fetch import Fetcher
from flows.settings import Warehouse
from flows.sources import reader_of
from tests.boards import board, reader, run_steps, source
from tests.serving import Reply, Web, serving

OTHERS = {f"model-{n}": 50.0 + n for n in range(9)}


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture
def web(server: Web) -> Web:
    server.replies.clear()
    server.asked.clear()
    return server


@pytest.fixture(scope="module")
def good(server: Web, tmp_path_factory) -> Path:
    """Load a good page of ten models, once for all."""
    folder = tmp_path_factory.mktemp("good")
    server.replies["/board"] = Reply(body=board(a=50.0, **OTHERS))
    assert run_steps(folder, source(server.url("/board"))).rows_accepted == 10
    return folder


@pytest.fixture
def look(web: Web, tmp_path):
    """Return a function that serves a page and checks it against what was loaded before."""

    def at(body: bytes | Reply, **declared):
        web.replies["/board"] = body if isinstance(body, Reply) else Reply(body=body)
        fetcher = Fetcher(delay_seconds=0.0)
        (found,) = check(reader(source(web.url("/board"), **declared)), Warehouse.at(tmp_path), fetcher=fetcher)
        fetcher.close()
        return found

    return at


@pytest.fixture
def loaded(good: Path, web: Web, tmp_path) -> None:
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)


def told(differences: list[Difference]) -> list[tuple]:
    return [tuple(v for v in dataclasses.astuple(d) if v is not None) for d in differences]


# ---------------------------------------------------------------- a live page


def test_a_page_that_is_as_it_was_is_the_same_wherever_its_rows_stand(look, loaded):
    found = look(board(**dict(reversed(OTHERS.items())), a=50.0))
    assert (found.state, found.differences, found.errors, found.n_rows) == ("same", [], [], 10)
    assert found.compared_with is not None and exit_code([found]) == 0


def test_rows_that_came_went_and_changed_are_named_with_both_values(look, loaded):
    found = look(board(b=12.5, **OTHERS | {"model-0": 51.5}))
    assert told(found.differences) == [
        ("gone", "row", "scores", "a", "mmlu / independent", "50"),
        ("changed", "row", "scores", "model-0", "mmlu / independent", "score", "50", "51.5"),
        ("new", "row", "scores", "b", "mmlu / independent", "12.5"),
    ]
    assert (found.state, exit_code([found])) == ("changed", 0)


def test_columns_that_came_and_went_are_named(look, loaded):
    page = board(a=50.0, **OTHERS)
    more = page.replace(b"<th>Score</th>", b"<th>Score</th><th>Votes</th>").replace(
        b"</td></tr>", b"</td><td>7</td></tr>"
    )
    found = look(more)
    assert told(found.differences) == [("new", "column", "Board", "Votes")]
    assert (found.state, exit_code([found])) == ("changed", 0)


def test_a_renamed_column_breaks_the_page_and_both_names_are_told(look, loaded):
    found = look(board(a=50.0, **OTHERS).replace(b"Score", b"Points"))
    assert (found.state, exit_code([found])) == ("broken", 3)
    assert found.message.startswith("LayoutChanged") and "Points" in found.message
    assert told(found.differences) == [("gone", "column", "Board", "Score"), ("new", "column", "Board", "Points")]


def test_a_gate_is_a_broken_page(look, loaded):
    found = look(
        b"<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>"
    )
    assert (found.state, exit_code([found])) == ("broken", 3) and found.message.startswith("BlockedPage")


def test_too_many_bad_rows_are_a_broken_page_and_each_is_told_with_its_place(look, loaded):
    found = look(board(a=50.0, **OTHERS | {"model-0": 5000.0}))
    assert (found.state, exit_code([found])) == ("broken", 3)
    assert "at most 5% of rows in quarantine" in found.message
    (bad,) = [e for e in found.errors if e["label"] == "model-0"]
    assert "table 1 row 2" in bad["place"] and "value_jumped" in bad["reason"]
    assert ("changed", "row", "scores", "model-0", "mmlu / independent", "score", "50", "5000") in told(
        found.differences
    )


def test_bad_rows_within_the_tolerance_are_told_and_break_nothing(look, loaded):
    found = look(board(a=50.0, **OTHERS | {"model-0": 5000.0}), tolerance=0.5)
    assert (found.state, exit_code([found]), len(found.errors)) == ("changed", 0, 1)


@pytest.mark.parametrize(
    ("reply", "said"), [(Reply(404), "found 404"), (Reply(503), "found 503"), (Reply(451), "legal reasons")]
)
def test_a_page_that_cannot_be_fetched_is_no_broken_page(look, loaded, reply, said):
    found = look(reply)
    assert (found.state, exit_code([found]), said in found.message) == ("not fetched", 1, True)


def test_a_page_that_robots_txt_forbids_is_not_fetched(web, look, loaded):
    web.replies["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /")
    assert (look(board(a=1)).state, web.paths()) == ("not fetched", ["/robots.txt"])


def test_a_page_that_the_server_knows_did_not_change_is_not_sent_again(web, look, tmp_path):
    web.replies["/board"] = Reply(body=board(a=50.0), headers={"ETag": '"1"'})
    run_steps(tmp_path, source(web.url("/board")))
    found = look(Reply(304))
    assert (found.state, found.message, found.n_rows) == ("same", "the server says it did not change", 1)
    assert web.headers("/board")["if-none-match"] == '"1"'


def test_without_a_good_capture_the_page_is_read_all_the_same(look):
    found = look(board(a=50.0))
    assert (found.state, found.n_rows, found.compared_with, exit_code([found])) == ("first", 1, None, 0)


def test_a_bad_capture_is_nothing_to_compare_with(web, look, loaded, tmp_path):
    web.replies["/board"] = Reply(body=board(a=50.0).replace(b"Score", b"Points"))
    assert run_steps(tmp_path, source(web.url("/board"))).state == "failed"
    assert look(board(a=50.0, **OTHERS)).state == "same"


def test_nothing_is_archived_loaded_or_held(look, loaded, tmp_path):
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = files()
    look(board(z=1.0))
    assert files() == before


def test_without_the_archived_page_the_rows_are_compared_all_the_same(look, loaded, tmp_path):
    for path in tmp_path.rglob("*.warc.gz"):
        path.unlink()
    assert told(look(board(b=12.5, a=50.0, **OTHERS)).differences) == [
        ("new", "row", "scores", "b", "mmlu / independent", "12.5")
    ]


def test_a_page_may_be_looked_for_at_another_address_which_gets_no_key(web, loaded, tmp_path, monkeypatch):
    monkeypatch.setenv("BOARD_API_KEY", "sk-secret")
    mine = source(web.url("/board"), key_env="BOARD_API_KEY", headers={"X-Key": "{key}"})
    with serving() as other:
        other.replies["/new"] = Reply(body=board(a=50.0, **OTHERS))
        fetcher = Fetcher(delay_seconds=0.0)
        (found,) = check(reader(mine), Warehouse.at(tmp_path), other.url("/new"), fetcher)
        fetcher.close()
        assert "x-key" not in other.headers("/new")
    assert found.state == "same"


def test_a_source_kept_by_hand_has_no_live_page(tmp_path):
    with pytest.raises(UsageError, match="expected one with live pages"):
        check(reader_of("reference"), Warehouse.at(tmp_path))


@pytest.mark.parametrize(
    ("states", "code"),
    [([], 0), (["same", "changed", "first"], 0), (["same", "not fetched"], 1), (["not fetched", "broken"], 3)],
)
def test_the_worst_page_gives_the_exit_code(states, code):
    assert exit_code([checking.PageCheck("u", state) for state in states]) == code


# ---------------------------------------------------------------- the command


@pytest.fixture
def command(web: Web, monkeypatch, tmp_path, capsys):
    """Return a function that runs `convergence check` over the SWE-bench Pro source, put on our server."""
    module = reader_of("seal_swe_bench_pro")
    monkeypatch.setattr(module, "SOURCE", dataclasses.replace(module.SOURCE, urls=(web.url("/board"),)))

    def run(*args: str) -> tuple[int, str]:
        code = main(["check", "seal_swe_bench_pro", "--warehouse", str(tmp_path), *args])
        return code, capsys.readouterr().out

    return run


def test_the_command_tells_people_and_programs_the_same(web, command):
    web.replies["/board"] = Reply(body=b"<html><body><p>Nothing here any more, sorry about that.</p></body></html>")
    code, text = command()
    assert code == 3 and f"{web.url('/board')}: broken: LayoutChanged" in text
    code, text = command("--json")
    answer = json.loads(text)
    assert (code, answer["exit_code"], answer["source"]) == (3, 3, "seal_swe_bench_pro")
    assert [page["state"] for page in answer["pages"]] == ["broken"]


def test_the_command_takes_a_page_by_its_address(web, command):
    web.replies["/elsewhere"] = Reply(404)
    assert command("--url", web.url("/elsewhere")) == (
        1,
        f"{web.url('/elsewhere')}: not fetched: {web.url('/elsewhere')}: expected status 200; found 404\n  0 rows\n",
    )
    assert command("--url", "elsewhere")[0] == 2


# ---------------------------------------------------------------- differences


def frame(*rows: dict) -> pl.DataFrame:
    columns = {
        "model_label": "m",
        "provider_id": "p",
        "token_kind": "input",
        "tier": None,
        "effective_on": None,
        "seen_on": None,
    }
    columns |= {
        "amount_original": Decimal("2.500000000"),
        "currency": "USD",
        "usd_per_mtok": Decimal(1),
        "row_locator": "line 1",
    }
    return pl.DataFrame([columns | row for row in rows])


def test_a_price_in_euro_does_not_change_with_the_days_rate():
    moved = {"usd_per_mtok": Decimal(9), "row_locator": "line 7", "currency": "EUR"}
    assert told(compare_rows("prices", frame({}), frame(moved))) == [
        ("changed", "row", "prices", "m", "p / input", "currency", "USD", "EUR")
    ]
    assert not told(compare_rows("prices", frame(moved), frame(moved | {"usd_per_mtok": Decimal(3)})))


def test_rows_of_one_key_are_counted_each():
    two = {"amount_original": Decimal("1.0")}
    assert told(compare_rows("prices", frame({}, two), frame({}, {}, two))) == [
        ("new", "row", "prices", "m", "p / input", "2.5")
    ]
    assert told(compare_rows("prices", frame({}, two), None)) == [
        ("gone", "row", "prices", "m", "p / input", "2.5"),
        ("gone", "row", "prices", "m", "p / input", "1"),
    ]


JSON = {"data": [{"id": "a", "pricing": {"prompt": "1"}}, {"id": "b"}], "named": {k: {"x": 1} for k in "abc"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            json.dumps(JSON),
            {
                "$": {"data", "named"},
                "$.data[*]": {"id", "pricing"},
                "$.data[*].pricing": {"prompt"},
                "$.named.*": {"x"},
            },
        ),
        ("# Board\n\n| Model | Score |\n|---|---|\n| a | 1 |\n", {"Board": {"Model", "Score"}}),
        ("<html><body><p>no table</p></body></html>", {}),
        ("", {}),
        ('{"a": [', {}),
    ],
)
def test_the_shape_of_a_page_is_its_tables_and_columns(open_page, text, expected):
    assert shape(open_page(text)) == expected


def test_the_shape_of_a_csv_file_is_its_header(open_page):
    assert shape(open_page("model,score\na,1\n", url="https://example.org/data.csv")) == {"csv": {"model", "score"}}


def test_objects_and_keys_that_came_and_went_are_told(open_page):
    now = json.loads(json.dumps(JSON).replace("prompt", "input"))
    del now["named"]
    found = told(list(compare_shapes(open_page(json.dumps(JSON)), open_page(json.dumps(now)))))
    assert found == [
        ("gone", "table", "$.named.*", "x"),
        ("gone", "column", "$", "named"),
        ("gone", "column", "$.data[*].pricing", "prompt"),
        ("new", "column", "$.data[*].pricing", "input"),
    ]

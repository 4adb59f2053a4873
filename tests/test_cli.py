"""The command as a user types it: exit codes, what goes to stdout and stderr, and what each path imports."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import make_parser
from flows.errors import WarehouseLocked
from flows.settings import Warehouse
from flows.sources import reader_of, source_ids
from tests.conftest import ROOT
from warehouse.connect import hold

HEAVY = {"prefect", "great_expectations", "dbt", "pandas", "polars"}
COMMANDS = (
    "run",
    "replay",
    "backfill",
    "import",
    "sources",
    "check",
    "models",
    "tables",
    "query",
    "explain",
    "build",
    "doctor",
)


def convergence(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user would."""
    command = [sys.executable, "-m", "flows.cli", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT, env={**os.environ, **env})


def commands() -> dict[str, object]:
    action = next(a for a in make_parser()._actions if getattr(a, "choices", None) and "run" in a.choices)
    return dict(action.choices)


def test_every_command_of_the_design_is_there_and_explains_itself():
    assert set(commands()) == set(COMMANDS)
    for name, parser in commands().items():
        text = parser.format_help()
        assert (f"convergence {name}" in text and "--warehouse" in text) or name == "models", name


@pytest.mark.parametrize(
    "args",
    [
        ("--help",),
        ("query", "--help"),
        ("run", "--help"),
        ("query", "from convergence.frontier_gap"),
        ("explain", "convergence.frontier_gap", "benchmark_id=mmlu", "as_of_on=2024-07-31"),
    ],
    ids=" ".join,
)
def test_help_and_query_import_no_heavy_library(args, built_warehouse):
    program = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    env = {**os.environ, "CONVERGENCE_WAREHOUSE": str(built_warehouse)}
    done = subprocess.run(
        [sys.executable, "-c", program, *args], capture_output=True, text=True, cwd=ROOT, env=env, timeout=60
    )
    assert done.stderr.strip() == "[]"
    assert done.stdout


def test_run_offline_prints_a_summary_and_the_next_command(prefect_api, warehouse_copy):
    done = convergence("run", "--offline", "--warehouse", str(warehouse_copy), PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stderr
    for source_id in source_ids():
        assert re.search(rf"^{source_id}\s", done.stdout, re.M)
        if source_id != "reference":
            assert len(re.findall(rf"^\S+ {source_id}: .*\(offline\)$", done.stderr, re.M)) == 1, (
                "one line for what is skipped"
            )
    assert re.search(r"^next: (uv run )?convergence tables$", done.stdout, re.M)
    assert "Traceback" not in done.stderr and "nanobind" not in done.stderr
    assert re.search(r"^\S+ build: \d+ models, \d+ data tests", done.stderr, re.M)


def test_run_needs_no_server_and_says_nothing_of_its_own(warehouse_copy):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_API")}
    command = [sys.executable, "-m", "flows.cli", "run", "--offline", "--json", "--warehouse", str(warehouse_copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["exit_code"] == 0
    assert {row["source"]: row["state"] for row in answer["sources"]}["reference"] == "unchanged"
    ours = re.compile(r"^\d\d:\d\d:\d\d [a-z0-9_]+: ")
    assert [line for line in done.stderr.splitlines() if not ours.match(line)] == []


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("run", "--source", "nobody"), 2, "expected one of aider"),
        (("replay", "no-such-folder"), 2, "expected a folder of stored captures"),
        (("replay", "tests"), 2, "expected captures of"),
        (
            ("import", "no-such-file.csv", "--table", "scores", "--source", "mine"),
            2,
            "expected a .csv or .parquet file",
        ),
        (("query", "selekt 1"), 2, "syntax error"),
        (("query", "from convergence.nothing"), 2, "nothing does not exist"),
        (("query", "create table core.x as select 1"), 2, "read-only"),
        (("query", "select 1", "--format", "xml"), 2, "invalid choice"),
        (("explain", "convergence.nothing"), 2, "Nearest: convergence."),
        (("explain", "convergence.frontier_gap", "nothing"), 2, "Nearest values of benchmark_id"),
        (("build", "--as-of", "yesterday"), 2, "expected a day as YYYY-MM-DD"),
        (("frobnicate",), 2, "invalid choice"),
        ((), 2, ""),
    ],
)
def test_wrong_usage_is_code_2_with_what_was_expected(args, code, said, warehouse_copy):
    done = convergence(*args, CONVERGENCE_WAREHOUSE=str(warehouse_copy))
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_query_before_the_first_run_says_what_to_type(tmp_path):
    done = convergence("query", "select 1", "--warehouse", str(tmp_path))
    assert done.returncode == 1
    assert "Type `convergence run` first" in done.stderr


def test_a_second_run_at_the_same_time_is_code_4_and_names_the_first(prefect_api, warehouse_copy):
    with hold(Warehouse.at(warehouse_copy)):
        done = convergence("run", "--offline", "--warehouse", str(warehouse_copy), PREFECT_API_URL=prefect_api)
        assert done.returncode == 4, done.stderr
        assert f"another run (process {os.getpid()})" in done.stderr
        with pytest.raises(WarehouseLocked), hold(Warehouse.at(warehouse_copy)):
            pass
    assert convergence("query", "select 1", "--warehouse", str(warehouse_copy)).returncode == 0


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_query_prints_the_same_rows_in_every_format(form, built_warehouse):
    sql = "select benchmark_id, n_cases, higher_is_better from core.benchmarks where benchmark_id like 'aider%' order by 1"
    done = convergence("query", sql, "--format", form, "--warehouse", str(built_warehouse))
    assert done.returncode == 0, done.stderr
    for word in ("aider_edit", "133", "aider_polyglot", "225", "n_cases"):
        assert word in done.stdout
    if form == "csv":
        assert [row["benchmark_id"] for row in csv.DictReader(io.StringIO(done.stdout))] == [
            "aider_edit",
            "aider_polyglot",
            "aider_refactor",
        ]
    if form == "json":
        assert json.loads(done.stdout)[0] == {"benchmark_id": "aider_edit", "n_cases": 133, "higher_is_better": True}


def test_query_writes_parquet_and_keeps_money_exact(built_warehouse, tmp_path):
    import duckdb

    out = tmp_path / "prices.parquet"
    sql = "select usd_per_mtok from core.prices where model_id = 'gpt-4-32k' and token_kind = 'output'"
    assert (
        convergence(
            "query", sql, "--format", "parquet", "--output", str(out), "--warehouse", str(built_warehouse)
        ).returncode
        == 0
    )
    with duckdb.connect() as con:
        assert con.execute(f"select typeof(usd_per_mtok), usd_per_mtok::varchar from '{out}'").fetchall() == [
            ("DECIMAL(18,6)", "120.000000")
        ]


def test_tables_lists_everything_with_what_it_holds(built_warehouse):
    done = convergence("tables", "--json", "--warehouse", str(built_warehouse))
    found = {row["table"]: row for row in json.loads(done.stdout)}
    for name in ("frontier", "frontier_gap", "dispersion", "successor_deltas"):
        assert found[f"convergence.{name}"]["rows"] > 0
    for name in ("price_history", "price_performance", "successor_efficiency", "run_costs"):
        assert found[f"efficiency.{name}"]["rows"] > 0
    assert all(row["what"] for row in found.values()), [n for n, r in found.items() if not r["what"]]


def test_sources_names_every_source_and_check_is_code_3_only_if_one_is_broken(built_warehouse, tmp_path):
    done = convergence("sources", "--json", "--check", "--warehouse", str(built_warehouse))
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    assert set(rows) == set(source_ids())
    assert rows["reference"]["state"] == "ok" and rows["aider"]["state"] == "never"
    assert done.returncode == 0


def test_doctor_says_what_it_looked_at(built_warehouse, tmp_path):
    done = convergence("doctor", "--json", "--warehouse", str(built_warehouse))
    assert done.returncode == 0, done.stdout
    assert {"python", "packages", "warehouse", "store", "published", "reference"} <= {
        row["check"] for row in json.loads(done.stdout)
    }
    assert convergence("doctor", "--warehouse", str(tmp_path / "new")).returncode == 0


def test_build_as_of_a_day_leaves_the_published_file_alone_and_sees_no_later_model(warehouse_copy, tmp_path):
    published = Warehouse.at(warehouse_copy).published.resolve()
    out = tmp_path / "then.duckdb"
    done = convergence("build", "--as-of", "2024-08-01", "--output", str(out), "--warehouse", str(warehouse_copy))
    assert done.returncode == 0, done.stderr
    assert Warehouse.at(warehouse_copy).published.resolve() == published
    asked = convergence(
        "query", "select max(as_of_on) as last from convergence.frontier_gap", "--format", "csv", "--database", str(out)
    )
    assert asked.stdout.split() == ["last", "2024-07-31"], "the last month's end before that day"
    late = "select count(*) as n from convergence.frontier join core.models using (model_id) where released_on > '2024-08-01'"
    assert convergence("query", late, "--format", "csv", "--database", str(out)).stdout.split() == ["n", "0"]


def test_the_readme_names_every_command_and_the_two_that_set_up():
    text = (ROOT / "README.md").read_text()
    for name in COMMANDS:
        assert f"convergence {name}" in text, name
    assert "pip install uv && uv run convergence run" in text
    assert "pip install uv && uv run pytest" in text
    for source_id in source_ids():
        assert f"| `{source_id}` | {reader_of(source_id).SOURCE.title} |" in text, source_id


def test_every_table_in_the_readme_and_the_changelog_exists(built_warehouse):
    listed = convergence("tables", "--json", "--warehouse", str(built_warehouse))
    known = {row["table"].split("(")[0] for row in json.loads(listed.stdout)}
    text = (ROOT / "README.md").read_text() + (ROOT / "CHANGELOG.md").read_text()
    named = set(re.findall(r"\b(?:core|convergence|efficiency|meta|raw)\.[a-z_]+\b", text)) - {
        "convergence.duckdb",
        "raw.githubusercontent",
    }
    assert named and named <= known, named - known


def test_no_list_of_sources_stands_anywhere_but_in_their_folder():
    ids = [
        s for s in source_ids() if s not in ("reference", "seal", "aider", "openrouter")
    ]  # words of other meanings too
    for path in Path(ROOT).glob("flows/*.py"):
        text = path.read_text()
        assert not [s for s in ids if f'"{s}"' in text], path


def checked_queries() -> list[tuple[str, str]]:
    """Return the README's queries that are marked as checked, with the table printed under each."""
    text = (ROOT / "README.md").read_text()
    return re.findall(r"<!-- query: checked by a test -->\n```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", text, re.S)


def test_the_readme_shows_answers_worth_checking():
    assert len(checked_queries()) >= 2


@pytest.mark.parametrize(("sql", "printed"), checked_queries())
def test_what_the_readme_prints_is_what_the_query_answers(sql, printed, built_warehouse):
    done = convergence("query", sql, "--format", "markdown", "--warehouse", str(built_warehouse))
    assert done.stdout == printed

"""What the light path of `convergence query` costs beside bare Python with duckdb: at most three times the CPU."""

import resource
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SQL = "from convergence.frontier_gap"


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.benchmark(group="query")
def test_query_beside_bare_python(benchmark, built_warehouse):
    published = built_warehouse / "llm_convergence.duckdb"
    bare = [
        sys.executable,
        "-c",
        f"import duckdb; duckdb.connect({str(published)!r}, read_only=True).sql({SQL!r}).show()",
    ]
    ours = [sys.executable, "-m", "flows.cli", "query", SQL, "--warehouse", str(built_warehouse)]
    plain = min(cpu_seconds(bare) for _ in range(5))
    benchmark.pedantic(
        subprocess.run, args=(ours,), kwargs={"check": True, "cwd": ROOT, "stdout": subprocess.DEVNULL}, rounds=5
    )
    benchmark.extra_info["cpu_ratio_to_bare"] = round(min(cpu_seconds(ours) for _ in range(5)) / plain, 2)

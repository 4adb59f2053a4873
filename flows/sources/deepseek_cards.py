"""DeepSeek's READMEs: benchmark tables of the base and chat models, their rivals among them.

Markdown tables with benchmarks as rows; 'Benchmark (Metric)' and '# Shots' since V3; AlignBench and AlpacaEval with
models as rows, AlignBench in Chinese, its overall mark under the column of the total. It is AlignBench's first version: the
rivals' marks are those of that version's own README (https://github.com/THUDM/AlignBench).
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import Card, Passed, read_card
from flows.tables import Page

_RAW = "https://raw.githubusercontent.com/deepseek-ai"

SOURCE = Source(
    id="deepseek_cards",
    title="DeepSeek's READMEs: benchmark tables",
    kind="vendor",
    urls=tuple(
        f"{_RAW}/{name}/main/README.md" for name in ("DeepSeek-V2", "DeepSeek-V3", "DeepSeek-R1", "DeepSeek-Coder-V2")
    ),
    publisher="DeepSeek",
    licence="MIT",
    may_republish=True,
    min_rows=10,
    expects={"scores": Expect(low=0)},
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

CARD = Card(
    passed_over=(
        Passed(r"download|pricing|price", "no benchmark scores"),
        Passed(r"alignbench|open ended", "parts of the total", column=r"推理|语言"),
        Passed(r"", "bits per byte of a text, no score", row=r"pile-test|BPB"),
    ),
    names=(
        (r"", {"AGIEval": "agieval_en_zh", "AlignBench": "alignbench_v1"}),
        (r"^benchmark", {"Math": "math"}),  # a category too, where the column of benchmarks is gone
        (r"alignbench", {"总分": "alignbench_v1"}),
        (r"code fixing", {"SWE-Bench": "swe_bench_lite"}),  # DeepSeek-Coder-V2: every figure is a share of 300 tasks
    ),
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a README's benchmark tables."""
    yield from read_card(page, CARD)

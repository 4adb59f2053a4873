"""Qwen's blog: the benchmark tables of its releases, base and instruct models apart, rivals among them.

Markdown with benchmarks as rows since Qwen2; Qwen1.5 has models as rows and HTML tables in which a second title opens the
Chinese half. The plain 'GPQA' is the Diamond set, of base models too: the figures are shares of 198 questions (24.2, 29.8, 31.3,
49.0), which those of the main set's 448 cannot be; some of Llama's are copied from Meta's cards, where it is the main
set. 'AlignBench' without a version is the first, which the post on Qwen2.5 tells from v1.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import BASE, Card, Passed, read_card
from flows.tables import Page

_POSTS = ("qwen1.5", "qwen2", "qwen2.5-llm", "qwen1.5-110b", "qwen1.5-32b", "qwen-moe", "qwen2.5-coder")

SOURCE = Source(
    id="qwen_blog",
    title="Qwen's blog: benchmark tables of its releases",
    kind="vendor",
    urls=tuple(f"https://qwenlm.github.io/blog/{post}/" for post in _POSTS),
    publisher="Alibaba (Qwen team)",
    licence="none stated",
    may_republish=False,
    min_rows=5,
    expects={"scores": Expect(low=0)},
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

_RGB = "Benchmark for Retrieval-Augmented Generation"
_INTERPRETER = "Code Interpreter Benchmark"
_EXECUTED = f"{_INTERPRETER} Accuracy of Code Execution Results (%)"
_OWN = {
    "Multi-Exam": "qwen_multi_exam",
    "Mulit-Exam": "qwen_multi_exam",
    "Multi-Understanding": "qwen_multi_understanding",
    "Multi-Mathematics": "qwen_multi_mathematics",
    "Multi-Translation": "qwen_multi_translation",
    "Tool-Use Benchmark Tool Selection": "qwen_tool_selection",
    "Tool-Use Benchmark Tool Input": "qwen_tool_input",
    "Tool-Use Benchmark False Positive": "qwen_tool_false_positive",
    f"{_EXECUTED} Math": "qwen_code_interpreter_math",
    f"{_EXECUTED} Visualization-Hard": "qwen_code_interpreter_visualization_hard",
    f"{_EXECUTED} Visualization-Easy": "qwen_code_interpreter_visualization_easy",
    f"{_INTERPRETER} Executable Rate of Code (%) General": "qwen_code_interpreter_executable",
}
for _tongue in ("English", "Chinese"):
    _OWN[f"Agent Performance on T-Eval {_tongue} Overall"] = f"t_eval_{_tongue.lower()}"
    for _part, _id in (
        ("Noise 0.8", "noise"),
        ("Rejection 1.0", "rejection"),
        ("Integration 0.4", "integration"),
        ("Counterfactual", "counterfactual"),
    ):
        _OWN[f"RGB {_tongue} {_RGB} {_part}"] = f"rgb_{_tongue.lower()}_{_id}"

CARD = Card(
    passed_over=(
        Passed(r"safety|harmful|model card|model information|download|speed", "no benchmark scores"),
        Passed(r"t-eval", "parts of the overall", column=r"Instruct|Plan|Reason|Retrieve|Understand|Review"),
    ),
    names=(
        (r"", _OWN | {"GPQA": "gpqa_diamond", "AlignBench": "alignbench_v1"}),
        (r"coder", {"Math": "math"}),
        (r"^M-MMLU", {"M-MMLU": "m_mmlu"}),  # of the Okapi set; letter by letter OpenAI's MMMLU
        (
            r"^exams$",  # suites of Qwen1.5, others than the Multi-Exam etc. of Qwen2
            {
                "Exams": "qwen15_multi_exam",
                "Understanding": "qwen15_multi_understanding",
                "Math": "qwen15_multi_math",
                "Translation": "qwen15_multi_translation",
            },
        ),
        (
            r"long context",
            {
                "Coursera": "l_eval_coursera",
                "GSM": "l_eval_gsm",
                "QuALITY": "l_eval_quality",
                "TOEFL": "l_eval_toefl",
                "SFiction": "l_eval_sfiction",
            },
        ),
    ),
    base=rf"{BASE}|basic capabilities",
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a post's benchmark tables."""
    yield from read_card(page, CARD)

"""OpenAI's tables with GPT-4o in them: the appendices of the posts on o1, GPT-4.5 and GPT-4.1.

The posts on GPT-4o and GPT-4o mini show their figures as charts alone; those of simple-evals are a source of their own. Benchmarks
are rows, marks of footnotes run into their names ('GPQA Diamond1'), SWE-Lancer has dollars beside the share. Plain 'GPQA' is
the Diamond set here, as in simple-evals; 'Multilingual MMLU' is MMMLU.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flows.records import Expect, Observation, Rejected, Source, days
from flows.sources._vendor_tables import NEVER, Card, Passed, read_card
from flows.tables import Page

_INDEX = "https://openai.com/index"

SOURCE = Source(
    id="openai_gpt4o",
    title="OpenAI's benchmark tables with GPT-4o",
    kind="vendor",
    urls=tuple(f"{_INDEX}/{post}/" for post in ("learning-to-reason-with-llms", "introducing-gpt-4-5", "gpt-4-1")),
    former_urls=tuple(
        f"{_INDEX}/{post}/" for post in ("hello-gpt-4o", "gpt-4o-mini-advancing-cost-efficient-intelligence")
    ),
    publisher="OpenAI",
    licence="none stated",
    may_republish=False,
    min_rows=10,
    expects={"scores": Expect(low=0, max_vanished=1)},  # pages respell their models
    cadence=days(30),
    precedence=25,
    tolerance=0.3,
)

_OWN = {
    "Competition Math AIME (2024)": "aime_2024",
    "Competition Code CodeForces (Elo)": "codeforces_rating",
    "Competition Code CodeForces (Percentile)": "codeforces_percentile",
    "AIME '24 (math)": "aime_2024",
    "GPQA": "gpqa_diamond",
    "GPQA (science)": "gpqa_diamond",
    "MMMLU (multilingual)": "mmmlu",
    "Multilingual MMLU": "mmmlu",
    "MMMU (multimodal)": "mmmu",
    "SWE-Bench Verified (coding)": "swe_bench_verified",
    "SWE-Lancer (IC-Diamond subset)": "swe_lancer_ic_diamond",
    "SWE-Lancer Diamond (coding)": "swe_lancer_diamond_tasks",  # 32.6 % of the tasks for 37.2 % of the money
    "Internal API instruction following (hard)": "internal_api_if_hard",
    "OpenAI-MRCR: 2 needle 128k": "openai_mrcr_2_needle_128k",
    "OpenAI-MRCR: 2 needle 1M": "openai_mrcr_2_needle_1m",
    "Graphwalks bfs <128k": "graphwalks_bfs_128k",
    "Graphwalks parents <128k": "graphwalks_parents_128k",
    "Graphwalks bfs >128k": "graphwalks_bfs_over_128k",
    "Graphwalks parents >128k": "graphwalks_parents_over_128k",
}
_NOTED = {  # names that marks of footnotes run into where a page comes without its markup
    "GPQA Diamond": "gpqa_diamond",
    "SWE-bench Verified": "swe_bench_verified",
    "Taubench airline": "tau_bench_airline",
    "Taubench retail": "tau_bench_retail",
    "MultiChallenge": "multichallenge",
}
_MARKS = ("", *"123456789", "4, 5")

CARD = Card(
    passed_over=(
        Passed(r"^dataset$", "the three parts of GPQA Diamond", row=r"^(biology|chemistry|physics)$"),
        Passed(r"audio|speech|tokens|languages?$", "no benchmark scores"),
    ),
    names=(
        (r"", _OWN | {f"{name}{mark}": noted for name, noted in _NOTED.items() for mark in _MARKS}),
        (r"^dataset$", {"MATH": "math_500"}),  # as in simple-evals, from o1 on
    ),
    published={
        "learning-to-reason-with-llms": date(2024, 9, 12),
        "introducing-gpt-4-5": date(2025, 2, 27),
        "gpt-4-1": date(2025, 4, 14),
    },
    base=NEVER,  # 'Instruction following' is a heading
    tuned=NEVER,
)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield every score of a post's benchmark tables."""
    yield from read_card(page, CARD)

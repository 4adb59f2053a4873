"""What vendors write for a benchmark, and what it means: a table of cases."""

import csv
from pathlib import Path

import pytest

from flows.sources import qwen_blog
from flows.sources._benchmark_names import DATED, NAMES, OF_TEN, TUNED_ONLY, UNBOUNDED
from flows.sources._benchmark_words import key, setting, understand

REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference" / "benchmarks.csv"


@pytest.mark.parametrize(
    ("name", "benchmark_id", "variant"),
    [
        ("MMLU", "mmlu", None),
        ("MMLU (5-shot)", "mmlu", "5-shot"),
        ("5-shot MMLU", "mmlu", "5-shot"),
        ("MMLU (5-shot, macro_avg/acc)", "mmlu", "5-shot"),
        ("MMLU 5-Shot CoT", "mmlu", "5-shot-cot"),
        ("MMLU (zero-shot)", "mmlu", "0-shot"),
        ("GSM-8K (8-shot, CoT)", "gsm8k", "8-shot-cot"),
        ("GSM8K (maj@32)", "gsm8k", "maj@32"),
        ("GSM8k CoT 5-shot maj@1", "gsm8k", "5-shot-cot"),
        ("HumanEval (0-shot) pass@1", "humaneval", "0-shot"),
        ("HumanEval (pass@10)", "humaneval", "pass@10"),
        ("HumanEval+", "humaneval_plus", None),
        ("MBPP ++ base version", "mbpp_evalplus", None),
        ("MBPP EvalPlus (base)", "mbpp_evalplus", None),
        ("AGIEval English (3-5 shot)", "agieval", "3-5-shot"),
        ("BIG-Bench Hard (3-shot, CoT)", "bbh", "3-shot-cot"),
        ("DROP (3-shot F1)", "drop", "3-shot"),
        ("IFEval (Prompt Strict-Acc.)", "ifeval", "prompt-strict"),
        ("IFeval strict-prompt", "ifeval", "prompt-strict"),
        ("LiveCodeBench (0901-0401)", "livecodebench", "0901-0401"),
        ("LiveCodeBench\n(10/01/2024-02/01/2025)", "livecodebench", "10/01/2024-02/01/2025"),
        ("LiveCodeBench v5", "livecodebench", "v5"),
        ("LiveCodeBench (Pass@1-COT)", "livecodebench", "cot"),
        ("LiveBench 0831", "livebench", "0831"),
        ("AIME'24 (cons@64)", "aime_2024", "cons@64"),
        ("C-Eval(val)*", "c_eval", "val"),
        ("MMMU (val, CoT)", "mmmu", "cot"),
        ("MMMU Pro^", "mmmu_pro", None),
        ("SWE Verified (Resolved)", "swe_bench_verified", None),
        ("Codeforces (Percentile)", "codeforces_percentile", None),
        ("CodeForces rating", "codeforces_rating", None),
        ("GPQA", "gpqa_main", None),
        ("GPQA Diamond (CoT)", "gpqa_diamond", "cot"),
        ("MATH", "math", None),
        ("MATH-500 (EM)", "math_500", None),
        ("MT-Bench Avg. Score", "mt_bench", None),
        ("AlpacaEval 2.0 Win Rate", "alpacaeval_2_win_rate", None),
        ("AlpacaEval2.0 (LC-winrate)", "alpacaeval_2", None),
        ("MMMLU", "mmmlu", None),
        ("TAU-bench (retail)", "tau_bench_retail", None),
        ("Trurhfulqa", "truthfulqa", None),
    ],
)
def test_a_name_is_a_benchmark_and_how_it_was_asked(name, benchmark_id, variant):
    assert understand(name) == (benchmark_id, variant)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Average",
        "MMLU-Max",
        "MMLU (Arabic)",  # another set, not in the list
        "BFCL v9",  # a version is another benchmark
        "Math",  # a group of several on some cards
        "Math (em_maj1@1)",
        "MT Bench (Inflection corrected, n=5)",
        "Size",
        "English",
        "5-shot",
        "HumanEval of 2030",
    ],
)
def test_a_name_with_anything_unknown_in_it_is_unknown(name):
    assert understand(name) is None


def test_a_cards_own_names_go_first():
    assert understand("Math (4-shot)", {"Math": "math"}) == ("math", "4-shot")
    assert understand("GPQA", {"GPQA": "gpqa_diamond"}) == ("gpqa_diamond", None)
    assert understand("GPQA") == ("gpqa_main", None)


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("3-shot@1", "3-shot"),
        ("0-shot CoT", "0-shot-cot"),
        ("CoT@32*", "cot@32"),
        ("8-shot, maj@8", "8-shot, maj@8"),
        ("em_maj1@1", ""),
        ("macro_avg/acc_char", ""),
        ("Avg(Prompt/Instruction acc Loose/Strict)", ""),
        ("without CoT", "no-cot"),
        ("non-thinking", "non-thinking"),
        ("of 70", None),
        ("soon", None),
    ],
)
def test_words_that_say_how_it_was_asked_are_understood_to_the_last_or_not_at_all(text, variant):
    assert setting(text) == variant


def test_every_benchmark_a_name_may_mean_is_in_the_reference():
    known = {row["benchmark_id"]: row for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
    of_posts = {benchmark_id for _, names in qwen_blog.CARD.names for benchmark_id in names.values()}
    assert not (set(NAMES) | of_posts | OF_TEN | UNBOUNDED | TUNED_ONLY | DATED) - set(known)
    assert {known[name]["unit"] for name in set(NAMES) - UNBOUNDED} == {"percent"}
    assert {known[name]["scale_kind"] for name in UNBOUNDED} == {"rating"}


def test_no_name_means_two_benchmarks():
    said = [
        (key(name), benchmark_id)
        for benchmark_id, names in NAMES.items()
        for name in {key(n): n for n in (benchmark_id.replace("_", " "), *names.split("|"))}.values()
    ]
    assert len({name for name, _ in said}) == len(said)

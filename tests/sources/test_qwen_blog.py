"""Qwen's blog: a small post of our own in its layouts, and the real captures."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import qwen_blog as source


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


@pytest.fixture
def read(page_of):
    """Return a function that reads the small post, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("post.md", *changes)))


def test_both_ways_round_are_read_and_the_halves_of_a_table_kept_apart(read):
    assert brief(read()) == [
        ("Gull-7B [base]", "mmlu", None, 64.2),
        ("Heron-7B [base]", "mmlu", None, 70.3),
        ("Gull-7B [base]", "gpqa_diamond", None, 24.7),
        ("Heron-7B [base]", "gpqa_diamond", None, 31.8),
        ("Gull-7B [base]", "winogrande", None, 78.4),
        ("Gull-7B [base]", "qwen_multi_exam", None, 47.1),
        ("Heron-7B [base]", "qwen_multi_exam", None, 59.2),
        ("Gull-7B-Chat", "gpqa_diamond", None, 34.2),
        ("Heron-7B-Instruct", "gpqa_diamond", None, 25.3),
        ("Gull-7B-Chat", "mt_bench", None, 80.5),
        ("Heron-7B-Instruct", "mt_bench", None, 84.1),
        ("Gull-7B-Chat", "ifeval", "prompt-strict", 64.1),
        ("Heron-7B-Instruct", "ifeval", "prompt-strict", 83.6),
        ("Gull-7B-Chat", "livebench", "0831", 26.7),
        ("Heron-7B-Instruct", "livebench", "0831", 35.9),
        ("Heron-7B-Chat", "mt_bench", None, 76.0),
        ("Heron-7B-Chat", "alpacaeval_2_win_rate", None, 13.2),
        ("Heron-7B [base]", "qwen15_multi_exam", None, 47.7),
        ("Heron-7B [base]", "qwen15_multi_understanding", None, 67.63),
        ("Heron-7B [base]", "qwen15_multi_math", None, 37.27),
        ("Heron-7B [base]", "qwen15_multi_translation", None, 28.36),
        ("Heron-7B-Chat", "rgb_english_noise", None, 77.67),
        ("Heron-7B-Chat", "rgb_chinese_noise", None, 71.0),
        ("Heron-7B-Chat", "rgb_english_rejection", None, 25.0),
        ("Heron-7B-Chat", "rgb_chinese_rejection", None, 10.33),
    ]


def test_nothing_is_rejected_and_marks_of_five_in_house_are_no_benchmark(read):
    assert not [o for o in read() if isinstance(o, Rejected)]


def test_a_mean_of_runs_keeps_the_runs_as_a_note(read):
    (score,) = [o for o in read() if o.score == 76.0]
    assert score.notes == "7.60 of 10, the page has 7.60 (7.58/7.55/7.66)"
    assert score.row_locator == "line 49, table 4 row 1, column 'MT-Bench / Avg. Score'"


def test_a_judged_conversation_is_of_the_tuned_model_whatever_the_table_says(open_page):
    page = open_page("# Performance\n\n| Model | MMLU | MT-Bench |\n|---|---|---|\n| Heron-7B | 61.0 | 7.60 |\n")
    assert brief(source.read(page)) == [
        ("Heron-7B", "mmlu", None, 61.0),
        ("Heron-7B [instruct]", "mt_bench", None, 76.0),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("|MMLU |", "|MMLU-Max |")], "found 'MMLU-Max'"),
        ([("70.3", "seventy")], "expected one figure; found 'seventy'"),
        ([("**8.41**", "84.1")], "a figure from 0 to 10; found '84.1'"),
        ([("|  Datasets  |  Gull-7B  |", "|  Datasets  |    |")], "expected a model's name"),
    ],
)
def test_what_cannot_be_told_is_rejected_with_the_reason(read, changes, told):
    assert told in next(o.reason for o in read(*changes) if isinstance(o, Rejected))


def test_a_post_without_scores_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Heron\n\n| Models | Layers |\n|---|---|\n| Heron-7B | 28 |\n")))


# --- real captures; the figures were read off the pages by eye ---


@pytest.mark.parametrize(
    ("name", "count", "some"),
    [
        (
            "qwen1.5.md",
            83 + 73 + 6 + 56 + 50 + 64 + 14 + 24 + 28,
            [
                ("GPT-4", "mmlu", None, 86.4),
                ("Llama2-70B [base]", "cmmlu", None, 53.6),
                ("Qwen1.5-72B [base]", "c_eval", None, 84.1),
                ("StableLM-Zephyr-3B", "mmlu", None, 45.9),
                ("Gemini-Nano-3B", "gsm8k", None, 22.8),
                ("Qwen1.5-72B-Chat", "mt_bench", None, 86.1),
                ("Qwen1.5-14B-Chat", "alpacaeval_2_win_rate", None, 19.7),
                ("GPT-3.5", "qwen15_multi_exam", None, 52.24),
                ("Claude1.3-100k", "l_eval_gsm", None, 88.0),
                ("GPT4-Turbo", "rgb_english_noise", None, 85.67),
                ("GPT4-Turbo", "rgb_chinese_noise", None, 75.0),
                ("Qwen1.5-72B-Chat", "t_eval_chinese", None, 72.88),
                ("GPT-3.5", "qwen_tool_false_positive", None, 19.4),
                ("Qwen1.5-7B-Chat", "qwen_code_interpreter_executable", None, 65.5),
            ],
        ),
        (
            "qwen2.md",
            123 + 87 + 103 + 73 + 48 + 46 + 55 + 20 + 24,
            [
                ("DeepSeek-V2 [base]", "mmlu", None, 78.5),
                ("Qwen2-72B [base]", "gpqa_diamond", None, 37.9),
                ("Jamba [base]", "gsm8k", None, 59.9),
                ("Phi-2 [base]", "math", None, 3.5),
                ("Qwen2-72B-Instruct", "mt_bench", None, 91.2),
                ("Qwen2-72B-Instruct", "alignbench_v1", None, 82.7),
                ("Qwen2-72B-Instruct", "gpqa_diamond", None, 42.4),
                ("Llama-3-70B-Instruct", "livecodebench", None, 29.3),
                ("GLM-4-9B-Chat", "humaneval", None, 71.8),
                ("Qwen2-0.5B-Instruct", "ifeval", "prompt-strict", 20.0),
                ("GPT-4o-0513", "m_mmlu", "5-shot", 83.2),
                ("command-r-plus-110b", "mgsm", "0-shot-cot", 63.5),
            ],
        ),
        (
            "qwen2.5-llm.md",
            96 + 129 + 110 + 132 + 70 + 82 + 56 + 44 + 44 + 54 + 54,
            [
                ("Llama-3-405B [base]", "mmlu", None, 85.2),
                ("Qwen2.5-72B [base]", "gpqa_diamond", None, 45.9),
                ("Qwen2.5-72B [base]", "mbpp_plus", None, 69.2),
                ("Gemma2-2.6B [base]", "truthfulqa", None, 36.2),
                ("Mistral-Large2 Instruct", "mt_bench", None, 86.1),
                ("Qwen2.5-72B-Instruct", "gpqa_diamond", None, 49.0),
                ("Qwen2.5-72B-Instruct", "livecodebench", "2305-2409", 55.5),
                ("Qwen-Turbo", "livebench", "0831", 41.6),
                ("GPT4o-mini", "alignbench", None, 78.1),
                ("MiniCPM3-4B [instruct]", "ifeval", "prompt-strict", 68.4),
                ("Qwen2.5-72B-Instruct", "okapi_mmlu", None, 79.97),
                ("Mistral-Nemo-Instruct-2407 (12B)", "blend", None, 26.61),
            ],
        ),
    ],
)
def test_the_captures_read_to_the_last_figure(captures, open_page, name, count, some):
    found = list(source.read(open_page(captures / source.SOURCE.id / "2026-01-21" / name)))
    assert not [o for o in found if isinstance(o, Rejected)]
    assert len(found) == count == len({(o.model_label, o.benchmark_id, o.variant) for o in found})
    assert not set(some) - set(brief(found))
    assert not [o for o in found if o.benchmark_id == "gpqa_main"]


def test_gpqa_of_base_models_are_shares_of_the_diamond_sets_198_questions_and_not_of_the_main_sets_448(
    captures, open_page
):
    folder = captures / source.SOURCE.id / "2026-01-21"
    found = [o for name in ("qwen2.md", "qwen2.5-llm.md") for o in source.read(open_page(folder / name))]
    base = {o.score for o in found if o.benchmark_id == "gpqa_diamond" and "[base]" in o.model_label}
    assert len(base) > 20
    assert [score for score in base if min(abs(100 * n / 198 - score) for n in range(199)) > 0.1] == []
    assert {24.2, 29.8} <= {score for score in base if min(abs(100 * n / 448 - score) for n in range(449)) > 0.055}

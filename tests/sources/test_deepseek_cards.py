"""DeepSeek's READMEs: a small one of our own in their layouts, and the real capture."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import deepseek_cards as source


def brief(found):
    return [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if not isinstance(o, Rejected)]


@pytest.fixture
def read(page_of):
    """Return a function that reads the small README, changed by (old, new) pairs."""
    return lambda *changes: list(source.read(page_of("README.md", *changes)))


def test_one_name_in_both_tables_is_the_base_and_the_chat_model(read):
    assert brief(read()) == [
        ("Gull 70B [base]", "mmlu", "5-shot", 78.9),
        ("Heron-2 [base]", "mmlu", "5-shot", 79.5),
        ("Gull 70B [base]", "agieval_en_zh", "0-shot", 57.5),
        ("Heron-2 [base]", "agieval_en_zh", "0-shot", 75.8),
        ("Gull 70B [base]", "math", "4-shot", 42.2),
        ("Heron-2 [base]", "math", "4-shot", 43.6),
        ("Gull 70B Instruct", "drop", "3-shot", 80.1),
        ("Heron-2 [instruct]", "drop", "3-shot", 81.5),
        ("GPT-4o 0513", "drop", "3-shot", 83.7),
        ("Gull 70B Instruct", "livecodebench", "0901-0401", 30.5),
        ("Heron-2 [instruct]", "livecodebench", "0901-0401", 32.5),
        ("Gull 70B Instruct", "codeforces_rating", None, 717.0),
        ("Heron-2 [instruct]", "codeforces_rating", None, 1134.0),
        ("GPT-4o 0513", "codeforces_rating", None, 759.0),
        ("Gull 70B Instruct", "aime_2024", None, pytest.approx(100 * 2 / 30)),
        ("Heron-2 [instruct]", "aime_2024", None, pytest.approx(100 * 4 / 30)),
        ("GPT-4o 0513", "aime_2024", None, 9.3),
        ("gpt-4-1106-preview", "alignbench_v1", None, 80.1),
        ("Heron-2 [instruct]", "alignbench_v1", None, 79.1),
        ("Heron-2 [instruct]", "arena_hard", None, 85.5),
        ("Heron-2 [instruct]", "alpacaeval_2", None, 70.0),
    ]


def test_a_mark_of_ten_becomes_a_percentage_and_says_so(read):
    (score,) = [o for o in read() if o.benchmark_id == "alignbench_v1" and "Heron" in o.model_label]
    assert score.notes == "7.91 of 10"
    assert score.row_locator == "line 42, table 4 row 2, column '总分'"
    bad = [o for o in read(("7.91", "79.1")) if isinstance(o, Rejected)]
    assert "a figure from 0 to 10; found '79.1'" in bad[0].reason


def test_what_is_no_score_is_left_out_without_a_word(read):
    assert not [o for o in read() if isinstance(o, Rejected)]


def test_a_renamed_benchmark_is_rejected_and_a_page_without_any_is_an_error(read, open_page):
    (bad,) = [o for o in read(("MMLU (Acc.)", "MMLU-Turbo (Acc.)")) if isinstance(o, Rejected)]
    assert "found 'MMLU-Turbo (Acc.)'" in bad.reason
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page("# Heron\n\n| Model | Download |\n|---|---|\n| Heron | [Hub](x) |\n")))


def test_the_category_math_is_no_benchmark_where_the_column_of_benchmarks_is_gone(open_page):
    page = "## Base Model\n\n| | # Shots | Heron-3 |\n|---|---|---|\n| Math | 3-shot | 90.7 |\n| English | 5-shot | 80.1 |\n"
    with pytest.raises(LayoutChanged, match="a table of benchmark scores"):
        list(source.read(open_page(f"# Heron\n\n{page}")))


def test_swe_bench_among_code_fixing_is_the_lite_set_and_elsewhere_the_full_one(open_page):
    table = "| | #TP | Defects4J | SWE-Bench |\n|---|---|---|---|\n| Heron-Coder-Instruct | 33B | 11.3 | 12.7 |\n"
    label = "Heron-Coder-Instruct 33B"
    assert (label, "swe_bench_lite", None, 12.7) in brief(source.read(open_page(f"### 3.3 Code Fixing\n\n{table}")))
    assert (label, "swe_bench", None, 12.7) in brief(source.read(open_page(f"### Chat Model\n\n{table}")))


def test_the_capture_of_8_may_2024_has_three_tables(captures, open_page):
    found = list(source.read(open_page(captures / source.SOURCE.id / "2024-05-08" / "DeepSeek-V2_README.md")))
    assert not [o for o in found if isinstance(o, Rejected)]
    assert len(found) == 8 * 4 + 9 * 6 + 11
    assert not {
        ("LLaMA3 70B [base]", "mmlu", None, 78.9),
        ("Mixtral 8x22B [base]", "mmlu", None, 77.6),
        ("DeepSeek-V2 (MoE-236B) [base]", "math", None, 43.6),
        ("Mixtral 8x22B [instruct]", "mmlu", None, 77.8),
        ("LLaMA3 70B Instruct", "gsm8k", None, 93.2),
        ("DeepSeek-V2 Chat (RL)", "livecodebench", "0901-0401", 32.5),
        ("DeepSeek-V2 Chat (SFT)", "bbh", None, 81.3),
        ("DeepSeek-V2 Chat (RL)", "alignbench_v1", None, 79.1),
        ("gpt-3.5-turbo-0613", "alignbench_v1", None, 60.8),
    } - set(brief(found))

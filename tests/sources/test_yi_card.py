"""01.AI's README: small pages of our own in its two shapes, and the real capture."""

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Rejected, Score
from flows.sources import yi_card as source


def facts(found):
    return [(o.model_id, o.is_base, o.params_total_b, o.context_tokens) for o in found if isinstance(o, ModelFact)]


def test_the_lists_of_models_give_base_and_chat_and_no_copies_in_fewer_bits(page_of):
    assert facts(source.read(page_of("README.md"))) == [
        ("heron-34b-chat", False, 34.0, 4096),
        ("heron-34b", True, 34.0, 4096),
        ("heron-34b-200k", True, 34.0, 200_000),
    ]


def test_a_list_under_another_heading_leaves_open_what_its_models_are(page_of):
    found = facts(source.read(page_of("README.md", ("### Base models", "### All models"))))
    assert found[1] == ("heron-34b", None, 34.0, 4096)


def test_older_pages_have_scores_with_the_shots_in_a_row_under_the_header(page_of):
    found = list(source.read(page_of("tables.md")))
    assert not [o for o in found if isinstance(o, Rejected)]  # means over several sets are left out
    assert [(o.model_label, o.benchmark_id, o.variant, o.score) for o in found if isinstance(o, Score)] == [
        ("Gull2-34B [base]", "mmlu", "5-shot", 62.6),
        ("Heron-34B [base]", "mmlu", "5-shot", 76.3),
        ("Heron-34B [base]", "c_eval", "5-shot", 81.4),
        ("Gull2-34B [base]", "bbh", "3-shot", 44.1),
        ("Heron-34B [base]", "bbh", "3-shot", 54.3),
        ("Gull2-13B-Chat", "mmlu", "0-shot", 50.88),
        ("Heron-6B-Chat-8bits(GPTQ)", "mmlu", "0-shot", 58.29),
        ("Gull2-13B-Chat", "mmlu", "5-shot", 47.33),
        ("Heron-6B-Chat-8bits(GPTQ)", "mmlu", "5-shot", 60.96),
        ("Gull2-13B-Chat", "c_eval", "0-shot, val", 27.93),
        ("Heron-6B-Chat-8bits(GPTQ)", "c_eval", "0-shot, val", 69.17),
        ("Gull2-13B-Chat", "gsm8k", "4-shot", 2.73),
        ("Heron-6B-Chat-8bits(GPTQ)", "gsm8k", "4-shot", 44.88),
    ]
    assert found[7].row_locator == "line 18, table 2 row 2, column 'MMLU (column 3)'"


def test_a_page_with_neither_is_an_error(open_page):
    with pytest.raises(LayoutChanged, match="tables of scores, or of Model and Download; found 0 others"):
        list(source.read(open_page("# Heron\n\nHeron is a model.\n")))


def test_the_capture_of_27_november_2024_lists_eight_models_and_its_scores_are_pictures(captures, open_page):
    found = list(source.read(open_page(captures / source.SOURCE.id / "2024-11-27" / "README.md")))
    assert facts(found) == [
        ("yi-34b-chat", False, 34.0, 4096),
        ("yi-6b-chat", False, 6.0, 4096),
        ("yi-34b", True, 34.0, 4096),
        ("yi-34b-200k", True, 34.0, 200_000),
        ("yi-9b", True, 9.0, 4096),
        ("yi-9b-200k", True, 9.0, 200_000),
        ("yi-6b", True, 6.0, 4096),
        ("yi-6b-200k", True, 6.0, 200_000),
    ]
    assert len(found) == 8

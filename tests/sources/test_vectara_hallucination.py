"""Vectara's leaderboard: our own pages for each judge, broken ones, and the real captures."""

import re

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources import vectara_hallucination as source


@pytest.fixture
def read(page_of):
    """Return a function that reads a small page, changed by (old, new) pairs that must be there."""

    def make(name, *changes):
        page = page_of(f"{name}.md", *changes)
        page.check_whole()
        return list(source.read(page))

    return make


def brief(found):
    return [(o.model_label, o.score) for o in found if isinstance(o, Score)]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def test_the_first_shape_has_accuracy_and_its_columns_in_another_order(read):
    found = read("first_judge")
    assert brief(found) == [
        ("Heron 4", 3.0),
        ("Gull 3.5 Turbo", 3.5),
        ("Wren 2 70B", 5.1),
        ("Tern-Chat", 7.5),
        ("Ibis", 8.5),
        ("Finch 2 (beta)", 8.6),
        ("Palm (swift--001)", 12.1),
        ("Crane Chat", 27.2),
    ]
    assert found[0].row_locator == "line 9, table 1 row 1"
    assert found[7].notes == "Answer Rate 88.8 %; Average Summary Length (Words) 221.1"


@pytest.mark.parametrize(
    ("name", "changes", "benchmark_id"),
    [
        ("first_judge", [], "vectara_hhem_1_0"),
        ("first_judge", [("computed using Vectara's", "computed using our")], "vectara_hhem_1_0"),
        ("first_judge", [("1000 short documents, of which 831 document", "texts"), ("CNN / Daily", "")], "vectara_hhem_1_0"),
        ("second_judge", [], "vectara_hhem_2_1"),
        ("second_judge", [("This leaderboard uses HHEM-2.1, the", "It is the")], "vectara_hhem_2_1"),
        ("second_judge", [("uses HHEM-2.1,", "uses HHEM-2.3,"), ("the HHEM-2.1 h", "the HHEM 2.3 h")], "vectara_hhem_2_3_old_dataset"),
        ("new_documents", [], "vectara_hhem_2_3"),
        ("new_documents", [("over 7700", "over 7,700")], "vectara_hhem_2_3"),
    ],
)  # fmt: skip
def test_each_judge_and_each_set_of_documents_is_a_benchmark_of_its_own(read, name, changes, benchmark_id):
    assert {o.benchmark_id for o in read(name, *changes) if isinstance(o, Score)} == {benchmark_id}


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("second_judge", [("uses HHEM-2.1,", "uses HHEM-2.3,")], "2.1 and 2.3"),
        (
            "second_judge",
            [("using the HHEM-2.1", "using the newest"), ("uses HHEM-2.1, the", "uses the")],
            "found none",
        ),
        ("new_documents", [("HHEM-2.3", "HHEM-3.0")], "found HHEM-3.0 with 7700"),
        ("new_documents", [("over 7700", "over 9100")], "found HHEM-2.3 with 9100"),
        ("new_documents", [("over 7700 articles", "many texts")], "found HHEM-2.3 with None"),
        ("second_judge", [("1000 short documents", "over 7700 articles")], "found HHEM-2.1 with 7700 and short"),
        ("first_judge", [("Hallucination Evaluation Model", "judge")], "found none"),
    ],
)
def test_a_judge_or_documents_that_cannot_be_told_are_an_error(read, name, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(name, *changes)


def test_a_rate_without_its_sign_counts_where_the_consistency_beside_it_makes_100(read):
    changes = [("|1.9 %|98.1|", "|1.9|98.1|"), ("Hallucination Rate|", "Hallucination Rate (%)|")]
    assert ("TERN Grok-2", 1.9) in brief(read("second_judge", changes[0]))
    alone = [("Factual Consistency Rate", "Remarks"), *changes]
    assert ("TERN Grok-2", 1.9) in brief(read("second_judge", *alone))
    assert "with its % sign; found '1.9'" in reasons(read("second_judge", *alone[:2]))[0]


def test_two_rates_that_do_not_make_100_are_rejected_and_rounding_is_not(read):
    found = read("second_judge", ("|6.6 %|93.7 %|", "|6.6 %|94.7 %|"))
    assert {("Ibis K2", 6.2), ("TERN Grok-3", 2.1)} <= set(brief(found))
    assert [(o.model_label, o.row_locator) for o in found if isinstance(o, Rejected)] == [
        ("Crane 1.5", "line 21, table 1 row 8")
    ]
    assert "found 6.6 and 94.7: 101.3" in reasons(found)[0]


def test_a_slip_of_the_page_in_one_of_two_rates_is_noted(read):
    found = read("second_judge")
    assert not reasons(found)
    assert [(o.model_label, o.score) for o in found if "gives a consistency of 93.7 %" in (o.notes or "")] == [
        ("Crane 1.5", 6.6)
    ]


def test_a_row_without_a_figure_says_nothing_and_vectaras_own_model_is_the_vendors(read):
    found = read("second_judge")
    assert len(found) == 10
    assert [o.model_label for o in found if isinstance(o, Score) and o.reported_by == "vendor"] == ["Vectara Finch-2"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("Hallucination Rate", "Error Rate")], "Error Rate"),
        ([("|Model|", "|System|")], "System"),
        ([("Hallucination Rate|Factual", "Factual"), ("Consistency Rate|", "Consistency Rate|Hallucination Rate|")], "median"),
    ],
)  # fmt: skip
def test_a_table_in_another_shape_is_an_error_that_says_what_it_found(read, changes, told):
    with pytest.raises(LayoutChanged, match=told):
        read("new_documents", *changes)


def test_columns_may_be_added_and_names_may_be_links(read):
    changes = [("|Model|", "|Rank|Model|"), ("|----|", "|----|----|"), ("|Gull-4o|", "|3|[Gull-4o](https://x.org)|")]
    found = read("second_judge", *changes, ("|Heron 5|", "|1|Heron 5|"))
    assert ("Gull-4o", 1.5) in brief(found) and ("Heron 5", 0.7) in brief(found)


def test_fractions_are_no_percentages(read):
    found = read("new_documents", ("|3.3 %|96.7 %|", "|0.033|0.967|"))
    assert "found 0.033 and 0.967: 1" in reasons(found)[0]


def test_a_page_in_html_says_its_judge_in_paragraphs(open_page):
    rows = "".join(f"<tr><td>Heron {n}</td><td>{n}.5 %</td></tr>" for n in range(1, 9))
    table = f"<table><tr><th>Model</th><th>Hallucination Rate</th></tr>{rows}</table>"
    prose = "<p>This leaderboard uses <a href='/hhem-1.0-final'>HHEM-2.3</a>.</p><ul><li>Over 7700 articles</li></ul>"
    found = list(source.read(open_page(f"<html><body>{table}{prose}</body></html>")))
    assert (len(found), found[0].benchmark_id, found[0].score) == (8, "vectara_hhem_2_3", 1.5)


# --- real captures; the figures were read off the page by eye ---


@pytest.fixture
def capture(captures, open_page):
    def make(day):
        return list(source.read(open_page(captures / source.SOURCE.id / day / "README.md", source.SOURCE.urls[0], day)))

    return make


def test_the_capture_of_november_2023_has_14_models_by_the_first_judge(capture):
    found = capture("2023-11-30")
    assert len(found) == 14 and {o.benchmark_id for o in found} == {"vectara_hhem_1_0"}
    assert brief(found)[:3] == [("GPT 4", 3.0), ("GPT 4 Turbo", 3.0), ("GPT 3.5 Turbo", 3.5)]
    assert brief(found)[9:] == [
        ("Google Palm 2 (beta)", 8.6),
        ("Mistral 7B", 9.4),
        ("Google Palm 2 Chat (beta)", 10.0),
        ("Google Palm 2", 12.1),
        ("Google Palm 2 Chat", 27.2),
    ]


def test_the_capture_of_june_2024_has_42_models_by_the_first_judge(capture):
    found = capture("2024-06-30")
    assert len(found) == 42 and {o.benchmark_id for o in found} == {"vectara_hhem_1_0"}
    assert {("GPT 4 Turbo", 2.5), ("GPT 4o", 3.7), ("Anthropic Claude 3.5 Sonnet", 6.7)} <= set(brief(found))
    assert brief(found)[-1] == ("Apple OpenELM-3B-Instruct", 22.4)


def test_the_capture_of_march_2025_has_108_rows_of_which_one_contradicts_itself(capture):
    found = capture("2025-03-01")
    assert len(brief(found)) == len(found) == 108
    assert {o.benchmark_id for o in found} == {"vectara_hhem_2_1"}
    assert [o.model_label for o in found if "gives a consistency" in (o.notes or "")] == ["Google Gemini-1.5-Pro-002"]
    assert {("GPT-4o", 1.5), ("GPT-4", 1.8), ("XAI-2", 1.9), ("DeepSeek-R1", 14.3)} <= set(brief(found))


def test_the_capture_of_march_2026_has_96_models_on_the_new_documents(capture):
    found = capture("2026-03-10")
    assert len(brief(found)) == len(found) == 96
    assert {o.benchmark_id for o in found} == {"vectara_hhem_2_3"}
    assert brief(found)[0] == ("antgroup/finix_s1_32b", 1.8)
    assert {("openai/gpt-4o-2024-08-06", 9.6), ("amazon/nova-pro-v1:0", 5.1)} <= set(brief(found))
    assert brief(found)[-1] == ("mistralai/ministral-3-3b-2512", 24.2)

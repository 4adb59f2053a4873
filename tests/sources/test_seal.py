"""SEAL's boards: our own pages in the shape of 2024 and of labs.scale.com, whole and broken. No capture is at hand."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected, Score
from flows.sources import seal
from flows.sources._seal_boards import BOARDS

SCALE, LABS = "https://scale.com/leaderboard", "https://labs.scale.com/leaderboard"
REFERENCE = Path(__file__).parents[2] / "warehouse" / "reference" / "benchmarks.csv"


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads a small page under an address, changed by (old, new) pairs that must be there."""

    def make(name, url, *changes, cut=None, within=lambda text: text):
        text = (pages / "seal" / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        page = open_page(within(text)[:cut], url)
        page.check_whole()
        return list(seal.read(page))

    return make


def flight(stream, every=97):
    """Return the page that carries a stream in escaped pieces, cut in mid-string, and repeats each row in its markup."""
    pieces = [stream[i : i + every] for i in range(0, len(stream), every)]
    pushes = "".join(f"<script>self.__next_f.push([1,{json.dumps(p)}])</script>\n" for p in pieces)
    names = re.findall(r'"model":"((?:[^"\\]|\\.)*)"', stream)
    rows = "".join(f'<p data-model-name="true" title="{n}">{n}</p><span>99.9±1.0</span>' for n in names)
    markup = f'<div class="lg:hidden">{rows}</div><div class="hidden lg:block">{rows}</div>'
    return f"<!DOCTYPE html><html><head><title>Board</title></head><body>{markup}{pushes}</body></html>"


def brief(found):
    return [(o.benchmark_id, o.model_label, o.score) for o in found]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


# --- the tables of 2024 ---


def test_a_board_of_2024_is_the_one_its_address_names_and_gives_names_without_badges(read):
    found = read("board_2024.html", f"{SCALE}/coding")
    assert brief(found) == [
        ("seal_coding", "Heron 3 Large", 1201.0),
        ("seal_coding", "Gull-4o", 1149.0),
        ("seal_coding", "Wren 3", 1149.0),  # '32nd' among six rows: the second, of Wren 3
        ("seal_coding", "Tern 1.5 Pro (May 2024)", 1052.0),
        ("seal_coding", "Ibis Turbo Preview", 987.0),
        ("seal_coding", "CodeFinch 34B Instruct", 690.0),
    ]
    assert all(o.reported_by == "independent" and o.row_locator.startswith("line ") for o in found)


def test_the_interval_of_2024_is_asymmetric_and_its_level_stands_in_the_header(read):
    found = read("board_2024.html", f"{SCALE}/coding")
    assert (found[0].ci_low, found[0].ci_high, found[0].ci_level) == (1172.0, 1232.0, 0.95)
    assert (found[4].ci_low, found[4].ci_high, found[4].ci_level) == (None, None, None)
    other = read("board_2024.html", f"{SCALE}/coding", ("95% Confidence", "90% CI"))
    assert other[0].ci_level == 0.9


def test_a_star_of_2024_is_a_warning_of_contamination(read):
    found = read("board_2024.html", f"{SCALE}/coding")
    assert [o.is_contaminated for o in found] == [True, False, False, False, False, True]


def test_several_boards_on_one_page_are_told_by_their_headings_and_a_repeated_one_counts_once(read):
    found = read("boards_2024.html", SCALE)
    assert brief(found) == [
        ("seal_coding", "Gull-4o", 1149.0),
        ("seal_coding", "Heron 3 Large", 1120.0),
        ("seal_instruction_following", "Heron 3 Large", 90.35),
        ("seal_instruction_following", "Gull-4o", 88.1),
        ("seal_math", "Gull-4o", 95.19),
        ("seal_spanish", "Gull-4o", 1139.0),
        ("seal_adversarial_robustness", "Tern 1.5 Pro (May 2024)", 8.0),
        ("seal_adversarial_robustness", "Gull-4o", 67.0),
    ]
    assert (found[2].ci_low, found[2].ci_high) == pytest.approx((88.83, 91.88))
    assert (found[6].ci_low, found[6].ci_high) == (3.0, 17.0)  # a count's interval may be as wide as the count


def test_an_archive_address_still_names_the_board(read):
    url = "https://web.archive.org/web/20240805/https://scale.com/leaderboard/coding/?utm=x"
    assert {o.benchmark_id for o in read("board_2024.html", url)} == {"seal_coding"}


def test_a_markdown_copy_of_a_board_reads_alike(open_page):
    text = (
        "# Math\n\n| Model | Score | 95% Confidence |\n|---|---|---|\n"
        "| Gull-4o 1st | 95.19 | +1.21/-1.21 |\n| Heron\\* 2nd | 90 | +1/-1 |\n"
    )
    found = list(seal.read(open_page(text, f"{SCALE}/math")))
    assert [(o.model_label, o.score, o.is_contaminated) for o in found] == [
        ("Gull-4o", 95.19, False),
        ("Heron", 90.0, True),
    ]


@pytest.mark.parametrize(
    ("url", "changes", "told"),
    [
        (f"{SCALE}/korean", [], "the board 'korean'"),
        (SCALE, [("Spanish →", "Korean →")], "Korean"),
        (SCALE, [("<h2>Spanish →</h2>", "<h2>Math</h2>")], "seal_math"),
        (SCALE, [("Score", "Points"), ("Number of Violations", "Points")], "Points"),
        (SCALE, [("<th>95% Confidence</th>", "<th>Votes</th>")], "Votes"),
        (SCALE, [(">90.35<", ">0.9035<"), (">88.10<", ">0.8810<")], "fractions"),
        (SCALE, [("</table>\n</div>\n</body>\n</html>\n", "")], "cut off"),
        (f"{SCALE}/coding", [], "its parts by name"),  # five tables where the address promises one board
    ],
)
def test_a_page_of_2024_in_another_shape_is_an_error_that_says_what_it_found(read, url, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read("boards_2024.html", url, *changes)


def test_swapped_columns_of_2024_reject_every_row(read):
    found = read(
        "board_2024.html",
        f"{SCALE}/coding",
        ("<th>Score</th><th>95%", "<th>95%"),
        ("ence</th>", "ence</th><th>Score</th>"),
    )
    assert len(found) == len(reasons(found)) == 6
    assert all("expected a number; found" in reason for reason in reasons(found)[:4])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1,201", "pending", "expected a number; found 'pending'"),
        ("1,201", "12", "from 100 to 3000 (elo)"),
        ("+31/-29", "31 %", "an interval round 1201"),
        ("Heron 3 Large*</span>", "</span>", "a model's name"),
    ],
)
def test_one_bad_row_of_2024_is_rejected_with_its_reason_and_the_others_stay(read, old, new, told):
    found = read("board_2024.html", f"{SCALE}/coding", (old, new))
    assert len(found) == 6
    assert len(reasons(found)) == 1 and told in reasons(found)[0]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("3rdGull-4o", "Gull-4o"),
        ("2ndgull-4o", "2ndgull-4o"),  # lower case, and not the second row
        ("1stgull-4o", "gull-4o"),
        ("9thGull", "9thGull"),  # of three rows none is the ninth
        ("2stGull", "2stGull"),
        ("01stGull", "01stGull"),
    ],
)
def test_a_rank_in_front_of_the_name_is_cut_off_where_it_can_be_one(open_page, cell, name):
    rows = "".join(
        f"<tr><td>{c}</td><td>{60 - n}</td><td>+1/-1</td></tr>" for n, c in enumerate([cell, "Wren", "Tern"])
    )
    table = f"<table><tr><th>Model</th><th>Score</th><th>95% Confidence</th></tr>{rows}</table>"
    found = list(seal.read(open_page(f"<html><body>{table}</body></html>", f"{SCALE}/math")))
    assert found[0].model_label == name


def test_a_rank_that_cannot_be_told_from_the_name_is_rejected(open_page):
    rows = "".join(f"<tr><td>Gull {n} b</td><td>{60 - n}</td><td>+1/-1</td></tr>" for n in range(1, 21))
    rows += "<tr><td>Gull 21st</td><td>30</td><td>+1/-1</td></tr>"
    table = f"<table><tr><th>Model</th><th>Score</th><th>95% Confidence</th></tr>{rows}</table>"
    found = list(seal.read(open_page(f"<html><body>{table}</body></html>", f"{SCALE}/math")))
    assert len(found) == 21 and "can be told apart" in reasons(found)[0]


# --- the payload of labs.scale.com ---


@pytest.mark.parametrize("within", [str, flight], ids=["RSC answer", "escaped in a page"])
def test_the_public_and_the_private_set_on_one_page_are_told_by_their_titles(read, within):
    found = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public", within=within)
    assert brief(found) == [
        ("swe_bench_pro_public", 'Heron 5 "Long" (xHigh)', 61.5),
        ("swe_bench_pro_public", 'Heron 5 "Long" (xHigh)', 58.25),
        ("swe_bench_pro_public", "Gull ñandú [preview] (2026-01)", 40.0),
        ("swe_bench_pro_public", "Wren 2 (High)", 22.71),
        ("swe_bench_pro_private", "Gull ñandú", 23.5),
        ("swe_bench_pro_private", "Wren 2 (High)", 20.1),
    ]


@pytest.mark.parametrize("every", [1, 7, 40, 1000])
def test_it_does_not_matter_where_the_stream_is_cut_into_pieces(read, every):
    whole = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public")
    pieces = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public", within=lambda text: flight(text, every))
    assert pieces == whole


def test_the_upper_interval_is_a_half_width_and_a_lower_one_stands_beside_it(read):
    found = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public")
    assert [(o.ci_low, o.ci_high, o.ci_level) for o in found[:4]] == [
        pytest.approx((58.4, 64.6, 0.95)),
        pytest.approx((54.65, 61.85, 0.95)),
        (37.5, 43.5, 0.95),
        (None, None, None),
    ]
    other = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public", ("95% confidence", "90 % confidence"))
    assert other[0].ci_level == 0.9


def test_a_star_is_a_harness_by_the_footnote_or_a_warning_by_the_entrys_own_message(read):
    found = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public")
    assert [(o.variant, o.is_contaminated, o.notes) for o in found] == [
        ("mini-finch-agent", False, "* Run with mini-finch-agent harness"),
        (None, False, None),
        (None, False, None),
        ("deprecated", False, "deprecated by the publisher"),
        (None, False, None),
        (None, True, "Scale ran this model after its vendor had seen the prompts."),
    ]


def test_a_star_without_an_explanation_keeps_its_row_apart(read):
    found = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public", ("*Run with mini-finch-agent harness", "Notes"))
    assert (found[0].variant, found[0].notes) == ("marked", "marked with *, which the page does not explain")
    assert found[1].variant is None


def test_the_day_an_entry_was_put_up_is_its_date(read):
    found = read("two_sets.rsc", f"{LABS}/swe_bench_pro_public")
    assert [o.measured_on for o in found[:2]] == [date(2026, 7, 9), date(2026, 5, 1)]


def test_a_list_that_the_stream_repeats_counts_once(read):
    """Some streams carry the same list for small and large screens, or refer to it."""
    url = f"{LABS}/humanitys_last_exam"
    once = read("exam.rsc", url)
    assert read("exam.rsc", url, within=lambda text: text + "b" + text) == once
    assert read("exam.rsc", url, within=lambda text: text + '6:{"entries":"$4:props:children:entries"}\n') == once
    assert read("exam.rsc", url, within=lambda text: '3:{"entries":[{"href":"/blog"}]}\n' + text) == once


def test_the_exam_has_a_calibration_error_as_a_benchmark_of_its_own(read):
    found = read("exam.rsc", f"{LABS}/humanitys_last_exam")
    assert brief(found) == [
        ("hle", "Heron 5", 38.3),
        ("hle_calibration_error", "Heron 5", 51.0),
        ("hle", "Gull 4.5", 13.7),
        ("hle", "Wren 2", 13.2),  # tied for the second rank
        ("hle_calibration_error", "Wren 2", 88.5),
    ]  # and nothing of the model that is listed without a score
    assert found[1].ci_low is None


def test_where_the_address_names_no_board_the_payloads_own_title_does(read):
    assert read("exam.rsc", LABS)[0].benchmark_id == "hle"
    with pytest.raises(LayoutChanged, match="Humanity's Next Exam"):
        read("exam.rsc", LABS, ("Last Exam", "Next Exam"))


def test_a_title_never_overrules_the_address(read):
    assert read("exam.rsc", f"{LABS}/humanitys_last_exam_text_only")[0].benchmark_id == "hle_text_only"


@pytest.mark.parametrize(
    ("slug", "benchmark_id"),
    [
        ("hil", "seal_hil_bench"),
        ("drugdiscoverybench", "seal_drug_discovery_bench"),
        ("scipredict", "seal_scipredict"),
        ("audiomc-audio", "seal_audio_multichallenge_speech"),
        ("audiomc", "seal_audio_multichallenge"),
    ],
)
def test_a_board_without_a_calibration_of_its_own_gives_a_score_per_model_alone(read, slug, benchmark_id):
    found = read("exam.rsc", f"{LABS}/{slug}")
    assert brief(found) == [
        (benchmark_id, "Heron 5", 38.3),
        (benchmark_id, "Gull 4.5", 13.7),
        (benchmark_id, "Wren 2", 13.2),
    ]


@pytest.mark.parametrize(
    ("title", "benchmark_id"),
    [
        ("HiL-Bench (Human-in-Loop Benchmark)", "seal_hil_bench"),
        ("SWE Atlas - Test Writing", "seal_swe_atlas_test_writing"),
        ("SWE Atlas - Codebase QnA", "seal_swe_atlas_qna"),
        ("SWE Atlas - Refactoring", "seal_swe_atlas_refactoring"),
        ("Remote Labor Index (RLI)", "seal_remote_labor_index"),
        ("DrugDiscoveryBench", "seal_drug_discovery_bench"),
    ],
)
def test_the_menus_own_titles_name_their_boards(read, title, benchmark_id):
    assert {o.benchmark_id for o in read("exam.rsc", LABS, ("Humanity's Last Exam", title))} == {benchmark_id}


def test_the_arabic_board_is_a_rating_by_preference_and_no_percentage(read):
    ratings = [("38.3", "1138.3"), ("13.7", "1013.7"), ("13.2", "1013.2")]
    assert brief(read("exam.rsc", f"{LABS}/arabic", *ratings))[0] == ("seal_arabic", "Heron 5", 1138.3)
    assert all("from 100 to 3000 (elo)" in reason for reason in reasons(read("exam.rsc", f"{LABS}/arabic")))


def test_on_a_lower_is_better_board_the_lowest_score_ranks_first(read):
    found = read("lower_is_better.rsc", f"{LABS}/propensitybench")
    assert brief(found)[0] == ("seal_propensitybench", "Heron 5", 10.5)
    with pytest.raises(LayoutChanged, match="higher scores of mask ranked first; found rank 1 with"):
        read("lower_is_better.rsc", f"{LABS}/mask")


@pytest.mark.parametrize(
    ("name", "slug", "changes", "told"),
    [
        ("exam", "humanitys_first_exam", [], "the board 'humanitys_first_exam'"),
        ("exam", "humanitys_last_exam", [('"score"', '"accuracy"')], "with model and score"),
        ("exam", "humanitys_last_exam", [('"model"', '"name"')], "with model and score"),
        ("exam", "humanitys_last_exam", [("_upper", "_width")], "confidenceInterval_width"),
        ("exam", "humanitys_last_exam", [('"entries"', '"rows"')], "no payload with entries"),
        ("exam", "humanitys_last_exam", [('"score":38.3', '"score":13.1')], "ranked first"),
        (
            "exam",
            "humanitys_last_exam",
            [('"score":38.3', '"score":0.383'), ('"score":13.7', '"score":0.137'), ('"score":13.2', '"score":0.132')],
            "fractions",
        ),
        ("exam", "humanitys_last_exam", [("51", "0.51"), ("88.5", "0.885")], "fractions"),
        ("exam", "humanitys_last_exam", [('"score"', '"s"'), ('"rank"', '"score"'), ('"s"', '"rank"')], "whole ranks"),
        ("two_sets", "swe_bench_pro_public", [("Private Dataset", "Held-out")], "or its parts by name"),
        ("two_sets", "swe_bench_pro_public", [("Private Dataset", "Public")], "one list to a board"),
        ("two_sets", "mask", [], "one list of mask"),
    ],
)
def test_a_payload_in_another_shape_is_an_error_that_says_what_it_found(read, name, slug, changes, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(f"{name}.rsc", f"{LABS}/{slug}", *changes)


@pytest.mark.parametrize(
    "stream", ['4:{"entries":[]}', '4:{"entries":null}', '4:{"entries":"$5:props"}', '4:{"entries":[{"m']
)
@pytest.mark.parametrize("within", [str, flight], ids=["RSC answer", "escaped in a page"])
def test_entries_that_are_empty_missing_or_cut_off_are_an_error(open_page, stream, within):
    with pytest.raises(LayoutChanged, match="entries"):
        list(seal.read(open_page(within(stream), f"{LABS}/mask")))


@pytest.mark.parametrize("cut", [400, 700, 1500])
def test_a_stream_cut_off_is_an_error(read, cut):
    with pytest.raises(LayoutChanged):
        read("two_sets.rsc", f"{LABS}/swe_bench_pro_public", cut=cut)


def test_swapped_score_and_interval_reject_every_row_that_has_both(read):
    changes = [('"score"', '"s"'), ('"confidenceInterval_upper"', '"score"'), ('"s"', '"confidenceInterval_upper"')]
    found = read("exam.rsc", f"{LABS}/humanitys_last_exam", *changes)
    assert len(reasons(found)) == len(found) == 4
    assert "the half-width of an interval round 1.9; found 38.3" in reasons(found)[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"score":13.7', '"score":"n/s"', "field 'score': expected a number; found 'n/s'"),
        ('"score":13.7', '"score":true', "expected a number"),
        ('"score":13.7', '"score":NaN', "expected a number"),
        ('"score":38.3', '"score":383', "from 0 to 100 (percent); found 383"),
        (
            '"confidenceInterval_upper":1.9',
            '"confidenceInterval_upper":40.2',
            "the half-width of an interval round 38.3",
        ),
        ('"confidenceInterval_upper":1.9', '"confidenceInterval_upper":-1.9', "the half-width"),
        ("2025-10-02T00:00:00.000Z", "yesterday", "expected a date; found 'yesterday'"),
        ('"model":"Gull 4.5"', '"model":"*"', "a model's name"),
        ('"model":"Gull 4.5",', "", "expected field 'model'"),
        ('{"model":"Gull 4.5"', '"$1e",{"model":"Gull 4.5"', "an object"),
    ],
)
def test_one_bad_entry_is_rejected_with_its_reason_and_the_others_stay(read, old, new, told):
    found = read("exam.rsc", f"{LABS}/humanitys_last_exam", (old, new))
    assert len(reasons(found)) == 1 and told in reasons(found)[0]
    assert len([o for o in found if isinstance(o, Score)]) >= 3


# --- the declaration ---


def test_addresses_come_from_the_boards_and_none_of_the_past_is_fetched():
    assert f"{LABS}/humanitys_last_exam" in seal.SOURCE.urls
    assert f"{LABS}/coding" not in seal.SOURCE.urls
    assert f"{SCALE}/coding" in seal.ARCHIVED_URLS
    assert not seal.SOURCE.may_republish


def test_parts_name_declared_boards():
    assert {slug for board in BOARDS.values() for slug in board.parts.values()} <= BOARDS.keys()


def test_every_board_fills_a_benchmark_of_the_reference_in_its_unit_and_direction():
    declared = {row["benchmark_id"]: row for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
    units = {"percent": "percent", "elo": "elo", "count": "points"}
    wanted = {b.benchmark_id: (units[b.unit], str(b.higher_is_better).lower()) for b in BOARDS.values()}
    wanted |= {
        f"{b.benchmark_id}_calibration_error": ("percent", "false") for b in BOARDS.values() if b.has_calibration
    }
    there = {i: (declared[i]["unit"], declared[i]["higher_is_better"]) for i in wanted if i in declared}
    assert there == wanted

"""EvalPlus's results: our own small file, others of another shape, and the real capture."""

import json
import re

import pytest

from flows.errors import LayoutChanged
from flows.records import Rejected
from flows.sources import evalplus as source

URL = source.SOURCE.urls[0]


@pytest.fixture
def read(pages, open_page):
    """Return a function that reads the small file after `change` worked on its data."""

    def make(change=lambda data: None):
        data = json.loads((pages / "evalplus" / "results.json").read_text())
        changed = change(data)
        return list(source.read(open_page(json.dumps(data if changed is None else changed), URL)))

    return make


def brief(found):
    return [(o.model_label, o.benchmark_id, o.score) for o in found if not isinstance(o, Rejected)]


def reasons(found):
    return [o.reason for o in found if isinstance(o, Rejected)]


def test_each_share_is_a_score_and_null_is_none(read):
    found = read()
    assert brief(found)[:4] == [
        ("Heron-7B [base]", "humaneval", 51.8),
        ("Heron-7B [base]", "humaneval_plus", 45.7),
        ("Heron-7B [base]", "mbpp_evalplus", 73.5),
        ("Heron-7B [base]", "mbpp_plus", 60.8),
    ]
    assert [b for label, b, _ in brief(found) if label.startswith("Wren-33B")] == ["humaneval", "humaneval_plus"]
    assert len(found) == 20
    assert found[1].row_locator == "$['Heron-7B']['pass@1']['humaneval+']"


def test_only_the_shared_benchmark_names_the_harness(read):
    assert {(o.benchmark_id, o.variant) for o in read()} == {
        ("humaneval", "evalplus"),
        ("humaneval_plus", None),
        ("mbpp_evalplus", None),
        ("mbpp_plus", None),
        ("mbpp_evalplus_v1", None),
        ("mbpp_plus_v1", None),
    }


def test_a_label_says_base_or_instruct_where_the_name_does_not(read):
    assert list(dict.fromkeys(label for label, _, _ in brief(read()))) == [
        "Heron-7B [base]",
        "Heron-7B-Instruct",
        "Gull Large (Mar 2024) [instruct]",
        "Wren-33B [base]",
        "Vicuna-Wren-13B",  # a chat model, though it was left to go on with the code
        "Dodo-2B-it",
    ]


def test_shares_of_399_tasks_are_another_version_of_mbpp(read):
    dodo = [o for o in read() if o.model_label == "Dodo-2B-it"]  # 119 and 93 of 399; no whole number of 378
    assert [(o.benchmark_id, o.score) for o in dodo][2:] == [("mbpp_evalplus_v1", 29.8), ("mbpp_plus_v1", 23.3)]
    assert "399 tasks" in dodo[2].notes and dodo[0].notes is None


def test_in_a_file_of_399_tasks_what_could_be_either_is_of_399_too(read):
    def to_the_older_tasks(data):
        shares = [(73.2, 59.9), (78.7, 66.7), (50.1, 40.9), (None, None), (None, None), (50.1, 40.1)]
        for entry, (base, plus) in zip(data.values(), shares, strict=True):
            entry["pass@1"].update({"mbpp": base, "mbpp+": plus})

    assert {b for _, b, _ in brief(read(to_the_older_tasks)) if "mbpp" in b} == {"mbpp_evalplus_v1", "mbpp_plus_v1"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: list(data.values()), "an object of models"),
        (lambda data: {}, "an object of models"),
        (lambda data: {"models": data}, "an object of models"),
        (lambda data: {k: {**v, "prompted": "yes"} for k, v in data.items()}, "'prompted'"),
        (lambda data: {k: {**v, "pass@1": 51.8} for k, v in data.items()}, "'pass@1'"),
        (lambda data: {k: {"scores": v["pass@1"], "prompted": True} for k, v in data.items()}, "'pass@1'"),
    ],
)
def test_json_of_another_shape_is_an_error_and_never_an_empty_source(read, change, told):
    with pytest.raises(LayoutChanged, match=re.escape(told)):
        read(change)


def test_json_cut_off_is_an_error(pages, open_page):
    text = (pages / "evalplus" / "results.json").read_text()
    with pytest.raises(LayoutChanged, match="JSON to its end"):
        list(source.read(open_page(text[:-40], URL)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"humaneval": "51.8"}, "a percentage as a number; found '51.8'"),
        ({"humaneval": True}, "a percentage as a number; found True"),
        ({"mbpp": float("nan")}, "a percentage as a number; found nan"),
        ({"cruxeval": 40.0}, "one of humaneval, humaneval+, mbpp, mbpp+; found 'cruxeval'"),
    ],
)
def test_one_bad_value_is_rejected_and_the_others_stay(read, change, told):
    found = read(lambda data: data["Heron-7B"]["pass@1"].update(change))
    assert len(reasons(found)) == 1 and told in reasons(found)[0]
    assert len(brief(found)) >= 19


def test_a_file_without_any_share_in_mbpp_reads(read):
    def empty(data):
        for entry in data.values():
            entry["pass@1"].update({"mbpp": None, "mbpp+": None})

    assert {o.benchmark_id for o in read(empty)} == {"humaneval", "humaneval_plus"}


def test_a_renamed_share_is_said_twice_and_not_left_out(read):
    def rename(data):
        shares = data["Heron-7B"]["pass@1"]
        shares["HumanEval"] = shares.pop("humaneval")

    assert len(reasons(read(rename))) == 2


# --- the real capture; the figures were read off the file by eye ---


def test_the_capture_of_april_2024_has_109_models(captures, open_page):
    found = list(source.read(open_page(captures / "evalplus/2024-04-29/results.json", URL)))
    assert not reasons(found)
    rows = {(label, benchmark): score for label, benchmark, score in brief(found)}
    assert len(rows) == len(found) == 109 * 2 + 69 * 2
    assert rows["CodeLlama-70B-Instruct", "humaneval"] == 72.0
    assert rows["Mistral-7B [base]", "mbpp_plus"] == 42.1
    assert rows["claude-3-opus (Mar 2024) [instruct]", "humaneval_plus"] == 76.8
    assert rows["Zephyr \u03b2-7B", "mbpp_evalplus"] == 42.1
    assert rows["StarCoder-15B [base]", "mbpp_evalplus_v1"] == 55.1  # as in the older table of 399 tasks
    assert sum(benchmark.endswith("_v1") for _, benchmark in rows) == 16


def test_more_passed_with_additional_tests_than_without_is_rejected(read):
    def exchange(data):
        shares = data["Heron-7B"]["pass@1"]
        shares["humaneval"], shares["humaneval+"] = shares["humaneval+"], shares["humaneval"]

    found = read(exchange)
    assert [o.model_label for o in found if isinstance(o, Rejected)] == ["Heron-7B"] * 2
    assert "expected at most 45.7 with the additional tests; found 51.8" in reasons(found)[0]


def test_shares_that_are_no_whole_numbers_of_humanevals_tasks_are_another_benchmarks(read):
    def exchange(data):
        for n in range(12):
            shares = {"humaneval": 50.3 + n / 5, "humaneval+": None, "mbpp": None, "mbpp+": None}
            data[f"Model {n}"] = {"pass@1": shares, "prompted": True}

    with pytest.raises(LayoutChanged, match=r"expected shares of 164 tasks under 'humaneval'"):
        read(exchange)

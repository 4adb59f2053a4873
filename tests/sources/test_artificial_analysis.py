"""Artificial Analysis: the documented API, and flat rows of the same figures as scrapers of the site keep them."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Price, Rejected, Score, Speed
from flows.replay import stored_captures
from flows.sources.artificial_analysis import SOURCE, read
from flows.tables import Page


def of(kind, rows):
    return [row for row in rows if isinstance(row, kind)]


def scores_of(rows, label):
    return {row.benchmark_id: row.score for row in of(Score, rows) if row.model_label == label}


def test_the_api_gives_scores_in_percent_prices_and_speed(page_of):
    rows = list(read(page_of("api.json")))
    assert not of(Rejected, rows)
    assert scores_of(rows, "Heron 3 (high)") == pytest.approx(
        {
            "mmlu_pro": 81.2,
            "gpqa_diamond": 70.45,
            "hle_text_only": 11.3,
            "livecodebench": 65.5,
            "scicode": 40.1,
            "aime_2024": 70,
            "aime_2025": 73.3,
            "ifbench": 50,
            "aa_lcr": 42,
            "terminal_bench_hard": 25,
            "tau2_bench_telecom": 80,
        }
    )
    assert [(p.token_kind, p.amount_original) for p in of(Price, rows)] == [
        ("input", Decimal(1)),
        ("output", Decimal(6)),
        ("blended", Decimal("2.25")),
    ]
    (speed,) = of(Speed, rows)
    assert (speed.model_label, speed.tokens_per_second, speed.ttft_seconds) == ("Heron 3 (high)", 98.75, 0.61)
    assert (speed.provider_id, speed.statistic) == ("artificial-analysis", "median")
    assert speed.row_locator == "$['data'][0]['median_output_tokens_per_second']"


def test_a_zero_stands_for_no_price_and_no_speed(page_of):
    rows = list(read(page_of("api.json")))
    assert {row.model_label for row in of(Price, rows) + of(Speed, rows)} == {"Heron 3 (high)"}
    assert scores_of(rows, "Bittern 7B") == {"mmlu_pro": 40}


def test_the_rows_of_the_site_say_the_same(page_of):
    api, site = list(read(page_of("api.json"))), list(read(page_of("site.json")))
    assert not of(Rejected, site)
    seen = scores_of(site, "Heron 3 (high)")
    assert seen == {name: scores_of(api, "Heron 3 (high)")[name] for name in seen}
    assert len(seen) == 5
    mine = [p for p in of(Price, site) if p.model_label == "Heron 3 (high)"]
    assert [p.amount_original for p in mine] == [p.amount_original for p in of(Price, api)]


def test_models_of_one_name_are_told_apart(page_of):
    rows = list(read(page_of("site.json")))
    assert scores_of(rows, "Bittern 7B (Non-reasoning)") == {"gpqa_diamond": 31, "aa_lcr": 3.5}
    assert scores_of(rows, "Bittern 7B (Reasoning)") == {"gpqa_diamond": 41, "aa_lcr": 0}
    twice = page_of("site.json", ('"reasoning": true, "release": "2025', '"reasoning": false, "release": "2025'))
    labels = {row.model_label for row in of(Score, list(read(twice)))}
    assert "Bittern 7B (Non-reasoning) (bittern-7b-reasoning)" in labels


def test_a_bare_name_beside_one_that_thinks_and_a_preview_are_labelled_so(page_of):
    page = page_of(
        "site.json",
        (
            '"name": "Bittern 7B", "creator": "Waders", "params": 7.3, "active": 7.3, "ii": 19.1',
            '"name": "Bittern 7B (high)", "ii": 19.1',
        ),
    )
    labels = {row.model_label for row in of(Score, list(read(page)))}
    assert labels == {"Heron 3 (high)", "Bittern 7B (Non-reasoning)", "Bittern 7B (high)"}
    page = page_of("site.json", ('"slug": "bittern-7b"', '"slug": "bittern-7b-preview"'))
    assert "Bittern 7B [bittern-7b-preview]" in {row.model_label for row in of(Score, list(read(page)))}


def test_facts_of_a_model_come_along(page_of):
    fact = of(ModelFact, list(read(page_of("site.json"))))[1]
    assert (fact.model_id, fact.access, fact.params_total_b, fact.licence) == ("bittern-7b", "open", 7.3, "Apache 2.0")
    assert (str(fact.released_on), fact.is_reasoning, fact.context_tokens) == ("2025-11-01", False, 32000)


def test_a_benchmark_that_is_not_known_is_said_once(page_of):
    page = page_of("api.json", ('"tau2": 0.8', '"tau2": 0.8, "new_bench": 0.5'))
    (bad,) = of(Rejected, list(read(page)))
    assert "'new_bench' in 1 models" in bad.reason


@pytest.mark.parametrize(
    ("name", "change", "error"),
    [
        ("api.json", ('"gpqa": 0.7045', '"gpqa": 70.45'), "a fraction from 0 to 1; found 70.45"),
        ("api.json", ('"gpqa": 0.7045', '"gpqa": "high"'), "a number of zero or more"),
        ("site.json", ('"price_in": 1,', '"price_in": "cheap",'), "price_in"),
        ("site.json", ('"speed": 98.75', '"speed": -1'), "speed"),
    ],
)
def test_a_figure_that_cannot_be_right_sets_its_model_aside(page_of, name, change, error):
    rows = list(read(page_of(name, change)))
    (bad,) = of(Rejected, rows)
    assert bad.model_label == "Heron 3 (high)" and error in bad.reason
    assert not scores_of(rows, "Heron 3 (high)")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"status": 401, "error": "invalid key"}',
        '{"data": []}',
        '[{"slug": "a", "name": "A"}]',
        '{"data": [{"name": "A", "slug": "a", "evaluations": {"gpqa": 0.5}, "pricing": {"price_1m_input_tokens": 1}}]}',
        '{"data": [',
    ],
)
def test_another_shape_is_no_empty_source(open_page, text):
    with pytest.raises(LayoutChanged):
        list(read(open_page(text)))


def test_it_needs_a_key_and_is_not_republished():
    assert SOURCE.key_env == "ARTIFICIAL_ANALYSIS_API_KEY" and not SOURCE.may_republish
    assert SOURCE.headers == {"x-api-key": "{key}"}


EXPECTED = {"2026-07-01": (536, 307, 364), "2026-08-22": (285, 273, 271)}


def test_every_row_of_the_captures_is_read_as_the_file_has_it(captures):
    found = stored_captures(captures, ["artificial_analysis"])["artificial_analysis"]
    for capture in found:
        rows = list(read(Page(capture.body, capture.url, capture.captured_at)))
        assert not of(Rejected, rows)
        items = json.loads(capture.body)
        counts = EXPECTED.get(f"{capture.captured_at:%Y-%m-%d}")
        assert counts is None or counts == (len(items), len(of(Speed, rows)), len(of(Price, rows)) // 3)
        for key, benchmark_id in {"gpqa": "gpqa_diamond", "hle": "hle_text_only", "aime25": "aime_2025"}.items():
            wanted = [round(item[key] * 100, 9) for item in items if item[key] is not None]
            assert [round(r.score, 9) for r in of(Score, rows) if r.benchmark_id == benchmark_id] == wanted
        assert [r.score for r in of(Score, rows) if r.benchmark_id == "aa_lcr"] == [
            item["lcr"] for item in items if item["lcr"] is not None
        ]
        labels = Counter(row.model_label for row in of(ModelFact, rows))
        assert len(labels) == len(items)
        assert [r.tokens_per_second for r in of(Speed, rows)] == [i["speed"] for i in items if i["speed"] is not None]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"price_in": 1, "price_out": 6', '"price_in": 6, "price_out": 1', "['price']: expected about 4.75; found 2.25"),
        ('"price_in": 1,', '"price_in": 100,', "['price']: expected about 76.5; found 2.25"),
        ('"reasoning": true, "release": "2026', '"reasoning": "yes", "release": "2026', "expected true, false or null; found 'yes'"),
        ('"open": false', '"open": "Open"', "expected true, false or null; found 'Open'"),
        ('"license": null, "url": "/models/heron', '"license": ["MIT"], "url": "/models/heron', "expected a text; found ['MIT']"),
    ],
)  # fmt: skip
def test_a_model_whose_fields_contradict_each_other_or_their_type_is_rejected(page_of, old, new, told):
    (bad,) = of(Rejected, read(page_of("site.json", (old, new))))
    assert bad.model_label == "Heron 3 (high)"
    assert told in bad.reason


def test_speed_and_time_to_first_token_exchanged_are_an_error(page_of):
    page = page_of("site.json", ('"speed"', '"x"'), ('"ttft"', '"speed"'), ('"x"', '"ttft"'))
    with pytest.raises(LayoutChanged, match="exchanged"):
        list(read(page))


def test_a_kind_of_price_that_no_model_has_is_an_error(page_of):
    with pytest.raises(LayoutChanged, match="expected a input price in any"):
        list(read(page_of("site.json", ('"price_in"', '"price_input"'))))

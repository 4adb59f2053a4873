"""What a label means: rules, aliases with their time, imports, the queue, and the labels of the real pages."""

import csv
import json
import re
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
import yaml

from flows import labels
from flows.aliases import read_aliases
from flows.errors import UsageError
from flows.resolve import accept, resolve, suggest

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "warehouse" / "reference"
SCHEMA = (ROOT / "warehouse" / "schema.sql").read_text(encoding="utf-8")

# model_id, name, organization_id, is_reasoning, is_base
REGISTRY = [
    ("gpt-3.5-turbo-0613", "GPT-3.5 Turbo 0613", "openai", False, False),
    ("gpt-3.5-turbo-16k-0613", "GPT-3.5 Turbo 16k 0613", "openai", False, False),
    ("gpt-4-0613", "GPT-4 0613", "openai", False, False),
    ("gpt-4-32k", "GPT-4 32k", "openai", False, False),
    ("gpt-4o-2024-05-13", "GPT-4o 2024-05-13", "openai", False, False),
    ("gpt-4o-2024-08-06", "GPT-4o 2024-08-06", "openai", False, False),
    ("gpt-4o-mini-2024-07-18", "GPT-4o mini", "openai", False, False),
    ("gpt-5-2025-08-07", "GPT-5", "openai", True, False),
    ("o1-mini", "o1-mini", "openai", True, False),
    ("o3-mini", "o3-mini", "openai", True, False),
    ("gemini-1.5-pro-april-2024", "Gemini 1.5 Pro (April 2024)", "google", False, False),
    ("gemini-1.5-pro-may-2024", "Gemini 1.5 Pro (May 2024)", "google", False, False),
    ("gemini-2.0-flash", "Gemini 2.0 Flash", "google", False, False),
    ("gemini-2.0-flash-thinking-exp-1219", "Gemini 2.0 Flash Thinking 1219", "google", True, False),
    ("gemini-2.5-pro-preview-05-06", "Gemini 2.5 Pro Preview 05-06", "google", True, False),
    ("gemini-2.5-pro-preview-06-05", "Gemini 2.5 Pro Preview 06-05", "google", True, False),
    ("gemma-2-27b", "Gemma 2 27B", "google", False, True),
    ("gemma-2-27b-it", "Gemma 2 27B", "google", False, False),
    ("claude-3-5-sonnet-20240620", "Claude 3.5 Sonnet (2024-06-20)", "anthropic", False, False),
    ("claude-3-5-sonnet-20241022", "Claude 3.5 Sonnet (2024-10-22)", "anthropic", False, False),
    ("claude-3-7-sonnet-20250219", "Claude 3.7 Sonnet", "anthropic", True, False),
    ("claude-opus-4-1-20250805", "Claude Opus 4.1", "anthropic", True, False),
    ("claude-3-haiku-20240307", "Claude 3 Haiku", "anthropic", False, False),
    ("llama-3-70b", "Llama 3 70B", "meta", False, True),
    ("llama-3-70b-instruct", "Llama 3 70B Instruct", "meta", False, False),
    ("llama-3.1-8b-instruct", "Llama 3.1 8B Instruct", "meta", False, False),
    ("hermes-3-llama-3.1-8b", "Hermes 3 Llama 3.1 8B", "nous-research", False, False),
    ("mixtral-8x7b-instruct-v0.1", "Mixtral 8x7B Instruct v0.1", "mistral", False, False),
    ("phi-3", "Phi-3", "microsoft", None, False),
    ("phi-3-mini-4k-instruct", "Phi-3-mini 4K Instruct", "microsoft", False, False),
    ("qwen-2.5-72b-instruct", "Qwen2.5 72B Instruct", "alibaba", False, False),
    ("qwen3-235b-a22b", "Qwen3 235B A22B", "alibaba", True, False),
    ("qwen3-235b-a22b-thinking-2507", "Qwen3 235B A22B Thinking 2507", "alibaba", True, False),
    ("deepseek-r1", "DeepSeek-R1", "deepseek", True, False),
    ("deepseek-r1-0528", "DeepSeek-R1-0528", "deepseek", True, False),
    ("qwq-32b", "QwQ-32B", "alibaba", True, False),
    ("command-r", "Command R", "cohere", False, False),
    ("command-r-plus", "Command R+", "cohere", False, False),
    ("nova-pro", "Nova Pro", "amazon", False, False),
    ("reka-core", "Reka Core", "reka", False, False),
    ("grok-4", "Grok-4", "xai", True, False),
]


class Store:
    """A store in memory with the registry above, that rows are put into by hand."""

    def __init__(self, registry=REGISTRY):
        self.con = duckdb.connect()
        self.con.execute(SCHEMA)
        for model_id, name, organization, is_reasoning, is_base in registry:
            self.model(model_id, name=name, organization_id=organization, is_reasoning=is_reasoning, is_base=is_base)

    def insert(self, table, **row):
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        self.con.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))
        return self

    def model(self, model_id, **facts):
        row = {"name": model_id, "organization_id": "openai", "access": "closed", "source_url": "https://x.org"} | facts
        return self.insert("reference.models", model_id=model_id, **row)

    def alias(self, label, model_id, source=None, start=None, end=None, variant=None):
        return self.insert(
            "reference.aliases", label=label, model_id=model_id, source_id=source, valid_from=start, valid_to=end,
            variant=variant, reason="test", source_url="https://x.org",
        )  # fmt: skip

    def reading(self, source, day, version=1, state="ok"):
        capture = f"{source}-{day}"
        self.insert(
            "raw.readings", reading_id=f"{capture}-{version}", capture_id=capture, source_id=source, state=state,
            reader_version=version, read_at="2026-01-01", rows_read=1, rows_accepted=1, rows_quarantined=0,
        )  # fmt: skip
        return {"source_id": source, "capture_id": capture, "reading_id": f"{capture}-{version}", "captured_at": day}

    def score(self, label, source="board", day="2025-01-01", measured=None, benchmark="b", version=1, state="ok"):
        exists = self.con.execute(
            "select count(*) from raw.readings where reading_id = ?", [f"{source}-{day}-{version}"]
        ).fetchall()[0][0]
        common = (
            {
                "source_id": source,
                "capture_id": f"{source}-{day}",
                "reading_id": f"{source}-{day}-{version}",
                "captured_at": day,
            }
            if exists
            else self.reading(source, day, version, state)
        )
        return self.insert(
            "raw.scores", **common, row_locator="row 1", model_label=label, source_url="https://x.org", is_estimate=False,
            benchmark_id=benchmark, score=1.0, reported_by="independent", is_contaminated=False, measured_on=measured,
        )  # fmt: skip

    def import_model(self, source, model_id, day="2025-02-01", label=None, **facts):
        common = self.reading(source, f"{day} {len(self.rows('select * from raw.readings')):02}:00:00")
        if not self.rows("select * from meta.sources where source_id = ?", source):
            self.insert(
                "meta.sources", source_id=source, title=source, kind="import", page_is="snapshot", precedence=20,
                cadence_days=1, may_republish=True, url="file",
            )  # fmt: skip
        return self.insert(
            "raw.models", **common, row_locator="row 1", model_label=label or model_id, source_url="https://x.org",
            is_estimate=False, model_id=model_id, **facts,
        )  # fmt: skip

    def rows(self, sql, *values):
        return self.con.execute(sql, list(values)).fetchall()

    def resolve(self):
        self.result = resolve(self.con)
        return self

    def meaning(self, label, source="board", day=None):
        """Return (model_id, variant, method) of a label; it must be exactly one on the day."""
        found = self.rows(
            "select model_id, variant, method from core.labels where label = ? and source_id = ?"
            " and (?::date is null or ((valid_from is null or valid_from <= ?) and (valid_to is null or ? < valid_to)))",
            label, source, day, day, day,
        )  # fmt: skip
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def store():
    return Store()


@pytest.mark.parametrize(
    ("label", "model_id", "variant", "method"),
    [
        ("gpt-4-32k", "gpt-4-32k", None, "exact"),
        ("gpt-3.5-turbo-16k-0613", "gpt-3.5-turbo-16k-0613", None, "exact"),
        ("GPT_4o 2024-05-13", "gpt-4o-2024-05-13", None, "exact"),
        ("Gemini 1.5 Pro (May 2024)", "gemini-1.5-pro-may-2024", None, "name"),
        ("Gemini 1.5 Pro (April 2024)", "gemini-1.5-pro-april-2024", None, "name"),
        ("gpt-4o  MINI", "gpt-4o-mini-2024-07-18", None, "name"),
        ("Command R+", "command-r-plus", None, "name"),
        ("Command R", "command-r", None, "exact"),
        ("Claude Opus 4.1", "claude-opus-4-1-20250805", None, "name"),
        ("claude-opus-4-1", "claude-opus-4-1-20250805", None, "rule"),
        ("Claude Sonnet 3.7 (deprecated)", "claude-3-7-sonnet-20250219", None, "rule"),
        ("claude-3.5-sonnet-20240620", "claude-3-5-sonnet-20240620", None, "rule"),
        ("Claude 3.5 Sonnet (20241022)", "claude-3-5-sonnet-20241022", None, "rule"),
        ("gpt-5-2025-08-07 (High)*", "gpt-5-2025-08-07", "high", "rule"),
        ("gpt-5 (medium)", "gpt-5-2025-08-07", "medium", "rule"),
        ("GPT-5, high", "gpt-5-2025-08-07", "high", "rule"),
        ("o3-mini-high", "o3-mini", "high", "rule"),
        ("o3_mini_low", "o3-mini", "low", "rule"),
        ("o1-mini-2024-09-12", "o1-mini", None, "rule"),
        ("o1-mini (whole)", "o1-mini", "whole", "rule"),
        ("claude-3-7-sonnet-20250219 (32k thinking tokens)", "claude-3-7-sonnet-20250219", "thinking-32k", "rule"),
        ("claude-3-7-sonnet-20250219 (no thinking)", "claude-3-7-sonnet-20250219", "no-thinking", "rule"),
        ("anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet-20250219", "thinking", "rule"),
        ("Claude 3.7 Sonnet, thinking", "claude-3-7-sonnet-20250219", "thinking", "rule"),
        ("gpt-4o-2024-05-13 (Agentless)", "gpt-4o-2024-05-13", "agentless", "rule"),
        ("gpt-4o-2024-05-13 + mini-swe-agent", "gpt-4o-2024-05-13", "mini-swe-agent", "rule"),
        ("GPT-5 (high) (diff)", "gpt-5-2025-08-07", "high, diff", "rule"),
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18", None, "rule"),
        ("openrouter/openai/gpt-4o-mini:free", "gpt-4o-mini-2024-07-18", "free", "rule"),
        ("OpenAI: GPT-4o mini", "gpt-4o-mini-2024-07-18", None, "rule"),
        ("vertex_ai/claude-3-haiku@20240307", "claude-3-haiku-20240307", None, "rule"),
        ("bedrock/us-east-1/anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307", "us-east-1", "rule"),
        ("eu.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022", "eu", "rule"),
        ("mistral.mixtral-8x7b-instruct-v0:1", "mixtral-8x7b-instruct-v0.1", None, "rule"),
        ("amazon/nova-pro-v1:0", "nova-pro", None, "rule"),
        ("models/gemini-2.0-flash", "gemini-2.0-flash", None, "rule"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash", None, "rule"),
        ("azure/gpt-35-turbo-0613", "gpt-3.5-turbo-0613", None, "rule"),
        ("together_ai/meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", "llama-3.1-8b-instruct", "turbo", "rule"),
        ("fireworks_ai/accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-3.1-8b-instruct", None, "rule"),
        ("llama3.1:8b-instruct-q4_K_M", "llama-3.1-8b-instruct", "q4_k_m", "rule"),
        ("qwen-2.5-72b-instruct (bf16)", "qwen-2.5-72b-instruct", "bf16", "rule"),
        ("meta-llama/Meta-Llama-3-70B", "llama-3-70b", None, "rule"),
        ("Microsoft Phi-3-mini-4k-instruct", "phi-3-mini-4k-instruct", None, "rule"),
        ("grok-4-0709", "grok-4", None, "rule"),
        ("nousresearch/hermes-3-llama-3.1-8b", "hermes-3-llama-3.1-8b", None, "rule"),
    ],
)
def test_a_label_is_settled_by_id_by_name_or_by_rule(store, label, model_id, variant, method):
    store.score(label).resolve()
    assert store.meaning(label) == (model_id, variant, method)


@pytest.mark.parametrize(
    "label",
    [
        "Gemini 1.5 Pro (June 2024)",  # two models differ by such a date
        "Gemini 1.5 Pro",
        "gpt-4o",
        "gpt-4o-2025-01-01",
        "gpt-4-64k",
        "gpt-4-0613-32k",
        "gpt-4-32k-0314-preview",
        "gpt-3.5-turbo-0613-16k",
        "claude-3-7-sonnet-20250301",  # the registered snapshot has another date
        "deepseek-r1-0120",
        "gemini-2.5-pro-preview-07-07",
        "gemini-2.5-pro-preview",
        "gemini-2.0-flash-thinking",  # a registered model differs by that word
        "qwen3-235b-a22b-thinking",
        "qwq-32b-preview",  # a preview is another model
        "phi-3-medium",  # a size, not an effort
        "mistral-medium",
        "Gemma 2 27B",  # two models of one name
        "llama3-70b-8192",  # would be the base model
        "groq/llama3-70b",
        "acme/gpt-4o-2024-05-13",  # nobody we know
        "qwen/llama-3-70b-instruct",  # not theirs
        "openai/claude-3-haiku-20240307",
        "ft:gpt-4o-mini-2024-07-18:acme",
        "gpt-4o-2024-05-13-finetuned",
        "llama-3.1-8b-instruct-abliterated",
        "Command R++",
        "gpt-4o-mini-audio-preview",
        "DeepSeek R1 + claude-3-5-sonnet-20241022",
        "o3-mini (high) + gpt-4o-2024-05-13",
        "QwQ-32B + Qwen 2.5 72B Instruct",
        "deepseek-r1 / qwq-32b",
        "🤖",
        "   ",
        "(high)",
    ],
)
def test_what_no_rule_settles_waits_under_a_model_of_its_own(store, label):
    store.score(label).resolve()
    model_id, variant, method = store.meaning(label)
    assert method == "provisional"
    assert variant is None
    assert model_id.startswith("unresolved.")
    assert re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", model_id)
    assert store.rows("select is_provisional from core.labels") == [(True,)]
    assert store.rows("select label, n_rows, provisional_model_id from meta.unresolved_labels") == [
        (label, 1, model_id)
    ]


def test_a_system_of_several_models_is_never_offered_as_one_of_them(store):
    store.score("DeepSeek R1 + claude-3-5-sonnet-20241022").resolve()
    assert store.rows("select candidates::varchar from meta.unresolved_labels") == [("[]",)]


def test_an_alias_of_the_source_comes_before_one_for_all_and_both_before_the_registry(store):
    store.alias("o1-mini", "o3-mini").alias("o1-mini", "gpt-5-2025-08-07", source="board", variant="pro")
    store.score("o1-mini", "board").score("o1-mini", "other").resolve()
    assert store.meaning("o1-mini", "board") == ("gpt-5-2025-08-07", "pro", "alias")
    assert store.meaning("o1-mini", "other") == ("o3-mini", None, "alias")


def test_a_moving_name_means_each_snapshot_in_its_time(store):
    store.alias("gpt-4o", "gpt-4o-2024-05-13", end="2024-10-02").alias(
        "gpt-4o", "gpt-4o-2024-08-06", start="2024-10-02"
    )
    store.score("GPT-4o", day="2024-06-01").score("GPT-4o", day="2025-06-01").score("openai/gpt-4o", day="2025-06-01")
    store.resolve()
    assert store.meaning("GPT-4o", day="2024-10-01")[0] == "gpt-4o-2024-05-13"
    assert store.meaning("GPT-4o", day="2024-10-02")[0] == "gpt-4o-2024-08-06"
    assert store.meaning("openai/gpt-4o", day="2025-06-01") == ("gpt-4o-2024-08-06", None, "rule")


def test_where_an_alias_is_not_valid_the_rows_wait_and_only_they_are_counted(store):
    store.alias("gpt-4o", "gpt-4o-2024-08-06", start="2024-10-02")
    store.score("gpt-4o", day="2024-06-01").score("gpt-4o", day="2025-06-01").resolve()
    assert store.meaning("gpt-4o", day="2024-06-01")[2] == "provisional"
    assert store.meaning("gpt-4o", day="2025-06-01")[2] == "alias"
    assert store.rows("select n_rows, first_captured_at::date, last_captured_at::date from meta.unresolved_labels") == [
        (1, date(2024, 6, 1), date(2024, 6, 1))
    ]


def test_the_day_a_score_was_measured_counts_before_the_day_it_was_captured(store):
    store.alias("gpt-4o", "gpt-4o-2024-08-06", start="2024-10-02")
    store.score("gpt-4o", day="2025-06-01", measured="2024-06-01").resolve()
    assert store.meaning("gpt-4o", day="2024-06-01")[2] == "provisional"


def test_a_stretch_without_rows_makes_no_provisional_model(store):
    store.alias("gpt-4o", "gpt-4o-2024-08-06", start="2024-10-02", end="2025-12-01")
    store.score("gpt-4o", day="2025-06-01").resolve()
    assert store.rows("select valid_from, valid_to, model_id from core.labels") == [(None, None, "gpt-4o-2024-08-06")]
    assert store.rows("select * from meta.unresolved_labels") == []


def test_decoration_comes_off_before_an_alias_is_looked_up(store):
    store.alias("Claude 3.5 Sonnet", "claude-3-5-sonnet-20240620", source="board")
    store.score("Claude 3.5 Sonnet*").score("claude-3.5-sonnet (diff)").resolve()
    assert store.meaning("Claude 3.5 Sonnet*")[:2] == ("claude-3-5-sonnet-20240620", None)
    assert store.meaning("claude-3.5-sonnet (diff)")[:2] == ("claude-3-5-sonnet-20240620", "diff")


def test_an_alias_does_not_open_the_way_for_an_unsafe_suffix(store):
    store.alias("gpt-4", "gpt-4-0613").alias("gpt-4o", "gpt-4o-2024-05-13")
    for label in ("gpt-4-64k", "gpt-4o-2025-01-01"):
        store.score(label)
    store.resolve()
    assert {method for (method,) in store.rows("select method from core.labels")} == {"provisional"}


def test_an_alias_to_a_model_nobody_knows_is_not_used(store, caplog):
    store.alias("mystery", "no-such-model").score("mystery").resolve()
    assert store.meaning("mystery")[2] == "provisional"
    assert "no-such-model" in caplog.text


def test_an_alias_added_later_mends_old_rows(store):
    store.score("Opus 4.1", day="2025-09-01").resolve()
    assert store.meaning("Opus 4.1")[2] == "provisional"
    store.alias("Opus 4.1", "claude-opus-4-1-20250805").resolve()
    assert store.meaning("Opus 4.1") == ("claude-opus-4-1-20250805", None, "alias")
    assert store.rows("select * from meta.unresolved_labels") == []


def test_labels_with_several_dates_do_not_fall_together(store):
    for label in ("Reka-Core-20240501", "Reka-Core-20240722", "o1-mini-2024-09-12", "o1-mini-0912"):
        store.score(label, benchmark=label)
    store.resolve()
    assert store.meaning("Reka-Core-20240501")[2] == store.meaning("Reka-Core-20240722")[2] == "provisional"
    assert store.meaning("Reka-Core-20240501")[0] != store.meaning("Reka-Core-20240722")[0]
    assert store.meaning("o1-mini-2024-09-12")[0] == store.meaning("o1-mini-0912")[0] == "o1-mini"


def test_a_dated_name_that_a_page_scores_beside_the_bare_one_is_another_model(store):
    store.score("Phi-3-Mini-4k-Instruct").score("Phi-3-Mini-4k-Instruct-June-24")
    store.score("Phi-3-Mini-4k-Instruct-June-24", source="other").resolve()
    assert store.meaning("Phi-3-Mini-4k-Instruct")[0] == "phi-3-mini-4k-instruct"
    assert store.meaning("Phi-3-Mini-4k-Instruct-June-24")[2] == "provisional"
    assert store.meaning("Phi-3-Mini-4k-Instruct-June-24", "other")[0] == "phi-3-mini-4k-instruct"


def test_only_the_latest_good_reading_of_a_capture_is_read(store):
    store.score("old words", version=1).score("new words", version=2).score("broken words", version=3, state="failed")
    store.resolve()
    assert store.rows("select label from core.labels") == [("new words",)]


def test_the_spans_of_a_label_cover_all_time_and_never_overlap(store):
    store.alias("gpt-4o", "gpt-4o-2024-05-13", end="2024-10-02").alias(
        "gpt-4o", "gpt-4o-2024-08-06", start="2024-11-02"
    )
    store.alias("gpt-4o", "o3-mini", source="board", start="2024-08-01", end="2024-12-01")
    store.alias("o1-mini", "o3-mini", start="2024-08-01", end="2024-09-01")
    for day in ("2024-01-01", "2024-08-15", "2024-10-15", "2024-12-15", "2026-01-01"):
        for label in ("gpt-4o", "openai/gpt-4o (high)", "o1-mini", "something"):
            store.score(label, day=day).score(label, source="other", day=day)
    store.resolve()
    found = defaultdict(list)
    for row in store.rows("select source_id, label, valid_from, valid_to from core.labels order by all nulls first"):
        found[row[:2]].append(row[2:])
    assert len(found) == 8
    for spans in found.values():
        assert spans[0][0] is None
        assert spans[-1][1] is None
        assert all(one[1] == other[0] for one, other in pairwise(spans))
        assert all(one[1] is not None and (one[0] is None or one[0] < one[1]) for one in spans[:-1])


def test_two_labels_of_one_slug_are_two_provisional_models_and_the_first_keeps_the_plain_id(store):
    store.score("Mystery (X)", day="2025-01-01").score("mystery x", day="2025-01-02").score(
        "mystery x", "other", "2025-01-03"
    )
    store.resolve()
    assert store.meaning("Mystery (X)")[0] == "unresolved.mystery-x"
    second = store.meaning("mystery x")[0]
    assert second == store.meaning("mystery x", "other")[0] == f"unresolved.mystery-x-{labels.short_hash('mystery x')}"


def test_resolving_again_gives_the_same_tables(store):
    store.alias("gpt-4o", "gpt-4o-2024-05-13")
    for label in ("gpt-4o", "gpt 5 (high)", "who knows", "Reka-Core-20240501", "Claude 3.5 Opus"):
        store.score(label)
    store.import_model("mine", "own", name="Own")
    tables = ("core.labels", "meta.unresolved_labels", "reference.imported_models")
    first = [store.resolve().rows(f"select * from {table}") for table in tables]
    assert [store.resolve().rows(f"select * from {table}") for table in tables] == first
    assert (store.result.n_labels, store.result.n_exact, store.result.n_rule, store.result.n_provisional) == (
        6,
        2,
        2,
        2,
    )


def test_an_empty_store_resolves_to_nothing():
    store = Store(registry=[]).resolve()
    assert store.rows("select * from core.labels") == []
    assert store.result.n_labels == 0


def test_a_failure_leaves_the_tables_as_they_were(store, monkeypatch):
    store.score("o1-mini").resolve()
    store.score("o3-mini")
    monkeypatch.setattr("flows.resolve.json.dumps", lambda _: 1 / 0)
    store.score("who knows")
    with pytest.raises(ZeroDivisionError):
        store.resolve()
    assert store.rows("select label from core.labels") == [("o1-mini",)]


def test_candidates_are_ranked_and_a_model_of_another_version_comes_last(store):
    store.score("Claude 3.5 Sonnet New").score("Claude 4.9 Haiku").resolve()
    found = {s.label: s for s in reversed(suggest(store.con))}
    assert found["Claude 3.5 Sonnet New"].model_id.startswith("claude-3-5-sonnet-")
    ranked = json.loads(store.rows("select candidates from meta.unresolved_labels where label like '%New'")[0][0])
    assert 0 < len(ranked) <= 5
    assert [one["score"] for one in ranked] == sorted((one["score"] for one in ranked), reverse=True)
    assert all(one["score"] < 0.4 for one in json.loads(store.rows(
        "select candidates from meta.unresolved_labels where label like '%Haiku'")[0][0]))  # fmt: skip


def test_suggest_lists_labels_with_most_rows_first_and_those_without_a_candidate_too(store):
    store.score("zzz", day="2025-01-01").score("zzz", day="2025-01-02").score("gpt-4o").resolve()
    found = suggest(store.con)
    assert (found[0].label, found[0].n_rows, found[0].model_id) == ("zzz", 2, None)
    assert {s.label for s in found} == {"zzz", "gpt-4o"}


# Models that an import brought


def test_imported_models_win_inside_their_source_and_only_there(store):
    store.alias("gpt-4o", "gpt-4o-2024-05-13")
    store.import_model("mine", "gpt-4o", name="My Omni", organization_id="openai")
    store.score("gpt-4o", "mine").score("my omni", "mine").score("My Omni (high)", "mine").score("o1-mini", "mine")
    store.score("gpt-4o").score("My Omni").resolve()
    assert store.meaning("gpt-4o", "mine") == ("gpt-4o", None, "imported")
    assert store.meaning("my omni", "mine") == ("gpt-4o", None, "imported")
    assert store.meaning("My Omni (high)", "mine")[:2] == ("gpt-4o", "high")
    assert store.meaning("o1-mini", "mine")[0] == "o1-mini"
    assert store.meaning("gpt-4o")[0] == "gpt-4o-2024-05-13"
    assert store.meaning("My Omni")[2] == "provisional"


def test_an_import_may_restate_a_registered_model(store):
    store.import_model("mine", "o1-mini", name="o1 mini", organization_id="openai", access="closed")
    store.score("o1-mini").resolve()
    assert store.rows("select source_id, model_id, organization_id from reference.imported_models") == [
        ("mine", "o1-mini", "openai")
    ]


def test_an_imported_id_that_means_another_model_elsewhere_gets_the_name_of_its_source(store):
    store.import_model("my_own", "o1-mini", name="O1 Mini", organization_id="acme", access="open")
    store.score("o1-mini", "my_own").score("o1-mini").resolve()
    assert store.meaning("o1-mini", "my_own")[0] == "my-own.o1-mini"
    assert store.meaning("o1-mini")[0] == "o1-mini"
    assert store.rows("select model_id, organization_id from reference.imported_models") == [("my-own.o1-mini", "acme")]


def test_a_registered_id_that_no_other_source_uses_is_free_for_an_import(store):
    store.import_model("mine", "o1-mini", organization_id="acme").score("o1-mini", "mine").resolve()
    assert store.meaning("o1-mini", "mine") == ("o1-mini", None, "imported")


def test_two_imports_of_one_id_are_one_model_if_their_facts_agree_else_two(store):
    store.import_model("first", "same", organization_id="acme").import_model("second", "same", released_on="2025-01-01")
    store.import_model("third", "same", organization_id="other").resolve()
    assert store.rows("select model_id, organization_id, released_on from reference.imported_models") == [
        ("same", "acme", date(2025, 1, 1)),
        ("third.same", "other", None),
    ]


def test_without_a_registry_only_imports_settle_a_label(store):
    store.insert("raw.settings", name="registry", value="false")
    store.import_model("mine", "own").score("own", "mine").score("o1-mini", "mine").resolve()
    assert store.meaning("own", "mine")[2] == "imported"
    assert store.meaning("o1-mini", "mine")[2] == "provisional"


def test_models_stated_by_a_page_are_labels_but_not_imports(store):
    store.import_model("feed", "o1-mini")
    store.con.execute("update meta.sources set kind = 'feed'")
    store.resolve()
    assert store.meaning("o1-mini", "feed") == ("o1-mini", None, "exact")
    assert store.rows("select * from reference.imported_models") == []


# aliases.csv


@pytest.fixture
def aliases_csv(tmp_path):
    (tmp_path / "models.csv").write_text("model_id,name\no1-mini,o1-mini\no3-mini,o3-mini\n", encoding="utf-8")
    return tmp_path / "aliases.csv"


GOOD = {"reason": "the vendor says so", "source_url": "https://example.org/models"}


def test_accept_appends_a_line_that_reads_back(aliases_csv):
    accept(aliases_csv, "Mini, the first", "o1-mini", source_id="board", valid_to=date(2025, 1, 1), **GOOD)
    accept(
        aliases_csv, "Mini, the first", "o3-mini", source_id="board", valid_from=date(2025, 1, 1), variant="x", **GOOD
    )
    found = read_aliases(aliases_csv)
    assert [(a.label, a.source_id, a.valid_from, a.valid_to, a.model_id, a.variant) for a in found] == [
        ("Mini, the first", "board", None, date(2025, 1, 1), "o1-mini", None),
        ("Mini, the first", "board", date(2025, 1, 1), None, "o3-mini", "x"),
    ]
    assert [path.name for path in sorted(aliases_csv.parent.iterdir())] == ["aliases.csv", "models.csv"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_id": "no-such"}, "no model 'no-such'"),
        ({"label": " "}, "needs a label"),
        ({"reason": ""}, "reason"),
        ({"source_url": "somewhere"}, "http"),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2025, 1, 1)}, "before"),
        ({"label": "TAKEN_name"}, "already means o3-mini"),
        ({"label": "taken name", "valid_from": date(2030, 1, 1)}, "already means o3-mini"),
    ],
)
def test_accept_refuses_what_would_not_hold_and_writes_nothing(aliases_csv, change, message):
    accept(aliases_csv, "taken name", "o3-mini", **GOOD)
    before = aliases_csv.read_bytes()
    with pytest.raises(UsageError, match=message):
        accept(aliases_csv, **({"label": "new", "model_id": "o1-mini"} | GOOD | change))
    assert aliases_csv.read_bytes() == before


def test_accept_takes_an_imported_model_that_it_is_told_of(aliases_csv):
    accept(aliases_csv, "mine", "mine.own", known={"mine.own"}, **GOOD)
    assert read_aliases(aliases_csv)[0].model_id == "mine.own"


# The real reference and the real labels


def _csv(name):
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_alias_of_the_project_is_valid_sourced_and_alone_in_its_time():
    models = {row["model_id"] for row in (*_csv("models.csv"), *_csv("registry.csv"))}
    spans = defaultdict(list)
    for row in _csv("aliases.csv"):
        assert row["model_id"] in models, row
        assert row["label"].strip() == row["label"] != "", row
        assert row["reason"], row
        assert row["source_url"].startswith("https://"), row
        start = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
        end = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        assert start < end, row
        spans[labels.loose_key(row["label"]), row["source_id"]].append((start, end, row["model_id"]))
    for key, found in spans.items():
        found.sort()
        assert all(one[1] <= other[0] or one[2] == other[2] for one, other in pairwise(found)), (
            key,
            found,
        )


@pytest.fixture(scope="module")
def real():
    """Return a store with the project's registry and aliases."""
    store = Store(registry=[])
    for table in ("models", "aliases"):
        path = (REFERENCE / f"{table}.csv").as_posix()
        store.con.execute(
            f"insert into reference.{table} by name select * from read_csv('{path}', all_varchar = true, nullstr = '')"
        )
    return store


# By eye: what the words on the page mean.
BY_EYE = """
aider | 2024-05-01 | claude-3-opus-20240229 | claude-3-opus-20240229 |
aider | 2024-03-06 | claude-3-sonnet-20240229 | claude-3-sonnet-20240229 |
aider | 2024-05-03 | gemini-1.5-pro-latest | gemini-1.5-pro-april-2024 |
aider | 2024-05-03 | gemini-1.5-pro-001 | gemini-1.5-pro-may-2024 |
aider | 2023-11-06 | gpt-3.5-turbo-0301 | gpt-3.5-turbo-0301 |
aider | 2024-01-25 | gpt-4-0125-preview | gpt-4-0125-preview |
aider | 2024-05-04 | gpt-4-0314 | gpt-4-0314 |
aider | 2024-04-09 | gpt-4-turbo-2024-04-09 (udiff) | gpt-4-turbo-2024-04-09 | udiff
aider | 2024-04-10 | gpt-4-turbo-2024-04-09 (diff) | gpt-4-turbo-2024-04-09 | diff
aider | 2024-05-03 | llama3-70b-8192 | llama-3-70b-instruct |
aider | 2024-05-06 | command-r-plus | command-r-plus-04-2024 |
aider | 2024-05-07 | deepseek-chat v2 (whole) | deepseek-v2-chat | whole
aider | 2024-05-09 | DeepSeek Chat V2 (original) | deepseek-v2-chat |
aider | 2024-07-19 | DeepSeek Chat V2 0628 | deepseek-v2-chat-0628 |
aider | 2024-07-19 | DeepSeek Chat V2 0628 (deprecated) | deepseek-v2-chat-0628 |
aider | 2024-06-21 | DeepSeek Coder V2 (diff) | deepseek-coder-v2-instruct | diff
aider | 2024-07-24 | DeepSeek Coder V2 0724 | deepseek-coder-v2-instruct-0724 |
aider | 2024-05-07 | qwen1.5-110b-chat | qwen1.5-110b-chat |
aider | 2024-05-07 | WizardLM-2 8x22B | wizardlm-2-8x22b |
aider | 2024-05-13 | gpt-4o | gpt-4o-2024-05-13 |
aider | 2024-06-08 | Qwen2 72B Instruct | qwen2-72b-instruct |
aider | 2024-06-08 | qwen2:72b-instruct-q8_0 | qwen2-72b-instruct | q8_0
aider | 2024-06-09 | codestral-2405 | codestral-22b-v0.1 |
aider | 2024-06-08 | codeqwen:7b-chat-v1.5-q8_0 | codeqwen1.5-7b-chat | q8_0
aider | 2024-07-09 | gemma2:27b-instruct-q8_0 | gemma-2-27b-it | q8_0
aider | 2024-07-04 | claude-3.5-sonnet | claude-3-5-sonnet-20240620 |
aider | 2024-07-01 | claude-3.5-sonnet (diff) | claude-3-5-sonnet-20240620 | diff
aider | 2024-07-01 | claude-3.5-sonnet-20240620 | claude-3-5-sonnet-20240620 |
aider | 2024-07-18 | gpt-4o-mini | gpt-4o-mini-2024-07-18 |
aider | 2024-07-23 | llama-3.1-405b-instruct (diff) | llama-3.1-405b-instruct | diff
aider | 2024-07-24 | llama-3.1-405b-instruct (whole) | llama-3.1-405b-instruct | whole
aider | 2024-07-24 | Mistral Large 2 (2407) | mistral-large-2407 |
aider | 2024-11-20 | Mistral Large (2411) | mistral-large-2411 |
aider | 2024-08-30 | nousresearch/hermes-3-llama-3.1-405b | hermes-3-llama-3.1-405b |
aider | 2024-09-04 | yi-coder:9b-chat-q4_0 | yi-coder-9b-chat | q4_0
aider | 2024-09-05 | DeepSeek Chat V2.5 | deepseek-v2.5 |
aider | 2024-12-10 | DeepSeek-V2.5-1210 | deepseek-v2.5-1210 |
aider | 2024-09-11 | Command R+ (08-24) | command-r-plus-08-2024 |
aider | 2024-09-11 | Command R (08-24) | command-r-08-2024 |
aider | 2024-09-12 | o1-mini (whole) | o1-mini | whole
aider | 2024-12-21 | o1-mini-2024-09-12 | o1-mini |
aider | 2024-09-21 | o1-preview | o1-preview |
aider | 2024-09-21 | Codestral-22B-v0.1-Q4_K_M | codestral-22b-v0.1 | q4_k_m
aider | 2024-10-01 | ollama/mistral-small | mistral-small-2409 | q4_0
aider | 2024-09-30 | ollama/llama3.2:3b-instruct-fp16 | llama-3.2-3b-instruct | fp16
aider | 2024-10-16 | Llama-3.1-Nemotron-70B-Instruct-HF | llama-3.1-nemotron-70b-instruct |
aider | 2024-11-20 | openrouter/qwen/qwen-2.5-coder-32b-instruct | qwen-2.5-coder-32b-instruct |
aider | 2024-12-18 | o1 | o1-2024-12-17 |
aider | 2024-12-21 | o1-2024-12-17 (high) | o1-2024-12-17 | high
aider | 2024-12-25 | DeepSeek Chat V3 (prev) | deepseek-v3 |
aider | 2025-01-13 | Codestral 25.01 | codestral-2501 |
aider | 2025-01-31 | o3-mini (medium) | o3-mini | medium
aider | 2025-02-24 | claude-3-7-sonnet-20250219 (32k thinking tokens) | claude-3-7-sonnet-20250219 | thinking-32k
aider | 2025-03-24 | DeepSeek V3 (0324) | deepseek-v3-0324 |
aider | 2025-04-12 | Gemini 2.5 Pro Preview 03-25 | gemini-2.5-pro-preview-03-25 |
aider | 2025-04-06 | Llama 4 Maverick | llama-4-maverick |
aider | 2025-04-10 | Grok 3 Mini Beta (low) | grok-3-mini | low
aider | 2025-04-14 | gpt-4.1 | gpt-4.1-2025-04-14 |
aider | 2025-05-09 | Qwen3 235B A22B diff, no think, Alibaba API | qwen3-235b-a22b | no-thinking, diff
aider | 2025-05-24 | claude-sonnet-4-20250514 (no thinking) | claude-sonnet-4-20250514 | no-thinking
aider | 2025-05-25 | gemini-2.5-flash-preview-05-20 (24k think) | gemini-2.5-flash-preview-05-20 | thinking-24k
aider | 2025-06-06 | gemini-2.5-pro-preview-06-05 (32k think) | gemini-2.5-pro-preview-06-05 | thinking-32k
aider | 2025-06-06 | DeepSeek R1 (0528) | deepseek-r1-0528 |
aider | 2025-06-28 | o3-pro (high) | o3-pro-2025-06-10 | high
aider | 2025-07-17 | Kimi K2 | kimi-k2-instruct |
aider | 2025-08-23 | gpt-5 (high) | gpt-5-2025-08-07 | high
aider | 2025-10-03 | DeepSeek-V3.2-Exp (Reasoner) | deepseek-v3.2-exp | thinking
seal | 2024-08-01 | Claude 3.5 Sonnet* | claude-3-5-sonnet-20240620 |
seal | 2024-08-01 | GPT-4 Turbo Preview | gpt-4-0125-preview |
seal | 2024-08-01 | GPT-4o | gpt-4o-2024-05-13 |
seal | 2024-08-01 | Gemini 1.5 Pro (May 2024) | gemini-1.5-pro-may-2024 |
seal | 2024-08-01 | Gemini 1.5 Pro (April 2024) | gemini-1.5-pro-april-2024 |
seal | 2024-08-01 | Gemini 1.5 Flash Preview | gemini-1.5-flash-preview |
seal | 2024-08-01 | Mistral Large | mistral-large-2402 |
seal | 2024-08-01 | Gemini 1.0 Pro | gemini-1.0-pro |
seal | 2024-08-01 | CodeLlama 34B Instruct | codellama-34b-instruct |
seal_swe_bench_pro | 2025-10-16 | claude-4-5-Sonnet | claude-sonnet-4-5-20250929 |
seal_swe_bench_pro | 2025-10-16 | claude-4-Sonnet-20250514* | claude-sonnet-4-20250514 |
seal_swe_bench_pro | 2025-10-20 | claude-4-5-haiku | claude-haiku-4-5-20251001 |
seal_swe_bench_pro | 2025-10-16 | gpt-5-2025-08-07 (Medium)* | gpt-5-2025-08-07 | medium
seal_swe_bench_pro | 2025-10-16 | gemini-2.5-Pro-Preview-06-05* | gemini-2.5-pro-preview-06-05 |
openai_pricing | 2026-08-21 | gpt-5.6-sol | gpt-5.6-sol |
openai_pricing | 2026-08-21 | gpt-5.3-codex | gpt-5.3-codex |
anthropic_pricing | 2026-05-08 | Opus 4.7 | claude-opus-4-7 |
anthropic_pricing | 2026-05-08 | Sonnet 4.5 | claude-sonnet-4-5-20250929 |
anthropic_docs_pricing | 2025-11-20 | Claude Opus 4.1 | claude-opus-4-1-20250805 |
anthropic_docs_pricing | 2025-11-20 | Claude Haiku 3.5 | claude-3-5-haiku-20241022 |
anthropic_docs_pricing | 2025-11-20 | Claude Opus 3 (deprecated) | claude-3-opus-20240229 |
article | 2024-08-01 | gpt-3.5-turbo-16k-0613 | gpt-3.5-turbo-16k-0613 |
article | 2024-08-01 | gpt-4-32k | gpt-4-32k |
article | 2024-08-01 | Claude 3 Sonnet | claude-3-sonnet-20240229 |
article | 2024-08-01 | gpt-4o | gpt-4o-2024-05-13 |
vectara_hallucination | 2023-11-30 | GPT 4 | gpt-4-0613 |
vectara_hallucination | 2023-11-30 | GPT 4 Turbo | gpt-4-1106-preview |
vectara_hallucination | 2025-03-01 | GPT-4o | gpt-4o-2024-05-13 |
vectara_hallucination | 2025-03-01 | GPT-4-Turbo | gpt-4-turbo-2024-04-09 |
vectara_hallucination | 2024-06-30 | Llama 3 70B | llama-3-70b-instruct |
"""


def test_labels_of_the_real_pages_mean_what_a_reader_takes_them_to_mean(real):
    table = [[cell.strip() for cell in line.split("|")] for line in BY_EYE.strip().splitlines()]
    assert len(table) >= 60
    for source, day, label, _, _ in table:
        real.score(label, source=source, day=day, benchmark=label)
    real.resolve()
    found = [
        [source, day, label, *(value or "" for value in real.meaning(label, source, day)[:2])]
        for source, day, label, _, _ in table
    ]
    assert found == table


@pytest.mark.parametrize(
    ("label", "day", "model_id"),
    [
        ("gpt-3.5-turbo", "2023-05-01", "gpt-3.5-turbo-0301"),
        ("gpt-3.5-turbo", "2023-06-27", "gpt-3.5-turbo-0613"),
        ("gpt-3.5-turbo", "2024-02-16", "gpt-3.5-turbo-0125"),
        ("gpt-4", "2023-06-26", "gpt-4-0314"),
        ("gpt-4", "2023-06-27", "gpt-4-0613"),
        ("openai/gpt-4o", "2024-10-01", "gpt-4o-2024-05-13"),
        ("openai/gpt-4o", "2024-10-02", "gpt-4o-2024-08-06"),
        ("gpt-4-turbo-preview", "2024-01-01", "gpt-4-1106-preview"),
        ("deepseek/deepseek-chat", "2025-01-01", "deepseek-v3"),
        ("mistral/mistral-large-latest", "2024-08-01", "mistral-large-2407"),
        ("gemini/gemini-pro", "2024-08-01", "gemini-1.0-pro"),
        ("claude-3-5-sonnet-latest", "2024-11-01", "claude-3-5-sonnet-20241022"),
    ],
)
def test_moving_names_are_dated(real, label, day, model_id):
    real.score(label, source=f"feed {label}", day=day).resolve()
    assert real.meaning(label, f"feed {label}", day)[0] == model_id


def test_nearly_every_aider_label_of_one_public_model_is_settled_and_no_system_is(real, captures):
    rows = {
        (row["model"], str(row["date"]))
        for path in sorted(captures.glob("aider/*/truth/*.yml"))
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    }
    store = Store(registry=[])
    for table in ("models", "aliases"):
        rows_of = real.rows(f"select * from reference.{table}")
        marks = ", ".join("?" for _ in rows_of[0])
        store.con.executemany(f"insert into reference.{table} values ({marks})", rows_of)
    for label, day in rows:
        store.score(label, source="aider", day=day, benchmark=label)
    store.resolve()
    waiting = {label for (label,) in store.rows("select distinct label from core.labels where is_provisional")}
    names = {label for label, _ in rows}
    systems = {label for label in names if " + " in label}
    assert len(names) > 170
    assert systems == {name for name in waiting if " + " in name}
    assert len(waiting - systems) <= 0.15 * len(names - systems)
    assert waiting - systems <= {"Quasar Alpha", "Optimus Alpha", "ollama/Qwen2.5.1-Coder-7B-Instruct-GGUF:Q8_0-32k"}

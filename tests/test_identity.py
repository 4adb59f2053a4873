"""What the rules of identity take and refuse, how clashes show, and how the registry grows."""

import csv
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows import labels
from flows.aliases import accept
from flows.candidates import Candidates
from flows.grow import Fact, propose
from flows.resolve import known_names, resolve
from tests.test_resolve import GOOD, Store
from warehouse.connect import create_schema
from warehouse.load import load_reference

REFERENCE = Path(__file__).parents[1] / "warehouse" / "reference"
TODAY = date(2026, 11, 23)
# model_id, name, organization_id, is_reasoning, is_base, access, released_on
MODELS = [
    ("gpt-4o-2024-05-13", "GPT-4o 2024-05-13", "openai", False, False, "closed", "2024-05-13"),
    ("gpt-4o-2024-08-06", "GPT-4o 2024-08-06", "openai", False, False, "closed", "2024-08-06"),
    ("gpt-5-2025-08-07", "GPT-5", "openai", True, False, "closed", "2025-08-07"),
    ("o1-mini", "o1-mini", "openai", True, False, "closed", "2024-09-12"),
    ("claude-opus-4-20250514", "Claude Opus 4", "anthropic", True, False, "closed", "2025-05-22"),
    ("deepseek-v4-flash", "DeepSeek-V4 Flash", "deepseek", True, False, "open", "2026-04-24"),
    ("llama-3-8b", "Llama 3 8B", "meta", False, True, "open", "2024-04-18"),
    ("llama-3-8b-instruct", "Llama 3 8B Instruct", "meta", False, False, "open", "2024-04-18"),
    ("gemma-2-9b", "Gemma 2 9B", "google", False, True, "open", "2024-06-27"),
    ("gemma-2-9b-it", "Gemma 2 9B IT", "google", False, False, "open", "2024-06-27"),
    ("qwen3-8b", "Qwen3 8B", "alibaba", True, False, "open", "2025-04-29"),
    ("qwen3-vl-8b-instruct", "Qwen3-VL 8B Instruct", "alibaba", False, False, "open", "2025-10-15"),
    ("qwen3-vl-8b-thinking", "Qwen3-VL 8B Thinking", "alibaba", True, False, "open", "2025-10-15"),
    ("mistral-7b-instruct-v0.1", "Mistral 7B Instruct v0.1", "mistral", False, False, "open", "2023-09-27"),
    ("mistral-7b-instruct-v0.2", "Mistral 7B Instruct v0.2", "mistral", False, False, "open", "2023-12-11"),
    ("gemini-1.5-flash-002", "Gemini 1.5 Flash 002", "google", False, False, "closed", "2024-09-24"),
    ("gemini-1.5-flash-preview", "Gemini 1.5 Flash Preview", "google", False, False, "closed", "2024-05-14"),
    ("trinity-mini", "Trinity Mini", "arcee-ai", False, False, "open", "2025-12-01"),
    ("phi-4", "Phi-4", "microsoft", False, False, "open", "2024-12-12"),
]


@pytest.fixture
def store():
    store = Store(registry=[])
    for model_id, name, organization, is_reasoning, is_base, access, released_on in MODELS:
        store.model(
            model_id, name=name, organization_id=organization, is_reasoning=is_reasoning, is_base=is_base, access=access,
            released_on=released_on,
        )  # fmt: skip
    return store


def price(store, label, usd, source="feed", day="2026-05-01", provider="openai", tier=None):
    name = f"{source}-{day}"
    if not store.rows("select 1 from raw.readings where reading_id = ?", f"{name}-1"):
        store.reading(source, day)
    return store.insert(
        "raw.prices", source_id=source, capture_id=name, reading_id=f"{name}-1", captured_at=day, row_locator="row 1",
        model_label=label, source_url="https://x.org", is_estimate=False, provider_id=provider, token_kind="input",
        usd_per_mtok=usd, amount_original=usd, currency="USD", fx_rate=1, unit_original="per_mtok", tier=tier,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("label", "model_id", "variant"),
    [
        ("Llama 3 8B [instruct]", "llama-3-8b-instruct", None),
        ("Llama 3 8B [base]", "llama-3-8b", None),
        ("Gemma-2-9B [instruct]", "gemma-2-9b-it", None),
        ("Llama3-8B-base", "llama-3-8b", None),
        ("Qwen3 8B [instruct]", "qwen3-8b", None),
        ("meta-llama/Llama-3-8B", "llama-3-8b", None),
        ("openai/gpt-5-high-2025-08-07", "gpt-5-2025-08-07", "high"),
        ("GPT-5 (Reasoning, High Effort)", "gpt-5-2025-08-07", "thinking, high"),
        ("GPT-5 (max)", "gpt-5-2025-08-07", "max"),
        ("GPT-5 (Non-reasoning)", "gpt-5-2025-08-07", "no-thinking"),
        ("claude-4-opus-20250514-base", "claude-opus-4-20250514", "base"),
        ("claude-opus-4-20250514-thinking-64k-high-effort", "claude-opus-4-20250514", "thinking-64k, high"),
        ("claude-opus-4-thinking-auto-low-effort", "claude-opus-4-20250514", "thinking, low"),
        ("GPT-4o (Aug 2024)", "gpt-4o-2024-08-06", None),
        ("GPT-4o (May '24)", "gpt-4o-2024-05-13", None),
        ("gpt-4o-0513", "gpt-4o-2024-05-13", None),
        ("Qwen3 VL 8B (Reasoning)", "qwen3-vl-8b-thinking", None),
        ("Qwen3 VL 8B (Non-reasoning)", "qwen3-vl-8b-instruct", None),
        ("Qwen3 8B (Non-reasoning)", "qwen3-8b", "no-thinking"),
        ("Google Gemini-1.5-Flash-002", "gemini-1.5-flash-002", None),
        ("arcee-ai/trinity-mini", "trinity-mini", None),
        ("Arcee AI: Trinity Mini", "trinity-mini", None),
        ("qwen/qwen3-8b:free", "qwen3-8b", "free"),
        ("openai/ft:gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "fine-tuned"),
        ("azure/eu/gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "eu"),
    ],
)
def test_marks_dates_and_modes_lead_to_the_model_they_tell(store, label, model_id, variant):
    store.score(label, day="2026-06-01").resolve()
    assert store.meaning(label)[:2] == (model_id, variant)


@pytest.mark.parametrize(
    "label",
    [
        "Qwen3 8B [base]",  # only the chat model is known
        "Mistral 7B [instruct]",  # two versions
        "Phi-4 [base]",
        "GPT-5 [base]",
        "Llama 3 8B",  # in words, and a chat model beside it: neither is told
        "Gemma 2 9B",
        "qwen3-8b-base",  # of an open model a base model may exist
        "DeepSeek V4 Flash 0731",  # months after the model that is known
        "gpt-5.4-2026-03-25",  # days after it: another snapshot
        "grok-4-0730",
        "gemini-2.5-flash-06-05-highthinking",
        "o1-mini-2025-03-01",
        "GPT-4o (June 2024)",  # no snapshot of that month
        "gpt-4o-2024",
        "Gemini-1.5-Flash-003",
        "Google Gemini 1.5 Flash 003",
        "phi-4-reasoning",
        "phi-4 (high)-preview",
        "someone/gpt-4o-2024-08-06",
        "someone/openai/gpt-4o-2024-08-06",
        "meta-llama/gemma-2-9b-it",
        "~openai/gpt-5",
        "ft:gpt-4o-2024-08-06:acme",
        "GPT-5 (preview)",
    ],
)
def test_what_is_not_told_for_sure_waits(store, label):
    store.alias("Gemini 1.5 Flash", "gemini-1.5-flash-preview").alias(
        "Google Gemini 1.5 Flash", "gemini-1.5-flash-preview", source="board"
    )
    store.score(label, day="2026-09-01").resolve()
    assert store.meaning(label)[2] == "provisional"


# Two labels of one page


def test_two_labels_of_one_page_on_one_model_wait_and_name_each_other(store, caplog):
    store.alias("Omni", "gpt-4o-2024-08-06").alias("Omni 2", "gpt-4o-2024-08-06")
    store.score("Omni").score("Omni 2").resolve()
    assert store.meaning("Omni")[2] == store.meaning("Omni 2")[2] == "provisional"
    assert {(c.label, c.other) for c in store.result.clashes} == {("Omni", "Omni 2"), ("Omni 2", "Omni")}
    assert {(c.model_id, c.capture_id) for c in store.result.clashes} == {("gpt-4o-2024-08-06", "board-2025-01-01")}
    assert "'Omni' beside 'Omni 2'" in caplog.text
    why = store.rows("select label, candidates[0] ->> 'why' from meta.unresolved_labels order by label")
    assert why[0] == ("Omni", "clash: 'Omni 2' of capture board-2025-01-01 is this model too")


def test_the_models_own_id_stays_beside_a_label_that_clashes_with_it(store):
    store.alias("Omni", "gpt-4o-2024-08-06")
    store.score("Omni").score("openai/gpt-4o-2024-08-06").resolve()
    assert store.meaning("openai/gpt-4o-2024-08-06")[0] == "gpt-4o-2024-08-06"
    assert store.meaning("Omni")[2] == "provisional"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"label": "Omni"}, {"label": "Omni"}),  # two runs of one model
        ({"label": "Omni"}, {"label": "Omni (high)"}),  # another variant
        ({"label": "Omni"}, {"label": "Omni 2", "benchmark": "another"}),
        ({"label": "Omni"}, {"label": "Omni 2", "day": "2025-02-01"}),  # the page renamed it
        ({"label": "Omni"}, {"label": "Omni 2", "source": "other"}),
        ({"label": "gpt-4o-2024-08-06"}, {"label": "openrouter/openai/gpt-4o-2024-08-06"}),  # the same words at a host
    ],
)
def test_what_is_no_clash_stays(store, one, other):
    store.alias("Omni", "gpt-4o-2024-08-06").alias("Omni 2", "gpt-4o-2024-08-06")
    store.alias("Omni (high)", "gpt-4o-2024-08-06", variant="high")
    store.score(**one).score(**other).resolve()
    assert store.rows("select * from core.labels where is_provisional") == []
    assert store.result.clashes == ()


def test_two_prices_of_one_provider_and_kind_clash_and_one_price_under_two_names_does_not(store):
    store.alias("Omni", "gpt-4o-2024-08-06").alias("Omni 2", "gpt-4o-2024-08-06")
    price(price(store, "Omni", 2.5), "Omni 2", 5)
    price(price(store, "Omni", 2.5, source="same"), "Omni 2", 2.5, source="same")
    price(price(store, "Omni", 2.5, source="tiers"), "Omni 2", 5, source="tiers", tier="batch")
    price(price(store, "Omni", 2.5, source="hosts"), "Omni 2", 5, source="hosts", provider="azure")
    store.resolve()
    assert {c.source_id for c in store.result.clashes} == {"feed"}
    assert store.meaning("Omni", "same")[0] == store.meaning("Omni", "tiers")[0] == "gpt-4o-2024-08-06"


# Candidates


def test_a_candidate_says_what_agrees_what_differs_whose_it_is_and_when_it_came_out(store):
    store.score("openai/gpt-4o-turbo-2024-08-06", day="2024-07-01").resolve()
    first = Candidates(known_names(store.con)).of("openai/gpt-4o-turbo-2024-08-06", "board", date(2024, 7, 1))[0]
    assert first["model_id"] == "gpt-4o-2024-08-06"
    assert first["why"] == (
        "agrees in 06, 08, 2024, 4o, gpt; differs in turbo against nothing; the numbers agree; by openai, as the label says;"
        " out 2024-08-06, after the label was first seen"
    )


def test_a_model_of_another_organization_or_not_yet_out_ranks_lower(store):
    candidates = Candidates(known_names(store.con))
    by_model = [
        {one["model_id"]: one["score"] for one in candidates.of(label, "board", day)}
        for label, day in (
            ("openai/gpt-4o-turbo-2024-08-06", date(2025, 1, 1)),
            ("openai/gpt-4o-turbo-2024-08-06", date(2024, 6, 1)),
            ("meta-llama/gpt-4o-turbo-2024-08-06", date(2025, 1, 1)),
        )
    ]
    said, too_early, not_theirs = (scores.get("gpt-4o-2024-08-06", 0) for scores in by_model)
    assert said > too_early > not_theirs


def test_asking_for_candidates_of_ten_thousand_labels_and_resolving_them_takes_seconds():
    con = duckdb.connect()
    create_schema(con)
    load_reference(con, REFERENCE)
    names = con.execute("select name from reference.models").fetchall()
    con.execute(
        "insert into raw.readings (reading_id, capture_id, source_id, reader_version, read_at, state, rows_read, rows_accepted,"
        " rows_quarantined) values ('r', 'c', 'board', 1, now()::timestamp, 'ok', 1, 1, 0)"
    )
    words = [f"{name} v{number}" for number in range(9) for (name,) in names] + [name for (name,) in names]
    con.execute(
        "insert into raw.scores (source_id, capture_id, reading_id, captured_at, row_locator, model_label, source_url, is_estimate,"
        " benchmark_id, score, reported_by, is_contaminated) select 'board', 'c', 'r', timestamp '2026-01-01', 'row', unnest($1),"
        " 'https://x.org', false, 'b', 1, 'independent', false",
        [words[:10000]],
    )
    result = resolve(con)
    con.close()
    assert result.n_labels > 9000
    assert result.n_seconds < 60


# The registry that grows


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


def test_a_hand_kept_model_wins_over_a_grown_one_of_its_id(folder):
    grown = _rows(folder / "registry.csv")
    with (folder / "registry.csv").open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, grown[0]).writerow(grown[0] | {"model_id": "o1-mini", "name": "Not this"})
    con = duckdb.connect()
    create_schema(con)
    load_reference(con, folder)
    assert con.execute("select name from reference.models where model_id = 'o1-mini'").fetchall() == [("o1-mini",)]
    assert con.execute("select count(*) from reference.models").fetchall() == [
        (len(_rows(folder / "models.csv")) + len(grown),)
    ]
    con.close()


def test_no_grown_model_is_a_hand_kept_one_under_another_name(folder):
    grown = _rows(folder / "registry.csv")
    (folder / "registry.csv").unlink()
    own = {row["model_id"] for row in grown}
    aliases = [row for row in _rows(folder / "aliases.csv") if row["model_id"] not in own]
    with (folder / "aliases.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, aliases[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(aliases)
    con = duckdb.connect()
    create_schema(con)
    load_reference(con, folder)
    names = known_names(con)
    con.close()
    met = [
        (row["model_id"], hit[0].model_id)
        for row in grown
        for text in (row["model_id"], row["name"])
        if (hit := names.at(text, "nowhere", TODAY)) and not hit[0].variant and "date" not in hit[1].taken
    ]
    assert met == []


def test_grown_models_are_no_moving_names_and_no_quantised_copies():
    for row in _rows(REFERENCE / "registry.csv"):
        assert not row["model_id"].endswith("latest"), row
        assert labels.forms(row["model_id"])[-1].taken.isdisjoint({"quant", "route"}), row


def fact(label, **values):
    known = {"organization_id": "openai", "released_on": date(2025, 1, 1), "access": "closed", "is_reasoning": False}
    row = {"source_id": "feed", "label": label, "name": None, "context_tokens": 1000, "source_url": "https://x.org"}
    return Fact(**(row | known | values))


def propose_from(store, *facts):
    return {row["model_id"]: row for row in propose(facts, known_names(store.con), {"openai": 1, "acme": 1}, TODAY)}


def test_what_most_entries_of_a_new_model_state_is_proposed(store):
    found = propose_from(
        store,
        fact("openai/gpt-9", name="GPT-9"),
        fact("GPT-9", released_on=date(2025, 2, 2)),
        fact("host/openai/gpt-9:free", released_on=date(2025, 2, 2), access=None),
    )
    assert list(found) == ["gpt-9"]
    assert found["gpt-9"]["released_on"] == date(2025, 2, 2)
    assert (found["gpt-9"]["organization_id"], found["gpt-9"]["access"], found["gpt-9"]["is_base"]) == ("openai", "closed", False)  # fmt: skip
    assert found["gpt-9"]["notes"] == "facts as stated by feed"


@pytest.mark.parametrize(
    "label",
    [
        "openai/gpt-5",  # known
        "gpt-4o-0806",
        "qwen3-8b-fp8",
        "gpt-9-latest",
        "gpt-9-image-1",
        "text-embedding-9",
        "whisper-9",
        "openrouter/auto",
        "gpt-9-turbo",
        "gpt-9 + o1-mini",
    ],
)
def test_what_is_known_or_no_model_of_its_own_is_not_proposed(store, label):
    assert propose_from(store, fact(label)) == {}


def test_a_model_of_an_organization_nobody_registered_is_not_proposed(store):
    assert propose_from(store, fact("nobody/n-1", organization_id=None)) == {}
    assert list(propose_from(store, fact("acme/n-1", organization_id=None))) == ["n-1"]


def test_an_alias_may_name_a_grown_model(tmp_path):
    for name, row in (("models", "o1-mini,o1-mini"), ("registry", "gpt-9,GPT-9")):
        (tmp_path / f"{name}.csv").write_text(f"model_id,name\n{row}\n", encoding="utf-8")
    accept(tmp_path / "aliases.csv", "the ninth", "gpt-9", **GOOD)
    assert "the ninth,,,,gpt-9," in (tmp_path / "aliases.csv").read_text(encoding="utf-8")

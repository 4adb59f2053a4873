"""Cohere's documentation of models: facts of those that answer at a chat endpoint, other columns, broken pages, the capture."""

import pytest

from flows.errors import LayoutChanged
from flows.records import ModelFact, Rejected
from flows.sources.cohere_docs import SOURCE, read


def facts(items):
    """Return context and notes by API name; nothing may be rejected."""
    found = {}
    for fact in items:
        assert isinstance(fact, ModelFact), fact.reason
        assert (fact.model_id, fact.organization_id) == (fact.model_label, "cohere")
        assert fact.model_label not in found
        found[fact.model_label] = (fact.context_tokens, fact.notes)
    return found


def test_language_models_come_with_their_context_and_others_are_left_out(page_of):
    assert facts(read(page_of("models.mdx"))) == {
        "command-x-05-2031": (256_000, "alias command-v; max output 8k tokens"),
        "command-w-04-2030": (128_000, "alias command-w; max output 4k tokens; deprecated sept 15, 2031"),
        "command-tiny": (4096, None),
    }


def test_a_fact_names_its_line(page_of):
    assert next(iter(read(page_of("models.mdx")))).row_locator == "line 11, table 1 row 1"


def test_an_early_rendered_page_with_other_column_names_is_read(page_of):
    assert facts(read(page_of("early.html"))) == {"command": (4096, None), "command-light": (4096, None)}


def test_a_column_may_stand_anywhere(page_of, open_page):
    lines = page_of("models.mdx").text.splitlines()
    moved = [
        "|" + "|".join(reversed(line.strip("|").split("|"))) + "|" if line.count("|") == 8 else line for line in lines
    ]
    assert moved != lines
    assert facts(read(open_page("\n".join(moved)))) == facts(read(page_of("models.mdx")))


@pytest.mark.parametrize(
    ("old", "new"), [("| 256k           | 8k                    | [Chat]", "| plenty | 8k | [Chat]")]
)
def test_a_context_that_is_no_number_is_rejected(page_of, old, new):
    items = list(read(page_of("models.mdx", (old, new))))
    (bad,) = [item for item in items if isinstance(item, Rejected)]
    assert bad.model_label == "command-x-05-2031"
    assert "expected tokens such as '128k'; found 'plenty'" in bad.reason


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Endpoints", "Routes", "'Context Length', 'Endpoints'"),
        ("Model Name", "Product", "'Context Length', 'Endpoints'"),
        ("Context Length", "Window of words", "'Context Length', 'Endpoints'"),
        ("A made-up model.", "A made-up model, $2.50 / 1M tokens.", "without prices"),
    ],
)
def test_a_page_of_another_shape_or_with_prices_is_an_error(page_of, old, new, told):
    with pytest.raises(LayoutChanged, match=told):
        list(read(page_of("models.mdx", (old, new))))


def test_the_capture_of_january_2025_gives_what_stands_on_the_page(captures, open_page):
    page = open_page(captures / "cohere_docs" / "2025-01-16" / "models.mdx", SOURCE.urls[0], "2025-01-16")
    page.check_whole()
    found = facts(read(page))
    assert {label: context for label, (context, _) in found.items()} == {
        "command-r7b-12-2024": 128_000,
        "command-r-plus-08-2024": 128_000,
        "command-r-plus-04-2024": 128_000,
        "command-r-08-2024": 128_000,
        "command-r-03-2024": 128_000,
        "command": 4_000,
        "command-nightly": 128_000,
        "command-light": 4_000,
        "command-light-nightly": 4_000,
        "c4ai-aya-expanse-8b": 8_000,
        "c4ai-aya-expanse-32b": 128_000,
    }
    assert found["command-r-plus-04-2024"][1] == "alias command-r-plus; max output 4k tokens"
    assert found["command-r-03-2024"][1] == "alias command-r; max output 4k tokens"


def test_an_answer_longer_than_the_context_means_that_the_columns_were_exchanged(page_of):
    page = page_of("models.mdx", ("Context Length | Maximum Output Tokens", "Maximum Output Tokens | Context Length"))
    bad = [item for item in read(page) if isinstance(item, Rejected)]
    assert {item.model_label for item in bad} == {"command-x-05-2031", "command-w-04-2030"}
    assert "expected an answer of at most the context's 8,000 tokens; found '256k'" in bad[0].reason

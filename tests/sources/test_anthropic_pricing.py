"""Anthropic's price page: cards with labelled amounts, long context, plans that are no prices of models."""

import pytest

from flows.errors import LayoutChanged
from flows.records import Price, Rejected
from flows.sources.anthropic_pricing import SOURCE, read


def prices(items):
    """Return input, output, cache write and cache read as text by (model, tier); nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.currency, price.unit_original) == ("anthropic", "USD", "per_mtok")
        cells = table.setdefault((price.model_label, price.tier), {})
        assert price.token_kind not in cells
        cells[price.token_kind] = str(price.amount_original)
    kinds = ("input", "output", "cache_write", "cached_input")
    return {key: tuple(cells.get(kind) for kind in kinds) for key, cells in table.items()}


CARD_OPUS = ("20", "90", "25", "2")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "cards.html",
            {
                ("Opus 9.1", None): CARD_OPUS,
                ("Sonnet 9.2", None): ("4", "16", "5", "0.40"),
                ("Sonnet 9.2", "context>200k"): ("8", "24", "10", "0.80"),
                ("Haiku 8", None): ("0.50", "2.50", "0.625", "0.05"),
            },
        ),
        (
            "cards_2024.html",
            {
                ("Claude 9 Sonnet", None): ("3", "15", "3.75", "0.30"),
                ("Claude Instant", None): ("0.80", "2.40", None, None),
            },
        ),
        ("cards.md", {("Opus 9.1", None): CARD_OPUS}),
    ],
)
def test_every_layout_of_cards_gives_the_same_kinds_of_prices(page_of, name, expected):
    assert prices(read(page_of(name))) == expected


def test_plans_and_tools_are_never_read_as_token_prices(page_of):
    labels = {p.model_label for p in read(page_of("cards.html"))}
    assert labels == {"Opus 9.1", "Sonnet 9.2", "Haiku 8"}


def test_a_row_says_which_card_it_comes_from(page_of):
    first = next(iter(read(page_of("cards.html"))))
    assert first.row_locator == "line 6, card 'Opus 9.1'"


def test_a_price_in_euro_is_read_as_euro(page_of):
    assert {p.currency for p in read(page_of("cards.html", ("$", "€")))} == {"EUR"}


EVERY = {"Opus 9.1", "Sonnet 9.2", "Haiku 8"}
SWAPPED = [('label">Input<', 'label">In<'), ('label">Output<', 'label">Input<'), ('label">In<', 'label">Output<')]


@pytest.mark.parametrize(
    ("changes", "labels", "expected"),
    [
        ([(" / MTok", "")], EVERY, "a price per tokens"),
        ([(" / MTok", " / month")], EVERY, "tokens"),
        ([('label">Output<', 'label">Answer<')], EVERY, "a label"),
        ([('label">Write<', 'label">Store<')], EVERY, "a label"),
        (SWAPPED, EVERY, "at most"),
        ([('<h3 class="card_pricing_title_text">Sonnet 9.2</h3>', "<b>Sonnet 9.2</b>")], {"Opus 9.1"}, "price once"),
        ([("Haiku 8", "Latest models")], {"Latest models"}, "titled with a model"),
        ([('data-value="2.50" class="tokens_main_val_number">2.50<', 'class="x">call us<')], {"Haiku 8"}, "an output"),
        ([("$", "£")], EVERY, "US dollars, euro or yuan"),
    ],
)
def test_a_card_that_changed_is_rejected_whole(page_of, changes, labels, expected):
    rejected = [r for r in read(page_of("cards.html", *changes)) if isinstance(r, Rejected)]
    assert {r.model_label for r in rejected} == labels
    assert all(expected in r.reason for r in rejected)


def test_a_model_listed_twice_at_different_prices_is_rejected(page_of):
    page = page_of("cards.html")
    head, tail = page.text.rsplit('data-value="90" class="tokens_main_val_number">90', 1)
    text = head + 'data-value="95" class="tokens_main_val_number">95' + tail
    found = list(read(type(page)(text.encode(), page.url, page.captured_at)))
    assert [(r.model_label, next(iter(r.cells))) for r in found if isinstance(r, Rejected)] == [
        ("Opus 9.1", "output")
    ] * 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([('data-value="90" class="tokens_main_val_number">90', 'data-value="90" class="tokens_main_val_number">45')], "the full price 90"),
        ([("tokens_main_label", "x"), ("$", "")], "cards with labelled prices"),
    ],
)  # fmt: skip
def test_a_page_that_changed_shape_is_an_error(page_of, changes, expected):
    with pytest.raises(LayoutChanged, match=expected):
        list(read(page_of("cards.html", *changes)))


LINES = "<p>Input $2 / MTok</p><p>Output $10 / MTok</p>"


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (f"<h2>Batch processing</h2><h3>Opus 9.1</h3>{LINES}", ("Opus 9.1", "batch")),
        (f"<h2>Fast mode</h2><p>Quicker</p><h3>Opus 9.1</h3>{LINES}", ("Opus 9.1", "fast")),
        (f"<h2>Batch</h2><h3>Latest</h3><h4>Opus 9.1</h4>{LINES}", ("Opus 9.1", "batch")),
        (f"<h3>Opus 9.1 fast mode</h3>{LINES}", ("Opus 9.1", "fast")),
        (f"<h3>Opus 9.1 (batch processing)</h3>{LINES}", ("Opus 9.1", "batch")),
        (f"<h2>Latest</h2><p>Save 50% with batch processing.</p><h3>Opus 9.1</h3>{LINES}", ("Opus 9.1", None)),
        (f"<h2>Batch processing</h2><p>x</p><h2>Latest</h2><h3>Opus 9.1</h3>{LINES}", ("Opus 9.1", None)),
        ("<h3>Opus 9.1</h3><p>Prompt: $2/million tokens</p><p>Completion: $10/million tokens</p>", ("Opus 9.1", None)),
        ("<h3>Opus 9.1</h3><p>$2 / MTok Input</p><p>$10 / MTok Output</p>", ("Opus 9.1", None)),
    ],
)
def test_titles_tell_the_tier_and_labels_stand_before_or_behind_the_amounts(open_page, body, key):
    assert prices(read(open_page(f"<html><body>{body}</body></html>"))) == {key: ("2", "10", None, None)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<h3>Batch processing</h3><p>Half price</p><h3>Opus 9.1</h3>{LINES}", "to which section"),
        (f"<h2>Fast mode</h2><div class='card_pricing_title_text'>Opus 9.1</div>{LINES}", "to which section"),
        (f"<h2>Priority tier</h2><h3>Opus 9.1</h3>{LINES}", "a section of standard"),
        ("<h3>Opus 9.1</h3><p>$2 / MTok Input &gt; 200K tokens</p><p>$10 / MTok Output</p>", "a label"),
        ("<h3>Opus 9.1</h3><p>$2 / MTok Input</p><p>$10 / MTok</p>", "a label"),
    ],
)
def test_a_card_whose_tier_or_label_cannot_be_told_is_rejected(open_page, body, expected):
    found = list(read(open_page(f"<html><body>{body}</body></html>")))
    assert [(type(r), r.model_label) for r in found] == [(Rejected, "Opus 9.1")]
    assert expected in found[0].reason


def test_the_real_page_of_may_2026_has_nine_models_of_four_prices(captures, open_page):
    page = open_page(captures / "anthropic_pricing" / "2026-05-08" / "pricing.html")
    page.check_whole()
    found = list(read(page))
    assert len(found) == 36 >= SOURCE.min_rows
    assert prices(found) == {
        ("Opus 4.7", None): ("5", "25", "6.25", "0.50"),
        ("Sonnet 4.6", None): ("3", "15", "3.75", "0.30"),
        ("Haiku 4.5", None): ("1", "5", "1.25", "0.10"),
        ("Opus 4.6", None): ("5", "25", "6.25", "0.50"),
        ("Sonnet 4.5", None): ("3", "15", "3.75", "0.30"),
        ("Opus 4.5", None): ("5", "25", "6.25", "0.50"),
        ("Opus 4.1", None): ("15", "75", "18.75", "1.50"),
        ("Sonnet 4", None): ("3", "15", "3.75", "0.30"),
        ("Opus 4", None): ("15", "75", "18.75", "1.50"),
    }

"""Cohere's price page: cards of models, fine-tuned ones, sentences on older models, models that are no language models."""

import pytest

from flows.errors import BlockedPage, LayoutChanged
from flows.records import Price, Rejected
from flows.sources.cohere_pricing import SOURCE, read


def prices(items):
    """Return input and output as text by (model, tier); nothing may be rejected."""
    table = {}
    for price in items:
        assert isinstance(price, Price), price.reason
        assert (price.provider_id, price.currency, price.unit_original) == ("cohere", "USD", "per_mtok")
        cells = table.setdefault((price.model_label, price.tier), {})
        assert price.token_kind not in cells
        cells[price.token_kind] = str(price.amount_original)
    assert all(cells.keys() == {"input", "output"} for cells in table.values())
    return {key: (cells["input"], cells["output"]) for key, cells in table.items()}


def rejected(items):
    return [(row.model_label, row.reason) for row in items if isinstance(row, Rejected)]


EXPECTED = {
    ("Command Q+", None): ("2.20", "9.00"),
    ("Command Q9B", None): ("0.0425", "0.17"),
    ("Command Q", "fine-tuned"): ("0.40", "1.60"),
    ("Command", None): ("1.10", "2.30"),
    ("Command Q 02-2019", None): ("0.70", "1.90"),
    ("Aya Wide 5B", None): ("0.60", "1.70"),
    ("Aya Wide 50B", None): ("0.60", "1.70"),
}


@pytest.mark.parametrize("name", ["cards.html", "cards.md"])
def test_html_and_markdown_give_the_same_prices(page_of, name):
    page = page_of(name)
    page.check_whole()
    found = list(read(page))
    assert prices(found) == EXPECTED
    assert len(found) == 14 >= SOURCE.min_rows


def test_a_row_says_which_card_or_sentence_it_comes_from(page_of):
    locators = list(dict.fromkeys(row.row_locator for row in read(page_of("cards.html"))))
    assert locators[0] == "line 3, card 'Command Q+'"
    assert locators[-1] == "line 20, sentence on 'Aya Wide models (5B and 50B) on the API'"


def test_a_title_alone_tells_a_fine_tuned_model(open_page):
    body = "<h3>Fine-tuned Command Q</h3><p>Input $1 / 1M tokens</p><p>Output $2 / 1M tokens</p>"
    assert prices(read(open_page(f"<html><body>{body}</body></html>"))) == {("Command Q", "fine-tuned"): ("1", "2")}


CARDS = {"Command Q+", "Command Q9B", "Command Q Fine-tuned Model"}
SENTENCES = {"Command", "Command Q 02-2019", "Aya Wide models (5B and 50B) on the API"}
SWAPPED = [("<p>Input<", "<p>In<"), ("<p>Output<", "<p>Input<"), ("<p>In<", "<p>Output<")]


@pytest.mark.parametrize(
    ("changes", "labels", "expected"),
    [
        ([(" / 1M tokens", "")], CARDS, "a price per tokens"),
        ([(" / 1M tokens", " / 1M characters")], CARDS, "a price per tokens"),
        ([(" / 1M tokens", " / hour")], CARDS, "a price per tokens"),
        ([("/1M tokens", "")], SENTENCES, "a price per tokens"),
        ([("$", "£")], CARDS | SENTENCES, "US dollars, euro or yuan"),
        ([("<p>Output<", "<p>Answer<")], CARDS, "a label"),
        (SWAPPED, CARDS, "at most"),
        ([(" for input and ", " for output and "), ("for output<", "for input<"), ("output.", "input.")], SENTENCES, "for input"),
        ([("<span>9.00</span><span> / 1M tokens</span>", "Contact us")], {"Command Q+"}, "an input and an output"),
        ([(" and $2.30/1M tokens for output", "")], {"Command"}, "one for output"),
        ([("$2.30/", "$0.30/")], {"Command"}, "at most"),
        ([("Command Q9B", "Our newest")], {"Our newest"}, "titled with a model"),
        ([("<li>Command pricing", "<li>The pricing is what it is. Old pricing")], {"Old"}, "begins with a model"),
    ],
)  # fmt: skip
def test_what_changed_is_rejected_and_named(page_of, changes, labels, expected):
    found = rejected(read(page_of("cards.html", *changes)))
    assert {label for label, _ in found} == labels
    assert all(expected in reason for _, reason in found)


def test_a_price_in_euro_is_read_as_euro(page_of):
    assert {row.currency for row in read(page_of("cards.html", ("$", "€")))} == {"EUR"}


def test_a_model_with_two_prices_is_rejected(page_of):
    found = rejected(read(page_of("cards.html", ("<li>Command pricing", "<li>Command Q+ pricing"))))
    assert [label for label, _ in found] == ["Command Q+"] * 4


def test_a_sentence_on_prices_in_other_words_is_rejected(page_of):
    found = rejected(read(page_of("cards.html", ("Command pricing is", "Command now costs"))))
    assert [label for label, _ in found] == ["What do older models cost?"]


def test_a_page_without_prices_is_an_error(page_of, open_page):
    page = page_of("cards.html", ("$", ""), ("pricing is", "has"), ("charged", "listed"))
    with pytest.raises(LayoutChanged, match="models with labelled prices"):
        list(read(page))
    gate = open_page(
        "<html><head><title>Just a moment...</title></head><body><p>Verify you are human</p></body></html>"
    )
    with pytest.raises(BlockedPage):
        gate.check_whole()
    with pytest.raises(LayoutChanged, match="models with labelled prices"):
        list(read(gate))

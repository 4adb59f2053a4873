"""What price pages say outside tables: the words over each table, and cards with a title, labels and amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from lxml import etree

from flows.errors import BadRow
from flows.records import Observation, Price, Rejected
from flows.sources._prices import check_order, context_tier, is_price, once, read_price, tiers
from flows.tables import Page, Table
from flows.values import Money, squash

Token = Literal["input", "output", "cached_input", "cache_write"]
_UNSEEN = {"script", "style", "noscript", "template", "head", "svg", "button", "select", "option"}
_INLINE = {"a", "abbr", "b", "bdi", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
_TITLES = {f"h{n}" for n in range(1, 7)}
_UNIT = r"(?i:(?:/|per\b)\s*(?:\d[\d,]*\s?)?[a-z]+(?:\s+(?:tokens?|characters?|search(?:es)?|calls?|requests?)\b)?)"
_PARTS = {
    "money": rf"(?:US)?[$\u20ac\u00a3\u00a5]\s?\d[\d.,]*(?:\s*{_UNIT})?",
    "context": r"(?:(?i:\bPrompts?)\s*)?\(?(?:\u2264|<=?|>|\bover|\bup to)\s?[\d,]+\s?K?\b(?:\s*(?:input\s+)?tokens)?\)?",
    "modality": r"\b(?:Text|Audio|Image|Video)\b",
    "label": r"\b(?:Prompt caching(?: (?:write|read)s?)?|Cache(?: write| read)s?|Cached input"
    r"|Input|Output|Training|Write|Read)\b",
}
_CARD = re.compile("|".join(f"(?P<{name}>{part})" for name, part in _PARTS.items()))
_LABELS: Mapping[str, Token] = {
    "input": "input",
    "output": "output",
    "cached input": "cached_input",
    "read": "cached_input",
    "write": "cache_write",
}


class Card(NamedTuple):
    """A title with the text under it, up to the next title."""

    title: str
    line: int | None
    text: str

    @property
    def locator(self) -> str:
        """Say where the card stands."""
        return f"line {self.line}, card {self.title!r}"


class _Piece(NamedTuple):
    kind: Literal["title", "text", "table"]
    text: str
    line: int | None
    element: object = None


def words_over(page: Page) -> Mapping[int, list[str]]:
    """Return, by table number, all words between the table before (or the page's start) and it, headings among them."""
    if page.is_markdown:
        return _markdown_words(page)
    over: dict[int, list[str]] = {}
    words: list[str] = []
    numbers = {_element(table): table.number for table in page.tables if table.rows}
    for piece in _pieces(page):
        if piece.kind != "table":
            words.append(piece.text)
        elif piece.element in numbers:
            over[numbers[piece.element]] = words
            words = []
    return over


def _element(table: Table) -> object:
    return next(iter(table.rows[0].element.iterancestors("table")))


def _markdown_words(page: Page) -> Mapping[int, list[str]]:
    lines, end = page.text.splitlines(), 0
    over: dict[int, list[str]] = {}
    for table in page.tables:
        start = (table.line or 1) - 1
        over[table.number] = [words for line in lines[end:start] if (words := squash(line.strip("#*_ \t")))]
        end = max([start + 2, *(row.line or 0 for row in table.rows)])
    return over


def read_cards(page: Page, provider_id: str, named: str) -> Iterator[Observation | Rejected]:
    """Yield the prices of every card that has labelled prices per token; its title must match `named`.

    Cards of plans and tools have no such prices and are passed over.
    """

    def read() -> Iterator[Observation | Rejected]:
        for card in _cards(page):
            try:
                yield from _read_card(card, page, provider_id, named)
            except BadRow as error:
                yield Rejected(
                    table="prices",
                    row_locator=card.locator,
                    reason=str(error),
                    model_label=card.title,
                    cells={"text": card.text[:500]},
                )

    return once(read())


def _cards(page: Page) -> Iterator[Card]:
    title: _Piece | None = None
    text: list[str] = []
    for piece in [*_pieces(page), _Piece("title", "", None)]:
        if piece.kind == "title":
            if title:
                yield Card(title.text, title.line, " ".join(text))
            title, text = piece, []
        else:
            text.append(piece.text)


def _read_card(card: Card, page: Page, provider_id: str, named: str) -> list[Price]:
    place = f"{page.place}, {card.locator}"
    found = _labelled_prices(card, place)
    if found and not re.search(named, card.title, re.IGNORECASE):
        raise BadRow(place, "a card titled with a model", repr(card.title))
    # A card that prices training sells the model as fine-tuned by the customer.
    tuned = "fine-tuned" if re.search(r"\bTraining:?\s*\$", card.text) else None
    prices = [
        Price(
            model_label=card.title,
            row_locator=card.locator,
            provider_id=provider_id,
            token_kind=token,
            amount_original=money.amount,
            currency=money.currency,
            unit_original=money.unit or "",
            tier=tiers(tuned, context),
        )
        for token, context, money in found
    ]
    _check_kinds([(token, context) for token, context, _ in found], place)
    check_order(prices, place)
    return prices


def _check_kinds(kinds: list[tuple[Token, str | None]], place: str) -> None:
    """Raise BadRow if a card lacks its input or output price, or has a price twice: two cards have run together."""
    if kinds and not {("input", None), ("output", None)} <= set(kinds):
        raise BadRow(place, "an input and an output price", str(kinds))
    if len(set(kinds)) != len(kinds):
        raise BadRow(place, "each kind of price once", str(kinds))


def _labelled_prices(card: Card, place: str) -> list[tuple[Token, str | None, Money]]:
    """Return kind, context and amount of 'Input $3 / MTok', 'Write > 200K tokens $7.50 / MTok' in a card.

    An amount counts only right after its label; a context or another amount may stand between. BadRow for a price per
    token without label and for a labelled amount without token unit. Prices of audio and image tokens are passed over.
    """
    found: list[tuple[Token, str | None, Money]] = []
    label, context, modality, seen, end = "", "", "Text", "", 0
    for match in _CARD.finditer(card.text):
        if card.text[end : match.start()].strip(" :"):
            label, context, seen = "", "", ""
        end, words = match.end(), match[0]
        if match.lastgroup == "modality":
            label, context, seen = "", "", words
        elif match.lastgroup == "label":
            label, context = _label(words), context if words in ("Write", "Read") else ""
        elif match.lastgroup == "context":
            context = words
        elif label in _LABELS:
            modality = seen or modality  # a modality holds for the amounts after it, up to the next one
            if modality == "Text":
                found.append((_LABELS[label], context_tier(context), read_price(words, place)))
        elif modality == "Text" and label != "training" and is_price(words):
            raise BadRow(place, "a label right before each price per token", repr(card.text[max(0, end - 60) : end]))
    return found


def _label(words: str) -> str:
    """Return 'write' for 'Prompt caching write' and 'Cache writes', 'input' for 'Input'."""
    return re.sub(r"^(?:prompt caching|cache) (write|read)s?$", r"\1", squash(words).casefold())


def _pieces(page: Page) -> Iterator[_Piece]:
    """Yield the titles, blocks of text and tables of a page in order."""
    if not page.is_markdown:
        yield from _html_pieces(page)
        return
    for number, line in enumerate(page.text.splitlines(), 1):
        heading = re.match(r"\s{0,3}#{1,6}\s+(.*?)\s*#*$", line)
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1] if heading else line)
        if text := squash(words.replace("**", "").replace("\\$", "$")):
            yield _Piece("title" if heading else "text", text, number)


def _html_pieces(page: Page) -> Iterator[_Piece]:
    words: list[str] = []
    title: Any = None
    walk = etree.iterwalk(page.root, events=("start", "end"))
    for event, node in walk:
        is_title = node.tag in _TITLES or "pricing_title_text" in (node.get("class") or "")
        if node.tag not in _INLINE or is_title:
            if text := squash("".join(words)):
                at = node if title is None else title
                yield _Piece("text" if title is None else "title", text, at.sourceline)
            words = []
            if is_title:
                title = node if event == "start" else None
        if event == "end":
            words.append(node.tail or "")
        elif node.tag in _UNSEEN:
            walk.skip_subtree()
        elif node.tag == "table":
            yield _Piece("table", squash(" ".join(node.itertext())), node.sourceline, node)
            walk.skip_subtree()
        else:
            words.append(node.text or "")

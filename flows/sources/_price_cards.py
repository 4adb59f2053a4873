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
_UNSEEN = {"script", "style", "noscript", "template", "head", "svg"}
_BUTTONS = {"button", "option"}
_BUTTON_ROLES = {"button", "tab", "switch", "radio", "option"}
_INLINE = {"a", "abbr", "b", "bdi", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
_TITLES = {f"h{n}" for n in range(1, 7)}
_UNRANKED = 9  # a title by its class only: the headings before it may be over it or beside it
_UNIT = r"(?i:(?:/|per\b)\s*(?:\d[\d,]*\s?)?[a-z]+(?:\s+(?:tokens?|characters?|search(?:es)?|calls?|requests?)\b)?)"
_PARTS = {
    "money": rf"(?:US)?[$\u20ac\u00a3\u00a5]\s?\d[\d.,]*(?:\s*{_UNIT})?",
    "context": r"(?:(?i:\bPrompts?)\s*)?\(?(?:\u2264|<=?|>|\bover|\bup to)\s?[\d,]+\s?K?\b(?:\s*(?:input\s+)?tokens)?\)?",
    "modality": r"\b(?:Text|Audio|Image|Video)\b",
    "label": r"\b(?:Prompt caching(?: (?:write|read)s?)?|Cache(?: write| read)s?|Cached input"
    r"|Input|Output|Training|Write|Read)\b|\b(?:Prompt|Completion)\b(?=\s?:?\s*[$\u20ac\u00a3\u00a5])",
}
_CARD = re.compile("|".join(f"(?P<{name}>{part})" for name, part in _PARTS.items()))
_LABELS: Mapping[str, Token] = {
    "input": "input",
    "output": "output",
    "prompt": "input",  # 2023
    "completion": "output",
    "cached input": "cached_input",
    "read": "cached_input",
    "write": "cache_write",
}


# What a title over cards says of them: a service tier, a fine-tuned model, or another API whose models go by the same names.
_SERVICE = re.compile(r"\b(?:(?P<batch>batch)|(?P<fast>fast mode)|(?P<tuned>fine-?tun)|flex|priority)", re.IGNORECASE)
_TITLE_TIER = re.compile(r"(.+?)[\s(:\u2013\u2014-]+(fast mode|batch(?: processing| api)?)\)?", re.IGNORECASE)
_OTHER_API = re.compile(r"\b(?:realtime|real-time|audio|speech|transcription|image|video)\b", re.IGNORECASE)


class Card(NamedTuple):
    """A title with the text under it, up to the next title.

    `over` are the titles over it that have no prices themselves; `beside` is one of its own level, which may be its section's
    title or an unpriced card before it.
    """

    title: str
    line: int | None
    text: str
    over: tuple[str, ...] = ()
    beside: str = ""

    @property
    def locator(self) -> str:
        """Say where the card stands."""
        return f"line {self.line}, card {self.title!r}"


class _Piece(NamedTuple):
    kind: Literal["title", "text", "table", "button"]
    text: str
    line: int | None
    element: Any = None
    level: int = 0


class Button(NamedTuple):
    """A button, tab or switch: its words and whether the page says that it is on."""

    text: str
    is_on: bool


class Over(NamedTuple):
    """What stands over a table, since the table before; over the first one, since the page's main title.

    Where there is no main title, that is the last few words: what comes before may be the site's navigation.
    """

    words: list[str]
    buttons: list[Button]


_FEW = 8


def words_over(page: Page) -> Mapping[int, Over]:
    """Return, by table number, what stands between the table before and it, headings among the words."""
    if page.is_markdown:
        return _markdown_words(page)
    over: dict[int, Over] = {}
    words: list[str] = []
    buttons: list[Button] = []
    has_start = False
    numbers = {_element(table): table.number for table in page.tables if table.rows}
    for piece in _pieces(page):
        if piece.kind == "button":
            buttons.append(Button(piece.text, _is_on(piece.element)))
        elif piece.kind != "table":
            words.append(piece.text)
            if piece.level == 1 and not over:
                words, buttons, has_start = [], [], True
        elif piece.element in numbers:
            over[numbers[piece.element]] = Over(words if has_start else words[-_FEW:], buttons)
            words, buttons, has_start = [], [], True
    return over


def _is_on(button: Any) -> bool:
    """Return whether a button is chosen, by its aria-selected, data-state, or class."""
    states = [button.get(f"aria-{name}") for name in ("selected", "checked", "pressed", "current")]
    return (
        any(state not in (None, "false") for state in states)
        or button.get("data-state") in ("on", "active", "checked", "open")
        or button.get("selected") is not None
        or bool(
            re.search(r"(?:^|[\s_-])(?:active|selected|checked)(?:$|[\s_-])", button.get("class") or "", re.IGNORECASE)
        )
    )


def _element(table: Table) -> object:
    return next(iter(table.rows[0].element.iterancestors("table")))


def _markdown_words(page: Page) -> Mapping[int, Over]:
    lines, end = page.text.splitlines(), 0
    over: dict[int, Over] = {}
    for table in page.tables:
        start = (table.line or 1) - 1
        titles = [n for n in range(end, start) if re.match(r"# |=+$", lines[n])]
        at = titles[-1] + 1 if titles and not over else end
        words = [w for line in lines[at:start] if not _is_link(line) and (w := squash(_unlinked(line).strip("#*_ \t")))]
        over[table.number] = Over(words if titles or over else words[-_FEW:], [])
        end = max([start + 2, *(row.line or 0 for row in table.rows)])
    return over


def _is_link(line: str) -> bool:
    """Return whether a line is a link in a list: an entry of the site's navigation."""
    return bool(re.fullmatch(r"\s*[-*+]\s+\[[^\]]*\]\([^)]*\)\s*", line))


def _unlinked(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def texts(page: Page) -> Iterator[tuple[int | None, str]]:
    """Yield the line and words of every block of text outside titles and tables."""
    return ((piece.line, piece.text) for piece in _pieces(page) if piece.kind == "text")


def read_cards(
    page: Page, provider_id: str, named: str, without: re.Pattern[str] | None = None
) -> Iterator[Observation | Rejected]:
    """Yield the prices of every card that has labelled prices per token; its title must match `named`.

    Cards of plans and tools have no such prices and are passed over, as is what matches `without`: it is read elsewhere.
    """

    def read() -> Iterator[Observation | Rejected]:
        for card in _cards(page, without):
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


def _cards(page: Page, without: re.Pattern[str] | None) -> Iterator[Card]:
    title: _Piece | None = None
    text: list[str] = []
    sections: list[_Piece] = []
    for piece in [*_pieces(page), _Piece("title", "", None)]:
        if piece.kind == "title":
            if title:
                yield _card(title, " ".join(text), sections)
            title, text = piece, []
        elif piece.kind != "button":
            text.append(without.sub("", piece.text) if without else piece.text)


def _card(title: _Piece, text: str, sections: list[_Piece]) -> Card:
    """Return a card under its section's titles; a title without prices becomes one of `sections`."""
    if any(match.lastgroup == "money" and is_price(match[0]) for match in _CARD.finditer(text)):
        is_ranked = title.level != _UNRANKED
        over = tuple(s.text for s in sections if s.level < title.level and is_ranked)
        beside = " / ".join(s.text for s in sections if s.level == title.level or not is_ranked)
        return Card(title.text, title.line, text, over, beside)
    sections[:] = [*(s for s in sections if s.level < title.level), title]
    return Card(title.text, title.line, text)


def _read_card(card: Card, page: Page, provider_id: str, named: str) -> list[Price]:
    place = f"{page.place}, {card.locator}"
    if _is_of_other_api(card, place):
        return []
    found = _labelled_prices(card, place)
    if found and not re.search(named, card.title, re.IGNORECASE):
        raise BadRow(place, "a card titled with a model", repr(card.title))
    label, service = _service(card, place) if found else (card.title, None)
    prices = [
        Price(
            model_label=label,
            row_locator=card.locator,
            provider_id=provider_id,
            token_kind=token,
            amount_original=money.amount,
            currency=money.currency,
            unit_original=money.unit or "",
            tier=tiers(service, context),
        )
        for token, context, money in found
    ]
    _check_kinds([(token, context) for token, context, _ in found], place)
    check_order(prices, place)
    return prices


def _is_of_other_api(card: Card, place: str) -> bool:
    """Return whether a card prices a model within the realtime, audio or image API under its plain name ('GPT-4o').

    Its text tokens cost more there than in the text API, so it is no price of the model that the name stands for. A card whose
    own title says 'realtime' or 'audio' is another model, and is read.
    """
    if _OTHER_API.search(card.title):
        return False
    if any(_OTHER_API.search(title) for title in card.over):
        return True
    if not _OTHER_API.search(card.beside):
        return False
    if re.search(r"\bAudio\b.*[$\u20ac\u00a3\u00a5]", card.text):
        return True
    if any(match.lastgroup == "money" and is_price(match[0]) for match in _CARD.finditer(card.text)):
        raise BadRow(place, "a title that says to which section the card belongs", f"{card.beside!r} before it")
    return False


def _service(card: Card, place: str) -> tuple[str, str | None]:
    """Return a card's model and the tier that its title or its section's title states; a card with training is fine-tuned.

    BadRow where a title names a tier that is not known, or stands on the card's own level.
    """
    if match := _TITLE_TIER.fullmatch(card.title):
        return match[1], "fast" if match[2].casefold() == "fast mode" else "batch"
    if re.search(r"\bTraining:?\s*[$\u20ac\u00a3\u00a5]", card.text):
        return card.title, "fine-tuned"
    if match := next((m for title in reversed(card.over) if (m := _SERVICE.search(title))), None):
        if match.lastgroup is None:
            raise BadRow(place, "a section of standard, batch, fast mode or fine-tuned prices", str(card.over))
        return card.title, "fine-tuned" if match.lastgroup == "tuned" else match.lastgroup
    if _SERVICE.search(card.beside):
        raise BadRow(place, "a title that says to which section the card belongs", f"{card.beside!r} before it")
    return card.title, None


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
    text = _label_first(card.text)
    for match in _CARD.finditer(text):
        if text[end : match.start()].strip(" :"):
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
            raise BadRow(place, "a label right before each price per token", repr(text[max(0, end - 60) : end]))
    return found


def _label_first(text: str) -> str:
    """Turn '$3 / MTok Input $15 / MTok Output' round where every amount has its label behind it and none before it."""
    found = [m for m in _CARD.finditer(text) if m.lastgroup == "label" or (m.lastgroup == "money" and is_price(m[0]))]
    kinds = [match.lastgroup for match in found]
    if any(match.lastgroup in ("context", "modality") for match in _CARD.finditer(text)):
        return text
    if not found or kinds != ["money", "label"] * (len(found) // 2):
        return text
    pairs = zip(found[::2], found[1::2], strict=True)
    if any(text[money.end() : label.start()].strip() for money, label in pairs):
        return text
    return " ; ".join(f"{label[0]} {money[0]}" for money, label in zip(found[::2], found[1::2], strict=True))


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
        words = _unlinked(heading[1] if heading else line)
        if text := squash(words.replace("**", "").replace("\\$", "$")):
            level = len(line.split()[0]) if heading else 0
            yield _Piece("title" if heading else "text", text, number, level=level)


def _button_text(node: Any) -> str:
    """Return a button's words; those round it where it has none of its own (a switch in its label)."""
    text = squash(" ".join(node.itertext())) or node.get("aria-label") or ""
    parent = node.getparent()
    return text or (squash(" ".join(parent.itertext()))[:80] if parent is not None else "")


def _html_pieces(page: Page) -> Iterator[_Piece]:
    words: list[str] = []
    title: Any = None
    walk = etree.iterwalk(page.root, events=("start", "end"))
    for event, node in walk:
        is_title = node.tag in _TITLES or "pricing_title_text" in (node.get("class") or "")
        if node.tag not in _INLINE or is_title:
            if text := squash("".join(words)):
                at = node if title is None else title
                level = 0 if title is None else int(title.tag[1]) if title.tag in _TITLES else _UNRANKED
                yield _Piece("text" if title is None else "title", text, at.sourceline, level=level)
            words = []
            if is_title:
                title = node if event == "start" else None
        if event == "end":
            words.append(node.tail or "")
        elif node.tag in _UNSEEN:
            walk.skip_subtree()
        elif node.tag in _BUTTONS or node.get("role") in _BUTTON_ROLES:
            yield _Piece("button", _button_text(node), node.sourceline, node)
            walk.skip_subtree()
        elif node.tag == "table":
            yield _Piece("table", squash(" ".join(node.itertext())), node.sourceline, node)
            walk.skip_subtree()
        else:
            words.append(node.text or "")

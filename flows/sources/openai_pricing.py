"""OpenAI's price pages: what a model costs by tokens, per service tier, for short and long context.

Layouts: the developer site (since 2026, tables in tabs, two-row headers), the platform's page (2025, HTML or markdown),
the API page (2023 to 2025, units in the cells, or cards). Only text tokens are read: audio, image and video tokens, prices
per minute, character or call, and every token of models that draw, speak aloud, transcribe, embed or moderate are no prices of
language models. Realtime models are read where the page tells their text tokens from audio. Tiers, joined in this order:
'batch', 'flex' or 'priority' (named fast mode since 2026-07-30); 'fine-tuned'; 'data sharing'; 'context>272k'.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._astro import hidden_rows
from flows.sources._price_cards import Button, Over, read_cards, words_over
from flows.sources._prices import check_order, context_tier, is_price, is_unpriced, once, read_price, tiers
from flows.tables import Page, Row, Table
from flows.values import squash

SOURCE = Source(
    id="openai_pricing",
    title="OpenAI's price page",
    kind="pricing",
    urls=("https://developers.openai.com/api/docs/pricing",),
    former_urls=(
        "https://platform.openai.com/docs/pricing",
        "https://openai.com/api/pricing",
    ),
    publisher="OpenAI",
    licence="none stated (figures are facts)",
    may_republish=False,
    min_rows=8,
    expects={"prices": Expect(low=0.001, high=2000)},
    cadence=days(7),
)

Token = Literal["input", "output", "cached_input", "cache_write", "blended"]
_TIERS = {"standard": None, "batch": "batch", "flex": "flex", "priority": "priority", "fast": "priority"}
# 'Fast, affordable small model' is no tier.
_TIER_WORD = re.compile(r"\b(?:batch|flex|priority|fast(?=$|\s*\(|\s(?:mode|processing|tier|api|pric)))", re.IGNORECASE)
_TIER = re.compile(
    r"(standard|batch|flex|priority|fast)(?: mode| processing| api| tier)?(?: pricing(?: data)?)?"
    r"(?:\s*\((?![^)]*\b(?:batch|flex|priority|fast|standard)\b)[^()]*\))?",
    re.IGNORECASE,
)
# In spring 2025 a switch over each table turned to batch prices; its words alone say nothing of those shown.
_TOGGLE = re.compile(r"(?:show |view )?batch api price", re.IGNORECASE)
_POINTER = re.compile(r"\b(?:below|following|shown|this table)\b", re.IGNORECASE)
_PER = re.compile(
    r"\bper [\w,]+(?: \w+){0,2}", re.IGNORECASE
)  # with the noun: 'per 1M characters' is no price of tokens
_STATEMENT = re.compile(r"prices?\b[\w ]{0,20}\b(per [\w,]+(?: \w+){0,2})", re.IGNORECASE)
_TOKENS: Mapping[str, Token] = {
    "input": "input",
    "cached input": "cached_input",
    "cache writes": "cache_write",
    "output": "output",
    "output / cost": "output",
    "input usage": "input",
    "output usage": "output",
    "prompt": "input",  # GPT-4 in March 2023
    "completion": "output",
    "usage": "blended",  # 2023: one price for every token, whichever way it goes
}
# Columns beside the prices; training is sold by the hour or by training tokens, an estimated cost by the minute.
_BESIDE = {"model", "category", "modality", "use case", "training", "context", "context window", "knowledge cutoff"}
_SPEECH = "estimated cost"
# Tables of images, video, speech, embeddings: one price per image, second, character, or for input alone.
_OTHER_TABLE = re.compile(r"\b(?:price|cost|quality|resolution|size|use case)\b", re.IGNORECASE)
_OTHER = r"image|audio|video|embedding|moderation|transcription|speech"
# Without a column 'Modality' nothing tells text from audio in the realtime API.
_OTHER_TITLE = re.compile(rf"\b(?:{_OTHER}|real-?time)", re.IGNORECASE)
_OTHER_HEADING = re.compile(rf"(?:{_OTHER})|.*\breal-?time\b", re.IGNORECASE)
# Models that draw, speak or write down: the tokens of text that go in are no price of a language model. Those of realtime
# and audio chat models are: such a model answers in text too, and has a name of its own.
_OTHER_MODEL = re.compile(
    r"^(?:embeddings?|moderation)$|\bembedding|\bmoderation|\b(?:image|tts|transcribe|whisper|dall-?e|sora)\b"
    r"|\((?:audio|image|video)\b[^()]*\)",
    re.IGNORECASE,
)
_MIXED = re.compile(
    r"([$\u20ac\u00a3\u00a5]\s?[\d.,]+\s*/\s*1[MK])\s+((?:cached\W*\s+)?(?:input|output|training))?\s*tokens?",
    re.IGNORECASE,
)


class _Column(NamedTuple):
    """What a column holds; without a token kind its cells say it ('$2.50 / 1M input tokens')."""

    token: Token | None
    is_long: bool
    tier: str | None


@dataclass(frozen=True)
class _Section:
    """A part of the page: its title, its unit ('other' if not per tokens), its header, the tiers it has shown.

    `heading` is the heading right over the table. `doubt` is what stands where a tier or unit was expected, if it is none
    that is known: cells that state their unit need neither. `trouble` is what might be a tier, whatever the cells say.
    """

    title: str
    unit: str | None
    header: list[str]
    shown: tuple[str | None, ...]
    heading: str = ""
    doubt: str | None = None
    trouble: str | None = None

    @property
    def tier(self) -> str | None:
        """Return the service tier of the table at hand."""
        return self.shown[-1]


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the text-token prices of every table, or of every card where the page has no price table."""
    found = list(once(_read_tables(page)))
    found = found or list(read_cards(page, "openai", named=r"\d|gpt"))
    if not found:
        raise LayoutChanged(page.place, "tables or cards with prices per token", f"{len(page.tables)} tables")
    yield from found


def _read_tables(page: Page) -> Iterator[Observation | Rejected]:
    over, section, long = words_over(page), None, _long_context(page)
    for table in page.tables:
        if not table.rows:
            continue
        section = _section(table, over.get(table.number, Over([], [])), section)
        columns = _columns(table, section)
        if columns:
            yield from _read_table(table, section, columns, long)


def _section(table: Table, over: Over, before: _Section | None) -> _Section:
    """Return where a table stands: in a new section with its own statement of the unit, or in a further tab of the last."""
    words = [w for w in over.words if _TIER.fullmatch(w) or not re.search(r"(?:table|pricing) data$", w, re.IGNORECASE)]
    stated = [(n, m) for n, w in enumerate(words) if (m := _STATEMENT.search(w))]
    at, match = stated[-1] if stated else (-1, None)
    tier, trouble = _tier_over(table, words, at, over.buttons)
    titles = [w for w in words[at + 1 :] if not _is_prose(w) and not _TOGGLE.fullmatch(w)]
    same = before is not None and not stated and (before.header == table.header or (bool(tier) and len(titles) == 1))
    section = _Section(_title(words, at, match), _unit(match[1]) if match else None, table.header, ())
    if before and same and tier not in before.shown:
        section = replace(before, header=table.header)
    last = words[-1] if words[at + 1 :] else ""
    unknown = _is_title(last) and not _TIER.fullmatch(last) and not _TOGGLE.fullmatch(last)
    doubt = repr(words[-3:]) if (same and not tier) or ((same or stated) and unknown) else None
    if len({_unit(m[0]) for w in words for m in _PER.finditer(w) if _STATEMENT.search(w)} - {"other"}) > 1:
        doubt = f"several units: {[words[n] for n, _ in stated]}"
    fresh = table.headings[-1] if table.headings and table.headings[-1] in words else ""
    return replace(
        section, shown=(*section.shown, _TIERS[tier or "standard"]), heading=fresh, doubt=doubt, trouble=trouble
    )


def _title(words: list[str], at: int, match: re.Match[str] | None) -> str:
    """Return the title of a section: before its statement of the unit if it has one, else the last words over the table."""
    if match:
        return squash(words[at][: match.start()]) or (words[at - 1] if at else "")
    return next((w for w in reversed(words) if not _TIER.fullmatch(w) and not _TOGGLE.fullmatch(w)), "")


def _tier_over(table: Table, words: list[str], at: int, buttons: list[Button]) -> tuple[str | None, str | None]:
    """Return the tier that a table's surroundings name ('standard' among them; None for none), or what is in the way of it.

    The last label of a tier counts if it stands behind the statement of the unit (number `at`), or right over it. Without a
    label the tab that is on counts, else a heading. Anything else that names batch, flex, priority or fast mode, and is not
    prose about them, might hold for the table: it is handed back as the trouble.
    """
    labels = [n for n, w in enumerate(words) if _TIER.fullmatch(w) or _names_tier(w, is_statement=n == at)]
    if labels:
        return _tier_of_labels(words, labels, at)
    named = [b for b in buttons if _TIER.fullmatch(b.text) or (b.is_on and _TIER_WORD.search(b.text))]
    if named:
        chosen = [b.text for b in named if b.is_on]
        match = _TIER.fullmatch(chosen[0]) if len(chosen) == 1 else None
        return (match[1].casefold(), None) if match else (None, f"the buttons {[b.text for b in named]}, {chosen} on")
    for heading in reversed([table.caption, *table.headings]):
        if _TIER_WORD.search(heading) and not _TOGGLE.fullmatch(heading):
            match = _TIER.fullmatch(heading)
            is_over = heading == table.caption or table.headings[-1] in words
            return (match[1].casefold(), None) if match and is_over else (None, f"the heading {heading!r}")
    told = next((w for w in words if _TIER_WORD.search(w) and _POINTER.search(w)), None)
    return None, repr(told) if told else None


def _tier_of_labels(words: list[str], labels: list[int], at: int) -> tuple[str | None, str | None]:
    """Return the tier of the last label, or the labels if they do not say which tier the table has."""
    match = _TIER.fullmatch(words[labels[-1]])
    after = [n for n in labels if n > at]
    bar = [m[1].casefold() if (m := _TIER.fullmatch(words[n])) else words[n] for n in after]
    is_bar = len(set(bar)) > 1 and bar[-1] not in bar[:-1]  # tabs written out, and nothing says which is on
    between = [w for w in words[labels[-1] + 1 : at] if not _is_prose(w)]
    if not match or is_bar or (not after and between):
        return None, repr([words[n] for n in labels])
    return match[1].casefold(), None


def _names_tier(words: str, *, is_statement: bool) -> bool:
    """Return whether words that are no prose (or are the statement of the unit) name a service tier."""
    if not _TIER_WORD.search(words) or _TOGGLE.fullmatch(words):
        return False
    return is_statement or not _is_prose(words)


def _is_prose(words: str) -> bool:
    """Return whether words are a sentence or a link to more, and no title or label."""
    return (
        bool(re.search(r"[.!?:;,]$|^(?:learn|see|read|try|save|for|\*)", words, re.IGNORECASE))
        or len(words.split()) > 8
    )


def _is_title(words: str) -> bool:
    return bool(re.fullmatch(r"[A-Z][\w-]*(?: [\w-]+){0,2}", words))


def _unit(words: str) -> str:
    """Return the unit of 'Prices per 1M tokens.'; 'other' for 'Prices per second.'."""
    try:
        return values.read_unit(words) or "other"
    except ValueError:
        return "other"


def _columns(table: Table, section: _Section) -> dict[int, _Column]:
    """Return the price columns of a table of language models; none for other tables, by the rules over the constants.

    LayoutChanged for a table with some of the columns of a price table, and for a column of amounts that is not known.
    """
    columns = {i: c for i, label in enumerate(table.header) if (c := _column(label))}
    labels = {squash(label.casefold()).rstrip("*") for label in table.header}
    tokens = {c.token for c in columns.values()}
    if not table.has("Model") and (tokens <= {None} or table.has("Tool")):
        return {}  # nothing priced by kind of token: tools, storage; 'Tool | Input' were the tools of assistants in 2023
    if section.unit == "other" or _SPEECH in labels or (not columns and _OTHER_TABLE.search(" ".join(labels))):
        return {}
    if not table.has("Modality") and (_OTHER_TITLE.search(section.title) or _OTHER_HEADING.match(section.heading)):
        return {}
    if not columns and not any(_has_amounts(table, i) for i in range(len(table.header))):
        return {}
    unknown = [
        label
        for i, label in enumerate(table.header)
        if i not in columns and squash(label.casefold()) not in _BESIDE | {""} and _has_amounts(table, i)
    ]
    if not table.has("Model") or unknown or not (tokens & {None, "blended"} or {"input", "output"} <= tokens):
        raise LayoutChanged(table.place, "columns 'Model', 'Input', 'Output'", str(table.header))
    return columns


def _column(label: str) -> _Column | None:
    name = squash(label.casefold()).rstrip("*")
    context = re.match(r"(short|long) context(?: /)? ", name)
    name = name[context.end() :] if context else name
    if name in ("pricing", "pricing with batch api"):
        return _Column(None, False, "batch" if "batch" in name else None)
    tier = "batch" if name.startswith("batch ") else None
    token = _TOKENS.get(name.removeprefix("batch "))
    return _Column(token, bool(context and context[1] == "long"), tier) if token else None


def _has_amounts(table: Table, column: int) -> bool:
    return any(re.search(r"[$\u20ac\u00a3\u00a5]\s?\d", row.cells[column].text) for row in table.rows)


def _long_context(page: Page) -> str:
    """Return the tier of the long-context columns: with the threshold if the page states one ('>272K input tokens')."""
    text = html.unescape(page.text)
    found = set(re.findall(r"long context\b[^<>]{0,40}(>\s?\d+K)\b", text, re.IGNORECASE))
    return (context_tier(found.pop()) if len(found) == 1 else None) or "long_context"


def _read_table(
    table: Table, section: _Section, columns: dict[int, _Column], long: str
) -> Iterator[Observation | Rejected]:
    names = [i for n in ("Category", "Model", "Modality") for i in table.columns(n)]
    rows = list(table.rows)
    try:
        rows += hidden_rows(table, names, list(columns))
    except LayoutChanged as error:
        yield Rejected(table="prices", row_locator=f"{rows[-1].locator}, rows not shown", reason=str(error))
    rows = [row for row in rows if _is_text(row)]
    if rows and section.trouble:
        raise LayoutChanged(table.place, f"one tier over the table, of {', '.join(_TIERS)}", section.trouble)
    if rows and not any(_has_unit(row, columns) for row in rows):
        if section.doubt:
            raise LayoutChanged(
                table.place, f"a tier over the table, one of {', '.join(_TIERS)}, and one unit", section.doubt
            )
        if section.unit is None:
            raise LayoutChanged(table.place, "the unit ('Prices per 1M tokens') over the table or in its cells", "none")
    label = ""

    def parse(row: Row) -> list[Price]:
        nonlocal label
        # In 2024 a model's further prices stood in rows without its name.
        label = row["Model"] or (label if None in {c.token for c in columns.values()} else "")
        return _read_row(row, label, section, columns, long)

    yield from replace(table, rows=rows).read(parse, into="prices", label="Model")


def _is_text(row: Row) -> bool:
    """Return whether a row may price text tokens of a language model: no audio and image tokens, no other models."""
    table = row.table
    if table.has("Modality") and row["Modality"].casefold() != "text":
        return False
    return not any(_OTHER_MODEL.search(row[name]) for name in ("Model", "Category") if table.has(name))


def _has_unit(row: Row, columns: dict[int, _Column]) -> bool:
    return any(is_price(text) or _MIXED.search(text) for text in (row.cells[i].text for i in columns))


def _read_row(row: Row, label: str, section: _Section, columns: dict[int, _Column], long: str) -> list[Price]:
    """Return the prices of a row; a tier is put together from its column, its section and its label."""
    if not label or len(label) > 300:
        raise BadRow(f"{row.place}, column 'Model'", "a model", repr(label[:80]))
    if re.fullmatch(r"\d+K context", label, re.IGNORECASE):  # 2023: the heading names the model
        label = f"{row.table.headings[-1] if row.table.headings else ''} {label}".strip()
    name, notes, sharing, context = _split_label(label)
    tuned = "fine-tuned" if _is_tuned(row, section) else None
    prices = []
    for index, column in columns.items():
        for token, text in _cell(row, index, column):
            money = read_price(text, f"{row.place}, column {row.table.header[index]!r}", unit=section.unit)
            price = Price(
                model_label=name,
                row_locator=row.locator + (" of the rows not shown" if row.is_hidden else ""),
                provider_id="openai",
                token_kind=token,
                amount_original=money.amount,
                currency=money.currency,
                unit_original=money.unit or "",
                tier=tiers(column.tier or section.tier, tuned, sharing, long if column.is_long else context),
                notes=notes,
            )
            prices.append(price)
    check_order(prices, row.place)
    return prices


def _is_tuned(row: Row, section: _Section) -> bool:
    """Return whether a row prices a model that the customer has trained."""
    words = " ".join([section.title, *(cell.text for cell in row.cells)])
    return row.table.has("Training") or bool(re.search(r"\bfine-?tun|\btraining tokens", words, re.IGNORECASE))


def _cell(row: Row, index: int, column: _Column) -> Iterator[tuple[Token, str]]:
    """Yield kind and text of each price in a cell; '-', 'Free' and prices per minute or character are none per token."""
    text = row.cells[index].text
    if is_unpriced(text):
        return
    if column.token:
        yield column.token, text
        return
    found = _MIXED.findall(text)
    if not found or len(found) != len(re.findall(r"[$\u20ac\u00a3\u00a5]", text)):
        raise BadRow(row.place, "amounts such as '$2.50 / 1M input tokens'", repr(text))
    for amount, kind in found:
        kind = squash(re.sub(r"\W+", " ", kind.casefold()))
        if kind == "training":
            continue
        if kind not in _TOKENS:
            raise BadRow(row.place, "'$2.50 / 1M input tokens' or 'output tokens'", repr(text))
        yield _TOKENS[kind], f"{amount} tokens"


def _split_label(text: str) -> tuple[str, str | None, str | None, str | None]:
    """Return name, notes, data-sharing tier and context tier of a model cell.

    'Ada Fastest' (2023), 'gpt-5.5 (<272K context length)', 'o4-mini-2025-04-16 with data sharing', 'davinci-002 Legacy', and a
    name with the snapshot it stands for in small type under it ('gpt-4.1 gpt-4.1-2025-04-14'): the marks are no part of the name.
    """
    notes: list[str] = []
    context = sharing = None
    if match := re.search(r"\s*\(([<>\u2264]=?\s?\d+K context(?: length)?)\)$", text, re.IGNORECASE):
        text, context = text[: match.start()], context_tier(match[1])
        notes.append(match[1])
    if match := re.search(r"\s*(with data sharing|legacy)$", text, re.IGNORECASE):
        text, sharing = text[: match.start()], "data sharing" if match[1].casefold() != "legacy" else None
        notes.append(match[1])
    if match := re.search(r"\s+(Fastest|Most powerful)$", text):
        text = text[: match.start()]
        notes.append(match[1])
    if match := re.fullmatch(r"(\S+?)\s?(\1-\d{4}-\d{2}-\d{2})", text):
        text = match[1]
        notes.append(f"snapshot {match[2]}")
    return text, "; ".join(notes) or None, sharing, context

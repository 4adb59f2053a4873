"""Google's price page of the Gemini API: what a model costs by tokens, in the paid tier, per service tier and prompt length.

Every model is a heading, a line with its API names and one table per service tier (standard, batch, flex, priority), whose
tabs a reader service writes as one line of links; rendered HTML and the site's own markdown give each tier a heading. The
column of the free tier is left out: it is an allowance for trying, no price. Only text tokens are read, where a price for
text holds for images and video too that is the price; audio, storage of a cache, grounding, tuning are left out, and so are
the models that draw, film, speak or embed. Tiers: 'batch', 'flex', 'priority'; 'thinking'; 'context>200k'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from flows import values
from flows.errors import BadRow, LayoutChanged
from flows.records import Expect, Observation, Price, Rejected, Source, days
from flows.sources._google_cells import Amount, read_amounts
from flows.sources._google_prices import NO_LANGUAGE_MODEL, checked, modalities
from flows.sources._price_cards import Token
from flows.sources._prices import once, tiers
from flows.tables import Page, Row, Table
from flows.values import squash

SOURCE = Source(
    id="google_pricing_markdown",
    title="Google's price page of the Gemini API",
    kind="pricing",
    urls=("https://ai.google.dev/gemini-api/docs/pricing",),
    former_urls=("https://ai.google.dev/pricing", "https://ai.google.dev/gemini-api/docs/pricing.md.txt"),
    publisher="Google",
    licence="CC-BY-4.0",
    may_republish=True,
    attribution="Gemini API documentation, Google, CC BY 4.0",
    min_rows=8,
    expects={"prices": Expect(low=0, high=500)},
    cadence=days(7),
)

_TIERS = {"standard": None, "batch": "batch", "flex": "flex", "priority": "priority"}
_TIER_WORDS = re.compile(r"(?:(?:standard|batch|flex|priority|more)\s*)+", re.IGNORECASE)
_TIER_WORD = re.compile(r"standard|batch|flex|priority", re.IGNORECASE)
_PAID = re.compile(r"\bpaid\b|pay-as-you-go", re.IGNORECASE)
_FREE = re.compile(r"\bfree\b", re.IGNORECASE)
_ID = r"[a-z][a-z0-9]*(?:\.[a-z0-9]+)*-[a-z0-9.-]*[a-z0-9]"
_IDS = re.compile(rf"{_ID}(?:\s*(?:,|\band\b|\bor\b|/|&)+\s*{_ID})*(?=$|\s+Try\b)")
_NO_MODEL = re.compile(r"pricing for |notes?$", re.IGNORECASE)
# Rows that price no tokens of a prompt or an answer: tools, tuning, what a cache costs to keep, other interfaces and media.
_OTHER_ROW = re.compile(
    r"\bstorage\b|^grounding|^used to improve|^tuning|^image generation|^live api|^text-to-speech"
    r"|^(?:image|audio|video)\b|rate limit|price \(default\)",
    re.IGNORECASE,
)
_ROWS: dict[str, Token] = {
    r"(?:text )?input(?: price)?|price \(input\)": "input",
    r"(?:text )?output(?: price)?|price \(output\)": "output",
    r"context caching(?: price)?|cached input(?: price)?": "cached_input",
}
_EMOJI = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")


class _Service(NamedTuple):
    """The service tier of a table, or what is in the way of telling it."""

    tier: str | None
    trouble: str | None = None


@dataclass
class _Section:
    """A model's part of the page: its heading, the words under it up to the first table, its tables."""

    heading: str
    words: list[str]
    tables: list[Table] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Return the API names in the line under the heading, else the heading: 'gemini-2.5-pro', 'Gemma 4'."""
        for words in self.words:
            if match := _IDS.match(words):
                return re.findall(_ID, match[0])
        return [squash(_EMOJI.sub("", self.heading))]

    @property
    def is_language_model(self) -> bool:
        """Return whether the section prices a model that answers in text."""
        names = [self.heading, *self.labels]
        return not _NO_MODEL.match(self.heading) and not any(NO_LANGUAGE_MODEL.search(name) for name in names)

    def services(self) -> list[_Service]:
        """Return the service tier of each table: by its own heading, else by the line of tabs over the first table."""
        named = [_tier_heading(table) for table in self.tables]
        if all(name is not None for name in named):
            return [_Service(_TIERS[str(name)]) for name in named]
        tabs = [w.casefold() for words in self.words if _TIER_WORDS.fullmatch(words) for w in _TIER_WORD.findall(words)]
        if not tabs and len(self.tables) == 1:
            return [_Service(None)]
        if len(tabs) == len(self.tables) == len(set(tabs)) and not any(named):
            return [_Service(_TIERS[tab]) for tab in tabs]
        return [_Service(None, f"{len(self.tables)} tables, tabs {tabs}, headings {named}")] * len(self.tables)


def read(page: Page) -> Iterator[Observation | Rejected]:
    """Yield the paid prices of every language model on the page."""
    sections = list(_sections(page))
    if not any(_paid_column(table) is not None for section in sections for table in section.tables):
        wanted = "tables with a column 'Paid Tier, per 1M tokens in USD'"
        raise LayoutChanged(page.place, wanted, str([t.header for t in page.tables[:6]]))
    yield from checked(once(row for section in sections for row in _read_section(section)), page.place)


def _sections(page: Page) -> Iterator[_Section]:
    """Yield the models' parts of the page, in order."""
    section: _Section | None = None
    for table in page.tables:
        heading = next((h for h in reversed(table.headings) if h.casefold() not in _TIERS), "")
        words = list(table.before)
        at = max((n for n, w in enumerate(words) if w == heading), default=None)
        if section is None or at is not None or section.heading != heading:
            if section:
                yield section
            section = _Section(heading, words if at is None else words[at + 1 :])
        if _paid_column(table) is not None:
            section.tables.append(table)
    if section:
        yield section


def _tier_heading(table: Table) -> str | None:
    heading = table.headings[-1].casefold() if table.headings else ""
    return heading if heading in _TIERS else None


def _paid_column(table: Table) -> int | None:
    found = [i for i, label in enumerate(table.header) if _PAID.search(label)]
    if len(found) > 1:
        raise LayoutChanged(table.place, "one column of the paid tier", str(table.header))
    return found[0] if found else None


def _read_section(section: _Section) -> Iterator[Observation | Rejected]:
    if not section.is_language_model:
        return
    for table, service in zip(section.tables, section.services(), strict=True):
        paid = _paid_column(table)
        try:
            unit = values.read_unit(table.header[paid or 0])
        except ValueError:
            continue  # 'per Image in USD', 'per second in USD': no model of language
        name = _name_column(table, paid)

        def parse(
            row: Row, paid: int = paid or 0, name: int = name, service: _Service = service, unit: str | None = unit
        ) -> list[Price]:
            _check_free(row, row.cells[name].text)
            return _read_row(row, section, service, row.cells[name].text, row.cells[paid].text, unit)

        for item in table.read(parse, into="prices"):
            yield replace(item, model_label=section.labels[0]) if isinstance(item, Rejected) else item


def _name_column(table: Table, paid: int | None) -> int:
    """Return the column of the rows' labels; LayoutChanged if there is none, or another one holds amounts."""
    others = [i for i, label in enumerate(table.header) if i != paid and not _FREE.search(label)]
    priced = [table.header[i] for i in others if any("$" in row.cells[i].text for row in table.rows)]
    if not others or priced:
        raise LayoutChanged(table.place, "a column of labels beside the tiers 'Free' and 'Paid'", str(table.header))
    return others[0]


def _check_free(row: Row, label: str) -> None:
    """Raise BadRow for an amount in the column of the free tier: it was exchanged with the paid one."""
    free = [row.cells[i].text for i, name in enumerate(row.table.header) if _FREE.search(name)]
    if _token(label) and any(re.search(r"[$\u20ac]\s?\d", text) for text in free):
        raise BadRow(row.place, "no amount in the column of the free tier", str(free))


def _read_row(row: Row, section: _Section, service: _Service, label: str, text: str, unit: str | None) -> list[Price]:
    """Return the prices of one row, for each API name of the model; none for 'Not available'."""
    token = _token(label)
    if token is None:
        if "$" in text and not _OTHER_ROW.search(label):
            raise BadRow(row.place, "a row of input, output or caching prices, or another that is known", repr(label))
        return []
    if values.is_missing(text) or re.match(r"not (?:available|supported|applicable)\b", text, re.IGNORECASE):
        return []
    if service.trouble:
        raise BadRow(row.place, "one service tier for each table under a model", service.trouble)
    if section.heading == "":
        raise BadRow(row.place, "a heading with the name of the model", "none")
    if text.casefold() == "free of charge":
        found = [Amount(Decimal(0), unit or "per_mtok", notes="free of charge in the paid tier")]
    else:
        found = read_amounts(text, row.place, unit)
    return [
        Price(
            model_label=name,
            row_locator=row.locator,
            provider_id="google",
            token_kind=token,
            amount_original=amount.amount,
            unit_original=amount.unit,
            tier=tiers(service.tier, amount.tier, amount.context),
            effective_on=amount.starts,
            ends_on=amount.ends,
            notes=amount.notes,
        )
        for name in section.labels
        for amount in found
    ]


def _token(label: str) -> Token | None:
    """Return what kind of token a row prices: 'Output price (including thinking tokens)', 'Input price (text, image)'."""
    if _OTHER_ROW.search(label):
        return None
    bare = squash(label).rstrip("*:").strip()
    for pattern, token in _ROWS.items():
        if match := re.fullmatch(rf"(?:{pattern})(?:\s*\((?P<more>[^()]*)\))?", bare, re.IGNORECASE):
            named = modalities(match["more"] or "text")
            return None if named and "text" not in named else token
    return None

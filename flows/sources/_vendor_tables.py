"""The benchmark tables of vendors' cards, blogs and READMEs: one shape, many pages.

A plain card is a declaration and one line:

    CARD = Card(
        passed_over=(Passed(r"safety", "rates of harmful answers, no score of a benchmark"),),
        names=((r"", {"AGIEval": "agieval_en_zh"}),),     # what only this vendor calls a benchmark so
    )

    def read(page): return read_card(page, CARD)

Found without being declared: benchmarks as rows and models as columns, or the other way round, by where known benchmark
names stand; header rows of two levels, a row of shots under the header, group rows, columns of category, shots, metric and
language; figures such as '86.4%', '86.4% 5-shot', '8.61 (8.67/8.61/8.56)'; footnote marks; which tables speak of base and
which of tuned models, by the nearest heading that says so (`base` and `tuned`). A card says

- `passed_over`: tables, columns or rows that are no benchmark scores, each with the reason: a regular expression over the
  headings, the caption and the line above a table, or (`column`, `row`) over their label. What has no figures, such as
  'Context length 128k', and tables without any benchmark's name need not be named.
- `names`: names of its own, per headings or columns (a regular expression, r'' for all), beside those of _benchmark_names.
- `base`, `tuned`: regular expressions of headings, where the usual words are not used; `mark`: what labels under no such
  heading are, None to leave them.
- `model`: a regular expression of the model's name in a heading, on the card of one model whose tables do not repeat it.
- `default_variant`: how everything on the page was asked, where only its prose says so;
- `published`: the day a post came out, by the last part of its address. Its figures are of that day at the latest, and what
  its labels mean ('GPT-4o') is settled by that day, whenever it was captured.

A name that is not known gives one Rejected that names it, with its cells; no unit is guessed. A table all of whose percentages
are at most 1 is LayoutChanged. Marks of ten (MT-Bench, AlignBench) are kept as percent, as the reference has them, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from flows.cells import Table
from flows.errors import BadRow, LayoutChanged
from flows.records import Rejected, Score
from flows.sources._benchmark_names import OF_TEN, TUNED_ONLY, UNBOUNDED
from flows.sources._benchmark_words import Meaning, join, setting, understand, without_marks
from flows.sources._vendor_checks import believable, check_unit
from flows.sources._vendor_layout import Entry, Line, is_figure, lines_of, says_fact
from flows.sources._vendor_single import lines_of_one, of_base
from flows.tables import Page
from flows.values import NUMBER, is_missing, read_decimal, squash

_SILENT = re.compile(
    r"(?:no|not|un)\b.*\b(?:support|available|reported|applicable|tested|evaluated).*|unsupported|not .*|context window.*"
    r"|n/?a\b.*|[\u2717\u2718\u00d7xX/]",
    re.I,
)
_RUNS = re.compile(rf"\((?:{NUMBER})(?:\s*/\s*{NUMBER})+\)")
_SPREAD = re.compile(rf"(?:\u00b1|\+/-)\s*{NUMBER}\s*%?")
_FIGURES = (
    re.compile(rf"(?P<number>{NUMBER})\s*%?[*\u2020\u2021]*(?P<asked>.*)"),
    re.compile(rf"(?P<asked>.*?[a-z)])\s*(?P<number>{NUMBER})\s*%?", re.I),
)
_GLUED = re.compile(r"^(\d{1,3}\.\d)(\d-shot)")  # two lines of a cell run together: '83.13-shot' is 83.1, 3-shot
_MONEY = re.compile(r"\$\s?[\d,]+(?:\.\d+)?\s?[KM]?(?![\w.])")
_OF_BASE = re.compile(r"[\s,;(]*pre-?trained(?: model)?\)?$", re.I)
# A label that says itself what the model is, or that is of a house whose models all are tuned, takes no mark.
_SAYS = re.compile(
    r"instruct|\binst\b|\bchat|\bit\b|-it\b|\bbase\b|\bpt\b|-pt\b|sft|\bdpo\b|\brlhf\b|\(rl\)|zephyr|thinking|reason|\br1\b|qwq|tuned"
    r"|gpt-?\s?[345]|chatgpt|\bo[134]\b|claude|gemini|command|grok|ernie|palm|inflection|turbo|reka|moonshot|kimi|-?vicuna|alpaca",
    re.I,
)


@dataclass(frozen=True)
class Passed:
    """What of a page is no benchmark score, and why."""

    where: str
    why: str
    column: str | None = None
    row: str | None = None


BASE = r"\bbase\b|pre-?trained|\u9884\u8bad\u7ec3|\u57fa\u7840\u6a21\u578b|\u57fa\u5ea7"
TUNED = r"instruct|\bchat\b|aligned|post-?trained|fine-?tuned|\btuned\b|conversation|\u6307\u4ee4|\u5bf9\u8bdd"

NEVER = r"(?!)"  # for `base` and `tuned` of pages whose headings speak of other things in these words


@dataclass(frozen=True, kw_only=True)
class Card:
    """The declaration of a vendor's page; see the module."""

    passed_over: tuple[Passed, ...] = ()
    names: tuple[tuple[str, Mapping[str, str]], ...] = ()
    base: str = BASE
    tuned: str = TUNED
    mark: str | None = None
    model: str | None = None
    default_variant: str | None = None
    published: Mapping[str, date] = field(default_factory=dict)


def read_card(page: Page, card: Card) -> Iterator[Score | Rejected]:
    """Yield every score of the page's benchmark tables; LayoutChanged if there is none."""
    n_tables, day = 0, card.published.get(page.url.rstrip("/").rpartition("/")[2])
    found: list[Score | Rejected] = []
    for table in page.tables:
        if not _is_passed(card, table) and (lines := _lines(card, table)) is not None:
            n_tables += 1
            found += believable(_read(table, lines, card))
    if not n_tables:
        there = "; ".join(f"{t.headings[-1:]}: {t.header}" for t in page.tables[:8]) or "no table"
        raise LayoutChanged(page.place, "a table of benchmark scores", there)
    check_unit(found, page)
    yield from (replace(row, measured_on=day) if isinstance(row, Score) else row for row in found)


def has_scores(page: Page, card: Card) -> bool:
    """Return whether the page has a table of benchmark scores."""
    return any(not _is_passed(card, t) and _lines(card, t) is not None for t in page.tables)


# --- What stands over a table -------------------------------------------------------------------------------------------


def _words_over(table: Table) -> list[str]:
    """Return what names a table, the nearest first: its caption, short lines above it, its headings.

    An empty heading between a heading and its table (Llama 3.3 and 4) hides it from `headings`; `before` still has it.
    """
    lines = [words for words in reversed(table.before) if words and len(words) < 120]
    return [words for words in (table.caption, *lines, *reversed(table.headings)) if words]


def _is_passed(card: Card, table: Table) -> bool:
    words = _words_over(table) + table.header
    return any(
        re.search(one.where, text, re.I)
        for one in card.passed_over
        if one.column is None and one.row is None
        for text in words
    )


def _is_passed_part(card: Card, table: Table, label: str, *, row: bool) -> bool:
    words = ["", *_words_over(table), *table.header]
    return any(
        re.search(pattern, label, re.I) and any(re.search(one.where, text, re.I) for text in words)
        for one in card.passed_over
        if (pattern := one.row if row else one.column) is not None
    )


def _names(card: Card, table: Table) -> dict[str, str]:
    """Return the card's own names that hold for a table."""
    words = ["", *_words_over(table), *table.header]
    return {
        name: benchmark_id
        for where, names in card.names
        if any(re.search(where, text, re.I) for text in words)
        for name, benchmark_id in names.items()
    }


def _lines(card: Card, table: Table) -> list[Line] | None:
    """Return the benchmarks of a table, None if it is none of benchmarks."""

    def is_passed(label: str) -> bool:
        return _is_passed_part(card, table, label, row=False)

    own = _names(card, table)
    return lines_of_one(table, own, is_passed, card.model) if card.model else lines_of(table, own, is_passed)


def _mark(card: Card, table: Table, title: str | None) -> str | None:
    """Return 'base' or 'instruct' by the nearest words over a row that say one of them, and not both.

    That may be a title within the table, or the paragraph right above it, whose last sentence is the nearest.
    """
    sentences = [re.split(r"(?<=[.!?])\s+", words.strip())[-1] for words in table.over[-1:]]
    for words in (title or "", *sentences, *table.over[-1:], *_words_over(table)):
        is_base, is_tuned = (bool(re.search(pattern, words, re.I)) for pattern in (card.base, card.tuned))
        if is_base != is_tuned:
            return "base" if is_base else "instruct"
    return card.mark


# --- Figures ------------------------------------------------------------------------------------------------------------


def _read(table: Table, lines: list[Line], card: Card) -> Iterator[Score | Rejected]:
    own = _names(card, table)
    _check_fractions(table, lines, own)
    nameless = {line.row.number for line in lines if line.row and not line.name and not _says_nothing(line)}
    for line in lines:
        if line.row and _is_passed_part(card, table, line.name, row=True):
            continue
        if line.name and line.row and line.row.number + 1 in nameless:
            yield _unknown(line, "a benchmark without a nameless row after it, which may be a part of it")
            continue
        meaning = _meaning(line, own, card)
        if meaning:
            for entry in line.entries:
                mark = _mark(card, table, entry.title)
                label = of_base(entry.label) if card.model and mark == "base" else entry.label
                yield from _score(table, meaning, entry._replace(label=label), mark)
        elif not _says_nothing(line):
            yield _unknown(line)


def _meaning(line: Line, own: Mapping[str, str], card: Card) -> Meaning | None:
    shots, metric, language = line.extra
    found = understand(f"{line.name} ({language})", own) if language else understand(line.name, own)
    if found is None and metric:
        found = understand(f"{line.name} ({metric})", own)  # 'Codeforces' under the metrics 'Rating' and 'Percentile'
    if found is None:
        return None
    asked = f"{shots}-shot" if re.fullmatch(r"\d+(?:-\d+)?", shots) else "" if is_missing(shots) else shots
    said = setting(asked, found.benchmark_id)
    said = squash(asked).casefold() if said is None else said
    variant = join(found.variant, said, setting(metric, found.benchmark_id))
    return Meaning(found.benchmark_id, variant or card.default_variant)


def _says_nothing(line: Line) -> bool:
    """Return whether a line that names no benchmark is a fact of the models ('#Params | 7B')."""
    return says_fact(line.name) or not any(is_figure(entry.cell.text) for entry in line.entries)


def _unknown(line: Line, expected: str | None = None) -> Rejected:
    cells = {entry.label: entry.cell.text for entry in line.entries}
    expected = expected or ("the name of a known benchmark" if line.name else "a benchmark's name")
    reason = f"{line.table.place}, {line.locator}: expected {expected}; found {line.name!r}"
    return Rejected(table="scores", row_locator=line.locator, reason=reason, cells=cells)


def _score(table: Table, meaning: Meaning, entry: Entry, mark: str | None) -> Iterator[Score | Rejected]:
    """Yield the score in a cell, or why it is none; nothing where the cell says that there is none."""
    text = squash(entry.cell.without("sup", "sub"))
    if is_missing(text) or _SILENT.fullmatch(text):
        return
    if of_base_model := _OF_BASE.search(text):
        text, mark = text[: of_base_model.start()], "base"
    locator = f"{entry.row.locator}, column {entry.header!r}"
    place = f"{table.place}, {locator}"
    try:
        name = _model_label(entry.label, "instruct" if meaning.benchmark_id in TUNED_ONLY else mark)
        if entry.row.is_short:
            raise BadRow(place, f"{len(entry.row.cells)} cells, as the header has", "fewer")
        if not _is_name(name):
            raise BadRow(place, "a model's name", repr(entry.label))
        figure, asked, note = _figure(text, meaning.benchmark_id, place)
    except BadRow as error:
        cells = entry.row.as_dict()
        yield Rejected(
            table="scores", row_locator=locator, reason=str(error), model_label=entry.label or None, cells=cells
        )
        return
    said_twice = asked is not None and "-shot" in (
        meaning.variant or ""
    )  # the cell's own word goes before the header's
    yield Score(
        model_label=name,
        row_locator=locator,
        benchmark_id=meaning.benchmark_id,
        score=figure,
        variant=asked if said_twice else join(asked, meaning.variant),
        reported_by="vendor",
        notes=note,
    )


def _model_label(label: str, mark: str | None) -> str:
    name = without_marks(label)
    return f"{name} [{mark}]" if name and mark and not _SAYS.search(name) else name


def _is_name(label: str) -> bool:
    """Return whether a label may name a model: a figure in its place is of a column that was moved."""
    return bool(re.search(r"[^\W\d_]", label)) and not is_figure(label.split()[0])


def _figure(text: str, benchmark_id: str, place: str) -> tuple[float, str | None, str | None]:
    """Return a cell's figure in the benchmark's unit, how it was asked if the cell says so, and a note."""
    bare = _RUNS.sub(" ", _GLUED.sub(r"\1 \2", text.replace("\uff05", "%")))
    bare = without_marks(_SPREAD.sub(" ", bare))
    if "$" in bare:  # what was earned beside the share of it: '$176K (35.1%)'
        bare = _MONEY.sub(" ", bare).strip(" ()")
    if solved := re.fullmatch(r"(\d+)\s*/\s*(\d{2,})", bare):  # so many of so many problems: '4/30'
        bare = str(Decimal(100 * int(solved[1])) / int(solved[2])) if int(solved[1]) <= int(solved[2]) else bare
    match, asked = None, None
    for pattern in _FIGURES:
        if asked is None and (match := pattern.fullmatch(bare)):
            asked = setting(match["asked"], benchmark_id)
    if match is None or asked is None:
        raise BadRow(place, "one figure", repr(text))
    value = read_decimal(match["number"])
    top = 10 if benchmark_id in OF_TEN else None if benchmark_id in UNBOUNDED else 100
    if value < 0 or (top is not None and value > top) or (top == 10 and "%" in bare):
        raise BadRow(place, f"a figure from 0 to {top}", repr(text))
    note = f"{value} of 10" if top == 10 else None
    if bare != without_marks(text):
        note = ", ".join(filter(None, [note, f"the page has {text}"]))
    return float(value * Decimal(10) if top == 10 else value), asked or None, note


def _check_fractions(table: Table, lines: list[Line], own: Mapping[str, str]) -> None:
    """Raise LayoutChanged for a table whose percentages are fractions."""
    values = []
    for line in lines:
        found = understand(line.name, own)
        if found and found.benchmark_id not in OF_TEN | UNBOUNDED:
            texts = [without_marks(entry.cell.text) for entry in line.entries]
            values += [float(read_decimal(text)) for text in texts if re.fullmatch(NUMBER, text)]
    if len(values) > 3 and 0 < max(values) <= 1:
        raise LayoutChanged(
            table.place, "percentages from 0 to 100", f"{len(values)} figures of at most {max(values):g}"
        )

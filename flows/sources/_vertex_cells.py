"""Read the words of Google Cloud's price tables: kinds of token, service tiers, regions, cells with labelled amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from flows.errors import BadRow
from flows.sources._google_prices import AMOUNT, modalities
from flows.sources._price_cards import Token
from flows.values import squash

_SERVICE = re.compile(r"\b(?:batch|flex|priority)\b", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?<![\w$])(?P<label>(?:(?:5m|1h|batch|cached?|text|audio|image|video)\s+)*(?:input|output|write|hit|read)s?)\s*:\s*",
    re.IGNORECASE,
)
# What may follow an amount: its unit, and the same price said again by the page.
_UNIT = r"(?:(?:/|per)\s*(?:1,?000,?000|1,?000|1\s?M|1\s?K|million|M|K)\s*(?:(?:input|output|text)\s+)?tok(?:en)?s?)?"
_AGAIN = rf"\s*(?:\(or {AMOUNT}\s*/\s*page\))?\s*\**"
_FIGURE = re.compile(rf"(?P<figure>{AMOUNT}\s*{_UNIT}){_AGAIN}", re.IGNORECASE)
_IN_CELL = re.compile(
    rf"\s*(?P<figure>{AMOUNT}\s*{_UNIT})\s*(?:\((?P<region>(?:non-)?global)\)\s*(?P<mark>\**))?\**", re.IGNORECASE
)


class Kind(NamedTuple):
    """A kind of token, with the tiers that its own words name."""

    token: Token
    service: str | None = None
    is_hour: bool = False


class Figure(NamedTuple):
    """An amount with its unit if it has one, the region it is for if the cell tells, and whether a footnote is marked."""

    text: str
    region: str | None = None
    is_marked: bool = False


def service_of(words: str) -> tuple[str, ...] | None:
    """Return the service tiers that a header or heading names ('Flex/Batch' is two at one price); None if it names none."""
    found = tuple(dict.fromkeys(match[0].casefold() for match in _SERVICE.finditer(words)))
    return found or None


def kind_of(words: str) -> Kind | None:
    """Return the kind of text tokens that a type or label names, None if it is of audio or images alone.

    'Input (text, image, video)', 'Text output (response and reasoning)', '1M input audio tokens', '1h Batch Cache Write'.
    ValueError for words that are not known.
    """
    text = squash(words).rstrip("*: ").casefold()
    parts = re.fullmatch(r"(?P<rest>[^()]*?)\s*(?:\((?P<list>[^()]*)\))?[\s*]*", text)
    rest = re.sub(r"\b(?:1m|tokens?|price|per picture)\b", " ", parts["rest"] if parts else text)
    said = re.findall(r"[a-z0-9-]+", rest)
    named = modalities(parts["list"]) if parts and parts["list"] else set()
    if named is None or not parts:
        raise ValueError("a kind of token such as 'Input (text, image)' or 'Cache Hit'")
    media = {re.sub(r"s$", "", w) for w in said} & {"text", "image", "video", "audio"}
    rest = " ".join(w for w in said if re.sub(r"s$", "", w) not in media | {"batch"})
    kinds: dict[str, tuple[Token, bool]] = {
        "input": ("input", False),
        "output": ("output", False),
        "cache write": ("cache_write", False),
        "5m cache write": ("cache_write", False),
        "1h cache write": ("cache_write", True),
        "cache hit": ("cached_input", False),
        "cached input": ("cached_input", False),
        "cache read": ("cached_input", False),
    }
    if rest not in kinds:
        raise ValueError("a kind of token such as 'Input (text, image)' or 'Cache Hit'")
    of_text = "text" in media or (not media and (not named or bool(named & {"text", "response", "reasoning"})))
    token, is_hour = kinds[rest]
    return Kind(token, "batch" if "batch" in said else None, is_hour) if of_text else None


def labelled_amounts(text: str, place: str) -> list[tuple[Kind, Figure]]:
    """Return kind and amount of each 'Input: $5.00 Batch Input: $2.50 Cache Hit: $0.50' in a cell; none if it has no labels.

    BadRow for a label that is not known, and for words between an amount and the next label.
    """
    labels = list(_LABELLED.finditer(text))
    found: list[tuple[Kind, Figure]] = []
    for n, label in enumerate(labels):
        words = text[label.end() : labels[n + 1].start() if n + 1 < len(labels) else None].strip()
        if re.fullmatch(r"n/?a|-|not available|no charge", words, re.IGNORECASE):
            continue
        match = _FIGURE.fullmatch(words)
        try:
            kind = kind_of(label["label"])
        except ValueError as error:
            raise BadRow(place, str(error), repr(label[0])) from None
        if not match or (n == 0 and label.start()):
            raise BadRow(place, "'Input: $5.00 Output: $25.00'", repr(text[: label.end() + 40]))
        if kind:
            found.append((kind, Figure(match["figure"])))
    return found


def plain_amounts(text: str, place: str) -> Iterator[Figure]:
    """Yield the amounts of a cell without labels: '$2', '$0.25 (Global) $0.275 (Non-global)*'; BadRow for other words."""
    at = 0
    while match := _IN_CELL.match(text, at):
        yield Figure(match["figure"], (match["region"] or "").casefold() or None, bool(match["mark"]))
        at = match.end()
    if not at or text[at:].strip():
        raise BadRow(place, "amounts such as '$0.25 (Global) $0.275 (Non-global)*'", repr(text))

"""Read the price cells of Anthropic's comparison of models: input and output of one model in one cell."""

from __future__ import annotations

import re

from flows.errors import BadRow
from flows.sources._price_cards import Token

_AMOUNT = r"[$\u20ac]\s?\d[\d,]*(?:\.\d+)?"
_SPLIT = re.compile(rf"({_AMOUNT}\s*/\s*)(input|output)\s+(MTok\w*)", re.IGNORECASE)
_LABELLED = re.compile(rf"(input|output)\s*:\s*({_AMOUNT}\s*/\s*MTok\w*)", re.IGNORECASE)
_PAIR = re.compile(rf"({_AMOUNT})\s*/\s*({_AMOUNT})(?:\s*(?:/|per) MTok\w*(?:\s*\([a-z /]+\))?)?", re.IGNORECASE)
_ORDER = re.compile(r"\bin(?:put)?\b.{0,15}?\bout(?:put)?\b", re.IGNORECASE)
_PER_MTOK = re.compile(r"(?:/|\bper)\s*MTok\w*", re.IGNORECASE)


def read_amounts(text: str, row: str, place: str) -> list[tuple[Token, str]]:
    """Return kind and amount of '$3 / input MTok $15 / output MTok', 'Input: $3 / MTok ...' or '$3.00 / $15.00'.

    A pair without words is input and output only where the row says so, in its first cell or in any other.
    """
    if pair := _PAIR.fullmatch(text):
        if not _ORDER.search(row) or not _PER_MTOK.search(row):
            raise BadRow(place, "a row that says that the amounts are input and output per MTok", repr(text))
        return [("input", f"{pair[1]} / MTok"), ("output", f"{pair[2]} / MTok")]
    split = [(kind, f"{amount}{unit}") for amount, kind, unit in _SPLIT.findall(text)] or _LABELLED.findall(text)
    rest = _LABELLED.sub("", _SPLIT.sub("", text)).strip(" ,;/")
    kinds = [kind.casefold() for kind, _ in split]
    if sorted(kinds) != ["input", "output"] or not re.fullmatch(r"\d{0,2}", rest):
        raise BadRow(place, "'$3 / input MTok $15 / output MTok'", repr(text))
    return [("input" if kind.casefold() == "input" else "output", figure) for kind, figure in split]

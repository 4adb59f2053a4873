"""What a table of simple-evals calls its columns and models, and what the footnotes under it say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows.errors import BadRow, LayoutChanged
from flows.tables import Row, Table
from flows.values import is_missing, squash

# The library's GPQA is the diamond set (gpqa_eval.py, variant 'diamond'), its DROP the F1 score.
BENCHMARKS: Mapping[str, str] = {
    "mmlu": "mmlu",
    "mmlu-pro": "mmlu_pro",
    "mmmlu": "mmmlu",
    "mmmu": "mmmu",
    "gpqa": "gpqa_diamond",
    "gpqa diamond": "gpqa_diamond",
    "math": "math",
    "math-500": "math_500",
    "humaneval": "humaneval",
    "mgsm": "mgsm",
    "drop": "drop",
    "simpleqa": "simpleqa",
    "browsecomp": "browsecomp",
    "healthbench": "healthbench",
    "healthbench hard": "healthbench_hard",
}
_MARK = re.compile(r"\s*\[\^([^\[\]]+)\]")
_NOTE = re.compile(r"^ {0,3}\[\^([^\[\]]+)\]:[ \t]*(.*)$", re.M)
_DATED = re.compile(r"20\d\d-[01]\d-[0-3]\d")
O1_RELEASED = "2024-12-05"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of scores: its place, the benchmark it holds, the shots and the footnotes its header names."""

    index: int
    header: str
    benchmark_id: str
    shots: str | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A model as the table names it; `is_reported` if the figures are taken from its vendor's own report."""

    name: str
    is_reported: bool
    source_url: str | None
    notes: str | None


def bare(text: str) -> str:
    """Return the text without the marks of footnotes."""
    return _MARK.sub("", text).strip()


def footnotes_of(text: str) -> dict[str, str]:
    """Return the footnotes of a markdown page by their mark."""
    return {match[1]: match[2].strip() for match in _NOTE.finditer(text)}


def columns_of(table: Table) -> list[Column]:
    """Return the columns of scores, none if it is another table; LayoutChanged if a column's benchmark is not known."""
    found, unknown = [], []
    for index, header in enumerate(table.header):
        words = bare(header)
        name = squash(re.sub(r"\([^()]*\)|%", " ", words)).casefold()
        if name in ("model", "prompt"):
            continue
        if name in BENCHMARKS:
            shots = re.search(r"(\d+)[- ]shot", words, re.I)
            marks = tuple(_MARK.findall(header))
            found.append(Column(index, header, BENCHMARKS[name], f"{shots[1]}-shot" if shots else None, marks))
        elif any(not is_missing(row.cells[index].text) for row in table.rows):
            unknown.append(header)
    if len(found) < 2 or not table.has("Model"):
        return []
    ids = [column.benchmark_id for column in found]
    if unknown or len(set(ids)) < len(ids) or not table.has("Prompt"):
        wanted = f"Model, Prompt and one column each of {', '.join(BENCHMARKS)}"
        raise LayoutChanged(table.place, wanted, f"{table.header}")
    return found


def label_of(row: Row, section: str, notes: Mapping[str, str]) -> Label:
    """Return a row's model: its name, and where its figures come from.

    What the brackets at the end say of the run ('rerun w/ api', 'report') is no part of the name; 'still training' is.
    """
    text, said = row["Model"], []
    name = bare(text)
    if match := re.fullmatch(r"(.*?)\s*\(([^()]*)\)", name):
        parts = [part.strip() for part in match[2].split(",")]
        said = [part for part in parts if re.match(r"report(?:ed)?$|re-?run\b", part, re.I)]
        kept = [part for part in parts if part not in said]
        name = f"{match[1]} ({', '.join(kept)})" if kept else match[1]
    prompt = bare(row["Prompt"]) if row.table.has("Prompt") else ""
    is_rerun = any(re.match(r"re-?run", part, re.I) for part in said)
    told = " ".join((*said, section, prompt))
    is_reported = not is_rerun and bool(re.search(r"\breport(?:ed)?\b|\bunknown\b", told, re.I))
    url = _link(row, name) or (_first_url(text, notes) if is_reported else None)
    return Label(name, is_reported, url, ", ".join(said) or (section if is_reported else None) or None)


def _link(row: Row, name: str) -> str | None:
    """Return the address that the model's name links to."""
    element = row.cell("Model").element
    if element is not None:
        return next((str(href) for href in element.xpath(".//a/@href") if str(href).startswith("http")), None)
    lines = row.table.page.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    match = re.search(rf"\[\W*{re.escape(name)}\W*\]\((https?://[^\s()]+)\)", lines[(row.line or 1) - 1])
    return match[1] if match else None


def _first_url(text: str, notes: Mapping[str, str]) -> str | None:
    found = (re.search(r"https?://[^\s()\[\]]+", notes.get(mark, "")) for mark in _MARK.findall(text))
    return next((match[0] for match in found if match), None)


def is_after_o1(place: str, name: str) -> bool:
    """Return whether a model of OpenAI's is o1 or newer; BadRow if its name does not tell."""
    if re.match(r"o\d|gpt-(?:4\.\d|[5-9]|oss)", name, re.I):
        return True
    if dated := _DATED.search(name):
        return dated[0] >= O1_RELEASED
    if re.match(r"gpt-(?:3\.5|4o?(?![.\d]))", name, re.I):
        return False
    raise BadRow(place, "a model that its name places before or after o1", repr(name))

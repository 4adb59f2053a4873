"""Understand what vendors write for a benchmark: which it is, and how it was asked.

What a name carries besides (shots, chain of thought, metric, brackets) is understood word by word; a word that is not
understood makes the whole name unknown, since it may name another test set.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from flows.sources._benchmark_names import DATED, NAMES
from flows.values import squash

_SHOTS = re.compile(r"(?P<n>\d+(?:\s*[-\u2013]\s*\d+)?|zero|one|few|five)[\s-]*shots?(?:@1)?(?![a-z])")
_SAID = {"zero": "0", "one": "1", "five": "5"}
_KEPT = re.compile(
    r"(?P<nocot>(?:w/o|no|without|non)[\s-]*(?:cot|chain[\s-]of[\s-]thought))"
    r"|(?P<cot>(?:with |w/ ?)?(?:cot|chain[\s-]of[\s-]thought)(?:@\d+)?)(?![a-z])"
    r"|(?P<maj>(?:(?:em_)?maj\d*|majority|cons|sc|pass|best|avg|mean)\s?@\s?\d+)(?![\d@])"
    r"|(?P<prompt>prompt[\s-]*(?:level[\s-]*)?strict|strict[\s-]*prompt)"
    r"|(?P<inst>inst(?:ruction|r)?\.?[\s-]*(?:level[\s-]*)?strict|strict[\s-]*inst(?:ruction)?)"
    r"|(?P<loose>prompt[\s-]*loose|loose[\s-]*prompt)"
    r"|(?P<val>(?:val(?:idation)?|dev)(?![a-z])|unseen)(?:[\s-]*set)?"
    r"|(?P<variable>variable[\s-]*shots?)|(?P<grader>[a-z0-9][\w.-]* grader)(?![a-z])"
    r"|(?P<mode>non[\s-]*thinking|no[\s-]*thinking|thinking|(?:no|w/o|without|with|w/)\s*tools|with python)(?![a-z])"
)
# Words that say how an answer is marked, which the benchmark itself fixes.
_MARKED = re.compile(
    r"exact[\s-]*match|(?:macro|micro)[_\s-]*(?:avg|average)|acc_char|acc(?:uracy)?\.?|average|avg\.?|em|f1"
    r"|relaxed(?:_accuracy)?|score|overall|correct|resolved?|win[\s-]*rate|winrate|rouge-?l|bleu|chrf\+*|anls|test(?:[\s-]*set)?"
    r"|recall|final_em|ic|mc|%|\u2191|top[\s-]*1|partial[\s-]*score|reported|api|lc|strict|instruction|prompt|loose|mean|@1|english|py(?:thon)?|base|programming|coding"
)
_DATES = re.compile(
    r"v\d+(?:\.\d+)?|(?:\d{1,4}[/.-]){0,2}\d{2,8}\s*[-\u2013~]\s*(?:\d{1,4}[/.-]){0,2}\d{2,8}|\d{4}(?:[-.]\d{2}){0,2}|\d{6,8}"
    r"|20\d\d-\d\d(?:-\d\d)?"
)
_GAP = re.compile(r"[\s,;:/_()\[\]*\u2020\u2021-]+")
_MARKS = re.compile(r"(?:\s|[*\u2020\u2021\u00a7^\u00b9\u00b2\u00b3\u2070-\u2079\u2191\u2193]|\[\^?\d+\])+$")


class Meaning(NamedTuple):
    """Which benchmark a name means, and how it was asked: '5-shot', '8-shot-cot', 'prompt-strict'; None if not said."""

    benchmark_id: str
    variant: str | None


@cache
def _known() -> dict[str, str]:
    return {
        key(name): benchmark_id
        for benchmark_id, names in NAMES.items()
        for name in (benchmark_id.replace("_", " "), *names.split("|"))
    }


def key(name: str) -> str:
    """Return what a benchmark's name is compared by: '<128k' and '>128k' are two."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum() or c in "+<>")


def without_marks(text: str) -> str:
    """Return the text without the marks of footnotes, and arrows, at its end."""
    return _MARKS.sub("", squash(text))


def understand(name: str, own: Mapping[str, str] | None = None) -> Meaning | None:
    """Return what a benchmark's name means, None if any part of it is unknown; `own` names of a card go first."""
    return _understand(name, tuple((own or {}).items()))


@cache
def _with(own: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return _known() | {key(said): benchmark_id for said, benchmark_id in own}


@lru_cache(maxsize=4096)
def _understand(name: str, own: tuple[tuple[str, str], ...]) -> Meaning | None:
    text, names = without_marks(name), _with(own)
    if re.fullmatch(r"Math\s*(?:[(\[,;].*)?", text) and not any(key(said) == "math" for said, _ in own):
        return None  # elsewhere a group of several: Llama 2's 'Math' is the mean of GSM8K and MATH
    if found := names.get(key(text)):
        return Meaning(found, None)
    head, *rest = (part.strip() for part in re.split(r"[(\[,;\uff08]", re.sub(r"[)\]\uff09]", " , ", text)))
    asked: list[str] = []
    for part in filter(None, rest):
        if key(f"{head} {part}") in names:
            head = f"{head} {part}"
        else:
            asked.append(part)
    return _split(head, asked, names)


def _split(head: str, asked: list[str], names: Mapping[str, str]) -> Meaning | None:
    """Part the words of a name from those before or after it that say how it was asked."""
    words = re.sub(r"(?<=[a-z0-9])-(?=\d+[\s-]?shot|cot\b)", " ", head, flags=re.I).split()
    for n in range(len(words), 0, -1):
        for name, others in ((words[:n], words[n:]), (words[-n:], words[:-n])):
            benchmark_id = names.get(key(" ".join(name)))
            if benchmark_id is None:
                continue
            settings = [setting(part, benchmark_id) for part in [" ".join(others), *asked]]
            if None not in settings:
                return Meaning(benchmark_id, join(*[said for said in settings if said]))
    return None


def setting(text: str, benchmark_id: str = "") -> str | None:
    """Return how a benchmark was asked as a variant, '' if the words do not tell; None if one of them is unknown."""
    found: list[str] = []
    left = _GAP.sub(" ", f" {without_marks(text).casefold()} ", count=1).strip(" ()[]")
    while left:
        if match := _SHOTS.match(left):
            number = re.sub(r"\s|\u2013", lambda m: "-" if m[0] == "\u2013" else "", match["n"])
            found.append(f"{_SAID.get(number, number)}-shot")
        elif match := _KEPT.match(left):
            found += _kept(match)
        elif match := _MARKED.match(left):
            pass
        elif benchmark_id.startswith("aider_") and (match := re.match(r"(?:whole|diff)(?![a-z])", left)):
            found.append(match[0])
        elif benchmark_id in DATED and (match := _DATES.match(left)):
            found.append(re.sub(r"\s", "", match[0]).replace("\u2013", "-"))
        else:
            return None
        left = _GAP.sub(" ", f"{left[match.end() :]} ", count=1).strip() if match.end() < len(left) else ""
    return join(*found) or ""


def _kept(match: re.Match[str]) -> list[str]:
    words = re.sub(r"\s", "", match[0])
    plain = {"nocot": "no-cot", "prompt": "prompt-strict", "inst": "instruction-strict", "loose": "prompt-loose"}
    plain["variable"] = "variable-shot"
    kind = str(match.lastgroup)
    if kind == "cot":
        return ["cot" + (f"@{words.rpartition('@')[2]}" if "@" in words else "")]
    if kind == "maj":
        word, _, times = words.partition("@")
        return [] if times == "1" or word in ("avg", "mean") else [words]  # a mean of runs is still one answer each
    if kind == "grader":
        return [re.sub(r"\s+", "-", match[0])]
    if kind == "mode":
        return [re.sub(r"\s+", "-", match[0]).replace("w/o", "no-").replace("--", "-")]
    return [plain.get(kind, words)]


def join(*settings: str | None) -> str | None:
    """Return several settings as one variant, each once: shots and chain of thought by a hyphen, the rest by commas."""
    parts = [part for one in settings if one for part in re.split(r", |(?<=shot)-(?=cot)", one)]
    parts = list(dict.fromkeys(parts))
    shots = [part for part in parts if part.endswith("-shot")]
    thought = [part for part in parts if part.startswith("cot")]
    rest = [part for part in parts if part not in shots and part not in thought]
    return ", ".join(filter(None, ["-".join(shots + thought), *rest])) or None

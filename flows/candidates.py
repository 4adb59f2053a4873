"""The models a waiting label might mean, ranked, each with the reasons for and against: a list for a person to choose from.

Half of the score is the words and numbers that a label and a name share, half how alike they are spelt (rapidfuzz); it is
cut where versions differ, where the label names another organization, and where the model came out after the label was
first seen. Nothing is taken from here without a person's `models accept`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from flows import labels
from flows.identity import Identities, Names
from flows.labels import loose_key

_COMMON = frozenset(
    {"instruct", "chat", "it", "preview", "mini", "pro", "large", "small", "medium", "base", "exp", "latest", "v1"}
)
_MOST, _LEAST = 5, 0.3  # how many candidates are shown, and the score below which none is


class Asked(NamedTuple):
    """A label as a question: its key, its words, the organizations it names and the day it was first seen."""

    key: str
    words: frozenset[str]
    vendors: frozenset[str]
    day: date | None


@dataclass
class Candidates:
    """All known models by their words."""

    identities: Identities
    words: dict[str, dict[str, frozenset[str]]] = field(init=False)
    by_word: dict[str, dict[str, set[str]]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the registry and what each source imported."""
        self.words = {"": self._words(self.identities.registry)}
        self.words |= {source: self._words(names) for source, names in self.identities.imported.items()}
        self.by_word = {source: defaultdict(set) for source in self.words}
        for source, found in self.words.items():
            for key, words in found.items():
                for word in words - _COMMON:
                    self.by_word[source][word].add(key)

    @staticmethod
    def _words(names: Names) -> dict[str, frozenset[str]]:
        return {key: _tokens(key) for kind in ("loose id", "loose name") for key in names.keys[kind]}

    def of(self, label: str, source_id: str, day: date | None = None) -> list[dict[str, Any]]:
        """Return up to five candidates, best first, with a score from 0 to 1 and the reasons."""
        forms = labels.forms(label)
        if not forms:
            return []
        vendors = frozenset[str]().union(*(form.vendors for form in forms))
        asked = Asked(loose_key(forms[-1].text), _tokens(loose_key(label.rpartition("/")[2])), vendors, day)
        best: dict[str, tuple[float, str]] = {}
        for source in ("", source_id) if source_id in self.words else ("",):
            names = self.identities.imported[source] if source else self.identities.registry
            near = (self.by_word[source].get(word, set()) for word in asked.words if word[0].isalpha())
            for other in sorted(set[str]().union(*near)):
                words = self.words[source][other]
                likeness = _likeness(asked, other, words)
                if likeness < _LEAST:
                    continue
                for model_id in names.keys["loose id"].get(other, set()) | names.keys["loose name"].get(other, set()):
                    score, why = _weigh(asked, words, likeness, names, model_id)
                    best[model_id] = max(best.get(model_id, (0.0, "")), (round(score, 3), why))
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        return [{"model_id": m, "score": score, "why": why} for m, (score, why) in ranked[:_MOST] if score >= _LEAST]


def _tokens(key: str) -> frozenset[str]:
    """Return the words of a loose key, a version such as 3-5 as one word."""
    return frozenset(re.sub(r"(?<![^-])(\d)-(\d)(?![^-])", r"\1.\2", key).split("-")) - {""}


def _likeness(asked: Asked, other: str, words: frozenset[str]) -> float:
    """Return how like two keys are: half shared words (common ones count half), half spelling."""
    shared = asked.words & words
    weight = {word: 0.5 if word in _COMMON else 1.0 for word in asked.words | words}
    overlap = sum(weight[word] for word in shared) / sum(weight.values())
    if not shared - _COMMON or overlap < 0.15:
        return 0.0
    return (overlap + fuzz.ratio(asked.key, other) / 100) / 2


def _weigh(asked: Asked, words: frozenset[str], likeness: float, names: Names, model_id: str) -> tuple[float, str]:
    """Return the score with what speaks against the model taken off, and the reasons in words."""
    reasons = list(_reasons(asked, words, names, model_id))
    for factor, _ in reasons:
        likeness *= factor
    return likeness, "; ".join(reason for _, reason in reasons)


def _reasons(asked: Asked, words: frozenset[str], names: Names, model_id: str) -> Iterator[tuple[float, str]]:
    yield 1.0, f"agrees in {', '.join(sorted(asked.words & words))}"
    only = [", ".join(sorted(some)) for some in (asked.words - words, words - asked.words)]
    if any(only):
        yield 1.0, f"differs in {only[0] or 'nothing'} against {only[1] or 'nothing'}"
    numbers = [{word for word in some if word[0].isdigit()} for some in (asked.words, words)]
    versions = [{word for word in some if not re.fullmatch(labels.DATE, word)} for some in numbers]
    if versions[0] != versions[1]:
        yield 1 / 3, "the numbers differ"
    elif numbers[0] != numbers[1]:
        yield 0.8, "the date differs or is open"
    else:
        yield 1.0, "the numbers agree"
    organization = names.organization.get(model_id)
    if asked.vendors and organization:
        is_theirs = organization in asked.vendors
        yield (1.0, f"by {organization}, as the label says") if is_theirs else (0.3, f"by {organization}, not as said")
    released_on = names.released_on.get(model_id)
    if released_on and asked.day:
        is_out = released_on <= asked.day
        yield (1.0, f"out {released_on}") if is_out else (0.5, f"out {released_on}, after the label was first seen")

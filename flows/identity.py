"""Look a label up: what it means in a source on a day, or which models it might mean.

The registry, the models a source imported and the aliases, each by id, name and spelling. Pure: no store.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from flows import labels
from flows.aliases import Alias
from flows.labels import Form, loose_key, name_key

_ORGANIZATIONS = frozenset(labels.VENDORS.values())
_GUARDED = frozenset({"date", "context", "effort", "thinking"})  # kinds that may tell two models apart


class Match(NamedTuple):
    """Which model a label means on a day, of which variant, and how we know."""

    model_id: str
    variant: str | None
    method: str


@dataclass
class Names:
    """Models by id, by name and by the spellings of both; a name that two models share finds neither."""

    organization: dict[str, str | None] = field(default_factory=dict)
    is_reasoning: dict[str, bool | None] = field(default_factory=dict)
    is_base: dict[str, bool | None] = field(default_factory=dict)
    keys: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    stems: dict[str, dict[str, frozenset[str]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, model_id: str, names: Iterable[str | None], facts: Mapping[str, Any]) -> None:
        """Register a model under its id and its names, with the facts that rules ask for."""
        self.organization[model_id] = facts["organization_id"]
        self.is_reasoning[model_id] = facts["is_reasoning"]
        self.is_base[model_id] = facts["is_base"]
        for kind, texts in (("id", [model_id]), ("name", [name for name in names if name])):
            for text in texts:
                self.keys[kind][name_key(text)].add(model_id)
                self.keys[f"loose {kind}"][loose_key(text)].add(model_id)
                bare, kinds = labels.stem(loose_key(text))
                self.stems[bare][loose_key(text)] = kinds

    def find(self, text: str, *, loosely: bool = False) -> tuple[str, str] | None:
        """Return the one model of this id or name, with 'exact' or 'name'; None if there is none or more than one."""
        if not loosely and text in self.organization:
            return text, "exact"
        key, prefix = (loose_key(text), "loose ") if loosely else (name_key(text), "")
        ids, names = self.keys[f"{prefix}id"].get(key, set()), self.keys[f"{prefix}name"].get(key, set())
        if len(ids | names) != 1:
            return None
        return next(iter(ids | names)), "exact" if ids else "name"

    def has_sibling(self, root: str, taken: frozenset[str]) -> bool:
        """Return whether a registered model differs from `root` by a suffix of a kind that was taken off alone."""
        kinds = taken & _GUARDED
        if not kinds:
            return False
        bare, own = labels.stem(root)
        if any(kinds & (others - own) for key, others in self.stems.get(bare, {}).items() if key != root):
            return True
        return any(
            labels.goes_on_with(key, root, kinds) for kind in ("loose id", "loose name") for key in self.keys[kind]
        )


@dataclass
class Identities:
    """Everything that is known of names: the registry, what sources imported, and the aliases."""

    registry: Names
    imported: dict[str, Names]
    aliases: dict[tuple[str | None, str], list[Alias]]
    loose_aliases: dict[tuple[str | None, str], list[Alias]]
    found: dict[tuple[str, str, date], tuple[Match, Form] | None] = field(default_factory=dict)

    def at(self, label: str, source_id: str, day: date) -> tuple[Match, Form] | None:
        """Return what the label means in the source on the day, with the form that was found; None if nobody knows."""
        key = (label, source_id, day)
        if key not in self.found:
            self.found[key] = self._look_up(label, source_id, day)
        return self.found[key]

    def _look_up(self, label: str, source_id: str, day: date) -> tuple[Match, Form] | None:
        for form in labels.forms(label):
            for loosely in (False, True):
                hit = self._find(form.text, source_id, day, loosely=loosely)
                as_written = not form.taken and not loosely
                if not hit or not (as_written or self._is_safe(form, hit, source_id, loosely=loosely)):
                    continue
                words = [word for word in (hit.variant, *form.variant) if word]
                return Match(hit.model_id, ", ".join(words) or None, hit.method if as_written else "rule"), form
        return None

    def _find(self, text: str, source_id: str, day: date, *, loosely: bool) -> Match | None:
        own = self.imported.get(source_id)
        if alias := self._alias(text, source_id, day, loosely=loosely):
            return alias
        if own and (found := own.find(text, loosely=loosely)):
            return Match(found[0], None, "imported")
        if alias := self._alias(text, None, day, loosely=loosely):
            return alias
        found = self.registry.find(text, loosely=loosely)
        return Match(found[0], None, found[1]) if found else None

    def _alias(self, text: str, source_id: str | None, day: date, *, loosely: bool) -> Match | None:
        lines, key = (self.loose_aliases, loose_key(text)) if loosely else (self.aliases, name_key(text))
        found = {(a.model_id, a.variant) for a in lines.get((source_id, key), ()) if a.holds(day)}
        return Match(*found.pop(), "alias") if len(found) == 1 else None

    def _is_safe(self, form: Form, hit: Match, source_id: str, *, loosely: bool) -> bool:
        """Return whether what was taken off cannot be what tells this model from another one."""
        own = self.imported.get(source_id, Names())
        names = own if hit.model_id in own.organization else self.registry
        organization = names.organization.get(hit.model_id)
        if form.vendors and organization in _ORGANIZATIONS and organization not in form.vendors:
            return False
        if (
            names.is_base.get(hit.model_id)
            and hit.method != "alias"
            and (loosely or form.taken - {"prefix", "footnote"})
        ):
            return False  # hosts and boards leave out 'instruct': llama3-70b-8192 is the chat model
        if form.is_hyphenated and names.is_reasoning.get(hit.model_id) is not True:
            return False  # 'mistral-medium', 'phi-3-medium': a size, not an effort
        root = loose_key(form.text)
        return not (own.has_sibling(root, form.taken) or self.registry.has_sibling(root, form.taken))

    def turning_points(self, label: str, source_id: str) -> list[date]:
        """Return the days on which the meaning of the label may change."""
        points = set()
        for form in labels.forms(label):
            for lines, key in ((self.aliases, name_key(form.text)), (self.loose_aliases, loose_key(form.text))):
                for alias in (*lines.get((source_id, key), ()), *lines.get((None, key), ())):
                    points |= {alias.valid_from, alias.valid_to}
        return sorted(point for point in points if point)


@dataclass
class Candidates:
    """The models a label might mean, ranked by shared words and numbers: a list to choose from, no more."""

    identities: Identities
    words: dict[str, dict[str, frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        """Index all known models by their words."""
        self.words = {"": self._words(self.identities.registry)}
        self.words |= {source: self._words(names) for source, names in self.identities.imported.items()}

    @staticmethod
    def _words(names: Names) -> dict[str, frozenset[str]]:
        return {key: _tokens(key) for kind in ("loose id", "loose name") for key in names.keys[kind]}

    def of(self, label: str, source_id: str) -> list[dict[str, Any]]:
        """Return up to five candidates, best first, with a score from 0 to 1 and the reason."""
        if labels.is_system(label):
            return []
        key = loose_key(labels.forms(label)[-1].text)
        tokens = _tokens(loose_key(label))
        best: dict[str, tuple[float, str]] = {}
        for source in ("", source_id) if source_id in self.words else ("",):
            names = self.identities.imported[source] if source else self.identities.registry
            for other, words in self.words[source].items():
                if not any(not word.isdigit() and word[0].isalpha() for word in words & tokens):
                    continue
                score, why = _likeness(key, tokens, other, words)
                for model_id in names.keys["loose id"].get(other, set()) | names.keys["loose name"].get(other, set()):
                    best[model_id] = max(best.get(model_id, (0.0, "")), (score, why))
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        return [{"model_id": m, "score": score, "why": why} for m, (score, why) in ranked[:5] if score >= 0.3]


_COMMON = frozenset(
    {"instruct", "chat", "it", "preview", "mini", "pro", "large", "small", "medium", "base", "exp", "latest", "v1"}
)


def _tokens(key: str) -> frozenset[str]:
    """Return the words of a loose key, a version such as 3-5 as one word."""
    return frozenset(re.sub(r"(?<![^-])(\d)-(\d)(?![^-])", r"\1.\2", key).split("-")) - {""}


def _likeness(key: str, tokens: frozenset[str], other: str, words: frozenset[str]) -> tuple[float, str]:
    """Return how like two keys are: half shared words, half spelling, cut to a third where their numbers differ."""
    shared = tokens & words
    weight = {word: 0.5 if word in _COMMON else 1.0 for word in tokens | words}
    overlap = sum(weight[word] for word in shared) / sum(weight.values())
    if not shared - _COMMON or overlap < 0.15:
        return 0.0, ""
    spelling = difflib.SequenceMatcher(None, key, other, autojunk=False).ratio()
    numbers = {word for word in tokens if word[0].isdigit()}, {word for word in words if word[0].isdigit()}
    versions = [{word for word in found if not re.fullmatch(labels.DATE, word)} for found in numbers]
    score = (overlap + spelling) / 2
    why = f"shares {', '.join(sorted(shared))}"
    if versions[0] != versions[1]:
        return round(score / 3, 3), f"{why}; the numbers differ"
    if numbers[0] != numbers[1]:
        return round(score * 0.8, 3), f"{why}; the date differs or is open"
    return round(score, 3), f"{why}; the numbers agree"

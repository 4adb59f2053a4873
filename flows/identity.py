"""Look a label up: what it means in a source on a day, or which models it might mean.

The registry, the models a source imported and the aliases, each by id, name and spelling. Pure: no store.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from flows import labels
from flows.aliases import Alias
from flows.labels import Form, loose_key, name_key

_GUARDED = frozenset({"date", "context", "effort", "thinking", "plain"})  # kinds that may tell two models apart
# How far a date taken off a label may lie from the release of the model: another day is another snapshot, but a board may
# name the month before or after.
_DAYS_NEAR, _DAYS_NEAR_MONTH = 3, 31
# What a table's heading leaves out of its models' names, by what the heading says: ' [instruct]' or ' [base]'.
_MARKS = {"instruct": ("", "-instruct", "-chat", "-it"), "base": ("", "-base")}


class Match(NamedTuple):
    """Which model a label means on a day, of which variant, and how we know."""

    model_id: str
    variant: str | None
    method: str


@dataclass
class Names:
    """Models by id, by name and by the spellings of both; a name that two models share finds neither."""

    organization: dict[str, str | None] = field(default_factory=dict)
    access: dict[str, str | None] = field(default_factory=dict)
    released_on: dict[str, date | None] = field(default_factory=dict)
    is_reasoning: dict[str, bool | None] = field(default_factory=dict)
    is_base: dict[str, bool | None] = field(default_factory=dict)
    keys: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    stems: dict[str, dict[str, frozenset[str]]] = field(default_factory=lambda: defaultdict(dict))
    ordered: list[str] = field(default_factory=list)  # the loose keys, to find those that begin alike

    def add(self, model_id: str, names: Iterable[str | None], facts: Mapping[str, Any]) -> None:
        """Register a model under its id and its names, with the facts that rules ask for."""
        self.organization[model_id] = facts["organization_id"]
        self.access[model_id] = facts["access"]
        self.released_on[model_id] = facts["released_on"]
        self.is_reasoning[model_id] = facts["is_reasoning"]
        self.is_base[model_id] = facts["is_base"]
        for kind, texts in (("id", [model_id]), ("name", [name for name in names if name])):
            for text in texts:
                self.keys[kind][name_key(text)].add(model_id)
                self.keys[f"loose {kind}"][loose_key(text)].add(model_id)
                bare, kinds = labels.stem(loose_key(text))
                self.stems[bare][loose_key(text)] = kinds
                insort(self.ordered, loose_key(text))

    def find(self, text: str, *, loosely: bool = False) -> tuple[str, str] | None:
        """Return the one model of this id or name, with 'exact' or 'name'; None if there is none or more than one."""
        if not loosely and text in self.organization:
            return text, "exact"
        key, prefix = (loose_key(text), "loose ") if loosely else (name_key(text), "")
        ids, names = self.keys[f"{prefix}id"].get(key, set()), self.keys[f"{prefix}name"].get(key, set())
        if len(ids | names) != 1:
            return None
        return next(iter(ids | names)), "exact" if ids else "name"

    def snapshot(self, root: str, cut: tuple[str, ...]) -> str | None:
        """Return the one model of a name that came out at the dates taken off: 'GPT-4o (Aug 2024)'; None if not one."""
        bare, _ = labels.stem(root)
        keys = [key for key in self.stems.get(bare, {}) if key == bare or key.startswith(f"{bare}-")]
        models = {m for key in keys for kind in ("loose id", "loose name") for m in self.keys[kind].get(key, ())}
        fits = {m for m in models if (day := self.released_on[m]) and all(labels.is_near(told, day, 0) for told in cut)}
        return fits.pop() if len(fits) == 1 and cut and all(map(labels.is_date, cut)) else None

    def has_instruct(self, model_id: str) -> bool:
        """Return whether a chat model is registered beside this base model, under its name and one word more."""
        root = loose_key(model_id)
        return any(self.keys["loose id"].get(root + ending) for ending in _MARKS["instruct"][1:])

    def has_sibling(self, root: str, taken: frozenset[str]) -> bool:
        """Return whether a registered model differs from `root` by a suffix of a kind that was taken off alone."""
        kinds = taken & _GUARDED
        if not kinds:
            return False
        bare, own = labels.stem(root)
        if any(kinds & (others - own) for key, others in self.stems.get(bare, {}).items() if key != root):
            return True
        start, end = (bisect_left(self.ordered, root + mark) for mark in ("-", "."))  # '.' comes next after '-'
        return any(labels.goes_on_with(key, root, kinds) for key in self.ordered[start:end])


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
                hit = self._find_marked(form, source_id, day, loosely=loosely)
                if not hit or not self._is_told(label, form, hit, source_id):
                    continue
                as_written = not form.taken and not loosely
                if as_written or self._is_safe(form, hit, source_id, loosely=loosely):
                    return self._matched(form, hit, source_id, hit.method if as_written else "rule")
        for form in labels.forms(label):
            model_id = self._by_date(form) or self._by_mode(form, source_id, day)
            hit = Match(model_id, None, "rule") if model_id else None
            if (
                hit
                and not self._names_of(hit, source_id).is_base[hit.model_id]
                and self._is_theirs(form, hit, source_id)
            ):
                is_mode = not form.cut
                return self._matched(replace(form, variant=()) if is_mode else form, hit, source_id, "rule")
        return None

    def _by_date(self, form: Form) -> str | None:
        """Return the snapshot that a date in the label tells: 'GPT-4o (Aug 2024)'."""
        return self.registry.snapshot(loose_key(form.text), form.cut) if "date" in form.taken else None

    def _by_mode(self, form: Form, source_id: str, day: date) -> str | None:
        """Return the model of one mode, where there are two of a name and none without: 'Qwen3 VL 8B (Reasoning)'."""
        if form.variant not in (("thinking",), ("no-thinking",)) or form.taken - {"thinking", "prefix", "host"}:
            return None
        ends = ("-thinking", "-instruct") if form.variant == ("thinking",) else ("-instruct", "-thinking")
        found = [self._find(form.text + end, source_id, day, loosely=True) for end in ends]
        is_split = all(found) and not self._find(form.text, source_id, day, loosely=True)
        return found[0].model_id if is_split and found[0] else None

    def _matched(self, form: Form, hit: Match, source_id: str, method: str) -> tuple[Match, Form]:
        words = [word for word in (hit.variant, *form.variant) if word]
        if "plain" in form.taken and self._names_of(hit, source_id).is_base.get(hit.model_id):
            words.remove("base")
        released_on = self._names_of(hit, source_id).released_on.get(hit.model_id)
        if released_on and all(labels.is_near(day, released_on, 0) for day in form.cut):
            form = replace(form, cut=())  # the model's own date: nothing was lost
        return Match(hit.model_id, ", ".join(words) or None, method), form

    def _is_told(self, label: str, form: Form, hit: Match, source_id: str) -> bool:
        """Return whether a base model is meant: a bare name in words ('Gemma 3 12B') says base as little as chat."""
        names = self._names_of(hit, source_id)
        is_bare = not form.mark and hit.method != "alias" and " " in label.strip()
        return not (is_bare and names.is_base.get(hit.model_id) and names.has_instruct(hit.model_id)) or (
            "base" in label.lower()
        )

    def _find_marked(self, form: Form, source_id: str, day: date, *, loosely: bool) -> Match | None:
        """Return the model of a form's text; where a mark says base or instruct, the one model of that kind only."""
        if not form.mark:
            return self._find(form.text, source_id, day, loosely=loosely)
        found = [self._find(form.text + ending, source_id, day, loosely=loosely) for ending in _MARKS[form.mark]]
        fits = {hit.model_id: hit for hit in found if hit and self._is_base(hit, source_id) == (form.mark == "base")}
        return next(iter(fits.values())) if len(fits) == 1 else None

    def _is_base(self, hit: Match, source_id: str) -> bool | None:
        return self._names_of(hit, source_id).is_base.get(hit.model_id)

    def _names_of(self, hit: Match, source_id: str) -> Names:
        own = self.imported.get(source_id)
        return own if own and hit.model_id in own.organization else self.registry

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
        names = self._names_of(hit, source_id)
        if not self._is_theirs(form, hit, source_id):
            return False
        is_base, access = names.is_base.get(hit.model_id), names.access.get(hit.model_id)
        released_on = names.released_on.get(hit.model_id)
        if released_on and not all(labels.is_near(day, released_on, _DAYS_NEAR, _DAYS_NEAR_MONTH) for day in form.cut):
            return False  # 'DeepSeek V4 Flash 0731': not the model of April
        if (
            names.is_base.get(hit.model_id)
            and not form.mark
            and hit.method != "alias"
            and (loosely or form.taken - {"prefix", "footnote"})
            and "plain" not in form.taken
        ):
            return False  # hosts and boards leave out 'instruct': llama3-70b-8192 is the chat model
        if form.is_hyphenated and names.is_reasoning.get(hit.model_id) is not True and not is_base:
            return False  # 'mistral-medium', 'phi-3-medium': a size, not an effort
        if "plain" in form.taken and not is_base and access != "closed":
            return False  # '-base' is a mode without thinking only where nobody can have the base model
        roots = {loose_key(text) for text in labels.without_first_words(form)}
        return not any(names.has_sibling(root, form.taken) for names in (own, self.registry) for root in roots)

    def _is_theirs(self, form: Form, hit: Match, source_id: str) -> bool:
        """Return whether the model is the organization's whose name was taken off the label."""
        organization = self._names_of(hit, source_id).organization.get(hit.model_id)
        return not organization or form.vendors <= {organization}

    def turning_points(self, label: str, source_id: str) -> list[date]:
        """Return the days on which the meaning of the label may change."""
        points = set()
        for form in labels.forms(label):
            for lines, key in ((self.aliases, name_key(form.text)), (self.loose_aliases, loose_key(form.text))):
                for alias in (*lines.get((source_id, key), ()), *lines.get((None, key), ())):
                    points |= {alias.valid_from, alias.valid_to}
        return sorted(point for point in points if point)

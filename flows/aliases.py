"""The hand-kept aliases: what a line of aliases.csv says, and how one is added."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from flows.errors import UsageError
from flows.labels import name_key

ALIAS_COLUMNS = ("label", "source_id", "valid_from", "valid_to", "model_id", "variant", "reason", "source_url")


class Alias(NamedTuple):
    """A line of aliases.csv, valid from `valid_from` up to but not on `valid_to`."""

    label: str
    source_id: str | None
    valid_from: date | None
    valid_to: date | None
    model_id: str
    variant: str | None

    def holds(self, day: date) -> bool:
        """Return whether the alias is valid on the day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


def accept(
    aliases_csv: Path,
    label: str,
    model_id: str,
    *,
    source_id: str | None = None,
    variant: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str,
    source_url: str,
    known: Collection[str] = (),
) -> None:
    """Append an alias to aliases.csv, in one replacement of the file; UsageError says what is wrong with it.

    The model must be in models.csv or registry.csv beside it, or in `known` (models that were imported).
    """
    new = Alias(label.strip(), source_id or None, valid_from, valid_to, model_id, variant or None)
    if not new.label or not reason.strip():
        raise UsageError("an alias needs a label and a reason")
    if not re.match(r"https?://\S+$", source_url):
        raise UsageError(f"source_url must be an http(s) address; found {source_url!r}")
    if valid_from and valid_to and valid_from >= valid_to:
        raise UsageError(f"valid_from {valid_from} must be before valid_to {valid_to} (the day it ends is not in it)")
    registered = {m for name in ("models.csv", "registry.csv") for m in _model_ids(aliases_csv.with_name(name))}
    if model_id not in registered and model_id not in known:
        raise UsageError(f"there is no model {model_id!r} in models.csv, in registry.csv or among the imported models")
    for old in read_aliases(aliases_csv):
        if _overlap(old, new):
            where = f" of source {old.source_id}" if old.source_id else ""
            span = f"from {old.valid_from or 'ever'} to {old.valid_to or 'now'}"
            raise UsageError(f"{new.label!r}{where} already means {old.model_id} {span}")
    _append(aliases_csv, [*("" if value is None else str(value) for value in new), reason.strip(), source_url])


def read_aliases(aliases_csv: Path) -> list[Alias]:
    """Return the lines of aliases.csv; none if there is no such file yet."""
    if not aliases_csv.is_file():
        return []
    with aliases_csv.open(encoding="utf-8", newline="") as file:
        return [
            Alias(
                row["label"], row["source_id"] or None, _day(row["valid_from"]), _day(row["valid_to"]), row["model_id"],
                row["variant"] or None,
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _model_ids(models_csv: Path) -> set[str]:
    if not models_csv.is_file():
        return set()
    with models_csv.open(encoding="utf-8", newline="") as file:
        return {row["model_id"] for row in csv.DictReader(file)}


def _overlap(one: Alias, other: Alias) -> bool:
    if one.source_id != other.source_id or name_key(one.label) != name_key(other.label):
        return False
    return (one.valid_from or date.min) < (other.valid_to or date.max) and (other.valid_from or date.min) < (
        one.valid_to or date.max
    )


def _append(path: Path, cells: Sequence[str]) -> None:
    """Write the file anew with one line more and put it in place at once, so that no reader sees half of it."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ",".join(ALIAS_COLUMNS) + "\n"
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(text if text.endswith("\n") else text + "\n")
        csv.writer(file, lineterminator="\n").writerow(cells)
        file.flush()
        os.fsync(file.fileno())
    if path.is_file():
        Path(file.name).chmod(path.stat().st_mode & 0o777)
    else:
        Path(file.name).chmod(0o644)
    Path(file.name).replace(path)

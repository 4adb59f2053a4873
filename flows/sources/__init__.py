"""The registry of sources is this folder: every module without a leading underscore is one source."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

from flows.errors import UsageError
from flows.records import Reader


def web_addresses() -> list[str]:
    """Return every address that the sources are fetched from."""
    return [url for source_id in source_ids() for url in reader_of(source_id).SOURCE.urls if url.startswith("http")]


@cache
def source_ids() -> tuple[str, ...]:
    """Return the ids of all sources, sorted; a module's name is its source's id."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def reader_of(source_id: str) -> Reader:
    """Return the source's module; UsageError names the known ids if there is none of that name."""
    if source_id not in source_ids():
        raise UsageError(f"source {source_id!r}: expected one of {', '.join(source_ids())}")
    reader = cast(Reader, importlib.import_module(f"{__name__}.{source_id}"))
    if reader.SOURCE.id != source_id:
        raise UsageError(
            f"flows/sources/{source_id}.py: expected SOURCE with id {source_id!r}; found {reader.SOURCE.id!r}"
        )
    return reader

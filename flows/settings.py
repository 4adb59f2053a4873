"""Where things lie and how the program presents itself; everything can be set by environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT = Path(__file__).parents[1]
REFERENCE = PROJECT / "warehouse" / "reference"
SQL_PROJECT = PROJECT / "sql"


def program_version() -> str:
    """Return the installed version of this program."""
    try:
        return version("llm-convergence")
    except PackageNotFoundError:
        return "0+unknown"


def user_agent() -> str:
    """Return an honest User-Agent; CONVERGENCE_CONTACT adds who to write to."""
    contact = os.environ.get("CONVERGENCE_CONTACT", "")
    return f"llm-convergence/{program_version()} (research on published leaderboards and prices{'; ' + contact if contact else ''})"


@dataclass(frozen=True)
class Warehouse:
    """The files of one warehouse; all are made by runs."""

    directory: Path

    @classmethod
    def at(cls, directory: str | Path | None = None) -> Warehouse:
        """Return the warehouse in `directory`, else in CONVERGENCE_WAREHOUSE, else in the project's warehouse/."""
        chosen = directory or os.environ.get("CONVERGENCE_WAREHOUSE") or PROJECT / "warehouse"
        return cls(Path(chosen).expanduser().resolve())

    @property
    def store(self) -> Path:
        """The file one writer works on."""
        return self.directory / "store.duckdb"

    @property
    def archive(self) -> Path:
        """The pages as served, one WARC file per capture."""
        return self.directory / "archive"

    @property
    def snapshots(self) -> Path:
        """One folder per published run."""
        return self.directory / "snapshots"

    @property
    def link(self) -> Path:
        """The switch: a symbolic link to the snapshot that readers see."""
        return self.directory / "published"

    @property
    def published(self) -> Path:
        """The file readers open, through the switch."""
        return self.directory / "llm_convergence.duckdb"

    @property
    def lock(self) -> Path:
        """The file a run locks."""
        return self.directory / ".lock"

    @property
    def work(self) -> Path:
        """Where dbt keeps its target and its logs."""
        return self.directory / "dbt"

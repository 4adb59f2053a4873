"""What a run did, per source, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.steps import Job, SourceRun

COLUMNS = ("source", "captures", "new", "rows in", "accepted", "quarantined", "state", "note")


@dataclass
class Summary:
    """The closing summary of a run."""

    run_id: str
    published: str
    runs: Sequence[SourceRun] = field(repr=False)
    notes: Sequence[str] = ()
    n_remaining: int = 0

    @classmethod
    def of(cls, job: Job, runs: Sequence[SourceRun]) -> Summary:
        """Sum up a job."""
        tally = job.tally
        past = (tally.lines(), tally.remaining) if tally else ((), 0)
        return cls(job.run_id, str(job.warehouse.published), runs, *past)

    @property
    def failed(self) -> list[str]:
        """Sources that failed, or whose quarantine is over their tolerance."""
        return [run.source_id for run in self.runs if run.state == "failed"]

    @property
    def exit_code(self) -> int:
        """0 if every source is ok, unchanged or skipped; 3 if one failed."""
        return 3 if self.failed else 0

    def source_rows(self) -> list[dict[str, Any]]:
        """Return one row per source, in the columns people see."""
        return [
            dict(
                zip(
                    COLUMNS,
                    (
                        r.source_id,
                        r.n_captures,
                        r.n_new_captures,
                        r.rows_read,
                        r.rows_accepted,
                        r.rows_quarantined,
                        r.state,
                        r.message or "",
                    ),
                    strict=True,
                )
            )
            for r in self.runs
        ]

    def validation_rows(self) -> list[dict[str, Any]]:
        """Return what expectations and change checks found, one row each."""
        found: list[dict[str, Any]] = []
        for run in self.runs:
            for reading in run.readings:
                page = f"{run.source_id} {reading.capture.captured_at:%Y-%m-%d}"
                found += [
                    {
                        "capture": page,
                        "check": f"{r['expectation']} {r['column_name']}",
                        "severity": r["severity"],
                        "detail": f"{r['n_unexpected']} of {r['n_rows']} rows",
                    }
                    for r in reading.results
                    if not r["is_success"]
                ]
                found += [
                    {"capture": page, "check": c["check_name"], "severity": c["severity"], "detail": c["detail"]}
                    for c in reading.changes
                ]
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the summary for a program to read."""
        return {
            "run_id": self.run_id,
            "published": self.published,
            "exit_code": self.exit_code,
            "sources": self.source_rows(),
        } | ({"notes": list(self.notes), "remaining": self.n_remaining} if self.notes else {})

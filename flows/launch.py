"""Run the flow from a command: Prefect quiet, its temporary server starting while the heavy imports run."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.summary import Summary

log = logging.getLogger(__name__)
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,expectations,warehouse",  # our lines show in the Prefect UI
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}


def run_flow(**parameters: Any) -> Summary:
    """Run the refresh flow and return its summary.

    Without PREFECT_API_URL a temporary server is started; it takes as long as importing what validation and build need, so
    both happen at once.
    """
    atexit.register(_end_quietly)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    log.info("start: loading what checks and builds, half a minute or so (the first time longer)")
    import prefect.settings

    starting = None
    if not prefect.settings.PREFECT_API_URL.value():
        from prefect.server.api.server import SubprocessASGIServer  # here: imports in two threads at once are fragile

        starting = threading.Thread(target=SubprocessASGIServer().start, daemon=True)
        starting.start()
    _import_heavy()
    from flows.refresh import refresh

    logging.getLogger("prefect").propagate = False  # to its API, not to our terminal
    if starting is not None:
        starting.join()
    summary: Summary = refresh(**parameters)
    return summary


def _end_quietly() -> None:
    """Close stderr as the last thing (registered before anything heavy is imported, so called after all of it).

    Prefect's background threads keep a failed step's error and all that its frames held; duckdb 2.0 then prints pages about
    leaked instances when the interpreter is taken down (2026-11: prefect 3.8.8, duckdb 2.0.0). Nothing of ours comes later.
    """
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)


def _import_heavy() -> None:
    import dbt.cli.main  # noqa: F401
    import great_expectations  # noqa: F401
    import polars  # noqa: F401

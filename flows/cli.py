"""The `convergence` command: arguments in, exit code out. Heavy libraries are imported inside the commands that need them."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flows.errors import ConvergenceError, UsageError, WarehouseLocked

if TYPE_CHECKING:
    from flows.settings import Warehouse
    from flows.summary import Summary

ME = "uv run convergence" if os.environ.get("UV_RUN_RECURSION_DEPTH") else "convergence"  # what to type next
EXIT_CODES = """\
exit codes:
  0  published; every source ok, unchanged or skipped
  1  failed, nothing published, the last snapshot stands
  2  wrong usage
  3  published, but a source failed or its quarantine is over its tolerance
  4  another run holds the warehouse
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one clear message on stderr."""
    parser = make_parser()
    args = parser.parse_args(argv)
    args.typed = list(sys.argv[1:] if argv is None else argv)
    if not hasattr(args, "run"):
        parser.print_help()
        return 2
    if args.command != "query":
        _show_logs(args.verbose)
    try:
        return int(args.run(args) or 0)
    except ConvergenceError as error:
        if args.verbose:
            raise
        print(f"convergence {args.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 4 if isinstance(error, WarehouseLocked) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print(f"convergence {args.command}: stopped; nothing was published, type it again to go on", file=sys.stderr)
        return 1


def _show_logs(verbose: bool) -> None:
    """Show the progress lines of our own modules on stderr."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name in ("flows", "expectations", "warehouse"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="convergence",
        description="Are large language models converging? Pages in, marts out; answered in SQL.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--warehouse",
        metavar="DIR",
        help="the warehouse's folder (default: $CONVERGENCE_WAREHOUSE or the project's warehouse/)",
    )
    common.add_argument("--verbose", "-v", action="store_true", help="say more, and show where an error comes from")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    def add(
        name: str, run: Callable[[argparse.Namespace], int | None], help: str, more: str = ""
    ) -> argparse.ArgumentParser:
        form = argparse.RawDescriptionHelpFormatter
        command = commands.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            epilog=more,
            parents=[common],
            formatter_class=form,
        )
        command.set_defaults(run=run)
        return command

    run = add("run", _run, "fetch all sources, validate, load, build the marts and publish them", EXIT_CODES)
    _add_source(run, "only this source (may be repeated); `convergence sources` lists them")
    run.add_argument(
        "--offline",
        action="store_true",
        help="use the network for nothing; the reference facts still make complete marts",
    )
    _add_json(run)

    replay = add("replay", _replay, "the same over stored captures, in date order, without network", EXIT_CODES)
    replay.add_argument(
        "folder", metavar="DIR", help="a folder laid out as SOURCE/DATE/file (with manifest.csv), or of WARC files"
    )
    _add_source(replay, "only this source (may be repeated)")
    _add_json(replay)

    past = add(
        "backfill",
        _backfill,
        "pages of the past, through a CDX index and a replay service or a repository's history, then as run",
        "Type the same again to go on where it stopped: what is archived is not asked for twice.\n\n" + EXIT_CODES,
    )
    _add_backfill(past)
    _add_json(past)

    load = add(
        "import",
        _import,
        "load a CSV or Parquet file through the same checks, then build and publish",
        "A file is known by its table and name: imported again with other contents, it takes the place of what it said before.",
    )
    load.add_argument("file", metavar="FILE", help="a .csv or .parquet file in the columns of the table (those it has)")
    load.add_argument(
        "--table",
        required=True,
        choices=("scores", "prices", "speeds", "run_costs", "models"),
        help="which table the rows belong to",
    )
    load.add_argument("--source", required=True, metavar="ID", help="the id these rows go by, such as my_tests")
    load.add_argument("--no-registry", action="store_true", help="know no models but those imported")
    _add_json(load)

    sources = add("sources", _sources, "list every source: what it is, last capture, rows, age, state and why")
    sources.add_argument("--check", action="store_true", help="exit 3 if a source is stale or broken")
    _add_json(sources)

    check = add(
        "check",
        _check,
        "fetch a source's live page and say what changed against its last good capture; nothing is loaded",
        "exit codes:\n  0  same, or other data\n  1  could not be fetched\n  3  broken: another layout, a gate, too many bad rows",
    )
    check.add_argument("source", metavar="SOURCE", help="a source; `convergence sources` lists them")
    check.add_argument("--url", metavar="URL", help="this page only, also at an address it may have moved to")
    _add_json(check)

    _add_models(add("models", _models, "labels that wait for an identity: list them, see candidates, accept one"))

    tables = add("tables", _tables, "list the published tables, with rows and what they hold")
    _add_json(tables)

    query = add(
        "query",
        _query,
        "run SQL on the published file, read-only",
        'example:\n  convergence query "from convergence.frontier_gap limit 5"',
    )
    query.add_argument("sql", metavar="SQL", help="a SELECT, or FROM table; - reads it from standard input")
    query.add_argument(
        "--format", choices=("table", "csv", "json", "markdown", "parquet"), default="table", help="default: table"
    )
    query.add_argument("--output", metavar="FILE", help="write there, not to standard output")
    query.add_argument("--database", metavar="FILE", help="another published file, such as one `build --as-of` made")

    explain = add(
        "explain",
        _explain,
        "say where a figure comes from: observations, captures, the words on the page",
        "example:\n  convergence explain convergence.frontier_gap benchmark_id=mmlu as_of_on=2024-07-31",
    )
    explain.add_argument("table", metavar="TABLE", help="a published table, such as convergence.frontier_gap")
    explain.add_argument(
        "keys", metavar="KEY", nargs="*", help="which row: column=value, or values in the order of the table's keys"
    )
    explain.add_argument("--database", metavar="FILE", help="another published file, such as one `build --as-of` made")
    _add_json(explain)

    build = add(
        "build", _build, "build and publish the marts again; with a date, write them to a file as they would have been"
    )
    build.add_argument("--as-of", metavar="DATE", help="with only what was released or valid by that day (YYYY-MM-DD)")
    build.add_argument("--known-at", metavar="DATE", help="with only what had been captured by the end of that day")
    build.add_argument(
        "--output", metavar="FILE", help="where a dated build goes (default: snapshots/as_of_DATE.duckdb)"
    )

    doctor = add(
        "doctor", _doctor, "say what is wrong with this installation and this warehouse, and what to do about it"
    )
    _add_json(doctor)
    return parser


def _add_source(command: argparse.ArgumentParser, help: str) -> None:
    command.add_argument("--source", action="append", default=[], metavar="ID", help=help)


def _add_backfill(past: argparse.ArgumentParser) -> None:
    past.add_argument("source", metavar="SOURCE", help="a source's id; `convergence sources` lists them")
    past.add_argument("--from", dest="first", metavar="DAY", required=True, help="the first day, as YYYY-MM-DD")
    past.add_argument("--to", dest="last", metavar="DAY", help="the last day (default: today)")
    past.add_argument(
        "--cdx", metavar="URL", help="the index (default: the Wayback Machine's, or COLL/cdx of --replay)"
    )
    past.add_argument("--replay", metavar="URL", help="the replay service, such as a pywb's COLL (default: Wayback's)")
    past.add_argument("--limit", metavar="N", type=int, default=50, help="pages to take in one run (default: 50)")
    past.add_argument(
        "--every",
        metavar="DAYS",
        type=int,
        help="of each address the newest page in so many days; 0: all (default: 30 from git, else all)",
    )
    past.add_argument(
        "--url",
        action="append",
        default=[],
        metavar="URL",
        help="only this address (may be repeated; default: all that the source has or had)",
    )
    past.add_argument(
        "--via",
        choices=("git", "web"),
        help="git: by commit, of files on raw.githubusercontent.com; web: by capture (default: git where it can be, but web"
        " with --cdx or --replay)",
    )


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="answer as JSON, for a program")


def _add_models(models: argparse.ArgumentParser) -> None:
    actions = models.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, help in (
        ("unresolved", "labels without a model, most rows first"),
        ("suggest", "the same, with ranked candidates"),
    ):
        action = actions.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        action.add_argument("--warehouse", metavar="DIR", default=argparse.SUPPRESS, help="the warehouse's folder")
        _add_json(action)
    grow = actions.add_parser(
        "grow",
        help="propose rows for warehouse/reference/registry.csv from what feeds state of models",
        description="Propose rows for warehouse/reference/registry.csv from what feeds state of models, as CSV. Look each over"
        " (facts of feeds are wrong at times), correct it, and add it to the file by hand: nothing is taken over by itself.",
    )
    grow.add_argument("--warehouse", metavar="DIR", default=argparse.SUPPRESS, help="the warehouse's folder")
    _add_json(grow)
    accept = actions.add_parser("accept", help="write the alias row that gives a label its model")
    accept.add_argument("label", metavar="LABEL", help="the label, exactly as the page has it")
    accept.add_argument("model_id", metavar="MODEL_ID", help="a model of core.models")
    accept.add_argument("--source", metavar="ID", help="for this source only")
    accept.add_argument("--variant", help="the variant the label names, such as high")
    accept.add_argument("--from", dest="valid_from", metavar="DATE", help="from this day on")
    accept.add_argument("--to", dest="valid_to", metavar="DATE", help="until the day before this one")
    accept.add_argument("--reason", required=True, help="why, in a few words")
    accept.add_argument("--source-url", required=True, metavar="URL", help="where that can be read")


def _warehouse(args: argparse.Namespace) -> Warehouse:
    from flows.settings import Warehouse

    return Warehouse.at(args.warehouse)


def _report(summary: Summary, as_json: bool, *, again: str = "") -> int:
    """Print the closing summary and what to type next."""
    from flows.query import write_rows
    from flows.summary import COLUMNS

    if as_json:
        print(json.dumps(summary.as_json(), indent=1, ensure_ascii=False))
        return summary.exit_code
    write_rows(sys.stdout, COLUMNS, [[row[c] for c in COLUMNS] for row in summary.source_rows()], "table")
    print(f"\npublished: {summary.published} (run {summary.run_id})")
    if summary.failed:
        print(
            f"failed: {', '.join(summary.failed)}; why is in the table above, in meta.source_health and in meta.readings"
        )
    for note in summary.notes:
        print(note)
    if summary.n_remaining:
        print(f"next: {again}")
        return summary.exit_code
    print(f'next: {ME} tables\n      {ME} query "from convergence.frontier_gap"')
    return summary.exit_code


def _run(args: argparse.Namespace) -> int:
    from flows.launch import run_flow

    _check_sources(args.source)
    _check_warehouse(args)
    return _report(run_flow(sources=args.source or None, offline=args.offline, warehouse=args.warehouse), args.json)


def _backfill(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from flows.backfill import Plan
    from flows.launch import run_flow

    wanted = {name: getattr(args, name) for name in ("source", "first", "cdx", "replay", "limit", "every", "via")}
    wanted |= {"last": args.last or f"{datetime.now(UTC):%Y-%m-%d}", "urls": args.url}
    Plan.of(**wanted)  # wrong usage is said before anything heavy starts
    _check_warehouse(args)
    again = f"{ME} {shlex.join(args.typed)}"
    return _report(run_flow(warehouse=args.warehouse, backfill=wanted), args.json, again=again)


def _replay(args: argparse.Namespace) -> int:
    import logging
    from pathlib import Path

    from flows.launch import run_flow
    from flows.replay import stored_captures

    logging.getLogger("flows.replay").disabled = True  # it will say what it leaves out when it is asked in earnest
    stored_captures(Path(args.folder), args.source)  # a wrong folder is said before anything heavy starts
    logging.getLogger("flows.replay").disabled = False
    _check_warehouse(args)
    return _report(run_flow(sources=args.source or None, warehouse=args.warehouse, replay=args.folder), args.json)


def _check_warehouse(args: argparse.Namespace) -> None:
    """Say at once, before anything heavy starts, that the warehouse is held by another run or cannot be used."""
    from warehouse.connect import hold, open_store

    warehouse = _warehouse(args)
    with hold(warehouse):
        open_store(warehouse.store).close()


def _check_sources(wanted: Sequence[str]) -> None:
    from flows.sources import reader_of

    for source_id in wanted:
        reader_of(source_id)


def _import(args: argparse.Namespace) -> int:
    from pathlib import Path

    from flows.imports import import_file

    return _report(
        import_file(_warehouse(args), Path(args.file), args.table, args.source, registry=not args.no_registry),
        args.json,
    )


def _sources(args: argparse.Namespace) -> int:
    from flows.inspect import source_states

    rows = source_states(_warehouse(args))
    _print_rows(rows, args.json)
    bad = [row["source"] for row in rows if row["state"] in ("failed", "stale")]
    if args.check and bad:
        print(f"stale or broken: {', '.join(bad)}", file=sys.stderr)
        return 3
    return 0


def _check(args: argparse.Namespace) -> int:
    from flows.check import check, exit_code
    from flows.query import write_rows
    from flows.sources import reader_of

    found = check(reader_of(args.source), _warehouse(args), args.url)
    if args.json:
        pages = [page.as_json() for page in found]
        print(
            json.dumps(
                {"source": args.source, "exit_code": exit_code(found), "pages": pages}, indent=1, ensure_ascii=False
            )
        )
        return exit_code(found)
    for page in found:
        print("\n".join(page.lines()))
        for rows in (page.differences_as_rows(), page.errors):
            if rows:
                print()
                write_rows(sys.stdout, list(rows[0]), [list(row.values()) for row in rows], "table")
    return exit_code(found)


def _print_rows(rows: Sequence[dict[str, object]], as_json: bool) -> None:
    from flows.query import write_rows

    names = list(rows[0]) if rows else []
    write_rows(sys.stdout, names, [list(row.values()) for row in rows], "json" if as_json else "table")


def _models(args: argparse.Namespace) -> int:
    from flows.inspect import unresolved

    if args.action in ("accept", "grow"):
        return _accept(args) if args.action == "accept" else _grow(args)
    rows = unresolved(_warehouse(args), candidates=args.action == "suggest")
    if not rows and not args.json:
        print("every label has a model")
        return 0
    _print_rows(rows, args.json)
    if not args.json:
        print(f'\nnext: {ME} models accept LABEL MODEL_ID --reason "..." --source-url URL, then {ME} build')
    return 0


def _grow(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from flows.grow import COLUMNS, grow
    from flows.query import write_rows
    from warehouse.connect import open_store

    with open_store(_warehouse(args).store, read_only=True) as con:
        rows = grow(con, datetime.now(UTC).date())
    write_rows(sys.stdout, COLUMNS, [[row[c] for c in COLUMNS] for row in rows], "json" if args.json else "csv")
    return 0


def _accept(args: argparse.Namespace) -> int:
    from datetime import date

    from flows.inspect import model_ids, nearest_labels
    from flows.resolve import accept
    from flows.settings import REFERENCE

    try:
        spans = [date.fromisoformat(text) if text else None for text in (args.valid_from, args.valid_to)]
    except ValueError as error:
        raise UsageError(f"--from, --to: expected YYYY-MM-DD; found {error}") from error
    accept(
        REFERENCE / "aliases.csv",
        args.label,
        args.model_id,
        source_id=args.source,
        variant=args.variant,
        valid_from=spans[0],
        valid_to=spans[1],
        reason=args.reason,
        source_url=args.source_url,
        known=model_ids(_warehouse(args)),
    )
    if near := nearest_labels(_warehouse(args), args.label):
        print(f"no page has the label {args.label!r} so far; nearest: {', '.join(map(repr, near))}", file=sys.stderr)
    print(f"{args.label!r} is {args.model_id}; next: {ME} build")
    return 0


def _tables(args: argparse.Namespace) -> int:
    from flows.inspect import tables

    _print_rows(tables(_warehouse(args)), args.json)
    if not args.json:
        print(f'\nnext: {ME} query "from convergence.frontier_gap"   (columns: from meta.dictionary)')
    return 0


def _query(args: argparse.Namespace) -> int:
    from pathlib import Path

    from flows.query import run_query
    from warehouse.connect import open_published

    database = Path(args.database) if args.database else _warehouse(args).published
    sql = sys.stdin.read() if args.sql == "-" else args.sql
    with open_published(database) as con:
        run_query(con, sql, args.format, Path(args.output) if args.output else None)
    return 0


def _explain(args: argparse.Namespace) -> int:
    from pathlib import Path

    from flows.explain import explain
    from flows.explain_text import as_json, as_text

    found = explain(_warehouse(args), args.table, args.keys, Path(args.database) if args.database else None)
    print(as_json(found) if args.json else "\n".join(as_text(found)))
    return 0


def _build(args: argparse.Namespace) -> int:
    from flows.rebuild import rebuild

    path = rebuild(_warehouse(args), as_of=args.as_of, known_at=args.known_at, output=args.output)
    dated = f" --database {path}" if args.as_of or args.known_at else ""
    print(f'built: {path}\nnext: {ME} query{dated} "from convergence.frontier_gap"')
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from flows.doctor import examine

    findings = examine(_warehouse(args))
    _print_rows([vars(f) for f in findings], args.json)
    return 1 if any(f.state == "wrong" for f in findings) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Run a suite through Great Expectations, on one frame at a time, and say in words why a row fails."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations.suites import SUITES, Check
from flows.read import Reading
from flows.records import Expect

if TYPE_CHECKING:
    import polars as pl

Scales = Mapping[str, tuple[float | None, float | None]]
_ONE_AT_A_TIME = threading.Lock()  # a Great Expectations context is not made for several threads


def run_suite(reading: Reading, table: str, expect: Expect, scales: Scales, reasons: dict[int, list[str]]) -> None:
    """Check a table of a reading: note every result, and add to `reasons` why a row fails, by its number."""
    frame = as_pandas(reading.frames[table], table, expect, scales)
    with _ONE_AT_A_TIME:
        outcome = batches().get_batch({"dataframe": frame}).validate(suite_of(table), result_format=FORMAT)
    if len(outcome.results) != len(SUITES[table]):
        raise RuntimeError(f"expected {len(SUITES[table])} results on {table}; found {len(outcome.results)}")
    for result in sorted(outcome.results, key=_number):
        check = SUITES[table][_number(result)]
        found = result.result or {}
        rows = sorted({int(item["row"]) for item in found.get("unexpected_index_list") or []})
        reading.results.append(_result(table, check, bool(result.success), len(frame), len(rows)))
        if not result.success and not rows:
            raise RuntimeError(f"expectation {check.type} on {table} could not be checked: {result.exception_info}")
        if check.severity == "fail":
            for row in rows:
                reasons[row].append(_explain(check, frame, row))


def _number(result: Any) -> int:
    return int(result.expectation_config.meta["number"])


def _result(table: str, check: Check, is_success: bool, n_rows: int, n_unexpected: int) -> dict[str, Any]:
    """Return the row of raw.expectation_results."""
    columns = [str(v) for k, v in check.kwargs.items() if k in ("column", "column_A", "column_B")]
    return {
        "table_name": table,
        "expectation": check.type,
        "column_name": ", ".join(columns),
        "severity": check.severity,
        "is_success": is_success,
        "n_rows": n_rows,
        "n_unexpected": n_unexpected,
        "detail": None,
    }


FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row"], "include_unexpected_rows": False}


def _explain(check: Check, frame: Any, row: int) -> str:
    k = check.kwargs
    if "column_A" in k:
        one, other = frame[k["column_A"]][row], frame[k["column_B"]][row]
        return f"expected {k['column_A']} >= {k['column_B']}; found {one} and {other}"
    value = frame[k["column"]][row]
    value = repr(value.item() if hasattr(value, "item") else value)
    wanted = {
        "ExpectColumnValuesToNotBeNull": "a value",
        "ExpectColumnValuesToBeInSet": f"one of {', '.join(map(repr, k.get('value_set', ())))}",
        "ExpectColumnValuesToMatchRegex": "a lower-case slug",
        "ExpectColumnValueLengthsToBeBetween": f"a text of {k.get('min_value')} to {k.get('max_value')} characters",
        "ExpectColumnValuesToBeBetween": f"from {k.get('min_value')} to {k.get('max_value')}",
    }.get(check.type, f"{check.type} {dict(k)}")
    return f"expected {wanted} in {k['column']}; found {value[:80]}"


@cache
def batches() -> Any:
    """Return the one batch definition all frames go through, in a context that leaves nothing on disk and sends nothing.

    The context's default site of documents would make a temporary folder and say so: there is none.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores))
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("observations").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


@cache
def suite_of(table: str) -> Any:
    """Return the suite of a table; each expectation carries its number, since results come in an order of their own."""
    import great_expectations as gx

    kinds = gx.expectations
    checks = [getattr(kinds, c.type)(**c.kwargs, meta={"number": n}) for n, c in enumerate(SUITES[table])]
    return gx.ExpectationSuite(name=table, expectations=checks)


def as_pandas(frame: pl.DataFrame, table: str, expect: Expect, scales: Scales) -> Any:
    """Return the frame for Great Expectations, with row numbers and bounds; built from lists, without pyarrow."""
    import pandas as pd
    import polars as pl

    columns: dict[str, list[Any]] = {
        name: [None if v is None else float(v) for v in series]
        if isinstance(series.dtype, pl.Decimal)
        else series.to_list()
        for name, series in zip(frame.columns, frame, strict=True)
    }
    columns["row"] = list(range(len(frame)))
    columns["low"], columns["high"] = [[bound] * len(frame) for bound in (expect.low, expect.high)]
    if table == "scores":
        bounds = [scales.get(b, (None, None)) for b in columns["benchmark_id"]]
        columns["scale_min"], columns["scale_max"] = [b[0] for b in bounds], [b[1] for b in bounds]
    data = pd.DataFrame(columns)
    for name in ("low", "high", "scale_min", "scale_max", *(n for n, t in frame.schema.items() if t.is_numeric())):
        if name in data:
            data[name] = data[name].astype("float64")
    return data

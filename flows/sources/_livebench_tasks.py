"""LiveBench's tasks: in which category each counts, and which of them each release began with.

The categories are those of the site's own files, https://livebench.ai/categories_2024_07_26.json, ..._2025_04_02.json,
..._2025_04_25.json, ..._2025_05_17.json, ..._2025_11_25.json, ..._2025_12_23.json and ..._2026_01_08.json: no task ever
changed its category. That of 2026_06_25 was not at hand; its table has the tasks of 2026_01_08 with consecutive_events.
The tasks are those of the releases' own tables, table_*.csv.
"""

from __future__ import annotations

from collections.abc import Mapping

_TASKS = {
    "Reasoning": "web_of_lies_v2 web_of_lies_v3 zebra_puzzle spatial temporal theory_of_mind logic_with_navigation",
    "Coding": "LCB_generation coding_completion code_generation code_completion",
    "Agentic Coding": "javascript typescript python",
    "Mathematics": "AMPS_Hard integrals_with_game math_comp olympiad",
    "Data Analysis": "cta tablejoin tablereformat consecutive_events",
    "Language": "connections plot_unscrambling typos",
    "IF": "paraphrase simplify story_generation summarize",
}
CATEGORIES: Mapping[str, str] = {task: category for category, tasks in _TASKS.items() for task in tasks.split()}

_ALWAYS = "AMPS_Hard math_comp olympiad tablejoin tablereformat zebra_puzzle " + " ".join(
    (_TASKS["Language"], _TASKS["IF"])
)
_OLD_CODE, _CODE = "LCB_generation coding_completion", "code_generation code_completion"
_AGENTS = "javascript typescript python"
_2024 = f"{_ALWAYS} {_OLD_CODE} cta web_of_lies_v2"
_2026 = f"{_ALWAYS} {_CODE} {_AGENTS} spatial theory_of_mind logic_with_navigation integrals_with_game"

WITHOUT_DATE = "2024_06_24"  # table.csv was the table of the first release, until the second gave each its own
RELEASES: Mapping[str, frozenset[str]] = {
    release: frozenset(tasks.split())
    for release, tasks in {
        "2024_06_24": _2024,
        "2024_07_26": f"{_2024} spatial",
        "2024_08_31": f"{_2024} spatial",
        "2024_11_25": f"{_2024} spatial",
        "2025_04_02": f"{_ALWAYS} {_OLD_CODE} cta web_of_lies_v3 spatial",
        "2025_04_25": f"{_ALWAYS} {_CODE} web_of_lies_v3 spatial",
        "2025_05_30": f"{_ALWAYS} {_CODE} {_AGENTS} web_of_lies_v3 spatial",
        "2025_11_25": f"{_ALWAYS} {_CODE} {_AGENTS} spatial theory_of_mind",
        "2025_12_23": f"{_ALWAYS} {_CODE} {_AGENTS} spatial theory_of_mind logic_with_navigation",
        "2026_01_08": _2026,
        "2026_06_25": f"{_2026} consecutive_events",
    }.items()
}

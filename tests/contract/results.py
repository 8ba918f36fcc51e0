"""What came of each clause? Writes it down for whoever started the run."""

import json
from pathlib import Path
from typing import Any

import pytest


class Results:
    """Collects the outcome of every clause, also from several workers."""

    def __init__(self, path: str) -> None:
        """Keep where to write."""
        self._path = Path(path)
        self._outcomes: dict[str, dict[str, dict[str, str]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a clause went; what failed before or after it counts as well."""
        facts = dict(report.user_properties)
        if "clause" not in facts:
            return
        outcomes = self._outcomes.setdefault(str(facts["site"]), {})
        outcome = _outcome(report)
        if report.when == "call" or outcome["outcome"] != "passed":
            earlier = outcomes.get(str(facts["clause"]), {"outcome": "passed"})
            if earlier["outcome"] == "passed":
                outcomes[str(facts["clause"])] = outcome

    def pytest_sessionfinish(self) -> None:
        """Write everything, in one piece."""
        self._path.write_text(json.dumps(self._outcomes, indent=1), encoding="utf-8")


def _outcome(report: pytest.TestReport) -> dict[str, str]:
    if hasattr(report, "wasxfail") and report.skipped:
        return {"outcome": "deviation", "why": report.wasxfail}
    if report.failed:
        return {"outcome": "failed", "why": _first_line(report.longrepr)}
    if report.skipped:
        return {"outcome": "skipped", "why": _reason(report.longrepr)}
    return {"outcome": "passed", "why": ""}


def _first_line(longrepr: Any) -> str:
    """Return the assertion's first line."""
    crash = getattr(longrepr, "reprcrash", None)
    lines = (crash.message if crash else str(longrepr)).strip().splitlines()
    return str(lines[0]).removeprefix("AssertionError: ") if lines else ""


def _reason(longrepr: Any) -> str:
    """Return why a clause was skipped, without where."""
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(reason).removeprefix("Skipped: ")

"""Write the outcome of each clause to a JSON file."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.conformance.clause_progress import WHOLE_RUN
from bench.core.words import format_count
from tests.contract.blocking import BLOCKED, COMPARISONS


class Progress:
    """Write how many clauses there are, and a dot for each clause that has run."""

    def __init__(self, path: str) -> None:
        """Store the path of the file."""
        self._path = Path(path)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write the number of the selected clauses."""
        count = sum("clause" in dict(item.user_properties) for item in session.items)
        self._path.write_text(f"{count}\n", encoding="ascii")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a dot when a clause has run, with its teardown."""
        if report.when == "teardown" and "clause" in dict(report.user_properties):
            with self._path.open("a", encoding="ascii") as file:
                file.write(".")


class Results:
    """Collect the outcomes of all clauses, also from several workers."""

    def __init__(self, path: str, as_taught: bool = False) -> None:
        """Store the path of the file, and whether sites as taught are tested."""
        self._path = Path(path)
        self._as_taught = as_taught
        self._outcomes: dict[str, dict[str, dict[str, str]]] = {}
        self._selected: Counter[str] = Counter()  # clauses by site

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember how many clauses each site has, unless several workers run them."""
        facts = [dict(item.user_properties) for item in session.items]
        self._selected.update(str(each["site"]) for each in facts if "clause" in each)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the outcome of a clause. Errors in its setup and teardown count as well."""
        facts = dict(report.user_properties)
        if "clause" not in facts:
            return
        outcomes = self._outcomes.setdefault(str(facts["site"]), {})
        group = str(facts["group"])
        outcome = {**describe_outcome(report), "group": group}
        if self._as_taught and group and outcome["outcome"] == "failed":
            outcome["outcome"] = "unmet"
        if outcome["outcome"] in ("failed", "unmet") and facts.get("raised"):
            outcome["why"] = f"{outcome['why']} ({facts['raised']})"
        if report.when == "call" or outcome["outcome"] != "passed":
            earlier = outcomes.get(str(facts["clause"]), {"outcome": "passed"})
            if earlier["outcome"] == "passed":
                outcomes[str(facts["clause"])] = outcome

    def pytest_sessionfinish(self) -> None:
        """Write all outcomes; a run that ended early without a failure has failed itself."""
        for site, count in self._selected.items():
            outcomes = self._outcomes.setdefault(site, {})
            failed = any(each["outcome"] == "failed" for each in outcomes.values())
            if len(outcomes) < count and not failed:
                why = f"the run ended after {len(outcomes)} of {format_count(count, 'clause')}"
                outcomes[WHOLE_RUN] = {"outcome": "failed", "why": why, "group": ""}
        self._path.write_text(json.dumps(self._outcomes, indent=1), encoding="utf-8")


def describe_outcome(report: pytest.TestReport) -> dict[str, str]:
    """Return the outcome of a report, and the reason unless the clause passed."""
    if hasattr(report, "wasxfail") and report.skipped:
        return {"outcome": "deviation", "why": report.wasxfail}
    if report.failed:
        asked = dict(report.user_properties).get("asked")
        message = _first_line(report.longrepr)
        return {"outcome": "failed", "why": f"{asked}: {message}" if asked else message}
    if report.skipped:
        reason = _reason(report.longrepr)
        outcome = "blocked" if reason.startswith(BLOCKED) else "skipped"
        return {"outcome": outcome, "why": reason}
    return {"outcome": "passed", "why": ""}


def _first_line(longrepr: Any) -> str:
    """Return the first line of an assertion's message."""
    crash = getattr(longrepr, "reprcrash", None)
    lines = (crash.message if crash else str(longrepr)).strip().splitlines()
    if not lines:
        return ""
    line = str(lines[0]).removeprefix("AssertionError: ").removeprefix("Failed: ")
    plain = any(f" {words} " in line for words in COMPARISONS.values())
    return line.removeprefix("assert ") if plain else line


def _reason(longrepr: Any) -> str:
    """Return the reason why a clause was skipped, without its location."""
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(reason).removeprefix("Skipped: ")

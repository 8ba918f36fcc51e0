"""Which tests may be skipped in continuous integration. Any other skip is a failure there.

Continuous integration is where the environment variable CI is set: .ci/run sets it. Elsewhere a
test that lacks a program is skipped, with the reason. tests/conftest.py takes the hooks from here.
"""

import os
import re
from collections.abc import Iterator

import pytest

# The reasons of skips that are allowed, and why nothing can be done about them in CI.
ALLOWED = {
    r"Python 3\.\d+ is not installed": "the Pythons beside the harness's own are not in Debian",
}
# Allowed only where the contract asks a site that somebody else hosts: with --url or --app.
ALLOWED_ELSEWHERE = {
    r"needs (a second host|the host itself|the larder itself|to know the folder): not with .*":
        "the site's process, files and database are not ours",
    r"needs a larder as it is in the beginning: this menu is another":
        "the site's database is not ours",
}  # fmt: skip


class SourceOutOfReach(pytest.skip.Exception):
    """Skips a test of a framework that is on no index, and whose source cannot be fetched.

    Allowed in CI: the archive is on another host, which the machines of CI may not reach.
    """


def is_ci() -> bool:
    """Tell whether this is continuous integration."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def is_allowed(reason: str, config: pytest.Config) -> bool:
    """Tell whether a test may be skipped in CI for this reason."""
    elsewhere = config.getoption("--url", None) or config.getoption("--app", None)
    patterns = [*ALLOWED, *ALLOWED_ELSEWHERE] if elsewhere else [*ALLOWED]
    return any(re.fullmatch(pattern, reason) for pattern in patterns)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport | None]:
    """Turn the skip of a test into a failure where it is not allowed."""
    report: pytest.TestReport = yield
    by_source = call.excinfo and isinstance(call.excinfo.value, SourceOutOfReach)
    if not (by_source or hasattr(report, "wasxfail")):
        refuse_skip(report, item.config)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Iterator[pytest.CollectReport | None]:
    """Turn the skip of a whole module into a failure where it is not allowed."""
    report: pytest.CollectReport = yield
    refuse_skip(report, collector.config)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    """Make a report of a skip that is not allowed one of a failure."""
    if not (report.skipped and is_ci()):
        return
    reason = str(report.longrepr[2]).removeprefix("Skipped: ")
    if not is_allowed(reason, config):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason} (tests/skips.py says which skips are allowed)"

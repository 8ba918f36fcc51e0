"""Turn skipped tests into failures in continuous integration, except for allowed reasons.

In continuous integration the environment variable CI is set: .ci/run sets it. Elsewhere a test
whose program is missing is skipped, with the reason. tests/conftest.py imports the hooks.
"""

import os
import re
from collections.abc import Generator

import pytest

# The allowed reasons, as regular expressions, and why CI cannot avoid these skips.
ALLOWED = {
    r"the kernel allows no namespaces": "a container may forbid them",
    r"Python 3\.\d+ is not installed": "Debian has only one version of Python",
}
# Allowed only for a site that the tests did not start: with --url or --app.
ALLOWED_ELSEWHERE = {
    r"needs (a second host|the host itself|the larder itself|to know the folder): not with .*":
        "the tests did not start the site, and do not know its files and database",
    r"needs a larder as it is in the beginning: this menu is another":
        "the tests did not create the site's database",
}  # fmt: skip


# mypy does not accept an attribute of an object, pytest.skip, as a class.
class SourceUnavailableSkip(pytest.skip.Exception):  # type: ignore[name-defined,misc]
    """Skips a test of a framework that no package index has, and whose source is unavailable.

    Allowed in CI: the CI machines may not reach the host of the archive.
    """


def is_ci() -> bool:
    """Return whether the tests run in continuous integration."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def is_allowed(reason: str, config: pytest.Config) -> bool:
    """Return whether CI allows to skip a test for this reason."""
    other_site = config.getoption("--url", None) or config.getoption("--app", None)
    patterns = [*ALLOWED, *ALLOWED_ELSEWHERE] if other_site else [*ALLOWED]
    return any(re.fullmatch(pattern, reason) for pattern in patterns)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into a failure if CI does not allow the reason."""
    report = yield
    is_source_skip = call.excinfo and isinstance(call.excinfo.value, SourceUnavailableSkip)
    if not (is_source_skip or hasattr(report, "wasxfail")):
        fail_forbidden_skip(report, item.config)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure if CI does not allow the reason."""
    report = yield
    fail_forbidden_skip(report, collector.config)
    return report


def fail_forbidden_skip(
    report: pytest.TestReport | pytest.CollectReport, config: pytest.Config
) -> None:
    """Change the report of a forbidden skip to a failure."""
    if not (report.skipped and is_ci()):
        return
    assert isinstance(report.longrepr, tuple)  # the file, the line and the reason of a skip
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not is_allowed(reason, config):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason} (tests/skips.py lists the allowed reasons)"

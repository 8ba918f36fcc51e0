"""Options that hold for every test, and what becomes of tests whose framework cannot be had."""

from functools import cache

import pytest

from bench.agent import signals
from bench.frameworks import environments
from bench.frameworks.environments import SourceUnavailableError
from tests.skips import (  # hooks, which pytest looks for here
    SourceOutOfReach,
    pytest_make_collect_report,  # noqa: F401
    pytest_runtest_makereport,  # noqa: F401
)


def pytest_addoption(parser):
    parser.addoption(
        "--framework",
        action="append",
        default=[],
        metavar="NAME",
        help="test only this framework (may be given several times; without it, every one)",
    )


def pytest_configure():
    # The tests send signals to what they start, also when `nohup make test &` started the tests.
    signals.shield_children()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from skipping_by_name())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from skipping_by_name())


def skipping_by_name():
    """Skip a test, with the reason, when its framework is on no index and out of reach."""
    try:
        return (yield)
    except SourceUnavailableError as error:
        raise SourceOutOfReach(str(error)) from error


@pytest.fixture(scope="session", autouse=True)
def _one_attempt():
    """Look for a framework's source tree once in a run: waiting for a network takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environments, "run_source_script", cache(environments.run_source_script))
        yield

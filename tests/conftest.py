"""Options of all tests, and the skip of tests whose framework's source is unavailable."""

from functools import cache

import pytest

from bench.agent import signals
from bench.frameworks import environments
from bench.frameworks.environments import SourceUnavailableError
from tests.skips import (  # pytest looks for hooks in this module
    SourceUnavailableSkip,
    pytest_make_collect_report,  # noqa: F401
    pytest_runtest_makereport,  # noqa: F401
)


def pytest_addoption(parser):
    parser.addoption(
        "--framework",
        action="append",
        default=[],
        metavar="NAME",
        help="test only this framework (repeatable; default: all frameworks)",
    )


def pytest_configure():
    # Tests send signals to their processes, also after `nohup make test &`.
    signals.shield_children()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from skip_if_source_unavailable())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from skip_if_source_unavailable())


def skip_if_source_unavailable():
    """Skip a test, with the reason, when the source archive of its framework is unavailable."""
    try:
        return (yield)
    except SourceUnavailableError as error:
        raise SourceUnavailableSkip(str(error)) from error


@pytest.fixture(scope="session", autouse=True)
def _single_download_attempt():
    """Run each source script once: a network timeout takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environments, "run_source_script", cache(environments.run_source_script))
        yield

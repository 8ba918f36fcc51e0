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

# Otherwise a failed assertion in a helper module of the contract has no message.
pytest.register_assert_rewrite("tests.contract")
# The tests that start no site, no browser and no database server: `make unit`.
UNIT_TESTS = (
    "tests/bench/analysis/test_handlers.py",
    "tests/bench/behaviour/test_behaviour_judges.py",
    "tests/bench/behaviour/test_behaviour_notes.py",
    "tests/bench/cli/test_compare_effort.py",
    "tests/bench/cli/test_compare_summary.py",
    "tests/bench/cli/test_makefile.py",
    "tests/bench/cli/test_reference.py",
    "tests/bench/conformance/test_canonical_dom.py",
    "tests/bench/conformance/test_failure_messages.py",
    "tests/bench/conformance/test_mutants.py",
    "tests/bench/conformance/test_random_mutants.py",
    "tests/bench/core/test_entrypoints.py",
    "tests/bench/core/test_files.py",
    "tests/bench/core/test_toml_files.py",
    "tests/bench/frameworks/test_app_texts.py",
    "tests/bench/frameworks/test_licenses.py",
    "tests/bench/frameworks/test_locks.py",
    "tests/bench/frameworks/test_manifest.py",
    "tests/bench/learn/test_working_copy.py",
    "tests/bench/measure/cost/test_cost_decisions.py",
    "tests/bench/measure/trace/test_call_tree.py",
    "tests/bench/report/test_plots.py",
    "tests/bench/report/test_report.py",
    "tests/bench/report/test_report_costs.py",
    "tests/bench/results/",
    "tests/bench/stats/",
    "tests/bench/workbench/test_reply_values.py",
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


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(UNIT_TESTS):
            item.add_marker("unit")


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

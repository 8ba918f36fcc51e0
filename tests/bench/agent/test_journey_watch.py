"""What is watched is counted as Python enters it, and folds without losing a call."""

import json
import re
import sys
from pathlib import Path

import pytest

from bench.analysis import side_by_side
from bench.cli import trace as journey
from bench.core import files
from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES, FEATURES_BY_ID
from bench.measure.trace.call_tree import collapse_calls, format_lines
from bench.measure.trace.feature_requests import FEATURE_REQUESTS
from bench.measure.trace.result import LAYER_WORDS, get_module_name
from bench.results import store
from tests.bench.agent.watched import entered, request, seen, watched
from tests.bench.pythons import python_called, run_with_harness

WATCHED = Path(__file__).with_name("watched.py")
TWICE = [("handler", 2), ("rows", 3), ("rows", 3), ("rows", 3)]  # two rows, and the end of them
IN_ORDER = [
    ("request", 1), *TWICE, ("rows", 2), ("rows", 2), ("rows", 2), ("wrong", 2), *TWICE,
]  # fmt: skip


def test_every_entry_is_counted_also_of_generators_and_after_errors():
    watch = watched("profile")
    assert entered(watch) == IN_ORDER
    assert watch.calls_before == 1
    assert [stop.function for stop in watch.call_path] == ["request", "handler"]
    assert watch.call_path[0].line == request.__code__.co_firstlineno + 1
    assert sys.getprofile() is None


@pytest.mark.parametrize("how", ["profile", "monitor"])
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_both_instruments_count_the_same_where_python_has_both(version, how, tmp_path):
    said = run_with_harness(python_called(version), tmp_path, WATCHED, how)
    here = json.loads(json.dumps(seen(watched("profile"))))
    assert json.loads(said) == here
    assert here["entered"] == [list(one) for one in IN_ORDER]


TREE = [
    (1, "server", "waitress/task.py", "service"),
    (2, "framework", "soup/app.py", "call"),
    (3, "framework", "soup/app.py", "route"),
    (3, "app", "apps/soup/app.py", "begin"),
    (3, "framework", "soup/app.py", "dispatch"),
    (4, "app", "apps/soup/handlers.py", "show"),
    (5, "framework", "soup/form.py", "parse"),
    (5, "framework", "soup/form.py", "read"),
    (6, "framework", "soup/form.py", "field"),
    (5, "app", "apps/soup/handlers.py", "helper"),
    (5, "app", "json/decoder.py", "decode"),
    (1, "server", "waitress/task.py", "close"),
]


def total(folds):
    return sum(fold.calls + total(fold.below) for fold in folds)


def test_a_folded_tree_holds_every_call_and_each_function_of_the_app():
    folds = collapse_calls(TREE, calls_before_handler=5)
    assert total(folds) == len(TREE)
    shown = "\n".join(format_lines(folds))
    assert shown == (
        "→ the waiter: waitress.task:service\n"
        "→   the kitchen: soup.app:call  3 calls, 2 deep\n"
        "      the cook: apps.soup.app:begin\n"
        "→     the cook: apps.soup.handlers:show  2 calls, 2 deep\n"
        "        the kitchen: soup.form:parse and 1 more  3 calls, 2 deep\n"
        "        the cook: apps.soup.handlers:helper\n"
        "  the waiter: waitress.task:close"
    )


def test_a_tree_without_a_handler_has_no_way_to_it():
    assert not any(
        "→" in line for line in format_lines(collapse_calls(TREE, calls_before_handler=None))
    )


def test_every_feature_has_its_question():
    assert set(FEATURE_REQUESTS) == set(FEATURES_BY_ID)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("flask/app.py", "flask.app"),
        ("flask/__init__.py", "flask"),
        ("bottle.py", "bottle"),
        ("apps/pages/menu.html", "apps/pages/menu.html"),
    ],
)
def test_a_module_is_named_by_its_file(file, module):
    assert get_module_name(file) == module


@pytest.fixture
def run(monkeypatch):
    """Return a function: what the command printed and wrote, as if there were three features."""
    written = {}
    monkeypatch.setattr(store, "update_results", lambda told, file: written.update(told))
    for module in (journey, side_by_side):
        monkeypatch.setattr(module, "FEATURES", FEATURES[-3:])

    def run(*words):
        code = journey.command.main([*words], standalone_mode=False)
        return code, written

    return run


def test_all_journeys_are_written_small_and_without_a_path_of_this_machine(run, capsys):
    code, written = run("all", "bare")
    assert code == 0
    bare = written["journey"]["frameworks"]["bare"]
    assert set(bare["features"]) == {one.id for one in FEATURES[-3:]}
    text = files.dump_json(written)
    assert len(text) < 3 * 400_000 / 12 / 25
    assert str(ROOT) not in text
    assert not any(Path(file).is_absolute() for _, file, _, _ in bare["frames"])
    told = capsys.readouterr().out
    assert all(one.sentence in told for one in FEATURES[-3:])
    assert all(f"({word})" in told for word in LAYER_WORDS.values())


def test_one_journey_is_shown_and_not_written(run, capsys):
    code, written = run("report-health", "bare", "--tree")
    assert (code, written) == (0, {})
    told = capsys.readouterr().out
    assert "Show" not in told
    assert re.search("→ +the cook: apps.bare.handlers:report_health", told)


@pytest.mark.parametrize(
    ("words", "says"),
    [(["soup"], "which feature is 'soup'?"), (["report-health", "bair"], "did you mean bare")],
)
def test_a_wrong_word_gets_one_clear_line(run, words, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        run(*words)

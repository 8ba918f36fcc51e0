"""Both tracers collect the same lines, under each Python that has both, and those that ran."""

import json
import re
import sys
from pathlib import Path

import pytest

from bench.agent import line_tracing
from bench.analysis import line_coverage
from bench.core.paths import ROOT
from tests.bench.pythons import python_called, run_with_harness

HERE = Path(__file__).parent
TRACED = HERE / "traced"
NEWER = ("3.12", "3.13")  # they have sys.monitoring


def lines_that_run():
    """Return the lines by context, as the comments in the traced files say."""
    found = {"": set(), "menu": set(), "cart": set()}
    for file in TRACED.glob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            comment = re.search(r"#: ([a-z ]+)$", line)
            for context in comment[1].split() if comment else ():
                found["" if context == "start" else context].add((file.name, number))
    return found


def traced(python, folder, tracer):
    """Return the lines that a tracer collected under a Python, and that Python's own tracer."""
    record = folder / "x-1.coverage"
    said = run_with_harness(python, folder, HERE / "trace_them.py", TRACED, record, tracer)
    found = {"": set(), "menu": set(), "cart": set()}
    for file, by_context in line_coverage.read_covered_lines([record]).items():
        for context, lines in by_context.items():
            found[context] |= {(file.name, line) for line in lines}
    return found, json.loads(said)


@pytest.mark.parametrize("tracer", ["CoverageTracer", "MonitoringTracer"])
@pytest.mark.parametrize("version", NEWER)
def test_each_tracer_collects_every_line_that_runs_for_the_right_context(version, tracer, tmp_path):
    found, said = traced(python_called(version), tmp_path, tracer)
    assert found == lines_that_run()
    assert said["default"] == "MonitoringTracer"


def test_the_harness_own_python_collects_the_same(tmp_path):
    tracer = line_tracing.DEFAULT_TRACER.__name__
    found, _ = traced(sys.executable, tmp_path, tracer)
    assert found == lines_that_run()
    assert tracer == ("CoverageTracer" if sys.version_info < (3, 12) else "MonitoringTracer")


@pytest.mark.parametrize("version", NEWER)
def test_a_saved_tracer_lets_go_of_its_tool_and_hears_nothing_more(version, tmp_path):
    _, said = traced(python_called(version), tmp_path, "MonitoringTracer")
    assert said["tools before"] == [None] * 6
    assert said["tools while recording"] == [None, "cookoff recorder", *[None] * 4]
    assert said["tools after"] == [None] * 6
    assert said["heard after"] == 0


IS_TRACED = """
import ast, sys
tree = ast.parse(open(sys.argv[1]).read())
tree.body = [one for one in tree.body if getattr(one, "name", "") == "is_traced"]
exec(compile(tree, "app.py", "exec"))
found = [is_traced()]
if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "cookoff recorder")
else:
    sys.settrace(lambda *_: None)
print([*found, is_traced()])
"""


@pytest.mark.parametrize("version", ["3.11", *NEWER])
def test_web2py_keeps_the_names_of_its_files_while_lines_are_recorded(version, tmp_path):
    (tmp_path / "ask.py").write_text(IS_TRACED)
    app = ROOT / "apps" / "web2py" / "app.py"
    said = run_with_harness(python_called(version), tmp_path, tmp_path / "ask.py", app)
    assert said == "[False, True]\n"

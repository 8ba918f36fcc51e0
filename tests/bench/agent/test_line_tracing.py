"""Both tracers collect exactly the lines that run, under each Python that has both."""

import json
import re
import sys
from pathlib import Path

import pytest

from bench.agent import line_tracing
from bench.analysis import line_coverage
from bench.core.paths import ROOT
from tests.bench.pythons import find_python, run_with_harness

HERE = Path(__file__).parent
TRACED = HERE / "traced"
NEWER = ("3.12", "3.13")  # these have sys.monitoring


def lines_that_run():
    """Return the lines by context, from the comments in the traced files."""
    lines_by_context = {"": set(), "menu": set(), "cart": set()}
    for file in TRACED.glob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            comment = re.search(r"#: ([a-z ]+)$", line)
            for context in comment[1].split() if comment else ():
                context = "" if context == "start" else context
                lines_by_context[context].add((file.name, number))
    return lines_by_context


def traced(python, folder, tracer):
    """Return the lines that a tracer collected under a Python, and the report of the program."""
    record = folder / "x-1.coverage"
    output = run_with_harness(python, folder, HERE / "record_lines.py", TRACED, record, tracer)
    collected = {"": set(), "menu": set(), "cart": set()}
    for file, by_context in line_coverage.read_covered_lines([record]).items():
        for context, lines in by_context.items():
            collected[context] |= {(file.name, line) for line in lines}
    return collected, json.loads(output)


@pytest.mark.parametrize("tracer", ["CoverageTracer", "MonitoringTracer"])
@pytest.mark.parametrize("version", NEWER)
def test_each_tracer_collects_every_line_that_runs_for_the_right_context(version, tracer, tmp_path):
    collected, report = traced(find_python(version), tmp_path, tracer)
    assert collected == lines_that_run()
    assert report["default"] == "MonitoringTracer"


def test_the_python_of_the_harness_collects_the_same_lines(tmp_path):
    tracer = line_tracing.DEFAULT_TRACER.__name__
    collected, _ = traced(sys.executable, tmp_path, tracer)
    assert collected == lines_that_run()
    assert tracer == ("CoverageTracer" if sys.version_info < (3, 12) else "MonitoringTracer")


@pytest.mark.parametrize("version", NEWER)
def test_a_saved_tracer_frees_its_tool_and_collects_nothing_more(version, tmp_path):
    _, report = traced(find_python(version), tmp_path, "MonitoringTracer")
    assert report["tools before"] == [None] * 6
    assert report["tools while recording"] == [None, "cookoff recorder", *[None] * 4]
    assert report["tools after"] == [None] * 6
    assert report["lines after"] == 0


IS_TRACED = """
import ast, sys
tree = ast.parse(open(sys.argv[1]).read())
tree.body = [node for node in tree.body if getattr(node, "name", "") == "is_traced"]
exec(compile(tree, "app.py", "exec"))
results = [is_traced()]
if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "cookoff recorder")
else:
    sys.settrace(lambda *_: None)
print([*results, is_traced()])
"""


@pytest.mark.parametrize("version", ["3.11", *NEWER])
def test_web2py_detects_that_lines_are_recorded(version, tmp_path):
    (tmp_path / "check.py").write_text(IS_TRACED)
    app = ROOT / "apps" / "web2py" / "app.py"
    output = run_with_harness(find_python(version), tmp_path, tmp_path / "check.py", app)
    assert output == "[False, True]\n"

"""The tracer counts each entry of a function, the same with both instruments."""

import json
import sys
from pathlib import Path

import pytest

from tests.bench.agent.traced_request import entered, request, summary, traced
from tests.bench.pythons import find_python, run_with_harness

PROGRAM = Path(__file__).with_name("traced_request.py")
TWICE = [("handler", 2), ("rows", 3), ("rows", 3), ("rows", 3)]  # two rows, and their end
IN_ORDER = [
    ("request", 1), *TWICE, ("rows", 2), ("rows", 2), ("rows", 2), ("wrong", 2), *TWICE,
]  # fmt: skip


def test_each_entry_is_counted_also_of_generators_and_after_errors():
    tracer = traced("trace_with_profile")
    assert entered(tracer) == IN_ORDER
    assert tracer.calls_before == 1
    assert [frame.function for frame in tracer.call_path] == ["request", "handler"]
    assert tracer.call_path[0].line == request.__code__.co_firstlineno + 1
    assert sys.getprofile() is None


@pytest.mark.parametrize("method", ["trace_with_profile", "trace_with_monitoring"])
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_both_instruments_count_the_same_where_python_has_both(version, method, tmp_path):
    output = run_with_harness(find_python(version), tmp_path, PROGRAM, method)
    expected = json.loads(json.dumps(summary(traced("trace_with_profile"))))
    assert json.loads(output) == expected
    assert expected["entered"] == [list(entry) for entry in IN_ORDER]

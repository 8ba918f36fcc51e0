"""The summary of a comparison stays short if a site is unfinished."""

from bench.cli.compare import format_failure_summary
from bench.conformance.contract import SiteResult


def build_result(failed, passed=1):
    outcomes = {f"clause {n}": "failed" for n in range(failed)} | {
        f"good {n}": "passed" for n in range(passed)
    }
    return SiteResult("pan", outcomes, {clause: f"because of {clause}" for clause in outcomes})


def test_a_site_that_passed_has_no_line():
    assert format_failure_summary(build_result(failed=0)) == []


def test_ten_failures_are_listed_and_the_others_are_counted():
    lines = format_failure_summary(build_result(failed=158, passed=1672))
    assert lines[0] == "pan: clause 0: because of clause 0"
    assert lines[9] == "pan: clause 9: because of clause 9"
    assert lines[10:] == [
        "pan: 148 more; run: cookoff contract pan",
        "pan: not timed: 158 of 1,830 clauses failed",
    ]


def test_a_few_failures_are_all_listed():
    lines = format_failure_summary(build_result(failed=2))
    assert lines == [
        "pan: clause 0: because of clause 0",
        "pan: clause 1: because of clause 1",
        "pan: not timed: 2 of 3 clauses failed",
    ]

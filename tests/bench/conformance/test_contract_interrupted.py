"""An interrupted contract reports its progress and leaves no process behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from bench.conformance.clause_progress import ClauseCount, format_counts, read_count
from tests.contract.results import Progress

COOKOFF = Path(sys.executable).with_name("cookoff")
# Enough sites that a fast machine does not finish before the command interrupts its children.
NAMES = ("bare", "flask", "bottle", "falcon")


def interrupt_group(process):
    """Send SIGINT to all processes of a group, as Ctrl-C on a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def interrupt_command(process):
    process.send_signal(signal.SIGINT)


def find_progress_file(command):
    """Return the file to which pytest writes how many clauses have run, once pytest has started."""
    for child in command.children():
        line = child.cmdline()
        if "--progress" in line:
            return Path(line[line.index("--progress") + 1])
    return None


@pytest.mark.parametrize("interrupt", [interrupt_group, interrupt_command])
def test_an_interrupted_contract_reports_how_many_clauses_have_run(interrupt):
    with subprocess.Popen(
        [COOKOFF, "contract", *NAMES],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as on a terminal
    ) as process:
        command = psutil.Process(process.pid)
        count = ClauseCount()
        while count.finished < 3:
            assert process.poll() is None
            file = find_progress_file(command)
            count = read_count(file) if file else count
            time.sleep(0.1)
        children = command.children(recursive=True)
        interrupt(process)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    [counts] = re.findall(
        r"^cookoff: interrupted after ([\d,]+) of ([\d,]+) clauses$", stderr, re.M
    )
    finished, total = (int(number.replace(",", "")) for number in counts)
    assert count.finished <= finished < total == count.total * len(NAMES)
    assert " fail" not in stderr  # a run that ends by itself reports how many clauses fail
    assert "Traceback" not in stderr
    assert psutil.wait_procs(children, timeout=5)[1] == []


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([], "0 clauses"),
        ([(0, 0)], "0 clauses"),
        ([(349, 1834)], "349 of 1,834 clauses"),
        ([(1834, 1834), (1, 1834), (0, 0)], "1,835 of 5,502 clauses"),
        ([(0, 1)], "0 of 1 clause"),
    ],
)
def test_the_clauses_of_all_runs_are_counted(counts, text):
    assert format_counts([ClauseCount(*count) for count in counts]) == text


def test_a_clause_counts_when_it_has_run_with_its_teardown(tmp_path):
    file = tmp_path / "progress"
    progress = Progress(str(file))
    clause = SimpleNamespace(user_properties=[("clause", "a page")])
    progress.pytest_collection_finish(
        SimpleNamespace(items=[clause, SimpleNamespace(user_properties=[])])
    )
    assert read_count(file) == ClauseCount(0, 1)
    for when in ("setup", "call", "teardown"):
        progress.pytest_runtest_logreport(SimpleNamespace(when=when, **vars(clause)))
    progress.pytest_runtest_logreport(SimpleNamespace(when="teardown", user_properties=[]))
    assert read_count(file) == ClauseCount(1, 1)
    assert read_count(tmp_path / "missing") == ClauseCount()

"""An interrupted contract reports its progress and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

COOKOFF = Path(sys.executable).with_name("cookoff")


def interrupt_group(process):
    """Send SIGINT to all processes of a group, as Ctrl-C on a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def interrupt_command(process):
    process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("interrupt", [interrupt_group, interrupt_command])
def test_an_interrupted_contract_reports_its_progress(interrupt):
    with subprocess.Popen(
        [COOKOFF, "contract", "bare"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as on a terminal
    ) as process:
        command = psutil.Process(process.pid)
        while not any("pytest" in child.cmdline() for child in command.children()):
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(1)
        children = command.children(recursive=True)
        interrupt(process)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert "cookoff: interrupted; 0 of 1 sites were tested with all clauses\n" in stderr
    assert " fail" not in stderr  # a run that ends by itself reports how many clauses fail
    assert "Traceback" not in stderr
    assert psutil.wait_procs(children, timeout=5)[1] == []

"""An interrupted contract says how far it got, and leaves no process behind."""

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
    """Do what Ctrl-C on a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def interrupt_command(process):
    process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("interrupt", [interrupt_group, interrupt_command])
def test_an_interrupted_contract_says_how_far_it_got(interrupt):
    with subprocess.Popen(
        [COOKOFF, "contract", "bare"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as on a terminal of its own
    ) as process:
        command = psutil.Process(process.pid)
        while not any("pytest" in child.cmdline() for child in command.children()):
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(1)
        asked = command.children(recursive=True)
        interrupt(process)
        told, said = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")
    assert "cookoff: interrupted; 0 of 1 sites were asked all clauses\n" in said
    assert " fail" not in said  # a run that goes on to its end says how many clauses fail
    assert "Traceback" not in said
    assert psutil.wait_procs(asked, timeout=5)[1] == []

"""Processes that the harness starts receive all signals, also where the harness ignores them."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from bench.core.paths import ROOT
from tests.bench.families import python

# As nohup and & in a script do; blocked signals are inherited in the same way.
IGNORING = """
import os, signal, sys
numbers = [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1]
for number in [*numbers, signal.SIGCHLD]:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
REPORTS_SIGNALS = """
import signal
ignored = [n.name for n in signal.Signals if signal.getsignal(n) is signal.SIG_IGN]
print(*ignored, *[n.name for n in signal.pthread_sigmask(signal.SIG_BLOCK, [])])
"""
PYTHONS_OWN = {"SIGPIPE", "SIGXFSZ"}  # Python always ignores these
HARNESS = f"""
import subprocess, sys
from bench.agent import signals
signals.shield_children()
assert subprocess.run([sys.executable, "-c", "raise SystemExit(5)"]).returncode == 5
subprocess.run([sys.executable, "-c", {REPORTS_SIGNALS!r}])
"""


def start_ignoring(*arguments, **options):
    return python(IGNORING, *arguments, cwd=ROOT, **options)


def test_ignored_signals_are_inherited():
    """Without the shield, the other tests of this module would fail."""
    with start_ignoring("-c", REPORTS_SIGNALS) as process:
        assert {"SIGINT", "SIGHUP", "SIGTERM", "SIGUSR2"} <= set(process.stdout.read().split())


def test_processes_that_the_harness_starts_ignore_no_signal():
    with start_ignoring("-c", HARNESS) as process:
        assert set(process.stdout.read().split()) <= PYTHONS_OWN
    assert process.returncode == 0


def test_the_harness_itself_still_ignores_the_signals():
    code = "import os, signal; from bench.agent import signals; signals.shield_children()\n"
    code += "for n in (signal.SIGINT, signal.SIGHUP): os.kill(os.getpid(), n)\n"
    with start_ignoring("-c", code + "print('running')") as process:
        assert process.stdout.read() == "running\n"


HOST = """
import sys, time
from pathlib import Path
from bench.runtime.host import listen, start_host
from bench.runtime.launch_spec import LaunchSpec
spec = LaunchSpec("tiny", Path(sys.executable), app="wsgiref.simple_server:demo_app")
with listen() as listener:
    print(start_host(spec, listener, Path(sys.argv[1])).pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2])
def test_a_host_receives_signals_that_its_parent_ignores(tmp_path, number):
    with start_ignoring("-c", HOST, tmp_path / "log") as process:
        host = psutil.Process(int(process.stdout.readline()))
        host.send_signal(number)
        host.wait(20)
        process.kill()


def test_tests_that_send_signals_pass_where_the_signals_are_ignored():
    """`nohup make test &`"""
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    tests = ["tests/bench/runtime/test_hosting.py", "tests/bench/runtime/test_serving.py"]
    which = ["-k", "test_a_host_dies_with_its_parent or test_an_interrupted_site"]
    with start_ignoring(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *which, env=environ
    ) as run:
        output = run.stdout.read()
    assert run.returncode == 0, output
    assert " passed" in output


def test_the_command_is_shielded():
    """Every command, not only serve: a signal may have to end the processes of any command."""
    code = "import sys; from bench.agent import signals\n"
    code += "from bench.cli import main; sys.argv = ['cookoff', '--version']\n"
    code += "signals.shield_children = lambda: print('shielded')\nmain.main()\n"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.startswith("shielded\ncookoff")

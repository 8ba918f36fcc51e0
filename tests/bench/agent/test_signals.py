"""What the harness starts hears every signal, also where the harness itself was made deaf."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from bench.core.paths import ROOT
from tests.bench.families import python

# As nohup and a script's & do; blocked ones are inherited in the same way.
DEAF = """
import os, signal, sys
numbers = [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1]
for number in [*numbers, signal.SIGCHLD]:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
TELLS = """
import signal
ignored = [n.name for n in signal.Signals if signal.getsignal(n) is signal.SIG_IGN]
print(*ignored, *[n.name for n in signal.pthread_sigmask(signal.SIG_BLOCK, [])])
"""
PYTHONS_OWN = {"SIGPIPE", "SIGXFSZ"}  # Python ignores them always
HARNESS = f"""
import subprocess, sys
from bench.agent import signals
signals.shield_children()
assert subprocess.run([sys.executable, "-c", "raise SystemExit(5)"]).returncode == 5
subprocess.run([sys.executable, "-c", {TELLS!r}])
"""


def deaf(*arguments, **options):
    return python(DEAF, *arguments, cwd=ROOT, **options)


def test_a_deaf_process_starts_deaf_ones():
    """What the others of these tests would see if nothing were done."""
    with deaf("-c", TELLS) as process:
        assert {"SIGINT", "SIGHUP", "SIGTERM", "SIGUSR2"} <= set(process.stdout.read().split())


def test_what_the_harness_starts_is_not_deaf():
    with deaf("-c", HARNESS) as process:
        assert set(process.stdout.read().split()) <= PYTHONS_OWN
    assert process.returncode == 0


def test_the_harness_itself_stays_deaf():
    code = "import os, signal; from bench.agent import signals; signals.shield_children()\n"
    code += "for n in (signal.SIGINT, signal.SIGHUP): os.kill(os.getpid(), n)\n"
    with deaf("-c", code + "print('there')") as process:
        assert process.stdout.read() == "there\n"


HOST = """
import sys, time
from pathlib import Path
from bench.runtime.host import listen, start_host
from bench.runtime.launch_spec import Order
order = Order("tiny", Path(sys.executable), app="wsgiref.simple_server:demo_app")
with listen() as listener:
    print(start_host(order, listener, Path(sys.argv[1])).pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2])
def test_a_host_of_a_deaf_process_hears(tmp_path, number):
    with deaf("-c", HOST, tmp_path / "log") as process:
        host = psutil.Process(int(process.stdout.readline()))
        host.send_signal(number)
        host.wait(20)
        process.kill()


def test_tests_that_send_signals_pass_where_these_are_ignored():
    """`nohup make test &`"""
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    tests = ["tests/bench/runtime/test_hosting.py", "tests/bench/runtime/test_serving.py"]
    which = ["-k", "test_a_host_dies_with_its_parent or test_an_interrupted_site"]
    with deaf("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *which, env=environ) as run:
        said = run.stdout.read()
    assert run.returncode == 0, said
    assert " passed" in said


def test_the_command_is_shielded():
    """Each command, not only serve: the processes of any may have to be ended by a signal."""
    code = "import sys; from bench.agent import signals\n"
    code += "from bench.cli import main; sys.argv = ['cookoff', '--version']\n"
    code += "signals.shield_children = lambda: print('shielded')\nmain.main()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("shielded\ncookoff")

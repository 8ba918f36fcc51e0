"""Tests of the time by layer: which layer a sample belongs to, and the shares."""

import subprocess
import sys

import pytest

from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.measure.cost.layer_times import compute_shares, find_layer
from bench.measure.cost.stack_samples import Frame
from bench.results.schema import LAYERS

SERVER = Frame("waitress", "waitress/task.py", 5, "service", False)
FRAMEWORK = Frame("Flask", "flask/app.py", 5, "wsgi_app", False)
ENGINE = Frame("Jinja2", "jinja2/runtime.py", 5, "call", False)
APP = Frame("app", "apps/flask/handlers.py", 5, "show_menu", False)
TEMPLATE = Frame("app", "apps/flask/templates/menu.html", 5, "", True)
SHARED_DB = Frame("shared_db", "shared_db/dishes.py", 5, "menu", False)
DRIVER = Frame("psycopg", "psycopg/cursor.py", 5, "execute", False)
LIBRARY = Frame("Python", "json/decoder.py", 5, "decode", False)
MEASUREMENT = Frame("bench", "bench/agent/call_counter.py", 5, "serve", False)


@pytest.mark.parametrize(
    ("stack", "layer"),
    [
        pytest.param([SERVER], "server", id="the server"),
        pytest.param([LIBRARY, SERVER], "server", id="the library, called by the server"),
        pytest.param([MEASUREMENT], "server", id="the measurement stands in for a server"),
        pytest.param([FRAMEWORK, SERVER], "framework", id="the framework"),
        pytest.param([LIBRARY, FRAMEWORK, SERVER], "framework", id="the library, for it"),
        pytest.param([LIBRARY, ENGINE, APP, FRAMEWORK], "template", id="the engine"),
        pytest.param([APP, FRAMEWORK], "app", id="a handler"),
        pytest.param([FRAMEWORK, APP, FRAMEWORK], "framework", id="called by a handler"),
        pytest.param([TEMPLATE, ENGINE, APP], "template", id="a template"),
        pytest.param([FRAMEWORK, TEMPLATE, ENGINE, APP], "template", id="a template's url_for"),
        pytest.param([SHARED_DB, APP, FRAMEWORK], "database", id="the database layer"),
        pytest.param([LIBRARY, DRIVER, SHARED_DB, APP], "database", id="the driver"),
        pytest.param([SHARED_DB, TEMPLATE, APP], "database", id="a query of a template"),
        pytest.param([LIBRARY], "framework", id="the library alone"),
    ],
)
def test_a_sample_belongs_to_one_layer(stack, layer):
    assert find_layer(stack, ["/jinja2/"]) == layer


def test_the_shares_sum_to_1_and_count_each_sample():
    shares = compute_shares({(SERVER,): 1, (TEMPLATE, APP): 6, (APP,): 2, (LIBRARY, APP): 1}, [])
    assert set(shares) == set(LAYERS)
    assert shares == pytest.approx(
        {"server": 0.1, "framework": 0.0, "app": 0.3, "template": 0.6, "database": 0.0}
    )


def test_no_sample_has_no_share():
    assert set(compute_shares({}, []).values()) == {0.0}


# In a process of its own, because the time limit of a test uses the same signal.
LATE_SIGNAL = """
import signal
from bench.agent.stack_sampler import StackSampler

set_timer = signal.setitimer

def set_timer_and_signal(kind, seconds):
    set_timer(kind, seconds)
    if seconds == 0:
        signal.raise_signal(signal.SIGALRM)

signal.setitimer = set_timer_and_signal
with StackSampler(set_timer_and_signal.__code__, 10**9).sample():
    pass
print(signal.getitimer(signal.ITIMER_REAL))
"""


def test_a_late_signal_does_not_start_the_timer_again():
    process = subprocess.run(
        [sys.executable, "-c", LATE_SIGNAL], capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stdout) == (0, "(0.0, 0.0)\n"), process.stderr


def test_a_framework_with_a_template_language_of_its_own_names_its_code():
    frameworks = discover_frameworks(Paths().apps).frameworks.values()
    own = {each.name for each in frameworks if each.templates != "Jinja2"}
    assert own == {each.name for each in frameworks if each.template_code}

"""Fixtures: a small application to probe, and the observations of a run."""

import sys
from pathlib import Path

import pytest

from bench.behaviour.runner import Observations, ProbedFramework, build_prober
from bench.runtime.launch_spec import LaunchSpec

PROBED_APP = Path(__file__).parent / "probed"


@pytest.fixture
def probed(places, tmp_path):
    """Return a function that opens the small application as a framework with short timeouts.

    `replaced` is a text of the application's code and its replacement: a planted difference.
    """
    frameworks = []

    def open_probed(name="probed", replaced=("", ""), timeout_seconds=1.5):
        folder = tmp_path / name
        folder.mkdir()
        code = (PROBED_APP / "defaults.py").read_text()
        assert replaced[0] in code
        (folder / "defaults.py").write_text(code.replace(*replaced, 1) if replaced[0] else code)
        # A callable instead of a module with create_app: the host then starts without a database.
        launch_spec = LaunchSpec(name, Path(sys.executable), folder, app="defaults:app")
        log = places.prepare_log_path("behaviour")
        frameworks.append(ProbedFramework(name, launch_spec, log, timeout_seconds))
        return frameworks[-1]

    yield open_probed
    for framework in frameworks:
        framework.close()


@pytest.fixture
def observe(probed):
    """Return a function that runs probes on channels and returns the observations."""

    def run(framework, probes, channels):
        observations = Observations(framework.name, framework.name)
        build_prober(probes, channels)(framework, observations)
        return observations

    return run


@pytest.fixture
def kill_host():
    """Return a function that kills the host of a channel, as if the host had ended by itself."""

    def kill(channel):
        process = channel.ensure_host().process
        process.kill()
        process.wait()

    return kill

"""A small application to ask, and what a framework's answers are made of."""

import sys
from pathlib import Path

import pytest

from bench.behaviour.runner import Observations, ProbedFramework, build_prober
from bench.runtime.launch_spec import LaunchSpec

PROBED = Path(__file__).parent / "probed"


@pytest.fixture
def probed(places, tmp_path):
    """Return a function: the small application as a framework, whose hosts get little time.

    replaced is a text of its code and what takes its place: a difference that is planted.
    """
    opened = []

    def one(name="probed", replaced=("", ""), limit_seconds=1.5):
        folder = tmp_path / name
        folder.mkdir()
        code = (PROBED / "defaults.py").read_text()
        assert replaced[0] in code
        (folder / "defaults.py").write_text(code.replace(*replaced, 1) if replaced[0] else code)
        # A callable, not a module with create_app: the host then starts without the larder.
        order = LaunchSpec(name, Path(sys.executable), folder, app="defaults:app")
        opened.append(ProbedFramework(name, order, places.log("behaviour"), limit_seconds))
        return opened[-1]

    yield one
    for framework in opened:
        framework.close()


@pytest.fixture
def found_by(probed):
    """Return a function: what a framework answers to probes on channels."""

    def ask(framework, probes, channels):
        found = Observations(framework.name, framework.name)
        build_prober(probes, channels)(framework, found)
        return found

    return ask


@pytest.fixture
def end_host():
    """Return a function: end the host of a channel, as if by itself."""

    def end(channel):
        process = channel.ensure_host().process
        process.kill()
        process.wait()

    return end

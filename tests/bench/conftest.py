"""Fixtures with tiny applications in a temporary folder, so that no framework is needed."""

import os
import re
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.results import store
from bench.runtime import host as runtime_host
from bench.runtime.database import build_settings
from bench.runtime.host import listen
from bench.runtime.launch_spec import LaunchSpec

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(autouse=True)
def installed_on_path(monkeypatch):
    """Put cookoff on the path, so that every message names it without a path."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def without_progress_page(monkeypatch):
    """Let `cookoff compare` leave the first page of the project's report alone."""
    monkeypatch.setattr("bench.cli.board.write_progress", lambda rows, step: None)
    monkeypatch.setattr("bench.cli.compare.keep_first_page", nullcontext)


@pytest.fixture
def places(tmp_path):
    places = Paths(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state")
    places.apps.mkdir()
    return places


@pytest.fixture
def written_parts(monkeypatch):
    """Return the parts that the code under test would write to results.json."""
    parts = {}

    def record(results, file):
        parts.update(store.get_parts(results))

    monkeypatch.setattr(store, "update_results", record)
    return parts


@pytest.fixture(scope="session")
def tiny_environment(tmp_path_factory):
    """Build one environment for all tiny applications."""
    apps = tmp_path_factory.mktemp("apps")
    lock_tiny(shutil.copytree(TINY, apps / "tiny"))
    places = Paths(apps, apps / "venvs", apps / "state")
    return environments.ensure_environment(discover_frameworks(apps).get("tiny"), places).folder


@pytest.fixture
def add_app(places):
    """Return a function that adds a tiny application to the apps folder."""

    def add(name, environment=None, **replaced):
        folder = shutil.copytree(TINY, places.apps / name)
        manifest = folder / "framework.toml"
        manifest.write_text(manifest.read_text().replace("Tiny", name))
        lock_tiny(folder)
        if environment:
            places.environments.mkdir(exist_ok=True)
            (places.environments / name).symlink_to(environment)
        for file, text in replaced.items():
            (folder / f"{file}.py").write_text(text)
        return discover_frameworks(places.apps).frameworks[name]

    return add


def lock_tiny(folder):
    """Write the lock file of a tiny application, a part of the harness's lock file."""
    entries = re.split(r"\n(?=\w)", (ROOT / "bench" / "requirements" / "harness.txt").read_text())
    wanted = ("waitress", "sqlalchemy", "psycopg", "typing-extensions")
    (folder / "requirements.txt").write_text(
        "\n".join(entry for entry in entries if entry.startswith(wanted)) + "\n"
    )


@pytest.fixture
def order_here(places):
    """Return a function: the launch spec of an application, with the harness's interpreter."""

    def build_spec(framework, **options):
        settings = build_settings(framework.name, places, "sqlite:////nowhere")
        return LaunchSpec(
            framework.name, Path(sys.executable), framework.folder, settings=settings, **options
        )

    return build_spec


@pytest.fixture
def listener():
    with listen() as listener:
        yield listener


@pytest.fixture
def start_host(places, listener, order_here):
    """Return a function that starts a host of a framework on the shared listener."""
    hosts = []

    def start(framework, **options):
        hosts.append(
            runtime_host.start_host(
                order_here(framework, **options), listener, places.prepare_log_path("host")
            )
        )
        return hosts[-1]

    yield start
    for host in hosts:
        host.kill()

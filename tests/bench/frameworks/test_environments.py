"""An environment is built once per hashed lock, and a failed build names its reason."""

import subprocess
import time

import pytest

from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import discover_frameworks


def is_importable(environment, module):
    process = subprocess.run([environment.python, "-c", f"import {module}"], capture_output=True)
    return process.returncode == 0


def test_an_environment_is_built_once_for_each_lock(places, add_app):
    framework = add_app("tiny")
    assert environments.find_environment(framework, places) is None
    built = environments.ensure_environment(framework, places)
    assert built.build_seconds > 0
    assert is_importable(built, "waitress")
    assert built.title == "tiny 3.0.2"

    started = time.monotonic()
    again = environments.ensure_environment(framework, places)
    assert again.build_seconds == 0
    assert time.monotonic() - started < 0.5

    with framework.lock.open("a") as lock:
        lock.write("# another line\n")
    assert environments.find_environment(framework, places) is None
    assert environments.ensure_environment(framework, places).build_seconds > 0


def test_an_environment_is_rebuilt_when_its_range_of_python_versions_changes(places, add_app):
    environments.ensure_environment(add_app("tiny"), places)
    manifest = places.apps / "tiny" / "framework.toml"
    manifest.write_text(manifest.read_text().replace(">=3.11", ">=3.11,<4"))
    assert (
        environments.find_environment(discover_frameworks(places.apps).get("tiny"), places) is None
    )


def test_a_half_built_environment_is_rebuilt(places, add_app):
    framework = add_app("tiny")
    built = environments.ensure_environment(framework, places)
    (built.folder / environments.STAMP).write_text('{"lock": ')
    assert environments.find_environment(framework, places) is None


def test_a_lock_without_hashes_is_refused(places, add_app):
    framework = add_app("tiny")
    framework.lock.write_text("waitress==3.0.2\n")
    with pytest.raises(EnvironmentBuildError, match=r"^tiny: error: .*--require-hashes"):
        environments.ensure_environment(framework, places)
    assert environments.find_environment(framework, places) is None


def test_a_lock_with_a_wrong_hash_is_refused(places, add_app):
    framework = add_app("tiny")
    framework.lock.write_text("click==8.1.7 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(EnvironmentBuildError, match=r"^tiny: .*[Hh]ash"):
        environments.ensure_environment(framework, places)


def test_a_failed_build_does_not_stop_the_others(places, add_app):
    frameworks = [add_app("good"), add_app("lockless"), add_app("future")]
    frameworks[1].lock.unlink()
    manifest = places.apps / "future" / "framework.toml"
    manifest.write_text(manifest.read_text().replace(">=3.11", ">=9"))
    reported = []
    outcomes = environments.ensure_all_environments(
        discover_frameworks(places.apps).select(),
        places,
        lambda framework, outcome: reported.append(framework.name),
    )
    assert isinstance(outcomes["good"], Environment)
    assert "lockless: no lock at" in str(outcomes["lockless"])
    assert "No interpreter found for Python >=9" in str(outcomes["future"])
    assert sorted(reported) == ["future", "good", "lockless"]

"""Run random sequences at the sites of frameworks, or at a copy of a site with a planted fault."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.conformance.differential.profiles import HARDENED_PROFILE, Profile
from bench.conformance.differential.run import DifferentialResult, collect_mismatches
from bench.conformance.differential.sites import Sites, open_sites
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks

PlantFault = Callable[..., Paths]


@pytest.fixture
def plant_fault(tmp_path: Path) -> PlantFault:
    """Return a function that makes a folder of apps: bare, and Flask's app with one change."""

    def plant(file: str, old: str, new: str) -> Paths:
        own = Paths.from_environ()
        paths = Paths(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state", own.static)
        folder = shutil.copytree(own.apps / "flask", paths.apps / "planted")
        paths.environments.mkdir()
        for name in ("bare", "pages"):
            (paths.apps / name).symlink_to(own.apps / name)
        for name, framework in (("bare", "bare"), ("planted", "flask")):
            registry = discover_frameworks(own.apps)
            environment = environments.ensure_environment(registry.get(framework), own)
            (paths.environments / name).symlink_to(environment.folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"the text to change occurs {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return paths

    return plant


def ensure_available_environments(paths: Paths, names: list[str]) -> list[Environment]:
    """Return the environments of the named frameworks, or of all that are available.

    Raises the error of a framework that cannot be built; without names, a framework whose source
    is not available is skipped.
    """
    frameworks = discover_frameworks(paths.apps).select(names)
    outcomes = environments.ensure_all_environments(frameworks, paths).values()
    for outcome in outcomes:
        if isinstance(outcome, EnvironmentBuildError) and (
            names or not isinstance(outcome, SourceUnavailableError)
        ):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Environment)]


def raise_error(error: Exception) -> None:
    raise error


@contextmanager
def open_named_sites(
    paths: Paths, folder: Path, names: list[str], profile: Profile = HARDENED_PROFILE
) -> Iterator[Sites]:
    """Yield the sites of the named frameworks, or of all that are available."""
    ready = ensure_available_environments(paths, names)
    with open_sites(ready, paths, folder, raise_error, profile) as sites:
        yield sites


def run_steps(sites: Sites, seed: int, steps: int, max_mismatches: int = 1) -> DifferentialResult:
    """Send `steps` requests to all sites, and return the result."""
    result = DifferentialResult(seed, {site.name: site.name for site in sites.sites})
    collect_mismatches(result, sites, steps, max_mismatches=max_mismatches)
    return result

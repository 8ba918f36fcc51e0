"""Walks through a shelf of sites: of the frameworks, or of a copy with something done wrong."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.conformance.differential.run import WalkResult, collect_mismatches
from bench.conformance.differential.sites import Sites, open_sites
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks

Plant = Callable[..., Paths]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Return a function that puts bare beside a copy of Flask's kitchen, with one thing changed."""

    def planted(file: str, old: str, new: str) -> Paths:
        own = Paths.from_environ()
        places = Paths(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state", own.static)
        folder = shutil.copytree(own.apps / "flask", places.apps / "planted")
        places.environments.mkdir()
        for name in ("bare", "pages"):
            (places.apps / name).symlink_to(own.apps / name)
        for name, kitchen in (("bare", "bare"), ("planted", "flask")):
            ready = environments.ensure_environment(discover_frameworks(own.apps).get(kitchen), own)
            (places.environments / name).symlink_to(ready.folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"the place to change is {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return places

    return planted


@contextmanager
def sites_of(places: Paths, folder: Path, names: list[str]) -> Iterator[Sites]:
    """Give the named frameworks' sites, or all that can be had; raise for one that cannot."""
    shelf = discover_frameworks(places.apps)
    found = environments.ensure_all_environments(shelf.select(names), places).values()
    for one in found:
        if isinstance(one, EnvironmentBuildError) and (
            names or not isinstance(one, SourceUnavailableError)
        ):
            raise one
    ready = [one for one in found if isinstance(one, Environment)]

    def failed(error: Exception) -> None:
        raise error

    with open_sites(ready, places, folder, failed) as sites:
        yield sites


def walked(sites: Sites, seed: int, steps: int, most: int = 1) -> WalkResult:
    """Take a walk, and return what it found."""
    result = WalkResult(seed, {site.name: site.name for site in sites.sites})
    collect_mismatches(result, sites, steps, max_mismatches=most)
    return result

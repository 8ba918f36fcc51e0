"""Walks through a shelf of sites: of the frameworks, or of a copy with something done wrong."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.conformance.differential.run import Result, walk_on
from bench.conformance.differential.sites import Sites, opened
from bench.core.paths import Places
from bench.frameworks import environments
from bench.frameworks.environments import Environment, NotBuilt, SourceMissing
from bench.frameworks.manifest import discover

Plant = Callable[..., Places]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Return a function that puts bare beside a copy of Flask's kitchen, with one thing changed."""

    def planted(file: str, old: str, new: str) -> Places:
        own = Places.from_environ()
        places = Places(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state", own.static)
        folder = shutil.copytree(own.apps / "flask", places.apps / "planted")
        places.environments.mkdir()
        for name in ("bare", "pages"):
            (places.apps / name).symlink_to(own.apps / name)
        for name, kitchen in (("bare", "bare"), ("planted", "flask")):
            ready = environments.ensure(discover(own.apps).one(kitchen), own)
            (places.environments / name).symlink_to(ready.folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"the place to change is {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return places

    return planted


@contextmanager
def sites_of(places: Places, folder: Path, names: list[str]) -> Iterator[Sites]:
    """Give the named frameworks' sites, or all that can be had; raise for one that cannot."""
    shelf = discover(places.apps)
    found = environments.ensure_all(shelf.choose(names), places).values()
    for one in found:
        if isinstance(one, NotBuilt) and (names or not isinstance(one, SourceMissing)):
            raise one
    ready = [one for one in found if isinstance(one, Environment)]

    def failed(error: Exception) -> None:
        raise error

    with opened(ready, places, folder, failed) as sites:
        yield sites


def walked(sites: Sites, seed: int, steps: int, most: int = 1) -> Result:
    """Take a walk, and return what it found."""
    result = Result(seed, {site.name: site.name for site in sites.sites})
    walk_on(result, sites, steps, most=most)
    return result

"""Kitchens to measure: bare, and copies of it that were spoilt on purpose."""

import shutil
from dataclasses import replace

from bench.core.paths import Paths
from bench.frameworks import environments, manifest
from bench.frameworks.environments import Environment


def bare() -> Environment:
    """Return the environment of bare."""
    return environment_of("bare")


def environment_of(name: str) -> Environment:
    """Return the environment of a framework."""
    places = Paths()
    return environments.ensure_environment(
        manifest.discover_frameworks(places.apps).get(name), places
    )


def spoilt(places: Paths, name: str, code: str) -> Environment:
    """Return a copy of bare whose every call runs some more code first."""
    real = bare()
    folder = shutil.copytree(real.framework.folder, places.apps / name)
    with (folder / "app.py").open("a") as app:
        app.write(SPOILT.format(code=code))
    return replace(real, framework=replace(real.framework, name=name, folder=folder))


SPOILT = """
CALLS = []
whole = Site.__call__


def spoilt(self, environ, start_response):
    CALLS.append(environ["PATH_INFO"])
    {code}
    return whole(self, environ, start_response)


Site.__call__ = spoilt
"""

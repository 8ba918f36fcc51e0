"""Environments to measure: bare, and copies of it with extra code."""

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
    paths = Paths()
    framework = manifest.discover_frameworks(paths.apps).get(name)
    return environments.ensure_environment(framework, paths)


def spoilt(places: Paths, name: str, code: str) -> Environment:
    """Return a copy of bare that runs some code before each call."""
    original = bare()
    folder = shutil.copytree(original.framework.folder, places.apps / name)
    with (folder / "app.py").open("a") as app:
        app.write(SPOILT.format(code=code))
    return replace(original, framework=replace(original.framework, name=name, folder=folder))


SPOILT = """
CALLS = []
original_call = Site.__call__


def changed_call(self, environ, start_response):
    CALLS.append(environ["PATH_INFO"])
    {code}
    return original_call(self, environ, start_response)


Site.__call__ = changed_call
"""

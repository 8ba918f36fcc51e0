"""Working copies of apps."""

import pytest

from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.learn.copying import create_copy
from bench.learn.exercises import HANDLERS

FRAMEWORKS = discover_frameworks(Paths().apps).frameworks


@pytest.fixture
def make_copy(tmp_path):
    """Return a function that makes a working copy of an app."""

    def make(name, blank=HANDLERS, only=()):
        return create_copy(tmp_path / name, FRAMEWORKS[name], blank, only=only)

    return make

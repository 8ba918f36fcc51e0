"""Two of the project's frameworks, which the cluster tests measure."""

import pytest

from bench.core.paths import Paths
from tests.bench.kitchens import environment_of


@pytest.fixture
def places(tmp_path):
    """The project's folders, with run-time state of the test's own."""
    return Paths(state=tmp_path / "state")


@pytest.fixture
def ready():
    """The environments of bare and Flask."""
    return [environment_of(name) for name in ("bare", "flask")]

"""Start all sites once for all requests of the corpus."""

from collections.abc import Iterator

import pytest

from bench.conformance.fuzz import freedoms
from bench.conformance.fuzz.result import FuzzResult
from bench.conformance.fuzz.run import FuzzRun
from bench.conformance.fuzz.sites import open_targets
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import ensure_available_environments, raise_error


@pytest.fixture(scope="session")
def sites(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FuzzRun]:
    """A run against the sites of the named frameworks, or of all that are available."""
    paths, folder = Paths.from_environ(), tmp_path_factory.mktemp("fuzz")
    ready = ensure_available_environments(paths, pytestconfig.getoption("--framework"))
    with open_targets(ready, paths, folder, raise_error) as (targets, pool):
        declared = freedoms.read_all_freedoms(paths.apps)
        result = FuzzResult(0, [target.name for target in targets], declared)
        yield FuzzRun(result, targets, pool)

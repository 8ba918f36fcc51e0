"""All sites, started once for every request of the corpus."""

from collections.abc import Iterator

import pytest

from bench.conformance.fuzz import freedoms
from bench.conformance.fuzz.result import FuzzResult
from bench.conformance.fuzz.run import FuzzRun
from bench.conformance.fuzz.sites import open_targets
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks


def failed(error: Exception) -> None:
    raise error


@pytest.fixture(scope="session")
def sites(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FuzzRun]:
    """A run against the sites of the named frameworks, or of all that can be had."""
    names, places = pytestconfig.getoption("--framework"), Paths.from_environ()
    outcomes = environments.ensure_all_environments(
        discover_frameworks(places.apps).select(names), places
    ).values()
    for one in outcomes:
        if isinstance(one, EnvironmentBuildError) and (
            names or not isinstance(one, SourceUnavailableError)
        ):
            raise one
    ready = [one for one in outcomes if isinstance(one, Environment)]
    with open_targets(ready, places, tmp_path_factory.mktemp("fuzz"), failed) as (targets, pool):
        result = FuzzResult(0, [target.name for target in targets], freedoms.read_freedoms())
        yield FuzzRun(result, targets, pool)

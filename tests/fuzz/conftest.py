"""All sites, started once for every request of the corpus."""

from collections.abc import Iterator

import pytest

from bench.conformance.fuzz import freedoms
from bench.conformance.fuzz.result import Result
from bench.conformance.fuzz.run import Run
from bench.conformance.fuzz.sites import opened
from bench.core.paths import Places
from bench.frameworks import environments
from bench.frameworks.environments import Environment, NotBuilt, SourceMissing
from bench.frameworks.manifest import discover


def failed(error: Exception) -> None:
    raise error


@pytest.fixture(scope="session")
def sites(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run against the sites of the named frameworks, or of all that can be had."""
    names, places = pytestconfig.getoption("--framework"), Places.from_environ()
    outcomes = environments.ensure_all(discover(places.apps).choose(names), places).values()
    for one in outcomes:
        if isinstance(one, NotBuilt) and (names or not isinstance(one, SourceMissing)):
            raise one
    ready = [one for one in outcomes if isinstance(one, Environment)]
    with opened(ready, places, tmp_path_factory.mktemp("fuzz"), failed) as (targets, pool):
        result = Result(0, [target.name for target in targets], freedoms.read())
        yield Run(result, targets, pool)

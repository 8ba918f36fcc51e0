"""Every site answers programs as openapi.json says, to whatever schemathesis makes of it.

Requests that the document allows and requests that it does not: never a 500, and never a status, a
type, a header or a body that the document does not tell of.
"""

import itertools
import json
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from tests.bench.conformance.differential.conftest import open_named_sites
from tests.contract.site import BEARER

PLACES = Paths.from_environ()
SCHEMA = schemathesis.openapi.from_dict(json.loads((PLACES.static / "openapi.json").read_text()))
# By "GET /api/dishes".
OPERATIONS = {one.ok().label: one.ok() for one in SCHEMA.get_all_operations()}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # of each operation, each way
SEED = 1
TIMEOUT_SECONDS = 60  # on a busy machine a reply may come late, and is to be judged all the same


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask every framework's site."""
    if "framework" in metafunc.fixturenames:
        shelf = discover_frameworks(PLACES.apps)
        names = [one.name for one in shelf.select(metafunc.config.getoption("--framework"))]
        metafunc.parametrize("framework", names, scope="module")


@pytest.fixture(scope="module")
def url(framework: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a framework's site on a larder of its own."""
    with open_named_sites(PLACES, tmp_path_factory.mktemp(framework), [framework]) as sites:
        yield sites.sites[0].host.url


def ask(url: str, operation: str, mode: GenerationMode, session: requests.Session) -> None:
    """Make requests of one operation and check each reply."""

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[operation].as_strategy(generation_mode=mode))
    def answer_is_described(case: Case) -> None:
        case.call_and_validate(
            base_url=url,
            session=session,
            headers=BEARER,
            checks=CHECKS,
            timeout=TIMEOUT_SECONDS,
        )

    answer_is_described()


def test_a_site_keeps_to_the_document(url: str) -> None:
    with requests.Session() as session:
        for operation, mode in itertools.product(OPERATIONS, GenerationMode):
            # What takes nothing cannot be asked wrongly.
            if mode == GenerationMode.POSITIVE or operation != "GET /api/openapi.json":
                ask(url, operation, mode, session)


def test_every_operation_is_asked() -> None:
    assert len(OPERATIONS) == 5

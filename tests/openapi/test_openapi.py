"""The API of every framework conforms to openapi.json, as Schemathesis tests it.

Valid and invalid requests must never get a 500, nor a status, content type, header or body that
the document does not describe.
"""

import itertools
import json
from collections.abc import Iterator
from functools import cache

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

PATHS = Paths.from_environ()
SCHEMA = schemathesis.openapi.from_dict(json.loads((PATHS.static / "openapi.json").read_text()))
# The keys are labels such as "GET /api/dishes".
OPERATIONS = {result.ok().label: result.ok() for result in SCHEMA.get_all_operations()}
pytestmark = pytest.mark.xdist_group("openapi")  # the generated requests are shared
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # for each operation, valid and invalid
SEED = 1
TIMEOUT_SECONDS = 60  # on a busy machine a reply may be slow, but it is still checked


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the test with each selected framework."""
    if "framework" in metafunc.fixturenames:
        registry = discover_frameworks(PATHS.apps)
        names = [
            framework.name
            for framework in registry.select(metafunc.config.getoption("--framework"))
        ]
        metafunc.parametrize("framework", names, scope="module")


@pytest.fixture(scope="module")
def url(framework: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a framework's site with its own database."""
    with open_named_sites(PATHS, tmp_path_factory.mktemp(framework), [framework]) as sites:
        yield sites.sites[0].host.url


@cache
def generate_cases(operation: str, mode: GenerationMode) -> list[Case]:
    """Return requests of one operation, the same ones for each framework."""
    cases: list[Case] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[operation].as_strategy(generation_mode=mode))
    def keep_case(case: Case) -> None:
        cases.append(case)

    keep_case()
    return cases


def test_a_site_conforms_to_the_document(url: str) -> None:
    with requests.Session() as session:
        for operation, mode in itertools.product(OPERATIONS, GenerationMode):
            # An operation without parameters has no invalid requests.
            if mode == GenerationMode.POSITIVE or operation != "GET /api/openapi.json":
                for case in generate_cases(operation, mode):
                    case.call_and_validate(
                        base_url=url,
                        session=session,
                        headers=BEARER,
                        checks=CHECKS,
                        timeout=TIMEOUT_SECONDS,
                    )


def test_the_document_has_five_operations() -> None:
    assert len(OPERATIONS) == 5

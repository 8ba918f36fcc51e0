"""All sites on one random journey: they agree with each other and with the model."""

from pathlib import Path

import pytest

from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import sites_of, walked

SEED = 1
STEPS = 300


def test_all_sites_agree_on_300_steps(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    names = pytestconfig.getoption("--framework")
    with sites_of(Paths.from_environ(), tmp_path, names) as sites:
        result = walked(sites, SEED, STEPS, most=5)
    told = [
        f"{one.format_line()}\n{one.details}"
        for find in result.mismatches
        for one in find.differences
    ]
    assert not told, "\n\n".join(told)
    assert result.step_count == STEPS
    assert len(result.frameworks) > 0

"""All sites agree with each other and with the model in one random walk."""

from pathlib import Path

import pytest

from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import open_named_sites, run_walk

SEED = 1
STEPS = 300


def test_all_sites_agree_on_300_steps(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    names = pytestconfig.getoption("--framework")
    with open_named_sites(Paths.from_environ(), tmp_path, names) as sites:
        result = run_walk(sites, SEED, STEPS, max_mismatches=5)
    details = [
        f"{difference.format_line()}\n{difference.details}"
        for mismatch in result.mismatches
        for difference in mismatch.differences
    ]
    assert not details, "\n\n".join(details)
    assert result.step_count == STEPS
    assert len(result.frameworks) > 0

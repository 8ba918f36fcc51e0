"""All sites agree with each other and with the model in one random sequence, also as taught."""

from pathlib import Path

import pytest

from bench.conformance.differential.profiles import HARDENED_PROFILE, TAUGHT_PROFILE, Profile
from bench.core.paths import Paths
from tests.bench.conformance.differential.conftest import open_named_sites, run_steps

SEED = 1
STEPS = 150


@pytest.mark.parametrize(
    "profile", [HARDENED_PROFILE, TAUGHT_PROFILE], ids=["hardened", "as taught"]
)
def test_all_sites_agree_on_150_steps(
    pytestconfig: pytest.Config, tmp_path: Path, profile: Profile
) -> None:
    names = pytestconfig.getoption("--framework")
    with open_named_sites(Paths.from_environ(), tmp_path, names, profile) as sites:
        result = run_steps(sites, SEED, STEPS, max_mismatches=5)
    details = [
        f"{difference.format_line()}\n{difference.details}"
        for mismatch in result.mismatches
        for difference in mismatch.differences
    ]
    assert not details, "\n\n".join(details)
    assert result.step_count == STEPS
    assert len(result.frameworks) > 0

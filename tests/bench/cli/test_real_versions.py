"""A real pair of versions from the package index; skipped where the index is not reachable."""

import json

import pytest

from bench.cli import behaviour, contract
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import NetworkLostError
from bench.frameworks.manifest import discover_frameworks
from tests.skips import SourceUnavailableSkip

OLD = "bottle@0.12.25"


@pytest.fixture(scope="module")
def old():
    """Return the environment of an older Bottle."""
    paths = Paths.from_environ()
    try:
        return environments.ensure_environment(discover_frameworks(paths.apps).get(OLD), paths)
    except NetworkLostError as error:
        raise SourceUnavailableSkip(str(error)) from error


def test_an_older_version_is_installed_beside_the_locked_one(old):
    assert (old.version, old.folder.name) == ("0.12.25", OLD)
    locked = discover_frameworks(Paths.from_environ().apps).get("bottle")
    assert environments.ensure_environment(locked, Paths.from_environ()).version == "0.13.4"


def test_the_contract_tells_why_the_site_of_an_older_version_does_not_start(old, capsys):
    words = [OLD, "--feature", "report-health", "--json"]
    assert contract.command.main(words, standalone_mode=False) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    assert results[OLD]["failed"]
    assert results[OLD]["passed"] == 0


def test_the_atlas_has_the_etag_that_bottle_013_gained(old, capsys):
    """The notes of Bottle 0.13 list it: static_file() supports ETag headers."""
    words = [OLD, "bottle", "--diff", "--probe", "entity-tag"]
    assert behaviour.command.main(words, standalone_mode=False) == 1
    assert "bottle: entity-tag, in-process: no ETag -> not quoted" in capsys.readouterr().out

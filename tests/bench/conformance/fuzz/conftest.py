"""Sites under attack: bare, and a copy of it that does wrong whatever a header asks for."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.conformance.fuzz import freedoms
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.result import FuzzResult
from bench.conformance.fuzz.run import FuzzRun
from bench.conformance.fuzz.sites import Target, open_targets
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks

FAULTS = Path(__file__).with_name("faults.py")
Attack = tuple[list[Target], ThreadPoolExecutor]


@pytest.fixture(scope="session")
def faulty_places(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A shelf with bare and with `faulty`, a copy of bare behind the wrapper in faults.py."""
    own, folder = Paths.from_environ(), tmp_path_factory.mktemp("shelf")
    places = Paths(folder / "apps", folder / "venvs", folder / "state", own.static)
    faulty = shutil.copytree(own.apps / "bare", places.apps / "faulty")
    with (faulty / "app.py").open("a", encoding="utf-8") as app:
        app.write("\n\n" + FAULTS.read_text(encoding="utf-8"))
    places.environments.mkdir()
    for name in ("bare", "pages"):
        (places.apps / name).symlink_to(own.apps / name)
    ready = environments.ensure_environment(discover_frameworks(own.apps).get("bare"), own)
    for name in ("bare", "faulty"):
        (places.environments / name).symlink_to(ready.folder)
    return places


@pytest.fixture(scope="session")
def attack(faulty_places: Paths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """Both sites, started once, with their clients signed in."""
    chosen = discover_frameworks(faulty_places.apps).select(())
    ready = [environments.ensure_environment(one, faulty_places) for one in chosen]

    def failed(error: Exception) -> None:
        raise error

    with open_targets(ready, faulty_places, tmp_path_factory.mktemp("sites"), failed) as attack:
        yield attack


@pytest.fixture
def run(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> FuzzRun:
    """A run without requests so far, which waits a few seconds for an answer."""
    monkeypatch.setattr("bench.conformance.fuzz.run.TIMEOUT_SECONDS", 4.0)
    targets, pool = attack
    return FuzzRun(
        FuzzResult(1, [one.name for one in targets], freedoms.read_freedoms()), targets, pool
    )


def hostile(fault: str, first: bytes = b"GET /dishes?q=soup HTTP/1.1") -> Probe:
    """Return a request at which the faulty site shows a fault, among other headers."""
    lines = (first, b"X-First: 1", b"Host: {{host}}", b"Accept: */*", b"X-Fault: " + fault.encode())
    return Probe(b"\r\n".join([*lines, b"X-Last: 2", b"", b""]), "cart", ("GET /dishes",), 1)

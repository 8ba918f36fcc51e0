"""Start two sites to fuzz: bare, and a copy of bare with a fault for each value of a header."""

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
Targets = tuple[list[Target], ThreadPoolExecutor]


@pytest.fixture(scope="session")
def faulty_paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A folder of apps with bare and `faulty`, a copy of bare in the wrapper of faults.py."""
    own, folder = Paths.from_environ(), tmp_path_factory.mktemp("apps")
    paths = Paths(folder / "apps", folder / "venvs", folder / "state", own.static)
    faulty = shutil.copytree(own.apps / "bare", paths.apps / "faulty")
    with (faulty / "app.py").open("a", encoding="utf-8") as app:
        app.write("\n\n" + FAULTS.read_text(encoding="utf-8"))
    paths.environments.mkdir()
    for name in ("bare", "pages"):
        (paths.apps / name).symlink_to(own.apps / name)
    environment = environments.ensure_environment(discover_frameworks(own.apps).get("bare"), own)
    for name in ("bare", "faulty"):
        (paths.environments / name).symlink_to(environment.folder)
    return paths


@pytest.fixture(scope="session")
def targets(faulty_paths: Paths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    """Both sites, started once, with their clients signed in."""
    frameworks = discover_frameworks(faulty_paths.apps).select(())
    ready = [environments.ensure_environment(item, faulty_paths) for item in frameworks]

    def raise_error(error: Exception) -> None:
        raise error

    folder = tmp_path_factory.mktemp("sites")
    with open_targets(ready, faulty_paths, folder, raise_error) as targets:
        yield targets


@pytest.fixture
def run(targets: Targets, monkeypatch: pytest.MonkeyPatch) -> FuzzRun:
    """A run without requests, which waits four seconds for a reply."""
    monkeypatch.setattr("bench.conformance.fuzz.run.TIMEOUT_SECONDS", 4.0)
    sites, pool = targets
    names = [target.name for target in sites]
    return FuzzRun(FuzzResult(1, names, freedoms.read_freedoms(freedoms.SHARED_FILE)), sites, pool)


def build_hostile_probe(fault: str, first: bytes = b"GET /dishes?q=soup HTTP/1.1") -> Probe:
    """Return a request that triggers a fault of the faulty site, among other headers."""
    lines = (first, b"X-First: 1", b"Host: {{host}}", b"Accept: */*", b"X-Fault: " + fault.encode())
    return Probe(b"\r\n".join([*lines, b"X-Last: 2", b"", b""]), "cart", ("GET /dishes",), 1)

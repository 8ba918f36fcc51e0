"""Every lock pins and hashes its packages and names no host; every requirement has a reason."""

import re

import pytest

from bench.core.paths import ROOT
from bench.core.processes import run_command

FOLDERS = (ROOT / "bench", ROOT / "shared_db", *sorted(ROOT.glob("apps/*/")))
REQUIREMENTS = [file for folder in FOLDERS for file in sorted(folder.glob("*.in"))]
LOCKS = [file.with_suffix(".txt") for file in REQUIREMENTS]
SHARED = re.compile(r"^(sqlalchemy|psycopg|waitress|uv)==(\S+)", re.MULTILINE)


def params(files):
    return [pytest.param(file, id=str(file.relative_to(ROOT))) for file in files]


@pytest.mark.parametrize("lock", params(LOCKS))
def test_a_lock_pins_and_hashes_every_package(lock):
    entries = re.split(r"\n(?=[^\s#])", lock.read_text())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==\S+ ", entry), entry
        assert " --hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", params(LOCKS))
def test_a_lock_names_no_host_and_no_local_folder(lock):
    assert not re.search(r"://|--index-url|--find-links|/(home|root|tmp|work)/", lock.read_text())


def test_a_lock_of_an_app_that_is_not_there_is_refused_in_one_line():
    command = ["make", "--silent", "lock-apps", "NAMES=nosuch"]
    done = run_command(command, 60, "make", "try again", cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "apps/nosuch/requirements.in does not exist"
    assert "cd" not in done.stdout + done.stderr


@pytest.mark.parametrize("requirements", params(REQUIREMENTS))
def test_every_requirement_has_a_reason(requirements):
    """Look for a comment on the line, or above its block of lines."""
    for block in requirements.read_text().split("\n\n"):
        reason = False
        for line in block.strip().splitlines():
            reason = reason or "#" in line
            assert reason, f"{requirements.parent.name}: no reason for {line}"


def test_all_locks_pin_the_same_versions_of_server_and_drivers():
    pins = {pin for lock in LOCKS for pin in SHARED.findall(lock.read_text())}
    assert len(pins) == len({name for name, _ in pins}), sorted(pins)

"""Every lock pins and hashes all it names, and names no host; every wish has its reason."""

import re

import pytest

from bench.core.paths import ROOT

FOLDERS = (ROOT / "bench", ROOT / "shared_db", *sorted(ROOT.glob("apps/*/")))
WISHES = [file for folder in FOLDERS for file in sorted(folder.glob("*.in"))]
LOCKS = [file.with_suffix(".txt") for file in WISHES]
SHARED = re.compile(r"^(sqlalchemy|psycopg|waitress|uv)==(\S+)", re.MULTILINE)


def named(files):
    return [pytest.param(file, id=str(file.relative_to(ROOT))) for file in files]


@pytest.mark.parametrize("lock", named(LOCKS))
def test_a_lock_pins_and_hashes_all_it_names(lock):
    entries = re.split(r"\n(?=[^\s#])", lock.read_text())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==\S+ ", entry), entry
        assert " --hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", named(LOCKS))
def test_a_lock_names_no_host_and_no_folder_of_a_machine(lock):
    assert not re.search(r"://|--index-url|--find-links|/(home|root|tmp|work)/", lock.read_text())


@pytest.mark.parametrize("wishes", named(WISHES))
def test_every_wish_has_its_reason(wishes):
    """A comment on its line, or above the block of lines it stands in."""
    for block in wishes.read_text().split("\n\n"):
        reason = False
        for line in block.strip().splitlines():
            reason = reason or "#" in line
            assert reason, f"{wishes.parent.name}: no reason for {line}"


def test_the_same_server_and_drivers_are_locked_everywhere():
    pins = {pin for lock in LOCKS for pin in SHARED.findall(lock.read_text())}
    assert len(pins) == len({name for name, _ in pins}), sorted(pins)

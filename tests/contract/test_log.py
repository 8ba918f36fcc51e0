"""The log of the host after the core clauses and after all: it has no unexpected error."""

import pytest

from tests.contract.clauses import UNKNOWN
from tests.contract.expect import find_error
from tests.contract.house import House
from tests.contract.levels import hardening
from tests.contract.site import Site

pytestmark = pytest.mark.feature("show-what-went-wrong")


def has_no_traceback(house: House) -> None:
    log = house.log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in log, f"{find_error(log)}\n{log[log.index('Traceback') :][-2000:]}"


def test_nothing_went_wrong_that_no_guest_saw(house: House) -> None:
    has_no_traceback(house)


@hardening("limits")
def test_nothing_went_wrong_that_only_a_hostile_client_causes(house: House) -> None:
    has_no_traceback(house)


def test_the_house_still_stands(house: House) -> None:
    assert house.host.is_running


def test_no_file_was_left_behind_by_an_upload(house: House) -> None:
    if house.larder is None:
        pytest.skip("needs the larder itself: not with --app")
    kept = {row[0] for row in house.larder.rows("SELECT photo FROM dishes") if row[0]}
    assert [name for name in house.photos if name.startswith(".")] == []
    assert kept <= set(house.photos)


def test_every_declared_deviation_is_about_a_clause(
    site: Site, request: pytest.FixtureRequest
) -> None:
    unknown = request.config.stash.get(UNKNOWN, {}).get(site.name, [])
    assert unknown == [], "no clause has these ids"

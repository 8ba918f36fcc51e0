"""Changing a dish by the API: authentication, versions, and each field."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.expect import is_json, is_problem
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.levels import hardening
from tests.contract.site import BEARER, OwnDish, Site, at_once

pytestmark = pytest.mark.feature("change-a-dish-by-program")
CHANGE = {"price_cents": 4321}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Rye & <b>barley</b>"), ("description", "x" * 1000), ("price_cents", 0),
     ("price_cents", 100_000), ("portions", 0), ("portions", 10_000), ("allergens", []),
     ("allergens", ["gluten", "nuts"]), ("allergens", [f"allergen {n}" for n in range(20)])],
)  # fmt: skip
def test_a_field_is_changed_and_the_others_are_not(
    dish: OwnDish, field: str, value: object
) -> None:
    reply = dish.patch({field: value})
    changed = is_json(reply)
    assert changed == {**dish.taken, field: value, "version": dish.version + 1}
    assert reply.headers["ETag"] == f'"{dish.version + 1}"'
    assert dish.now() == changed


def test_several_fields_are_changed_at_once(dish: OwnDish) -> None:
    changed = is_json(dish.patch({"price_cents": 1, "portions": 2}))
    assert (changed["price_cents"], changed["portions"]) == (1, 2)
    assert changed["version"] == dish.version + 1


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="nothing"),
        pytest.param("Bearer", id="no token"),
        pytest.param("Bearer wrong", id="a wrong token"),
        pytest.param("Bearer kitchen-token-for-trying-ou", id="a token cut short"),
        pytest.param("Basic a2l0Y2hlbi10b2tlbi1mb3ItdHJ5aW5nLW91dDo=", id="another scheme"),
        pytest.param("kitchen-token-for-trying-out", id="the token without a scheme"),
        pytest.param("Bearer KITCHEN-TOKEN-FOR-TRYING-OUT", id="the token in capitals"),
    ],
)
def test_without_the_token_nothing_is_changed(dish: OwnDish, authorization: str) -> None:
    reply = dish.patch(CHANGE, headers={"Authorization": authorization})
    is_problem(reply, 401)
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert dish.now() == dish.taken


def test_a_session_is_no_token(cook: Guest, dish: OwnDish) -> None:
    headers = {"If-Match": "*"}
    is_problem(cook.send("PATCH", dish.address, CHANGE, headers), 401)


def test_the_token_is_asked_for_before_the_dish(site: Site) -> None:
    is_problem(site.program.send("PATCH", "/api/dishes/999999", CHANGE), 401)


@pytest.mark.parametrize("dish_id", ["999999", "0", "one", "01"])
@hardening("identifiers", "01")
def test_a_dish_that_is_not_there_cannot_be_changed(site: Site, dish_id: str) -> None:
    is_problem(site.program.send("PATCH", f"/api/dishes/{dish_id}", CHANGE, BEARER), 404)


def test_a_change_must_say_for_which_version(dish: OwnDish) -> None:
    is_problem(dish.patch(CHANGE, headers={"If-Match": ""}), 428)
    assert dish.now() == dish.taken


@pytest.mark.parametrize(
    "condition",
    ['"0"', "W/{etag}", '"0", W/{etag}', '"{bare}0"', '"*"', '"', '"0", *', '*, "0"'],
)
@hardening("conditions", "W/{etag}", '"0", W/{etag}', '"*"', '"', '"0", *', '*, "0"')
def test_a_change_for_another_version_is_refused(dish: OwnDish, condition: str) -> None:
    held = condition.format(etag=f'"{dish.version}"', bare=dish.version)
    is_problem(dish.patch(CHANGE, headers={"If-Match": held}), 412)
    assert dish.now() == dish.taken


@pytest.mark.parametrize("condition", ["{etag}", '"0", {etag}', '{etag},"0"', "*"])
@hardening("conditions", '{etag},"0"')
def test_a_change_for_this_version_is_made(dish: OwnDish, condition: str) -> None:
    held = condition.format(etag=f'"{dish.version}"')
    is_json(dish.patch(CHANGE, headers={"If-Match": held}))


@pytest.mark.parametrize("known", ["*", '"{}"', 'W/"{}"', '"none", "{}"', '"none","{}"'])
@hardening("conditions")
def test_a_change_of_a_version_that_shall_not_be_there_is_refused(
    dish: OwnDish, known: str
) -> None:
    conditions = {"If-Match": "*", "If-None-Match": known.format(dish.version)}
    is_problem(dish.patch(CHANGE, headers=conditions), 412)
    for other in ('"none"', '"*"'):
        is_json(dish.patch(CHANGE, headers={"If-Match": "*", "If-None-Match": other}))


def test_a_version_is_good_for_one_change(dish: OwnDish) -> None:
    held = {"If-Match": f'"{dish.version}"'}
    is_json(dish.patch(CHANGE, headers=held))
    is_problem(dish.patch({"price_cents": 1}, headers=held), 412)
    assert dish.now()["price_cents"] == CHANGE["price_cents"]


def test_of_six_changes_for_one_version_at_once_one_is_made(dish: OwnDish) -> None:
    held = {"If-Match": f'"{dish.version}"'}
    replies = at_once(6, lambda n: dish.patch({"price_cents": n}, headers=held))
    assert sorted(reply.status for reply in replies) == [200] + [412] * 5
    assert dish.now()["version"] == dish.version + 1


def test_of_changes_that_wait_for_each_other_one_is_made(dish: OwnDish, larder: Larder) -> None:
    held = {"If-Match": f'"{dish.version}"'}
    with ThreadPoolExecutor() as pool:
        with larder.held():
            asked = [pool.submit(dish.patch, {"price_cents": n}, held) for n in range(3)]
            # Long enough for each request to have checked the version.
            time.sleep(0.3)
        replies = [one.result() for one in asked]
    assert sorted(reply.status for reply in replies) == [200, 412, 412]
    assert dish.now()["version"] == dish.version + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "  "), ("name", None), ("name", 7), ("name", "x" * 81),
        ("name", "a\x00b"), ("name", "a\ud800"), ("name", ["a"]), ("description", ""),
        ("description", "x" * 1001), ("description", {}), ("price_cents", -1),
        ("price_cents", 100_001), ("price_cents", 1.5), ("price_cents", 1.0),
        ("price_cents", "1"), ("price_cents", True), ("price_cents", None),
        ("price_cents", 10**400), ("portions", -1), ("portions", 10_001), ("portions", False),
        ("allergens", "milk"), ("allergens", [1]), ("allergens", [""]), ("allergens", None),
        ("allergens", ["x"] * 21), ("allergens", ["a,b"]), ("id", 5), ("version", 9),
        ("photo", "x.png"), ("course", "main"), ("colour", "red"),
        ("dish_id", 2),
    ],
    ids=lambda value: "huge" if isinstance(value, int) and value > 10**9 else None,
)  # fmt: skip
def test_a_bad_field_is_named_and_nothing_is_changed(
    dish: OwnDish, field: str, value: object
) -> None:
    is_problem(dish.patch({field: value}), 422, field)
    assert dish.now() == dish.taken


@pytest.mark.parametrize("document", [{}, [], None, 1, "name", [["name", "x"]]], ids=str)
def test_what_changes_no_field_is_refused(dish: OwnDish, document: object) -> None:
    reply = dish.patch(document)
    assert reply.status == 422
    assert dish.now() == dish.taken


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="an open brace"),
        pytest.param(b'{"name": "\xff"}', id="no UTF-8"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, id="10,000 lists deep"),
    ],
)
@hardening("charsets", "no UTF-8")
@hardening("json", "10,000 lists deep")
def test_malformed_json_changes_nothing(site: Site, dish: OwnDish, body: bytes) -> None:
    headers = {**BEARER, "If-Match": "*", "Content-Type": "application/json"}
    is_problem(site.program.request("PATCH", dish.address, headers, body), 400)
    assert dish.now() == dish.taken


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_another_type_changes_nothing(dish: OwnDish, kind: str) -> None:
    reply = dish.patch(CHANGE, headers={"Content-Type": kind})
    is_problem(reply, 415)
    assert dish.now() == dish.taken


@hardening("conditions")
def test_the_version_is_checked_before_the_body(dish: OwnDish) -> None:
    is_problem(dish.patch({"price_cents": -1}, headers={"If-Match": '"0"'}), 412)

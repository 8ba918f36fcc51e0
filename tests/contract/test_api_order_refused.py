"""Orders by the API that are rejected: invalid JSON and invalid orders."""

from typing import Any

import pytest

from tests.contract.expect import is_json, is_problem
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("place-an-order-by-program")
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"guest": None}, ["guest"], id="guest is null"),
        pytest.param({"guest": 7}, ["guest"], id="guest is a number"),
        pytest.param({"guest": ["Robot"]}, ["guest"], id="guest is a list"),
        pytest.param({"guest": ""}, ["guest"], id="guest is empty"),
        pytest.param({"guest": " \t"}, ["guest"], id="guest is blank"),
        pytest.param({"guest": "x" * 81}, ["guest"], id="guest has 81 characters"),
        pytest.param({"guest": "a\x00b"}, ["guest"], id="guest holds a NUL"),
        pytest.param({"guest": "a\ud800b"}, ["guest"], id="guest holds half a character"),
        pytest.param({"guest": "a\nb"}, ["guest"], id="guest has two lines"),
        pytest.param({"lines": None}, ["lines"], id="lines is null"),
        pytest.param({"lines": []}, ["lines"], id="no lines"),
        pytest.param({"lines": {}}, ["lines"], id="lines is an object"),
        pytest.param({"lines": "12"}, ["lines"], id="lines is a text"),
        pytest.param({"lines": [{}] * 25}, ["lines"], id="25 lines"),
        pytest.param({"lines": [[1, 1]]}, ["lines"], id="a line is a list"),
        pytest.param({"lines": [None]}, ["lines"], id="a line is null"),
        pytest.param({"lines": [{}]}, ["lines"], id="a line is empty"),
        pytest.param({"guest": 1, "lines": 1}, ["guest", "lines"], id="both are wrong"),
    ],
)
def test_a_bad_field_is_named(
    site: Site, dish: OwnDish, changes: dict[str, Any], fields: list[str]
) -> None:
    order = {"guest": "Robot", "lines": [{"dish_id": dish.id, "quantity": 1}], **changes}
    is_problem(site.program.send("POST", "/api/orders", order), 422, *fields)


@pytest.mark.parametrize("field", ["guest", "lines"])
def test_a_missing_field_is_named(site: Site, dish: OwnDish, field: str) -> None:
    order: dict[str, Any] = {"guest": "R", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    del order[field]
    is_problem(site.program.send("POST", "/api/orders", order), 422, field)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"quantity": 0}, id="quantity 0"),
        pytest.param({"quantity": -1}, id="quantity -1"),
        pytest.param({"quantity": 21}, id="quantity 21"),
        pytest.param({"quantity": 1.0}, id="quantity 1.0"),
        pytest.param({"quantity": 10**400}, id="quantity 10 to the 400"),
        pytest.param({"quantity": True}, id="quantity true"),
        pytest.param({"quantity": "1"}, id="quantity as a text"),
        pytest.param({"quantity": None}, id="quantity null"),
        pytest.param({"dish_id": 0}, id="dish 0"),
        pytest.param({"dish_id": -1}, id="dish -1"),
        pytest.param({"dish_id": 999999}, id="an unknown dish"),
        pytest.param({"dish_id": 2**63}, id="dish 2 to the 63"),
        pytest.param({"dish_id": 10**400}, id="dish 10 to the 400"),
        pytest.param({"dish_id": True}, id="dish true"),
        pytest.param({"dish_id": "1"}, id="dish as a text"),
        pytest.param({"dish_id": None}, id="dish null"),
        pytest.param({"dish_id": [1]}, id="dish as a list"),
    ],
)
def test_a_bad_line_is_refused_and_nothing_is_taken(
    site: Site, dish: OwnDish, line: dict[str, Any]
) -> None:
    order = {"guest": "R", "lines": [{"dish_id": dish.id, "quantity": 1, **line}]}
    is_problem(site.program.send("POST", "/api/orders", order), 422, "lines")
    assert dish.now() == dish.taken


def test_the_same_dish_in_two_lines_is_refused(site: Site, dish: OwnDish) -> None:
    lines = [{"dish_id": dish.id, "quantity": 1}] * 2
    order = {"guest": "Robot", "lines": lines}
    is_problem(site.program.send("POST", "/api/orders", order), 422, "lines")
    assert dish.now() == dish.taken


@pytest.mark.parametrize("order", [[], None, 1, "text", True, {}], ids=str)
def test_what_is_no_order_is_refused(site: Site, order: object) -> None:
    reply = site.program.send("POST", "/api/orders", order)
    assert reply.status == 422
    is_problem(reply, 422, *reply.json().get("errors", {}))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="an open brace"),
        pytest.param(b"{'guest': 'R'}", id="single quotation marks"),
        pytest.param(b'{"guest": "R",}', id="a comma too many"),
        pytest.param(b'{"guest": "R"} x', id="words after it"),
        pytest.param(b"guest=R", id="a form"),
        pytest.param(b'{"guest": "\xff"}', id="no UTF-8"),
        pytest.param(b'{"guest": "a\nb"}', id="a line end inside a text"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, id="10,000 lists deep"),
        pytest.param(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, id="10,000 objects deep"),
        pytest.param(b"[" * 100_000, id="100,000 open lists"),
        pytest.param(b"\x00", id="a NUL"),
    ],
)
@hardening("charsets", "no UTF-8")
@hardening("json", "10,000 lists deep", "10,000 objects deep", "100,000 open lists", "a NUL")
def test_malformed_json_is_refused(site: Site, body: bytes) -> None:
    reply = site.program.request("POST", "/api/orders", JSON, body)
    is_problem(reply, 400)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"guest": NaN, "lines": Infinity}', id="NaN and Infinity"),
        pytest.param(b'{"guest": "R", "lines": ' + b"9" * 5000 + b"}", id="5,000 digits"),
        pytest.param(b'{"guest": "R", "lines": 1e999}', id="1e999"),
        pytest.param(b'\xef\xbb\xbf{"guest": 1}', id="a byte order mark"),
        pytest.param(b'{"guest": "\xed\xa0\x80"}', id="half a character in UTF-8"),
        pytest.param('{"guest": "R"}'.encode("utf-16"), id="UTF-16"),
    ],
)
@hardening("json", "NaN and Infinity", "5,000 digits", "1e999")
@hardening("charsets", "a byte order mark", "half a character in UTF-8", "UTF-16")
def test_doubtful_json_is_refused_one_way_or_the_other(site: Site, body: bytes) -> None:
    reply = site.program.request("POST", "/api/orders", JSON, body)
    assert reply.status in (400, 422)
    is_problem(reply, reply.status, *reply.json().get("errors", {}))


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", "json",
     "multipart/form-data; boundary=x", "application/merge-patch+json", "",
     ", application/json", "application/json,", "application/json, application/json"],
)  # fmt: skip
@hardening(
    "media-types", "text/json", "application/jsonp", "json", "application/merge-patch+json", "",
    ", application/json", "application/json,", "application/json, application/json",
)  # fmt: skip
def test_another_type_is_refused(site: Site, dish: OwnDish, kind: str) -> None:
    order = b'{"guest": "R", "lines": [{"dish_id": %d, "quantity": 1}]}' % dish.id
    reply = site.program.request("POST", "/api/orders", {"Content-Type": kind}, order)
    is_problem(reply, 415)
    assert dish.now() == dish.taken


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
@hardening("media-types", "Application/JSON")
def test_the_type_may_have_parameters_and_capitals(site: Site, dish: OwnDish, kind: str) -> None:
    order = b'{"guest": "R", "lines": [{"dish_id": %d, "quantity": 1}]}' % dish.id
    reply = site.program.request("POST", "/api/orders", {"Content-Type": kind}, order)
    is_json(reply, 201)


def test_letters_past_ascii_are_kept(site: Site, dish: OwnDish) -> None:
    order = {"guest": "Ψ 🍲 \u202eא", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    assert is_json(site.program.send("POST", "/api/orders", order), 201)["guest"] == (
        "Ψ 🍲 \u202eא"
    )


def test_a_body_in_chunks_is_read(site: Site, dish: OwnDish) -> None:
    order = b'{"guest": "R", "lines": [{"dish_id": %d, "quantity": 1}]}' % dish.id
    pieces = [order[i : i + 10] for i in range(0, len(order), 10)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    headers = {**JSON, "Transfer-Encoding": "chunked", "Content-Length": ""}
    is_json(site.program.request("POST", "/api/orders", headers, chunks), 201)

"""The requests of a workbench are shared in four forms, each of which sends them again."""

import re
import subprocess
import sys
from html import unescape

import pytest

from bench.conformance.differential.http_client import HttpSession, Request
from bench.conformance.pictures import PNG
from bench.conformance.site_constants import API_AUTHORIZATION
from bench.core.errors import UsageError
from bench.workbench.shared_requests import decode_requests, encode_requests

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench sharing")

GUEST = "guest"
DAY = [
    Request(GUEST, "GET", "/dishes/10"),
    Request(GUEST, "POST", "/cart", fields={"dish_id": "10", "quantity": "2"}),
    Request(GUEST, "GET", "/cart"),
    Request(GUEST, "POST", "/orders", fields={"guest": "O'Hara & $HOME"}),
    Request(GUEST, "GET", "/orders/{order 1}"),
    Request(GUEST, "GET", "/login"),
    Request(
        GUEST,
        "POST",
        "/login",
        fields={"next": "", "username": "ada", "password": "leek-and-potato"},
    ),
    Request(GUEST, "GET", "/kitchen"),
    Request(GUEST, "POST", "/kitchen/orders/{order 1}", fields={"status": "cooking"}),
    Request(GUEST, "GET", "/dishes/10"),
    Request(GUEST, "POST", "/kitchen/dishes/10/photo", fields={}, photo=PNG),
    Request(GUEST, "GET", "/dishes/10"),
    Request(GUEST, "GET", "/photos/{photo}"),
    Request("program", "GET", "/api/dishes/10"),
]
STATUSES = [200, 303, 200, 303, 200, 200, 303, 200, 303, 200, 303, 200, 200, 200]


@pytest.fixture(scope="module")
def day(running):
    """Drive a day on the stage; return the number of its last request."""
    session = HttpSession(running.stage_origin)
    assert [session.send(request).status for request in DAY] == STATUSES
    session.connection.close()
    running.settle(len(DAY))
    exchanges = running.workbench.exchanges.exchanges.values()
    assert [each.differences for each in exchanges] == [[]] * len(DAY)
    return len(DAY)


def test_the_shared_requests_name_no_value_of_a_site(running, day):
    shared = running.workbench.share_requests()[:day]
    plain = [request._replace(headers=(), user=GUEST) for request in shared]
    assert plain == [request._replace(headers=(), user=GUEST) for request in DAY]
    assert decode_requests(encode_requests(shared)) == shared


@pytest.mark.parametrize("kind", ["script", "curl"])
def test_a_program_sends_the_day_again(running, day, kind, tmp_path):
    reply = running.pages.get(f"/share/{kind}")
    name = re.search(r'filename="(.+)"', reply.headers["content-disposition"])[1]
    program = tmp_path / name
    program.write_text(reply.text)
    (tmp_path / "photo.png").write_bytes(PNG)
    start = running.count
    command = {"script": [sys.executable, "-I", name], "curl": ["sh", name]}[kind]
    done = subprocess.run(
        [*command, running.stage_origin], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    running.settle(start + day)
    entries = [running.workbench.journal.read(start + index) for index in range(day)]
    # The second guest signs in with a session that is signed in already.
    assert [entry.status for entry in entries] == STATUSES
    exchanges = [running.workbench.exchanges.exchanges[start + 1 + index] for index in range(day)]
    assert [each.differences for each in exchanges] == [[]] * day


def test_the_clause_is_a_test(running, day):
    text = running.pages.get("/share/clause").text
    assert text.count("    assert ") + text.count("    # GET /photos/") == len(
        running.workbench.share_requests()
    )
    assert "    assert guest.request('GET', f'/orders/{order_1}').status == 200\n" in text
    compile(text, "test_journey.py", "exec")


def test_an_address_replays_the_day_after_a_question(running, day):
    page = running.pages.get("/share/address").text
    address = unescape(re.search(r"<code>(http.+?)</code>", page)[1])
    start = running.count
    question = running.pages.get(address)
    assert f"{start} shared requests" in question.text
    assert running.count == start
    encoded = encode_requests(DAY)
    reply = running.pages.post("/replay", data={"requests": encoded})
    assert reply.status_code == 303
    running.settle(start + day)
    entries = [running.workbench.journal.read(start + index) for index in range(day)]
    assert [entry.status for entry in entries] == STATUSES


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", encode_requests([Request(GUEST, "GET", "http://example.org/")])],
    ids=["nothing", "nonsense", "another site's address"],
)
def test_another_address_is_refused(running, text):
    with pytest.raises(UsageError):
        decode_requests(text)
    assert running.pages.get("/replay", params={"requests": text}).status_code == 400


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"target": "http://example.org/"}, "is no path of the site"),
        ({"target": "//example.org/"}, "is no path of the site"),
        ({"target": "/ HTTP/1.1\r\nX: y"}, "is no path of the site"),
        ({"target": "/", "method": "GET /"}, "is no method"),
        ({"target": "/", "headers": "no header"}, "is no header"),
    ],
    ids=["another site", "another host", "two lines", "a method", "a header"],
)
def test_a_request_to_another_address_is_not_sent(running, form, sentence):
    start = running.count
    reply = running.act("/send", **{"method": "GET", **form})
    assert reply.status_code == 409
    assert sentence in reply.text
    assert running.count == start


def test_a_program_changes_a_dish_with_a_request_of_the_page(running):
    start = running.count
    form = {
        "method": "PATCH", "target": "/api/dishes/12", "program": "1", "body": '{"portions": 3}',
        "headers": f"Authorization: {API_AUTHORIZATION}\nContent-Type: application/json\n"
        'If-Match: "1"',
    }  # fmt: skip
    running.pages.post("/send", data=form)
    running.settle(start + 1)
    exchange = running.workbench.exchanges.exchanges[start + 1]
    assert exchange.status == 200
    assert not exchange.differences

"""The workbench answers its own pages only, and shows nothing without the token."""

import socket

import pytest

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench access")


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Host": "example.org"}, "has no other name"),
        ({"Host": "localhost"}, "has no other name"),
        ({"Origin": "http://example.org"}, "Pages of other sites"),
        ({"Origin": "null"}, "Pages of other sites"),
        ({"Sec-Fetch-Site": "cross-site"}, "Pages of other sites"),
    ],
    ids=["a foreign Host", "another name", "a foreign Origin", "no Origin", "a foreign page"],
)
@pytest.mark.parametrize("address", ["pages", "stage"])
def test_a_foreign_request_is_refused(running, address, headers, sentence):
    client, journey = getattr(running, address), running.count
    for method in ("GET", "POST"):
        reply = client.request(method, "/", headers=headers)
        assert reply.status_code == 403
        assert sentence in reply.text
    assert running.count == journey


@pytest.mark.parametrize("path", ["/", "/panel", "/timeline", "/events", "/bar"])
def test_without_the_token_nothing_is_shown(running, path):
    reply = running.pages.get(path, headers={"X-Workbench-Token": "guess"})
    assert reply.status_code == 403
    assert "contains the token" in reply.text


@pytest.mark.parametrize("path", ["/switch", "/restart", "/record"])
def test_without_the_token_nothing_is_changed(running, path):
    reply = running.pages.post(
        f"{path}?token={running.opened.token}",
        headers={"X-Workbench-Token": ""},
        data={"name": "bottle"},
    )
    assert reply.status_code == 403
    assert running.workbench.stage_name == "bare"


def test_the_stage_is_no_proxy_to_other_sites(running):
    address = running.opened.stage_authority.split(":")
    for target in ("http://example.org/", "//example.org/"):
        with socket.create_connection((address[0], int(address[1])), 10) as connection:
            head = f"GET {target} HTTP/1.1\r\nHost: {running.opened.stage_authority}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_the_token_becomes_a_cookie_that_the_stage_never_sees(running):
    reply = running.pages.get("/", params={"token": running.opened.token})
    cookie = reply.headers["set-cookie"].lower()
    assert reply.status_code == 303
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    running.request("/", headers={"Cookie": "larder_session=mine"})
    entry = running.workbench.journal.read(running.count - 1)
    assert not [name for name, _ in entry.headers if name == "cookie"]


def test_the_browser_gets_no_cookie_of_a_site(running):
    running.request("/login")
    reply = running.stage.get("/login")
    assert reply.status_code == 200
    assert "set-cookie" not in reply.headers
    assert running.site("bare").live.cookies

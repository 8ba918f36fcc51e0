"""Switching keeps page, cart and sign-in; a site that fails never delays the stage."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.conformance.differential.http_client import HttpSession, Request

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench switching")

GUEST = "guest"
DELAY_SECONDS = 5.0  # far more than a reply needs, far less than a client would wait for a mirror


@pytest.fixture
def session(running):
    """Return a browser's session at the stage, with bare on stage."""
    running.run(lambda: running.workbench.switch("bare"))
    session = HttpSession(running.stage_origin)
    yield session
    session.connection.close()


def get(session, path):
    return session.send(Request(GUEST, "GET", path))


def post(session, path, **fields):
    return session.send(Request(GUEST, "POST", path, fields=fields))


def switch(running, name):
    reply = running.act("/switch", name=name)
    assert reply.status_code == 200, reply.text


def find_differences(running, since):
    running.settle(running.count)
    exchanges = running.workbench.exchanges.exchanges.values()
    return [
        (each.target, running.found(each)) for each in exchanges
        if each.number > since and each.differences
    ]  # fmt: skip


def rows_of(running):
    """Return the rows of guests at each site, without times, tokens and codes."""
    rows = {}
    for name, site in running.workbench.sites.items():
        own = running.run(lambda site=site: run_read(site))
        rows[name] = [own["dishes"], own["order_lines"], [row[:5] for row in own["reviews"]]]
    return rows


async def run_read(site):
    return site.live.database.current_rows()


def test_switching_keeps_page_cart_and_sign_in(running, session):
    since = running.count
    get(session, "/dishes/10")
    switch(running, "bottle")  # the page on screen is bare's, its form goes to Bottle
    assert post(session, "/cart", dish_id="10", quantity="2").status == 303
    get(session, "/cart")
    switch(running, "bare")
    assert post(session, "/orders", guest="Ann").status == 303
    assert session.order_codes
    get(session, "/login")
    switch(running, "bottle")
    assert post(session, "/login", username="ada", password="leek-and-potato").status == 303
    switch(running, "bare")
    kitchen = get(session, "/kitchen")
    assert b"Ann" in kitchen.body
    code = session.order_codes[0]  # of bare
    switch(running, "bottle")
    assert get(session, f"/orders/{code}").status == 200
    get(session, "/kitchen")
    switch(running, "bare")
    bottle_code = running.site("bottle").live.codes[0]
    assert post(session, f"/kitchen/orders/{bottle_code}", status="cooking").status == 303
    assert find_differences(running, since) == []
    rows = rows_of(running)
    assert rows["bare"] == rows["bottle"] == rows["planted"]


def test_a_condition_of_another_framework_does_not_hide_its_page(running, session):
    since = running.count
    tag = get(session, "/").get_first("etag")
    condition = (("If-None-Match", tag),)
    assert session.send(Request(GUEST, "GET", "/", condition)).status == 304
    switch(running, "bottle")
    reply = session.send(Request(GUEST, "GET", "/", condition))
    assert reply.status == 200
    assert b"Bottle" in reply.body
    assert find_differences(running, since) == []


def test_a_frozen_mirror_is_named_and_catches_up(running, session):
    since, host = running.count, running.site("bottle").live.host
    host.process.send_signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        for _ in range(5):
            assert get(session, "/dishes/11").status == 200
        assert time.monotonic() - start < DELAY_SECONDS
        while not running.site("bottle").is_late:
            time.sleep(0.05)
        assert "bottle</strong>: no reply for" in running.pages.get("/bar").text
        refused = running.act("/switch", name="bottle")
        assert "no reply for" in refused.text
        time.sleep(0.5)
        exchange = running.workbench.exchanges.exchanges[since + 1]
        assert set(exchange.compared) == {"bare", "planted"}
    finally:
        host.process.send_signal(signal.SIGCONT)
    assert find_differences(running, since) == []
    assert set(exchange.compared) == {"bare", "bottle", "planted"}


@pytest.mark.parametrize("name", ["bottle", "bare"], ids=["a mirror", "the site on stage"])
def test_a_frozen_site_is_started_again(running, session, name):
    since, host = running.count, running.site(name).live.host
    host.process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(get, session, "/dishes/11")
        while not running.site(name).is_late:
            time.sleep(0.05)
        assert running.pages.post("/restart", data={"name": name}).status_code == 303
        assert reply.result().status == (502 if name == "bare" else 200)
    assert running.site(name).status == ""
    running.request("/dishes/11")
    assert find_differences(running, since) == []


def test_a_dead_mirror_comes_back_by_replay(running, session):
    since = running.count
    get(session, "/dishes/12")
    post(session, "/cart", dish_id="12", quantity="3")
    running.settle(since + 2)
    running.site("bottle").live.host.process.kill()
    start = time.monotonic()
    assert get(session, "/cart").status == 200
    post(session, "/dishes/12/reviews", author="Ann", rating="4", body="Good")
    assert time.monotonic() - start < DELAY_SECONDS
    running.settle(since + 4)
    assert running.site("bottle").status == "ended with exit code -9"
    assert running.pages.post("/restart", data={"name": "bottle"}).status_code == 303
    assert running.site("bottle").status == ""
    assert find_differences(running, since) == []
    rows = rows_of(running)
    assert rows["bare"] == rows["bottle"]
    switch(running, "bottle")
    assert b'value="3"' in get(session, "/cart").body


def test_a_dead_stage_is_named_and_another_takes_its_place(running, session):
    running.site("bare").live.host.process.kill()
    running.site("bare").live.host.process.wait()
    reply = running.stage.get("/")
    assert reply.status_code == 502
    assert "bare does not answer: ended with exit code -9" in reply.text
    switch(running, "bottle")
    assert running.stage.get("/").status_code == 200
    running.pages.post("/restart", data={"name": "bare"})
    switch(running, "bare")
    assert running.stage.get("/").status_code == 200


def test_an_unknown_framework_cannot_be_put_on_stage(running):
    reply = running.act("/switch", name="<b>")
    assert reply.status_code == 409
    page = running.pages.post("/switch", data={"name": "<b>"}, follow_redirects=True)
    assert "no framework is called &#39;&lt;b&gt;&#39;" in page.text

"""The panels show what one request did in each framework."""

import re
from html import unescape

import pytest

from bench.core.paths import ROOT

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench panels")


@pytest.fixture(scope="module")
def cart(running):
    """Put a dish in the cart; return the exchange."""
    running.workbench.sender.records_code = True
    page = running.stage.get("/dishes/10").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = {"csrf_token": token, "dish_id": "10", "quantity": "2"}
    running.request("/dishes/10")
    origin = {"Origin": running.stage_origin}
    exchange = running.request("/cart", "POST", data=form, headers=origin)
    assert exchange.status == 303
    assert not exchange.differences
    return exchange


def show(running, exchange, panel, *names):
    """Return a panel of an exchange as HTML."""
    query = {"request": exchange.number, "panel": panel, "with": names}
    reply = running.pages.get("/panel", params=query)
    assert reply.status_code == 200
    return reply.text


def test_the_rows_have_their_columns_before_and_after(running, cart):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", show(running, cart, "rows", "bottle")))
    assert "cart_lines: added" in text
    assert "dish_id 10 quantity 2" in text
    assert "INSERT INTO cart_lines" in text


def test_the_code_marks_the_lines_that_ran(running, cart):
    text = show(running, cart, "code", "bottle", "bare")
    lines = re.findall(r'<span(?: class="(\w+)")?>(.*)</span>\n', text)
    plain = [(kind, unescape(re.sub(r"<[^>]+>", "", line)).strip()) for kind, line in lines]
    ran = [line for kind, line in plain if kind == "ran"]
    pale = [line for kind, line in plain if kind == "unrun"]
    assert any("carts.put(" in line for line in ran)
    assert any("error" in line for line in pale)
    assert "bottle/handlers.py:" in text
    assert "bare/handlers.py:" in text
    assert 'href="https://bottlepy.org/' in text  # a name of the framework


def test_the_journey_has_the_calls_of_each_layer(running, cart):
    text = show(running, cart, "journey", "bottle", "bare")
    assert text.count("<svg") == 2
    for layer in ("framework", "app", "database"):
        assert f'<rect class="{layer}"' in text
    address = unescape(re.search(r'<a href="(/source[^"#]+)', text)[1])
    source = running.pages.get(address)
    assert source.status_code == 200
    assert 'id="L1"' in source.text


@pytest.mark.parametrize(
    "path", ["/etc/passwd", str(ROOT / ".cookoff" / "secret"), "../../etc/hosts", "\0", ""]
)
def test_other_files_are_not_shown(running, path):
    assert running.pages.get("/source", params={"path": path}).status_code == 404


def test_without_recording_the_time_is_that_of_an_ordinary_request(running):
    assert running.pages.post("/record", data={"records": "0"}).status_code == 303
    exchange = running.request("/dishes/11")
    outcomes = running.workbench.exchanges.read_outcomes(exchange.number)
    assert all(not outcome.observation.is_recorded for outcome in outcomes.values())
    assert "were not recorded" in show(running, exchange, "code", "bare")
    assert "were not recorded" in show(running, exchange, "journey", "bare")
    running.pages.post("/record", data={"records": "1"})
    recorded = running.request("/dishes/11")
    outcomes = running.workbench.exchanges.read_outcomes(recorded.number)
    assert all(outcome.observation.is_recorded for outcome in outcomes.values())

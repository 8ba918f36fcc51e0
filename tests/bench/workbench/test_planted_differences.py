"""A planted difference shows at its request, framework and kind, and nowhere else."""

import pytest

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench planted differences")


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        pytest.param("/dishes/1", ["header referrer-policy"], id="a header"),
        pytest.param("/dishes/2", ["page"], id="an attribute of the page"),
        pytest.param("/dishes/3", ["rows"], id="a row"),
        pytest.param("/dishes/4", ["queries"], id="an extra query"),
        pytest.param("/dishes/5", ["status", "header cache-control"], id="a status"),
        pytest.param("/dishes/6", ["slow reply"], id="a slow reply"),
        pytest.param("/dishes/9", [], id="no difference"),
    ],
)
def test_a_planted_difference_is_found_at_its_request(running, path, kinds):
    before = running.request("/dishes/10")
    exchange = running.request(path)
    after = running.request("/dishes/11")
    assert running.found(exchange) == [(kind, ["planted"]) for kind in kinds]
    assert not before.differences
    assert not after.differences


def test_a_hostile_reply_stays_text_in_every_panel(running):
    exchange = running.request("/dishes/8")
    for panel in ("replies", "rows"):
        reply = running.pages.get(
            f"/?request={exchange.number}&panel={panel}&with=bare&with=planted"
        )
        assert reply.status_code == 200
        assert "<script>alert" not in reply.text
        assert "<img src=x" not in reply.text
    assert (
        "&lt;script&gt;alert"
        in running.pages.get(f"/panel?request={exchange.number}&with=bare&with=planted").text
    )


def test_the_panel_of_rows_shows_before_and_after(running):
    running.request("/dishes/3")  # creates the session, and gives the row its value
    exchange = running.request("/dishes/3")
    assert not exchange.differences
    text = running.pages.get(f"/panel?request={exchange.number}&panel=rows").text
    assert "No row changed." in text
    assert "SELECT" in text


def test_a_site_that_ends_is_named_and_the_stage_goes_on(running):
    exchange = running.request("/dishes/7")
    assert running.found(exchange) == [("no reply", ["planted"])]
    assert running.site("planted").status == "ended with exit code 9"
    assert not running.request("/dishes/11").differences
    assert "planted</strong>: ended with exit code 9" in running.pages.get("/bar").text

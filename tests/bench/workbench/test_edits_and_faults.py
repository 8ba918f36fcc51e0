"""An edit and a fault show in all panels; code that does not start changes nothing."""

import shutil
import time
from dataclasses import replace

import pytest

from bench.core.paths import Paths
from tests.bench.kitchens import environment_of
from tests.bench.workbench.running import running_workbench

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench edits and faults")

TIMEOUT_SECONDS = 30.0


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """Return a copy of Bottle whose files the tests edit."""
    bottle = environment_of("bottle")
    folder = shutil.copytree(bottle.framework.folder, tmp_path_factory.mktemp("apps") / "edited")
    return replace(bottle, framework=replace(bottle.framework, name="edited", folder=folder))


@pytest.fixture(scope="module")
def running(edited):
    """Run bare on stage, Bottle, and the edited copy of Bottle; three requests were made."""
    environments = [environment_of("bare"), environment_of("bottle"), edited]
    with running_workbench(environments, Paths.from_environ()) as running:
        for path in ("/", "/dishes/10", "/about"):
            assert not running.request(path).differences
        yield running


def wait_until(condition):
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def differences(running):
    return {
        each.target: running.found(each)
        for each in running.workbench.exchanges.exchanges.values()
        if each.differences
    }


def test_an_edit_is_replayed_and_shown(running, edited):
    template = edited.framework.folder / "templates" / "dish.tpl"
    text, host = template.read_text(), running.site("edited").live.host
    template.write_text(text.replace("<h1>", '<h1 id="edited">', 1))
    assert wait_until(lambda: differences(running))
    assert differences(running) == {"/dishes/10": [("page", ["edited"])]}
    assert wait_until(lambda: running.site("edited").live.host is not host)
    host = running.site("edited").live.host
    template.write_text(text)
    assert wait_until(lambda: running.site("edited").live.host is not host)
    assert not differences(running)


def test_after_an_edit_the_newest_and_the_shown_request_are_recorded(running, edited):
    running.workbench.sender.records_code = True
    numbers = [running.request(path).number for path in ("/dishes/10", "/about", "/dishes/11")]
    running.pages.get(f"/panel?request={numbers[0]}&panel=code")
    template, live = edited.framework.folder / "templates" / "dish.tpl", running.site("edited").live
    template.write_text(template.read_text() + "\n")
    assert wait_until(lambda: running.site("edited").live is not live)
    outcomes = [running.workbench.exchanges.read_outcomes(number)["edited"] for number in numbers]
    recorded = [outcome.observation.is_recorded for outcome in outcomes]
    assert recorded == [True, False, True]
    running.workbench.sender.records_code = False


def test_a_syntax_error_is_shown_and_the_last_host_answers(running, edited):
    module = edited.framework.folder / "handlers.py"
    text, host = module.read_text(), running.site("edited").live.host
    module.write_text(f"{text}\ndef broken(:\n")
    site = running.site("edited")
    assert wait_until(lambda: site.problem)
    assert "SyntaxError" in site.status
    assert "the code before still answers" in site.status
    assert site.live.host is host
    exchange = running.request("/dishes/10")
    assert not exchange.differences
    panel = running.pages.get(f"/panel?request={exchange.number}&panel=code&with=edited").text
    line = len(f"{text}\ndef broken(:".splitlines())
    assert f"handlers.py:{line}: " in panel
    module.write_text(text)
    assert wait_until(lambda: not site.status)
    assert not running.request("/dishes/10").differences


def test_a_fault_is_put_in_and_taken_out(running):
    form = {"declared_in": "bottle", "name": "bottle", "fault": "an author is not escaped"}
    panel = running.pages.get("/panel?panel=faults").text
    assert "a fault is put into one site" in panel.lower()
    folders = set(running.workbench.folder.glob("cookoff-mutant-*"))
    assert not folders
    page = running.stage.get("/dishes/10").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    review = {"csrf_token": token, "author": "<b>Ann</b>", "rating": "5", "body": "Good"}
    origin = {"Origin": running.stage_origin}
    running.settle()
    running.request("/dishes/10/reviews", "POST", data=review, headers=origin)
    number = running.request("/dishes/10").number
    assert not differences(running)
    for fault in running.workbench.sites:
        assert fault in panel
    reply = running.act("/faults", **form)
    assert reply.status_code == 200, reply.text
    running.settle()
    found = running.workbench.exchanges.exchanges[number]
    assert {site for _, sites in running.found(found) for site in sites} == {"bottle"}
    assert "bottle: an author is not escaped" in running.pages.get("/bar").text
    code = running.pages.get(f"/panel?request={number}&panel=code&with=bottle").text
    assert "!" in code
    running.pages.post("/faults/remove", data={"name": "bottle"})
    running.settle()
    assert not differences(running)
    assert not list(running.workbench.folder.glob("cookoff-mutant-*"))


@pytest.mark.parametrize(
    "form",
    [
        {"declared_in": "bottle", "name": "bare", "fault": "an author is not escaped"},
        {"declared_in": "bare", "name": "bare", "fault": "<none>"},
        {"declared_in": "bare", "name": "nobody", "fault": "x"},
    ],
    ids=["of another site", "unknown", "an unknown site"],
)
def test_another_fault_is_refused(running, form):
    reply = running.act("/faults", **form)
    assert reply.status_code == 409

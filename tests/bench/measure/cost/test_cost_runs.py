"""A framework that fails during a measurement is not ranked; the others are."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench.cli.cost import run_instruments, time_pages
from bench.core.errors import CookoffError, UsageError
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.measure.cost import call_counts, startup
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.summary import summarize_measurement
from bench.measure.workload.entries import PRERENDERED_PAGES
from bench.measure.workload.scenarios import PAGES, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results import raw_times, views
from bench.results.schema import FLOOR, PRERENDERED, Noise, Results
from tests.bench.kitchens import bare, spoilt

MENU = select_pages(["menu"])


@pytest.fixture
def paths(tmp_path):
    apps = tmp_path / "apps"
    shutil.copytree(ROOT / "apps" / "pages", apps / "pages")
    return Paths(apps, tmp_path / "venvs", tmp_path / "state")


@pytest.fixture
def build_testbed(paths):
    """Return a function that returns a testbed for bare and some other environments."""
    with fresh_testbed([bare()], paths) as testbed:
        yield lambda *others: replace(testbed, environments=(*testbed.environments, *others))


def test_every_page_of_a_valid_framework_is_timed(build_testbed):
    measurement = Measurement(build_testbed(), PAGES)
    measurement.run_launch(cycles=1)
    assert measurement.failed == {}
    for page in PAGES:
        names = {"bare", "control of bare"} | ({FLOOR} if page.name == "menu" else set())
        names |= {PRERENDERED} if page.name in PRERENDERED_PAGES else set()
        assert set(measurement.times[page.name]) == names


FAILURES = {  # name: the code that runs in each call, and the reason in the results
    "sour": (
        'if len(CALLS) > 3:\n        start_response("500 Sour", [])\n        return [b""]',
        "menu answered 500 Sour during timing",
    ),
    "late": (  # fails in the second launch
        'import os\n    if os.environ["PYTHONHASHSEED"] == "1001" and len(CALLS) > 3:\n'
        "        raise SystemExit",
        "the worker process has ended",
    ),
    "gone": ("if len(CALLS) > 3:\n        raise SystemExit", "the worker process has ended"),
    "other": (
        'environ["QUERY_STRING"] = "page=7"\n    environ["PATH_INFO"] = "/dishes/2"',
        "menu answered 200 with the wrong page",
    ),
    "missing": ('environ["PATH_INFO"] = "/nowhere"', "menu answered 404, not 200"),
}


def test_a_framework_that_fails_is_reported_and_not_ranked(build_testbed, paths):
    environments = [spoilt(paths, name, code) for name, (code, _) in FAILURES.items()]
    measurement = Measurement(build_testbed(*environments), MENU)
    for _ in range(2):
        measurement.run_launch(cycles=2)
    cost = summarize_measurement(measurement, Noise())
    for name, (_, reason) in FAILURES.items():
        assert reason in cost.failed[name]
        assert name not in cost.pages["menu"]
        assert all(name not in tie for tie in cost.ties["menu"])
    assert set(cost.pages["menu"]) == {"bare", "control of bare", FLOOR, PRERENDERED}
    assert cost.ties == {"menu": [["bare"]]}
    assert cost.floor_ratio.ratio > 0
    assert cost.template_costs["menu"].ratio > 0


def test_prerendered_bare_runs_no_templates(build_testbed):
    testbed = build_testbed()
    [prerendered] = [entry for entry in testbed.build_entries() if entry.name == PRERENDERED]
    rules = [("/jinja2/", "template"), ("", "app")]
    with call_counts.prepared_worker(testbed, prerendered, MENU) as worker:
        direct, _ = call_counts.count_page_calls(worker, MENU, rules)["menu"]
    assert direct["python"].get("template", 0) == 0
    assert direct["python"]["app"] > 50


def test_a_body_that_differs_from_the_baselines_body_is_a_failure(build_testbed, paths):
    code = (
        "reply = original_call(self, environ, start_response)\n"
        '    return [b"".join(reply).replace(b"Lemonade", b"Water")]'
    )
    measurement = Measurement(build_testbed(spoilt(paths, "thin", code)), MENU)
    measurement.run_launch(cycles=1)
    reason = "thin: the body of menu differs from the baseline's"
    assert measurement.failed == {("thin", "app"): reason}


def test_a_failure_of_the_baseline_ends_the_run(paths):
    sour = spoilt(paths, "sour", FAILURES["sour"][0])
    with (
        fresh_testbed([bare(), sour], paths, baseline="sour") as testbed,
        pytest.raises(CookoffError, match="sour: menu answered 500"),
    ):
        Measurement(testbed, MENU).run_launch(cycles=3)


def test_a_baseline_that_is_not_measured_is_refused(paths):
    with (
        pytest.raises(UsageError, match="the baseline 'flask' is not among bare"),
        fresh_testbed([bare()], paths, baseline="flask"),
    ):
        pass


def test_call_counts_are_exact_and_by_layer(build_testbed):
    pages = select_pages(["menu", "updates"])  # "updates" chooses rows at random
    testbed = build_testbed()
    first, second = (call_counts.count_calls(testbed, Progress(), pages) for _ in range(2))
    assert first == second
    calls = first.calls_by_layer["menu"]["bare"]
    assert calls.framework == 0  # bare has none
    assert min(calls.server, calls.app, calls.template, calls.database) > 10
    assert first.calls["menu"]["bare"].python > 100


def test_start_times_and_memory_are_measured(build_testbed):
    plan = startup.StartupPlan(runs=1, requests=20)
    costs = startup.measure_startup(build_testbed(), plan, Progress()).startup["bare"]
    assert costs.import_seconds > 0
    assert costs.first_reply_seconds > 0
    assert costs.rss_mib > 5


def test_all_workers_share_one_core_in_a_cycle_and_the_core_changes(build_testbed, monkeypatch):
    set_affinity, calls = os.sched_setaffinity, []

    def record_and_set(pid, cores):
        calls.append((pid, cores))
        set_affinity(pid, cores)

    monkeypatch.setattr(os, "sched_setaffinity", record_and_set)
    measurement = Measurement(build_testbed(), MENU)
    measurement.run_launch(cycles=4)
    workers = len({pid for pid, _ in calls})
    assert workers == len(measurement.times["menu"])
    cycles = [calls[start : start + workers] for start in range(0, len(calls), workers)]
    assert len(cycles) == 4
    assert all(len({frozenset(cores) for _, cores in cycle}) == 1 for cycle in cycles)
    assert set().union(*(cores for _, cores in calls)) == set(sorted(os.sched_getaffinity(0))[:4])


@pytest.mark.usefixtures("build_testbed")
def test_a_second_measurement_at_the_same_time_is_refused(paths):
    message = r"^another measurement is running \(lock: [^\n]*cost\.lock\); wait until it ends$"
    with pytest.raises(CookoffError, match=message):
        fresh_testbed([bare()], paths).__enter__()


LEAKS = {"tidy": "pass", "leaky": "CALLS[-1] = object(), {}"}


def test_memory_that_each_request_leaks_is_reported(build_testbed, paths):
    environments = [spoilt(paths, name, f"{code}; del CALLS[:{9 * (name == 'tidy')}]")
                    for name, code in LEAKS.items()]  # fmt: skip
    plan = startup.StartupPlan(runs=1, requests=views.MIN_REQUESTS)
    costs = startup.measure_startup(build_testbed(*environments), plan, Progress()).startup
    growth = {name: views.format_memory_growth(cost) for name, cost in costs.items()}
    assert growth["bare"] == growth["tidy"] == "no"
    assert growth["leaky"].startswith("yes, 3")
    few_requests = msgspec.structs.replace(costs["leaky"], requests=200)
    assert views.format_memory_growth(few_requests) == "too few requests"


@pytest.fixture
def written(monkeypatch, written_parts):
    """Return the parts that the code under test writes to results.json."""
    monkeypatch.setattr(raw_times, "write_raw_times", lambda times, seed: Path("blocks"))
    return written_parts


def interrupt_launch(monkeypatch, number):
    """Replace launches by constant times, and raise KeyboardInterrupt in launch `number`."""

    def run_launch(self, cycles, on_progress=None):
        if self.launches == number - 1:
            raise KeyboardInterrupt
        self.launches += 1
        for name in ("bare", *self.testbed.controls):
            self.times["menu"].setdefault(name, []).append([100.0 + self.launches] * cycles)

    monkeypatch.setattr(Measurement, "run_launch", run_launch)


def test_ctrl_c_saves_the_finished_instruments(build_testbed, written, monkeypatch, capsys):
    interrupt_launch(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        run_instruments(
            [
                lambda testbed, progress, pages: Results(calls={"menu": {}}),
                lambda *arguments: time_pages(*arguments, SamplingBudget(6, 5), seed=1),
                lambda testbed, progress, pages: Results(scaling={}),
            ],
            build_testbed(), Progress(), MENU,
        )  # fmt: skip
    assert written["calls"] == {"menu": {}}
    assert written["cost"].launches == 3
    assert "scaling" not in written
    output = capsys.readouterr().err
    assert "timing interrupted; stored: 3 launches" in output
    assert "finished and stored: calls" in output


def test_a_single_launch_is_not_saved(build_testbed, written, monkeypatch, capsys):
    interrupt_launch(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        time_pages(build_testbed(), Progress(), MENU, SamplingBudget(6, 5), seed=1)
    assert "cost" not in written
    assert "too few launches for a result" in capsys.readouterr().err


def test_a_noisy_machine_is_reported_and_measured_for_longer(build_testbed, monkeypatch):
    interrupt_launch(monkeypatch, 9)
    run = AdaptiveRun(build_testbed(), MENU, SamplingBudget(3, 5, budget_seconds=1000))
    monkeypatch.setattr(run.noise_monitor, "read_noise", lambda: Noise(["a reason"]))
    with pytest.raises(KeyboardInterrupt):  # in launch 9; on a quiet machine 3 launches suffice
        run.run(Progress())
    assert run.summarize().noise.warnings == ["a reason"]


@pytest.mark.parametrize("name", ["order-by-form", "order by form"])
def test_a_page_name_has_spaces_or_dashes(name):
    assert [page.name for page in select_pages([name])] == ["order by form"]


def test_an_unknown_page_is_refused():
    with pytest.raises(UsageError, match="no page is called 'soup'; choose from: plaintext"):
        select_pages(["soup"])

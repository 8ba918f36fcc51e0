"""Whatever a kitchen does while it is measured, the others keep their place, and it gets none."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

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
from bench.results import raw_times, schema, store, views
from bench.results.schema import FLOOR, PRERENDERED
from tests.bench.kitchens import bare, spoilt

MENU = select_pages(["menu"])


@pytest.fixture
def places(tmp_path):
    apps = tmp_path / "apps"
    shutil.copytree(ROOT / "apps" / "pages", apps / "pages")
    return Paths(apps, tmp_path / "venvs", tmp_path / "state")


@pytest.fixture
def ground(places):
    """Return a function that gives the ground of bare and some others."""
    with fresh_testbed([bare()], places) as ground:
        yield lambda *others: replace(ground, environments=(*ground.environments, *others))


def test_every_page_of_a_sound_kitchen_is_timed(ground):
    measured = Measurement(ground(), PAGES)
    measured.run_launch(cycles=1)
    assert measured.failed == {}
    for page in PAGES:
        names = {"bare", "the twin of bare"} | ({FLOOR} if page.name == "menu" else set())
        names |= {PRERENDERED} if page.name in PRERENDERED_PAGES else set()
        assert set(measured.times[page.name]) == names


SPOILT = {
    "sour": (
        'if len(CALLS) > 3:\n        start_response("500 Sour", [])\n        return [b""]',
        "menu answered 500 Sour while it was timed",
    ),
    "late": (  # after a first launch in which nothing was wrong
        'import os\n    if os.environ["PYTHONHASHSEED"] == "1001" and len(CALLS) > 3:\n'
        "        raise SystemExit",
        "the worker is gone",
    ),
    "gone": ("if len(CALLS) > 3:\n        raise SystemExit", "the worker is gone"),
    "other": (
        'environ["QUERY_STRING"] = "page=7"\n    environ["PATH_INFO"] = "/dishes/2"',
        "menu answered 200 wrongly",
    ),
}


def test_a_kitchen_that_fails_is_told_and_never_ranked(ground, places):
    environments = [spoilt(places, name, code) for name, (code, _) in SPOILT.items()]
    measured = Measurement(ground(*environments), MENU)
    for _ in range(2):
        measured.run_launch(cycles=2)
    told = summarize_measurement(measured, {"noisy": []})
    for name, (_, reason) in SPOILT.items():
        assert reason in told["failed"][name]
        assert name not in told["pages"]["menu"]
        assert all(name not in tie for tie in told["ties"]["menu"])
    assert set(told["pages"]["menu"]) == {"bare", "the twin of bare", FLOOR, PRERENDERED}
    assert told["ties"] == {"menu": [["bare"]]}
    assert told["floor"]["ratio"] > 0
    assert told["template"]["menu"]["ratio"] > 0


def test_bare_without_its_templates_runs_none(ground):
    [plain] = [one for one in ground().entries() if one.name == PRERENDERED]
    with call_counts.prepared_worker(ground(), plain, MENU) as worker:
        found = call_counts.count_page_calls(worker, MENU, [("/jinja2/", "template"), ("", "app")])
    direct, _ = found["menu"]
    assert direct["python"].get("template", 0) == 0
    assert direct["python"]["app"] > 50


def test_a_body_that_differs_from_the_baselines_is_a_failure(ground, places):
    code = (
        "reply = whole(self, environ, start_response)\n"
        '    return [b"".join(reply).replace(b"Lemonade", b"Water")]'
    )
    measured = Measurement(ground(spoilt(places, "thin", code)), MENU)
    measured.run_launch(cycles=1)
    assert "menu answered with another body" in measured.failed["thin", "app"]


def test_without_its_baseline_a_run_ends(places):
    sour = spoilt(places, "sour", SPOILT["sour"][0])
    with (
        fresh_testbed([bare(), sour], places, baseline="sour") as ground,
        pytest.raises(CookoffError, match="sour: menu answered 500"),
    ):
        Measurement(ground, MENU).run_launch(cycles=3)


def test_a_baseline_that_is_not_measured_is_refused(places):
    with (
        pytest.raises(UsageError, match="the baseline 'flask' is not among bare"),
        fresh_testbed([bare()], places, baseline="flask"),
    ):
        pass


def test_calls_are_exact_and_have_their_layers(ground):
    pages = select_pages(["menu", "updates"])  # the latter of rows chosen at random
    first, second = (call_counts.count_calls(ground(), Progress(), pages) for _ in range(2))
    assert first == second
    layers = first["layers"]["menu"]["bare"]
    assert set(layers) == set(schema.LAYERS)
    assert layers["framework"] == 0  # there is none
    assert min(layers[layer] for layer in ("server", "app", "template", "larder")) > 10
    assert first["calls"]["menu"]["bare"]["python"] > 100


def test_start_and_memory_are_told(ground):
    found = startup.measure_startup(ground(), startup.StartupPlan(runs=1, requests=20), Progress())
    one = found["starts"]["bare"]
    assert one["import_seconds"] > 0
    assert one["first_reply_seconds"] > 0
    assert one["rss_mib"] > 5


def test_all_share_a_core_in_each_cycle_and_no_core_alone_decides(ground, monkeypatch):
    put, seen = os.sched_setaffinity, []
    monkeypatch.setattr(os, "sched_setaffinity", lambda *told: (seen.append(told), put(*told)))
    measured = Measurement(ground(), MENU)
    measured.run_launch(cycles=4)
    workers = len({pid for pid, _ in seen})
    assert workers == len(measured.times["menu"])
    cycles = [seen[start : start + workers] for start in range(0, len(seen), workers)]
    assert len(cycles) == 4
    assert all(len({frozenset(cores) for _, cores in one}) == 1 for one in cycles)
    assert set().union(*(cores for _, cores in seen)) == set(sorted(os.sched_getaffinity(0))[:4])


def test_two_measurements_at_once_in_one_place_are_refused(ground, places):
    with pytest.raises(CookoffError, match=r"^another measurement is under way here; [^\n]*$"):
        fresh_testbed([bare()], places).__enter__()


LEAKS = {"tidy": "pass", "leaky": "CALLS[-1] = object(), {}"}


def test_memory_that_each_request_leaves_behind_is_told(ground, places):
    kitchens = [spoilt(places, name, f"{code}; del CALLS[:{9 * (name == 'tidy')}]")
                for name, code in LEAKS.items()]  # fmt: skip
    found = startup.measure_startup(
        ground(*kitchens), startup.StartupPlan(runs=1, requests=views.MIN_REQUESTS), Progress()
    )
    told = {name: views.format_memory_growth(one) for name, one in found["starts"].items()}
    assert told["bare"] == told["tidy"] == "no"
    assert told["leaky"].startswith("yes, 3")
    assert (
        views.format_memory_growth(found["starts"]["leaky"] | {"requests": 200})
        == "too few requests"
    )


@pytest.fixture
def written(monkeypatch):
    """What is written, part by part."""
    parts = {}
    monkeypatch.setattr(store, "update_results", lambda told, file: parts.update(told))
    monkeypatch.setattr(raw_times, "write_raw_times", lambda times, seed: Path("blocks"))
    return parts


def break_off_in(monkeypatch, launch):
    """Let a launch take no time, and break off in one of them."""

    def quick(self, cycles, told=None):
        if self.launches == launch - 1:
            raise KeyboardInterrupt
        self.launches += 1
        for name in ("bare", *self.ground.beside):
            self.times["menu"].setdefault(name, []).append([100.0 + self.launches] * cycles)

    monkeypatch.setattr(Measurement, "run_launch", quick)


def test_what_was_finished_before_ctrl_c_is_kept(ground, written, monkeypatch, capsys):
    break_off_in(monkeypatch, launch=4)
    with pytest.raises(KeyboardInterrupt):
        run_instruments(
            [
                lambda ground, progress, pages: {"calls": {"menu": {}}},
                lambda *given: time_pages(*given, SamplingBudget(6, 5), seed=1),
                lambda ground, progress, pages: {"never": {}},
            ],
            ground(), Progress(), MENU,
        )  # fmt: skip
    assert written["calls"] == {"menu": {}}
    assert written["cost"]["launches"] == 3
    assert "never" not in written
    told = capsys.readouterr().err
    assert "broken off; kept: 3 launches" in told
    assert "finished and kept: calls" in told


def test_one_launch_is_too_little_to_keep(ground, written, monkeypatch, capsys):
    break_off_in(monkeypatch, launch=2)
    with pytest.raises(KeyboardInterrupt):
        time_pages(ground(), Progress(), MENU, SamplingBudget(6, 5), seed=1)
    assert "cost" not in written
    assert "too few launches to say anything" in capsys.readouterr().err


def test_a_noisy_machine_is_told_and_measured_for_longer(ground, monkeypatch):
    break_off_in(monkeypatch, launch=9)
    run = AdaptiveRun(ground(), MENU, SamplingBudget(3, 5, budget_seconds=1000))
    monkeypatch.setattr(run.noise_monitor, "seen", lambda: {"noisy": ["it hums"]})
    with pytest.raises(KeyboardInterrupt):  # at the ninth launch: three would have been enough
        run.run(Progress())
    assert run.summarize()["noise"]["noisy"] == ["it hums"]


@pytest.mark.parametrize("name", ["order-by-form", "order by form"])
def test_a_page_is_called_with_blanks_or_dashes(name):
    assert [page.name for page in select_pages([name])] == ["order by form"]


def test_a_page_there_is_not_is_refused():
    with pytest.raises(UsageError, match="no page is called 'soup'; one of: plaintext"):
        select_pages(["soup"])

"""At a fixed rate, rounds in which the generator itself was late do not count."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.load import open_loop, open_loop_generator, sources, wrk
from bench.measure.load.latency_summary import has_enough_samples
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.targets import find_loadable_page


@pytest.fixture
def measure_simulated(monkeypatch):
    """Return a function that measures three simulated servers, and returns the part.

    The function takes the generator's lateness in each try in milliseconds; its attribute `peaks`
    holds the peak of each server.
    """
    peaks = {"bare": 400.0, "control of bare": 380.0, "flask": 100.0}
    names = list(peaks)
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    monkeypatch.setattr(sources, "capacity_rps", lambda log: 10_000)
    targets = {name: SimpleNamespace(name=name, address=("127.0.0.1", 1)) for name in names}
    monkeypatch.setattr(
        open_loop, "running_targets", lambda testbed, page, host: nullcontext((targets, {}))
    )

    def validate_targets(targets, page, baseline, failed):
        return baseline, [name for name in targets if name not in failed]

    monkeypatch.setattr(open_loop, "validate_targets", validate_targets)
    monkeypatch.setattr(wrk, "require_wrk", lambda: None)

    def measure(late_milliseconds, rate=None, share=None):
        lateness = iter(late_milliseconds)

        def measure_slice(target, path, connections, seconds):
            if peaks[target.name] is None:
                raise CookoffError(f"{target.name}: no request was answered under load")
            return wrk.Slice(peaks[target.name], 0.0)

        def run(self):
            open_loop_generator.record_duration(self.result.latency, 0.01)
            open_loop_generator.record_duration(self.result.lateness, next(lateness) / 1000)
            self.result.answered = self.result.due
            return self.result

        monkeypatch.setattr(wrk, "measure_slice", measure_slice)
        monkeypatch.setattr(LoadGenerator, "run", run)
        testbed = SimpleNamespace(
            paths=Paths(), baseline="bare", control="control of bare", environments=[]
        )
        return open_loop.measure(
            testbed, find_loadable_page("menu"), rate, share, 2, 1.0, Progress()
        )

    measure.peaks = peaks
    return measure


def test_a_server_that_fails_under_load_is_not_ranked_and_the_others_are(measure_simulated):
    measure_simulated.peaks["flask"] = None
    part = measure_simulated([0.1] * 4, share=0.5)
    assert part.failed == {"flask": "flask: no request was answered under load"}
    assert set(part.frameworks) == {"bare"}


def test_a_busy_machine_is_reported_after_some_tries_and_no_framework_is_ranked(measure_simulated):
    part = measure_simulated([5] * 3 * 2 * open_loop.MAX_TRIES, rate=50)
    assert set(part.too_busy) == set(part.frameworks) == {"bare", "flask"}
    assert "the generator itself was late in each of 6 tries" in part.too_busy["bare"]
    for row in part.frameworks.values():
        assert row.discarded_tries == 2 * open_loop.MAX_TRIES
        assert row.scheduled > 0  # the figures are stored all the same
        assert row.p50_interval_ms is row.p90_interval_ms is None


def test_a_round_in_which_the_generator_was_late_is_repeated(measure_simulated):
    part = measure_simulated([5, 5, 0.1] * 6, rate=50)
    assert part.too_busy == {}
    one_round = len(schedule(50, 1.0, seed=0)) + len(schedule(50, 1.0, seed=1))
    for row in part.frameworks.values():
        assert row.discarded_tries == 4
        assert row.scheduled == one_round
        assert row.p50_interval_ms


def test_a_share_refers_to_the_peak_of_each_framework(measure_simulated):
    rows = measure_simulated([0.1] * 6, share=0.5).frameworks
    assert (rows["bare"].rate_rps, rows["bare"].peak_rps) == (200, 400)
    assert (rows["flask"].rate_rps, rows["flask"].peak_rps) == (50, 100)
    assert measure_simulated([0.1] * 6, rate=7).frameworks["flask"].peak_rps is None


def test_a_percentile_needs_ten_requests_beyond_it():
    assert has_enough_samples(1000, 99)
    assert not has_enough_samples(999, 99)
    assert not has_enough_samples(9_000, 99.9)

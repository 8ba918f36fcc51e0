"""At a fixed rate nobody is judged by rounds in which the generator itself was late."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.load import open_loop as at_rate
from bench.measure.load import open_loop_generator, sources, wrk
from bench.measure.load.latency_summary import has_enough_samples
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.targets import find_loadable_page


@pytest.fixture
def pretended(monkeypatch):
    """Return a function that loads three servers that are not there, and returns what it told.

    Told how late the generator is in each of its tries, in milliseconds, and each server's peak.
    """
    peaks = {"bare": 400.0, "the twin of bare": 380.0, "flask": 100.0}
    names = list(peaks)
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    monkeypatch.setattr(sources, "capacity_rps", lambda log: 10_000)
    targets = {name: SimpleNamespace(name=name, address=("127.0.0.1", 1)) for name in names}
    monkeypatch.setattr(at_rate, "hosted", lambda ground, page, host: nullcontext((targets, {})))

    def sound(targets, page, baseline, failed):
        return baseline, [name for name in targets if name not in failed]

    monkeypatch.setattr(at_rate, "sound", sound)
    monkeypatch.setattr(wrk, "require_wrk", lambda: None)

    def measure(late_milliseconds, rate=None, share=None):
        late = iter(late_milliseconds)

        def load(target, path, connections, seconds):
            if peaks[target.name] is None:
                raise CookoffError(f"{target.name}: under load no request was answered")
            return wrk.Slice(peaks[target.name], 0.0)

        def run(self):
            open_loop_generator.record_duration(self.outcome.latency, 0.01)
            open_loop_generator.record_duration(self.outcome.lateness, next(late) / 1000)
            self.outcome.answered = self.outcome.due
            return self.outcome

        monkeypatch.setattr(wrk, "measure_slice", load)
        monkeypatch.setattr(LoadGenerator, "run", run)
        ground = SimpleNamespace(
            places=Paths(), baseline="bare", twin="the twin of bare", environments=[]
        )
        return at_rate.measure(ground, find_loadable_page("menu"), rate, share, 2, 1.0, Progress())

    measure.peaks = peaks
    return measure


def test_who_bears_no_load_is_not_ranked_and_the_others_are(pretended):
    pretended.peaks["flask"] = None
    found = pretended([0.1] * 4, share=0.5)
    assert found["failed"] == {"flask": "flask: under load no request was answered"}
    assert set(found["frameworks"]) == {"bare"}


def test_a_busy_machine_is_told_after_some_tries_and_nobody_ranked(pretended):
    found = pretended([5] * 3 * 2 * at_rate.MAX_TRIES, rate=50)
    assert set(found["too_busy"]) == set(found["frameworks"]) == {"bare", "flask"}
    assert "in each of 6 tries the generator itself was late" in found["too_busy"]["bare"]
    for row in found["frameworks"].values():
        assert row["rejected"] == 2 * at_rate.MAX_TRIES
        assert row["due"] > 0  # what was measured is kept
        assert row["p50_interval"] is row["p90_interval"] is None


def test_a_round_in_which_the_generator_was_late_is_made_again(pretended):
    found = pretended([5, 5, 0.1] * 6, rate=50)
    assert found["too_busy"] == {}
    one_round = len(schedule(50, 1.0, seed=0)) + len(schedule(50, 1.0, seed=1))
    for row in found["frameworks"].values():
        assert row["rejected"] == 4
        assert row["due"] == one_round
        assert row["p50_interval"]


def test_a_share_is_that_of_each_ones_own_peak(pretended):
    rows = pretended([0.1] * 6, share=0.5)["frameworks"]
    assert (rows["bare"]["rate"], rows["bare"]["peak_rps"]) == (200, 400)
    assert (rows["flask"]["rate"], rows["flask"]["peak_rps"]) == (50, 100)
    assert pretended([0.1] * 6, rate=7)["frameworks"]["flask"]["peak_rps"] is None


def test_percentiles_are_left_out_where_too_few_requests_say_nothing():
    assert has_enough_samples(1000, 99)
    assert not has_enough_samples(999, 99)
    assert not has_enough_samples(9_000, 99.9)

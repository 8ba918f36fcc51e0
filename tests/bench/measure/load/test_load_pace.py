"""A load announces its duration before it starts, and shows the remaining time while it runs."""

import re
import shutil

import pytest

from bench.core.paths import Paths
from bench.core.progress import Progress, format_duration, format_time_left
from bench.measure.load import closed_loop, open_loop, pace, sources
from bench.measure.load.pace import LoadProgress, announce_duration
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare


def test_durations_are_rounded_and_written_in_words():
    assert (format_duration(7), format_duration(88), format_duration(90), format_duration(310)) == (
        "about 5 s", "about 90 s", "about 2 min", "about 5 min",
    )  # fmt: skip
    assert format_time_left(310) == "about 5 min left"


def test_the_remaining_time_follows_the_real_pace_of_the_load(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock[0])
    run = LoadProgress(Progress(), planned_seconds=60)
    assert run.format_remaining() == "about 60 s left"
    clock[0] = 20.0
    run.record_done(10)
    assert run.format_remaining() == "about 2 min left"  # 50 s planned, at half the pace: 100 s
    run.skip(40)
    assert run.format_remaining() == "about 20 s left"


def test_the_whole_duration_is_announced(capsys):
    announce_duration(Progress(), servers=4, rounds=5, seconds=10, extra_seconds=90)
    assert capsys.readouterr().err == (
        "cookoff: 4 servers, 5 rounds of 10 s on each: about 5 min\n"  # 4 * 51.5 s + 90 s
    )


MEASURES = {
    "closed": lambda testbed: closed_loop.measure(
        testbed, find_loadable_page("menu"), [1], 3, Progress()
    ),
    "share": lambda testbed: open_loop.measure(
        testbed, find_loadable_page("menu"), None, 0.05, 3, 0.2, Progress()
    ),
}


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_each_round_shows_the_remaining_time(measure, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    monkeypatch.setattr(sources, "capacity_rps", lambda log: 10_000)
    with fresh_testbed([bare()], Paths(state=tmp_path / "state")) as testbed:
        measure(testbed)
    first, *lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"cookoff: 2 servers, 3 rounds of [\d.]+ s on each: about \d+ s", first)
    for number in (1, 2, 3):
        pattern = rf"\(round {number} of 3, about \d+ (s|min) left\)$"
        assert any(re.search(pattern, line) for line in lines)

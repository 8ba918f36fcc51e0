"""A run decides only pairs whose difference is significant; it continues while it is noisy."""

import json
import math
import random

import msgspec
import pytest

from bench.cli.cost_tables import format_tie_letters
from bench.core.errors import UsageError
from bench.measure.cost import compare_counts, compare_runs
from bench.measure.cost.budget import FULL_BUDGET, QUICK_BUDGET, LaunchTiming, SamplingBudget
from bench.measure.cost.noise import noise_warnings
from bench.measure.cost.summary import compute_noise_floors
from bench.results import raw_times, store
from bench.results.schema import CallCount, InstructionCount, Instructions, Results
from bench.stats.pairwise import (
    compare_all_pairs,
    compare_launches,
    significantly_faster,
    tie_groups,
)
from bench.stats.power_law import fit_exponent
from tests.bench.results.samples import build_results


def launches(speed: float, seed: int, count: int = 6, scatter: float = 0.01):
    """Return times of slices: the machine's drift is common to all, and each launch is shifted."""
    machine, own = random.Random(1), random.Random(seed)
    times = []
    for _ in range(count):
        shift = own.gauss(0, scatter / 3)
        drift = [machine.gauss(0, 0.3) for _ in range(20)]
        times.append([speed * math.exp(d + shift + own.gauss(0, scatter)) for d in drift])
    return times


def test_a_difference_of_a_tenth_is_decided_while_the_machine_varies_by_a_third():
    for seed in range(20):
        times = {"bare": launches(100, seed), "slow": launches(110, seed + 100)}
        assert significantly_faster(compare_all_pairs(times), 1.03) == {
            "bare": ["slow"],
            "slow": [],
        }


def test_baseline_and_control_are_not_decided():
    false_alarms = 0
    for seed in range(20):
        times = {"bare": launches(100, seed), "control": launches(100, seed + 100)}
        false_alarms += any(significantly_faster(compare_all_pairs(times), 1.03).values())
    assert false_alarms == 0


def test_times_are_paired_within_a_cycle():
    varying = [[1.0, 9.0, 3.0], [7.0, 2.0, 5.0]]
    doubled = [[2 * time for time in launch] for launch in varying]
    interval = compare_launches(doubled, varying)
    assert interval.ratio == pytest.approx(2)
    assert interval.low == pytest.approx(2)


@pytest.mark.parametrize(
    ("faster_than", "expected"),
    [
        ({"a": [], "b": [], "c": []}, [["a", "b", "c"]]),
        ({"a": ["b", "c"], "b": ["c"], "c": []}, [["a"], ["b"], ["c"]]),
        ({"a": ["c"], "b": [], "c": []}, [["a", "b"], ["b", "c"]]),
        ({"a": ["b", "c"], "b": [], "c": []}, [["a"], ["b", "c"]]),
        ({"a": [], "b": ["c"], "c": []}, [["a", "b"], ["a", "c"]]),
        ({}, []),
    ],
)
def test_a_tie_is_a_group_without_a_decided_pair(faster_than, expected):
    assert tie_groups(faster_than) == expected


def test_a_framework_in_two_ties_has_two_letters():
    assert [format_tie_letters(name, [["a", "b"], ["b", "c"]]) for name in "abc"] == [
        "a",
        "ab",
        "b",
    ]


def test_no_noise_floor_is_below_the_median_of_all_pages():
    assert compute_noise_floors({"menu": 1.001, "dish": 1.02, "cart": 1.05}) == {
        "menu": 1.02, "dish": 1.02, "cart": 1.05,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "done", "noisy", "spent_seconds", "continues"),
    [
        (SamplingBudget(2, 5), 0, False, 0, True),
        (SamplingBudget(2, 5), 2, True, 10, False),  # without a budget: exactly the wanted launches
        (SamplingBudget(6, 20, 100), 3, False, 500, True),  # at least four launches
        (SamplingBudget(6, 20, 100), 4, False, 99, False),  # another launch does not fit
        (SamplingBudget(6, 20, 100), 4, False, 30, True),
        (SamplingBudget(6, 20, 100), 5, False, 90, True),  # a wanted launch that nearly fits
        (SamplingBudget(6, 20, 100), 6, True, 90, False),  # an extra launch that nearly fits
        (SamplingBudget(6, 20, 100), 6, False, 30, False),  # enough launches on a quiet machine
        (SamplingBudget(6, 20, 100), 6, True, 30, True),  # an extra launch on a noisy machine
        (SamplingBudget(6, 20, 100), 9, True, 95, False),
        (SamplingBudget(6, 20, math.inf, more_if_noisy=False), 5, True, 500, True),
        (SamplingBudget(6, 20, math.inf, more_if_noisy=False), 6, True, 500, False),
    ],
)
def test_a_run_continues_while_it_is_noisy_and_fits_the_budget(
    budget, done, noisy, spent_seconds, continues
):
    assert budget.should_continue(done, noisy, spent_seconds) is continues


@pytest.mark.parametrize(
    ("budget_seconds", "done", "spent_seconds", "last", "cycles"),
    [
        (0, 1, 30, LaunchTiming(9, 9, 20), 20),  # without a budget: exactly the wanted cycles
        (100, 0, 0, LaunchTiming(), 20),  # no launch was timed yet
        (100, 1, 8, LaunchTiming(4, 4, 20), 20),
        (100, 1, 8, LaunchTiming(8, 4, 20), 40),  # measuring takes as long as starting
        (100, 1, 8, LaunchTiming(10, 0.4, 20), 100),  # at most five times the wanted cycles
        (
            100,
            1,
            20,
            LaunchTiming(12, 6, 20),
            13,
        ),  # 16 s for each of five launches, 4 s of them to measure
        (100, 4, 90, LaunchTiming(12, 6, 20), 10),  # at least half of the wanted cycles
        (math.inf, 4, 500, LaunchTiming(8, 4, 20), 40),
    ],
)
def test_when_time_is_short_the_cycles_are_cut(budget_seconds, done, spent_seconds, last, cycles):
    budget = SamplingBudget(6, 20, budget_seconds)
    assert budget.next_cycles(done, spent_seconds, last) == cycles


def test_the_budgets_leave_time_for_the_other_instruments():
    assert QUICK_BUDGET.budget_seconds < 100
    assert FULL_BUDGET.budget_seconds < 20 * 60


def test_a_machine_is_noisy_when_other_programs_take_processor_time():
    assert noise_warnings(0.0, 0.1) == []
    assert noise_warnings(0.05, 0.5) == [
        "the hypervisor took 5% of a core", "other programs took 50% of a core",
    ]  # fmt: skip


def cost(ratio, margin=0.02, launches=6, baseline="bare", floor=1.01, ranking=("bare", "flask")):
    """Return results in which flask has this ratio; `ranking` has names, the fastest first."""
    flask = {"ratio": ratio, "low": ratio * math.exp(-margin), "high": ratio * math.exp(margin)}
    sample = build_results()["cost"]
    bare = sample["pages"]["menu"]["bare"]
    faster, *slower = ranking
    changes = {
        "baseline": baseline,
        "launches": launches,
        "noise_floors": {"menu": floor},
        "degrees_of_freedom": {"menu": launches - 1},
        "pages": {"menu": {"flask": bare | flask, "bare": bare}},
        "faster_than": {"menu": {faster: slower}},
    }
    return msgspec.convert({"cost": sample | changes}, Results)


def write(results, file):
    file.write_text(store.format_json(results))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (cost(2.0), cost(2.2), "slower"),
        (cost(2.2), cost(2.0), "faster"),
        (cost(2.0), cost(2.04), ""),  # not significant, and under 3 %
        (cost(2.0, 0.001), cost(2.04, 0.001), ""),  # significant, but under 3 %
        (cost(2.0), cost(2.2, floor=1.12), ""),  # under the noise floor of one run
        (cost(2.0, floor=1.12), cost(2.2), ""),
        (cost(2.0, margin=0.2), cost(2.2), ""),  # the interval of one run is too wide
    ],
)
def test_a_ratio_changed_when_the_change_is_beyond_the_noise_of_both_runs(before, after, change):
    [row] = compare_runs.compare_ratios(before.cost, after.cost)
    assert (row["name"], row["changed"]) == ("flask", change)


def test_the_exit_code_is_1_when_a_ratio_changed(tmp_path, capsys):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, results in zip(files, (cost(2.0), cost(2.5)), strict=True):
        write(results, file)
    assert compare_runs.print_comparison(*files, as_json=False) == 1
    assert "+25.0 %" in capsys.readouterr().out
    assert compare_runs.print_comparison(files[0], files[0], as_json=False) == 0
    assert "ratios that changed: none of 1\n" in capsys.readouterr().out


def test_a_pair_decided_in_opposite_ways_is_a_contradiction(tmp_path, capsys):
    before, after = cost(2.0), cost(2.0, ranking=("flask", "bare"))
    [row] = compare_runs.find_contradictions(before.cost, after.cost)
    assert row == {"page": "menu", "faster before": "bare", "faster after": "flask"}
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, results in zip(files, (before, after), strict=True):
        write(results, file)
    assert compare_runs.print_comparison(*files, as_json=False) == 1
    output = capsys.readouterr().out
    assert "ratios that changed: none of 1\n" in output
    assert "faster before" in output
    assert compare_runs.print_comparison(*files, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["decided"] == 1


def test_a_pair_decided_in_only_one_run_is_not_a_contradiction():
    before, after = cost(2.0), cost(2.0, ranking=("flask",))
    assert list(compare_runs.find_contradictions(before.cost, after.cost)) == []
    assert compare_runs.count_common_decisions(before.cost, after.cost) == 0
    assert compare_runs.count_common_decisions(before.cost, before.cost) == 1


def counted(instructions, calls, spread=0):
    """Return results with these counts of flask on the menu."""
    counts = InstructionCount(instructions, spread, allocations=None)
    results = cost(2.0)
    results.instructions = Instructions("3", {"menu": {"flask": counts}})
    results.calls = {"menu": {"flask": CallCount(calls, 0), "bare": CallCount(5, 5)}}
    return results


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (counted(10_099, 100), []),
        (counted(10_100, 100), [("instructions", "+1.0%")]),
        (counted(9_000, 103, spread=1_000), [("calls", "+3.0%")]),  # within the spread
        (counted(8_000, 99, spread=1_000), [("instructions", "-20.0%"), ("calls", "-1.0%")]),
        (cost(2.0), []),  # no counts
    ],
)
def test_a_count_changed_when_it_differs_by_one_percent_and_beyond_the_spread(after, changes):
    rows = [
        row for row in compare_counts.compare_results(counted(10_000, 100), after) if row["changed"]
    ]
    assert [(row["count"], row["change"]) for row in rows] == changes


def test_the_exit_code_is_1_when_a_count_changed(tmp_path, capsys):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, results in zip(files, (counted(100, 100), counted(100, 102)), strict=True):
        write(results, file)
    assert compare_runs.print_comparison(*files, as_json=False) == 1
    assert "+2.0%" in capsys.readouterr().out
    assert compare_runs.print_comparison(files[0], files[0], as_json=False) == 0
    assert "counts that changed by 1 % or more: none of 3\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cost": 1', '{"schema": 2}', '{"schema": 3}'])
def test_a_file_without_costs_is_refused_on_one_line(tmp_path, text):
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"^[^\n]*create the file with: cookoff cost$"):
        compare_runs.print_comparison(file, file, as_json=False)


def test_runs_with_different_baselines_are_refused(tmp_path):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, baseline in zip(files, ("bare", "flask"), strict=True):
        write(cost(2.0, baseline=baseline), file)
    with pytest.raises(UsageError, match=r"^the baselines differ: bare and flask; "):
        compare_runs.print_comparison(*files, as_json=False)


def test_the_exponent_is_the_slope_on_log_scales():
    assert fit_exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]) == 1.0
    assert fit_exponent([(10, 5.0), (1000, 5.0)]) == 0.0
    assert fit_exponent([(10, 5.0)]) is None


def test_raw_times_are_read_as_they_were_written(tmp_path):
    times = {"menu": {"bare": [[1.25, 2.0], [3.0, 4.0]]}}
    file = raw_times.write_raw_times(times, 7, tmp_path / "report" / "blocks.json.gz")
    assert raw_times.read_raw_times(file)["times"] == {"menu": {"bare": [[1.2, 2.0], [3.0, 4.0]]}}
    before = file.read_bytes()
    assert raw_times.write_raw_times(times, 7, file).read_bytes() == before

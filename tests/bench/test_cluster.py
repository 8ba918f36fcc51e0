"""Whatever becomes of a worker, every cell has one result, and no two are at once on one worker."""

import shutil
import threading
from itertools import pairwise

import pytest

from bench.cluster import checkout as of_checkout
from bench.cluster.cells import Cell, Kept
from bench.cluster.checkout import checkout
from bench.cluster.crew import crew
from bench.cluster.sharing import Sharing
from bench.places import ROOT
from bench.troubles import Missing, Misuse
from tests.bench.clusters import cluster, until

NUMBERS = range(12)
HALF_WAY = 6


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "kept")


@pytest.fixture
def cell(tmp_path):
    """Return a function that makes a cell of a kind."""
    state = checkout()
    return lambda work, number=0, **inputs: Cell(
        f"{work} {number}",
        f"tests.bench.cluster_cells:{work}",
        {"folder": str(tmp_path), "number": number, **inputs},
        state,
    )


def traces(folder, number="*"):
    """Return the processes that ever began a cell."""
    return [int(file.name.rpartition("-")[2]) for file in folder.glob(f"cell-{number}-*")]


def share(address, cells, kept=None):
    with crew(address) as workers:
        return Sharing(workers, kept).run(cells)


def test_a_killed_worker_loses_nothing_and_no_two_cells_are_at_once_on_one(tmp_path, cell, kept):
    cells = [cell("count", n, waits_for="go" if n == HALF_WAY else "") for n in NUMBERS]
    with cluster(tmp_path) as made:
        found = []
        with crew_of(made, 2) as workers:
            thread = threading.Thread(
                target=lambda: found.append(Sharing(workers, kept).run(cells))
            )
            thread.start()
            [victim] = until(lambda: traces(tmp_path, HALF_WAY))
            made.kill(victim)
            (tmp_path / "go").touch()
            thread.join()
    [outcome] = found
    assert outcome.failed == {}
    assert [outcome.results[one.key]["found"]["number"] for one in cells] == list(NUMBERS)
    assert [kept.get(one) for one in cells] == [outcome.results[one.key] for one in cells]
    assert outcome.results[cells[HALF_WAY].key]["found"]["pid"] != victim
    assert len(set(traces(tmp_path, HALF_WAY))) == 2
    apart(outcome.results.values())


def apart(results):
    """Assert that on each worker one cell ended before the next began."""
    by_worker = {}
    for one in results:
        assert one["began"] < one["ended"]
        by_worker.setdefault(one["worker"], []).append((one["began"], one["ended"]))
    for spans in by_worker.values():
        assert all(ended <= began for (_, ended), (began, _) in pairwise(sorted(spans)))


def crew_of(made, count):
    """Give the crew once so many workers are there."""
    from distributed import Client

    with Client(made.address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)
    return crew(made.address)

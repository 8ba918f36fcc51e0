"""Whatever becomes of a worker, every cell has one result, and no two are at once on one worker."""

import shutil
import threading
from itertools import pairwise

import pytest

from bench.core.errors import DependencyError, UsageError
from bench.core.paths import ROOT
from bench.measure.cluster.checkout import SOURCE_FOLDERS, describe_checkout
from bench.measure.cluster.dispatcher import Dispatcher
from bench.measure.cluster.tasks import Task, TaskCache
from bench.measure.cluster.worker_pool import open_worker_pool
from tests.bench.measure.clusters import cluster, until, wait_for

NUMBERS = range(12)
HALF_WAY = 6


@pytest.fixture
def kept(tmp_path):
    return TaskCache(tmp_path / "kept")


@pytest.fixture
def cell(tmp_path):
    """Return a function that makes a cell of a kind."""
    state = describe_checkout()
    return lambda work, number=0, **inputs: Task(
        f"{work} {number}",
        f"tests.bench.measure.cluster_cells:{work}",
        {"folder": str(tmp_path), "number": number, **inputs},
        state,
    )


def traces(folder, number="*"):
    """Return the processes that ever began a cell, once for each time."""
    return [int(file.name.split("-")[2]) for file in folder.glob(f"cell-{number}-*")]


def apart(results):
    """Tell whether on each worker one cell ended before the next began."""
    by_worker = {}
    for one in results:
        by_worker.setdefault(one["worker"], []).append((one["began"], one["ended"]))
    return all(
        ended <= began
        for spans in by_worker.values()
        for (_, ended), (began, _) in pairwise(sorted(spans))
    )


def test_a_killed_worker_loses_nothing_and_no_two_cells_are_at_once_on_one(tmp_path, cell, kept):
    cells = [cell("count", n, waits_for="go" if n == HALF_WAY else "") for n in NUMBERS]
    with cluster(tmp_path, workers=2) as made:
        wait_for(made, workers=2)
        with open_worker_pool(made.address) as workers:
            sharing = Dispatcher(workers, kept)
            thread = threading.Thread(target=sharing.run, args=[cells])
            thread.start()
            [victim] = until(lambda: traces(tmp_path, HALF_WAY))
            made.kill(victim)
            (tmp_path / "go").touch()
            thread.join()
            outcome = sharing.result
            assert outcome.failures == {}
            assert [outcome.results[one.key]["found"]["number"] for one in cells] == list(NUMBERS)
            assert [kept.get(one) for one in cells] == [outcome.results[one.key] for one in cells]
            assert outcome.results[cells[HALF_WAY].key]["found"]["pid"] != victim
            assert len(traces(tmp_path, HALF_WAY)) == 2
            assert apart(outcome.results.values())

            begun = len(traces(tmp_path))
            kept.forget(cells[:1])
            again = Dispatcher(workers, kept).run(cells)
            assert again.results.keys() == outcome.results.keys()
            assert len(traces(tmp_path)) == begun + 1


def test_a_cell_that_kills_its_workers_is_given_up_and_the_others_are_kept(tmp_path, cell, kept):
    cells = [cell("end_the_worker"), cell("fail"), *(cell("count", n) for n in range(4))]
    with cluster(tmp_path, workers=2, allowed_failures=0) as made:
        wait_for(made, workers=2)
        with open_worker_pool(made.address) as workers:
            outcome = Dispatcher(workers, kept).run(cells[:1])
            assert list(outcome.failures) == ["end_the_worker 0"]
            assert "1 worker died while it had it" in outcome.failures["end_the_worker 0"]
            outcome = Dispatcher(workers, kept).run(cells[1:])
    assert outcome.failures == {"fail 0": "bare: menu answered 500"}
    assert [kept.get(one) is not None for one in cells] == [False, False, *[True] * 4]


def test_an_unfit_worker_is_refused_by_name_and_the_others_do_its_cells(tmp_path, cell, capsys):
    other = tmp_path / "other"
    for folder in SOURCE_FOLDERS:
        shutil.copytree(ROOT / folder, other / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "bench" / "__init__.py").write_text('"""Another state."""\n')
    with cluster(tmp_path, workers=0) as made:
        with pytest.raises(
            DependencyError, match="no worker fits; start one from a checkout of this"
        ):
            open_worker_pool(made.address).__enter__()
        made.add_workers(1, root=other)
        wait_for(made, workers=1)
        with pytest.raises(DependencyError, match="no worker fits"), open_worker_pool(made.address):
            pass
        assert "is refused: its" in capsys.readouterr().err
        made.add_workers(2)
        wait_for(made, workers=3)
        with open_worker_pool(made.address) as workers:
            assert len(workers.list_usable_workers()) == 2
            outcome = Dispatcher(workers).run([cell("build", n) for n in range(4)])
            [left] = workers.list_usable_workers()
    assert outcome.failures == {}
    assert {one["worker"] for one in outcome.results.values()} == {left}
    assert len(outcome.results) == 4
    assert "is refused: flask: no room" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["soup", "http://127.0.0.1:1", "tcp://soup", "tcp://a:b"])
def test_what_is_no_schedulers_address_is_refused(address):
    with (
        pytest.raises(UsageError, match="is no scheduler's address, such as tcp://"),
        open_worker_pool(address),
    ):
        pass


def test_a_cells_key_tells_inputs_and_checkouts_apart(cell):
    one = cell("count", 1)
    assert one.key == cell("count", 1).key
    assert one.key != cell("count", 2).key
    assert one.key != Task(one.name, one.work, one.inputs, {**one.checkout, "commit": "x"}).key

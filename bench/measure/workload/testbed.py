"""On which larder does a measurement run? A fresh one of its own, that nothing else uses."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import shared_db
from bench.core.errors import Misuse, Trouble
from bench.core.files import try_lock
from bench.core.paths import Places
from bench.core.private_files import opener
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import lay_in
from bench.results.schema import BASELINE


@contextmanager
def fresh_ground(
    environments: Sequence[Environment], places: Places, baseline: str = "", database: str = ""
) -> Iterator[Ground]:
    """Give the ground for these frameworks; raise Misuse where the baseline is none of them.

    `database` is the URL of one that holds nothing yet; without it the larder is a SQLite file.
    """
    baseline = baseline_among([one.framework.name for one in environments], baseline)
    with alone(places.folder() / "cost.lock"):
        shutil.rmtree(places.state / "cost", ignore_errors=True)
        folder = places.folder("cost")
        url, photos = database or f"sqlite:///{folder / 'larder.sqlite3'}", folder / "photos"
        shared_db.create(url)
        larder = shared_db.open_larder(url, photos)
        lay_in(larder)
        larder.close()
        yield Ground(environments, places, url, photos, baseline)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep other measurements out; raise Trouble where one is under way.

    It would not only lose its larder: each would measure the other.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", opener=opener) as file:
        if not try_lock(file.fileno()):
            raise Trouble("another measurement is under way here; wait until it ends")
        yield


def baseline_among(names: Sequence[str], baseline: str = "") -> str:
    """Return the baseline; raise Misuse where it is none of the names.

    Without one it is bare or, where bare is not among them, the first.
    """
    if baseline and baseline not in names:
        raise Misuse(f"the baseline {baseline!r} is not among {', '.join(names)}")
    return baseline or (BASELINE if BASELINE in names else names[0])

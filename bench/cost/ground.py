"""On which larder does a measurement run? A fresh one of its own, that nothing else uses."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import shared_db
from bench.cost.entries import BASELINE, Ground
from bench.cost.pages import lay_in
from bench.environments import Environment
from bench.places import Places
from bench.troubles import Misuse


@contextmanager
def fresh_ground(
    environments: Sequence[Environment], places: Places, baseline: str = ""
) -> Iterator[Ground]:
    """Give the ground for these frameworks; raise Misuse where the baseline is none of them.

    Without a baseline's name it is bare or, where bare is not among them, the first.
    """
    names = [one.framework.name for one in environments]
    if baseline and baseline not in names:
        raise Misuse(f"the baseline {baseline!r} is not among {', '.join(names)}")
    folder = places.state / "cost"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    url, photos = f"sqlite:///{folder / 'larder.sqlite3'}", folder / "photos"
    shared_db.create(url)
    larder = shared_db.open_larder(url, photos)
    lay_in(larder)
    larder.close()
    usual = BASELINE if BASELINE in names else names[0]
    yield Ground(environments, places, url, photos, baseline or usual)

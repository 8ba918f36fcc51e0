"""On which larder does a measurement run? A fresh one of its own, that nothing else uses."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import shared_db
from bench.core.errors import CookoffError, UsageError
from bench.core.files import try_lock
from bench.core.paths import Paths
from bench.core.private_files import open_private
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import seed_fixtures
from bench.results.schema import BASELINE


@contextmanager
def fresh_testbed(
    environments: Sequence[Environment], paths: Paths, baseline: str = "", database_url: str = ""
) -> Iterator[Testbed]:
    """Give the ground for these frameworks; raise Misuse where the baseline is none of them.

    `database` is the URL of one that holds nothing yet; without it the larder is a SQLite file.
    """
    baseline = resolve_baseline([one.framework.name for one in environments], baseline)
    with measurement_lock(paths.ensure_folder() / "cost.lock"):
        shutil.rmtree(paths.state / "cost", ignore_errors=True)
        folder = paths.ensure_folder("cost")
        url, photos = database_url or f"sqlite:///{folder / 'larder.sqlite3'}", folder / "photos"
        shared_db.create(url)
        larder = shared_db.open_larder(url, photos)
        seed_fixtures(larder)
        larder.close()
        yield Testbed(environments, paths, url, photos, baseline)


@contextmanager
def measurement_lock(lock: Path) -> Iterator[None]:
    """Keep other measurements out; raise Trouble where one is under way.

    It would not only lose its larder: each would measure the other.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", opener=open_private) as file:
        if not try_lock(file.fileno()):
            raise CookoffError("another measurement is under way here; wait until it ends")
        yield


def resolve_baseline(names: Sequence[str], baseline: str = "") -> str:
    """Return the baseline; raise Misuse where it is none of the names.

    Without one it is bare or, where bare is not among them, the first.
    """
    if baseline and baseline not in names:
        raise UsageError(f"the baseline {baseline!r} is not among {', '.join(names)}")
    return baseline or (BASELINE if BASELINE in names else names[0])

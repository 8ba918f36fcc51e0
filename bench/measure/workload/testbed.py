"""Create the testbed of a measurement: a fresh database that no other process uses."""

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
    """Yield a testbed for these frameworks.

    `database_url` names an empty database; without it the database is a new SQLite file. Raises
    UsageError when the baseline is not among the frameworks, CookoffError when another measurement
    is running.
    """
    baseline = resolve_baseline(
        [environment.framework.name for environment in environments], baseline
    )
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
    """Lock out other measurements; raise CookoffError when another measurement is running.

    Two measurements at once would share one database file, and each would slow down the other.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", opener=open_private) as file:
        if not try_lock(file.fileno()):
            raise CookoffError(f"another measurement is running (lock: {lock}); wait until it ends")
        yield


def resolve_baseline(names: Sequence[str], baseline: str = "") -> str:
    """Return the baseline; raise UsageError when it is not among the names.

    The default is `bare`, or the first name when `bare` is not among the names.
    """
    if baseline and baseline not in names:
        raise UsageError(f"the baseline {baseline!r} is not among {', '.join(names)}")
    return baseline or (BASELINE if BASELINE in names else names[0])

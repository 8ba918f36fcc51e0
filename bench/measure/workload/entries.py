"""Who takes part in a measurement? Every framework, and what stands beside them for comparison.

Beside them stand the baseline's twin, the floor, and bare without its templates; or, where
differences are planted, two copies of each framework, one of them slower. They are told with the
others and never ranked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.core import entrypoints
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.measure.workload.scenarios import SITE, TECHEMPOWER, Page
from bench.results.schema import AGAIN, BASELINE, FLOOR, PLAIN, SLOWED, TWIN
from bench.runtime.database import order_for, settings_for
from bench.runtime.launch_spec import Order

FLOOR_PAGE = "menu"
PLAIN_PAGES = ("menu", "search", "dish", "not found")  # those that show everybody the same


@dataclass(frozen=True)
class Entry:
    """One that takes part: under which name, and the order for each of its applications."""

    name: str
    orders: Mapping[str, Order] = field(default_factory=dict)  # by module
    only: Sequence[str] = ()  # the pages it answers, or none for all
    slowed_percent: float = 0.0  # made slower on purpose, to see whether it is noticed

    def answers(self, page: Page) -> bool:
        """Tell whether the page is one of its own."""
        return page.module in self.orders and (not self.only or page.name in self.only)


@dataclass(frozen=True)
class Ground:
    """Where a measurement runs: the frameworks, a larder of its own, and the baseline."""

    environments: Sequence[Environment]
    places: Places
    database: str
    photos: Path
    baseline: str = BASELINE
    planted_percent: float = 0.0  # by which a copy of each framework is slower, where it is not 0

    @property
    def twin(self) -> str:
        """Return the name under which the baseline enters a second time."""
        return TWIN + self.baseline

    @property
    def beside(self) -> tuple[str, ...]:
        """Return the names that are told with the frameworks, and never ranked."""
        return self.twin, FLOOR, PLAIN

    def entries(self) -> list[Entry]:
        """Return all that take part."""
        found = [self.entry(one, one.framework.name) for one in self.environments]
        by_name = {one.framework.name: one for one in self.environments}
        found.append(self.entry(by_name[self.baseline], self.twin))
        if self.planted_percent:
            return [*found, *self.planted()]
        if BASELINE in by_name:
            found.append(self.plain(by_name[BASELINE]))
            # The floor is written for sqlite3 alone.
            if self.database.startswith("sqlite:"):
                found.append(self.floor(by_name[BASELINE]))
        return found

    def planted(self) -> list[Entry]:
        """Return two copies of every framework, one of them slower."""
        found = []
        for one in self.environments:
            found.append(self.entry(one, one.framework.name + AGAIN))
            slower = self.entry(one, one.framework.name + SLOWED)
            found.append(replace(slower, slowed_percent=self.planted_percent))
        return found

    def entry(self, environment: Environment, name: str) -> Entry:
        """Return a framework's entry under a name."""
        orders = {
            module: order_for(environment, self.settings(environment), module)
            for module in (SITE, TECHEMPOWER)
        }
        return Entry(name, orders)

    def floor(self, environment: Environment) -> Entry:
        """Return the entry of the menu written by hand, which runs where the baseline does."""
        settings = self.settings(environment)
        order = Order(FLOOR, environment.python, module=entrypoints.FLOOR_APP, settings=settings)
        return Entry(FLOOR, {SITE: order}, [FLOOR_PAGE])

    def plain(self, environment: Environment) -> Entry:
        """Return the entry of bare whose templates are filled in already."""
        order = order_for(environment, self.settings(environment), entrypoints.PRERENDERED_APP)
        return Entry(PLAIN, {SITE: replace(order, name=PLAIN)}, PLAIN_PAGES)

    def settings(self, environment: Environment) -> Mapping[str, object]:
        """Return the settings of a framework's applications."""
        photos = str(self.photos)
        return settings_for(environment.title, self.places, self.database, photos_dir=photos)

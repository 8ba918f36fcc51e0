"""Who takes part in a measurement? Every framework, the baseline's twin, and the floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.cost.pages import SITE, TECHEMPOWER, Page
from bench.environments import Environment
from bench.hosting import Order
from bench.larders import order_for, settings_for
from bench.places import Places

BASELINE = "bare"
TWIN = "the twin of "
FLOOR = "floor"
FLOOR_PAGE = "menu"


@dataclass(frozen=True)
class Entry:
    """One that takes part: under which name, and the order for each of its applications."""

    name: str
    orders: Mapping[str, Order] = field(default_factory=dict)  # by module
    only: str = ""  # the one page it answers, or "" for all

    def answers(self, page: Page) -> bool:
        """Tell whether the page is one of its own."""
        return page.module in self.orders and self.only in ("", page.name)


@dataclass(frozen=True)
class Ground:
    """Where a measurement runs: the frameworks, a larder of its own, and the baseline."""

    environments: Sequence[Environment]
    places: Places
    database: str
    photos: Path
    baseline: str = BASELINE

    @property
    def twin(self) -> str:
        """Return the name under which the baseline enters a second time."""
        return TWIN + self.baseline

    def entries(self) -> list[Entry]:
        """Return all that take part."""
        found = [self.entry(one, one.framework.name) for one in self.environments]
        by_name = {one.framework.name: one for one in self.environments}
        found.append(self.entry(by_name[self.baseline], self.twin))
        if BASELINE in by_name:
            found.append(self.floor(by_name[BASELINE]))
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
        order = Order(FLOOR, environment.python, module="bench.cost.floor", settings=settings)
        return Entry(FLOOR, {SITE: order}, FLOOR_PAGE)

    def settings(self, environment: Environment) -> Mapping[str, object]:
        """Return the settings of a framework's applications."""
        photos = str(self.photos)
        return settings_for(environment.title, self.places, self.database, photos_dir=photos)

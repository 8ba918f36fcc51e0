"""Who takes part in a measurement? Every framework, and what stands beside them for comparison.

Beside them stand the baseline's twin, the floor, and bare without its templates; or, where
differences are planted, two copies of each framework, one of them slower. They are told with the
others and never ranked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.core import entrypoints
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.measure.workload.scenarios import SITE, TECHEMPOWER, Page
from bench.results.schema import (
    BASELINE,
    CONTROL_PREFIX,
    FLOOR,
    PRERENDERED,
    REPEAT_SUFFIX,
    SLOWED_SUFFIX,
)
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.launch_spec import LaunchSpec

FLOOR_PAGE = "menu"
PRERENDERED_PAGES = ("menu", "search", "dish", "not found")  # those that show everybody the same


@dataclass(frozen=True)
class Entry:
    """One that takes part: under which name, and the order for each of its applications."""

    name: str
    launch_specs: Mapping[str, LaunchSpec] = field(default_factory=dict)  # by module
    page_names: Sequence[str] = ()  # the pages it answers, or none for all
    slowdown_percent: float = 0.0  # made slower on purpose, to see whether it is noticed

    def serves_page(self, page: Page) -> bool:
        """Tell whether the page is one of its own."""
        return page.module in self.launch_specs and (
            not self.page_names or page.name in self.page_names
        )


@dataclass(frozen=True)
class Testbed:
    """Where a measurement runs: the frameworks, a larder of its own, and the baseline."""

    environments: Sequence[Environment]
    paths: Paths
    database_url: str
    photos_folder: Path
    baseline: str = BASELINE
    slowdown_percent: float = 0.0  # by which a copy of each framework is slower, where it is not 0

    @property
    def control(self) -> str:
        """Return the name under which the baseline enters a second time."""
        return CONTROL_PREFIX + self.baseline

    @property
    def controls(self) -> tuple[str, ...]:
        """Return the names that are told with the frameworks, and never ranked."""
        return self.control, FLOOR, PRERENDERED

    def build_entries(self) -> list[Entry]:
        """Return all that take part."""
        found = [self.build_entry(one, one.framework.name) for one in self.environments]
        by_name = {one.framework.name: one for one in self.environments}
        found.append(self.build_entry(by_name[self.baseline], self.control))
        if self.slowdown_percent:
            return [*found, *self.build_slowed_entries()]
        if BASELINE in by_name:
            found.append(self.build_prerendered_entry(by_name[BASELINE]))
            # The floor is written for sqlite3 alone.
            if self.database_url.startswith("sqlite:"):
                found.append(self.build_floor_entry(by_name[BASELINE]))
        return found

    def build_slowed_entries(self) -> list[Entry]:
        """Return two copies of every framework, one of them slower."""
        found = []
        for one in self.environments:
            found.append(self.build_entry(one, one.framework.name + REPEAT_SUFFIX))
            slower = self.build_entry(one, one.framework.name + SLOWED_SUFFIX)
            found.append(replace(slower, slowdown_percent=self.slowdown_percent))
        return found

    def build_entry(self, environment: Environment, name: str) -> Entry:
        """Return a framework's entry under a name."""
        orders = {
            module: build_launch_spec(environment, self.build_app_settings(environment), module)
            for module in (SITE, TECHEMPOWER)
        }
        return Entry(name, orders)

    def build_floor_entry(self, environment: Environment) -> Entry:
        """Return the entry of the menu written by hand, which runs where the baseline does."""
        app_settings = self.build_app_settings(environment)
        order = LaunchSpec(
            FLOOR, environment.python, module=entrypoints.FLOOR_APP, settings=app_settings
        )
        return Entry(FLOOR, {SITE: order}, [FLOOR_PAGE])

    def build_prerendered_entry(self, environment: Environment) -> Entry:
        """Return the entry of bare whose templates are filled in already."""
        order = build_launch_spec(
            environment, self.build_app_settings(environment), entrypoints.PRERENDERED_APP
        )
        return Entry(PRERENDERED, {SITE: replace(order, name=PRERENDERED)}, PRERENDERED_PAGES)

    def build_app_settings(self, environment: Environment) -> Mapping[str, object]:
        """Return the settings of a framework's applications."""
        photos = str(self.photos_folder)
        return build_settings(environment.title, self.paths, self.database_url, photos_dir=photos)

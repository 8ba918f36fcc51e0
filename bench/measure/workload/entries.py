"""List the entries of a measurement: every framework, and the entries for comparison.

The entries for comparison are the control (a second copy of the baseline), the floor, and `bare`
with pre-rendered pages. A sensitivity run has two copies of each framework instead of the floor and
the pre-rendered pages: an unchanged copy and a copy that is slowed on purpose. A run that compares
the sites with variants of them, such as the sites as taught, has the variants instead. The results
show these entries beside the frameworks, and never rank them.
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
    TAUGHT_SUFFIX,
)
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.launch_spec import LaunchSpec

FLOOR_PAGE = "menu"
# The pages that look the same to all clients.
PRERENDERED_PAGES = ("menu", "search", "dish", "not found")


@dataclass(frozen=True)
class Entry:
    """A participant of a measurement: its name and a launch spec for each of its applications."""

    name: str
    launch_specs: Mapping[str, LaunchSpec] = field(default_factory=dict)  # by module
    page_names: Sequence[str] = ()  # the pages that the entry serves; empty: all pages
    slowdown_percent: float = 0.0  # the delay that a sensitivity run adds on purpose

    def serves_page(self, page: Page) -> bool:
        """Return whether the entry serves this page."""
        return page.module in self.launch_specs and (
            not self.page_names or page.name in self.page_names
        )


@dataclass(frozen=True)
class Testbed:
    """The environments, the database and the baseline of one measurement."""

    environments: Sequence[Environment]
    paths: Paths
    database_url: str
    photos_folder: Path
    baseline: str = BASELINE
    slowdown_percent: float = 0.0  # above 0: each framework also enters as two copies
    variants: Mapping[str, Entry] = field(default_factory=dict)  # of the sites, by framework

    @property
    def control(self) -> str:
        """Return the name of the control, the second copy of the baseline."""
        return CONTROL_PREFIX + self.baseline

    @property
    def controls(self) -> tuple[str, ...]:
        """Return the names of the entries that the results show and never rank."""
        return self.control, FLOOR, PRERENDERED

    def build_entries(self) -> list[Entry]:
        """Return all entries of the measurement."""
        by_name = {environment.framework.name: environment for environment in self.environments}
        entries = [self.build_entry(environment, name) for name, environment in by_name.items()]
        entries.append(self.build_entry(by_name[self.baseline], self.control))
        if self.slowdown_percent:
            return [*entries, *self.build_slowed_entries()]
        if self.variants:
            return [*entries, *self.variants.values()]
        if BASELINE in by_name:
            entries.append(self.build_prerendered_entry(by_name[BASELINE]))
            # The floor uses sqlite3 directly, and works with no other database.
            if self.database_url.startswith("sqlite:"):
                entries.append(self.build_floor_entry(by_name[BASELINE]))
        return entries

    def build_slowed_entries(self) -> list[Entry]:
        """Return two copies of every framework: an unchanged copy and a slowed copy."""
        entries = []
        for environment in self.environments:
            name = environment.framework.name
            entries.append(self.build_entry(environment, name + REPEAT_SUFFIX))
            slowed = self.build_entry(environment, name + SLOWED_SUFFIX)
            entries.append(replace(slowed, slowdown_percent=self.slowdown_percent))
        return entries

    def build_site_entries(self, environment: Environment) -> list[Entry]:
        """Return the entries of a framework's site and of its variant; none without a variant."""
        name = environment.framework.name
        if name not in self.variants:
            return []
        return [self.build_entry(environment, name), self.variants[name]]

    def build_taught_entry(self, environment: Environment) -> Entry:
        """Return the entry of a framework's site as taught."""
        name = environment.framework.name + TAUGHT_SUFFIX
        app_settings = {**self.build_app_settings(environment), "hardened": False}
        launch_spec = build_launch_spec(environment, app_settings)
        return Entry(name, {SITE: replace(launch_spec, name=name)})

    def build_entry(self, environment: Environment, name: str) -> Entry:
        """Return the entry of a framework under the given name."""
        app_settings = self.build_app_settings(environment)
        launch_specs = {
            module: build_launch_spec(environment, app_settings, module)
            for module in (SITE, TECHEMPOWER)
        }
        return Entry(name, launch_specs)

    def build_floor_entry(self, environment: Environment) -> Entry:
        """Return the floor: the hand-written menu page, run in the environment of `bare`."""
        app_settings = self.build_app_settings(environment)
        launch_spec = LaunchSpec(
            FLOOR, environment.python, module=entrypoints.FLOOR_APP, settings=app_settings
        )
        return Entry(FLOOR, {SITE: launch_spec}, [FLOOR_PAGE])

    def build_prerendered_entry(self, environment: Environment) -> Entry:
        """Return the entry of `bare` whose templates return the text of their first rendering."""
        launch_spec = build_launch_spec(
            environment, self.build_app_settings(environment), entrypoints.PRERENDERED_APP
        )
        return Entry(PRERENDERED, {SITE: replace(launch_spec, name=PRERENDERED)}, PRERENDERED_PAGES)

    def build_app_settings(self, environment: Environment) -> Mapping[str, object]:
        """Return the settings that create_app() of a framework's applications receives."""
        photos = str(self.photos_folder)
        return build_settings(environment.title, self.paths, self.database_url, photos_dir=photos)

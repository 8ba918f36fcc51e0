"""Measure the figures on which the sentences of profile.toml can rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bench.analysis.provisions import FRAMEWORK_PROVIDER, HAND_WRITTEN
from bench.report.behaviour_section import count_missed_clauses
from bench.report.missing_parts import PARTS
from bench.report.ranking import rank_by_significance, rank_values
from bench.results.schema import ComparedResults, FeatureTrace, PageCost, Startup
from bench.results.views import MIN_REQUESTS, count_taught_clauses

COMPARE = "cookoff compare"
IN_PROCESS = "in-process"  # the channel on which no server hides the framework
ALL_CLAUSES = "all"  # in place of a group of clauses


@dataclass(frozen=True)
class Measured:
    """A value, an int if it is counted, with the bounds of its interval, if it has one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """One figure of a framework."""

    label: str  # with {of} for what the figure is about
    # Takes all results, the name of a framework, and what the figure is about.
    measure: Callable[[ComparedResults, str, str], Measured | None]
    subject: str = ""  # the kind of name that the key `of` takes; "" without this key
    unit: str = ""
    link: str = "index.html"  # with {of} and {name} in place of the subject and the framework
    command: str = COMPARE  # the command that measures the figure
    is_cost: bool = False  # whether cost.faster_than decides which frameworks differ

    def count_lower(self, results: ComparedResults, name: str, of: str) -> int:
        """Return how many frameworks have a lower value; those that tie do not count."""
        values = self.measure_all(results, of)
        if self.is_cost and results.cost:
            return rank_by_significance(values, results.cost.faster_than[of])[name]
        return rank_values(values)[name]

    def count_higher(self, results: ComparedResults, name: str, of: str) -> int:
        """Return how many frameworks have a higher value; those that tie do not count."""
        values = self.measure_all(results, of)
        if self.is_cost and results.cost:
            return len(values.keys() & set(results.cost.faster_than[of][name]))
        return rank_values({other: -value for other, value in values.items()})[name]

    def measure_all(self, results: ComparedResults, of: str) -> dict[str, float]:
        """Return the value of each framework that has one."""
        measured = {name: self.measure(results, name, of) for name in results.frameworks}
        return {name: each.value for name, each in measured.items() if each}


def exactly(value: float | None) -> Measured | None:
    """Return a value without an interval, None for None."""
    return None if value is None else Measured(value, value, value)


def read_code(attribute: str) -> Callable[[ComparedResults, str, str], Measured | None]:
    """Return a function that returns an attribute of a framework's code."""
    return lambda results, name, _: exactly(getattr(results.frameworks[name].code, attribute))


def count_packages(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return how many packages a framework installs."""
    return exactly(len(results.frameworks[name].code.packages))


def measure_size(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the size of the packages in megabytes, with one digit like the report's tables."""
    return exactly(round(results.frameworks[name].code.megabytes, 1))


def count_names(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return how many names of a module the code of a framework's app uses."""
    names = results.frameworks[name].code.names
    return exactly(sum(f"{used}.".startswith(f"{of}.") for used in names))


def count_needs(is_counted: Callable[[str], bool]) -> Callable[..., Measured | None]:
    """Return a function that returns how many needs have a provider of one kind."""
    return lambda results, name, _: exactly(
        sum(is_counted(each.provider) for each in results.frameworks[name].provisions.values())
    )


def count_need_lines(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the lines of the app that serve a need."""
    provision = results.frameworks[name].provisions.get(of)
    return exactly(provision.lines if provision else None)


def count_release_days(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the age of the release in use on the day of the run, in days."""
    released = results.frameworks[name].release_date
    if not released:
        return None
    age = date.fromisoformat(results.created_at[:10]) - date.fromisoformat(released)
    return exactly(age.days)


def measure_met_share(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the share, in percent, of a group of clauses that a site as taught meets."""
    contract = results.frameworks[name].contract
    levels = contract.as_taught.levels if contract.as_taught else {}
    count = count_taught_clauses(contract) if of == ALL_CLAUSES else levels.get(of)
    return exactly(100 * count.passed / count.clauses if count and count.clauses else None)


def read_startup(attribute: str) -> Callable[[ComparedResults, str, str], Measured | None]:
    """Return a function that returns an attribute of a framework's start."""

    def read(results: ComparedResults, name: str, of: str) -> Measured | None:
        startup = find_startup(results, name)
        return exactly(getattr(startup, attribute) if startup else None)

    return read


def find_startup(results: ComparedResults, name: str) -> Startup | None:
    """Return the start of a framework."""
    return (results.startup or {}).get(name)


def measure_leak(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the memory blocks that each request keeps; None after too few requests."""
    startup = find_startup(results, name)
    if startup is None or startup.requests < MIN_REQUESTS:
        return None
    return exactly(startup.blocks_per_request)


def count_missed(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return how many required clauses of standards a framework misses by default."""
    part = results.behaviour
    return exactly(count_missed_clauses(part).get(name) if part else None)


def find_page_cost(results: ComparedResults, name: str, page: str) -> PageCost | None:
    """Return the cost of a page."""
    return results.cost.pages.get(page, {}).get(name) if results.cost else None


def measure_added(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the time that a page takes above the baseline, in microseconds."""
    cost = find_page_cost(results, name, of)
    if cost is None:
        return None
    baseline = cost.microseconds / cost.ratio
    bounds = baseline * (cost.low - 1), baseline * (cost.high - 1)
    return Measured(cost.added_microseconds, *bounds)


def measure_ratio(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the time of a page over the baseline's time."""
    cost = find_page_cost(results, name, of)
    return Measured(cost.ratio, cost.low, cost.high) if cost else None


def measure_hardening(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the time that hardening adds to a page, in microseconds."""
    cost = results.hardening.pages.get(of, {}).get(name) if results.hardening else None
    return Measured(cost.added_microseconds, cost.added_low, cost.added_high) if cost else None


def read_trace(read: Callable[[FeatureTrace], float | None]) -> Callable[..., Measured | None]:
    """Return a function that returns a value of the trace of a feature."""

    def measure(results: ComparedResults, name: str, of: str) -> Measured | None:
        framework = results.traces.frameworks.get(name) if results.traces else None
        trace = framework.features.get(of) if framework else None
        return exactly(read(trace) if trace else None)

    return measure


def read_growth(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the exponent of a framework's growth along an axis."""
    curve = (results.scaling or {}).get(of, {}).get(name)
    return exactly(curve.exponent if curve else None)


def read_limit(results: ComparedResults, name: str, of: str) -> Measured | None:
    """Return the largest size that a framework accepts in its own process."""
    limits = results.limits.frameworks.get(name, {}) if results.limits else {}
    edge = limits.get(of, {}).get(IN_PROCESS)
    return exactly(edge.max_accepted if edge else None)


PROFILE, JOURNEY = "frameworks/{name}.html", "journey/{of}.html"
TRACE = PARTS["traces"][1]
FIGURES: Mapping[str, Figure] = {
    "python_lines": Figure("lines of Python as taught", read_code("python_lines")),
    "hardening_lines": Figure("lines of hardening", read_code("hardening_lines")),
    "template_lines": Figure("lines of templates", read_code("template_lines")),
    "configuration_lines": Figure("lines of configuration", read_code("configuration_lines")),
    "branches": Figure("branches in Python", read_code("branches")),
    "packages": Figure("packages", count_packages),
    "megabytes": Figure("size of the packages", measure_size, unit=" MB"),
    "names_used": Figure(
        "names of {of} that the app uses", count_names, "module", link=PROFILE,
    ),
    "needs_from_framework": Figure(
        "needs that the framework provides",
        count_needs(lambda provider: provider == FRAMEWORK_PROVIDER), link=PROFILE,
    ),
    "needs_from_addons": Figure(
        "needs that an add-on provides",
        count_needs(lambda provider: provider not in (FRAMEWORK_PROVIDER, HAND_WRITTEN)),
        link=PROFILE,
    ),
    "needs_by_hand": Figure(
        "needs that the app's own code serves",
        count_needs(lambda provider: provider == HAND_WRITTEN), link=PROFILE,
    ),
    "need_lines": Figure("lines of the app for {of}", count_need_lines, "need", link=PROFILE),
    "release_age_days": Figure("age of the release", count_release_days, unit=" days"),
    "clauses_met": Figure(
        "clauses met as taught, {of}", measure_met_share, "group", " %", "hardening.html",
    ),
    "missed_clauses": Figure(
        "required clauses of standards missed by default", count_missed,
        link="behaviour/index.html", command=PARTS["behaviour"][1],
    ),
    "first_reply_seconds": Figure(
        "time to the first reply", read_startup("first_reply_seconds"), unit=" s",
        command=PARTS["startup"][1],
    ),
    "memory_mib": Figure(
        "memory after the first reply", read_startup("rss_mib"), unit=" MiB",
        command=PARTS["startup"][1],
    ),
    "leaked_blocks": Figure(
        "memory blocks that each request keeps", measure_leak, command="cookoff cost --full",
    ),
    "added_microseconds": Figure(
        "time added to the page {of}", measure_added, "page", " µs", "cost/{of}.html",
        "cookoff cost --page {of}", is_cost=True,
    ),
    "cost_ratio": Figure(
        "time of the page {of} over the baseline's", measure_ratio, "page", "",
        "cost/{of}.html", "cookoff cost --page {of}", is_cost=True,
    ),
    "hardening_microseconds": Figure(
        "time that hardening adds to the page {of}", measure_hardening, "page", " µs",
        "hardening.html", PARTS["hardening"][1],
    ),
    "calls_before_handler": Figure(
        "calls before the handler, {of}", read_trace(lambda trace: trace.calls_before_handler),
        "feature", link=JOURNEY, command=TRACE,
    ),
    "handler_depth": Figure(
        "depth of the handler in the call stack, {of}",
        read_trace(lambda trace: trace.handler_depth), "feature", link=JOURNEY, command=TRACE,
    ),
    "framework_calls": Figure(
        "calls in the framework, {of}", read_trace(lambda trace: trace.calls.framework),
        "feature", link=JOURNEY, command=TRACE,
    ),
    "template_calls": Figure(
        "calls in templates, {of}", read_trace(lambda trace: trace.calls.template),
        "feature", link=JOURNEY, command=TRACE,
    ),
    "growth_exponent": Figure(
        "exponent of growth with {of}", read_growth, "axis", link="cost/growth.html",
        command=PARTS["scaling"][1],
    ),
    "limit": Figure(
        "largest accepted size, {of}", read_limit, "limit", link="behaviour/index.html",
        command=PARTS["limits"][1],
    ),
}  # fmt: skip

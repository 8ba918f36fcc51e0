"""Collect what several pages of the report need from the results."""

from dataclasses import dataclass
from functools import cached_property

from bench.core.paths import Paths
from bench.report import behaviour_section, cost_sections, overview, ranking, trace_section
from bench.report.annotated_source import AnnotatedSource
from bench.report.profiles import Profile, build_profiles
from bench.results.schema import ComparedResults

SHARED_PAGES = "pages/"


@dataclass(frozen=True)
class ReportData:
    """The results with the views of them that several pages share."""

    results: ComparedResults

    @cached_property
    def frameworks(self) -> list[AnnotatedSource]:
        """The frameworks, with their annotated code."""
        return [AnnotatedSource(facts) for facts in self.results.frameworks.values()]

    @cached_property
    def names(self) -> list[str]:
        """The names of the frameworks, in the order of the results."""
        return list(self.results.frameworks)

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each framework by its name."""
        return {name: facts.title for name, facts in self.results.frameworks.items()}

    @cached_property
    def overview(self) -> list[overview.OverviewRow]:
        """The rows of the overview table."""
        return overview.build_rows(self.results)

    @cached_property
    def criteria(self) -> list[ranking.Criterion]:
        """The criteria of the overview table, with the rank of each framework."""
        return ranking.build_criteria(self.overview, self.results.cost or None)

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """The profile of each framework."""
        return build_profiles(self.results, Paths.from_environ().apps)

    @cached_property
    def probe_groups(self) -> list[behaviour_section.ProbeGroup]:
        """The groups of probes, empty without probes."""
        part = self.results.behaviour
        return list(behaviour_section.build_groups(part)) if part else []

    @cached_property
    def cost_pages(self) -> list[cost_sections.PageCosts]:
        """The costs of each page that was timed, empty without costs."""
        return list(cost_sections.build_pages(self.results.cost)) if self.results.cost else []

    @cached_property
    def traces(self) -> list[trace_section.TracedFeature]:
        """The traces of each feature, empty without traces."""
        part = self.results.traces
        return list(trace_section.build_feature_traces(part)) if part else []

    @cached_property
    def shared_files(self) -> dict[str, AnnotatedSource]:
        """The templates that several frameworks share, each with one of these frameworks."""
        return {
            file: framework
            for framework in self.frameworks
            for file in framework.sources
            if file.startswith(SHARED_PAGES)
        }

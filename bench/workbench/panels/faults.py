"""The panel that puts a known fault into one site, to see what tells it apart."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.conformance.mutants import Mutant
from bench.core.errors import CookoffError
from bench.frameworks.features import FEATURES_BY_ID
from bench.workbench.faults import SHARED_DB, list_faults
from bench.workbench.workbench import Workbench


@dataclass(frozen=True)
class FaultGroup:
    """The faults of one framework, or of the database layer, and the sites they can be put into."""

    name: str
    sites: list[str]
    faults: list[tuple[Mutant, str]]  # with the sentence of the feature


def build_groups(workbench: Workbench) -> tuple[list[FaultGroup], str]:
    """Return the known faults, and why they cannot be read. Reads files."""
    try:
        known = list_faults(workbench)
    except CookoffError as error:
        return [], str(error)
    groups = [
        FaultGroup(
            name,
            list(workbench.sites) if name == SHARED_DB else [name],
            list(describe(faults)),
        )
        for name, faults in known.items()
    ]
    return groups, ""


def describe(faults: Iterable[Mutant]) -> Iterable[tuple[Mutant, str]]:
    """Yield each fault with the sentence of its feature."""
    for fault in faults:
        yield fault, FEATURES_BY_ID[fault.feature].sentence

"""Run the clauses of katas and measure their patches, for `cookoff kata check`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bench.analysis.patch_metrics import find_added_names, measure_files
from bench.conformance.katas.catalogue import Kata
from bench.conformance.katas.check import CheckOptions, PatchOutcome, check_katas
from bench.conformance.katas.patching import NO_PATCH
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results import schema
from bench.results.schema import KataPatch


def measure_katas(
    katas: Sequence[Kata],
    ready: Sequence[Environment],
    options: CheckOptions,
    on_note: Callable[[str], None],
) -> dict[str, schema.Kata]:
    """Check and measure the patches of these katas at these frameworks; return the results by kata.

    `on_note` is called with a line about each patch. An interrupt is reported in one line.
    """
    environments = {environment.framework.name: environment for environment in ready}
    patches: dict[str, dict[str, KataPatch]] = {kata.name: {} for kata in katas}

    def add(kata: Kata, outcome: PatchOutcome, root: Path) -> None:
        if outcome.problem == NO_PATCH:
            return
        patch = build_patch(kata, outcome, environments[outcome.name], root)
        patches[kata.name][outcome.name] = patch
        on_note(f"{kata.name}: {format_outcome(outcome)}")

    try:
        check_katas(katas, [each.framework for each in ready], options, add)
    except KeyboardInterrupt:
        checked = sum(map(len, patches.values()))
        total = format_count(len(katas) * len(ready), "patch", "patches")
        on_note(f"interrupted after {checked} of {total}; no result is stored")
        raise
    return {kata.name: build_result(kata, patches[kata.name], environments) for kata in katas}


def build_result(kata: Kata, patches: Mapping[str, KataPatch], order: Iterable[str]) -> schema.Kata:
    """Return the result of a kata, with the frameworks in an order."""
    return schema.Kata(
        title=kata.title,
        summary=kata.summary,
        request=kata.request,
        shared_patch=kata.shared,
        replaced=dict(kata.replaced),
        frameworks={name: patches[name] for name in order if name in patches},
    )


def build_patch(
    kata: Kata, outcome: PatchOutcome, environment: Environment, root: Path
) -> KataPatch:
    """Return the result of a patch; `root` is the copy to which the patch has been applied."""
    patch = kata.find_patch(environment.framework) or ""
    own = outcome.own
    return KataPatch(
        patch=patch,
        files=measure_files(patch),
        names=find_added_names(patch, environment, root) if not outcome.problem else [],
        passed=len(own.find_clauses("passed")) if own else 0,
        clauses=len(own.outcomes) if own else 0,
        failed=outcome.failed,
        core=outcome.core_count,
        problem=outcome.problem,
    )


def format_outcome(outcome: PatchOutcome) -> str:
    """Return the result of a patch in one line."""
    if outcome.problem:
        return f"{outcome.name}: {outcome.problem}"
    results = [result for result in (outcome.own, outcome.core) if result]
    count = sum(len(result.outcomes) for result in results)
    return f"{outcome.name}: {len(outcome.failed)} of {format_count(count, 'clause')} failed"

"""Run the clauses of katas and measure their patches, for `cookoff kata check`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.analysis.patch_metrics import find_added_names, measure_files
from bench.conformance.katas.catalogue import Kata
from bench.conformance.katas.check import CheckOptions, PatchOutcome, check_kata
from bench.conformance.katas.patching import NO_PATCH, PatchError
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results import schema
from bench.results.schema import KataPatch


def check_katas(
    katas: Sequence[Kata],
    ready: Sequence[Environment],
    options: CheckOptions,
    on_note: Callable[[str], None],
) -> dict[str, schema.Kata]:
    """Check the patches of these katas at these frameworks, and return the results by kata.

    `on_note` is called with a line about each patch.
    """
    return {kata.name: check_patches(kata, ready, options, on_note) for kata in katas}


def check_patches(
    kata: Kata,
    ready: Sequence[Environment],
    options: CheckOptions,
    on_note: Callable[[str], None],
) -> schema.Kata:
    """Check the patches of one kata; a shared change that does not apply fails all patches."""
    environments = {environment.framework.name: environment for environment in ready}
    patches: dict[str, KataPatch] = {}

    def add(outcome: PatchOutcome, root: Path | None = None) -> None:
        if outcome.problem == NO_PATCH:
            return
        patches[outcome.name] = build_patch(kata, outcome, environments[outcome.name], root)
        on_note(f"{kata.name}: {format_outcome(outcome)}")

    try:
        check_kata(kata, [each.framework for each in ready], options, add)
    except PatchError as error:
        for name in environments:
            add(PatchOutcome(name, str(error)))
    return schema.Kata(
        title=kata.title,
        summary=kata.summary,
        request=kata.request,
        shared_patch=kata.shared,
        replaced=dict(kata.replaced),
        frameworks={name: patches[name] for name in environments if name in patches},
    )


def build_patch(
    kata: Kata, outcome: PatchOutcome, environment: Environment, root: Path | None
) -> KataPatch:
    """Return the result of a patch; `root` is the copy to which the patch has been applied."""
    patch = kata.find_patch(environment.framework) or ""
    own = outcome.own
    return KataPatch(
        patch=patch,
        files=measure_files(patch),
        names=find_added_names(patch, environment, root) if root and not outcome.problem else [],
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

"""Measure the share of a request's time in each layer, by samples of the call stack.

The samples are those of `cookoff cost --blame` (bench/measure/cost/blame.py). Each belongs to one
layer: to the database if code of shared_db runs, else to the template if a line of a template or of
the template engine runs or has called the code that runs, else to the owner of the innermost frame
that is not the standard library's. In contrast to tracing, sampling slows down all code equally.
"""

from collections.abc import Iterable, Mapping, Sequence

from bench.agent.code_owner import APP, PYTHON
from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cost.stack_samples import (
    DATABASE,
    MEASUREMENT,
    SERVER,
    Frame,
    Stack,
    sample_page,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.layers import find_engine_patterns
from bench.measure.workload.scenarios import Page
from bench.results.schema import LAYERS, LayerTimes, Results

TIMED_SECONDS, SAMPLES = 0.2, 1000  # 99 % of the shares are within 4.1 percentage points
LAYERS_BY_OWNER = {SERVER: "server", MEASUREMENT: "server", APP: "app"}  # else the framework


def measure_layer_times(testbed: Testbed, progress: Progress, pages: Sequence[Page]) -> Results:
    """Return the part layer_times for every framework and page; print the error of each failure."""
    times: dict[str, dict[str, LayerTimes]] = {page.name: {} for page in pages}
    for environment in testbed.environments:
        name = environment.framework.name
        for page in pages:
            progress.start_step(f"{name}: {page.name}: time by layer")
            try:
                times[page.name][name] = measure_page(testbed, environment, page)
            except CookoffError as error:
                print_error(error)
    return Results(layer_times=times)


def measure_page(testbed: Testbed, environment: Environment, page: Page) -> LayerTimes:
    """Return the shares of one page in one framework; raise WorkerError."""
    entry = testbed.build_entry(environment, environment.framework.name)
    reply = sample_page(testbed, environment, entry, page, SAMPLES, TIMED_SECONDS)
    frames = [Frame(*frame) for frame in reply["frames"]]
    stacks = {
        tuple(frames[number] for number in numbers): count for count, numbers in reply["stacks"]
    }
    patterns = find_engine_patterns(environment.framework)
    return LayerTimes(samples=reply["samples"], **compute_shares(stacks, patterns))


def compute_shares(stacks: Mapping[Stack, int], patterns: Sequence[str]) -> dict[str, float]:
    """Return the share of the samples in each layer; the sum is 1.

    patterns are those of the template engine: see find_engine_patterns.
    """
    counts = dict.fromkeys(LAYERS, 0)
    for stack, count in stacks.items():
        counts[find_layer(stack, patterns)] += count
    whole = sum(counts.values()) or 1
    return {layer: count / whole for layer, count in counts.items()}


def find_layer(stack: Iterable[Frame], patterns: Sequence[str]) -> str:
    """Return the layer of a call stack, whose innermost frame is the first."""
    frames = list(stack)
    if any(frame.owner == DATABASE for frame in frames):
        return "database"
    if any(frame.is_template or runs_engine(frame, patterns) for frame in frames):
        return "template"
    owner = next((frame.owner for frame in frames if frame.owner != PYTHON), PYTHON)
    return LAYERS_BY_OWNER.get(owner, "framework")


def runs_engine(frame: Frame, patterns: Sequence[str]) -> bool:
    """Return whether a frame runs a function of the template engine."""
    place = f"/{frame.file}:{frame.function}"
    return any(pattern in place for pattern in patterns)

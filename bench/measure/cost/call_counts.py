"""Count the calls of a request in each layer.

    calls           {page: {name: {"python": n, "builtin": n}}}     inside the application alone
    calls_by_layer  {page: {name: {layer: calls}}}          python and builtin, with waitress
    repeated_work   {page: {name: {kind: {"count": n, "names": [...]}}}}    of warm requests, see
                    bench/agent/warm_use.py

The layers are server, framework, app, template and database. The counts are exact: two runs with
the same versions give the same counts. Counts are not times, and do not see calls inside compiled
code.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from msgspec import convert

from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.layers import build_layer_rules, build_path_aliases
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Worker, start_worker
from bench.results.schema import LAYERS, CallCount, LayerCalls, RepeatedWork, Results

COUNTED_REQUESTS = 5  # each counted by itself; the results have the median

Value = TypeVar("Value")
ByPage = dict[str, dict[str, Value]]  # and framework


@dataclass(frozen=True)
class Counts:
    """The counts of the frameworks so far."""

    calls: ByPage[CallCount]
    calls_by_layer: ByPage[LayerCalls]
    repeated_work: ByPage[dict[str, RepeatedWork]]


def count_calls(testbed: Testbed, progress: Progress, pages: Sequence[Page]) -> Results:
    """Return the three parts for every framework and page; print the error of each failure."""
    names = [page.name for page in pages]
    counts = Counts({n: {} for n in names}, {n: {} for n in names}, {n: {} for n in names})
    progress.start_step("calls, layers and warm requests")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(partial(count_framework, counts, testbed, pages), testbed.environments))
    return Results(
        calls=sort_by_name(counts.calls),
        calls_by_layer=sort_by_name(counts.calls_by_layer),
        repeated_work=sort_by_name(counts.repeated_work),
    )


def count_framework(
    counts: Counts, testbed: Testbed, pages: Sequence[Page], environment: Environment
) -> None:
    """Add the counts of one framework; print the error of each module that fails."""
    entry = testbed.build_entry(environment, environment.framework.name)
    rules = build_layer_rules(entry, environment.framework, testbed.photos_folder)
    for module in sorted({page.module for page in pages}):
        module_pages = [page for page in pages if page.module == module]
        try:
            with prepared_worker(testbed, entry, module_pages) as worker:
                calls = count_page_calls(worker, module_pages, rules)
                uses = record_warm_uses(worker, module_pages, build_path_aliases(environment))
        except CookoffError as error:
            print_error(error)
            continue
        for page, (direct, through_server) in calls.items():
            counts.calls[page][entry.name] = sum_application_calls(direct)
            counts.calls_by_layer[page][entry.name] = LayerCalls(
                *(
                    sum(by_layer.get(layer, 0) for by_layer in through_server.values())
                    for layer in LAYERS
                )
            )
            counts.repeated_work[page][entry.name] = uses[page]


def count_entry_calls(
    testbed: Testbed, environment: Environment, entry: Entry, pages: Sequence[Page]
) -> dict[str, CallCount]:
    """Return the calls inside the application of one entry, for each of its site's pages."""
    rules = build_layer_rules(entry, environment.framework, testbed.photos_folder)
    with prepared_worker(testbed, entry, pages) as worker:
        calls = count_page_calls(worker, pages, rules)
    return {page: sum_application_calls(direct) for page, (direct, _) in calls.items()}


def sum_application_calls(by_kind: Mapping[str, Mapping[str, int]]) -> CallCount:
    """Return the calls of each kind, python and builtin, in all layers but the server."""
    return CallCount(
        **{
            kind: sum(by_layer.values()) - by_layer.get("server", 0)
            for kind, by_layer in by_kind.items()
        }
    )


@contextmanager
def prepared_worker(testbed: Testbed, entry: Entry, pages: Sequence[Page]) -> Iterator[Worker]:
    """Yield a worker for these pages, which must all be of one module."""
    launch_spec = replace(entry.launch_specs[pages[0].module], environ={"PYTHONHASHSEED": "0"})
    log = testbed.paths.prepare_log_path(f"calls-{launch_spec.name}-{launch_spec.module}")
    worker: Worker = start_worker(launch_spec, log)
    try:
        yield worker
    finally:
        worker.kill()


def count_page_calls(
    worker: Worker, pages: Sequence[Page], rules: Sequence[tuple[str, str]]
) -> dict[str, list[Any]]:
    """Return the calls of each page: in the application alone, then through waitress."""
    calls = {}
    for page in pages:
        worker.prepare_request(page.name, page.build_request(worker), page.status, page.marker)
        calls[page.name] = [
            worker.call(
                "calls",
                page=page.name,
                requests=COUNTED_REQUESTS,
                layer_rules=rules,
                through_server=through_server,
            )
            for through_server in (False, True)
        ]
    return calls


def record_warm_uses(
    worker: Worker, pages: Sequence[Page], path_aliases: Sequence[tuple[str, str]]
) -> dict[str, dict[str, RepeatedWork]]:
    """Return the resources that a warm request of each page opens, imports or compiles again.

    The calls must be counted before: the audit hook that records the uses stays in the process.
    """
    return {
        page.name: convert(
            worker.call("warm", page=page.name, requests=COUNTED_REQUESTS, roots=path_aliases)[
                "uses"
            ],
            dict[str, RepeatedWork],
        )
        for page in pages
    }


def sort_by_name(by_page: ByPage[Value]) -> ByPage[Value]:
    """Return the same values with the names in order; the order of arrival is random."""
    return {page: dict(sorted(by_name.items())) for page, by_name in by_page.items()}

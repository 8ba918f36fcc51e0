"""How many calls does a request take, in which layer? The parts "calls", "layers", "warm".

    calls   {page: {name: {"python": n, "builtin": n}}}     inside the application alone
    layers  {page: {name: {layer: calls}}}                  python and builtin, through waitress too
    warm    {page: {name: {kind: {"count": n, "names": [...]}}}}    see bench/agent/warm_use.py

Layers are server, framework, app, template and larder. The counts are exact: equal from run to run
on the same versions. They are no times, and see nothing inside compiled code.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from bench.core.errors import CookoffError
from bench.core.progress import Progress
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.layers import build_layer_rules, build_path_aliases
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Worker, start_worker
from bench.results.schema import LAYERS

COUNTED_REQUESTS = 5  # each counted by itself; the median is told


def count_calls(ground: Testbed, progress: Progress, pages: Sequence[Page]) -> dict[str, Any]:
    """Return the parts for every framework and page; say what failed."""
    parts: dict[str, Any] = {
        part: {page.name: {} for page in pages} for part in ("calls", "layers", "warm")
    }
    kitchens = {one.framework.name: one for one in ground.environments}
    entries = [one for one in ground.build_entries() if one.name in kitchens]

    def one(entry: Entry) -> None:
        kitchen = kitchens[entry.name]
        marks = build_layer_rules(entry, kitchen.framework.templates, ground.photos_folder)
        for module in sorted({page.module for page in pages}):
            mine = [page for page in pages if page.module == module]
            try:
                with prepared_worker(ground, entry, mine) as worker:
                    calls = count_page_calls(worker, mine, marks)
                    uses = record_warm_uses(worker, mine, build_path_aliases(kitchen))
            except CookoffError as error:
                click.echo(f"cookoff: {error}", err=True)
                continue
            for page, (direct, through) in calls.items():
                parts["calls"][page][entry.name] = {
                    kind: sum(n.values()) - n.get("server", 0) for kind, n in direct.items()
                }
                parts["layers"][page][entry.name] = {
                    layer: sum(n.get(layer, 0) for n in through.values()) for layer in LAYERS
                }
                parts["warm"][page][entry.name] = uses[page]

    progress.start_step("calls, layers and warm requests")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, entries))
    return {part: sort_by_name(found) for part, found in parts.items()}


@contextmanager
def prepared_worker(ground: Testbed, entry: Entry, pages: Sequence[Page]) -> Iterator[Worker]:
    """Give a worker that keeps these pages, which are all of one module."""
    order = replace(entry.launch_specs[pages[0].module], environ={"PYTHONHASHSEED": "0"})
    worker: Worker = start_worker(
        order, ground.paths.prepare_log_path(f"calls-{order.name}-{order.module}")
    )
    try:
        yield worker
    finally:
        worker.kill()


def count_page_calls(
    worker: Worker, pages: Sequence[Page], marks: Sequence[tuple[str, str]]
) -> dict[str, list[Any]]:
    """Return the calls of each page: in the application alone, and through waitress."""
    found = {}
    for page in pages:
        worker.prepare_request(page.name, page.build_request(worker), page.status, page.marker)
        found[page.name] = [
            worker.call(
                "calls",
                page=page.name,
                requests=COUNTED_REQUESTS,
                marks=marks,
                through_server=server,
            )
            for server in (False, True)
        ]
    return found


def record_warm_uses(
    worker: Worker, pages: Sequence[Page], shown: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Return what a warm request of each page uses anew, after its calls were counted.

    The calls come first: the audit hook that hears of uses stays in the process.
    """
    return {
        page.name: worker.call("warm", page=page.name, requests=COUNTED_REQUESTS, roots=shown)[
            "uses"
        ]
        for page in pages
    }


def sort_by_name(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the same with names in order: who came first depends on the machine."""
    return {page: dict(sorted(by_name.items())) for page, by_name in found.items()}

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
from pathlib import Path
from typing import Any

import click

from bench.core.errors import Trouble
from bench.core.paths import ROOT
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry, Ground
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Worker, start

REQUESTS = 5  # each counted by itself; the median is told
LAYERS = ("server", "framework", "app", "template", "larder")
# What stands in the files, and names, of each template language that a framework.toml names.
ENGINES = {
    "Jinja2": ("/jinja2/", "/markupsafe/"),
    "SimpleTemplate": ("bottle.py:SimpleTemplate", "bottle.py:BaseTemplate", "bottle.py:template"),
    "Django templates": ("/django/template/", "/django/utils/html.py", "/django/utils/safestring"),
    "Kajiki": ("/kajiki/",),
    # Renoir runs them in py4web. web2py compiles its views beforehand, and brings what they call
    # in modules with much else.
    "YATL": (
        "/yatl/",
        "/renoir/",
        "/compiled/views.",
        "/gluon/template.py:",
        "/gluon/html.py:xmlescape",
        "/gluon/globals.py:Response.write",
    ),
    "Zope page templates": ("/pagetemplate/", "/z3c/pt/", "/chameleon/", "/zope/tal"),
}
TEMPLATE_FILES = (".html:", ".jinja2:", ".tpl:", ".xhtml:", ".pt:", "<template>:")


def marks_for(entry: Entry, engine: str, photos: Path) -> list[tuple[str, str]]:
    """Return what tells the layer of a function by its file: the first that fits.

    py4web and web2py work in a folder beside the photos, with links to the app and to gluon.
    """
    folder = next(iter(entry.orders.values())).folder or ROOT / "bench"
    engines = [*ENGINES["Jinja2"], *ENGINES.get(engine, ())]
    return [
        *((mark, "template") for mark in (*TEMPLATE_FILES, *engines)),
        (f"{ROOT}/shared_db/", "larder"),
        ("/site-packages/sqlalchemy/", "larder"),
        ("/site-packages/waitress/", "server"),
        (f"{ROOT}/bench/", "server"),
        ("/site-packages/", "framework"),
        ("/gluon/", "framework"),
        (f"{folder}/", "app"),
        (f"{photos.parent}/", "app"),
    ]


def roots(environment: Environment) -> list[tuple[str, str]]:
    """Return what paths of files begin with, and what is shown in its place."""
    framework, source = environment.framework, environment.source
    apps = framework.folder.parent  # the pages that several share stand there, too
    known = [(str(framework.folder), f"apps/{framework.name}/"), (str(apps), "apps/")]
    known.append((str(ROOT), ""))
    return known + ([(str(source.resolve()), "")] if source else [])


def count(ground: Ground, progress: Progress, pages: Sequence[Page]) -> dict[str, Any]:
    """Return the parts for every framework and page; say what failed."""
    parts: dict[str, Any] = {
        part: {page.name: {} for page in pages} for part in ("calls", "layers", "warm")
    }
    kitchens = {one.framework.name: one for one in ground.environments}
    entries = [one for one in ground.entries() if one.name in kitchens]

    def one(entry: Entry) -> None:
        kitchen = kitchens[entry.name]
        marks = marks_for(entry, kitchen.framework.templates, ground.photos)
        for module in sorted({page.module for page in pages}):
            mine = [page for page in pages if page.module == module]
            try:
                with counting(ground, entry, mine) as worker:
                    calls = counted(worker, mine, marks)
                    uses = used(worker, mine, roots(kitchen))
            except Trouble as error:
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

    progress.step("calls, layers and warm requests")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, entries))
    return {part: ordered(found) for part, found in parts.items()}


@contextmanager
def counting(ground: Ground, entry: Entry, pages: Sequence[Page]) -> Iterator[Worker]:
    """Give a worker that keeps these pages, which are all of one module."""
    order = replace(entry.orders[pages[0].module], environ={"PYTHONHASHSEED": "0"})
    worker: Worker = start(order, ground.places.log(f"calls-{order.name}-{order.module}"))
    try:
        yield worker
    finally:
        worker.kill()


def counted(
    worker: Worker, pages: Sequence[Page], marks: Sequence[tuple[str, str]]
) -> dict[str, list[Any]]:
    """Return the calls of each page: in the application alone, and through waitress."""
    found = {}
    for page in pages:
        worker.keep(page.name, page.request_for(worker), page.status, page.marker)
        found[page.name] = [
            worker.ask(
                "calls", page=page.name, requests=REQUESTS, marks=marks, through_server=server
            )
            for server in (False, True)
        ]
    return found


def used(
    worker: Worker, pages: Sequence[Page], shown: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Return what a warm request of each page uses anew, after its calls were counted.

    The calls come first: the audit hook that hears of uses stays in the process.
    """
    return {
        page.name: worker.ask("warm", page=page.name, requests=REQUESTS, roots=shown)["uses"]
        for page in pages
    }


def ordered(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the same with names in order: who came first depends on the machine."""
    return {page: dict(sorted(by_name.items())) for page, by_name in found.items()}

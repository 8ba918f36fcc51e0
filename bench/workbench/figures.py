"""Measure the workbench itself: what the stage adds, how far the mirrors lag, and its memory.

Times of a shared machine vary, so the stage is compared with the host behind it, request by
request, in one run.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import httpx
import psutil

from bench.core.files import write_file
from bench.core.machine import collect_facts
from bench.core.paths import ROOT, Paths
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.workbench.server import open_workbench

PAGE = ROOT / "bench" / "WORKBENCH.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"
PAIRS = 200  # requests to the stage, each beside one to its host
LAGGED_PAGES = 30
SWITCHES = 20
WARMUP_REQUESTS = 600  # more than the exchanges that are kept
BATCH = 20  # requests before the mirrors may catch up
TARGETS = ("/", "/dishes/3", "/dishes?q=so&course=starter", "/cart", "/static/site.css", "/about")
MIB = 1024 * 1024


@dataclass
class Figures:
    """What one run measured."""

    frameworks: int
    first_page_seconds: float = 0.0
    all_ready_seconds: float = 0.0
    direct_ms: list[float] = field(default_factory=list)
    stage_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    lags_ms: list[float] = field(default_factory=list)
    switches_ms: list[float] = field(default_factory=list)
    requests: int = 0
    rss_bytes: tuple[int, int] = (0, 0)  # before and after the requests
    open_files: tuple[int, int] = (0, 0)

    def list_rows(self) -> Iterator[tuple[str, str]]:
        """Yield what was measured, and the value with its unit."""
        added = median(self.stage_ms) - median(self.direct_ms)
        ratio = median(self.stage_ms) / median(self.direct_ms)
        yield "first page on stage", f"{self.first_page_seconds:.1f} s after the command"
        yield "all sites answer", f"{self.all_ready_seconds:.1f} s after the command"
        pairs = format_count(len(self.stage_ms), "pair")
        yield (
            "a request to the stage over one to its host",
            f"{ratio:.2f} times, {added:.1f} ms more (medians of {pairs})",
        )
        processor = f"{median(self.processor_ms):.1f} ms"
        yield "processor time that the stage and the journal add to it", processor
        lags = sorted(self.lags_ms)
        yield (
            "all mirrored replies of the menu page",
            f"{median(lags):.0f} ms (median of {len(lags)}; the slowest {lags[-1]:.0f} ms)",
        )
        yield (
            "a switch on stage, with its first page",
            f"{median(self.switches_ms):.1f} ms (median of {SWITCHES})",
        )
        memory = " and ".join(f"{size / MIB:.1f}" for size in self.rss_bytes)
        files = " and ".join(map(str, self.open_files))
        yield f"memory before and after {format_count(self.requests, 'request')}", f"{memory} MiB"
        yield f"open files before and after {format_count(self.requests, 'request')}", files


async def measure(
    environments: Sequence[Environment],
    paths: Paths,
    requests: int,
    start: float,
    on_progress: Callable[[str], None],
) -> Figures:
    """Return the figures of a workbench; `start` is the time.monotonic() of the command."""
    figures = Figures(len(environments))
    async with open_workbench(environments, paths) as opened:
        workbench, stage = opened.workbench, f"http://{opened.stage_authority}"
        workbench.sender.records_code = False
        async with httpx.AsyncClient(trust_env=False, timeout=120.0) as client:
            await client.get(stage)
            figures.first_page_seconds = time.monotonic() - start
            while any(site.problem == "starting" for site in workbench.sites.values()):
                await asyncio.sleep(0.02)
            figures.all_ready_seconds = time.monotonic() - start
            measured = Measurement(opened, client, stage, figures)
            on_progress("comparing the stage with its host")
            await measured.compare_with_host()
            on_progress("timing the mirrors and switches")
            await measured.time_mirrors()
            await measured.time_switches()
            on_progress(f"sending {format_count(requests, 'request')}")
            await measured.measure_memory(requests)
    return figures


class Measurement:
    """The steps of one run."""

    def __init__(
        self, opened: open_workbench, client: httpx.AsyncClient, stage: str, figures: Figures
    ) -> None:
        self.workbench, self.client, self.stage, self.figures = (
            opened.workbench, client, stage, figures,
        )  # fmt: skip

    async def compare_with_host(self) -> None:
        """Request the menu from the stage and from its host, in turns, while no mirror works."""
        live = self.workbench.stage.live
        assert live
        for _ in range(PAIRS):
            start = time.process_time()
            self.figures.direct_ms.append(await measure_ms(lambda: self.client.get(live.host.url)))
            middle = time.process_time()
            self.figures.stage_ms.append(await measure_ms(lambda: self.client.get(self.stage)))
            await self.settle_stage()
            added = (time.process_time() - middle) - (middle - start)
            self.figures.processor_ms.append(added * 1000)
            await self.settle()

    async def settle(self) -> None:
        """Wait until the stage has stored the last request and all mirrors have answered."""
        await self.settle_stage()
        await self.workbench.comparer.wait_until_settled()

    async def settle_stage(self) -> None:
        """Wait until the stage has stored the last request."""
        async with self.workbench.stage.lock:
            pass

    async def time_mirrors(self) -> None:
        """Time the mirrored replies of the menu page."""
        for _ in range(LAGGED_PAGES):
            await self.client.get(self.stage)
            await self.settle()
            exchange = next(reversed(self.workbench.exchanges.exchanges.values()))
            self.figures.lags_ms.append(exchange.lag_ms)

    async def time_switches(self) -> None:
        """Put the frameworks on stage in turns."""
        names = [name for name, site in self.workbench.sites.items() if site.answers]
        first = self.workbench.stage_name
        for number in range(SWITCHES):
            name = names[(number + 1) % len(names)]
            self.figures.switches_ms.append(await measure_ms(partial(self.show_on_stage, name)))
            await self.settle()
        await self.workbench.switch(first)

    async def show_on_stage(self, name: str) -> None:
        """Put a framework on stage, and request its first page."""
        await self.workbench.switch(name)
        await self.client.get(self.stage)

    async def measure_memory(self, requests: int) -> None:
        """Send many requests; compare the memory and the open files before and after."""
        process, figures = psutil.Process(), self.figures
        await self.send_many(WARMUP_REQUESTS)
        before = process.memory_info().rss, process.num_fds()
        await self.send_many(requests)
        after = process.memory_info().rss, process.num_fds()
        figures.requests = requests
        figures.rss_bytes, figures.open_files = (before[0], after[0]), (before[1], after[1])

    async def send_many(self, requests: int) -> None:
        """Send requests one after another; let the mirrors catch up after each batch."""
        for number in range(requests):
            await self.client.get(self.stage + TARGETS[number % len(TARGETS)])
            if number % BATCH == BATCH - 1:
                await self.settle()


async def measure_ms(call: Callable[[], Awaitable[object]]) -> float:
    """Return how long a call takes, in milliseconds."""
    start = time.perf_counter()
    await call()
    return (time.perf_counter() - start) * 1000


def format_figures(figures: Figures, date: str) -> str:
    """Return the figures as a table of Markdown."""
    lines = ["| Measured | Value |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in figures.list_rows()]
    facts = collect_facts()
    machine = f"{facts.processor}, {facts.cores} cores, {facts.system}, {facts.python}"
    load = f"The load average was {facts.load_averages[1]:.1f} over 5 minutes"
    more = f"{format_count(figures.frameworks, 'framework')}. {load}. {machine}, {date}."
    return "\n".join([*lines, "", more])


def write_figures(text: str) -> None:
    """Write the figures into the page of the workbench."""
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(START)
    tail = rest.partition(END)[2]
    write_file(PAGE, f"{head}{START}\n{text}\n{END}{tail}")

"""One framework at the workbench: its live site, and what is wrong with it."""

import asyncio
import time
from dataclasses import dataclass, field

from bench.frameworks.environments import Environment
from bench.workbench.live_site import LiveSite

LATE_SECONDS = 1.5  # a request without a reply for so long is named


@dataclass
class Site:
    """One framework at the workbench."""

    environment: Environment
    live: LiveSite | None = None
    problem: str = "starting"  # why there is no live site, or why the newest code does not start
    waiting_since: float = 0.0  # of the monotonic clock; 0 without a request in progress
    fault: str = ""  # the id of the fault that was put in
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while a request is answered
    replacing: asyncio.Lock = field(default_factory=asyncio.Lock)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """Return the framework's name."""
        return self.environment.framework.name

    @property
    def is_late(self) -> bool:
        """Return whether the site has not answered a request for a while."""
        return bool(self.waiting_since) and time.monotonic() - self.waiting_since > LATE_SECONDS

    @property
    def answers(self) -> bool:
        """Return whether the site has a host that runs."""
        return self.live is not None and self.live.host.is_running

    def is_behind(self, count: int) -> bool:
        """Return whether the site has answered fewer requests than `count`."""
        return self.live is not None and self.live.position < count

    @property
    def status(self) -> str:
        """Return in words what is wrong, "" for a site that answers."""
        if self.live and not self.live.host.is_running:
            return f"ended with exit code {self.live.host.process.returncode}"
        if self.is_late:
            return f"no reply for {time.monotonic() - self.waiting_since:.0f} s"
        if self.live and self.problem:
            return f"{self.problem}; the code before still answers"
        return self.problem

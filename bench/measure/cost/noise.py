"""Was the machine quiet enough while it measured?

Steal is what a hypervisor took away; others is processor time that went to anything else than this
command and what it started. Both are shares of one core's time, as /proc/stat and getrusage(2)
count them.
"""

import os
import resource
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

MAX_STEAL = 0.02
MAX_OTHERS = 0.25


def read_cpu_seconds() -> tuple[float, float, float]:
    """Return the seconds stolen, used by anybody, and used by this process and its children."""
    times = psutil.cpu_times()
    stolen = getattr(times, "steal", 0.0)
    used = times.user + times.system + getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0)
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return stolen, used, sum(one.ru_utime + one.ru_stime for one in usages)


@dataclass
class NoiseMonitor:
    """Looks at the machine from its making on; only children that have ended are counted."""

    start_seconds: float = field(default_factory=time.monotonic)
    start_cpu_seconds: tuple[float, float, float] = field(default_factory=read_cpu_seconds)

    def read_noise(self) -> dict[str, Any]:
        """Return the shares of steal and others so far, the load, and why it was noisy, if so."""
        seconds = max(time.monotonic() - self.start_seconds, 1e-6)
        stolen, used, own = (
            now - then for now, then in zip(read_cpu_seconds(), self.start_cpu_seconds, strict=True)
        )
        steal, others = max(0.0, stolen / seconds), max(0.0, (used - own) / seconds)
        return {
            "steal": round(steal, 4),
            "others": round(others, 4),
            "load": [round(load, 2) for load in os.getloadavg()],
            "noisy": noise_warnings(steal, others),
        }


def noise_warnings(steal: float, others: float) -> list[str]:
    """Return a sentence for each share that was too much."""
    found = []
    if steal > MAX_STEAL:
        found.append(f"the hypervisor took {steal:.0%} of a core")
    if others > MAX_OTHERS:
        found.append(f"other programs took {others:.0%} of a core")
    return found

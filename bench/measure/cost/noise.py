"""Measure how much of the processor time other programs and the hypervisor took.

"steal_share" is the time that a hypervisor took away; "other_processes_share" is the time of all
processes except this command and its children. Both are shares of one core's time, from /proc/stat
and getrusage(2).
"""

import os
import resource
import time
from dataclasses import dataclass, field

import psutil

from bench.results.schema import Noise

MAX_STEAL = 0.02
MAX_OTHERS = 0.25


def read_cpu_seconds() -> tuple[float, float, float]:
    """Return the seconds stolen, used by all processes, and used by this process and children."""
    times = psutil.cpu_times()
    stolen = getattr(times, "steal", 0.0)
    used = times.user + times.system + getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0)
    scopes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(scope) for scope in scopes]
    return stolen, used, sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass
class NoiseMonitor:
    """Watches the machine from the start of this object; counts only children that have ended."""

    start_seconds: float = field(default_factory=time.monotonic)
    start_cpu_seconds: tuple[float, float, float] = field(default_factory=read_cpu_seconds)

    def read_noise(self) -> Noise:
        """Return the shares of steal and others so far, the load averages, and the warnings."""
        seconds = max(time.monotonic() - self.start_seconds, 1e-6)
        stolen, used, own = (
            now - then for now, then in zip(read_cpu_seconds(), self.start_cpu_seconds, strict=True)
        )
        steal, others = max(0.0, stolen / seconds), max(0.0, (used - own) / seconds)
        return Noise(
            warnings=noise_warnings(steal, others),
            steal_share=round(steal, 4),
            other_processes_share=round(others, 4),
            load_averages=[round(load, 2) for load in os.getloadavg()],
        )


def noise_warnings(steal: float, others: float) -> list[str]:
    """Return a sentence for each share that is above its limit."""
    warnings = []
    if steal > MAX_STEAL:
        warnings.append(f"the hypervisor took {steal:.0%} of a core")
    if others > MAX_OTHERS:
        warnings.append(f"other programs took {others:.0%} of a core")
    return warnings

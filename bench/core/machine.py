"""Describe the machine that a measurement ran on."""

import os
import platform
import sysconfig
from pathlib import Path

import msgspec
import psutil


class Machine(msgspec.Struct, forbid_unknown_fields=True):
    """What may explain a figure: processor, cores, memory, system, Python and its build."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    kernel: str
    cpu_governor: str
    steal_share: float
    python: str
    python_build: str
    python_compiler: str
    python_flags: str
    load_averages: list[float]  # over 1, 5 and 15 minutes


def collect_facts() -> Machine:
    """Return the facts about this machine."""
    return Machine(
        processor=read_processor_name(),
        cores=os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        kernel=platform.version(),
        cpu_governor=read_governor(),
        steal_share=read_steal_share(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        python_build=" ".join(platform.python_build()),
        python_compiler=platform.python_compiler(),
        python_flags=sysconfig.get_config_var("CONFIG_ARGS") or "",
        load_averages=[round(load, 2) for load in os.getloadavg()],
    )


def read_machine_id() -> str:
    """Return an identifier of this machine, the same for all its processes.

    The kernel creates a new identifier at each boot: see random(4), boot_id.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()


def read_governor() -> str:
    """Return the policy for the processor's frequency, "unknown" where the system hides it."""
    file = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def read_steal_share() -> float:
    """Return the share of processor time that a hypervisor took since the system started."""
    times = psutil.cpu_times()
    return round(getattr(times, "steal", 0.0) / (sum(times) or 1.0), 4)


def read_processor_name() -> str:
    """Return the name of the processor's model."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

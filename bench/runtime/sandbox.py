"""Start a host in a sandbox: without network, other folders or privileges, and with limits."""

import json
import os
import shutil
from functools import cache
from pathlib import Path

from bench.core import entrypoints
from bench.core.paths import ROOT
from bench.core.processes import TimeLimitError, run_command
from bench.frameworks.environments import Environment

NAMESPACES = ("--net", "--ipc", "--uts", "--pid", "--mount", "--fork", "--kill-child")
AS_USER = ("--user", "--map-root-user")
FIRST_USER, USERS = 1_000_000, 100_000
PROBE_TIMEOUT_SECONDS = 10.0


def build_command_prefix(environment: Environment, work: Path) -> list[str]:
    """Return the words before the command of a host, which may write to `work` alone."""
    namespaces = find_namespaces()
    interpreter = environment.python.resolve()
    readable = [environment.folder, interpreter.parents[1], ROOT / "bench", ROOT / "shared_db"]
    readable += [environment.source] if environment.source else []
    spec = {
        "namespaces": bool(namespaces),
        "is_root": os.geteuid() == 0,
        # No account's. Each run has its own: the kernel counts the processes of a user.
        "user": FIRST_USER + os.getpid() % USERS,
        "readable": [str(path.absolute()) for path in readable],
        "writable": str(work),
        "folder": str(ROOT),
    }
    sandbox = [str(environment.python), "-m", entrypoints.SANDBOX, json.dumps(spec)]
    return [*namespaces, *sandbox]


@cache
def find_namespaces() -> tuple[str, ...]:
    """Return the command that makes namespaces here, () where the kernel does not allow them."""
    program = shutil.which("unshare")
    if not program:
        return ()
    command = (program, *(AS_USER if os.geteuid() else ()), *NAMESPACES, "--")
    try:
        probe = run_command(
            [*command, "true"], PROBE_TIMEOUT_SECONDS, "unshare", "the sandbox goes without it"
        )
    except (OSError, TimeLimitError):
        return ()
    return command if probe.returncode == 0 else ()

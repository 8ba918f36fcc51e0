"""Remove a temporary folder when the process that uses the folder is gone, and end its hosts.

That process holds the other end of standard input, and removes the folder itself unless it is
killed. Its hosts end by themselves then, except for a host that was stopped by a signal.

Run: bench/workbench/server.py runs `python -m bench.workbench.folder_guard FOLDER`.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from bench.core import entrypoints
from bench.core.processes import kill_processes

ATTEMPTS = 50  # a host may write until it is gone
PAUSE_SECONDS = 0.1


def main() -> int:
    """Wait until standard input closes, then end the hosts and remove the folder."""
    while os.read(0, 4096):
        pass
    folder = Path(sys.argv[1])
    for _ in range(ATTEMPTS):
        if not folder.exists():
            return 0
        kill_processes(list(find_hosts(folder)))
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(PAUSE_SECONDS)
    return 1


def find_hosts(folder: Path) -> Iterator[psutil.Process]:
    """Yield the hosts whose log is in the folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if entrypoints.HTTP_HOST in process.cmdline() and any(
                Path(file.path).is_relative_to(folder) for file in process.open_files()
            ):
                yield process


if __name__ == "__main__":
    sys.exit(main())

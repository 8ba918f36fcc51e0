"""Run a server's command, and end it, with all that came of it, when the harness is gone.

The harness holds the other end of standard input. When that closes, or the command ends by itself,
the processes that are left are ended, and then the guard ends with the command's exit code.

Run: bench/measure/load/servers.py does, as `python -m bench.measure.load.guard COMMAND...`.
"""

import os
import subprocess
import sys
import threading

from bench.agent import signals
from bench.core.processes import ProcessTree


def main() -> int:
    """Run the command to its end, or to that of the harness; return its exit code."""
    signals.restore_defaults()
    # In a session of its own, so that its group can be ended without the guard.
    family = ProcessTree(sys.argv[1:], os.environ, {"stdin": subprocess.DEVNULL})
    threading.Thread(target=end_on_stdin_close, args=[family], daemon=True).start()
    code = family.process.wait()
    family.kill()
    return code


def end_on_stdin_close(family: ProcessTree) -> None:
    """End the command when standard input closes."""
    while os.read(0, 4096):
        pass
    family.kill()


if __name__ == "__main__":
    sys.exit(main())

"""Run a server's command, and end all its processes when the harness is gone.

The harness holds the other end of standard input. When standard input closes, or the command ends
by itself, the guard ends the remaining processes and then exits with the command's exit code.

Run: bench/measure/load/servers.py runs `python -m bench.measure.load.guard COMMAND...`.
"""

import os
import subprocess
import sys
import threading

from bench.agent import signals
from bench.core.processes import ProcessTree


def main() -> int:
    """Run the command until the command or the harness ends; return the command's exit code."""
    signals.restore_defaults()
    # The command runs in its own session, so that its process group ends without the guard.
    process_tree = ProcessTree(sys.argv[1:], os.environ, {"stdin": subprocess.DEVNULL})
    threading.Thread(target=end_on_stdin_close, args=[process_tree], daemon=True).start()
    code = process_tree.process.wait()
    process_tree.kill()
    return code


def end_on_stdin_close(process_tree: ProcessTree) -> None:
    """End the command when standard input closes."""
    while os.read(0, 4096):
        pass
    process_tree.kill()


if __name__ == "__main__":
    sys.exit(main())

"""Remove a temporary folder when the process that uses the folder is gone.

That process holds the other end of standard input, and removes the folder itself unless it is
killed.

Run: bench/workbench/server.py runs `python -m bench.workbench.folder_guard FOLDER`.
"""

import os
import shutil
import sys
import time
from pathlib import Path

ATTEMPTS = 50  # hosts of the killed process may write for a moment
PAUSE_SECONDS = 0.1


def main() -> int:
    """Wait until standard input closes, then remove the folder."""
    while os.read(0, 4096):
        pass
    folder = Path(sys.argv[1])
    for _ in range(ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return 0
        time.sleep(PAUSE_SECONDS)
    return 1


if __name__ == "__main__":
    sys.exit(main())

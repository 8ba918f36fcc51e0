"""Where do the harness's processes keep the bytecode of what they import?"""

import os

from bench.core.paths import Paths


def configure_cache() -> None:
    """Let processes begun from here keep bytecode in a folder of ours, where it is kept nowhere.

    PYTHONDONTWRITEBYTECODE would have every host compile its framework anew: its start would take
    three times as long, and be measured so.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(Paths.from_environ().ensure_folder("bytecode"))

"""Configure where the harness's processes cache bytecode."""

import os

from bench.core.paths import Paths


def configure_cache() -> None:
    """Let child processes cache bytecode in the state folder when the environment disables caching.

    With PYTHONDONTWRITEBYTECODE every host would compile its framework again, and the measured
    start would take three times as long.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(Paths.from_environ().ensure_folder("bytecode"))

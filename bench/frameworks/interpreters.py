"""Find the interpreters of this machine by their version."""

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

from bench.frameworks.uv_runner import EnvironmentBuildError, run_uv


def find_interpreter(version: str, name: str, log: Path) -> Path:
    """Return the path of an interpreter of this version of Python, such as 3.13.

    Nothing is downloaded. Raise EnvironmentBuildError, with the name of the environment that needs
    the interpreter, when the machine has none.
    """
    if f"{platform.python_version()}.".startswith(f"{version}."):
        return Path(sys.executable)
    # pyenv first: its commands on the path fail for versions that are not switched on.
    if in_pyenv := find_in_pyenv(version):
        return in_pyenv
    with suppress(EnvironmentBuildError):
        environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        return Path(run_uv(["python", "find", version], name, log, environ).strip())
    raise EnvironmentBuildError(
        f"{name}: Python {version} is not installed; install it, or name another --python"
    )


def find_in_pyenv(version: str) -> Path | None:
    """Return the newest interpreter of this version in pyenv, None without one."""
    folder = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    pythons = [*folder.glob(f"{version}/bin/python"), *folder.glob(f"{version}.*/bin/python")]
    return max(pythons, key=lambda path: [*map(int, path.parts[-3].split("."))], default=None)

"""The WSGI servers to compare, and the environments of frameworks with a server.

Each server has a hashed lock in bench/requirements/servers/ and a separate environment for each
framework, so that the packages of one server do not change another server.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from bench.core import entrypoints
from bench.core.files import hold_lock
from bench.core.paths import ROOT, Paths
from bench.frameworks.environments import HOST_LOCK, STAMP, Environment
from bench.frameworks.uv_runner import run_uv

SERVER_LOCKS = ROOT / "bench" / "requirements" / "servers"


@dataclass(frozen=True)
class Server:
    """A server: its name and its command line, with the placeholders {port} and {environment}."""

    name: str
    command: tuple[str, ...]
    package: str = (
        ""  # the stem of its file in SERVER_LOCKS; "" when every environment has the server
    )
    build_requirements: str = ""  # system packages that its build needs

    @property
    def lock(self) -> Path:
        """Return the path of the server's hashed lock."""
        return SERVER_LOCKS / f"{self.package}.txt"


def module_command(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a server that starts as a module."""
    return ("{environment}/bin/python", "-m", name, *arguments)


APPLICATION = f"{entrypoints.SERVER_ENTRYPOINT}:application"
GUNICORN_OPTIONS = ("--workers=1", "--bind=127.0.0.1:{port}", "--log-level=error", APPLICATION)
SERVERS = (
    Server("waitress", module_command(entrypoints.SERVER_ENTRYPOINT, "waitress", "{port}")),
    Server("gunicorn sync", module_command("gunicorn", *GUNICORN_OPTIONS), "gunicorn"),
    Server(
        "gunicorn gthread",
        module_command("gunicorn", "--worker-class=gthread", "--threads=4", *GUNICORN_OPTIONS),
        "gunicorn",
    ),
    Server(
        "granian",
        module_command(
            "granian", "--interface=wsgi", "--host=127.0.0.1", "--port={port}", "--workers=1",
            "--blocking-threads=4", "--no-ws", "--log-level=error", APPLICATION,
        ),
        "granian",
    ),
    Server(
        "uwsgi",
        (
            "{environment}/bin/pyuwsgi", "--http11-socket=127.0.0.1:{port}",
            "--virtualenv={environment}", f"--module={APPLICATION}", "--processes=1", "--threads=4",
            "--disable-logging", "--die-on-term", "--single-interpreter",
        ),
        "uwsgi",
    ),
    Server("bjoern", module_command(entrypoints.SERVER_ENTRYPOINT, "bjoern", "{port}"), "bjoern",
           build_requirements="a compiler and the headers of libev (Debian: libev-dev)"),
    Server("cheroot", module_command(entrypoints.SERVER_ENTRYPOINT, "cheroot", "{port}"),
           "cheroot"),
    Server("wsgiref", module_command(entrypoints.SERVER_ENTRYPOINT, "wsgiref", "{port}")),
)  # fmt: skip


def ensure_server_environment(environment: Environment, server: Server, paths: Paths) -> Path:
    """Return the environment of the framework with the server; raise EnvironmentBuildError.

    An environment that is already built from the same locks is not changed.
    """
    if not server.package:
        return environment.folder
    name = f"{environment.framework.name}-on-{server.package}"
    folder = paths.environments / name
    locks = [file.read_bytes() for file in (environment.framework.lock, HOST_LOCK, server.lock)]
    stamp = {"locks": hashlib.sha256(b"".join(locks)).hexdigest()}
    with hold_lock(paths.environments / f"{name}.lock"):
        if not is_built(folder, stamp):
            build_server_environment(
                environment, server, folder, paths.prepare_log_path(f"setup-{name}")
            )
            (folder / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return folder


def is_built(folder: Path, expected: dict[str, str]) -> bool:
    """Return whether the environment is built from these locks."""
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(stamp == expected)


def build_server_environment(
    environment: Environment, server: Server, folder: Path, log: Path
) -> None:
    """Build the environment; raise EnvironmentBuildError with uv's reason."""
    python, locks = str(environment.python), (environment.framework.lock, HOST_LOCK)
    for arguments in (
        ["venv", "--clear", "--python", python, str(folder)],
        ["pip", "sync", "--python", str(folder), "--require-hashes", *map(str, locks)],
        ["pip", "install", "--python", str(folder), "--require-hashes", "-r", str(server.lock)],
    ):
        run_uv(arguments, f"{environment.framework.name} on {server.name}", log)

"""Serve the workbench's pages and the stage on two addresses until a signal ends the command."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, socket

import uvicorn
from starlette.types import ASGIApp

from bench.core import entrypoints
from bench.core.paths import ROOT, Paths
from bench.core.processes import ProcessTree
from bench.frameworks.environments import Environment
from bench.runtime.host import LOOPBACK, listen
from bench.workbench.access import create_token
from bench.workbench.edits import follow_edits
from bench.workbench.pages import Pages
from bench.workbench.stage import Stage
from bench.workbench.workbench import Workbench

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A thread that compares pages gives way to the proxy after this time; Python's default is 5 ms.
SWITCH_SECONDS = 0.0005
GRACE_SECONDS = 1
MAX_HEAD_BYTES = 256 * 1024  # of a request; an address may contain the requests to replay


class QuietServer(uvicorn.Server):
    """A server that leaves the signals to the workbench."""

    def capture_signals(self) -> "nullcontext[None]":  # type: ignore[override]
        """Return a context that captures nothing."""
        return nullcontext()


class RunningServers:
    """The servers of both addresses."""

    def __init__(self, apps: Sequence[tuple[ASGIApp, socket]]) -> None:
        self._servers = [(create_server(app), listener) for app, listener in apps]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start to answer requests."""
        self._tasks = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in self._servers
        ]

    async def stop(self) -> None:
        """Stop after the requests in progress, or after a grace period."""
        for server, _ in self._servers:
            server.should_exit = True
        await asyncio.gather(*self._tasks, return_exceptions=True)


def create_server(app: ASGIApp) -> QuietServer:
    """Return a server of one application."""
    # h11 passes the target of a request on as it was sent; other parsers hide another site's name.
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, proxy_headers=False,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS, timeout_keep_alive=60,
    )  # fmt: skip
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return QuietServer(config)


@contextmanager
def guarded_folder() -> Iterator[Path]:
    """Yield a temporary folder, which is removed afterwards, also if this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="cookoff-workbench-")).resolve()
    command = [sys.executable, "-m", entrypoints.FOLDER_GUARD, str(folder)]
    # Its own session: Ctrl-C and the end of the terminal end this process, not the guard.
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    guard = ProcessTree(command, os.environ, {"cwd": ROOT, **pipes}).process
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        assert guard.stdin
        guard.stdin.close()
        guard.wait()


async def serve_workbench(
    environments: Sequence[Environment],
    paths: Paths,
    port: int,
    on_ready: Callable[[str], None],
    opens_browser: bool = False,
) -> None:
    """Serve the workbench until a signal; call `on_ready` with the address of its first page.

    The stage has the next port; with port 0 the kernel chooses both.
    """
    stopped = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_workbench(environments, paths, port) as running:
        on_ready(running.address)
        if opens_browser:
            webbrowser.open(running.address)
        await stopped.wait()


class open_workbench:  # used as a function
    """A running workbench on two addresses, as an asynchronous context."""

    def __init__(
        self,
        environments: Sequence[Environment],
        paths: Paths,
        port: int = 0,
        settings: Mapping[str, object] | None = None,
        seed: Path | None = None,
    ) -> None:
        """Store what to serve; `seed` is a database that each site gets a copy of."""
        self.seed = seed
        self.environments, self.paths, self.port = environments, paths, port
        self.settings = settings or {}
        self._edits: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "open_workbench":
        """Start the site on stage and both servers; raise DependencyError."""
        sys.setswitchinterval(SWITCH_SECONDS)
        self._pages_listener = listen_without_delay(self.port)
        self._stage_listener = listen_without_delay(self.port and self.port + 1)
        self.authority = format_authority(self._pages_listener)
        self.stage_authority = format_authority(self._stage_listener)
        self._folder = guarded_folder()
        folder = self._folder.__enter__()
        settings = {"frame_ancestors": f"http://{self.authority}", **self.settings}
        self.workbench = Workbench(self.environments, self.paths, folder, settings, self.seed)
        self.token = create_token()
        stage = Stage(self.workbench, self.stage_authority)
        pages = Pages(self.workbench, self.authority, self.stage_authority, self.token)
        self._servers = RunningServers(
            [(pages.app, self._pages_listener), (stage, self._stage_listener)]
        )
        try:
            await self.workbench.start()
            self._servers.start()
            self._edits = asyncio.create_task(follow_edits(self.workbench))
        except BaseException:
            await self._close()
            raise
        return self

    @property
    def address(self) -> str:
        """Return the address of the first page, with the token."""
        return f"http://{self.authority}/?token={self.token}"

    async def __aexit__(self, *_: object) -> None:
        """End everything that was started."""
        await self._close()

    async def _close(self) -> None:
        if self._edits:
            self._edits.cancel()
            await asyncio.gather(self._edits, return_exceptions=True)
        self.workbench.broadcaster.close()
        await self._servers.stop()
        await self.workbench.close()
        self._pages_listener.close()
        self._stage_listener.close()
        self._folder.__exit__(None, None, None)


def listen_without_delay(port: int) -> socket:
    """Return a listening socket whose connections send small pieces at once.

    A reply is written as head and body; otherwise the body would wait 40 ms for the client. asyncio
    sets the option itself only for sockets that name their protocol.
    """
    listener = listen(port)
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # inherited by accepted connections
    return listener


def format_authority(listener: socket) -> str:
    """Return the name and the port of an address."""
    return f"{LOOPBACK}:{listener.getsockname()[1]}"

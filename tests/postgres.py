"""A private PostgreSQL server for tests, on a socket in a temporary folder."""

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypedDict

import psycopg

import shared_db

_TIMEOUT_SECONDS = 30
_TEMPLATE = "seeded_template"
# The data does not outlive the tests, so it need not be safe on disk.
_UNSAFE_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
)
# The server ends when its standard input closes, also when the tests are killed.
_UNTIL_INPUT_ENDS = '"$@" & server=$!; read -r _; kill -INT "$server"; wait "$server"'


class PostgresServer:
    """A running server; its superuser is the user that runs it."""

    def __init__(self, folder: Path, user: str) -> None:
        self._folder = folder
        self._user = user
        self._numbers = count(1)
        self._has_template = False
        self._unchanged: list[str] = []
        self._connection: psycopg.Connection | None = None

    def url(self, database: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{self._user}@/{database}?host={self._folder}"

    def create_database(self) -> str:
        """Create a database with the seed rows; return its URL."""
        if not self._has_template:
            self.execute(f"CREATE DATABASE {_TEMPLATE}")
            shared_db.create(self.url(_TEMPLATE))
            self._has_template = True
        return self._create(f"TEMPLATE {_TEMPLATE}")

    @contextmanager
    def lend_database(self) -> Iterator[str]:
        """Yield the URL of a database with the seed rows; reuse it if it was not changed."""
        url = self._unchanged.pop() if self._unchanged else self.create_database()
        before = self._last_transaction()
        yield url
        if self._last_transaction() == before:
            self._unchanged.append(url)
        else:
            self.drop_database(url)

    def create_empty_database(self) -> str:
        """Create an empty database; return its URL."""
        return self._create("")

    def drop_database(self, url: str) -> None:
        """Remove a database of this server, and end its connections."""
        self.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def hang_up_on(self, url: str) -> None:
        """Terminate all connections to a database, as a restart of the server does."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 f" WHERE datname = '{_name(url)}'")  # fmt: skip

    def execute(self, sql: str) -> psycopg.Cursor:
        """Run one statement as the superuser."""
        if self._connection is None:
            self._connection = psycopg.connect(
                host=str(self._folder), user=self._user, dbname="postgres", autocommit=True
            )
        return self._connection.execute(sql)

    def close(self) -> None:
        """Close the superuser's connection."""
        if self._connection is not None:
            self._connection.close()

    def _last_transaction(self) -> object:
        """Return the number of the server's last transaction that wrote, committed or not."""
        return self.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()

    def _create(self, options: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def why_not() -> str:
    """Return why no server can be started here, or ""."""
    if _find_programs() is None:
        return "PostgreSQL's own programs (initdb, postgres) are not installed"
    if os.geteuid() == 0 and not _get_server_user():
        return "PostgreSQL does not run as root, and there is no user postgres or nobody"
    return ""


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a running server, and stop it afterwards."""
    programs, user = _find_programs(), _get_server_user() or getpass.getuser()
    assert programs is not None, why_not()
    # Not in pytest's folder: the server's user cannot enter it, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="cookoff-"))
    try:
        if _get_server_user():
            shutil.chown(folder, user)
        _initialise(programs, folder)
        with _running(programs, folder) as process:
            server = PostgresServer(folder, user)
            _wait_for(server, process)
            yield server
            server.close()
    finally:
        shutil.rmtree(folder)


def _find_programs() -> Path | None:
    initdb = shutil.which("initdb")
    folders = [Path(initdb).parent] if initdb else []
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    candidates = [folder for folder in folders if (folder / "postgres").exists()]
    return max(
        candidates, key=lambda folder: (folder.parent.name.zfill(4), str(folder)), default=None
    )


def _get_server_user() -> str:
    """Return another user to run the server, because PostgreSQL rejects root; else ""."""
    if os.geteuid() != 0:
        return ""
    users = {user.pw_name for user in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in users), "")


class _UserOptions(TypedDict, total=False):
    """The arguments of subprocess functions that select a program's user."""

    user: str
    group: int
    extra_groups: list[str | int]


def _user_options() -> _UserOptions:
    user = _get_server_user()
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path) -> None:
    command: list[str | Path] = [programs / "initdb", "-D", folder / "data"]
    command += ["-A", "trust", "-E", "UTF8", "--no-sync"]
    # A language's collation, as many servers have: the order of rows must not depend on it.
    options = subprocess.run([programs / "initdb", "--help"], capture_output=True, check=True)
    if b"--icu-locale" in options.stdout:
        command += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **_user_options())


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = [f"-c{setting}" for setting in ("listen_addresses=", *_UNSAFE_SETTINGS)]
    server: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            ["/bin/sh", "-c", _UNTIL_INPUT_ENDS, "sh", *server, *settings],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            **_user_options(),
        ) as process,
    ):
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_TIMEOUT_SECONDS)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)

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

import psycopg

import shared_db

_PATIENCE_SECONDS = 30
_TEMPLATE = "stocked_larder"
# Nothing here outlives the tests, so nothing need be safe on disk.
_CAREFREE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
# The server ends when its standard input does: also when the tests are killed.
_UNTIL_INPUT_ENDS = '"$@" & server=$!; read -r _; kill -INT "$server"; wait "$server"'


class PostgresServer:
    """A running server; its superuser is whoever runs it."""

    def __init__(self, folder: Path, user: str) -> None:
        self._folder = folder
        self._user = user
        self._numbers = count(1)
        self._has_template = False
        self._unspoilt: list[str] = []
        self._connection: psycopg.Connection | None = None

    def url(self, database: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{self._user}@/{database}?host={self._folder}"

    def create_database(self) -> str:
        """Make a database that holds a new larder; return its URL."""
        if not self._has_template:
            self.say(f"CREATE DATABASE {_TEMPLATE}")
            shared_db.create(self.url(_TEMPLATE))
            self._has_template = True
        return self._create(f"TEMPLATE {_TEMPLATE}")

    @contextmanager
    def lend_database(self) -> Iterator[str]:
        """Give the URL of a database that holds a new larder; one not written to is lent again."""
        url = self._unspoilt.pop() if self._unspoilt else self.create_database()
        before = self._last_transaction()
        yield url
        if self._last_transaction() == before:
            self._unspoilt.append(url)
        else:
            self.drop_database(url)

    def create_empty_database(self) -> str:
        """Make a database that holds nothing; return its URL."""
        return self._create("")

    def drop_database(self, url: str) -> None:
        """Remove a database that was made here, whoever is connected to it."""
        self.say(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def hang_up_on(self, url: str) -> None:
        """End every connection to a database, as a restart of the server does."""
        self.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 f" WHERE datname = '{_name(url)}'")  # fmt: skip

    def say(self, sql: str) -> psycopg.Cursor:
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
        """Return the number of the server's last transaction that wrote, kept or not."""
        return self.say("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()

    def _create(self, how: str) -> str:
        name = f"larder_{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name} {how}")
        return self.url(name)


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def why_not() -> str:
    """Return why no server can be started here, or "" when one can."""
    if _programs() is None:
        return "PostgreSQL's own programs (initdb, postgres) are not installed"
    if os.geteuid() == 0 and not _servant():
        return "PostgreSQL does not run as root, and there is no user postgres or nobody"
    return ""


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Give a running server, and stop it afterwards."""
    programs, user = _programs(), _servant() or getpass.getuser()
    assert programs is not None, why_not()
    # Not pytest's folder: the server's user may not look into it, and sockets have short names.
    folder = Path(tempfile.mkdtemp(prefix="larder-"))
    try:
        if _servant():
            shutil.chown(folder, user)
        _initialise(programs, folder)
        with _running(programs, folder) as process:
            server = PostgresServer(folder, user)
            _wait_for(server, process)
            yield server
            server.close()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder for folder in folders if (folder / "postgres").exists()]
    return max(found, key=lambda folder: (folder.parent.name.zfill(4), str(folder)), default=None)


def _servant() -> str:
    """Return the user to run the server as when we are root, for root it refuses; else ""."""
    if os.geteuid() != 0:
        return ""
    users = {user.pw_name for user in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in users), "")


def _as_servant() -> dict[str, object]:
    user = _servant()
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path) -> None:
    command = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-E", "UTF8", "--no-sync"]
    # Sorted by a language's rules, as a server often is: the larder's order may not depend on it.
    options = subprocess.run([programs / "initdb", "--help"], capture_output=True, check=True)
    if b"--icu-locale" in options.stdout:
        command += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **_as_servant())


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = [f"-c{setting}" for setting in ("listen_addresses=", *_CAREFREE)]
    server = [programs / "postgres", "-D", folder / "data", "-k", folder, *settings]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            ["/bin/sh", "-c", _UNTIL_INPUT_ENDS, "sh", *server],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            **_as_servant(),
        ) as process,
    ):
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_PATIENCE_SECONDS)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            server.say("SELECT 1")
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)

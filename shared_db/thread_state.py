"""The database state of one thread: its connection, its counters and its loaded session."""

from typing import Any, NamedTuple


class Usage(NamedTuple):
    """The number of queries of one request, and the seconds that they took."""

    queries: int
    seconds: float

    @property
    def milliseconds(self) -> str:
        """Return the time in milliseconds, with two decimals: "0.12"."""
        return f"{self.seconds * 1000:.2f}"


class LoadedSession(NamedTuple):
    """The session row that the current request read, as it was at that time."""

    token_hash: str
    id: int
    data: str  # JSON


class ThreadState:
    """The connection of a thread, its cursor, its counters, and the session of its request."""

    __slots__ = ("__weakref__", "connection", "cursor", "loaded_session", "queries", "seconds")

    def __init__(self) -> None:
        """Start without a connection: the first statement connects."""
        self.connection: Any = None
        self.cursor: Any = None
        self.loaded_session: LoadedSession | None = None
        self.queries = 0
        self.seconds = 0.0

    def disconnect(self) -> None:
        """Close the connection, if there is one. The next statement opens a new connection."""
        connection, self.connection, self.cursor = self.connection, None, None
        if connection is not None:
            connection.close()

    # When a thread ends, its connection is closed.
    __del__ = disconnect

"""A hand: what one thread holds of the larder."""

from typing import Any, NamedTuple


class Usage(NamedTuple):
    """What one request asked of the database."""

    queries: int
    seconds: float

    @property
    def milliseconds(self) -> str:
        """Return the time in milliseconds: "0.12"."""
        return f"{self.seconds * 1000:.2f}"


class LoadedSession(NamedTuple):
    """The session that the current request has read: its row as it was then."""

    token_hash: str
    id: int
    data: str


class Hand:
    """A thread's connection, the cursor on it, its counters, and the request's session."""

    __slots__ = ("__weakref__", "connection", "cursor", "loaded_session", "queries", "seconds")

    def __init__(self) -> None:
        """Begin with nothing: the first statement connects."""
        self.connection: Any = None
        self.cursor: Any = None
        self.loaded_session: LoadedSession | None = None
        self.queries = 0
        self.seconds = 0.0

    def let_go(self) -> None:
        """Close the connection, if there is one; the next statement opens another."""
        connection, self.connection, self.cursor = self.connection, None, None
        if connection is not None:
            connection.close()

    # A thread that ends closes its connection.
    __del__ = let_go

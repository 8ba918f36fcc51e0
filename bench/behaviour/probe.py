"""Define a probe: the requests that it sends, and how its replies are described and judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.behaviour.http_response import Reply
from bench.behaviour.standards import Clause

Replies = Sequence[Reply]
Grade = Literal["must", "should", "free"]
GRADES: tuple[Grade, ...] = ("must", "should", "free")
GROUPS = {
    "methods": "Methods",
    "paths": "Paths",
    "query": "The query",
    "json": "JSON",
    "forms": "Forms",
    "uploads": "Uploads",
    "framing": "Framing",
    "cookies": "Cookies and sessions",
    "injection": "Injection",
    "static": "Static files",
    "errors": "Errors and endings",
}


@dataclass(frozen=True)
class Probe:
    """One probe: requests that show one behaviour of a framework.

    `describe` returns the outcome in a few words; frameworks with equal words agree. `meets`
    returns whether the outcome meets the clause, None if the clause does not apply. Both take the
    replies to all requests, in order.
    """

    id: str
    sentence: str  # describes the request completely for a reader
    group: str
    requests: tuple[bytes, ...]
    describe: Callable[[Replies], str]
    grade: Grade = "free"
    clause: Clause | None = None
    meets: Callable[[Replies], bool | None] | None = None
    debug: bool = False  # sent to the application in debug mode
    needs: str = ""  # a path that not every framework has; without it, the probe does not apply
    servers_only: bool = False  # the bytes never reach an application
    servers_duty: bool = (
        False  # the clause binds the server that reads the bytes, not the application
    )
    half_close: bool = False  # the client closes its side after the last byte

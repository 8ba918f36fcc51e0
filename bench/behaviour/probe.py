"""What is a probe: which bytes are sent, what is looked at in the reply, and who has a say?"""

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
    """One question to a framework.

    `tell` puts what was observed into a few words: frameworks with the same words agree. `meets`
    says whether that is what the clause asks for; None where the clause does not apply. Both get
    the replies to all requests, in order.
    """

    id: str
    sentence: str  # what is asked, so that a reader needs no more
    group: str
    requests: tuple[bytes, ...]
    describe: Callable[[Replies], str]
    grade: Grade = "free"
    clause: Clause | None = None
    meets: Callable[[Replies], bool | None] | None = None
    debug: bool = False  # asked of the application in its debug mode
    needs: str = ""  # an address that not every framework has; without it, not applicable
    servers_only: bool = False  # no application ever sees these bytes
    servers_duty: bool = False  # the clause binds who reads the bytes, not the application
    half_close: bool = False  # the client ends its side after the last byte

"""How many statements does a reply take? Adds a header that says so, whatever the framework.

It runs inside the framework's environment: the standard library, shared_db and the app.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from shared_db.connections import Connections
from tests.wsgi_loader import application_in

asked = threading.local()


def counted(method: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Return a method of the larder's connections that counts its calls."""

    def call(connections: Connections, *arguments: Any, **named: Any) -> Any:
        setattr(asked, kind, getattr(asked, kind) + 1)
        return method(connections, *arguments, **named)

    return call


# Each call of the first is one query; of the second, one statement for many rows.
Connections.fetch_all = counted(Connections.fetch_all, "selects")  # type: ignore[method-assign]
Connections.execute_many = counted(Connections.execute_many, "updates")  # type: ignore[method-assign]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the framework does, and say how many statements of each kind it took."""
    asked.selects = asked.updates = 0

    def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
        counts = [("X-Selects", str(asked.selects)), ("X-Updates", str(asked.updates))]
        return start_response(status, [*headers, *counts], *failure)

    return application_in("techempower")(environ, start)

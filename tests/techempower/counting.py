"""Count the SQL statements of each reply, and add the counts as headers.

This module runs in the framework's environment: standard library, shared_db and the app.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from shared_db.connections import Connections
from tests.wsgi_loader import application_in

counters = threading.local()


def count_calls(method: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Wrap a method of Connections to count its calls."""

    def call(connections: Connections, *arguments: Any, **named: Any) -> Any:
        setattr(counters, kind, getattr(counters, kind) + 1)
        return method(connections, *arguments, **named)

    return call


# A call of fetch_all is one query; a call of execute_many is one statement for many rows.
Connections.fetch_all = count_calls(Connections.fetch_all, "selects")  # type: ignore[method-assign]
Connections.execute_many = count_calls(Connections.execute_many, "updates")  # type: ignore[method-assign]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Call the app, and add the number of statements of each kind as headers."""
    counters.selects = counters.updates = 0

    def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
        counts = [("X-Selects", str(counters.selects)), ("X-Updates", str(counters.updates))]
        return start_response(status, [*headers, *counts], *failure)

    return application_in("techempower")(environ, start)

"""How does an app look from behind https? Serves it as if a proxy had taken the encryption off.

It runs inside the framework's environment: the standard library, shared_db and the app.
"""

from collections.abc import Callable, Iterable
from typing import Any

from tests.wsgi_loader import application_in


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Pass the request on as one that came by https."""
    return application_in("app")({**environ, "wsgi.url_scheme": "https"}, start_response)

"""Serve an app as if a proxy in front of it terminated HTTPS.

This module runs in the framework's environment: standard library, shared_db and the app.
"""

from collections.abc import Callable, Iterable
from typing import Any

from tests.wsgi_loader import application_in


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Pass the request to the app with the URL scheme https."""
    return application_in("app")({**environ, "wsgi.url_scheme": "https"}, start_response)

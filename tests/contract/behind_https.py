"""How does an app look from behind https? Serves it as if a proxy had taken the encryption off.

It runs inside the framework's environment: the standard library, shared_db and the app.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shared_db.settings import Settings

SETTINGS_VARIABLE = "CONTRACT_SETTINGS"


@cache
def _app() -> Callable[..., Iterable[bytes]]:
    told = json.loads(os.environ[SETTINGS_VARIABLE])
    settings = Settings(**{k: Path(v) if k.endswith("_dir") else v for k, v in told.items()})
    app: Callable[..., Iterable[bytes]] = importlib.import_module("app").create_app(settings)
    return app


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Pass the request on as one that came by https."""
    return _app()({**environ, "wsgi.url_scheme": "https"}, start_response)

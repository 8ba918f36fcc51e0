"""Load an application for a wrapper that runs inside the framework's environment.

An environment variable has the application's settings as JSON. Imports the standard library,
shared_db and the app.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shared_db.settings import Settings

SETTINGS_VARIABLE = "COOKOFF_TEST_SETTINGS"
Application = Callable[..., Iterable[bytes]]


@cache
def application_in(module: str) -> Application:
    """Return the application that a module of the app creates, created once."""
    values = json.loads(os.environ[SETTINGS_VARIABLE])
    arguments: dict[str, Any] = {
        key: Path(value) if key.endswith("_dir") else value for key, value in values.items()
    }
    application: Application = importlib.import_module(module).create_app(Settings(**arguments))
    return application

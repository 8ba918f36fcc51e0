"""How does a wrapper around an application, inside its environment, come by the application?

Its settings are told in an environment variable. The standard library, shared_db and the app.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from shared_db.settings import Settings

SETTINGS_VARIABLE = "COOKOFF_TEST_SETTINGS"
Application = Callable[..., Iterable[bytes]]


@cache
def application_in(module: str) -> Application:
    """Return what a module of the app creates with these settings, created once."""
    told = json.loads(os.environ[SETTINGS_VARIABLE])
    settings = Settings(**{k: Path(v) if k.endswith("_dir") else v for k, v in told.items()})
    application: Application = importlib.import_module(module).create_app(settings)
    return application

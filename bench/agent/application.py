"""Load the WSGI application that a launch spec names."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def load_application(spec: dict[str, Any]) -> Callable[..., Any]:
    """Return the WSGI callable that the order names; files that it makes are its user's alone."""
    os.umask(0o077)
    if folder := spec.get("folder"):
        sys.path.insert(0, str(Path(folder).absolute()))
    if "app" in spec:
        module, _, name = spec["app"].partition(":")
        application = getattr(importlib.import_module(module), name)
    else:
        from shared_db.settings import Settings

        told: dict[str, Any] = dict(spec["settings"])
        told |= {key: Path(value) for key, value in told.items() if key.endswith("_dir")}
        application = importlib.import_module(spec["module"]).create_app(Settings(**told))
    if not callable(application):
        raise TypeError(f"not a WSGI callable: {application!r}")
    return application  # type: ignore[no-any-return]  # what an application is, nobody declares

"""Load the WSGI application that a launch spec names."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def load_application(spec: dict[str, Any]) -> Callable[..., Any]:
    """Return the WSGI callable that a launch spec names; raise TypeError if it is not callable.

    Only the owner can read the files that the application creates.
    """
    os.umask(0o077)
    if folder := spec.get("folder"):
        sys.path.insert(0, str(Path(folder).absolute()))
    if "app" in spec:
        module, _, name = spec["app"].partition(":")
        application = getattr(importlib.import_module(module), name)
    else:
        from shared_db.settings import Settings

        values: dict[str, Any] = dict(spec["settings"])
        values |= {key: Path(value) for key, value in values.items() if key.endswith("_dir")}
        application = importlib.import_module(spec["module"]).create_app(Settings(**values))
    if not callable(application):
        raise TypeError(f"not a WSGI callable: {application!r}")
    return application  # type: ignore[no-any-return]  # applications declare no type

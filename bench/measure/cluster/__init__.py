"""Share a measurement out among machines with Dask distributed, and lose nothing.

Importing this package raises Missing where Dask, an extra, is not installed.
"""

from importlib.util import find_spec

from bench.core.errors import DependencyError

if find_spec("distributed") is None:
    raise DependencyError("Dask is not installed; run: make cluster")

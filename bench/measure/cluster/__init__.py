"""Distribute a measurement over several machines with Dask, without losing results.

Importing this package raises DependencyError when Dask, an optional dependency, is not installed.
"""

from importlib.util import find_spec

from bench.core.errors import DependencyError

if find_spec("distributed") is None:
    raise DependencyError("Dask is not installed; run: make cluster")

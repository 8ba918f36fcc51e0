"""Run functions that block in the threads of a pool."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


async def run_in(pool: ThreadPoolExecutor, function: Callable[[], Result]) -> Result:
    """Return the result of a function that runs in a pool's thread."""
    return await asyncio.get_running_loop().run_in_executor(pool, function)

"""Reduce the calls of a request to the blocks of an icicle chart.

A block is a call with all calls below it. Runs inside a framework's environment.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MIN_SHARE = 0.02  # of all calls of the request, for a block
CHAIN_SHARE = 0.9  # a call of its caller's layer that makes this share of its calls is left out
UNFOLDED_LAYER = "app"  # each function of the app is shown


class Block(NamedTuple):
    """One block: its row, its place among all calls in their order, and its number of calls."""

    entry: int  # the number of the call that the block begins with
    row: int
    calls: int


def build_blocks(depths: Sequence[int], layers: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a request's calls, given by depth and layer in the order of their begin.

    A call without a block belongs to the block of its caller: a small one, and one that does most
    of its caller's work within one layer, such as each of a chain of middleware.
    """
    sizes = count_calls(depths)
    least = max(1.0, MIN_SHARE * len(depths))
    open_blocks: list[tuple[Block, int]] = []  # with the number of the first call after the block
    for entry, (layer, calls) in enumerate(zip(layers, sizes, strict=True)):
        if calls < least:
            continue
        while open_blocks and open_blocks[-1][1] <= entry:
            open_blocks.pop()
        outer = open_blocks[-1][0] if open_blocks else None
        is_chained = (
            outer
            and layer != UNFOLDED_LAYER
            and layers[outer.entry] == layer
            and calls >= CHAIN_SHARE * outer.calls
        )
        if not is_chained:
            block = Block(entry, outer.row + 1 if outer else 0, calls)
            open_blocks.append((block, entry + calls))
            yield block


def count_calls(depths: Sequence[int]) -> list[int]:
    """Return for each call the number of calls below it, with itself."""
    sizes = [1] * len(depths)
    open_calls: list[int] = []
    for entry, depth in enumerate(depths):
        while open_calls and depths[open_calls[-1]] >= depth:
            open_calls.pop()
        for outer in open_calls:
            sizes[outer] += 1
        open_calls.append(entry)
    return sizes

"""Collapse the call tree of a request, so that the tree fits on a screen.

The app's own functions have a line each. In every other layer one line has a function together with
all functions that it calls within its layer; neighbouring lines of one layer are joined. Example:
"framework: flask.app:Flask.wsgi_app  167 calls, 9 deep". An arrow marks the path to the handler.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.agent.call_blocks import UNFOLDED_LAYER
from bench.core.words import format_count, get_module_name

CallEntry = tuple[int, str, str, str]  # depth, layer, file, function


@dataclass
class CollapsedCall:
    """The calls within one layer that one line shows."""

    layer: str
    file: str
    function: str
    calls: int = 1
    max_depth: int = 1
    joined_count: int = 0  # collapsed calls that were joined with this one
    on_call_path: bool = False
    children: list["CollapsedCall"] = field(default_factory=list)


def collapse_calls(
    entries: Sequence[CallEntry], calls_before_handler: int | None
) -> list[CollapsedCall]:
    """Return the outermost collapsed calls of a call tree.

    `entries` are the calls in the order in which they began. `calls_before_handler` is the number
    of entries before the handler's entry, or None when no handler ran.
    """
    roots: list[CollapsedCall] = []
    stack: list[tuple[int, CollapsedCall]] = []  # the depth and the line of each open call
    for number, (depth, layer, file, function) in enumerate(entries):
        while stack and stack[-1][0] >= depth:
            stack.pop()
        parent = stack[-1][1] if stack else None
        # Functions of shared libraries in this layer are folded.
        if (
            parent
            and parent.layer == layer
            and not (layer == UNFOLDED_LAYER and file.startswith("apps/"))
        ):
            call = parent
            call.calls += 1
            call.max_depth = max(
                call.max_depth, 1 + sum(open_call is call for _, open_call in stack)
            )
        else:
            call = CollapsedCall(layer, file, function)
            (parent.children if parent else roots).append(call)
        stack.append((depth, call))
        if number == calls_before_handler:
            for _, open_call in stack:
                open_call.on_call_path = True
    return join_neighbours(roots)


def join_neighbours(calls: Sequence[CollapsedCall]) -> list[CollapsedCall]:
    """Return the collapsed calls, with neighbours of the same layer joined."""
    joined: list[CollapsedCall] = []
    for call in calls:
        call.children = join_neighbours(call.children)
        last = joined[-1] if joined else None
        if last and last.layer == call.layer and all(map(is_joinable, (last, call))):
            last.joined_count += 1
            last.calls += call.calls
            last.max_depth = max(last.max_depth, call.max_depth)
        else:
            joined.append(call)
    return joined


def is_joinable(call: CollapsedCall) -> bool:
    """Return whether a call may be joined: it has no children, and is not on the call path."""
    return not (call.children or call.on_call_path)


def format_lines(calls: Sequence[CollapsedCall], indent: int = 0) -> Iterator[str]:
    """Yield a line for each collapsed call: layer, first function, number of calls and depth."""
    for call in calls:
        mark = "→" if call.on_call_path else " "
        where = f"{get_module_name(call.file)}:{call.function}"
        more = f" and {call.joined_count} more" if call.joined_count else ""
        count = format_count(call.calls, "call")
        size = f"  {count}, {call.max_depth} deep" if call.calls > 1 else ""
        yield f"{mark} {'  ' * indent}{call.layer}: {where}{more}{size}"
        yield from format_lines(call.children, indent + 1)

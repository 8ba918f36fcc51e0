"""How does one request's whole call tree fit on a screen? Calls of one layer below each other fold.

The app's own functions stand one by one. Elsewhere a function stands for all it calls within its
layer, and what follows without leaving the layer joins it: "framework  Flask.wsgi_app … 167 calls".
The way to the handler is marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure.trace.result import LAYER_WORDS, get_module_name

CallEntry = Sequence[Any]  # depth, layer, file, function: as the worker tells of them
UNFOLDED_LAYER = "app"  # the layer whose own functions are not folded; those of the library are


@dataclass
class CollapsedCall:
    """Calls within one layer that are shown in one line."""

    layer: str
    file: str
    function: str
    calls: int = 1
    max_depth: int = 1
    joined_count: int = 0  # folds that joined this one
    on_call_path: bool = False
    children: list["CollapsedCall"] = field(default_factory=list)


def collapse_calls(
    entries: Sequence[CallEntry], calls_before_handler: int | None
) -> list[CollapsedCall]:
    """Return the outermost folds of a call tree, told in the order in which it was entered.

    before is how many entries come before the handler's, None where there is none.
    """
    roots: list[CollapsedCall] = []
    stack: list[tuple[int, CollapsedCall]] = []  # the depth of each open entry, and its fold
    for number, (depth, layer, file, function) in enumerate(entries):
        while stack and stack[-1][0] >= depth:
            stack.pop()
        parent = stack[-1][1] if stack else None
        if (
            parent
            and parent.layer == layer
            and not (layer == UNFOLDED_LAYER and file.startswith("apps/"))
        ):
            fold = parent
            fold.calls += 1
            fold.max_depth = max(fold.max_depth, 1 + sum(one is fold for _, one in stack))
        else:
            fold = CollapsedCall(layer, file, function)
            (parent.children if parent else roots).append(fold)
        stack.append((depth, fold))
        if number == calls_before_handler:
            for _, one in stack:
                one.on_call_path = True
    return join_neighbours(roots)


def join_neighbours(folds: Sequence[CollapsedCall]) -> list[CollapsedCall]:
    """Return the folds with runs that stay within one layer joined."""
    found: list[CollapsedCall] = []
    for fold in folds:
        fold.children = join_neighbours(fold.children)
        last = found[-1] if found else None
        if last and last.layer == fold.layer and all(map(is_joinable, (last, fold))):
            last.joined_count += 1
            last.calls += fold.calls
            last.max_depth = max(last.max_depth, fold.max_depth)
        else:
            found.append(fold)
    return found


def is_joinable(fold: CollapsedCall) -> bool:
    """Tell whether a fold may be shown with its neighbours: nothing is below it."""
    return not (fold.children or fold.on_call_path)


def format_lines(folds: Sequence[CollapsedCall], indent: int = 0) -> Iterator[str]:
    """Yield a line for each fold: its word, where it begins, and how much it holds."""
    for fold in folds:
        mark = "→" if fold.on_call_path else " "
        where = f"{get_module_name(fold.file)}:{fold.function}"
        more = f" and {fold.joined_count} more" if fold.joined_count else ""
        size = f"  {fold.calls} calls, {fold.max_depth} deep" if fold.calls > 1 else ""
        yield f"{mark} {'  ' * indent}{LAYER_WORDS[fold.layer]}: {where}{more}{size}"
        yield from format_lines(fold.children, indent + 1)

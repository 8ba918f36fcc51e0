"""How does one request's whole call tree fit on a screen? Calls of one layer below each other fold.

The app's own functions stand one by one. Elsewhere a function stands for all it calls within its
layer, and what follows without leaving the layer joins it: "framework  Flask.wsgi_app … 167 calls".
The way to the handler is marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure.trace.result import WORDS, module_of

Entry = Sequence[Any]  # depth, layer, file, function: as the worker tells of them
OPEN = "app"  # the layer whose own functions are not folded; those of the library are


@dataclass
class Fold:
    """Calls within one layer that are shown in one line."""

    layer: str
    file: str
    function: str
    calls: int = 1
    deepest: int = 1
    others: int = 0  # folds that joined this one
    on_spine: bool = False
    below: list["Fold"] = field(default_factory=list)


def folded(entries: Sequence[Entry], before: int | None) -> list[Fold]:
    """Return the outermost folds of a call tree, told in the order in which it was entered.

    before is how many entries come before the handler's, None where there is none.
    """
    roots: list[Fold] = []
    stack: list[tuple[int, Fold]] = []  # the depth of each open entry, and its fold
    for number, (depth, layer, file, function) in enumerate(entries):
        while stack and stack[-1][0] >= depth:
            stack.pop()
        parent = stack[-1][1] if stack else None
        if parent and parent.layer == layer and not (layer == OPEN and file.startswith("apps/")):
            fold = parent
            fold.calls += 1
            fold.deepest = max(fold.deepest, 1 + sum(one is fold for _, one in stack))
        else:
            fold = Fold(layer, file, function)
            (parent.below if parent else roots).append(fold)
        stack.append((depth, fold))
        if number == before:
            for _, one in stack:
                one.on_spine = True
    return joined(roots)


def joined(folds: Sequence[Fold]) -> list[Fold]:
    """Return the folds with runs that stay within one layer joined."""
    found: list[Fold] = []
    for fold in folds:
        fold.below = joined(fold.below)
        last = found[-1] if found else None
        if last and last.layer == fold.layer and all(map(joins, (last, fold))):
            last.others += 1
            last.calls += fold.calls
            last.deepest = max(last.deepest, fold.deepest)
        else:
            found.append(fold)
    return found


def joins(fold: Fold) -> bool:
    """Tell whether a fold may be shown with its neighbours: nothing is below it."""
    return not (fold.below or fold.on_spine)


def lines(folds: Sequence[Fold], indent: int = 0) -> Iterator[str]:
    """Yield a line for each fold: its word, where it begins, and how much it holds."""
    for fold in folds:
        mark = "→" if fold.on_spine else " "
        where = f"{module_of(fold.file)}:{fold.function}"
        more = f" and {fold.others} more" if fold.others else ""
        size = f"  {fold.calls} calls, {fold.deepest} deep" if fold.calls > 1 else ""
        yield f"{mark} {'  ' * indent}{WORDS[fold.layer]}: {where}{more}{size}"
        yield from lines(fold.below, indent + 1)

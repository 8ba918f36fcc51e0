"""Random mutants: which changes are made, and that each can be made."""

import ast
from pathlib import Path

import pytest

from bench.conformance.random_mutants import (
    find_changes,
    find_source_files,
    generate_mutants,
    sample_mutants,
)
from bench.core.paths import ROOT


def changed(source: str) -> set[str]:
    """Return the texts that take a node's place."""
    return {text for _, text in find_changes(ast.parse(source))}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a == b", {"pass", "(a != b)"}),
        ("x = a < b", {"pass", "(a <= b)"}),
        ("x = a not in b", {"pass", "(a in b)"}),
        ("x = a is None", {"pass", "(a is not None)"}),
        ("x = a and b", {"pass", "(a or b)"}),
        ("x = not a", {"pass", "(a)"}),
        ("x = True", {"pass", "(False)"}),
        ("x = 1", {"pass", "(2)"}),
        ("x += 1", {"pass", "(2)"}),
        ("raise E", {"pass"}),
        ("f(x)", {"pass"}),
        ("'a text'", set()),
        ("x: int = 1", {"(2)"}),
        ("import x", set()),
        ("return_ = f'{a == b}'", {"pass"}),
        ("x = a < b < c", {"pass"}),
    ],
)
def test_a_node_is_changed_by_each_operator_that_fits(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


def test_every_mutant_of_the_project_is_python_and_differs(tmp_path: Path) -> None:
    files = [
        *find_source_files("shared_db"),
        *find_source_files("flask"),
        *find_source_files("django"),
    ]
    for file in files:
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        for mutant in generate_mutants(file):
            copy.write_bytes(file.read_bytes())
            mutant.apply(tmp_path)
            text = copy.read_text(encoding="utf-8")
            assert text != file.read_text(encoding="utf-8"), mutant.id
            compile(text, str(copy), "exec")


def test_one_seed_gives_the_same_mutants_and_another_others() -> None:
    first, again, other = (sample_mutants(["shared_db"], 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert {one.id for one in first} != {one.id for one in other}
    assert len(first) == 20

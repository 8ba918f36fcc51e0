"""Random mutants: which changes are made, and that each can be made."""

import ast
import re
from pathlib import Path

import pytest

from bench.conformance.mutants import MutantError
from bench.conformance.mutation_run import run_mutant
from bench.conformance.random_mutants import (
    EQUIVALENT,
    SHARED_DB,
    check_equivalents,
    find_changes,
    find_source_files,
    generate_mutants,
    read_equivalents,
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


def test_every_mutant_that_is_declared_equivalent_is_one_of_the_project() -> None:
    names = [SHARED_DB, *(path.name for path in (ROOT / "apps").iterdir() if path.is_dir())]
    found = [
        mutant
        for name in names
        for file in find_source_files(name)
        for mutant in generate_mutants(file)
    ]
    reasons = read_equivalents(EQUIVALENT)
    assert reasons
    check_equivalents(reasons, found)


def test_a_sample_tells_which_of_its_mutants_are_declared_equivalent() -> None:
    reasons = read_equivalents(EQUIVALENT)
    declared = [one for one in sample_mutants([SHARED_DB], 10_000, 1) if one.reason]
    assert {one.key for one in declared} == {key for key in reasons if key[0].startswith(SHARED_DB)}
    assert all(one.reason == reasons[one.key] for one in declared)


@pytest.mark.parametrize("file", ["shared_db/sqlite_file.py", "shared_db/gone.py"])
def test_a_declared_mutant_whose_statement_is_gone_is_an_error(file: str) -> None:
    found = list(generate_mutants(ROOT / "shared_db" / "sqlite_file.py"))
    with pytest.raises(MutantError, match=rf"{file} has no 'gone\(\)' with 'gone\(\) -> pass'"):
        check_equivalents({(file, "gone()", "gone() -> pass"): "a reason"}, found)


def test_a_declared_mutant_of_a_file_that_is_not_asked_for_is_left_alone() -> None:
    found = list(generate_mutants(ROOT / "shared_db" / "text.py"))
    check_equivalents({("shared_db/sqlite_file.py", "x", "x -> pass"): "a reason"}, found)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[equivalent]]\nstatement = 'x'", "x: it needs change, file, reason, statement"),
        (
            "[[equivalent]]\nfile = 'f'\nstatement = 'x'\nchange = 'c'\nreason = ''",
            "x: it needs change, file, reason, statement",
        ),
        ("[[equivalent", "equivalent.toml: "),
    ],
)
def test_a_bad_declaration_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "equivalent.toml"
    path.write_text(text)
    with pytest.raises(MutantError, match=re.escape(named)):
        read_equivalents(path)


def test_an_equivalent_mutant_is_not_tried() -> None:
    (mutant, *_) = (one for one in sample_mutants([SHARED_DB], 10_000, 1) if one.reason)
    outcome = run_mutant(mutant)
    assert (outcome.result, outcome.clause) == ("equivalent", mutant.reason)

"""Random mutants change the code by each operator, and the declared equivalents exist."""

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


def list_replacements(source: str) -> set[str]:
    """Return the replacement of each change of the source."""
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
def test_a_node_is_changed_by_each_operator_that_applies(source: str, expected: set[str]) -> None:
    assert list_replacements(source) == expected


def test_every_mutant_of_the_project_compiles_and_differs(tmp_path: Path) -> None:
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


def test_equal_seeds_give_equal_mutants_and_other_seeds_do_not() -> None:
    first, again, other = (sample_mutants(["shared_db"], 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert {mutant.id for mutant in first} != {mutant.id for mutant in other}
    assert len(first) == 20


def test_every_mutant_that_is_declared_equivalent_exists() -> None:
    names = [SHARED_DB, *(path.name for path in (ROOT / "apps").iterdir() if path.is_dir())]
    mutants = [
        mutant
        for name in names
        for file in find_source_files(name)
        for mutant in generate_mutants(file)
    ]
    reasons = read_equivalents(EQUIVALENT)
    assert reasons
    check_equivalents(reasons, mutants)


def test_a_sample_has_the_reasons_of_its_equivalent_mutants() -> None:
    reasons = read_equivalents(EQUIVALENT)
    equivalents = [mutant for mutant in sample_mutants([SHARED_DB], 10_000, 1) if mutant.reason]
    assert {mutant.key: mutant.reason for mutant in equivalents} == {
        key: reason for key, reason in reasons.items() if key[0].startswith(SHARED_DB)
    }


@pytest.mark.parametrize("file", ["shared_db/sqlite_file.py", "shared_db/gone.py"])
def test_a_declared_mutant_without_its_statement_is_an_error(file: str) -> None:
    mutants = list(generate_mutants(ROOT / "shared_db" / "sqlite_file.py"))
    with pytest.raises(MutantError, match=rf"{file} has no 'gone\(\)' with 'gone\(\) -> pass'"):
        check_equivalents({(file, "gone()", "gone() -> pass"): "a reason"}, mutants)


def test_a_declared_mutant_of_a_file_that_is_not_mutated_is_not_checked() -> None:
    mutants = list(generate_mutants(ROOT / "shared_db" / "text.py"))
    check_equivalents({("shared_db/sqlite_file.py", "x", "x -> pass"): "a reason"}, mutants)


ENTRY = "[[equivalent]]\nfile = 'f'\nstatement = 'x'\nchange = 'c'\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[equivalent]]\nfile = 'f'", "equivalent.toml:1: 'equivalent[0].statement' is missing"),
        (f"{ENTRY}reason = ''", "equivalent.toml:5: 'equivalent[0].reason': Expected `str` of"),
        (f"{ENTRY}reason = 'r'\nline = 3", "equivalent.toml:6: unknown key 'equivalent[0].line'"),
        ("[[equivalents]]\n", "equivalent.toml:1: unknown key 'equivalents'; did you mean equi"),
        ("[[equivalent", "equivalent.toml: "),
    ],
)
def test_an_error_in_a_declaration_names_line_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "equivalent.toml"
    path.write_text(text)
    with pytest.raises(MutantError, match=re.escape(message)):
        read_equivalents(path)


def test_an_equivalent_mutant_does_not_run() -> None:
    mutant = next(mutant for mutant in sample_mutants([SHARED_DB], 10_000, 1) if mutant.reason)
    result = run_mutant(mutant)
    assert (result.result, result.clause) == ("equivalent", mutant.reason)

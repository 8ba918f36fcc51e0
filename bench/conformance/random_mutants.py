"""Generate random mutants: small changes of the code that a test should detect.

The operators are the usual ones of mutation testing: replace a comparison, replace a boolean
operator or drop a negation, change a number or a truth value, delete a statement. Docstrings,
annotations and strings do not change.
"""

import ast
import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bench.conformance.mutants import Mutant, MutantError
from bench.core.paths import ROOT
from bench.core.toml_files import Text, TomlFile

SHARED_DB = "shared_db"
EQUIVALENT = ROOT / "tests" / "mutants" / "random" / "equivalent.toml"
Key = tuple[str, str, str]  # the file, the line on which the change begins, the change
# Data, command lines, and code that the site itself never runs.
EXCLUDED_FILES = {"seed_dishes.py", "seed_reviews.py", "seed_constants.py", "seed.py", "scale.py",
               "worlds.py", "__main__.py", "defaults.py", "techempower.py", "many_routes.py",
               "source.py"}  # fmt: skip
COMPARISON_SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
DELETABLE_STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Raise)


@dataclass(frozen=True, kw_only=True)
class RandomMutant(Mutant):
    """A mutant that is identified by its place in the file, not by a text that occurs once."""

    start: int  # offset in bytes
    end: int
    statement: str  # the line on which the change begins, without its indentation
    reason: str = ""  # why the mutant is equivalent, "" for a mutant that is not declared so

    @property
    def key(self) -> Key:
        """Return the key of the mutant in equivalent.toml.

        The key holds the line's text instead of its number, which changes more often.
        """
        return self.file, self.statement, self.id.split(": ", 1)[1]

    def apply(self, root: Path) -> None:
        """Change the file below `root`, the root of a copy of the project."""
        path = root / self.file
        source = path.read_bytes()
        path.write_bytes(source[: self.start] + self.new.encode() + source[self.end :])


class EquivalentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[equivalent]] table of equivalent.toml."""

    file: Text
    statement: Text
    change: Text
    reason: Text


class EquivalentTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of equivalent.toml."""

    equivalent: tuple[EquivalentEntry, ...] = ()


def sample_mutants(names: Sequence[str], count: int, seed: int) -> list[RandomMutant]:
    """Return `count` mutants of shared_db and of frameworks' apps, the same for the same seed.

    A mutant that is declared equivalent has a reason. Raises MutantError as read_equivalents and
    check_equivalents do.
    """
    mutants = [
        mutant
        for name in names
        for file in find_source_files(name)
        for mutant in generate_mutants(file)
    ]
    reasons = read_equivalents(EQUIVALENT)
    check_equivalents(reasons, mutants)
    sample = random.Random(seed).sample(mutants, min(count, len(mutants)))
    return [replace(mutant, reason=reasons.get(mutant.key, "")) for mutant in sample]


def read_equivalents(path: Path) -> dict[Key, str]:
    """Return the reason why each declared mutant is equivalent; raise MutantError."""
    file = TomlFile.read(path, MutantError)
    entries = file.convert(file.content, EquivalentTable).equivalent
    return {(entry.file, entry.statement, entry.change): entry.reason for entry in entries}


def check_equivalents(reasons: dict[Key, str], mutants: Sequence[RandomMutant]) -> None:
    """Raise MutantError for a declared mutant that the code no longer has.

    A declared mutant of a file that has no part in `mutants` is not checked.
    """
    files, known = {mutant.file for mutant in mutants}, {mutant.key for mutant in mutants}
    for file, statement, change in reasons:
        is_checked = file in files or not (ROOT / file).exists()
        if is_checked and (file, statement, change) not in known:
            raise MutantError(
                f"equivalent.toml: {file} has no {statement!r} with {change!r}; remove the entry"
            )


def find_source_files(name: str, root: Path = ROOT) -> list[Path]:
    """Return the Python files of an app, or of shared_db, that run in the site."""
    folder = root / SHARED_DB if name == SHARED_DB else root / "apps" / name
    return [path for path in sorted(folder.rglob("*.py")) if path.name not in EXCLUDED_FILES]


def generate_mutants(path: Path, root: Path = ROOT) -> Iterator[RandomMutant]:
    """Yield every mutant of a file."""
    source = path.read_bytes()
    file = path.relative_to(root).as_posix()
    name = file.split("/")[0] if file.startswith(SHARED_DB) else file.split("/")[1]
    lines = source.splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    for node, changed in find_changes(ast.parse(source)):
        start = offsets[node.lineno - 1] + node.col_offset
        end = offsets[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        old = source[start:end].decode()
        yield RandomMutant(
            site=name,
            framework="bare" if name == SHARED_DB else name,
            id=f"{file}:{node.lineno}: {' '.join(old.split())[:60]} -> {changed[:60]}",
            file=file,
            old=old,
            new=changed,
            feature="",
            start=start,
            end=end,
            statement=lines[node.lineno - 1].decode().strip(),
        )


def find_changes(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield each node that can be changed, with its replacement."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            # The positions of nodes in f-strings are wrong before Python 3.12.
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            if isinstance(child, ast.stmt):
                yield from find_deletions(child)
            if isinstance(child, ast.expr):
                yield from find_replacements(child)
            yield from find_changes(child)


def find_deletions(node: ast.stmt) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the statement if it can be deleted; a docstring cannot."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, DELETABLE_STATEMENTS) and not is_docstring:
        yield node, "pass"


def find_replacements(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield the expression with a similar expression, if one of the operators applies."""
    changed: ast.expr | None = None
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        changed = copy.deepcopy(node)
        assert isinstance(changed, ast.Compare)
        changed.ops = [COMPARISON_SWAPS[type(node.ops[0])]()]
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        changed = ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        changed = node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        changed = ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        changed = ast.Constant(node.value + 1)
    if changed is not None:
        yield node, f"({ast.unparse(changed)})"

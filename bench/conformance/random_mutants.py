"""Generate random mutants: small changes of the code that a test should detect.

The operators are the usual ones of mutation testing: replace a comparison, replace a boolean
operator or drop a negation, change a number or a truth value, delete a statement. Docstrings,
annotations and texts stay as they are.
"""

import ast
import copy
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.conformance.mutants import Mutant, MutantError
from bench.core.errors import collapse_whitespace
from bench.core.paths import ROOT

SHARED_DB = "shared_db"
EQUIVALENT = ROOT / "tests" / "mutants" / "random" / "equivalent.toml"
EQUIVALENT_FIELDS = {"file", "statement", "change", "reason"}
Key = tuple[str, str, str]  # the file, the line on which the change begins, the change
# Data, command lines, and what the site itself never runs.
EXCLUDED_FILES = {"seed_dishes.py", "seed_reviews.py", "seed_constants.py", "seed.py", "scale.py",
               "worlds.py", "__main__.py", "defaults.py", "techempower.py", "many_routes.py",
               "source.py"}  # fmt: skip
COMPARISON_SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
DELETABLE_STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Raise)


@dataclass(frozen=True)
class RandomMutant(Mutant):
    """A fault that is named by its place in the file, not by a text that is there once."""

    start: int  # offset in bytes
    end: int
    statement: str  # the line on which the change begins, without its indentation
    reason: str = ""  # why the mutant is equivalent, "" when nobody declared it so

    @property
    def key(self) -> Key:
        """Return what equivalent.toml knows the mutant by: line numbers move, lines rarely do."""
        return self.file, self.statement, self.id.split(": ", 1)[1]

    def apply(self, root: Path) -> None:
        """Change the file of a copy of the project."""
        path = root / self.file
        source = path.read_bytes()
        path.write_bytes(source[: self.start] + self.new.encode() + source[self.end :])


def sample_mutants(names: Sequence[str], count: int, seed: int) -> list[RandomMutant]:
    """Return `count` mutants of shared_db and of frameworks' apps, the same for the same seed.

    Those that are declared equivalent have a reason. Raises BadFault as `read_equivalents` does.
    """
    found = [
        mutant
        for name in names
        for file in find_source_files(name)
        for mutant in generate_mutants(file)
    ]
    reasons = read_equivalents(EQUIVALENT)
    check_equivalents(reasons, found)
    sample = random.Random(seed).sample(found, min(count, len(found)))
    return [replace(mutant, reason=reasons.get(mutant.key, "")) for mutant in sample]


def read_equivalents(path: Path) -> dict[Key, str]:
    """Return why each declared mutant is equivalent; raises BadFault for a malformed file."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    except (OSError, ValueError) as error:
        raise MutantError(f"{path.name}: {collapse_whitespace(error)}") from error
    reasons: dict[Key, str] = {}
    for entry in entries:
        if set(entry) != EQUIVALENT_FIELDS or not all(entry.values()):
            needed = ", ".join(sorted(EQUIVALENT_FIELDS))
            raise MutantError(f"{path.name}: {entry.get('statement')}: it needs {needed}")
        reasons[entry["file"], entry["statement"], entry["change"]] = entry["reason"]
    return reasons


def check_equivalents(reasons: dict[Key, str], found: Sequence[RandomMutant]) -> None:
    """Raise BadFault for a declared mutant that the code no longer has."""
    files, known = {mutant.file for mutant in found}, {mutant.key for mutant in found}
    for file, statement, change in reasons:
        in_question = file in files or not (ROOT / file).exists()
        if in_question and (file, statement, change) not in known:
            raise MutantError(
                f"equivalent.toml: {file} has no {statement!r} with {change!r}: drop it"
            )


def find_source_files(name: str, root: Path = ROOT) -> list[Path]:
    """Return the Python files of an app, or of shared_db, that the site runs."""
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
            shelf=name,
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
    """Yield each node that can be changed, and the text that takes its place."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            # Positions inside f-strings are wrong before Python 3.12.
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            if isinstance(child, ast.stmt):
                yield from find_deletions(child)
            if isinstance(child, ast.expr):
                yield from find_replacements(child)
            yield from find_changes(child)


def find_deletions(node: ast.stmt) -> Iterator[tuple[ast.stmt, str]]:
    """Yield a statement that can be deleted, unless it is a docstring."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, DELETABLE_STATEMENTS) and not is_text:
        yield node, "pass"


def find_replacements(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield an expression that can be replaced by a similar one."""
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

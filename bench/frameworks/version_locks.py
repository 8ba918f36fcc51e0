"""Resolve the lock of one version of a framework, from the lock of its app.

The app's lock is given to uv as preferences, so that only the named distribution moves where the
other packages still fit. If the app's requirements exclude the version, the other requirements are
tried without their ranges. The lock is kept: a later run uses the same packages.
"""

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.markers import Marker, default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bench.core.files import digest_files, write_file
from bench.core.paths import ROOT, Paths
from bench.frameworks.interpreters import find_interpreter
from bench.frameworks.manifest import Framework
from bench.frameworks.source_trees import SourceState, build_wheel
from bench.frameworks.uv_runner import EnvironmentBuildError, NetworkLostError, run_uv
from bench.frameworks.version_records import (
    LOCKS_FOLDER,
    LockRecord,
    read_record,
    write_record,
)
from bench.frameworks.version_specs import VersionSpec

SHARED_LOCKS = (
    ROOT / "bench" / "requirements" / "host.txt",
    ROOT / "shared_db" / "requirements.txt",
)
OPTIONS = ("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--quiet")
ANY_DAY = "9000-01-01"
PIN = re.compile(r"^([\w.\[\],-]+)(?:==(\S+)| @ (\S+))(?: ; ([^\\\n]+?))?\s*\\?$", re.MULTILINE)


def resolve_lock(framework: Framework, paths: Paths) -> LockRecord:
    """Return the record of a version, with its lock resolved if necessary.

    A checkout is read again, unless its safe name was used. Raise EnvironmentBuildError.
    """
    spec, name = framework.pinned, framework.name
    assert spec
    record, app_digest = read_record(name, paths), compute_app_digest(framework)
    is_current = record and record.app_digest == app_digest and framework.lock.is_file()
    if record and is_current and (framework.is_recorded or not spec.path):
        return record
    log = paths.prepare_log_path(f"lock-{name}")
    log.unlink(missing_ok=True)
    requirement, state = build_requirement(framework, spec, paths, log)
    if record and is_current and record.source_digest == state.digest:
        return record
    return write_lock(framework, spec, requirement, state, paths, log)


def compute_app_digest(framework: Framework) -> str:
    """Return the SHA-256 of the app's requirements and lock."""
    return digest_files(
        framework.folder, [framework.folder / "requirements.in", framework.app_lock, *SHARED_LOCKS]
    )


def build_requirement(
    framework: Framework, spec: VersionSpec, paths: Paths, log: Path
) -> tuple[str, SourceState]:
    """Return what replaces the app's requirement of the framework, and the source's state."""
    if not spec.path:
        return spec.specifier, SourceState("")
    wheel, state = build_wheel(spec, framework.distribution, framework.name, paths, log)
    return f" @ {wheel.as_uri()}", state


def write_lock(
    framework: Framework,
    spec: VersionSpec,
    requirement: str,
    state: SourceState,
    paths: Paths,
    log: Path,
) -> LockRecord:
    """Resolve and write the lock and the record; raise EnvironmentBuildError with uv's reason."""
    paths.ensure_folder(LOCKS_FOLDER)
    if framework.lock_file:
        compile_lock(framework, requirement, framework.lock_file, log)
    record = LockRecord(
        what=spec.what,
        kind=spec.kind,
        path=str(spec.path or ""),
        specifier=spec.specifier,
        python=spec.python,
        before=spec.before,
        app_digest=compute_app_digest(framework),
        resolved_on=date.today().isoformat(),
        moves=list(describe_moves(framework, framework.lock, spec.python)),
        source_digest=state.digest,
        commit=state.commit,
        is_dirty=state.is_dirty,
    )
    write_record(framework.name, record, paths)
    return record


def compile_lock(framework: Framework, requirement: str, lock: Path, log: Path) -> None:
    """Resolve the lock; without the ranges of the other requirements if these exclude the version.

    Raise EnvironmentBuildError with uv's reason.
    """
    first_error = None
    with TemporaryDirectory(prefix="cookoff-lock-") as folder:
        draft = Path(folder, "lock.txt")
        command = build_command(framework, draft, log)
        for is_relaxed in (False, True):
            lines = rewrite_requirements(framework, requirement, is_relaxed)
            write_file(draft.with_suffix(".in"), "\n".join(lines) + "\n")
            if framework.pinned and framework.pinned.kind != "latest":
                write_file(draft, read_preferences(framework))
            try:
                run_uv(command, framework.name, log)
            except NetworkLostError:
                raise
            except EnvironmentBuildError as error:
                first_error = first_error or error
            else:
                write_file(lock, draft.read_bytes())
                return
    assert first_error
    raise first_error


def read_preferences(framework: Framework) -> str:
    """Return the app's lock without the framework, which uv prefers as its output file.

    The hashes of a released version would not be those of a checkout with the same version.
    """
    entries = re.split(r"\n(?=[^\s#])", framework.app_lock.read_text(encoding="utf-8"))
    own = canonicalize_name(framework.distribution)
    return "\n".join(
        entry for entry in entries if canonicalize_name(re.split(r"[\[=]", entry)[0]) != own
    )


def build_command(framework: Framework, draft: Path, log: Path) -> list[str]:
    """Return uv's arguments that resolve a draft's requirements; raise EnvironmentBuildError."""
    spec, name = framework.pinned, framework.name
    assert spec
    python = find_interpreter(spec.python, name, log) if spec.python else Path(sys.executable)
    constraints = [word for lock in SHARED_LOCKS for word in ("--constraint", str(lock))]
    files = [str(draft.with_suffix(".in")), "--output-file", str(draft)]
    day = list(limit_uploads(spec.before)) if spec.before else []
    return ["pip", "compile", *files, *OPTIONS, *constraints, "--python", str(python), *day]


def limit_uploads(day: str) -> Iterator[str]:
    """Yield uv's options that ignore later uploads, but for the packages that all apps share."""
    yield from ("--exclude-newer", day)
    for name in dict.fromkeys(name for lock in SHARED_LOCKS for name in read_pins(lock)):
        yield from ("--exclude-newer-package", f"{name}={ANY_DAY}")


def rewrite_requirements(framework: Framework, requirement: str, is_relaxed: bool) -> Iterator[str]:
    """Yield the lines of the app's requirements with another requirement of the framework.

    A relaxed requirement has no range. An included file becomes absolute.
    """
    wanted = canonicalize_name(framework.distribution)
    for line in (framework.folder / "requirements.in").read_text(encoding="utf-8").splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text.startswith(("-r ", "-c ")):
            yield f"{text[:2]} {(framework.folder / text[3:].strip()).resolve()}"
        elif text:
            yield rewrite_requirement(text, wanted, requirement, is_relaxed)


def rewrite_requirement(text: str, wanted: str, requirement: str, is_relaxed: bool) -> str:
    """Return one requirement; that of the distribution `wanted` is replaced, if not empty."""
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return text  # uv reports it
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    if canonicalize_name(parsed.name) == wanted:
        return f"{parsed.name}{extras}{requirement or parsed.specifier}{marker}"
    return f"{parsed.name}{extras}{marker}" if is_relaxed else text


def describe_moves(framework: Framework, lock: Path, python: str) -> Iterator[str]:
    """Yield a text for each package, beside the framework, whose version is not the app's."""
    old, new = read_pins(framework.app_lock, python), read_pins(lock, python)
    for name in sorted((old.keys() | new.keys()) - {canonicalize_name(framework.distribution)}):
        before, after = old.get(name), new.get(name)
        if before and after and before != after:
            yield f"{name} {before} → {after}"
        elif before != after:
            yield f"{name} {after} came" if after else f"{name} {before} went"


def read_pins(lock: Path, python: str = "") -> dict[str, str]:
    """Return the versions in a lock by canonical name, as far as their markers hold."""
    environment = dict[str, str](default_environment())  # type: ignore[arg-type]
    if python:
        environment |= {"python_version": ".".join(python.split(".")[:2])}
        environment |= {"python_full_version": python if python.count(".") == 2 else f"{python}.0"}
    pins: dict[str, str] = {}
    for name, version, url, marker in PIN.findall(lock.read_text(encoding="utf-8")):
        if not marker or Marker(marker).evaluate(environment):
            pins[canonicalize_name(name.partition("[")[0])] = version or url
    return pins

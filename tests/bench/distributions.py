"""Build small distributions without a network: wheels, source archives and checkouts."""

import base64
import hashlib
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

NAME = "newt"
# A build backend in the tree itself, so that no build needs a package.
BACKEND = """
import sys
sys.path.insert(0, {tests!r})
from tests.bench.distributions import read_version, write_wheel


def build_wheel(folder, config_settings=None, metadata_directory=None):
    return write_wheel(folder, read_version("newt.py"), open("newt.py").read()).name
"""
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "newt"
dynamic = ["version"]
"""
ROOT = Path(__file__).parents[2]


def write_wheel(
    folder: Path | str, version: str, code: str = "", requires: Sequence[str] = (), name: str = NAME
) -> Path:
    """Write a wheel with one module to a folder, and return its path."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    files = {
        f"{name}.py": code or f'VERSION = "{version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    Path(folder).mkdir(parents=True, exist_ok=True)
    wheel = Path(folder, f"{name}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def digest(text: str) -> str:
    """Return the digest of a file as a wheel records it."""
    value = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={value.rstrip(b'=').decode()}"


def write_checkout(folder: Path, version: str, code: str = "") -> Path:
    """Write a checkout of the distribution, with its build backend, and return its path."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND.format(tests=str(ROOT)))
    (folder / "newt.py").write_text(f'VERSION = "{version}"\n{code}')
    return folder


def write_sdist(folder: Path, version: str) -> Path:
    """Write a source archive of the distribution, and return its path."""
    tree = write_checkout(folder / f"newt-{version}", version)
    (tree / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: newt\nVersion: {version}\n")
    archive = folder / f"newt-{version}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, tree.name)
    return archive


def read_version(file: str) -> str:
    """Return the version in the first line of a module."""
    return Path(file).read_text().partition('"')[2].partition('"')[0]

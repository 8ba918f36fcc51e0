"""Do the harness's processes keep their bytecode, whatever the environment says?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.runtime import bytecode_cache


def imported(folder: Path) -> None:
    """Import a module of the folder in a process of its own."""
    subprocess.run([sys.executable, "-c", "import soup"], cwd=folder, check=True)


def test_where_none_is_kept_it_goes_to_the_harness_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")  # so that it is gone again afterwards
    monkeypatch.setenv("COOKOFF_STATE", str(tmp_path / "state"))
    (tmp_path / "soup.py").touch()
    imported(tmp_path)
    assert not [*tmp_path.rglob("*.pyc")]
    bytecode_cache.configure_cache()
    imported(tmp_path)
    assert [*(tmp_path / "state" / "bytecode").rglob("soup.*.pyc")]
    assert not (tmp_path / "__pycache__").exists()


def test_where_it_is_kept_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    before = dict(os.environ)
    bytecode_cache.configure_cache()
    assert dict(os.environ) == before

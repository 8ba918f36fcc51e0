"""The harness's processes cache bytecode, also when the environment disables caching."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli import main


def import_module(folder: Path) -> None:
    """Import a module of the folder in a separate process."""
    subprocess.run([sys.executable, "-c", "import soup"], cwd=folder, check=True)


def test_disabled_caching_is_redirected_to_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")  # monkeypatch removes the variable afterwards
    monkeypatch.setenv("COOKOFF_STATE", str(tmp_path / "state"))
    (tmp_path / "soup.py").touch()
    import_module(tmp_path)
    assert not [*tmp_path.rglob("*.pyc")]
    main.configure_bytecode_cache()
    import_module(tmp_path)
    assert [*(tmp_path / "state" / "bytecode").rglob("soup.*.pyc")]
    assert not (tmp_path / "__pycache__").exists()


def test_enabled_caching_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    before = dict(os.environ)
    main.configure_bytecode_cache()
    assert dict(os.environ) == before

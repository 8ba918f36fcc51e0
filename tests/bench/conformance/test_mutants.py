"""Faults made on purpose: each still has its place, and is made in a copy only."""

import subprocess

import pytest

from bench.conformance import mutants
from bench.conformance.mutants import Mutant, MutantError
from bench.core.paths import ROOT

FAULTS = mutants.read_all_mutants()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.shelf}: {fault.id}")
def test_a_fault_still_has_its_place(fault):
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
    assert fault.old != fault.new


def test_faults_of_a_site_have_different_names():
    assert len({(fault.shelf, fault.id) for fault in FAULTS}) == len(FAULTS)


def test_a_fault_is_made_in_a_copy():
    fault = FAULTS[0]
    before = (ROOT / fault.file).read_bytes()
    with mutants.copy_project(share_databases=True) as root:
        fault.apply(root)
        assert fault.new in (root / fault.file).read_text(encoding="utf-8")
        assert (root / "bench" / "agent" / "http_host.py").exists()
    assert (ROOT / fault.file).read_bytes() == before


def test_a_copy_has_every_file_that_git_keeps():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    kept = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert ROOT / "bench" / "report" / "page.py" in kept
    with mutants.copy_project(share_databases=True) as root:
        missing = [
            str(file.relative_to(ROOT))
            for file in kept
            if file.exists() and not (root / file.relative_to(ROOT)).exists()
        ]
        assert missing == []
        assert not (root / ".git").exists()
        assert not (root / ".venv").exists()


@pytest.mark.parametrize(("text", "count"), [("nothing", 0), ("a b a", 2)])
def test_a_fault_without_its_one_place_is_an_error(tmp_path, text, count):
    (tmp_path / "file").write_text(text)
    with pytest.raises(MutantError, match=f"its text is {count} times in file"):
        Mutant("bare", "bare", "lost", "file", "a", "b", "sign-in").apply(tmp_path)


@pytest.mark.parametrize(
    "entry", ['id = "x"', 'id = "x"\nfile = "f"\nold = "a"\nnew = "b"\nfeature = "none"']
)
def test_a_bad_entry_is_named(tmp_path, entry):
    (tmp_path / "bare.toml").write_text(f"[[faults]]\n{entry}\n")
    with pytest.raises(MutantError, match=r"bare\.toml: x: "):
        mutants.read_all_mutants(folder=tmp_path)

"""Each declared mutant can be applied, and only a copy of the project is changed."""

import subprocess

import pytest

from bench.conformance import mutants
from bench.conformance.mutants import Mutant, MutantError
from bench.core.paths import ROOT

MUTANTS = mutants.read_all_mutants()
ENTRY = '[[faults]]\nid = "x"\nfile = "f"\nold = "a"\nnew = "b"\n'


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.site}: {mutant.id}")
def test_the_text_of_a_mutant_occurs_once(mutant):
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new


def test_mutants_of_a_site_have_different_ids():
    assert len({(mutant.site, mutant.id) for mutant in MUTANTS}) == len(MUTANTS)


def test_a_mutant_changes_a_copy_only():
    mutant = MUTANTS[0]
    before = (ROOT / mutant.file).read_bytes()
    with mutants.copy_project(share_databases=True) as root:
        mutant.apply(root)
        assert mutant.new in (root / mutant.file).read_text(encoding="utf-8")
        assert (root / "bench" / "agent" / "http_host.py").exists()
    assert (ROOT / mutant.file).read_bytes() == before


def test_a_copy_has_every_file_of_the_repository():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert ROOT / "bench" / "core" / "paths.py" in files
    with mutants.copy_project(share_databases=True) as root:
        missing = [
            str(file.relative_to(ROOT))
            for file in files
            if file.exists() and not (root / file.relative_to(ROOT)).exists()
        ]
        assert missing == []
        assert not (root / ".git").exists()
        assert not (root / ".venv").exists()


@pytest.mark.parametrize(("text", "count"), [("nothing", 0), ("a b a", 2)])
def test_a_text_that_does_not_occur_exactly_once_is_an_error(tmp_path, text, count):
    (tmp_path / "file").write_text(text)
    with pytest.raises(MutantError, match=f"bare: lost: .* occurs {count} times in file, not once"):
        Mutant("bare", "bare", "lost", "file", "a", "b", "sign-in").apply(tmp_path)


def declare(root, path, text):
    """Write a file of mutants below a root, and return the file."""
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_mutants_of_an_app_are_in_its_folder_and_have_a_level(tmp_path):
    entry = f'{ENTRY}feature = "sign-in"\n'
    declare(tmp_path, "apps/flask/mutants.toml", f'{entry}{entry}level = "hardening"\n')
    declare(tmp_path, "tests/mutants/shared_db.toml", f'framework = "bare"\n{entry}')
    assert mutants.read_all_mutants(root=tmp_path) == [
        Mutant("flask", "flask", "x", "f", "a", "b", "sign-in", "core"),
        Mutant("flask", "flask", "x", "f", "a", "b", "sign-in", "hardening"),
        Mutant("shared_db", "bare", "x", "f", "a", "b", "sign-in", ""),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[faults]]\nid = "x"', ":1: 'faults[0].file' is missing; add it"),
        (f'{ENTRY}feature = "none"', ":6: 'faults[0].feature': there is no feature 'none'; "),
        (f'{ENTRY}feature = "sign_in"', "no feature 'sign_in'; did you mean sign-in"),
        (f'{ENTRY}feature = "sign-in"\nline = 3', ":7: unknown key 'faults[0].line'; "),
        (f'{ENTRY}feature = "sign-in"\nlevel = "odd"', ":7: 'faults[0].level': "),
        ('[[faults]]\nid = "x"\nold = ""', ":3: 'faults[0].old': Expected `str` of length >= 1"),
        ("faults = 3", ":1: 'faults': Expected `array`, got `int`; correct the value"),
        ('framwork = "bare"', ":1: unknown key 'framwork'; did you mean framework?"),
        ("[[faults", ": "),
    ],
)
def test_an_error_in_a_file_of_mutants_names_line_and_key(tmp_path, text, message):
    file = declare(tmp_path, "apps/bare/mutants.toml", text)
    with pytest.raises(MutantError) as caught:
        mutants.read_all_mutants(root=tmp_path)
    assert str(caught.value).startswith(f"{file}:")
    assert message in str(caught.value)

"""bench/ARCHITECTURE.md names files and packages that exist, and every package."""

import re

import pytest

from bench.core.paths import ROOT

pytestmark = pytest.mark.unit
TEXT = (ROOT / "bench" / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_every_file_on_the_page_exists():
    names = re.findall(r"`([\w/]+\.py)`|\]\(([\w/.-]+\.md)\)", TEXT)
    folders = (ROOT / "bench", ROOT / "tests" / "contract", ROOT / "apps" / "flask")
    files = [python or markdown for python, markdown in names]
    assert len(files) > 10
    assert [name for name in files if not any((each / name).exists() for each in folders)] == []


def test_the_table_has_every_package():
    packages = {file.parent.name for file in (ROOT / "bench").glob("*/__init__.py")}
    assert {*re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)} == packages


# Participles and verbs that do not say what a value is or what a function does.
VAGUE_NAMES = re.compile(
    r"^\s*(?:(?:told|kept|found)\s*=|def (?:told|kept|say|begin|refuse)\b)", re.MULTILINE
)


def test_no_value_or_function_has_a_vague_name():
    texts = {file: file.read_text(encoding="utf-8") for file in (ROOT / "bench").rglob("*.py")}
    names = {
        f"{file.relative_to(ROOT)}: {name.strip()}"
        for file, text in texts.items()
        for name in VAGUE_NAMES.findall(text)
    }
    assert names == set()

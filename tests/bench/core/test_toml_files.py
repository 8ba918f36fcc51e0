"""An error in a TOML file is one line with the file, the line, the key and the correction."""

from pathlib import Path

import msgspec
import pytest

from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.core.toml_files import Text, TomlFile


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    id: Text
    size: int = 0
    codes: tuple[int, ...] = ()


class Table(msgspec.Struct, forbid_unknown_fields=True):
    title: str = ""
    entries: tuple[Entry, ...] = ()
    owner: Entry | None = None
    places: dict[str, Entry] = {}


def read(tmp_path: Path, text: str) -> Table:
    file = tmp_path / "f.toml"
    file.write_text(text, encoding="utf-8")
    toml = TomlFile.read(file, UsageError)
    return toml.convert(toml.content, Table)


def test_a_file_becomes_a_struct(tmp_path: Path) -> None:
    table = read(tmp_path, 'title = "t"\n[[entries]]\nid = "a"\n[places.x]\nid = "b"\nsize = 3\n')
    assert table == Table("t", (Entry("a"),), places={"x": Entry("b", 3)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('titel = "t"', ":1: unknown key 'titel'; did you mean title?"),
        ('# c\n\n[[entries]]\nid = "a"\nsizes = 3', ":5: unknown key 'entries[0].sizes'; did you"),
        ('[[entries]]\nid = "a"\n[[entries]]\nsize = 3', ":3: 'entries[1].id' is missing; add it"),
        ('[[entries]]\nid = ""', ":2: 'entries[0].id': Expected `str` of length >= 1; correct"),
        ('[[entries]]\nid = "a"\nsize = true', ":3: 'entries[0].size': Expected `int`, got `bool`"),
        ('[[entries]]\nid = "a"\ncodes = [1, "b"]', ":3: 'entries[0].codes[1]': Expected `int`"),
        ("entries = 3", ":1: 'entries': Expected `array`, got `int`; correct the value"),
        ('[owner]\nid = "a"\nsice = 1', ":3: unknown key 'owner.sice'; did you mean size"),
        ('[places.x]\nid = "b"\nxyzzy = 1', ": unknown key 'places[...].xyzzy'; remove it"),
        (
            "[[entries]",
            ": Expected ']]' at the end of an array declaration (at line 1, column 10); correct",
        ),
    ],
)
def test_an_error_names_file_line_key_and_correction(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'f.toml'}{message}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"f\.toml: .*No such file"):
        TomlFile.read(tmp_path / "f.toml", UsageError)


def test_bytes_that_are_not_utf_8_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(UsageError, match=r"f\.toml: .*codec can't decode"):
        TomlFile.read(tmp_path / "f.toml", UsageError)


def test_a_file_of_the_project_is_named_by_its_path_in_the_project() -> None:
    assert TomlFile.read(ROOT / "pyproject.toml", UsageError).name == "pyproject.toml"


def test_a_value_of_a_dict_is_named_by_its_key(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text('[places.x]\nid = "b"\n[places.y]\nid = 3\n', encoding="utf-8")
    toml = TomlFile.read(file, UsageError)
    with pytest.raises(UsageError, match=r"f\.toml:4: 'places.y.id': Expected `str`"):
        toml.convert(toml.content["places"]["y"], Entry, "places.y")

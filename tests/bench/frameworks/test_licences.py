"""A distribution's licence is named in one short word, however it is declared."""

from importlib.metadata import Distribution

import pytest

from bench.frameworks.licenses import detect_licence

BSD = """Copyright 2017, Somebody

Redistribution and use in source and binary
forms, with or without modification, are permitted"""
THREE = BSD + "\n3. Neither the name of the copyright holder nor"
TEXT = "\n        ".join(THREE.splitlines())
CLASSES = "Classifier: License :: Freely Distributable\nClassifier: License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("metadata", "enclosed", "name"),
    [
        pytest.param("License-Expression: MIT", THREE, "MIT", id="an expression"),
        pytest.param("License: ZPL 2.1", THREE, "ZPL 2.1", id="a name"),
        pytest.param(f"License: {TEXT}", "", "BSD-3-Clause", id="its whole text"),
        pytest.param("", BSD, "BSD-2-Clause", id="a file"),
        pytest.param(f"{CLASSES}BSD License", THREE, "BSD-3-Clause", id="a file tells more"),
        pytest.param(f"{CLASSES}BSD License", "All mine", "BSD", id="a class"),
        pytest.param("License: Copyright me\n        All mine", "", "", id="nothing known"),
    ],
)
def test_the_licence_has_a_short_name(tmp_path, metadata, enclosed, name):
    info = tmp_path / "pan-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: pan\nVersion: 1\n{metadata}\n")
    (info / "LICENSE.md").write_text(enclosed)
    (info / "RECORD").write_text("pan-1.dist-info/LICENSE.md,,\n")
    assert detect_licence(Distribution.at(info)) == name

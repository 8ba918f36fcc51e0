"""The licence of a distribution gets one short name, wherever the licence is declared."""

from importlib.metadata import Distribution

import pytest

from bench.frameworks.licenses import detect_licence

BSD = """Copyright 2017, Somebody

Redistribution and use in source and binary
forms, with or without modification, are permitted"""
BSD_3 = BSD + "\n3. Neither the name of the copyright holder nor"
INDENTED = "\n        ".join(BSD_3.splitlines())
CLASSIFIERS = "Classifier: License :: Freely Distributable\nClassifier: License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("metadata", "licence_file", "expected"),
    [
        pytest.param("License-Expression: MIT", BSD_3, "MIT", id="licence expression"),
        pytest.param("License: ZPL 2.1", BSD_3, "ZPL 2.1", id="short name"),
        pytest.param(f"License: {INDENTED}", "", "BSD-3-Clause", id="whole text"),
        pytest.param("", BSD, "BSD-2-Clause", id="licence file"),
        pytest.param(
            f"{CLASSIFIERS}BSD License", BSD_3, "BSD-3-Clause", id="licence file and classifier"
        ),
        pytest.param(f"{CLASSIFIERS}BSD License", "All mine", "BSD", id="classifier"),
        pytest.param("License: Copyright me\n        All mine", "", "", id="unknown text"),
    ],
)
def test_the_licence_has_a_short_name(tmp_path, metadata, licence_file, expected):
    info = tmp_path / "pan-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: pan\nVersion: 1\n{metadata}\n")
    (info / "LICENSE.md").write_text(licence_file)
    (info / "RECORD").write_text("pan-1.dist-info/LICENSE.md,,\n")
    assert detect_licence(Distribution.at(info)) == expected

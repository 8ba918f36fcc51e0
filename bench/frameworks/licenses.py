"""Under which licence is a distribution, in one short name?

Names are those of the SPDX licence list, https://spdx.org/licenses/, where what is declared or
enclosed says enough to choose one.
"""

import re
from importlib.metadata import Distribution, PackageMetadata

# What only one licence says, the more particular ones first.
LICENCE_PHRASES = {
    "Apache-2.0": ("Apache License", "Version 2.0"),
    "ZPL-2.1": ("Zope Public License (ZPL) Version 2.1",),
    "BSD-3-Clause": ("Redistribution and use in source and binary forms", "Neither the name"),
    "BSD-2-Clause": ("Redistribution and use in source and binary forms",),
    "MIT": ("Permission is hereby granted, free of charge", "The above copyright notice"),
}
LICENCE_BY_CLASSIFIER = {
    "MIT License": "MIT",
    "Apache Software License": "Apache",
    "BSD License": "BSD",
}


def detect_licence(distribution: Distribution) -> str:
    """Return the licence as declared, recognised by its text, or as classified; "" for none."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"]).strip()
    declared = str(metadata["License"]).strip() if "License" in metadata else ""
    # Some declare the licence's whole text.
    if declared and "\n" not in declared:
        return declared
    texts = [declared, *read_licence_files(distribution)]
    return next(filter(None, map(match_licence_text, texts)), "") or read_classifiers(metadata)


def match_licence_text(text: str) -> str:
    """Return the licence that a text is, "" where it is none that is known here."""
    plain = re.sub(r"\s+", " ", text)
    found = (
        name for name, said in LICENCE_PHRASES.items() if all(words in plain for words in said)
    )
    return next(found, "")


def read_licence_files(distribution: Distribution) -> list[str]:
    """Return the texts of the licence files that came with a distribution."""
    files = [file for file in distribution.files or () if LICENCE_FILE_PATTERN.match(file.name)]
    return [file.locate().read_text(encoding="utf-8", errors="replace") for file in files]  # type: ignore[attr-defined]


LICENCE_FILE_PATTERN = re.compile(r"(licen[cs]e|copying)(\.\w+)?$", re.IGNORECASE)


def read_classifiers(metadata: PackageMetadata) -> str:
    """Return the licence that a classifier names."""
    names = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or ()
        # "Freely Distributable" is a promise and no licence.
        if text.startswith("License :: OSI Approved :: ")
    ]
    return LICENCE_BY_CLASSIFIER.get(names[0], names[0]) if names else ""

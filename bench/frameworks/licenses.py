"""Detect the licence of a distribution as one short name.

The name is from the SPDX licence list, https://spdx.org/licenses/, when the metadata or the licence
file identifies one of its licences.
"""

import re
from importlib.metadata import Distribution, PackageMetadata

# Phrases that identify a licence; a licence whose text includes another's comes first.
LICENCE_PHRASES = {
    "Apache-2.0": ("Apache License", "Version 2.0"),
    "ZPL-2.1": ("Zope Public License (ZPL) Version 2.1",),
    "BSD-3-Clause": ("Redistribution and use in source and binary forms", "Neither the name"),
    "BSD-2-Clause": ("Redistribution and use in source and binary forms",),
    "MIT": ("Permission is hereby granted, free of charge", "The above copyright notice"),
}
LICENCE_FILE_PATTERN = re.compile(r"(licen[cs]e|copying)(\.\w+)?$", re.IGNORECASE)
LICENCE_BY_CLASSIFIER = {
    "MIT License": "MIT",
    "Apache Software License": "Apache",
    "BSD License": "BSD",
}


def detect_licence(distribution: Distribution) -> str:
    """Return the licence from the metadata, the licence text or the classifiers; "" for none."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"]).strip()
    declared = str(metadata["License"]).strip() if "License" in metadata else ""
    # The field of some distributions holds the whole text of the licence.
    if declared and "\n" not in declared:
        return declared
    texts = [declared, *read_licence_files(distribution)]
    return next(filter(None, map(match_licence_text, texts)), "") or read_classifiers(metadata)


def match_licence_text(text: str) -> str:
    """Return the name of the licence with this text, or "" for an unknown text."""
    plain = re.sub(r"\s+", " ", text)
    matches = (
        name
        for name, phrases in LICENCE_PHRASES.items()
        if all(phrase in plain for phrase in phrases)
    )
    return next(matches, "")


def read_licence_files(distribution: Distribution) -> list[str]:
    """Return the texts of the licence files of a distribution."""
    files = [file for file in distribution.files or () if LICENCE_FILE_PATTERN.match(file.name)]
    return [file.locate().read_text(encoding="utf-8", errors="replace") for file in files]  # type: ignore[attr-defined]


def read_classifiers(metadata: PackageMetadata) -> str:
    """Return the licence that the first licence classifier names, or ""."""
    names = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or ()
        # "Freely Distributable" is not a licence.
        if text.startswith("License :: OSI Approved :: ")
    ]
    return LICENCE_BY_CLASSIFIER.get(names[0], names[0]) if names else ""

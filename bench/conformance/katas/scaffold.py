"""Write the folder of a new kata."""

import re
from pathlib import Path

from bench.conformance.katas.catalogue import (
    CLAUSES_FILE,
    KATA_FILE,
    KATAS,
    REQUEST_FILE,
    select_katas,
)
from bench.core.errors import UsageError

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FILES = {
    KATA_FILE: """number = {number}
title = "{title}"
summary = "Say in a line what the change needs of a framework."

# A clause of the contract that no longer holds after the change:
# [[replaced]]
# clause = "the id of the clause, as cookoff contract prints it"
# reason = "Why the change replaces it."
""",
    REQUEST_FILE: "Write the request here as a customer writes it: what should happen, and why.\n",
    CLAUSES_FILE: '''"""{title}: say in a line what the clauses test."""

import pytest

from tests.contract.expect import is_page
from tests.contract.guest import Guest


@pytest.mark.feature("show-the-menu")
def test_the_menu_says_that_the_change_is_there(guest: Guest) -> None:
    assert is_page(guest.get("/")).all(".{name}")
''',
}
NEXT_STEPS = (
    "write the request and its clauses: {folder}/",
    "change a checkout of this commit, and save each part of the change:",
    "  git diff -- shared_db static >{folder}/shared.patch",
    "  git diff -- apps/pages >{folder}/pages.patch",
    "  git diff -- apps/flask >{folder}/flask.patch",
    "run the clauses: cookoff kata check {name}",
)


def write_kata(name: str, katas: Path = KATAS) -> Path:
    """Write the folder of a new kata, and return it; raise UsageError for a name in use."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a kata; use lower-case letters and hyphens")
    folder = katas / name
    if folder.exists():
        raise UsageError(f"there is a kata called {name!r}; choose another name")
    number = max((kata.number for kata in select_katas(folder=katas)), default=0) + 1
    title = name.replace("-", " ").capitalize()
    folder.mkdir(parents=True)
    for file, text in FILES.items():
        values = {"{number}": str(number), "{title}": title, "{name}": name}
        for mark, value in values.items():
            text = text.replace(mark, value)
        (folder / file).write_text(text, encoding="utf-8")
    return folder

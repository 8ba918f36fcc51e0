"""Tests of the tables, which may change only together with VERSION."""

import stat
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import shared_db
from shared_db.schema import VERSION, metadata

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_changed_table_needs_a_new_version(name: str) -> None:
    """After a change of a table, increase VERSION and store the new SQL beside this test."""
    dialect = DIALECTS[name]()
    statements: list[str] = []
    for table in metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        steps = [CreateTable(table), *map(CreateIndex, indexes)]
        statements += (str(step.compile(dialect=dialect)).strip() for step in steps)
    lines = [line.rstrip() for line in ";\n\n".join(statements).splitlines()]
    stored = Path(__file__).with_name(f"schema_{VERSION}_{name}.sql")
    assert stored.read_text(encoding="utf-8").splitlines() == [*lines[:-1], f"{lines[-1]};"]


def test_only_the_user_can_read_a_new_sqlite_file(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "larder.db"
    shared_db.create(f"sqlite:///{file}")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)}
    assert modes == {"folder": 0o700, "larder.db": 0o600}

"""The tables: those of larders that stand already, as long as the version is the same."""

import stat
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import shared_db
from shared_db.schema import VERSION, metadata

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_change_of_a_table_is_a_new_version(name: str) -> None:
    """Who changes a table raises VERSION, and writes the new tables beside this test."""
    dialect = DIALECTS[name]()
    made: list[str] = []
    for table in metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        steps = [CreateTable(table), *map(CreateIndex, indexes)]
        made += (str(step.compile(dialect=dialect)).strip() for step in steps)
    lines = [line.rstrip() for line in ";\n\n".join(made).splitlines()]
    kept = Path(__file__).with_name(f"schema_{VERSION}_{name}.sql")
    assert kept.read_text(encoding="utf-8").splitlines() == [*lines[:-1], f"{lines[-1]};"]


def test_a_new_larder_is_its_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "larder.db"
    shared_db.create(f"sqlite:///{file}")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)}
    assert modes == {"folder": 0o700, "larder.db": 0o600}

"""A second command never drops the tables of a running measurement."""

import psycopg
import pytest

from bench.core.errors import CookoffError, DependencyError
from bench.measure.cluster.postgres_schema import isolated_database
from tests.postgres import postgres_server, why_not


@pytest.fixture(scope="module")
def server():
    if why_not():
        pytest.skip(why_not())
    with postgres_server() as server:
        yield server


@pytest.fixture
def url(server, monkeypatch):
    url = server.create_empty_database()
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def lose_the_connection(server, url):
    with isolated_database("load") as schema_url:
        make_a_table(schema_url)
        server.hang_up_on(url)  # as when the machine of the command is lost


def open_the_locked_schema():
    with isolated_database("load"):
        pytest.fail("the schema was not locked")


def schemas(url):
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^cookoff_'")
        return sorted(name for (name,) in rows)


def make_a_table(schema_url):
    with psycopg.connect(schema_url) as connection:
        connection.execute("CREATE TABLE soup AS SELECT 7 AS spoons")


def test_a_second_command_fails_and_drops_nothing(url):
    with isolated_database("load") as schema_url:
        make_a_table(schema_url)
        with pytest.raises(CookoffError, match=r"^another measurement uses .*wait until"):
            open_the_locked_schema()
        with psycopg.connect(schema_url) as connection:
            assert connection.execute("SELECT spoons FROM soup").fetchone() == (7,)
        with isolated_database("other"):
            assert schemas(url) == ["cookoff_load", "cookoff_other"]
    assert schemas(url) == []
    with isolated_database("load"):
        assert schemas(url) == ["cookoff_load"]


def test_the_schema_of_a_dead_command_is_removed(server, url):
    with pytest.raises(DependencyError, match=r"^the database of DATABASE_URL: "):
        lose_the_connection(server, url)
    assert schemas(url) == ["cookoff_load"]
    with isolated_database("load") as schema_url, psycopg.connect(schema_url) as connection:
        assert connection.execute("SELECT to_regclass('soup')").fetchone() == (None,)
    assert schemas(url) == []


def test_an_unreachable_database_is_reported(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DependencyError, match=r"^the database of DATABASE_URL: "):
        open_the_locked_schema()

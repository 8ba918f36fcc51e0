"""Nobody loses the tables of a measurement that is under way, on whichever machine."""

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


def use_and_be_cut_off(server, url):
    with isolated_database("load") as own:
        make_a_table(own)
        server.hang_up_on(url)  # as when the command and its machine are gone


def refused():
    with isolated_database("load"):
        pytest.fail("let in")


def schemas(url):
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^cookoff_'")
        return sorted(name for (name,) in found)


def make_a_table(own):
    with psycopg.connect(own) as connection:
        connection.execute("CREATE TABLE soup AS SELECT 7 AS spoons")


def test_a_second_command_is_refused_and_drops_nothing(url):
    with isolated_database("load") as own:
        make_a_table(own)
        with pytest.raises(CookoffError, match=r"^another measurement is under way .*wait until"):
            refused()
        with psycopg.connect(own) as connection:
            assert connection.execute("SELECT spoons FROM soup").fetchone() == (7,)
        with isolated_database("other"):
            assert schemas(url) == ["cookoff_load", "cookoff_other"]
    assert schemas(url) == []
    with isolated_database("load"):
        assert schemas(url) == ["cookoff_load"]


def test_what_a_dead_command_left_is_removed(server, url):
    with pytest.raises(DependencyError, match=r"^the database of DATABASE_URL: "):
        use_and_be_cut_off(server, url)
    assert schemas(url) == ["cookoff_load"]
    with isolated_database("load") as own, psycopg.connect(own) as connection:
        assert connection.execute("SELECT to_regclass('soup')").fetchone() == (None,)
    assert schemas(url) == []


def test_a_database_that_cannot_be_reached_is_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DependencyError, match=r"^the database of DATABASE_URL: "):
        refused()

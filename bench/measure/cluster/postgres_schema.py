"""In which database does a cell work? In a schema of its own where DATABASE_URL is PostgreSQL's.

So the workers of several machines may share a database, or have one each, and what else it holds is
left alone. Without PostgreSQL each cell makes a SQLite file of its own.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from sqlalchemy import URL, make_url

from bench.core.errors import CookoffError, DependencyError, collapse_whitespace

CONNECT_TIMEOUT_SECONDS = 30


@contextmanager
def isolated_database(key: str) -> Iterator[str]:
    """Give the URL of a place that holds nothing, removed afterwards; "" without PostgreSQL.

    Raises Trouble where another command uses the place of this key, which is left alone then, and
    Missing where DATABASE_URL cannot be reached, or its user may make no schema.
    """
    url = make_url(os.environ.get("DATABASE_URL") or "sqlite://")
    if url.get_backend_name() != "postgresql":
        yield ""
        return
    schema = f"cookoff_{key}"
    drop = f"DROP SCHEMA IF EXISTS {schema} CASCADE"
    with open_connection(url) as connection:
        lock_schema(connection, schema)
        # A worker that died with this very cell may have left its schema.
        execute(connection, drop, f"CREATE SCHEMA {schema}")
        try:
            own = url.update_query_dict({"options": f"-csearch_path={schema}"})
            yield own.render_as_string(hide_password=False)
        finally:
            execute(connection, drop)


@contextmanager
def open_connection(url: URL) -> Iterator[psycopg.Connection]:
    """Give a connection to the database; raise Missing when it cannot be reached."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(
            plain, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
        )
    except psycopg.Error as error:
        raise build_unreachable_error(error) from error
    with closing(connection):
        yield connection


def lock_schema(connection: psycopg.Connection, schema: str) -> None:
    """Keep other commands, on whichever machine, off a schema for as long as the connection lasts.

    Raises Trouble where another command has it. The server ends the claim of one that dies.
    """
    try:
        found = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [schema])
        is_ours = found.fetchone() == (True,)
    except psycopg.Error as error:
        raise build_unreachable_error(error) from error
    if not is_ours:
        words = "another measurement is under way in the database of DATABASE_URL"
        raise CookoffError(f"{words} (schema {schema}); wait until it ends")


def execute(connection: psycopg.Connection, *statements: str) -> None:
    """Run statements, each by itself; raise Missing when one fails."""
    try:
        for statement in statements:
            connection.execute(statement.encode())
    except psycopg.Error as error:
        raise build_unreachable_error(error) from error


def build_unreachable_error(error: psycopg.Error) -> DependencyError:
    """Return what to raise for an error of the database."""
    return DependencyError(f"the database of DATABASE_URL: {collapse_whitespace(error)}")

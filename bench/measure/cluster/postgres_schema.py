"""Give each task a PostgreSQL schema of its own when DATABASE_URL is PostgreSQL's.

Workers on several machines may therefore share a database or use one each, and other data in the
database stays unchanged. Without PostgreSQL each task creates its own SQLite file.
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
    """Create an empty schema, yield its URL, and drop the schema; yield "" without PostgreSQL.

    Raise CookoffError when another command uses the schema of this key, and DependencyError when
    DATABASE_URL cannot be reached, or its user may not create a schema.
    """
    url = make_url(os.environ.get("DATABASE_URL") or "sqlite://")
    if url.get_backend_name() != "postgresql":
        yield ""
        return
    schema = f"cookoff_{key}"
    drop = f"DROP SCHEMA IF EXISTS {schema} CASCADE"
    with open_connection(url) as connection:
        lock_schema(connection, schema)
        # A worker that died during the same task may have left its schema.
        execute(connection, drop, f"CREATE SCHEMA {schema}")
        try:
            schema_url = url.update_query_dict({"options": f"-csearch_path={schema}"})
            yield schema_url.render_as_string(hide_password=False)
        finally:
            execute(connection, drop)


@contextmanager
def open_connection(url: URL) -> Iterator[psycopg.Connection]:
    """Yield a connection to the database; raise DependencyError when it cannot be reached."""
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
    """Lock a schema against other commands, on any machine, until the connection closes.

    Raise CookoffError when another command holds the lock. The server releases the lock of a
    command that dies.
    """
    try:
        cursor = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [schema]
        )
        is_ours = cursor.fetchone() == (True,)
    except psycopg.Error as error:
        raise build_unreachable_error(error) from error
    if not is_ours:
        raise CookoffError(
            f"another measurement uses the database of DATABASE_URL (schema {schema}); "
            "wait until that measurement ends"
        )


def execute(connection: psycopg.Connection, *statements: str) -> None:
    """Run each statement by itself; raise DependencyError when a statement fails."""
    try:
        for statement in statements:
            connection.execute(statement.encode())
    except psycopg.Error as error:
        raise build_unreachable_error(error) from error


def build_unreachable_error(error: psycopg.Error) -> DependencyError:
    """Return the error to raise for an error of the database."""
    return DependencyError(f"the database of DATABASE_URL: {collapse_whitespace(error)}")

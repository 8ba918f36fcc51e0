"""In which database does a cell work? In a schema of its own where DATABASE_URL is PostgreSQL's.

So the workers of several machines may share a database, or have one each, and what else it holds is
left alone. Without PostgreSQL each cell makes a SQLite file of its own.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, make_url

from bench.troubles import Missing, one_line


@contextmanager
def own_database(key: str) -> Iterator[str]:
    """Give the URL of a place that holds nothing, removed afterwards; "" without PostgreSQL.

    Raises Missing where DATABASE_URL cannot be reached, or its user may make no schema.
    """
    url = make_url(os.environ.get("DATABASE_URL") or "sqlite://")
    if url.get_backend_name() != "postgresql":
        yield ""
        return
    schema = f"cookoff_{key}"
    drop = f"DROP SCHEMA IF EXISTS {schema} CASCADE"
    # A worker that died with this very cell may have left its schema.
    say(url, drop, f"CREATE SCHEMA {schema}")
    try:
        own = url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
    finally:
        say(url, drop)


def say(url: URL, *statements: str) -> None:
    """Run statements, each by itself."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    except psycopg.Error as error:
        raise Missing(f"the database of DATABASE_URL: {one_line(error)}") from error

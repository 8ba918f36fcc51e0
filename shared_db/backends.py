"""Select the database that a URL names."""

from sqlalchemy import make_url

from shared_db.database import Database
from shared_db.sqlite_file import SqliteFile


def database_from_url(database_url: str) -> Database:
    """Return the database of a URL (sqlite:///, postgresql://) without connecting to it.

    Raise ValueError for any other kind of URL.
    """
    url = make_url(database_url)
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        return SqliteFile(url.database)
    if backend == "postgresql":
        # Imported here because SQLite does not need the PostgreSQL driver.
        from shared_db.postgresql import PostgreSQL

        return PostgreSQL(url)
    raise ValueError("the database's URL must begin with sqlite:/// or postgresql://")

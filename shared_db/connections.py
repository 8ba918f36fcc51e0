"""One database connection for each thread. Every statement is counted and timed here."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Any
from weakref import WeakSet

from sqlalchemy import ClauseElement, select
from sqlalchemy.engine.interfaces import DBAPICursor

from shared_db.database import Database
from shared_db.errors import DatabaseMissingError, DatabaseUnavailableError, SchemaMismatchError
from shared_db.schema import VERSION, larder_schema
from shared_db.thread_state import LoadedSession, ThreadState, Usage

SCHEMA_VERSION = select(larder_schema.c.version)


class _CompiledStatements(dict[ClauseElement, str]):
    """The SQL of each statement, compiled on first use."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def __missing__(self, statement: ClauseElement) -> str:
        sql = self[statement] = self._database.compile(statement)
        return sql


class Connections:
    """Run prebuilt statements, each thread on its own connection.

    Every method that runs SQL connects first if the thread has no connection, and then raises
    DatabaseMissingError, SchemaMismatchError or DatabaseUnavailableError if that fails. An error
    of a statement is the driver's own error.
    """

    def __init__(self, database: Database, checks_schema: bool = True) -> None:
        """Store the database. A thread connects when it runs its first statement."""
        self._database = database
        self._checks_schema = checks_schema
        self._sql = _CompiledStatements(database)
        self._local = threading.local()
        self._states: WeakSet[ThreadState] = WeakSet()
        self._states_lock = threading.Lock()
        # SQLite itself polls with sleeps until it can write; a lock between the threads of one
        # process is faster.
        self._write_lock: AbstractContextManager[Any] = (
            threading.RLock() if database.single_writer else nullcontext()
        )
        self.integrity_error = database.integrity_error

    def fetch_all(self, statement: ClauseElement, /, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement that returns rows, and return all its rows."""
        return self._run_statement(statement, values, returns_rows=True)

    def fetch_first(self, statement: ClauseElement, /, **values: object) -> tuple[Any, ...] | None:
        """Run a statement that returns rows, and return its first row, or None."""
        rows = self._run_statement(statement, values, returns_rows=True)
        return rows[0] if rows else None

    def execute(self, statement: ClauseElement, /, **values: object) -> int:
        """Run a statement that returns no rows, and return the number of rows it changed."""
        self._run_statement(statement, values, returns_rows=False)
        return int(self._local.state.cursor.rowcount)

    def execute_many(self, statement: ClauseElement, many: Sequence[dict[str, Any]]) -> None:
        """Run a statement that returns no rows once for each set of values.

        Each set of values counts as one query.
        """
        state = self._connected_state()
        sql = self._sql[statement]
        start = perf_counter()
        try:
            state.cursor.executemany(sql, many)
        except self._database.error as error:
            self._disconnect_if_broken(state, error)
            raise
        finally:
            state.seconds += perf_counter() - start
            state.queries += len(many)

    def bulk_insert(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Insert many rows into a table by the database's fastest method. Not counted."""
        self._database.bulk_insert(self._connected_state().cursor, table, columns, rows)

    def advance_sequences(self, *tables: str) -> None:
        """Let new ids of the tables follow the highest id that `bulk_insert` wrote."""
        self._database.advance_sequences(self._connected_state().cursor, tables)

    def begin_request(self) -> None:
        """Reset this thread's counters, and forget the session of the previous request."""
        state = self._state()
        state.queries, state.seconds, state.loaded_session = 0, 0.0, None

    @property
    def loaded_session(self) -> LoadedSession | None:
        """The session that the current request of this thread has read."""
        return self._state().loaded_session

    @loaded_session.setter
    def loaded_session(self, session: LoadedSession | None) -> None:
        self._state().loaded_session = session

    @property
    def usage(self) -> Usage:
        """The queries of this thread since `begin_request`, and the seconds they took."""
        state = self._state()
        return Usage(state.queries, state.seconds)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction: commit it, or roll it back if the block raises."""
        state = self._connected_state()
        with self._write_lock:
            self._run_command(state, self._database.begin_sql)
            try:
                yield
                self._run_command(state, "COMMIT")
            except BaseException:
                self._roll_back(state)
                raise

    def connect(self) -> None:
        """Connect this thread, if it is not connected.

        Raise DatabaseMissingError, SchemaMismatchError or DatabaseUnavailableError.
        """
        self._connected_state()

    def disconnect(self) -> None:
        """Close this thread's connection. Its next statement opens a new connection."""
        self._state().disconnect()

    def close(self) -> None:
        """Close the connections of all threads. No thread may be running a statement."""
        with self._states_lock:
            for state in list(self._states):
                state.disconnect()

    def _run_statement(
        self, statement: ClauseElement, values: dict[str, object], returns_rows: bool
    ) -> list[tuple[Any, ...]]:
        state = self._connected_state()
        sql = self._sql[statement]
        start = perf_counter()
        try:
            state.cursor.execute(sql, values)
            return state.cursor.fetchall() if returns_rows else []
        except self._database.error as error:
            self._disconnect_if_broken(state, error)
            raise
        finally:
            state.seconds += perf_counter() - start
            state.queries += 1

    def _run_command(self, state: ThreadState, sql: str) -> None:
        try:
            state.cursor.execute(sql)
        except self._database.error as error:
            self._disconnect_if_broken(state, error)
            raise

    def _roll_back(self, state: ThreadState) -> None:
        if state.cursor is None:
            return
        try:
            state.cursor.execute("ROLLBACK")
        except self._database.error:
            state.disconnect()

    def _disconnect_if_broken(self, state: ThreadState, error: Exception) -> None:
        if state.connection is not None and self._database.is_broken(state.connection, error):
            state.disconnect()

    def _state(self) -> ThreadState:
        try:
            state: ThreadState = self._local.state
        except AttributeError:
            state = self._local.state = ThreadState()
            with self._states_lock:
                self._states.add(state)
        return state

    def _connected_state(self) -> ThreadState:
        state = self._state()
        if state.cursor is None:
            self._connect(state)
        return state

    def _connect(self, state: ThreadState) -> None:
        if not self._database.exists():
            raise DatabaseMissingError
        try:
            connection = self._database.connect()
        except self._database.error as error:
            raise DatabaseUnavailableError from error
        try:
            cursor = connection.cursor()
            if self._checks_schema:
                self._check_version(cursor)
        except BaseException:
            connection.close()
            raise
        state.connection, state.cursor = connection, cursor

    def _check_version(self, cursor: DBAPICursor) -> None:
        """Check once for each connection that this version of the code created the tables."""
        try:
            cursor.execute(self._sql[SCHEMA_VERSION])
            row = cursor.fetchone()
        except self._database.error as error:
            missing = self._database.is_missing_table(error)
            raise (DatabaseMissingError if missing else DatabaseUnavailableError) from error
        if row != (VERSION,):
            raise SchemaMismatchError

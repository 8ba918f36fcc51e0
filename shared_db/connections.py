"""Connections: one a thread; every statement passes here, counted and timed."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Any
from weakref import WeakSet

from sqlalchemy import ClauseElement, select
from sqlalchemy.engine.interfaces import DBAPICursor

from shared_db.database import Database
from shared_db.errors import LarderDown, NotStocked, SchemaMismatch
from shared_db.hand import Hand, LoadedSession, Usage
from shared_db.schema import VERSION, larder_schema

SCHEMA_VERSION = select(larder_schema.c.version)


class _Compiled(dict[ClauseElement, str]):
    """The SQL of each statement, compiled when it is first run."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def __missing__(self, statement: ClauseElement) -> str:
        sql = self[statement] = self._database.compile(statement)
        return sql


class Connections:
    """Runs prebuilt statements on the thread's own connection."""

    def __init__(self, database: Database, checks_schema: bool = True) -> None:
        """Keep the database; nothing connects before the first statement of a thread."""
        self._database = database
        self._checks_schema = checks_schema
        self._sql = _Compiled(database)
        self._local = threading.local()
        self._hands: WeakSet[Hand] = WeakSet()
        self._hands_lock = threading.Lock()
        # SQLite's own queue is a poll with sleeps; threads of one process have a better one.
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if database.one_writer else nullcontext()
        )
        self.integrity_error = database.integrity_error

    def rows(self, statement: ClauseElement, /, **values: object) -> list[tuple[Any, ...]]:
        """Run a statement that gives rows, and return all of them."""
        return self._execute(statement, values, gives_rows=True)

    def row(self, statement: ClauseElement, /, **values: object) -> tuple[Any, ...] | None:
        """Run a statement that gives rows, and return the first, or None."""
        found = self._execute(statement, values, gives_rows=True)
        return found[0] if found else None

    def run(self, statement: ClauseElement, /, **values: object) -> int:
        """Run a statement that gives no rows, and return how many it changed."""
        self._execute(statement, values, gives_rows=False)
        return int(self._local.hand.cursor.rowcount)

    def run_many(self, statement: ClauseElement, many: Sequence[dict[str, Any]]) -> None:
        """Run a statement that gives no rows once for each set of values, each counted."""
        hand = self._connected()
        sql = self._sql[statement]
        start = perf_counter()
        try:
            hand.cursor.executemany(sql, many)
        except self._database.error as error:
            self._judge(hand, error)
            raise
        finally:
            hand.seconds += perf_counter() - start
            hand.queries += len(many)

    def pour(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows to a table in the quickest way there is, uncounted."""
        self._database.pour(self._connected().cursor, table, columns, rows)

    def settle(self, *tables: str) -> None:
        """Make new ids follow those poured into some tables."""
        self._database.settle(self._connected().cursor, tables)

    def begin_request(self) -> None:
        """Set this thread's counters to zero and forget the session of the request before."""
        hand = self._hand()
        hand.queries, hand.seconds, hand.loaded_session = 0, 0.0, None

    @property
    def loaded_session(self) -> LoadedSession | None:
        """The session that this thread's request has read."""
        return self._hand().loaded_session

    @loaded_session.setter
    def loaded_session(self, session: LoadedSession | None) -> None:
        self._hand().loaded_session = session

    @property
    def usage(self) -> Usage:
        """Return what this thread asked of the database since begin_request."""
        hand = self._hand()
        return Usage(hand.queries, hand.seconds)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make what is run inside one transaction: kept as a whole, or, on an error, not at all."""
        hand = self._connected()
        with self._turn:
            self._tell(hand, self._database.begin)
            try:
                yield
                self._tell(hand, "COMMIT")
            except BaseException:
                self._roll_back(hand)
                raise

    def connect(self) -> None:
        """Connect this thread, if it is not; raises NotStocked, SchemaMismatch or LarderDown."""
        self._connected()

    def forget(self) -> None:
        """Close this thread's connection; its next statement opens another."""
        self._hand().let_go()

    def close(self) -> None:
        """Close every thread's connection; none may be in use."""
        with self._hands_lock:
            for hand in list(self._hands):
                hand.let_go()

    def _execute(
        self, statement: ClauseElement, values: dict[str, object], gives_rows: bool
    ) -> list[tuple[Any, ...]]:
        hand = self._connected()
        sql = self._sql[statement]
        start = perf_counter()
        try:
            hand.cursor.execute(sql, values)
            return hand.cursor.fetchall() if gives_rows else []
        except self._database.error as error:
            self._judge(hand, error)
            raise
        finally:
            hand.seconds += perf_counter() - start
            hand.queries += 1

    def _tell(self, hand: Hand, words: str) -> None:
        try:
            hand.cursor.execute(words)
        except self._database.error as error:
            self._judge(hand, error)
            raise

    def _roll_back(self, hand: Hand) -> None:
        if hand.cursor is None:
            return
        try:
            hand.cursor.execute("ROLLBACK")
        except self._database.error:
            hand.let_go()

    def _judge(self, hand: Hand, error: Exception) -> None:
        if hand.connection is not None and self._database.is_broken(hand.connection, error):
            hand.let_go()

    def _hand(self) -> Hand:
        try:
            hand: Hand = self._local.hand
        except AttributeError:
            hand = self._local.hand = Hand()
            with self._hands_lock:
                self._hands.add(hand)
        return hand

    def _connected(self) -> Hand:
        hand = self._hand()
        if hand.cursor is None:
            self._connect(hand)
        return hand

    def _connect(self, hand: Hand) -> None:
        if not self._database.exists():
            raise NotStocked
        try:
            connection = self._database.connect()
        except self._database.error as error:
            raise LarderDown from error
        try:
            cursor = connection.cursor()
            if self._checks_schema:
                self._admit(cursor)
        except BaseException:
            connection.close()
            raise
        hand.connection, hand.cursor = connection, cursor

    def _admit(self, cursor: DBAPICursor) -> None:
        """Refuse a database whose tables are not this code's: each connection asks once."""
        try:
            cursor.execute(self._sql[SCHEMA_VERSION])
            found = cursor.fetchone()
        except self._database.error as error:
            raise (NotStocked if self._database.lacks_table(error) else LarderDown) from error
        if found != (VERSION,):
            raise SchemaMismatch

"""Reading a table from a database, which nothing here can change.

Walls, each enough for PostgreSQL and SQLite: the text is one statement that begins with SELECT or
WITH, the driver takes no second statement, and the transaction or the file is open for reading
only. Another database has the first wall, and a transaction that is never committed.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from src.data.manifest import Source
from src.data.problems import InputError

CONNECT_SECONDS = 10
QUERY_SECONDS = 1800
_STEPS = 100_000  # of SQLite's machine, between two looks at the clock
_READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}
# What a `;` or a word may stand in without being part of the statement: comments, text, names.
_ASIDE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(\$\w*\$).*?\1", re.DOTALL
)

_ONE_SELECT = (
    "write one statement that begins with SELECT or WITH, such as "
    "`query: select customer_id, month, revenue from billing`"
)


def read_query(source: Source, table: str) -> pd.DataFrame:
    """The rows that `source.query` selects, columns as the query names them.

    Raises `InputError` when the address is none, the database does not answer in 10 seconds, the
    query takes more than 30 minutes, or is anything but one SELECT.
    """
    assert source.database is not None  # the manifest sees to both
    assert source.query is not None
    url = _address(source.database, table)
    _refuse_all_but_select(source.query, table)
    try:
        with _connected(url) as connection:
            return pd.read_sql_query(sqlalchemy.text(source.query), connection)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        reason = _first_line(error, url.password)
        raise InputError(f"{table}: the database in {source.database} refused: {reason}") from None


def _address(variable: str, table: str) -> sqlalchemy.URL:
    address = os.environ.get(variable, "")
    if not address:
        raise InputError(
            f"{table}: the environment variable {variable} is not set; it must hold the "
            "address of the database, such as postgresql://user:password@host/name"
        )
    try:
        url = sqlalchemy.make_url(address)
        is_address = "@" not in (url.host or "")  # what is left of a password with an @
    except (ArgumentError, ValueError):
        is_address = False
    if not is_address:
        # The address may hold a password: it is not repeated, and neither is its parser's error.
        raise InputError(
            f"{table}: {variable} does not hold the address of a database, such as "
            "postgresql://user:password@host/name; in a password, @ is written as %40"
        )
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise InputError(f"{table}: the file of the database in {variable} does not exist")
    return url


def _refuse_all_but_select(query: str, table: str) -> None:
    """Raise `InputError` unless the text is one statement that begins with SELECT or WITH."""
    bare = _ASIDE.sub(lambda aside: "''" if aside[0][0] in "'\"$" else " ", query)
    statements = [part.strip() for part in bare.split(";") if part.strip()]
    if len(statements) == 1 and re.match(r"[(\s]*(select|with)\b", statements[0], re.IGNORECASE):
        return
    many = f"{len(statements)} statements" if len(statements) > 1 else "another statement"
    found = f"{table}: `query` holds {many if statements else 'nothing'}; a database is only read: "
    raise InputError(found + _ONE_SELECT)


@contextmanager
def _connected(url: sqlalchemy.URL) -> Iterator[sqlalchemy.Connection]:
    """A connection that only reads, and gives up a query after `QUERY_SECONDS`."""
    arguments: dict[str, Any] = {"poolclass": sqlalchemy.NullPool}
    backend = url.get_backend_name()
    is_postgresql = backend in ("postgresql", "postgres")
    file = Path(url.database).absolute() if backend == "sqlite" and url.database else None
    if is_postgresql:
        url = url.set(drivername="postgresql+psycopg")
        arguments["connect_args"] = {"connect_timeout": CONNECT_SECONDS}
    if file:
        arguments["creator"] = lambda: _open_sqlite(file)
    with sqlalchemy.create_engine(url, **arguments).connect() as connection:
        if is_postgresql:
            connection.execution_options(postgresql_readonly=True)
            limit = f"set local statement_timeout = {int(QUERY_SECONDS * 1000)}"
            connection.exec_driver_sql(limit)
            # A cursor of the server is declared for one SELECT, and for nothing else.
            connection.execution_options(stream_results=True)
        if file:
            driver = connection.connection.driver_connection
            assert driver is not None  # it is open
            driver.set_authorizer(_only_reads)
        yield connection


def _open_sqlite(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=CONNECT_SECONDS)
    latest = time.monotonic() + QUERY_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > latest, _STEPS)
    return connection


def _only_reads(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _first_line(error: Exception, password: str | None) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    text = lines[0][:300] if lines else type(cause).__name__
    return text.replace(password, "***") if password else text

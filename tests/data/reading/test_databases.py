"""A database is only read: every kind of statement is tried, then the database is looked at."""

import sqlite3

import psycopg
import pytest

from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading import databases
from src.data.reading.databases import read_query

CHANGES = (
    "drop table bills",
    "delete from bills",
    "update bills set paid = 0",
    "update bills set paid = 0 returning id",
    "insert into bills values (2, 20)",
    "insert into bills values (2, 20) returning id",
    "insert into bills values (2, 20); commit",
    "commit; insert into bills values (2, 20); commit; select 1",
    "select 1; insert into bills values (2, 20); commit",
    "select 1;; drop table bills",
    "/* select */ drop table bills",
    "-- select\ndrop table bills",
    "create table other (id integer)",
    "create table other as select * from bills",
    "alter table bills add column new integer",
    "begin",
    "",
    " ; -- nothing",
)
OF_POSTGRES = (
    "with gone as (delete from bills returning id) select * from gone",
    "with new as (insert into bills values (2, 20) returning id) select * from new",
    "select * into other from bills",
    "select setval('numbers', 9)",
    "select set_config('transaction_read_only', 'off', false), nextval('numbers')",
    "truncate bills",
    "copy bills from stdin",
    "copy (select 1) to program 'touch /tmp/never'",
    "do $$ begin delete from bills; end $$",
    "call empty_bills()",
    "select empty_all()",
    "vacuum",
    "set session characteristics as transaction read write; delete from bills; commit",
    "rollback; begin read write; delete from bills; commit; select 1",
    "select 1; rollback; begin read write; delete from bills; commit; select 1",
    "merge into bills using bills as b on true when matched then delete",
    "lock table bills",
)
OF_SQLITE = (
    "with old as (select id from bills) delete from bills where id in (select id from old)",
    "attach 'FOLDER/other.sqlite' as other",
    "attach 'file:FOLDER/other.sqlite?mode=rwc' as other",
    "pragma user_version = 7",
    "pragma journal_mode = wal",
    "vacuum",
    "vacuum into 'FOLDER/other.sqlite'",
    "replace into bills values (1, 0)",
    "reindex",
)


@pytest.fixture
def ask(monkeypatch):
    """Run a query on a database by its address."""

    def ask(address, query):
        monkeypatch.setenv("CVM_TEST_DB", address)
        return read_query(Source(database="CVM_TEST_DB", query=query), "billing")

    return ask


@pytest.fixture(params=["all walls", "without the first"])
def walls(request, monkeypatch):
    """The walls of the database stand also where the text is not looked at."""
    if request.param == "without the first":
        monkeypatch.setattr(databases, "_refuse_all_but_select", lambda query, table: None)


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "bills.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "create table bills (id integer, paid integer); insert into bills values (1, 10)"
    )
    connection.close()
    return path


@pytest.mark.parametrize("query", [*CHANGES, *OF_SQLITE])
def test_no_statement_changes_an_sqlite_database(ask, walls, sqlite, query):
    before = sqlite.read_bytes()
    with pytest.raises(InputError):
        ask(f"sqlite:///{sqlite}", query.replace("FOLDER", str(sqlite.parent)))
    assert sqlite.read_bytes() == before
    assert list(sqlite.parent.iterdir()) == [sqlite]


@pytest.fixture(scope="module")
def bills(postgres):
    """The address of a PostgreSQL database with one bill, and a way to see all that it holds."""
    with psycopg.connect(postgres) as connection:
        connection.execute(
            "create table bills (id integer, paid integer); insert into bills values (1, 10);"
            "create sequence numbers;"
            "create procedure empty_bills() language sql as 'delete from bills';"
            "create function empty_all() returns integer language plpgsql as "
            "'begin delete from bills; return 1; end';"
        )
    return postgres


def everything(address):
    with psycopg.connect(address) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "select * from bills",
                "select last_value, is_called from numbers",
                "select relname, relnatts from pg_class where relnamespace = 'public'::regnamespace"
                " order by relname",
            )
        ]


@pytest.mark.parametrize("query", [*CHANGES, *OF_POSTGRES])
def test_no_statement_changes_a_postgresql_database(ask, walls, bills, query):
    before = everything(bills)
    with pytest.raises(InputError):
        ask(bills, query)
    assert everything(bills) == before


@pytest.mark.parametrize(
    "query",
    [
        "select paid from bills;",
        "-- it's a comment; and no statement\nSELECT paid FROM bills",
        "with them as (select * from bills) select paid from them",
        "(select paid from bills) union (select paid from bills)",
        "/* ; */ select paid, ';', 'it''s; two' as \"a;b\" from bills",
    ],
)
def test_a_select_is_answered(ask, bills, sqlite, query):
    assert ask(bills, query).iloc[0, 0] == 10
    if not query.startswith("("):  # SQLite has no such words
        assert ask(f"sqlite:///{sqlite}", query).iloc[0, 0] == 10


def test_dollars_quote_in_postgresql(ask, bills):
    assert ask(bills, "select $a$one; two$a$ as text, $$;$$ as mark").iloc[0].tolist() == [
        "one; two",
        ";",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("selec 1", "another statement"),
        ("select 1; select 2", "2 statements"),
        ("", "nothing"),
    ],
)
def test_the_refusal_shows_the_line_to_write(ask, sqlite, query, found):
    with pytest.raises(InputError) as refusal:
        ask(f"sqlite:///{sqlite}", query)
    assert str(refusal.value) == (
        f"billing: `query` holds {found}; a database is only read: write one statement that begins "
        "with SELECT or WITH, such as `query: select customer_id, month, revenue from billing`"
    )


def test_a_query_that_takes_too_long_is_given_up(ask, bills, sqlite, monkeypatch):
    monkeypatch.setattr(databases, "QUERY_SECONDS", 0.1)
    with pytest.raises(InputError, match="canceling statement due to statement timeout"):
        ask(bills, "select pg_sleep(9)")
    endless = (
        "with recursive n as (select 1 as i union all select i + 1 from n) select max(i) from n"
    )
    with pytest.raises(InputError, match="refused: interrupted"):
        ask(f"sqlite:///{sqlite}", endless)

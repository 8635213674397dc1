"""Where features are computed: DuckDB on this machine, or Spark when a base outgrows it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from src.data.problems import InputError
from src.features.catalogue import refuse_alike

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = ("duckdb", "spark")
MEMORY_SHARE = 0.8  # of the 80 % of the memory that DuckDB takes by default; the rest is for others


class Engine(Protocol):
    """What an engine does around the expressions, which are the same for all."""

    name: str

    def scan(self, path: Path) -> nw.LazyFrame:
        """A Parquet file as a lazy frame, dots in its column names made underscores."""

    def rows(self, columns: dict[str, list[int]]) -> nw.LazyFrame:
        """A small frame of whole numbers."""

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame computed once, for those who read it several times."""

    def write(self, frame: nw.LazyFrame, path: Path, by: str) -> None:
        """Compute the frame into Parquet at `path`, sorted by the column `by`."""


class DuckDB:
    """DuckDB inside this process; what does not fit in memory goes to files in `scratch`."""

    name = "duckdb"

    def __init__(self, scratch: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute(f"SET temp_directory = '{_quoted(scratch / 'spill')}'")
        size, unit = self._setting("memory_limit").split()  # such as 18.8 GiB
        limit = float(size) * MEMORY_SHARE
        self._connection.execute(f"SET memory_limit = '{limit:.3f} {unit}'")
        self._kept = 0

    def scan(self, path: Path) -> nw.LazyFrame:
        """See `Engine`."""
        relation = self._connection.read_parquet(str(path))
        names = zip(relation.columns, _plain(relation.columns), strict=True)
        # In an expression DuckDB takes what stands before a dot for a table.
        return nw.from_native(
            relation.project(
                ", ".join(f"{_identifier(old)} AS {_identifier(new)}" for old, new in names)
            )
        )

    def rows(self, columns: dict[str, list[int]]) -> nw.LazyFrame:
        """See `Engine`."""
        return nw.from_native(self._connection.from_arrow(pa.table(columns)))

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """See `Engine`."""
        self._kept += 1
        name = f"kept_{self._kept}"
        _relation(frame).create(name)
        return nw.from_native(self._connection.table(name))

    def write(self, frame: nw.LazyFrame, path: Path, by: str) -> None:
        """See `Engine`. Raises `InputError` when the disk is full or cannot be written."""
        try:
            _relation(frame).order(f'"{by}"').write_parquet(str(path), compression="zstd")
        except duckdb.IOException as error:
            reason = str(error).splitlines()[0].removeprefix("IO Error: ")
            raise InputError(f"the features cannot be written: {reason}") from error

    def _setting(self, name: str) -> str:
        return str(self._connection.execute("SELECT current_setting(?)", [name]).fetchall()[0][0])

    def close(self) -> None:
        """Let go of the memory and the files."""
        self._connection.close()


class Spark:
    """Spark: the master that SPARK_MASTER or Spark's own configuration names, or this machine."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def scan(self, path: Path) -> nw.LazyFrame:
        """See `Engine`."""
        from pyspark.sql import functions, types

        frame = self._session.read.parquet(str(path))
        # Files of pandas hold nanoseconds, which Spark reads as plain integers.
        moments = [
            field.name
            for field in frame.schema.fields
            if isinstance(field.dataType, types.LongType) and field.name in _moments(path)
        ]
        for name in moments:
            micros = functions.timestamp_micros((functions.col(f"`{name}`") / 1000).cast("long"))
            frame = frame.withColumn(name, micros.cast("timestamp_ntz"))
        return nw.from_native(frame.toDF(*_plain(frame.columns)))

    def rows(self, columns: dict[str, list[int]]) -> nw.LazyFrame:
        """See `Engine`."""
        tuples = list(zip(*columns.values(), strict=True))
        return nw.from_native(self._session.createDataFrame(tuples, list(columns)))

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """See `Engine`."""
        return nw.from_native(_relation(frame).persist())

    def write(self, frame: nw.LazyFrame, path: Path, by: str) -> None:
        """See `Engine`. The files of a folder hold the rows in the order of their names."""
        _relation(frame).orderBy(by).write.parquet(str(path), compression="zstd")


@contextmanager
def open_engine(name: str, scratch: Path) -> Iterator[Engine]:
    """The engine of that name; its files live in `scratch`, and go with the block.

    Raises `InputError` for an unknown name, and when Spark or its Java is not installed.
    """
    if name not in NAMES:
        raise InputError(f"there is no engine {name!r}; known: {', '.join(NAMES)}")
    if name == "duckdb":
        engine = DuckDB(scratch)
        try:
            yield engine
        finally:
            engine.close()
        return
    session = _spark_session(scratch)
    try:
        yield Spark(session)
    finally:
        session.stop()


def _spark_session(scratch: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError(
            "Spark is not installed; run `make spark` (it needs Java 17), or use ENGINE=duckdb"
        ) from None
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise InputError(
            "Spark needs Java 17 or newer; on Debian: apt install openjdk-17-jre-headless"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cvm-lab features")
    if master := os.environ.get("SPARK_MASTER", "" if _is_configured() else "local[*]"):
        builder = builder.master(master)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.legacy.parquet.nanosAsLong": "true",
        "spark.ui.showConsoleProgress": "false",
    }
    if not master or master.startswith("local"):
        settings |= {
            "spark.ui.enabled": "false",
            "spark.local.dir": str(scratch),
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "4g",
            "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
        }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _is_configured() -> bool:
    """Whether spark-submit or its configuration names the master."""
    return "--master" in os.environ.get("PYSPARK_SUBMIT_ARGS", "")


def _moments(path: Path) -> set[str]:
    file = path if path.is_file() else next(path.glob("*.parquet"))
    return {field.name for field in pq.read_schema(file) if pa.types.is_timestamp(field.type)}


def _plain(names: list[str]) -> list[str]:
    """The names without dots, which both engines take for a path."""
    plain = [name.replace(".", "_") for name in names]
    if len(set(plain)) < len(names):
        refuse_alike(names, "the columns")
    return plain


def _identifier(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'"{quoted}"'


def _relation(frame: nw.LazyFrame) -> Any:
    return frame.to_native()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")

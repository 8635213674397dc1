from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
import yaml

from src.data.bases import Base, base_folder, open_base
from src.data.building import build_base
from src.data.contracts import TABLES, Column
from src.data.privacy import pseudonymise
from src.data.provenance import sealed
from src.features.months import Month
from src.features.tables import build_features

KEY = b"key of the tests"

BuildBase = Callable[..., Base]
SeriesOf = Callable[..., pd.Series]
Frames = Callable[..., pd.DataFrame]


@pytest.fixture
def build(tmp_path: Path) -> BuildBase:
    """Build a base in a folder of its own from the CSV text of its tables."""

    def build_from(kind: str, **tables: str) -> Base:
        folder = tmp_path / "toy"
        folder.mkdir()
        for table, text in tables.items():
            (folder / f"{table}.csv").write_text(text)
        sources = {table: {"file": f"{table}.csv"} for table in tables}
        content = {"title": "Toy", "kind": kind, "currency": "EUR", "tables": sources}
        (folder / "base.yml").write_text(yaml.safe_dump(content, sort_keys=False))
        return build_base(str(folder), KEY)

    return build_from


@pytest.fixture
def hashed() -> SeriesOf:
    """The identifiers of the CSV as a built base holds them."""

    def hashes(*identifiers: str) -> pd.Series:
        return pseudonymise(pd.Series(identifiers, dtype="object"), KEY)

    return hashes


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Base]:
    """Build a base that comes with the repository, away from the repository."""

    def build_copy(name: str) -> Base:
        folder = tmp_path_factory.mktemp(name)
        (folder / "base.yml").write_text((base_folder(name) / "base.yml").read_text())
        return build_base(str(folder), KEY)

    return build_copy


@pytest.fixture(scope="session")
def write_base() -> BuildBase:
    """Write tables into a folder as a built panel; identifiers stay as they are.

    A table is a frame, or CSV text that is read by the contract. Without a table of customers
    everybody who has a bill is B2C.
    """

    def write(folder: Path, **tables: pd.DataFrame | str) -> Base:
        frames = {name: _by_contract(name, table) for name, table in tables.items()}
        if "customers" not in frames:
            billed = frames["billing"]["customer_id"].unique()
            frames["customers"] = pd.DataFrame({"customer_id": billed, "segment": "B2C"})
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            frame.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
        built = {
            **dict.fromkeys(("name", "title", "origin", "fingerprint"), "toy"),
            "kind": "panel",
            "currency": "EUR",
            "rows": {name: len(frame) for name, frame in frames.items()},
            "notes": [],
        }
        (folder / "base.yml").write_text("title: toy")
        (folder / "built.json").write_text(sealed(folder, ["tables"], built))
        return open_base(str(folder))

    return write


def _by_contract(name: str, table: pd.DataFrame | str) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table
    frame = pd.read_csv(StringIO(table), skipinitialspace=True, dtype="object")
    for column in frame:
        kind = TABLES[name].columns.get(column, Column("text", "")).kind
        if kind in ("month", "date"):
            frame[column] = pd.to_datetime(frame[column])
        elif kind == "flag":
            frame[column] = frame[column].map({"yes": True, "no": False}).astype("boolean")
        elif kind == "number" or (name == "usage" and column != "customer_id"):
            frame[column] = pd.to_numeric(frame[column]).astype("float64")
    return frame


@pytest.fixture(scope="session")
def bills() -> Frames:
    """Bills up to the month `until`: one word a month, `10/4` with its cost, `.` for no bill."""

    def of(until: str, /, **customers: str) -> pd.DataFrame:
        rows = []
        for customer, words in customers.items():
            months = pd.period_range(end=until, periods=len(words.split()), freq="M")
            for month, word in zip(months.to_timestamp(), words.split(), strict=True):
                if word != ".":
                    revenue, _, cost = word.partition("/")
                    rows.append((customer, month, float(revenue), float(cost or "nan")))
        names = ["customer_id", "month", "revenue", "cost_to_serve"]
        frame = pd.DataFrame(rows, columns=names).astype({"month": "datetime64[ns]"})
        return frame if frame["cost_to_serve"].notna().any() else frame.drop(columns=names[-1])

    return of


@pytest.fixture
def features(tmp_path: Path, write_base: BuildBase) -> Frames:
    """The features of one family of a base, as they are read back, by customer and snapshot."""

    def of(family: str, *months: str, **tables: pd.DataFrame | str) -> pd.DataFrame:
        base = write_base(tmp_path / "toy", **tables)
        snapshots = [Month.of(month) for month in months]
        return build_features(base, snapshots=snapshots, families=[family]).read()

    return of


@pytest.fixture(scope="session")
def expected() -> Frames:
    """The frame that `features` should give, from text: a line per column, `-` for missing.

    The first line names the customers. `snapshot` and `latest_source` are months, `2024-12` unless
    the text has such a line. `texts` are the columns of text.
    """

    def of(text: str, texts: tuple[str, ...] = ()) -> pd.DataFrame:
        lines = [line.split() for line in text.strip().splitlines()]
        cells = {name: [None if word == "-" else word for word in words] for name, *words in lines}
        frame = pd.DataFrame(cells, dtype="object")
        for column in ("snapshot", "latest_source"):
            moments = frame.pop(column) if column in frame else "2024-12"
            place = 1 if column == "snapshot" else len(frame.columns)
            frame.insert(place, column, pd.to_datetime(pd.Series(moments, frame.index)))
        for column in frame.columns[2:-1]:
            kind = "category" if column in texts else "float64"
            values = frame[column] if column in texts else frame[column].map(_number)
            frame[column] = values.astype(kind)
        return frame.astype({"snapshot": "datetime64[ns]", "latest_source": "datetime64[ns]"})

    return of


def _number(word: str | None) -> float:
    """A number, or a fraction of two."""
    top, _, bottom = (word or "nan").partition("/")
    return float(top) / float(bottom or 1)

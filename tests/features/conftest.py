from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from src.data.bases import Base, base_folder
from src.data.building import build_base
from src.data.privacy import pseudonymise

KEY = b"key of the tests"

BuildBase = Callable[..., Base]
SeriesOf = Callable[..., pd.Series]


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

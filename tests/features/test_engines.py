"""The two engines give the same features; names and messages of engines."""

import builtins
import shutil

import duckdb
import numpy as np
import pandas as pd
import pytest

from src.data.bases import base_folder, open_base
from src.data.building import build_base
from src.data.problems import InputError
from src.features.engines import open_engine
from src.features.months import Month
from src.features.tables import build_features


def test_an_unknown_engine_is_refused(tmp_path):
    message = "^there is no engine 'polars'; known: duckdb, spark$"
    with pytest.raises(InputError, match=message), open_engine("polars", tmp_path):
        pass


def test_without_spark_its_command_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_spark(name, *rest, **named):
        if name.startswith("pyspark"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_spark)
    with pytest.raises(InputError) as refusal, open_engine("spark", tmp_path):
        pass
    assert str(refusal.value) == (
        "Spark is not installed; run `make spark` (it needs Java 17), or use ENGINE=duckdb"
    )


def test_without_java_its_package_is_named(tmp_path, monkeypatch):
    pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    message = "^Spark needs Java 17 or newer; on Debian: apt install openjdk-17-jre-headless$"
    with pytest.raises(InputError, match=message), open_engine("spark", tmp_path):
        pass


def test_duckdb_reads_keeps_and_writes(tmp_path):
    source = pd.DataFrame({"id": ["b", "a", "c"], 'data.gb "up"': [1.0, 2.0, None]})
    source.to_parquet(tmp_path / "it's.parquet")
    folder = tmp_path / "the engine's own"
    folder.mkdir()

    with open_engine("duckdb", folder) as engine:
        frame = engine.keep(engine.scan(tmp_path / "it's.parquet"))
        numbers = engine.rows({"at": [1, 2], "end_day": [3, 4]})
        engine.write(frame, folder / "sorted.parquet", by="id")
        rows = numbers.collect(backend="pandas").to_native()

    assert rows.to_dict("list") == {"at": [1, 2], "end_day": [3, 4]}
    found = pd.read_parquet(folder / "sorted.parquet")
    assert found["id"].tolist() == ["a", "b", "c"]
    assert list(found) == ["id", 'data_gb "up"']
    with pytest.raises(duckdb.ConnectionException):
        engine.keep(frame)


@pytest.fixture(scope="module")
def operator(tmp_path_factory):
    """A copy of the operator beside the one in use, so that its features stay untouched."""
    folder = tmp_path_factory.mktemp("bases") / "operator"
    folder.mkdir()
    shutil.copy(base_folder("operator") / "base.yml", folder)
    try:
        shipped = open_base("operator")
    except InputError:
        return build_base(str(folder))
    for part in ("tables", "truth"):
        (folder / part).symlink_to(shipped.folder / part)
    shutil.copy(shipped.folder / "built.json", folder)
    return open_base(str(folder))


def test_duckdb_and_spark_agree_cell_by_cell(operator):
    pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17, which is not installed")
    at = [Month.of("2025-06")]

    left = build_features(operator, engine="duckdb", snapshots=at)
    duck = left.read()
    right = build_features(operator, engine="spark", snapshots=at)
    spark = right.read()

    assert (left.engine, right.engine) == ("duckdb", "spark")
    assert right.catalogue.equals(left.catalogue)
    assert list(spark) == list(duck)
    assert len(duck) > 10_000
    numbers = duck.select_dtypes("number").columns
    others = duck.columns.difference(numbers)
    for name in others:
        # Values first: the order of the categories is not part of a feature.
        old, new = (frame[name].astype("object") for frame in (duck, spark))
        assert ((old == new) | (old.isna() & new.isna())).all(), name
    for name in numbers:
        close = np.isclose(spark[name], duck[name], rtol=1e-9, atol=1e-12, equal_nan=True)
        assert close.all(), (name, duck.loc[~close, name].head(), spark.loc[~close, name].head())

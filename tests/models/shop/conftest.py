"""The CD shop of the literature, as its models were fitted, and buyers by hand."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest


class Shop(NamedTuple):
    """2,357 buyers after 39 weeks (times in weeks), and what each bought in the 39 weeks after."""

    buyers: pd.DataFrame
    later: np.ndarray


@pytest.fixture(scope="session")
def cdnow() -> Shop:
    """Calibration as Fader and Hardie summarised it; hold-out counted from the sample's log."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    folder = Path(spec.submodule_search_locations[0]) / "datasets"
    summary = pd.read_csv(folder / "cdnow_customers_summary_with_transactions.csv")
    names = {"x": "frequency", "t_x": "recency", "T": "age", "zbar": "spend"}
    buyers = summary.rename(columns=names)
    buyers["spend"] = buyers["spend"].where(buyers["frequency"] > 0)
    columns = ["master", "ID", "date", "cds", "money"]
    log = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", names=columns)
    late = log[log["date"] > 19970930].drop_duplicates(["ID", "date"])
    later = late.groupby("ID").size().reindex(buyers["ID"], fill_value=0)
    return Shop(buyers.drop(columns="ID"), later.to_numpy(float))


def buyers_of(*rows: tuple[int, float, float]) -> pd.DataFrame:
    """Buyers from (frequency, recency, age)."""
    return pd.DataFrame(rows, columns=["frequency", "recency", "age"])


@pytest.fixture(scope="session")
def some_buyers() -> pd.DataFrame:
    """Every kind of buyer: none, one, many repeats; silent for long, or bought today; new."""
    return buyers_of(
        (0, 0.0, 0.0),
        (0, 0.0, 3.0),
        (0, 0.0, 40.0),
        (1, 0.1, 40.0),
        (1, 40.0, 40.0),
        (2, 30.43, 38.86),
        (7, 12.0, 52.0),
        (60, 51.5, 52.0),
        (900, 300.0, 400.0),
    )

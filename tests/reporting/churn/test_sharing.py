import numpy as np
import pandas as pd

from src.reporting.churn.sharing import OTHER, shared_points


def points(value, partner=np.nan):
    value = pd.Series(value)
    return pd.DataFrame({"value": value, "contribution": 0.1, "partner": partner})


def test_numbers_end_where_enough_customers_are():
    shown = shared_points(points([0.0, 983_451.0, *range(1, 31)]), 10)

    assert len(shown) == 32
    assert (shown["value"].min(), shown["value"].max()) == (9, 22)
    assert (shown["value"] == 22).sum() == 10


def test_of_few_numbers_none_is_shown():
    shown = shared_points(points([1.0, 5.0, 12.0]), 10)

    assert shown["value"].tolist() == [6.0, 6.0, 6.0]


def test_rare_levels_are_one_together_or_left_out():
    text = ["a"] * 12 + ["b"] * 10 + ["c"] * 6 + ["d"] * 5

    pooled = shared_points(points(text, text), 10)
    assert pooled["value"].value_counts().to_dict() == {"a": 12, OTHER: 11, "b": 10}
    assert pooled["partner"].value_counts().to_dict() == {"a": 12, OTHER: 11, "b": 10}

    alone = shared_points(points([*text[:-5], *[None] * 4]), 10)
    assert alone["value"].value_counts(dropna=False).to_dict() == {"a": 12, "b": 10}


def test_unknown_numbers_of_enough_customers_stay():
    shown = shared_points(points([*range(30), *[np.nan] * 10]), 10)
    assert shown["value"].isna().sum() == 10

    shown = shared_points(points([*range(30), *[np.nan] * 9]), 10)
    assert shown["value"].isna().sum() == 0

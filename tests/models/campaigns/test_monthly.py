"""Effects by month: everybody drawn counts, errors by customer, what is sums up."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.monthly import by_member, effects_by_month

MEMBERS = pd.DataFrame({"customer_id": list("abcd"), "arm": ["control"] * 2 + ["mail"] * 2})
FOLLOWED = pd.DataFrame(
    [
        *[("a", 1, 1.0), ("c", 1, 2.0), ("c", 1, 1.0), ("c", 2, 4.0), ("d", 1, 5.0), ("d", 2, 2.0)],
        *[("b", 2, 1.0), ("z", 1, 99.0), ("a", 0, 99.0), ("a", -3, 99.0), ("a", 3, 99.0)],
    ],
    columns=["customer_id", "month", "income"],
)


def test_amounts_by_hand():
    expected = [[1.0, 0.0], [0.0, 1.0], [3.0, 4.0], [5.0, 2.0]]
    assert by_member(MEMBERS, FOLLOWED, "income", 2).tolist() == expected
    assert by_member(MEMBERS, FOLLOWED.iloc[:0], "income", 1).tolist() == [[0.0]] * 4


def test_differences_by_hand():
    found = effects_by_month(MEMBERS, FOLLOWED, "income", "mail", 2)
    z = 1.959964
    error = np.sqrt(2 / 2 + 0.5 / 2)  # in both months: variances 2 and 1/2 of two customers each
    expected = pd.DataFrame(
        {
            "month": [1, 2],
            "treated": [4.0, 3.0],
            "control": [0.5, 0.5],
            "effect": [3.5, 2.5],
            "low": [3.5 - z * error, 2.5 - z * error],
            "high": [3.5 + z * error, 2.5 + z * error],
            "sum": [3.5, 6.0],
            # Both months of a customer add up to 7 and to 1: no spread at all.
            "sum_low": [3.5 - z * error, 6.0],
            "sum_high": [3.5 + z * error, 6.0],
        }
    )
    pd.testing.assert_frame_equal(found.table, expected, rtol=1e-5)
    np.testing.assert_allclose(found.covariance, [[1.25, -1.25], [-1.25, 1.25]])


def test_ratios_by_hand():
    found = effects_by_month(MEMBERS, FOLLOWED, "income", "mail", 2, as_ratio=True)
    assert found.table["effect"].tolist() == pytest.approx([8, 6])
    assert found.table["sum"].tolist() == pytest.approx([8, 7])
    error = np.sqrt(1 / 4**2 + 0.25 / 0.5**2)
    assert np.log(found.table["high"][0] / 8) == pytest.approx(1.959964 * error)


def test_ratios_hold_the_truth():
    inside = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        members = pd.DataFrame(
            {"customer_id": range(400), "arm": np.repeat(["control", "mail"], [150, 250])}
        )
        rate = rng.gamma(1, 0.5, 400)[:, None] * np.where(members["arm"] == "mail", 1.3, 1)[:, None]
        orders = rng.poisson(np.repeat(rate, 3, axis=1))
        followed = pd.DataFrame(
            {
                "customer_id": np.repeat(range(400), 3),
                "month": np.tile([1, 2, 3], 400),
                "orders": orders.ravel(),
            }
        )
        row = effects_by_month(members, followed, "orders", "mail", 3, as_ratio=True).table.iloc[-1]
        inside += row["sum_low"] <= 1.3 <= row["sum_high"]
    assert 88 <= inside <= 99


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="there is no arm 'call'; there are mail"):
        effects_by_month(MEMBERS, FOLLOWED, "income", "call", 2)
    with pytest.raises(InputError, match="months must be 1 or more, not 0"):
        by_member(MEMBERS, FOLLOWED, "income", 0)
    with pytest.raises(InputError, match="income is missing or infinite in 1 of 7 rows"):
        by_member(
            MEMBERS,
            FOLLOWED.assign(income=FOLLOWED["income"].where(FOLLOWED.index > 0)),
            "income",
            2,
        )
    with pytest.raises(InputError, match="an arm has no income in a month"):
        effects_by_month(MEMBERS, FOLLOWED.query("month > 1"), "income", "mail", 2, as_ratio=True)
    with pytest.raises(InputError, match="need 2 customers each"):
        effects_by_month(MEMBERS.head(3), FOLLOWED, "income", "mail", 2)

import pandas as pd
from pandas.testing import assert_frame_equal

from src.features.exits import before_exit, exits_by

LIVES = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "start": pd.to_datetime(["2022-01-01", "2022-01-01", "2023-06-01", "2022-01-01"]),
        "end": pd.to_datetime(["2023-03-01", None, "2023-09-01", "2023-01-01"]),
        "how": ["closed", "censored", "frozen", "frozen"],
        "months": [14, 20, 3, 12],
    }
)
GROUP = pd.Series({"a": "B2B", "b": "B2B", "c": "B2C", "d": "B2C"})


def test_exits_and_exposure_per_group():
    expected = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "lives": [2, 2],
            "exits": [1, 2],
            "frozen": [0, 2],
            "months": [34, 15],
        }
    )
    assert_frame_equal(exits_by(LIVES, GROUP), expected)


def monthly(**values):
    rows = []
    for customer, (start, amounts) in values.items():
        months = pd.period_range(start, periods=len(amounts), freq="M").to_timestamp()
        rows += [(customer, month, amount) for month, amount in zip(months, amounts, strict=True)]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])


def test_the_year_before_the_exit_is_a_share_of_each_customers_normal():
    bills = monthly(
        a=("2022-01", [10.0] * 10 + [20.0] * 2 + [5.0, 0.0]),  # ends in 2023-03: month 15
        b=("2022-01", [7.0] * 20),  # does not end
        c=("2023-06", [1.0] * 3),  # a life of three months
        d=("2022-01", [4.0] * 11 + [2.0]),
    )

    shares = before_exit(bills, "revenue", LIVES, GROUP)

    assert shares["group"].tolist() == ["B2B"] * 12 + ["B2C"] * 12
    assert shares["before"].tolist() == [*range(12, 0, -1)] * 2
    # a: months 2022-03 .. 2023-02; its normal is the mean of the first six, 10.
    b2b = shares[shares["group"] == "B2B"]["share"].tolist()
    assert b2b == [1.0] * 8 + [2.0, 2.0, 0.5, 0.0]
    b2c = shares[shares["group"] == "B2C"]["share"].tolist()
    assert b2c == [1.0] * 11 + [0.5]
    assert shares["customers"].eq(1).all()


def test_a_customer_who_never_had_a_normal_is_left_out():
    nothing = monthly(d=("2022-01", [0.0] * 6 + [4.0] * 6))
    assert before_exit(nothing, "revenue", LIVES, GROUP).empty


def test_the_interval_is_over_customers():
    lives = pd.concat([LIVES.iloc[[3]]] * 3, ignore_index=True).assign(customer_id=["x", "y", "z"])
    bills = monthly(
        x=("2022-01", [4.0] * 11 + [2.0]),
        y=("2022-01", [4.0] * 11 + [3.0]),
        z=("2022-01", [4.0] * 11 + [4.0]),
    )
    last = before_exit(bills, "revenue", lives, pd.Series("all", index=["x", "y", "z"])).iloc[-1]
    spread = 1.96 * 0.25 / 3**0.5
    assert (last["share"], last["customers"]) == (0.75, 3)
    assert abs(last["high"] - last["share"] - spread) < 1e-12
    assert abs(last["share"] - last["low"] - spread) < 1e-12

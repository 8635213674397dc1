import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from src.data.problems import InputError
from src.models.value.backtest import (
    backtest,
    by_decile,
    hidden_margin,
    normalised_gini,
    realised_margin,
    spaced,
)

BILLING = pd.DataFrame(
    [
        ("a", "2024-01-01", 100.0, 1.0),
        ("a", "2024-02-01", 10.0, 4.0),
        ("a", "2024-03-01", 10.0, np.nan),  # costs what the others of a cost on average
        ("a", "2024-04-01", 500.0, 1.0),  # beyond two months
        ("b", "2024-02-01", 7.0, 9.0),
        ("b", "2024-03-01", 50.0, 1.0),  # a late bill: the life has ended
        ("c", "2024-02-01", 60.0, 1.0),  # of a life that began later
        ("d", "2024-03-01", 70.0, 1.0),  # of the second life
    ],
    columns=["customer_id", "month", "revenue", "cost_to_serve"],
).assign(month=lambda frame: pd.to_datetime(frame["month"]))
JANUARY = pd.Timestamp("2024-01-01")

few = st.lists(st.integers(0, 6), min_size=3, max_size=12)


def test_realised_margin_by_hand():
    lives = pd.DataFrame(
        [
            ("a", "2023-01-01", None),
            ("b", "2023-01-01", "2024-03-01"),
            ("c", "2024-02-01", None),
            ("d", "2023-01-01", "2024-02-01"),
            ("d", "2024-03-01", None),
            ("e", "2024-01-01", None),  # nobody wrote a bill
            ("f", "2023-01-01", "2024-01-01"),  # gone already, and nobody knew
            ("g", "2022-01-01", "2022-09-01"),  # an earlier life of somebody who is back
            ("g", "2023-06-01", None),
        ],
        columns=["customer_id", "start", "end"],
    )
    lives = lives.assign(start=pd.to_datetime(lives["start"]), end=pd.to_datetime(lives["end"]))
    more = pd.DataFrame(
        [
            ("f", JANUARY + pd.DateOffset(months=2), 90.0, 1.0),
            ("g", JANUARY + pd.DateOffset(months=1), 30.0, 1.0),
        ],
        columns=list(BILLING),
    )
    bills = pd.concat([BILLING, more], ignore_index=True)
    # c had not begun and is on no list of January.
    listed = pd.Series(["b", "a", "g", "d", "e", "f"], index=[7, 3, 5, 1, 0, 2])

    found = realised_margin(bills, lives, listed, JANUARY, 2)

    ids = pd.Index(["b", "a", "g", "d", "e", "f"], name="customer_id")
    assert_series_equal(found, pd.Series([-2, 6.0 + 8, 29, 0, 0, 0], ids, name="margin"))
    longer = realised_margin(bills, lives, listed, JANUARY, 3)
    assert_series_equal(longer, pd.Series([-2, 6.0 + 8 + 499, 29, 0, 0, 0], ids, name="margin"))
    few = realised_margin(bills, lives, listed.head(1), JANUARY, 2)
    assert few.to_dict() == {"b": -2}


def test_hidden_margin_by_hand():
    ends = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e"],
            "end_month": [None, "2024-03-01", None, "2023-08-01", "2024-02-01"],
            # d was back by January and leaves in March, e comes back after it.
            "return_month": [None, None, None, "2023-12-01", "2024-03-01"],
            "return_end": [None, None, None, "2024-04-01", None],
        }
    )
    dates = ["end_month", "return_month", "return_end"]
    ends = ends.assign(**{name: pd.to_datetime(ends[name]) for name in dates})
    more = pd.DataFrame(
        [
            ("d", "2024-02-01", 20.0, 1.0),
            ("d", "2024-04-01", 800.0, 1.0),  # a late bill of the second life
            ("e", "2024-03-01", 300.0, 1.0),  # of a life that was not running in January
        ],
        columns=list(BILLING),
    ).assign(month=lambda frame: pd.to_datetime(frame["month"]))
    hidden = pd.concat([BILLING[BILLING["month"] > JANUARY], more], ignore_index=True)

    found = hidden_margin(hidden, ends, JANUARY, 2)
    ids = pd.Index(["a", "b", "c", "d"], name="customer_id")
    assert_series_equal(found, pd.Series([6.0 + 7.5, -2, 59, 69 + 19], ids, name="margin"))
    longer = hidden_margin(hidden, ends, JANUARY, 3)
    assert longer.to_dict() == {"a": 6 + 7.5 + 499, "b": -2, "c": 59, "d": 69 + 19}


def test_gini_of_orders_by_hand():
    money = np.array([1.0, 2, 3])

    assert normalised_gini(money, np.array([5, 6, 7])) == 1
    assert normalised_gini(money, np.array([7, 6, 5])) == -1
    assert normalised_gini(money, np.array([1, 1, 1])) == 0
    # By falling prediction 3, 1, 2: 2 x 3 - 2 x 2 = 2 of at most 2 x 3 - 2 x 1 = 4.
    assert normalised_gini(money, np.array([0, -1, 5])) == 0.5
    # The tie of the largest two shares its money: 2.5 and 1 apart, 3 of 4.
    assert normalised_gini(money, np.array([1, 2, 2])) == 0.75


@given(few.filter(lambda money: len(set(money)) > 1), st.floats(0.01, 100), st.data())
def test_gini_knows_orders_only_and_any_unit_of_money(money, unit, data):
    brought = np.array(money, float)
    said = np.array(
        data.draw(st.lists(st.integers(0, 4), min_size=len(money), max_size=len(money)))
    )
    found = normalised_gini(brought, said)

    assert -1 <= found <= 1
    assert normalised_gini(unit * brought, said) == pytest.approx(found)
    assert normalised_gini(brought, np.exp(said)) == pytest.approx(found)
    assert normalised_gini(brought, -said) == pytest.approx(-found, abs=1e-12)
    assert normalised_gini(brought[::-1], said[::-1]) == pytest.approx(found, abs=1e-12)
    assert normalised_gini(brought + 5, said) == pytest.approx(found, abs=1e-12)
    assert normalised_gini(brought, brought) == 1


def test_money_below_zero_and_a_total_of_zero_have_an_order_too():
    assert normalised_gini(np.array([-3.0, 1, 2]), np.array([0, 1, 2])) == 1
    assert normalised_gini(np.array([-9.0, 1, 2]), np.array([2, 1, 0])) == -1


@pytest.mark.parametrize("money", [[0.1] * 7, [0.0] * 3, [1 / 3] * 50])
def test_where_all_brought_the_same_no_order_is_better(money):
    message = r"^everybody brought the same, so no order is better than another$"
    with pytest.raises(InputError, match=message):
        normalised_gini(np.array(money), np.arange(len(money)))


def test_unknown_money_is_refused():
    with pytest.raises(InputError, match=r"^predicted is missing or infinite in 1 of 2 rows$"):
        normalised_gini(np.array([1.0, 2]), np.array([1.0, np.nan]))
    with pytest.raises(InputError, match=r"^actual has no rows$"):
        normalised_gini(np.array([]), np.array([]))


ROWS = pd.DataFrame(
    {
        "segment": ["B2B", "B2B", "B2C", "B2C", "B2C"],
        "actual": [100.0, 300, 10, 20, 30],
        "good": [110.0, 330, 10, 20, 36],
        "flat": [100.0, 100, 20, 20, 20],
        "turned": [60.0, 40, 30, 20, 10],
    }
)


def test_backtest_by_hand():
    found = backtest(ROWS, ["good", "flat", "turned"])

    nothing = np.nan
    rows = [
        ("B2B", "good", 2, 400.0, 440.0, 0.1, 20.0, 1.0, 1.0),
        ("B2B", "flat", 2, 400.0, 200.0, -0.5, 100.0, nothing, nothing),
        ("B2B", "turned", 2, 400.0, 100.0, -0.75, 150.0, -1.0, -1.0),
        ("B2C", "good", 3, 60.0, 66.0, 0.1, 2.0, 1.0, 1.0),
        ("B2C", "flat", 3, 60.0, 60.0, 0.0, 20 / 3, nothing, nothing),
        ("B2C", "turned", 3, 60.0, 60.0, 0.0, 40 / 3, -1.0, -1.0),
    ]
    columns = ["group", "estimator", "customers", "actual", "predicted", "bias", "mae"]
    expected = pd.DataFrame(rows, columns=[*columns, "gini", "spearman"])
    # How far said - ratio x actual strays around 0, over the mean actual and the root of customers.
    errors = [0, 0.25, 0.175, np.sqrt(0.0175 / 3), 0.5 / np.sqrt(3), 1 / np.sqrt(3)]
    half = 1.959963985 * np.array(errors)
    expected.insert(6, "low", expected["bias"] - half)
    expected.insert(7, "high", expected["bias"] + half)
    assert_frame_equal(found, expected)


def test_who_hands_out_a_mean_is_as_sure_as_what_it_is_the_mean_of():
    money = pd.DataFrame({"segment": "B2C", "actual": [10.0, 20, 30], "own": [11.0, 22, 33]})
    rows = money.assign(mean=0.5 * money["own"].mean())
    plain = backtest(rows, ["own", "mean"]).set_index("estimator")
    found = backtest(rows, ["own", "mean"], means_of={"mean": "own"}).set_index("estimator")
    # Own money is 1.1 times what came, whoever is drawn, and so is the total of means 0.55 times.
    assert found.loc["mean", ["bias", "low", "high"]].to_list() == pytest.approx([-0.45] * 3)
    assert_frame_equal(found.drop(columns=["low", "high"]), plain.drop(columns=["low", "high"]))
    assert plain.loc["mean", "high"] > plain.loc["mean", "low"] + 0.1


def test_backtest_in_any_unit_and_of_losses():
    money = ["actual", "good", "flat", "turned"]
    found, converted = (
        backtest(rows, ["good", "turned"])
        for rows in (ROWS, ROWS.assign(**{name: 70 * ROWS[name] for name in money}))
    )
    expected = found.assign(**{name: 70 * found[name] for name in ("actual", "predicted", "mae")})
    assert_frame_equal(converted, expected)

    losing = backtest(ROWS.assign(actual=-ROWS["actual"], all="x"), ["good"], by="all")
    assert losing[["group", "customers", "actual"]].values.tolist() == [["x", 5, -460.0]]
    assert np.isnan(losing["bias"][0])  # over a sum below zero it would turn its sign
    assert losing["gini"][0] == pytest.approx(-1)


def test_tenths_by_hand():
    # Twenty customers, two in each tenth, whatever their order in the file. Both brought the same,
    # so that the interval has no width.
    tenth = np.repeat(np.arange(1, 11), 2)
    rows = pd.DataFrame(
        {
            "segment": "B2C",
            "main": 10.0 * tenth + np.tile([0, 2], 10),
            "actual": np.where(tenth == 10, 101.0, 5.0 * tenth),
        }
    ).sample(frac=1, random_state=1)

    found = by_decile(rows, "main", np.random.default_rng(1), replicates=20)

    number = np.arange(1, 11)
    actual = np.where(number == 10, 101.0, 5.0 * number)
    expected = pd.DataFrame(
        {
            "group": "B2C",
            "decile": number,
            "customers": 2,
            "predicted": 10.0 * number + 1,
            "actual": actual,
            "low": actual,
            "high": actual,
            "is_inside": number == 10,
        }
    )
    assert_frame_equal(found, expected)


def test_intervals_of_tenths_are_percentiles_of_draws():
    rng = np.random.default_rng(2)
    rows = pd.DataFrame(
        {"segment": "B2B", "main": np.arange(1_000), "actual": rng.gamma(2, size=1_000)}
    )

    found = by_decile(rows, "main", np.random.default_rng(1), replicates=2_000, confidence=0.9)
    again = by_decile(rows, "main", np.random.default_rng(1), replicates=2_000, confidence=0.9)

    assert_frame_equal(found, again)
    error = rows.groupby(rows["main"] // 100)["actual"].std(ddof=0).to_numpy() / 10
    width = (found["high"] - found["low"]).to_numpy()
    assert width == pytest.approx(2 * 1.645 * error, rel=0.1)
    assert found["actual"].between(found["low"], found["high"]).all()


def test_a_handful_has_as_many_tenths_as_customers():
    rows = ROWS.query("segment == 'B2C'").assign(actual=[10.0, 20, 36])

    found = by_decile(rows, "good", np.random.default_rng(1), replicates=20)
    expected = pd.DataFrame(
        {
            "group": "B2C",
            "decile": [4, 7, 10],
            "customers": 1,
            "predicted": [10.0, 20, 36],
            "actual": [10.0, 20, 36],
            "low": [10.0, 20, 36],
            "high": [10.0, 20, 36],
            "is_inside": True,
        }
    )
    assert_frame_equal(found, expected)


def test_spaced_snapshots_by_hand():
    months = pd.date_range("2024-09-01", periods=7, freq="MS")
    rows = pd.DataFrame({"snapshot": months, "customer_id": range(7)})

    last = pd.Timestamp("2025-02-01")
    assert spaced(rows, last, 2)["customer_id"].tolist() == [1, 3, 5]
    assert spaced(rows, last, 1)["customer_id"].tolist() == [0, 1, 2, 3, 4, 5]
    assert spaced(rows, last, 12)["customer_id"].tolist() == [5]

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.gap.adjusted import standardised_gap


def worth_of(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["group", "region", "tenure", "margin"])
    return frame.rename_axis("customer_id").reset_index()


TINY = worth_of(
    [
        ("B2B", "N", "new", 100.0),
        ("B2B", "N", "new", 200.0),
        ("B2B", "N", "new", 300.0),
        ("B2B", "S", "new", 50.0),
        ("B2B", "S", "old", 700.0),
        ("B2C", "N", "new", 60.0),
        ("B2C", "S", "new", 10.0),
        ("B2C", "S", "new", 20.0),
        ("B2C", "S", "new", 30.0),
    ]
)


def adjust(rows: pd.DataFrame, by: list[str], first: str = "B2B", **given):
    rng = np.random.default_rng(1)
    return standardised_gap(rows, first, by, rng, **{"min_cell": 1, "replicates": 50, **given})


def test_two_common_strata_by_hand():
    found = adjust(TINY, ["region", "tenure"])

    expected = pd.DataFrame(
        {
            "estimand": ["unadjusted", "common_strata", "standardised"],
            # Four customers in each of the common strata: both weigh a half.
            "first": [270, 162.5, (200 + 50) / 2],
            "second": [30, 30, (60 + 20) / 2],
            "difference": [240, 132.5, 85],
        }
    )
    assert_frame_equal(found.table.iloc[:, :4], expected)
    assert list(found.table)[4:] == ["low", "high", "in_noise"]
    support = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "customers": [5, 4],
            "outside": [1, 0],
            "outside_share": [0.2, 0.0],
        }
    )
    assert_frame_equal(found.support, support)
    assert found.strata == 2


def test_a_stratum_needs_enough_customers_of_both_groups():
    found = adjust(TINY.drop(columns="tenure"), ["region"], min_cell=2)

    # N has one customer of B2C: only S is left, 50 and 700 against 10, 20 and 30.
    assert found.strata == 1
    assert found.table["difference"].tolist() == pytest.approx([240, 355, 355])
    assert found.support["outside"].tolist() == [3, 1]


def simulated(count: int, rng: np.random.Generator, effect: float) -> pd.DataFrame:
    """Old customers are worth more; most of B2B is old. Within a tenure B2B adds `effect`."""
    is_b2b = np.arange(2 * count) < count
    is_old = rng.random(2 * count) < np.where(is_b2b, 0.8, 0.3)
    mean = 100 + 200 * is_old + effect * is_b2b
    return pd.DataFrame(
        {
            "customer_id": np.arange(2 * count),
            "group": np.where(is_b2b, "B2B", "B2C"),
            "tenure": np.where(is_old, "old", "new"),
            "margin": mean * np.exp(rng.standard_normal(2 * count) - 0.5),
        }
    )


def test_a_gap_that_comes_from_tenure_alone_goes_away():
    table = adjust(simulated(2_000, np.random.default_rng(1), 0), ["tenure"]).table

    assert table["in_noise"].tolist() == [False, False, True]
    assert table["difference"][0] == pytest.approx(100, abs=30)


def test_swapped_groups_shuffled_rows_and_money():
    rows = simulated(60, np.random.default_rng(2), 50)
    found, shuffled, swapped, converted = (
        adjust(given, ["tenure"], name).table
        for given, name in (
            (rows, "B2B"),
            (rows.sample(frac=1, random_state=1), "B2B"),
            (rows, "B2C"),
            (rows.assign(margin=70 * rows["margin"]), "B2B"),
        )
    )

    assert_frame_equal(shuffled, found)
    assert swapped["difference"].to_numpy() == pytest.approx(-found["difference"].to_numpy())
    assert swapped["low"].to_numpy() == pytest.approx(-found["high"].to_numpy())
    ends = ["difference", "low", "high"]
    assert converted[ends].to_numpy() == pytest.approx(70 * found[ends].to_numpy())


def test_one_stratum_adjusts_nothing():
    rows = simulated(60, np.random.default_rng(3), 50).assign(tenure="any")
    table = adjust(rows, ["tenure"]).table

    ends = ["first", "second", "difference", "low", "high"]
    for place in (1, 2):
        assert table.loc[place, ends].tolist() == pytest.approx(table.loc[0, ends].tolist())


def test_nine_in_ten_intervals_hold_the_gap_of_the_population():
    hits = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        table = adjust(
            simulated(150, rng, 50), ["tenure"], min_cell=5, replicates=200, confidence=0.9
        ).table
        truth = [50 + 0.5 * 200, 50 + 0.5 * 200, 50]
        hits.append((table["low"] <= truth) & (truth <= table["high"]))

    assert ((np.mean(hits, axis=0) >= 0.85) & (np.mean(hits, axis=0) <= 0.95)).all()


@pytest.mark.parametrize(
    ("rows", "by", "message"),
    [
        (TINY, [], r"^by must be a list of at least one column$"),
        (TINY, "region", r"^by must be a list of at least one column$"),
        (TINY, ["channel"], r"^the frame has no column channel$"),
        (TINY.assign(tenure=None), ["region", "tenure"], r"^tenure is missing in 9 rows$"),
        (
            TINY.assign(region=TINY["group"]),
            ["region", "tenure"],
            r"^no stratum of region, tenure has 1 customers of each group, B2B and B2C$",
        ),
        (TINY.assign(group="B2B"), ["region"], r"^all customers are of the group B2B"),
        (TINY.assign(customer_id=1), ["region"], r"^each customer has one row; 8 rows repeat"),
    ],
)
def test_groups_that_cannot_be_adjusted_are_refused(rows, by, message):
    with pytest.raises(InputError, match=message):
        adjust(rows, by)

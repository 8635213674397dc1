import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

NAMES = ["abc", "xyz", "rfm_recency", "rfm_frequency", "rfm_money", "is_golden"]

# Money of 12 months: B2C 50, 30, 10, 5, 5; B2B 100 and -1. Months with revenue: B2C 1, 2, 2, 5, 1.
# Last revenue: December, but November for p2 and October for p3.
BILLS = {
    "p1": "50",
    "p2": "15 15 .",
    "p3": "5 5 . .",
    "p4": "1 1 1 1 1",
    "p5": "5",
    "f1": "40 60",
    "f2": "-2 1",
}
CUSTOMERS = "customer_id,segment\n" + "".join(
    f"{name},{'B2C' if name.startswith('p') else 'B2B'}\n" for name in BILLS
)


def test_value_by_hand(features, bills, expected):
    found = features("value", "2024-12", billing=bills("2024-12", **BILLS), customers=CUSTOMERS)

    # abc: p2 has 50 above it, less than 80 of 100; p3 has 80, not less; p4 and p5 have 90, less
    # than 95. xyz, of 11 months: p4 first, p2 and p3 have 5 above, less than 8.8; p1 and p5 have 9,
    # less than 10.45. f2 owes more than it paid: class C by money; it paid in one month of three.
    # rfm, of five: those with less than one (two, three, four) above get 5 (4, 3, 2) points.
    wanted = """
    customer_id    f1       f2       p1       p2       p3       p4       p5
    abc            A        C        A        A        B        B        B
    xyz            X        X        Y        X        X        X        Y
    rfm_recency    5        5        5        2        1        5        5
    rfm_frequency  5        3        2        4        4        5        2
    rfm_money      5        3        5        4        3        2        2
    is_golden      1        0        1        1        0        0        0
    latest_source  2024-12  2024-12  2024-12  2024-11  2024-10  2024-12  2024-12
    """
    assert_frame_equal(found, expected(wanted, ("abc", "xyz")))


def test_each_snapshot_has_its_own_classes(features, bills):
    found = features("value", "2024-11", "2024-12", billing=bills("2024-12", a="9 1", b="1 99"))

    by_month = found.pivot_table(
        index="customer_id", columns="snapshot", values="rfm_money", observed=True
    )
    assert by_month.to_numpy().tolist() == [[5.0, 3.0], [3.0, 5.0]]


def share_above(values: pd.Series, weights: pd.Series, value: float) -> float:
    return weights[values > value].sum() / weights.sum()


@pytest.fixture(scope="module")
def computed(tmp_path_factory, write_base):
    from src.features.months import Month
    from src.features.tables import build_features

    folder = tmp_path_factory.mktemp("value")

    def of(billing: pd.DataFrame) -> pd.DataFrame:
        base = write_base(folder, billing=billing)
        return build_features(base, snapshots=[Month.of("2024-12")], families=["value"]).read()

    return of


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=3), min_size=1, max_size=12))
def test_a_class_is_by_the_share_that_others_hold(computed, bills, customers):
    names = [f"c{place:02d}" for place in range(len(customers))]
    words = [" ".join(map(str, months)) for months in customers]

    found = computed(bills("2024-12", **dict(zip(names, words, strict=True))))

    money = pd.Series([sum(months) for months in customers], dtype="float64")
    months = pd.Series([len(months) for months in customers], dtype="float64")
    one = pd.Series(1.0, money.index)
    for name, values, weights, shares, classes in (
        ("abc", money, money, (0.80, 0.95), "ABC"),
        ("xyz", months, months, (0.80, 0.95), "XYZ"),
        ("rfm_money", money, one, (0.2, 0.4, 0.6, 0.8), (5, 4, 3, 2, 1)),
        ("rfm_frequency", months, one, (0.2, 0.4, 0.6, 0.8), (5, 4, 3, 2, 1)),
    ):
        above = [share_above(values, weights, value) for value in values]
        wanted = [classes[sum(a >= share - 1e-12 for share in shares)] for a in above]
        assert found[name].tolist() == wanted, name
    assert found["rfm_recency"].tolist() == [5] * len(customers)
    is_golden = (found["abc"] == "A") & (found["xyz"] != "Z")
    assert found["is_golden"].tolist() == is_golden.astype(float).tolist()

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from src.data.problems import InputError
from src.models.value.money import Evidence, MoneyAhead, bill_margins, money_ahead

MONTHS = pd.date_range("2024-01-01", "2025-12-01", freq="MS")


def bills_of(**customers) -> pd.DataFrame:
    """A bill for each month from January 2024 on that is not None, at no cost."""
    rows = [
        (who, month, revenue, 0.0)
        for who, revenues in customers.items()
        for month, revenue in zip(MONTHS, revenues, strict=False)
        if revenue is not None
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue", "cost_to_serve"])


def lives_of(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["customer_id", "start", "end"])
    return found.assign(start=pd.to_datetime(found["start"]), end=pd.to_datetime(found["end"]))


def features_of(*rows: tuple[str, str, float, float], measure: str = "revenue") -> pd.DataFrame:
    names = ["customer_id", "snapshot", f"{measure}_mean_3m", f"{measure}_mean_12m"]
    found = pd.DataFrame(rows, columns=names)
    return found.assign(snapshot=pd.to_datetime(found["snapshot"]))


def month(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_one_per_cent_more_each_month_is_found_exactly():
    growing = 100 * 1.01 ** np.arange(24)
    bills = bills_of(a=growing, b=3 * growing)
    features = features_of(
        *[
            (who, f"{at:%Y-%m}", times * growing[place], times * growing[place])
            for who, times in (("a", 1), ("b", 3))
            for place, at in enumerate(MONTHS)
        ]
    )
    lives = lives_of(("a", "2024-01", None), ("b", "2024-01", None))

    found = money_ahead(features, bills, lives, "revenue", month("2025-12"))

    assert found.observed == 23
    assert (found.start, found.growth) == pytest.approx((0, np.log(1.01)), abs=1e-12)
    assert found.drift(3) == pytest.approx([1.01, 1.01**2, 1.01**3])
    today = features_of(("a", "2025-12", 200, 200), ("c", "2025-12", 0, np.nan))
    assert found.ahead(today, 2) == pytest.approx(np.array([[202, 204.02], [0, 0]]))


def test_an_unknown_cost_is_not_nothing():
    bills = pd.DataFrame(
        [
            ("a", 10.0, 4.0),
            ("a", 20.0, np.nan),  # as the other bills of a: 5
            ("a", 10.0, 6.0),
            ("b", 50.0, np.nan),  # no cost of b is known: 20 of 80 of all revenue, 12.5
            ("c", 60.0, 10.0),
            ("c", -8.0, np.nan),  # a credit note
        ],
        columns=["customer_id", "revenue", "cost_to_serve"],
        index=[7, 3, 1, 0, 5, 9],
    )
    expected = pd.Series([6.0, 15, 4, 37.5, 50, -18], bills.index)
    assert_series_equal(bill_margins(bills), expected)
    known = bills.dropna()
    assert_series_equal(bill_margins(known), known["revenue"] - known["cost_to_serve"])
    assert bill_margins(bills.head(0)).empty
    with pytest.raises(InputError, match="no bill has a known cost_to_serve"):
        bill_margins(bills.iloc[[1, 3]])


def test_margins_do_not_hang_on_which_costs_are_unknown():
    rng = np.random.default_rng(1)
    bills = pd.DataFrame({"customer_id": np.repeat(np.arange(500), 24), "revenue": 30.0})
    bills["cost_to_serve"] = rng.gamma(4, 3, len(bills)) * np.repeat(rng.gamma(4, 0.25, 500), 24)
    true = bills["revenue"].sum() - bills["cost_to_serve"].sum()
    holes = bills.assign(cost_to_serve=bills["cost_to_serve"].where(rng.random(len(bills)) > 0.2))
    assert bill_margins(holes).sum() == pytest.approx(true, rel=0.003)
    # As 0 they would add a fifth of all costs.
    assert (holes["revenue"] - holes["cost_to_serve"].fillna(0)).sum() > 1.1 * true


def test_growth_may_be_a_fall_and_the_margin_has_its_costs():
    falling = 50 * 0.98 ** np.arange(24)
    # A third of the revenue is cost.
    bills = bills_of(a=1.5 * falling).assign(cost_to_serve=0.5 * falling)
    features = features_of(("a", "2024-01", 50, 50), measure="margin")

    found = money_ahead(features, bills, lives_of(("a", "2024-01", None)), "margin", MONTHS[-1])
    assert (found.measure, found.observed) == ("margin", 23)
    assert (found.start, found.growth) == pytest.approx((0, np.log(0.98)), abs=1e-12)


def test_costs_after_the_end_of_what_is_known_are_not_read():
    bills = bills_of(a=[30] * 24).assign(cost_to_serve=10.0)
    bills.loc[5, "cost_to_serve"] = np.nan
    features = features_of(("a", "2024-02", 20, 20), measure="margin")
    lives, until = lives_of(("a", "2024-01", None)), month("2024-12")
    found = money_ahead(features, bills, lives, "margin", until)
    bills.loc[bills["month"] > until, "cost_to_serve"] = 29.0
    again = money_ahead(features, bills, lives, "margin", until)
    assert (again.start, again.growth) == (found.start, found.growth) == pytest.approx((0, 0))


def test_the_blend_of_levels_that_foretells_a_year_best_is_taken():
    lives = lives_of(*[(who, "2024-01", None) for who in "abcd"])
    for recent in (0.0, 0.25, 0.5, 0.75, 1.0):
        levels = {"a": (10, 50), "b": (80, 20), "c": (30, 30), "d": (5, 95)}
        bills = bills_of(
            **{
                who: [recent * near + (1 - recent) * far] * 24
                for who, (near, far) in levels.items()
            }
        )
        rows = [(who, "2024-03", near, far) for who, (near, far) in levels.items()]

        found = money_ahead(features_of(*rows), bills, lives, "revenue", month("2025-03"))
        assert found.recent == recent
        assert (found.start, found.growth) == pytest.approx((0, 0), abs=1e-12)
        today = features_of(("a", "2025-12", 8, 4), ("b", "2025-12", np.nan, 4))
        assert found.level(today) == pytest.approx([4 + 4 * recent, 4 - 4 * recent])


def test_later_years_do_not_choose_the_blend():
    # For a year customers bring what they did of late, then, and far more, what they did before.
    levels = {"a": (10, 50), "b": (80, 20)}
    bills = bills_of(**{who: [near] * 13 + [9 * far] * 11 for who, (near, far) in levels.items()})
    features = features_of(*[(who, "2024-01", *each) for who, each in levels.items()])
    lives = lives_of(("a", "2024-01", None), ("b", "2024-01", None))

    found = money_ahead(features, bills, lives, "revenue", month("2025-12"))
    assert (found.recent, found.observed) == (1.0, 23)


def test_evidence_by_hand():
    # a has no bill in March, which brought 0, and leaves in May: the late bill of June is not of
    # the life. Of b, one month of the second life follows a snapshot. c has no row of features.
    bills = bills_of(
        a=[10, 20, None, 40, None, 60],
        b=[5, 5, None, None, 7, 9],
        c=[1_000] * 6,
    )
    lives = lives_of(
        ("a", "2024-01", "2024-05"),
        ("b", "2024-01", "2024-03"),
        ("b", "2024-05", None),
        ("c", "2024-01", None),
    )
    features = features_of(
        ("a", "2024-01", 10, 10),
        ("a", "2024-02", 15, 15),
        ("a", "2024-06", 60, 60),  # after the end of the life
        ("b", "2024-05", 4, 4),
        ("d", "2024-01", 99, 99),  # nothing is known of d
    )

    found = money_ahead(features, bills, lives, "revenue", month("2024-06"))

    assert found.observed == 3
    evidence = found.evidence
    assert evidence.customers.tolist() == ["a", "b"]
    # Of a: from January 20, 0, 40; from February 0, 40. Of b: from May 9.
    assert evidence.later.tolist() == [[20 + 0, 0 + 40, 40], [9, 0, 0]]
    assert evidence.level.tolist() == [[10 + 15, 10 + 15, 10], [4, 0, 0]]
    ratios = [29 / 29, 40 / 25, 40 / 10]
    growth, start = np.polyfit([1, 2, 3], np.log(ratios), 1, w=np.sqrt([29, 25, 10]))
    assert (found.start, found.growth) == pytest.approx((start, growth))


def test_a_second_life_is_not_ahead_of_a_snapshot_in_the_first():
    bills = bills_of(a=[10, 10, None, None, None, 50, 50])
    lives = lives_of(("a", "2024-01", "2024-03"), ("a", "2024-06", None))
    features = features_of(("a", "2024-01", 10, 10))

    found = money_ahead(features, bills, lives, "revenue", month("2024-07"))
    assert found.evidence.later.tolist() == [[10]]


def test_months_after_until_are_not_known():
    bills = bills_of(a=[10] * 6 + [1_000] * 6)
    lives, features = lives_of(("a", "2024-01", None)), features_of(("a", "2024-01", 10, 10))

    found = money_ahead(features, bills, lives, "revenue", month("2024-06"))
    assert found.observed == 5
    assert found.drift(24) == pytest.approx(np.ones(24))


def test_a_drift_of_few_leads_is_their_mean_and_does_not_grow():
    one = Evidence(pd.Index(["a"]), np.array([[20.0, 0]]), np.array([[10.0, 10]]))
    two = Evidence(pd.Index(["a"]), np.array([[20.0, 80, 5]]), np.array([[10.0, 10, 0]]))

    assert one.drift_of() == pytest.approx((np.log(2), 0))
    assert two.drift_of() == pytest.approx((np.log(4), 0))  # of 2 and 8 on the logarithmic scale


def test_the_line_is_weighted_by_the_levels():
    # Where one lead has nearly all the level, the line goes through its point.
    evidence = Evidence(pd.Index(["a"]), np.array([[1.0, 2e9, 1, 1]]), np.array([[1.0, 1e9, 1, 1]]))
    start, growth = evidence.drift_of()

    assert np.exp(start + 2 * growth) == pytest.approx(2)
    assert growth < 0  # 1, 3 and 4 months ahead pull it down by what is left to them


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=8).filter(any), st.integers(0, 100))
def test_weights_are_repeated_customers_and_money_has_any_unit(times, seed):
    rng = np.random.default_rng(seed)
    level = rng.gamma(2, 10, (8, 5))
    evidence = Evidence(pd.Index(range(8)), level * rng.lognormal(0, 0.3, (8, 5)), level)
    rows = np.repeat(np.arange(8), times)
    repeated = Evidence(pd.Index(rows), evidence.later[rows], evidence.level[rows])
    converted = Evidence(evidence.customers, 70 * evidence.later, 70 * evidence.level)

    assert evidence.drift_of(np.array(times, float)) == pytest.approx(repeated.drift_of())
    assert evidence.drift_of(np.ones(8)) == pytest.approx(evidence.drift_of())
    assert converted.drift_of() == pytest.approx(evidence.drift_of())


def test_leads_that_bring_nothing_are_left_out():
    evidence = Evidence(
        pd.Index(["a", "b"]),
        np.array([[10.0, -5, 10, 10, 7], [0, 0, 0, 0, 0]]),
        np.array([[10.0, 10, 10, 10, 0], [0, 0, 0, 0, -3]]),
    )

    assert evidence.drift_of() == pytest.approx((0, 0), abs=1e-12)
    message = r"^the money of the customers sums to nothing, so it has no drift$"
    with pytest.raises(InputError, match=message):
        evidence.drift_of(np.array([0.0, 1]))


def test_when_no_later_month_is_known_the_month_is_named():
    bills = bills_of(a=[10] * 6)
    lives, features = lives_of(("a", "2024-01", None)), features_of(("a", "2024-06", 10, 10))
    message = r"^no month after a snapshot is known up to 2024-06$"

    with pytest.raises(InputError, match=message):
        money_ahead(features, bills, lives, "revenue", month("2024-06"))
    gone = lives_of(("a", "2024-01", "2024-02"))
    with pytest.raises(InputError, match=message):
        money_ahead(features_of(("a", "2024-01", 10, 10)), bills, gone, "revenue", month("2024-06"))


def test_money_that_sums_to_nothing_has_no_drift():
    bills = bills_of(a=[10] * 6).assign(cost_to_serve=10.0)
    features = features_of(("a", "2024-01", 0, 0), measure="margin")

    with pytest.raises(InputError, match=r"^the money of the customers sums to nothing"):
        money_ahead(features, bills, lives_of(("a", "2024-01", None)), "margin", month("2024-06"))


def test_money_ahead_is_level_times_drift():
    evidence = Evidence(pd.Index(["a"]), np.ones((1, 1)), np.ones((1, 1)))
    model = MoneyAhead("margin", 0.75, 0.1, -0.02, 24, evidence)
    today = features_of(("a", "2025-12", 8, 4), ("b", "2025-12", -2, -6), measure="margin")

    assert model.level(today) == pytest.approx([7, -3])
    assert model.drift(3) == pytest.approx(np.exp([0.08, 0.06, 0.04]))
    assert model.ahead(today, 3) == pytest.approx(np.outer([7, -3], np.exp([0.08, 0.06, 0.04])))

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.gap.bars import BARS
from src.reporting.ltv import sentences as words
from src.reporting.ltv.charts import FACTORS

NAMES = ("B2B", "B2C")
LTV = pd.DataFrame(
    [
        ("mean", "B2B", 2854.3, 2500.2, 3301.7),
        ("mean", "B2C", 412.4, 380.0, 450.0),
        ("mean", "difference", 2441.9, 2100.0, 2900.0),
        ("mean", "ratio", 6.92, 6.04, 8.11),
        ("median", "B2B", 355.0, 300.0, 400.0),
        ("median", "B2C", 401.5, 380.0, 420.0),
        ("median", "difference", -46.5, -90.0, 0.0),
        ("median", "ratio", 0.884, 0.71, 1.0),
    ],
    columns=["figure", "of", "value", "low", "high"],
)
GAP = pd.DataFrame(
    [
        ("lifetime", 20.0, 10.0, 100.0, 80.0, 120.0, False),
        ("arpu", 30.0, 10.0, 1500.0, 1200.0, 1800.0, False),
        ("margin_share", 0.4, 0.5, -80.0, -200.0, 40.0, True),
        ("association", 1.0, 1.0, 5.0, -10.0, 20.0, True),
        ("acquisition", 300.0, 100.0, -200.0, -240.0, -160.0, False),
        ("gap", 1420.0, 95.0, 1325.0, 1000.0, 1700.0, False),
    ],
    columns=["factor", "first", "second", "bar", "low", "high", "in_noise"],
)


def test_every_bar_has_its_words():
    assert list(FACTORS) == BARS


def test_one_row_of_a_table():
    assert words.of(LTV, figure="median", of="B2C")["value"] == 401.5


def test_the_headline_and_a_group_too_small_for_a_point():
    assert words.headline(LTV, NAMES, "EUR", "over 36 months") == (
        "A B2B customer is worth **2.85 k (2.5 k to 3.3 k) EUR** over 36 months, a B2C customer "
        "**412 (380 to 450) EUR**: **6.9 (6.0 to 8.1)** times as much."
    )
    assert words.headline(LTV, NAMES, "EUR", "over 36 months", ["B2C"]) == (
        "A B2B customer is worth **2.85 k (2.5 k to 3.3 k) EUR** over 36 months, a B2C customer "
        "**between 380 and 450 EUR**."
    )


def test_medians():
    assert words.median_sentence(LTV, NAMES, "EUR") == (
        "The median customer is worth 355 EUR in B2B and 402 EUR in B2C, 0.88 (0.71 to 1.00) times "
        "as much: a mean is what the base brings, a median what a customer is like."
    )


def test_the_gap_names_its_largest_bar_and_the_noise():
    start = (
        "Of the gap of **1.32 k (1 k to 1.7 k) EUR** between B2B and B2C, "
        f"{FACTORS['arpu']} makes **1.5 k (1.2 k to 1.8 k)**"
    )
    noise = f"{FACTORS['margin_share']} and {FACTORS['association']}"
    assert words.gap_sentence(GAP, NAMES, "EUR") == f"{start}; in the noise: {noise}."
    quiet = GAP.assign(in_noise=False)
    assert words.gap_sentence(quiet, NAMES, "EUR") == f"{start}."
    # The largest is that of the largest size, whatever its sign; the gap is no bar of its own.
    turned = quiet.assign(**{name: -quiet[name] for name in ("bar", "low", "high")}, in_noise=True)
    assert f"{FACTORS['arpu']} makes **-1.5 k" in words.gap_sentence(turned, NAMES, "EUR")
    assert FACTORS["gap"] not in words.gap_sentence(turned, NAMES, "EUR").partition(";")[2]


STAYS = pd.DataFrame(
    {
        "group": ["B2B", "B2C"],
        "horizon": 36.0,
        "mean_months": [30.24, 25.0],
        "low": [29.0, 24.0],
        "high": [31.5, 26.0],
        "is_observed": True,
    }
)
APART = pd.Series({"difference": 5.24, "low": 3.5, "high": 7.0, "is_observed": True})


def test_survival_with_its_test():
    start = (
        "Of the first 36 months of a life, customers stay on average: B2B 30.2 (29.0 to 31.5) and "
        "B2C 25.0 (24.0 to 26.0); a difference of +5.2 (+3.5 to +7.0), log-rank"
    )
    for p_value, told in ((0.0009, "p < 0.001"), (0.001, "p = 0.001"), (0.25, "p = 0.250")):
        test = SimpleNamespace(statistic=1.0, p_value=p_value)
        assert words.survival_sentence(STAYS, APART, test) == f"{start} {told}."


def test_survival_that_is_not_observed_has_no_difference():
    test = SimpleNamespace(statistic=1.0, p_value=0.25)
    short = STAYS.assign(is_observed=[False, True])
    unknown = APART.replace({True: False})
    assert words.survival_sentence(short, unknown, test) == (
        "Of the first 36 months of a life, customers stay on average: B2B is not observed that far "
        "and B2C 25.0 (24.0 to 26.0)."
    )


def test_lines_of_roles():
    roles = STAYS.assign(group=["decision_maker", "end_user"])
    test = SimpleNamespace(statistic=1.0, p_value=0.25)
    assert words.roles_sentence(roles, APART, test, "B2B") == (
        "Lines within B2B. Of the first 36 months of a life, lines stay on average: decision "
        "maker 30.2 (29.0 to 31.5) and end user 25.0 (24.0 to 26.0); a difference of +5.2 (+3.5 to "
        "+7.0), log-rank p = 0.250."
    )


def test_who_is_left_and_what_is_extrapolated():
    table = pd.DataFrame(
        {
            "group": ["B2B", "B2B", "B2C", "B2C"],
            "month": [1, 36, 1, 36],
            "value": [0.99, 0.754, 0.97, 0.4],
        }
    )
    start = "In 36 months 75% of B2B and 40% of B2C are expected to be there still"
    assert words.ahead_sentence(table, 36) == f"{start}."
    assert words.ahead_sentence(table, 24) == (
        f"{start}; beyond 24 months this is an **extrapolation**."
    )


def test_groups_of_few_ends_are_warned_of():
    ended = pd.Series({"B2B": 12.0, "B2C": 29.0})
    assert words.thin_sentence(ended) == (
        "**Too few ended lives for a point:** B2B (12) and B2C (29). Read the interval only; below "
        "30 it is itself rough."
    )
    assert words.thin_sentence(ended[ended < 5]) == ""


EFFECTS = pd.DataFrame(
    {
        "effect": ["mix", "within_group", "cross", "gap"],
        "value": [100.0, 1200.0, 0.0, 1300.0],
        "low": [50.0, 900.0, 0.0, 1000.0],
        "high": [150.0, 1500.0, 0.0, 1700.0],
    }
)


def test_mix_and_rate_leave_out_what_has_no_size():
    assert words.mix_sentence(EFFECTS, "region", "EUR") == (
        "By region, the gap splits into mix 100 (50 to 150) and within group 1.2 k (900 to 1.5 k) "
        "EUR."
    )
    expected = EFFECTS.iloc[[0, 1, 3]].assign(
        effect=["mix", "within group", "gap"],
        money=["100 (50 to 150)", "1.2 k (900 to 1.5 k)", "1.3 k (1 k to 1.7 k)"],
    )
    assert_frame_equal(words.effects_table(EFFECTS), expected)


def test_adjusted_beside_the_plain_gap():
    table = pd.DataFrame(
        {
            "estimand": ["unadjusted", "standardised"],
            "difference": [1300.0, 900.0],
            "low": [1000.0, 700.0],
            "high": [1700.0, 1100.0],
        }
    )
    assert words.adjusted_sentence(table, ["region", "tenure"], "EUR") == (
        "Between customers alike in region and tenure the gap is **900 (700 to 1.1 k) EUR**; "
        "between all, 1.3 k (1 k to 1.7 k)."
    )
    support = pd.DataFrame({"group": ["B2B", "B2C"], "outside_share": [0.125, 0.0]})
    assert words.support_sentence(support) == (
        "Without a counterpart, and so outside that comparison: 12.5% of B2B and 0.0% of B2C."
    )


def test_the_gap_net_of_what_it_cost_to_win_them():
    assert words.net_sentence(GAP, "EUR") == (
        "What it cost to win them makes -200 (-240 to -160) EUR of difference; net of it the gap "
        "is **1.32 k (1 k to 1.7 k) EUR**. It is spent: it matters for whom to win next, not for "
        "whom to keep."
    )


def test_sizes_name_who_is_worth_most():
    table = pd.DataFrame(
        {
            "size": ["small", "large"],
            "customers": [300, 100],
            "mean": [10.0, 500.0],
            "share": [0.05, 0.95],
        }
    )
    assert words.sizes_sentence(table, "B2B") == (
        "In B2B, customers of size large are 25.0% of those shown and hold **95%** of the value."
    )


def test_constant_churn_at_both_ends_of_tenure():
    bands = pd.Categorical(["0-11", "12-35", "36+"] * 2, ["0-11", "12-35", "36+"], ordered=True)
    table = pd.DataFrame(
        {
            "band": bands,
            "estimator": ["main"] * 3 + ["constant churn"] * 3,
            "value": [100.0, 200, 400, 125, 200, 300],
        }
    )
    assert words.tenure_sentence(table, "B2C") == (
        "In B2C, constant churn values customers of 0-11 months +25% and those of 36+ months -25% "
        "against the main estimate."
    )


def test_partial_churn_and_value_at_risk():
    table = pd.DataFrame(
        {
            "group": ["B2B", "B2C"],
            "account_churn": [0.08, 0.2],
            "low": [0.07, 0.18],
            "high": [0.09, 0.22],
            "partial_churn": [0.123, 0.0],
            "partial_low": [0.1, 0.0],
            "partial_high": [0.15, 0.0],
        }
    )
    assert words.partial_sentence(table) == (
        "In twelve months in B2B 8.0% (7.0 to 9.0) of accounts left and 12.3% (10.0 to 15.0) of "
        "lines ended though their account stayed and in B2C 20.0% (18.0 to 22.0) of accounts left "
        "and 0.0% (0.0 to 0.0) of lines ended though their account stayed."
    )
    assert words.risk_sentence({"B2B": 0.41, "B2C": 0.012}, 10) == (
        "The 10 customers with the most value at risk hold 41% in B2B and 1% in B2C of it."
    )


def test_elasticities_with_and_without_a_cost():
    levers = pd.DataFrame(
        [
            ("margin", 1.0, 1.0, 1.0),
            ("retention", 1.234, 1.1, 1.368),
            ("discount", 0.1, 0.1, 0.1),
            ("acquisition", 0.305, 0.2, 0.41),
        ],
        columns=["lever", "value", "low", "high"],
    )
    found = {"B2B": levers, "B2C": levers.head(3).assign(value=[1, 0.5, 0.1], low=0.4, high=0.6)}
    assert words.elasticity_sentence(found) == (
        "Where one per cent more margin is worth 1%, in B2B one per cent more of the customers "
        "kept each year is worth 1.23% (1.10 to 1.37) of LTV, one per cent less acquisition cost "
        "0.30% (0.20 to 0.41) of LTV net of it; in B2C one per cent more of the customers kept "
        "each year is worth 0.50% (0.40 to 0.60) of LTV."
    )


def test_an_elasticity_that_is_none_is_not_told():
    table = pd.DataFrame(
        {"lever": ["retention", "acquisition"], "value": [1.0, None], "low": 0.9, "high": 1.1}
    )
    assert words.elasticity_sentence({"B2B": table}) == (
        "Where one per cent more margin is worth 1%, in B2B one per cent more of the customers "
        "kept each year is worth 1.00% (0.90 to 1.10) of LTV."
    )


def test_metrics_of_elasticities():
    table = pd.DataFrame({"lever": ["retention"], "value": [1.4], "low": [1.3], "high": [1.5]})
    assert words.elasticity_metrics({"B2B": table}) == {
        "elasticity.b2b.retention": 1.4,
        "elasticity.b2b.retention.low": 1.3,
        "elasticity.b2b.retention.high": 1.5,
    }


PAID = pd.DataFrame(
    {
        "group": ["B2B", "B2C", "Other"],
        "months": [36, 24, 12],
        "ltv": [3000.0, 100.0, 50.0],
        "ltv_low": [2000.0, 80.0, 40.0],
        "ltv_high": [4000.0, 120.0, 60.0],
        "cost": [1500.0, 250.0, 49.0],
        "times": [2.0, 0.4, 1.02],
        "low": [1.5, 0.3, 0.8],
        "high": [2.6, 0.5, 1.2],
        "month": [14.0, np.inf, 12.0],
        "month_low": [13.0, 20.0, 12.0],
        "month_high": [14.0, np.inf, np.inf],
    }
)


def test_payback_within_the_months_watched_or_not():
    assert words.payback_sentence(PAID, "EUR") == (
        "A new customer brings in B2B 3 k EUR (2 k to 4 k) in 36 months, 2.0 (1.5 to 2.6) times "
        "the cost of 1.5 k EUR, paid back in month 14 (13 to 14); in B2C 100 EUR (80 to 120) in 24 "
        "months, 0.4 (0.3 to 0.5) times the cost of 250 EUR, paid back not within these months; "
        "in Other 50 EUR (40 to 60) in 12 months, 1.0 (0.8 to 1.2) times the cost of 49 EUR, paid "
        "back in month 12 (12, or not within these months). That is the mean of all who started, "
        "those who left counted with nothing: not of those who are still here."
    )
    sure = PAID.head(1).assign(month_low=14.0)
    assert "paid back in month 14. That is" in words.payback_sentence(sure, "EUR")


def test_metrics_of_payback_leave_open_what_was_not_seen():
    assert words.payback_metrics(PAID.iloc[[1]]) == {
        "payback.b2c.month": None,
        "payback.b2c.month.low": 20.0,
        "payback.b2c.month.high": None,
        "payback.b2c.ltv": 100.0,
        "payback.b2c.ltv.low": 80.0,
        "payback.b2c.ltv.high": 120.0,
        "payback.b2c.times": 0.4,
        "payback.b2c.times.low": 0.3,
        "payback.b2c.times.high": 0.5,
    }


@pytest.mark.parametrize(
    ("lowest", "told", "end"),
    [(900.0, "900", "does not hang on them."), (-900.0, "-900", "hangs on them.")],
)
def test_the_range_over_settings(lowest, told, end):
    table = pd.DataFrame({"setting": ["a", "b", "c"], "gap": [1000.0, lowest, 1500.0]})
    assert words.sensitivity_sentence(table, "EUR") == (
        f"Over these settings the gap lies between {told} and 1.5 k EUR: its sign {end}"
    )


def test_a_gap_below_zero_in_every_setting_keeps_its_sign():
    table = pd.DataFrame({"setting": ["a", "b"], "gap": [-1000.0, -20.0]})
    assert words.sensitivity_sentence(table, "EUR").endswith("its sign does not hang on them.")


def test_metrics_have_their_intervals_and_thin_means_no_value():
    found = words.metrics(LTV, GAP.iloc[[2, 5]], ("B2B", "B2C"), ["B2C"])
    assert found == {
        "b2b.ltv": 2854.3,
        "b2b.ltv.low": 2500.2,
        "b2b.ltv.high": 3301.7,
        "b2c.ltv": None,
        "b2c.ltv.low": 380.0,
        "b2c.ltv.high": 450.0,
        "b2b.median": 355.0,
        "b2b.median.low": 300.0,
        "b2b.median.high": 400.0,
        "b2c.median": 401.5,
        "b2c.median.low": 380.0,
        "b2c.median.high": 420.0,
        "ratio": 6.92,
        "ratio.low": 6.04,
        "ratio.high": 8.11,
        "gap.bar.margin": -80.0,
        "gap.bar.margin.low": -200.0,
        "gap.bar.margin.high": 40.0,
        "gap": 1325.0,
        "gap.low": 1000.0,
        "gap.high": 1700.0,
    }

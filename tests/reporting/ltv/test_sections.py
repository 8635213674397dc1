"""The sections of lifetime value: what is displayed of tiny frames, and of what a base lacks."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.reporting import ltv as show
from src.reporting.page.results import FIGURE_TYPE, Absent

LACKING = Missing("months per customer (a panel)", "what is there")
PAID = pd.DataFrame(
    {
        "group": ["B2B"],
        "months": 36,
        "ltv": 300.0,
        "ltv_low": 200.0,
        "ltv_high": 400.0,
        "cost": 100.0,
        "times": 3.0,
        "low": 2.0,
        "high": 4.0,
        "month": 7.0,
        "month_low": 6.0,
        "month_high": 9.0,
    }
)
ESTIMATORS = {"main": "main model", "constant_churn": "constant churn"}


@pytest.fixture
def terms():
    return SimpleNamespace(
        names=("B2B", "B2C"),
        by="segment",
        currency="EUR",
        months=36,
        seen=24,
        is_residual=True,
        assumed_margin=None,
        sub_segment="region",
        top=10,
        min_cell=10,
        remarks=(),
    )


@pytest.fixture
def gap():
    of = ["B2B", "B2C", "difference", "ratio"]
    ltv = pd.DataFrame({"figure": ["mean"] * 4 + ["median"] * 4, "of": of * 2})
    ltv["value"] = [300.0, 100.0, 200.0, 3.0, 150.0, 100.0, 50.0, 1.5]
    ltv = ltv.assign(low=0.9 * ltv["value"], high=1.1 * ltv["value"])
    factors = ["lifetime", "arpu", "margin_share", "association", "gap"]
    bars = pd.DataFrame({"factor": factors, "bar": [120.0, 50.0, 20.0, 10.0, 200.0]})
    bars = bars.assign(first=300.0, second=100.0, low=bars["bar"] - 15, high=bars["bar"] + 15)
    groups = pd.DataFrame({"group": ["B2B", "B2C"], "customers": [40, 60], "lifetime": 20.0})
    groups = groups.assign(arpu=30.0, margin_share=0.5, association=1.1)
    groups = groups.assign(mean_ltv=[300, 100], median_ltv=[150, 100])
    return SimpleNamespace(
        ltv=ltv, bars=bars.assign(in_noise=bars["low"] <= 0), groups=groups, thin=()
    )


@pytest.fixture
def tested():
    rows = [
        {"group": group, "estimator": name, "label": label, "bias": bias}
        for group in ("B2B", "B2C")
        for (name, label), bias in zip(ESTIMATORS.items(), (0.01, -0.2), strict=True)
    ]
    table = pd.DataFrame(rows)
    table = table.assign(low=table["bias"] - 0.05, high=table["bias"] + 0.05, mae=12.0, gini=0.9)
    tenths = pd.DataFrame(
        {"group": ["B2B", "B2C"], "predicted": [10.0, 20.0], "actual": [11.0, 9.0]}
    )
    tenths = tenths.assign(low=8.0, high=15.0, customers=12, is_inside=[True, False])
    labels = ESTIMATORS | {"oracle": "true expectation, fair"}
    return SimpleNamespace(
        table=table.assign(spearman=0.8), tenths=tenths, months=12, labels=labels
    )


@pytest.fixture
def truth(tested, gap):
    main = tested.table[tested.table["estimator"] == "main"]
    oracle = main.assign(estimator="oracle", label="true expectation, fair", bias=0.0, mae=9.0)
    table = pd.concat([tested.table, oracle], ignore_index=True)
    return SimpleNamespace(
        came=table,
        expected=table,
        bars=gap.bars[["factor", "bar"]] * 1,
        gini_ratio=0.97,
        labels=tested.labels,
    )


@pytest.fixture
def cohorts():
    rows = {"group": ["B2B", "B2C"], "alpha": 1.0, "beta": 20.0, "c": [1.4, 1.0], "limit": ""}
    table = pd.DataFrame(rows | {"low": [1.2, 0.9], "high": [1.6, 1.1], "p_value": [0.0001, 0.6]})
    table = table.assign(newcomers=[100, 10], constant_churn=[0.2, np.nan])
    table = table.assign(sbg=[0.1, np.nan], bdw=[0.05, np.nan])
    return SimpleNamespace(table=table, learned=12, months=24)


def page(shown):
    return shown._repr_mimebundle_()["text/html"]


def words(shown):
    return shown._repr_mimebundle_()["text/plain"]


def test_the_answer_says_whose_months_count_and_what_is_assumed(gap, terms):
    shown = show.answer(gap, terms)
    assert shown.headline.startswith(
        "A B2B customer is worth **300 (270 to 330) EUR** over the next"
    )
    assert "the time they stay makes **120 (105 to 135)**" in shown.detail
    assert "The median customer is worth 150 EUR in B2B" in shown.detail
    assert "beyond 24 months ahead" in shown.limit
    terms.is_residual, terms.assumed_margin = False, 0.4
    shown = show.answer(gap, terms)
    assert "over the first 36 months" in shown.headline
    assert shown.limit.endswith(
        "do not budget with the amounts. The margin is assumed to be 40% of revenue."
    )


def test_the_gap_is_the_figure_of_the_digest_and_tells_costs_where_known(gap, terms):
    shown = show.gap(gap, Missing("acquisition costs", "what it costs"), terms)
    assert len(shown.parts) == 1
    bundle = shown._repr_mimebundle_()
    assert bundle[FIGURE_TYPE]["alt"].startswith("Waterfall of the gap of mean LTV. Of the gap of")
    cost = gap.bars.iloc[[0]].assign(factor="acquisition", bar=-30.0, low=-35.0, high=-25.0)
    net = pd.concat([gap.bars.iloc[:-1], cost, gap.bars.iloc[-1:]])
    shown = show.gap(gap, net, terms)
    assert "What it cost to win them makes -30 (-35 to -25) EUR" in words(shown)


def test_a_month_has_a_row_per_group(gap, terms):
    html = page(show.a_month(gap, terms))
    for heading in ("Months, discounted", "Revenue a month, EUR", "Mean LTV, EUR"):
        assert f">{heading}</th>" in html
    assert html.count(">B2B</td>") == html.count(">B2C</td>") == 1


def test_mix_leaves_out_what_has_no_size(terms):
    effects = pd.DataFrame({"sub_segment": ["north", "south"], "effect": ["mix", "only_in_one"]})
    effects = effects.assign(value=[5.0, 0.0], low=[1.0, 0.0], high=[9.0, 0.0])
    totals = pd.DataFrame({"effect": ["mix", "rate", "gap"], "value": [5.0, 195.0, 200.0]})
    totals = totals.assign(low=totals["value"] - 1, high=totals["value"] + 1)
    sizes = {"sub_segment": ["north", "south"], "first_customers": 40}
    sizes["second_customers"] = [30, 0]
    parts = pd.DataFrame(sizes)
    shown = show.mix(SimpleNamespace(effects=effects, totals=totals, sub_segments=parts), terms)
    assert "By region, the gap splits into mix 5 (4 to 6) and rate 195 (194 to 196) EUR." in words(
        shown
    )
    assert "5 (1 to 9)" in page(shown)
    assert "south" not in page(shown)
    parts.loc[0, "second_customers"] = 9
    shown = show.mix(SimpleNamespace(effects=effects, totals=totals, sub_segments=parts), terms)
    assert "north" not in page(shown)


def test_alike_tells_the_gap_and_who_is_outside(terms):
    table = pd.DataFrame({"estimand": ["unadjusted", "standardised"], "difference": [200.0, 150.0]})
    table = table.assign(low=table["difference"] - 9, high=table["difference"] + 9)
    support = pd.DataFrame({"group": ["B2B", "B2C"], "outside_share": [0.1, 0.02]})
    fair = SimpleNamespace(columns=("region", "tenure"), table=table, support=support)
    assert words(show.alike(fair, terms)).splitlines() == [
        "Between customers alike in region and tenure the gap is **150 (141 to 159) EUR**; between "
        "all, 200 (191 to 209).",
        "Without a counterpart, and so outside that comparison: 10.0% of B2B and 2.0% of B2C.",
    ]


def test_settings_are_named_by_their_values(terms):
    rows = {"months": [12, 36], "rate": [0.0, 0.12], "freeze_months": [np.nan, 4.0]}
    html = page(show.settings(pd.DataFrame(rows | {"gap": [80.0, 190.0]}), None, terms))
    assert "12 months, 0% a year" in html
    assert "Kaplan-Meier, frozen after 4 months" in html
    assert "lies between 80 and 190 EUR: its sign does not hang on them." in html


def test_the_gap_at_other_bounds_stands_below_the_settings(terms):
    rows = {"months": [12], "rate": [0.0], "freeze_months": [np.nan], "gap": [80.0]}
    moved = pd.DataFrame(
        {
            "bound": [2.5, 5.0], "customers": [60, 30], "share": [0.6, 0.3], "gap": [200.0, -900.0],
            "low": [100.0, -950.0], "high": [300.0, -850.0], "is_own": [False, True],
        }
    )  # fmt: skip
    html = page(show.settings(pd.DataFrame(rows), moved, terms))
    assert (
        "B2B from 2.5 on to B2B from 5 on, the gap goes from 200 EUR to -900 EUR: its sign" in html
    )
    assert "hangs on the bound" in html
    assert "5, the base" in html


def test_stays_warn_of_few_ended_lives(terms):
    curves = pd.DataFrame({"group": ["B2B", "B2B", "B2C", "B2C"], "time": [0, 36] * 2})
    curves = curves.assign(
        at_risk=20, survival=[1, 0.8, 1, 0.6], low=[1, 0.7, 1, 0.5], high=[1, 0.9, 1, 0.7]
    )
    means = pd.DataFrame({"group": ["B2B", "B2C"], "horizon": 36.0, "mean_months": [30.0, 25.0]})
    means = means.assign(low=29.0, high=31.0, is_observed=True)
    difference = pd.Series({"difference": 5.0, "low": 4.0, "high": 6.0, "is_observed": True})
    test = SimpleNamespace(statistic=9.0, p_value=0.002)
    few = pd.Series({"B2B": 7})
    values = SimpleNamespace(curves=curves, means=means, difference=difference, test=test)
    values.few_ended = few
    shown = show.stays(values, terms)
    assert "B2B 30.0 (29.0 to 31.0) and B2C 25.0" in words(shown)
    assert "Too few ended lives for a point:** B2B (fewer than 10)." in words(shown)
    assert 'aria-label="Kaplan-Meier curves by segment. Of the first 36 months' in page(shown)
    values.few_ended = few.iloc[:0]
    assert len(show.stays(values, terms).parts) == 1


def test_cohorts_show_errors_only_where_something_is_projected(cohorts):
    shown = show.cohorts(cohorts)
    assert words(shown).startswith("Learned from the first 12 months of newcomers, the survivors")
    assert "Error, the BdW" in page(shown)
    cohorts.table = cohorts.table.iloc[1:]
    shown = show.cohorts(cohorts)
    assert "Learned from" not in words(shown)
    assert "Error" not in page(shown)


def test_within_shows_what_is_there(terms):
    sizes = pd.DataFrame(
        {"size": ["small", "large"], "customers": [30, 10], "mean": [100.0, 900.0]}
    )
    sizes = sizes.assign(low=90.0, high=990.0, share=[0.25, 0.75])
    none = Missing("sizes or roles", "who within a group is worth most")
    shown = show.within(sizes, none, terms)
    assert "In B2B, customers of size large are 25.0% of those shown and hold **75%**" in words(
        shown
    )
    absent = show.within(none, Missing("lines", "roles"), terms)
    assert isinstance(absent, Absent)
    assert absent.text.startswith(
        "This base has no sizes or roles. With it, this part would show who"
    )


def test_leaving_and_one_per_cent_show_what_is_there(terms):
    top = pd.DataFrame({"group": ["B2B", "B2C"], "share": [0.4, 0.02]})
    shown = show.leaving(Missing("lines", "what leaves in part"), top, terms)
    assert words(shown) == (
        "The 10 customers with the most value at risk hold 40% in B2B and 2% in B2C of it."
    )
    levers = pd.DataFrame({"group": ["B2B", "B2B"], "lever": ["margin", "retention"]})
    levers = levers.assign(value=[1.0, 1.4], low=[1.0, 1.3], high=[1.0, 1.5])
    shown = show.one_per_cent(levers, Missing("acquisition costs", "payback"), terms)
    assert words(shown).endswith("kept each year is worth 1.40% (1.30 to 1.50) of LTV.")
    shown = show.one_per_cent(levers, PAID, terms)
    assert "3.0 (2.0 to 4.0) times the cost of 100 EUR, paid back in month 7 (6 to 9)." in words(
        shown
    )


def test_tested_folds_every_estimator(tested, terms):
    shown = show.tested(tested, terms)
    assert "Fitted 12 months ago, the main estimate misses the margin that came by +1.0%" in words(
        shown
    )
    assert re.search(
        r"<details[^>]*><summary[^>]*>Every estimator, per group</summary>", page(shown)
    )
    assert "Tenths whose prediction lies in the interval of what came: B2B 1 of 1" in words(shown)


def test_truth_puts_the_bars_beside_the_true_ones(truth, gap, terms):
    shown = show.truth(truth, gap, terms)
    assert "its order of customers reaches 97.0% of the fair oracle's Gini" in words(shown)
    assert ">Truth of this base</th>" in page(shown)
    assert "simulated operators" in words(shown)


def test_metrics_leave_out_what_is_missing(gap, cohorts, tested, truth, terms):
    top = pd.DataFrame({"group": ["B2B"], "share": [0.4]})
    levers = pd.DataFrame({"group": ["B2B"], "lever": ["retention"], "value": [1.4]})
    levers = levers.assign(low=1.3, high=1.5)
    every = show.metrics(gap, cohorts, tested, truth, top, levers, PAID, terms).values
    assert every["b2b.ltv"] == 300
    assert every["backtest.b2b.constant_churn_bias"] == -0.2
    assert every["truth.gini_ratio"] == 0.97
    assert every["at_risk.top.b2b"] == 0.4
    assert every["elasticity.b2b.retention.high"] == 1.5
    assert every["payback.b2b.month"] == 7
    few = show.metrics(gap, cohorts, *[LACKING] * 5, terms).values
    lacking = ("backtest", "truth", "at_risk", "elasticity", "payback")
    assert not [name for name in few if name.startswith(lacking)]
    assert few == {name: every[name] for name in few}


@pytest.mark.parametrize("name", ["ahead", "by_tenure", "mix", "alike", "realised", "tested"])
def test_a_section_says_in_one_line_what_a_base_lacks(name, terms):
    shown = getattr(show, name)(LACKING, terms)
    expected = (
        "This base has no months per customer (a panel). With it, this part would show what is"
    )
    assert shown.text == f"{expected} there."


def test_sections_of_several_inputs_say_it_too(gap, terms):
    for shown in (
        show.truth(LACKING, gap, terms),
        show.leaving(LACKING, LACKING, terms),
        show.one_per_cent(LACKING, LACKING, terms),
    ):
        assert isinstance(shown, Absent)


def test_every_section_is_in_the_table_of_contents():
    assert show.__all__ == sorted(show.__all__)
    assert all(getattr(show, name).__doc__ for name in show.__all__)

"""Figures of tiers by hand, and whether value rises."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.problems import InputError
from src.models.segments.tier_rules import Rule
from src.models.segments.tiers import fitting, median, tier_steps, tier_table, verdict


def tiered(sizes):
    names = [name for name, size in sizes.items() for _ in range(size)]
    tier = pd.Categorical(names, list(sizes), ordered=True)
    return pd.DataFrame({"customer_id": range(len(names)), "tier": tier})


def test_fit_is_what_is_held_of_a_tier_and_those_below():
    rules = (Rule("1", ("phone",), 1, 0), Rule("2", ("crm", "sold to nobody"), 1, 0))
    tiers = pd.Series(pd.Categorical(["1", "2", "2"], ["1", "2"]), pd.Index(list("abc")))
    held = pd.DataFrame(
        [("a", "crm"), ("b", "crm"), ("b", "crm"), ("b", "phone"), ("c", "crm"), ("c", "tv"),
         ("x", "phone")],
        columns=["customer_id", "product"],
    )  # fmt: skip
    expected = pd.DataFrame(
        {"products": [1.0, 2, 2], "fitting": [0.0, 2, 1], "fitting_most": [1.0, 2, 2]},
        index=list("abc"),
    )
    pdt.assert_frame_equal(fitting(tiers, held, rules), expected, check_names=False)


def test_figures_of_a_tier_by_hand():
    customers = tiered({"1": 10, "2": 12, "3": 9})
    sums = pd.DataFrame(
        {
            "value": np.r_[np.arange(10.0), np.arange(12.0) * 10, np.ones(9)],
            "tickets": 2.0,
            "years": np.r_[np.ones(10), np.full(12, 0.5), np.ones(9)],
            "lines": np.r_[np.ones(10), np.full(12, 4.0), np.ones(9)],
            "now": np.r_[np.full(9, 11.0), np.nan, np.full(12, 5.0), np.ones(9)],
            "before": np.r_[np.full(10, 10.0), np.full(12, 10.0), np.ones(9)],
        },
        index=customers["customer_id"],
    )
    found = tier_table(customers, sums).set_index("tier")
    assert found["customers"].to_dict() == {"1": 10, "2": 12, "3": 9}
    assert found.loc["1", "share"] == pytest.approx(10 / 31)
    assert found["value"].tolist()[:2] == [4.5, 55.0]
    assert found["tickets"].tolist()[:2] == pytest.approx([2.0, 4.0])
    assert found["tickets_line"].tolist()[:2] == pytest.approx([2.0, 1.0])
    assert found["growth"].tolist()[:2] == pytest.approx([0.1, -0.5])  # without who was not there
    # Of nine customers nothing but their number.
    assert found.loc["3"].drop(["customers", "share"]).isna().all()


@pytest.mark.parametrize(("rise", "said"), [(2.0, "supported"), (-2.0, "not supported")])
def test_value_that_rises_or_falls_is_seen(rise, said):
    rng = np.random.default_rng(4)
    customers = tiered({"1": 200, "2": 200, "3": 200, "3+": 3})
    level = customers["tier"].cat.codes * rise
    value = pd.Series(rng.lognormal(1, 0.5, len(customers)) + level, customers["customer_id"])
    steps = tier_steps(customers, value, rng)
    assert steps[["lower", "upper"]].to_numpy().tolist() == [["1", "2"], ["2", "3"]]
    means = value.groupby(customers["tier"].to_numpy()).mean()
    assert steps["step"].tolist() == pytest.approx(
        [means["2"] - means["1"], means["3"] - means["2"]]
    )
    assert ((steps["low"] < steps["step"]) & (steps["step"] < steps["high"])).all()
    assert verdict(steps) == said


def test_tiers_without_a_difference_are_seldom_said_to_differ():
    customers = tiered({"1": 60, "2": 60})
    said = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        value = pd.Series(rng.lognormal(0, 1, 120), customers["customer_id"])
        said.append(verdict(tier_steps(customers, value, rng, replicates=100)))
    assert sum(each != "undecided" for each in said) <= 8  # one in twenty expected


def test_one_tier_leaves_it_undecided():
    customers = tiered({"1": 20})
    steps = tier_steps(customers, pd.Series(1.0, range(20)), np.random.default_rng(0))
    assert verdict(steps) == "undecided"


def test_the_interval_of_a_median_covers_it():
    rng = np.random.default_rng(8)
    draws = [median(rng.lognormal(0, 2, 41)) for _ in range(800)]
    covered = np.mean([each.low <= 1 <= each.high for each in draws])
    assert 0.94 <= covered <= 0.985
    assert np.isnan(median(np.arange(5.0)).low)
    with pytest.raises(InputError, match="no value to take the median of"):
        median(np.array([]))

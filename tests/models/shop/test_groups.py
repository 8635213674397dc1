import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.shop import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from src.models.shop.group_value import MEANS, group_value, spend_slopes
from src.models.shop.groups import BARS, FACTORS, buyer_gap, gaps_by_bound
from src.models.shop.residual import residual_value
from src.studies.of_btyd.gap import KINDS, simulated_group

GROUPS = {
    name: simulated_group(kind, 300, np.random.default_rng(seed))
    for seed, (name, kind) in enumerate(KINDS.items())
}
FEW = 8


def gap(groups=GROUPS, first="B2B", seed=1, **options):
    options = {"replicates": FEW} | options
    return buyer_gap(groups, first, bg_nbd.fit, np.random.default_rng(seed), **options)


@pytest.fixture(scope="module")
def found():
    return gap()


@pytest.mark.parametrize("kind", [bg_nbd, mbg_nbd, pareto_nbd])
def test_the_value_of_a_buyer_is_the_residual_value(kind):
    buyers = GROUPS["B2B"]
    side = group_value(buyers, kind.fit)
    money = buyers["spend_all"] * (buyers["frequency"] + 1)
    share = (money * buyers["margin_share"]).sum() / money.sum()
    spend = gamma_gamma.fit(buyers).expected_spend(buyers)
    expected = residual_value(kind.fit(buyers), buyers, spend, share)

    each = side.per_buyer
    assert each["value"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)
    assert each["value"].mean() == pytest.approx(side.means[4] * side.means[3])
    assert each[["time", "rate", "spend"]].mean().tolist() == pytest.approx(side.means[:3].tolist())
    # Nobody lasts longer than the window.
    assert each["time"].between(0, 36).all()


def test_a_new_buyer_buys_at_once_and_then_as_the_model_says():
    buyers = GROUPS["B2C"]
    side = group_value(buyers, bg_nbd.fit)
    model, spending = side.fitted.model, side.fitted.spending
    ends = [model.expected_new(month * 365.25 / 12 / 7) for month in range(37)]
    repeats = np.diff(ends) @ 1.12 ** (-np.arange(1, 37) / 12)
    assert side.means[5] == pytest.approx((1 + repeats) * spending.population_mean, rel=1e-6)


def test_the_unit_of_time_changes_nothing():
    days = {
        name: group.assign(recency=group["recency"] * 7, age=group["age"] * 7)
        for name, group in GROUPS.items()
    }
    weekly = group_value(GROUPS["B2B"], bg_nbd.fit).means
    assert group_value(days["B2B"], bg_nbd.fit, unit_days=1).means == pytest.approx(weekly, 1e-4)


def test_bars_add_up_to_the_gap(found):
    bars = found.bars.set_index("factor")
    assert list(bars.index) == BARS
    assert bars.loc[FACTORS, "bar"].sum() == pytest.approx(bars.loc["gap", "bar"], rel=1e-12)
    values = found.groups.set_index("group")["mean_value"]
    assert bars.loc["gap", "bar"] == pytest.approx(values["B2B"] - values["B2C"], rel=1e-12)
    for side in ("first", "second"):
        product = bars.loc[FACTORS, side].prod()
        assert product == pytest.approx(bars.loc["gap", side], rel=1e-12)
    assert (bars["low"] < bars["bar"]).all()
    assert (bars["bar"] < bars["high"]).all()


def test_swapping_the_groups_flips_every_sign(found):
    swapped = gap(first="B2C")
    one, other = found.bars.set_index("factor"), swapped.bars.set_index("factor")
    assert other["bar"].to_numpy() == pytest.approx(-one["bar"].to_numpy(), rel=1e-9)
    assert other["low"].to_numpy() == pytest.approx(-one["high"].to_numpy(), rel=1e-9)
    ratio = [each.value.query("of == 'ratio'") for each in (found, swapped)]
    assert ratio[1]["low"].to_numpy() == pytest.approx(1 / ratio[0]["high"].to_numpy(), rel=1e-9)


def test_groups_that_are_equal_but_for_money_have_one_bar():
    buyers = GROUPS["B2C"]
    dearer = buyers.assign(spend=buyers["spend"] * 3, spend_all=buyers["spend_all"] * 3)
    bars = gap({"B2B": dearer, "B2C": buyers}).bars.set_index("factor")
    assert bars.loc["spend", "bar"] == pytest.approx(bars.loc["gap", "bar"], rel=1e-4)
    others = bars.loc[["time", "rate", "margin_share", "association"], "bar"]
    assert others.abs().max() < 1e-4 * bars.loc["gap", "bar"]


def test_without_a_margin_value_is_revenue():
    plain = {name: group.drop(columns="margin_share") for name, group in GROUPS.items()}
    bars = gap(plain).bars.set_index("factor")
    assert bars.loc["margin_share", ["first", "second", "bar"]].tolist() == [1, 1, 0]


@pytest.mark.slow
def test_errors_are_those_of_draws():
    drawn = group_value(GROUPS["B2C"], bg_nbd.fit).drawn(bg_nbd.fit, np.random.default_rng(4), 150)
    errors = np.sqrt(np.diagonal(drawn.covariances[0]))
    spread = drawn.means[1:].std(axis=0)
    assert len(errors) == len(MEANS)
    assert errors / spread == pytest.approx(1, abs=0.3)


def test_slopes_of_spending_add_up_to_those_of_the_model():
    buyers = GROUPS["B2B"][GROUPS["B2B"]["frequency"] > 0]
    x, spend = buyers["frequency"].to_numpy(float), buyers["spend"].to_numpy()
    counts, code = np.unique(x, return_inverse=True)
    parameters = np.array([3.0, 2.5, 40.0])
    expected = gamma_gamma.log_likelihood(parameters, counts, code, spend)[1]
    assert spend_slopes(parameters, x, x * spend).sum(axis=1) == pytest.approx(expected, rel=1e-9)


def test_gaps_by_bound():
    everybody = pd.concat(GROUPS.values(), ignore_index=True)
    parted = [
        (
            bound,
            {
                "B2B": everybody[everybody["spend_all"] >= bound],
                "B2C": everybody[everybody["spend_all"] < bound],
            },
        )
        for bound in (40.0, 1e6)
    ]
    found = gaps_by_bound(
        parted, "B2B", bg_nbd.fit, np.random.default_rng(1), replicates=FEW
    ).set_index("bound")
    assert found.loc[40.0, ["first", "second"]].sum() == 600
    assert found.loc[40.0, "low"] < found.loc[40.0, "gap"] < found.loc[40.0, "high"]
    assert found.loc[40.0, "reason"] == ""
    assert found.loc[1e6, "first"] == 0
    assert np.isnan(found.loc[1e6, "gap"])
    assert found.loc[1e6, "reason"].startswith("B2B: ")


def test_what_cannot_be_compared():
    with pytest.raises(InputError, match="one of them B2D; the groups are: B2B, B2C"):
        gap(first="B2D")
    once = GROUPS["B2C"].assign(frequency=0, recency=0.0, spend=np.nan)
    with pytest.raises(InputError, match="B2C: all 300 buyers have one purchase day"):
        gap(GROUPS | {"B2C": once})
    unknown = GROUPS["B2C"].assign(margin_share=np.nan)
    with pytest.raises(InputError, match="B2C: no margin of the group is known"):
        gap(GROUPS | {"B2C": unknown})


def test_spends_without_a_mean_are_refused():
    buyers = GROUPS["B2C"]
    rng = np.random.default_rng(2)
    wild = np.exp(rng.standard_cauchy(len(buyers)).clip(-12, 12))
    with pytest.raises(InputError, match="money per purchase has no mean"):
        group_value(buyers.assign(spend=wild).drop(columns="margin_share"), bg_nbd.fit)

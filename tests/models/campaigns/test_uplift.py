"""Learners of uplift, Qini, calibration and what rules earn, on members whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.calibration import by_group, slope
from src.models.campaigns.cross_fitting import cross_fit
from src.models.campaigns.learners import BOOSTED, SMALL, effect_model
from src.models.campaigns.policy import CHOSEN, NOBODY, policies, rule_of, worth_of
from src.models.campaigns.qini import qini
from src.models.campaigns.trial import Customers, effects, trial_of

COST = {"call": 5.0, "mail": 1.0}


def members(count, rng, *, split=0.0, harm=0.0, effect=0.0):
    """Half the customers gain `effect` + `split` by a call, half `effect` - `split`; mails harm."""
    is_new = rng.random(count) < 0.5
    tenure = rng.random(count)
    arm = rng.choice(["control", "call", "mail"], count, p=[0.4, 0.3, 0.3])
    gain = np.where(arm == "call", effect + np.where(is_new, split, -split), 0.0)
    gain -= np.where(arm == "mail", harm, 0.0)
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(count),
            "arm": arm,
            "lost": (rng.random(count) < 0.2 + 0.1 * tenure - gain).astype(int),
            "propensity": np.where(arm == "control", 0.4, 0.3),
            "is_new": is_new,
            "tenure": tenure,
        }
    )


def trial(table):
    return trial_of(table, ["is_new", "tenure"], "lost", is_loss=True)


@pytest.mark.parametrize("learner", [*SMALL[2:], *BOOSTED], ids=lambda each: each.name)
def test_a_learner_tells_who_gains_from_who_loses(learner):
    rng = np.random.default_rng(0)
    told = trial(members(6_000, rng, split=0.15))
    uplift = learner.learn(told, rng)(told.customers)
    is_new = told.customers.covariates["is_new"].to_numpy()
    assert uplift.shape == (6_000, 2)
    assert uplift[is_new, 0].mean() == pytest.approx(0.15, abs=0.06)
    assert uplift[~is_new, 0].mean() == pytest.approx(-0.15, abs=0.06)
    assert np.abs(uplift[:, 1].mean()) < 0.04


def test_of_money_the_learners_are_regressions():
    rng = np.random.default_rng(1)
    table = members(3_000, rng)
    is_called = table["arm"] == "call"
    table["margin"] = 100 * table["tenure"] + 30 * (is_called & table["is_new"])
    told = trial_of(table, ["is_new", "tenure"], "margin", is_loss=False)
    for learner in (*SMALL[2:], BOOSTED[1]):
        uplift = learner.learn(told, rng)(told.customers)
        assert uplift[table["is_new"], 0].mean() == pytest.approx(30, abs=2)
        assert uplift[~table["is_new"], 0].mean() == pytest.approx(0, abs=2)


def test_the_mean_effect_is_weighted_by_the_odds_of_the_draw():
    # Simpson: calls were drawn more often among the loyal; within both groups they do nothing.
    table = pd.DataFrame(
        {
            "customer_id": range(400),
            "arm": ["call"] * 150 + ["control"] * 50 + ["call"] * 50 + ["control"] * 150,
            "propensity": [0.75] * 150 + [0.25] * 50 + [0.25] * 50 + [0.75] * 150,
            "loyal": [1] * 200 + [0] * 200,
            "lost": ([1, 0, 0, 0, 0] * 40) + ([1, 1, 1, 0, 0] * 40),
        }
    )
    told = trial_of(table, ["loyal"], "lost", is_loss=True)
    assert effects(told) == pytest.approx([0.0])
    swapped = table.assign(arm=table["arm"].map({"call": "control", "control": "call"}))
    swapped["lost"] = (swapped["arm"] == "control").astype(int) * np.tile([1, 0], 200)
    turned = swapped.assign(arm=table["arm"])
    first, second = (
        effects(trial_of(each, ["loyal"], "lost", is_loss=True)) for each in (swapped, turned)
    )
    assert first == pytest.approx(-second)
    assert first > 0.2


def test_what_cross_fitting_tells_does_not_depend_on_the_order_of_rows():
    table = members(300, np.random.default_rng(2), split=0.1)
    shuffled = table.sample(frac=1, random_state=0)
    one = cross_fit(trial(table), SMALL, np.random.default_rng(0))
    other = cross_fit(trial(shuffled), SMALL, np.random.default_rng(0))
    for name, uplift in one.uplift.items():
        assert other.uplift[name] == pytest.approx(uplift[shuffled.index], abs=1e-9)


def test_gains_without_any_slope_leave_their_mean():
    rng = np.random.default_rng(3)
    customers = Customers(pd.DataFrame(index=range(2_000)), rng.normal(size=(2_000, 5)))
    noise = rng.normal(1, 1, (2_000, 1))
    told = effect_model(customers, noise)(customers)
    assert told.std() < 0.03
    assert told.mean() == pytest.approx(noise.mean())
    clear = customers.design[:, :1] + noise
    assert effect_model(customers, clear)(customers).std() == pytest.approx(1, abs=0.1)


def test_the_qini_by_hand():
    # Treated from the best on: gains 4, 2, -2, 0 reach 1, 1.5, 1, 1 per customer of the base.
    found = qini([4, 2, -2, 0], [9, 8, 2, 1], np.random.default_rng(0))
    at = found.curve.set_index("depth").loc[[0, 0.25, 0.5, 0.75, 1]]
    assert at["gain"].tolist() == pytest.approx([0, 1, 1.5, 1, 1])
    assert at["at_random"].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    area = (0 + 1) / 2 / 4 + (1 + 1.5) / 2 / 4 + (1.5 + 1) / 2 / 4 + (1 + 1) / 2 / 4
    assert found.coefficient.value == pytest.approx(area - 0.5)


def test_no_order_is_better_than_that_of_the_gains():
    rng = np.random.default_rng(4)
    gain = rng.normal(0.2, 1, 500)
    perfect = qini(gain, gain, rng)
    assert qini(gain, -gain, rng).coefficient.value == pytest.approx(-perfect.coefficient.value)
    for _ in range(10):
        other = qini(gain, rng.random(500), rng)
        assert (other.curve["gain"] <= perfect.curve["gain"] + 1e-9).all()


def test_a_constant_score_has_a_qini_of_zero_and_no_slope():
    rng = np.random.default_rng(5)
    gain, fold = rng.normal(size=300), np.arange(300) % 3
    found = qini(gain, fold / 10, rng, fold).coefficient  # constant within each fold
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-12)
    assert np.isnan(slope(gain, fold / 10, rng, fold).value)


@pytest.mark.slow
def test_the_interval_of_a_random_score_holds_zero_nineteen_times_in_twenty():
    rng = np.random.default_rng(6)
    found = [qini(rng.normal(0.1, 1, 400), rng.random(400), rng).coefficient for _ in range(200)]
    assert 0.90 <= np.mean([each.low <= 0 <= each.high for each in found]) <= 0.99
    assert np.mean([each.value for each in found]) == pytest.approx(0, abs=0.006)


def test_groups_and_slope_say_how_true_an_uplift_is():
    rng = np.random.default_rng(7)
    uplift = rng.normal(0.1, 0.5, 4_000)
    gain = 0.5 * uplift + rng.normal(0, 0.1, 4_000)
    table = by_group(gain, uplift, rng, groups=4)
    assert table["customers"].tolist() == [1_000] * 4
    assert (table["said"].diff().dropna() < 0).all()
    assert table["seen"].to_numpy() == pytest.approx(0.5 * table["said"].to_numpy(), abs=0.02)
    assert ((table["low"] < table["seen"]) & (table["seen"] < table["high"])).all()
    found = slope(gain, uplift, rng)
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.03


def test_a_rule_is_called_better_where_a_treatment_helps_half_and_harms_half():
    rng = np.random.default_rng(8)
    told = trial(members(4_000, rng, split=0.2, harm=0.1))
    fitted = cross_fit(told, SMALL, rng)
    found = policies(told, fitted, worth_of(told, np.full(4_000, 100.0), COST))
    assert found.is_better
    assert found.verdict.startswith("Choosing whom to treat by a model earns more than")
    is_new = told.customers.covariates["is_new"].to_numpy()
    assert (found.rules[CHOSEN] == is_new).mean() > 0.9
    # Half of them earn 0.2 x 100 - 5.
    gain = found.gain(CHOSEN)
    assert gain.low < 7.5 < gain.high
    row = found.table.set_index("rule").loc[CHOSEN]
    assert row["weighted_low"] < 7.5 < row["weighted_high"]
    assert found.gain(NOBODY).value == 0


def test_where_all_gain_alike_no_model_is_better_than_treating_everybody():
    rng = np.random.default_rng(9)
    told = trial(members(3_000, rng, effect=0.18, harm=0.1))
    found = policies(told, cross_fit(told, SMALL, rng), worth_of(told, np.full(3_000, 100.0), COST))
    assert found.chosen_from == ("constant",) * 5
    assert not found.is_better
    assert found.best_simple == "everybody: call"
    assert found.verdict == "No model is shown to be better than everybody: call."
    table = found.table.set_index("rule")
    assert table.loc["everybody: call", "ahead"] == pytest.approx(0)
    assert table.loc["nobody", "ahead_low"] > 0


def test_with_equal_odds_both_estimates_of_a_rule_are_means_of_arms():
    table = pd.DataFrame(
        {
            "customer_id": range(200),
            "arm": ["call", "control"] * 100,
            "propensity": 0.5,
            "plan": (["a"] * 2 + ["b"] * 2) * 50,
            "lost": ([0, 1] * 2 + [0, 0] * 2 + [1, 1] * 1) * 20,
        }
    )
    told = trial_of(table, ["plan"], "lost", is_loss=True)
    rng = np.random.default_rng(0)
    found = policies(
        told, cross_fit(told, SMALL[:1], rng), worth_of(told, np.full(200, 10.0), {"call": 1})
    )
    lost = table.groupby("arm")["lost"].mean()
    expected = 10 * (lost["control"] - lost["call"]) - 1
    row = found.table.set_index("rule").loc["everybody: call"]
    assert row["weighted"] == pytest.approx(expected)
    assert row["gain"] == pytest.approx(expected, abs=0.1)


def test_a_rule_treats_nobody_at_a_loss():
    assert rule_of(np.array([[-1.0, -0.1], [0.0, 0.0]])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"propensity": 0.0}, "propensity is the chance of the arm that was drawn, above 0"),
        ({"lost": 0}, "lost is 0 for everybody: nothing to learn from it"),
        ({"arm": "mail"}, "the campaign has no control group"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(change, message):
    table = members(200, np.random.default_rng(0)).assign(**change)
    with pytest.raises(InputError, match=message):
        trial(table)


def test_an_arm_of_few_is_refused():
    table = members(300, np.random.default_rng(0))
    few = table.drop(table.index[table["arm"] == "mail"][5:])
    with pytest.raises(InputError, match="the arm 'mail' has 5 customers"):
        trial(few)


def test_what_does_not_fit_the_trial_is_refused():
    told = trial(members(200, np.random.default_rng(0)))
    with pytest.raises(InputError, match="the campaign has 200 customers, value has 1"):
        worth_of(told, [1.0], COST)
    with pytest.raises(InputError, match="value must be 0 or more, not -1"):
        worth_of(told, np.full(200, -1.0), COST)
    with pytest.raises(InputError, match="gain has 2 rows, score has 3"):
        qini([1, 2], [1, 2, 3], np.random.default_rng(0))
    with pytest.raises(InputError, match="10 groups need as many customers, found 2"):
        by_group([1, 2], [1, 2], np.random.default_rng(0))

"""Effects by hand, against statsmodels, published ones, and what must not change them."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from src.data.problems import InputError
from src.models.campaigns.effect import (
    adjusted_effects,
    capped_effects,
    effects,
    effects_from_counts,
)


def trial(seed, customers=600, effect=0.0, shares=(0.3, 0.4, 0.3)):
    """A simulated trial: `before` moves the outcome; the discount adds `effect` x (1 + before)."""
    rng = np.random.default_rng(seed)
    before = rng.normal(size=customers)
    arm = rng.choice(["control", "bonus", "discount"], customers, p=shares)
    gain = np.where(arm == "discount", effect * (1 + before), 0.0)
    return pd.DataFrame(
        {
            "customer_id": range(customers),
            "arm": arm,
            "before": before,
            "region": rng.choice(["north", "south"], customers),
            "income": 2 * before + gain + rng.normal(size=customers),
        }
    )


def test_hillstrom_from_the_counts():
    counts = pd.DataFrame(
        {
            "arm": ["control", "mens", "womens"],
            "customers": [21_306, 21_307, 21_387],
            "events": [2_262, 3_894, 3_238],
        }
    )
    found = effects_from_counts(counts).set_index("arm")
    assert found["effect"].round(4).tolist() == [0.0766, 0.0452]
    assert found["z"].round(1).tolist() == [22.6, 14.0]


def test_customers_and_their_counts_say_the_same():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"customer_id": range(900), "arm": rng.choice(["control", "a", "b"], 900)}
    ).assign(lost=rng.random(900) < 0.2)
    counts = frame.groupby("arm")["lost"].agg(customers="size", events="sum").reset_index()
    pd.testing.assert_frame_equal(effects(frame, "lost"), effects_from_counts(counts))


def test_unequal_arms_have_the_interval_of_welch():
    frame = trial(2, customers=300, shares=(0.04, 0.0, 0.96), effect=1.0)
    found = effects(frame, "income").iloc[0]
    welch = ttest_ind(
        *(frame.loc[frame["arm"] == name, "income"] for name in ("discount", "control")),
        equal_var=False,
    )
    ends = welch.confidence_interval()
    assert found["controls"] < 20
    assert (found["low"], found["high"]) == pytest.approx((ends.low, ends.high))
    assert (found["z"], found["p"]) == pytest.approx((welch.statistic, welch.pvalue))


def test_the_adjusted_effect_is_that_of_a_regression_with_interactions():
    frame = trial(1, effect=0.5)
    found = adjusted_effects(frame, "income", ["before", "region"]).set_index("arm")
    known = np.column_stack([frame["before"], frame["region"] == "south"])
    known = known - known.mean(axis=0)
    arms = np.column_stack([frame["arm"] == name for name in ("bonus", "discount")]).astype(float)
    crossed = [arms[:, [place]] * known for place in (0, 1)]
    design = np.column_stack([np.ones(len(frame)), arms, known, *crossed])
    oracle = sm.OLS(frame["income"].to_numpy(), design).fit(cov_type="HC3")
    np.testing.assert_allclose(found["effect"], oracle.params[1:3])
    np.testing.assert_allclose(found["error"], oracle.bse[1:3])
    plain = effects(frame, "income").set_index("arm")
    reached = 1 - (found["error"] / plain["error"]) ** 2
    np.testing.assert_allclose(found["variance_reduction"], reached)
    assert (reached > 0.6).all()  # four of five parts of the variance were known before


@pytest.mark.slow
def test_intervals_hold_the_truth():
    truth, inside = 0.5, np.zeros(2)
    for seed in range(200):
        frame = trial(seed, customers=200, effect=truth, shares=(0.2, 0.2, 0.6))
        true = (truth * (1 + frame["before"])).mean()  # on these customers
        for place, table in enumerate(
            (effects(frame, "income"), adjusted_effects(frame, "income", ["before"]))
        ):
            row = table.set_index("arm").loc["discount"]
            inside[place] += row["low"] <= true <= row["high"]
    assert (inside >= 180).all()
    assert (inside <= 197).all()


def test_unequal_odds_by_segment_are_compared_within_segments():
    # Simpson: the mail does nothing; B2C leaves more often, and got it more often.
    rows = [
        ("B2C", "mail", 800, 240),
        ("B2C", "control", 100, 30),
        ("B2B", "mail", 200, 20),
        ("B2B", "control", 900, 90),
    ]
    frame = (
        pd.concat(
            [
                pd.DataFrame({"segment": segment, "arm": arm, "lost": np.arange(size) < lost})
                for segment, arm, size, lost in rows
            ],
            ignore_index=True,
        )
        .rename_axis("customer_id")
        .reset_index()
    )
    planted = effects(frame, "lost").iloc[0]
    assert planted["low"] > 0.1
    avoided = effects(frame, "lost", by="segment").iloc[0]
    assert avoided["effect"] == pytest.approx(0)
    assert (avoided["customers"], avoided["controls"]) == (1_000, 1_000)
    # Of 0.3 and of 0.1, each among its customers, weighted by 900 and 1,100 of 2,000.
    pieces = [
        (0.45**2, 0.3 * 0.7 * (1 / 799 + 1 / 99)),
        (0.55**2, 0.1 * 0.9 * (1 / 199 + 1 / 899)),
    ]
    assert avoided["error"] == pytest.approx(np.sqrt(sum(weight * part for weight, part in pieces)))


def test_a_stratum_without_controls_does_not_count():
    frame = trial(3, effect=1.0).query("arm != 'bonus'")
    both = frame[(frame["region"] == "south") | (frame["arm"] == "discount")]
    south = effects(frame[frame["region"] == "south"], "income")
    pd.testing.assert_frame_equal(effects(both, "income", by="region"), south)
    with pytest.raises(InputError, match="need 2 customers each in any region"):
        effects(both.query("region == 'north' or arm == 'control'"), "income", by="region")


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 1_000),
    st.sampled_from(["income", "lost"]),
    st.sampled_from([None, "region"]),
)
def test_swapped_arms_turn_the_sign_and_copies_keep_the_centre(seed, outcome, by):
    frame = trial(seed, customers=300).query("arm != 'bonus'")
    frame = frame.assign(lost=frame["income"] > 0)
    swapped = frame.assign(arm=frame["arm"].map({"control": "discount", "discount": "control"}))
    twice = pd.concat([frame, frame.assign(customer_id=frame["customer_id"] + 1_000)])
    for estimate in (
        lambda each: effects(each, outcome, by=by),
        lambda each: adjusted_effects(each, outcome, ["before"], by=by),
    ):
        one, other, more = (estimate(each).iloc[0] for each in (frame, swapped, twice))
        assert other["effect"] == pytest.approx(-one["effect"])
        assert (other["low"], other["high"]) == pytest.approx((-one["high"], -one["low"]))
        assert more["effect"] == pytest.approx(one["effect"])
        assert more["error"] < one["error"]


def test_what_came_after_the_contact_is_not_read():
    frame = trial(4)
    later = frame.assign(opened=frame["income"] > 0, later_income=frame["income"] * 9)
    pd.testing.assert_frame_equal(effects(frame, "income"), effects(later, "income"))
    pd.testing.assert_frame_equal(
        adjusted_effects(frame, "income", ["before"]), adjusted_effects(later, "income", ["before"])
    )


def test_rare_events_have_the_interval_of_newcombe():
    counts = pd.DataFrame({"arm": ["control", "mail"], "customers": [80, 70], "events": [48, 56]})
    plain = effects_from_counts(counts)
    assert plain["high"].item() == pytest.approx(0.2 + 1.976 * plain["error"].item(), abs=1e-3)
    none = effects_from_counts(counts.assign(customers=[10, 10], events=[0, 0])).iloc[0]
    # Newcombe 1998, table II, example (h): 0/10 and 0/10 give -0.2775 to 0.2775.
    assert (none["low"], none["high"]) == pytest.approx((-0.2775, 0.2775), abs=1e-4)
    assert none["p"] == 1


def test_holm_is_over_the_treatments():
    frame = trial(5, effect=0.4)
    p, holm = (effects(frame, "income")[name].to_numpy() for name in ("p", "p_holm"))
    low, high = np.argsort(p)
    assert holm[low] == pytest.approx(min(2 * p[low], 1))
    assert holm[high] == pytest.approx(max(p[high], holm[low]))


def test_amounts_are_cut_at_the_quantiles_of_all_members():
    rng = np.random.default_rng(6)
    frame = trial(6, customers=400, shares=(0.5, 0.0, 0.5))
    frame["income"] = (rng.pareto(1.5, 400) + 1) * np.where(frame["arm"] == "control", 1, 2)
    capped = capped_effects(frame, "income")
    assert capped["kept"].tolist() == [1.0, 0.999, 0.99, 0.95]
    assert capped["effect"].iloc[0] == effects(frame, "income")["effect"].iloc[0]
    assert capped["error"].is_monotonic_decreasing
    by_hand = frame.assign(income=frame["income"].clip(upper=frame["income"].quantile(0.95)))
    means = by_hand.groupby("arm")["income"].mean()
    assert capped["effect"].iloc[-1] == pytest.approx(
        means.drop("control").item() - means["control"]
    )


def test_one_large_customer_makes_an_effect_that_the_cap_takes_away():
    frame = trial(8, customers=400, shares=(0.5, 0.0, 0.5)).assign(income=10.0)
    frame.loc[frame.index[frame["arm"] != "control"][0], "income"] = 100_000.0
    kept = capped_effects(frame, "income").set_index("kept")["effect"]
    assert kept[1.0] > 100
    assert kept[0.99] == pytest.approx(0, abs=1e-9)


def test_a_capped_effect_is_within_strata_like_the_plain_one():
    frame = trial(9, customers=400).assign(place=lambda t: np.where(t["before"] > 0, "a", "b"))
    capped = capped_effects(frame, "income", by="place")
    plain = effects(frame, "income", by="place")
    assert capped[capped["kept"] == 1.0]["effect"].tolist() == plain["effect"].tolist()


def test_an_arm_that_cannot_be_adjusted_is_compared_plainly():
    frame = trial(7, customers=400)
    few = frame[(frame["arm"] != "bonus") | (frame["arm"].eq("bonus").cumsum() <= 6)]
    found = adjusted_effects(few, "income", ["before"]).set_index("arm")
    plain = effects(few, "income").set_index("arm")
    assert found.loc["bonus", "effect"] == plain.loc["bonus", "effect"]
    assert found.loc["bonus", "variance_reduction"] == 0
    assert found.loc["discount", "variance_reduction"] > 0.5


def test_a_column_that_is_constant_in_one_arm_does_not_stop_the_adjustment():
    members = trial(3)
    rare = np.zeros(len(members))
    rare[np.flatnonzero(members["arm"] == "discount")[:3]] = 1.0  # nobody of the controls
    found = adjusted_effects(members.assign(rare=rare), "income", ["before", "rare"])
    assert (found["variance_reduction"] > 0.5).all()


def test_what_cannot_be_is_refused():
    frame = trial(8)
    one = pd.concat([frame[frame["arm"] != "bonus"], frame[frame["arm"] == "bonus"].head(1)])
    with pytest.raises(InputError, match="the arm bonus and the control group need 2 customers"):
        effects(one, "income")
    with pytest.raises(InputError, match="no column orders"):
        effects(frame, "orders")
    counts = pd.DataFrame({"arm": ["control", "mail"], "customers": [5, 5], "events": [1, 6]})
    with pytest.raises(InputError, match="the arm mail has 6 events of 5 customers"):
        effects_from_counts(counts)

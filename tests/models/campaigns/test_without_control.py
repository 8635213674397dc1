"""Without a control group: a change and its biases, a matched difference and its doubt, a test."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.next_test import customers_for_means, customers_for_shares
from src.models.campaigns.without_control import before_after, matched, proposed_test
from src.models.products.sensitivity import e_value, e_value_of_interval


def picked(seed, customers=1_500, effect=0.0, unseen=0.0):
    """Customers picked by tenure, and by a mood that nobody sees, who leave by both."""
    rng = np.random.default_rng(seed)
    tenure, mood = rng.uniform(0, 1, customers), rng.standard_normal(customers)
    is_contacted = pd.Series(rng.random(customers) < 0.2 + 0.4 * tenure + 0.1 * unseen * mood)
    chance = 0.35 - 0.2 * tenure + effect * is_contacted - 0.05 * unseen * mood
    known = pd.DataFrame({"tenure": tenure})
    lost = (rng.random(customers) < chance).astype(float)
    outcomes = pd.DataFrame({"lost": lost, "income": 10 * tenure + rng.normal(size=customers)})
    return known, is_contacted, outcomes


def test_a_change_by_hand():
    contacted = pd.DataFrame({"before": [1.0, 2.0, 3.0], "after": [2.0, 2.0, 5.0]})
    found = before_after(contacted, "before", "after")
    assert (found.before, found.after, found.change.value) == (2.0, 3.0, 1.0)
    assert found.change.high == pytest.approx(1 + 1.959964 * 1 / np.sqrt(3))
    assert found.biases.columns.tolist() == ["bias", "why", "makes_it_look"]
    assert set(found.biases["makes_it_look"]) == {"too good", "too bad", "either"}


def test_matching_takes_out_what_was_seen_and_not_what_was_not():
    seen = [matched(*picked(seed)).comparison.effects.iloc[0] for seed in range(25)]
    assert sum(row["matched_low"] <= 0 <= row["matched_high"] for row in seen) >= 21
    assert np.mean([row["raw"] for row in seen]) < -0.015
    unseen = [matched(*picked(seed, unseen=1.0)).comparison.effects.iloc[0] for seed in range(10)]
    assert np.mean([row["matched"] for row in unseen]) < -0.015


def test_sensitivity_is_that_of_the_ratio():
    known, is_contacted, outcomes = picked(1, effect=-0.12)
    found = matched(known, is_contacted, outcomes)
    row, told = found.comparison.effects.iloc[0], found.sensitivity.iloc[0]
    assert told["ratio"] == pytest.approx(row["buyers"] / row["alike"])
    assert told["e_value"] == e_value(told["ratio"])
    assert told["e_value_of_end"] == e_value_of_interval(told["low"], told["high"]) > 1
    money, of_money = found.comparison.effects.iloc[1], found.sensitivity.iloc[1]
    deviation = outcomes["income"].to_numpy().std()
    assert np.log(of_money["ratio"]) == pytest.approx(0.91 * money["matched"] / deviation)


def test_the_test_is_planned_for_half_of_what_was_matched():
    known, is_contacted, outcomes = picked(2, effect=-0.12)
    found = matched(known, is_contacted, outcomes)
    row = found.comparison.effects.iloc[0]
    expected = customers_for_shares(row["alike"], row["matched"] / 2, control_share=0.2)
    assert proposed_test(found, outcomes, "lost", 0.2) == expected
    money = found.comparison.effects.iloc[1]
    deviation = outcomes["income"].to_numpy().std()
    assert proposed_test(found, outcomes, "income") == customers_for_means(
        deviation, money["matched"] / 2
    )
    with pytest.raises(InputError, match="'orders' is not among what was compared"):
        proposed_test(found, outcomes, "orders")


def test_too_few_and_missing_numbers_are_refused():
    known, is_contacted, outcomes = picked(3, customers=60)
    with pytest.raises(InputError, match="a comparison needs 30 of each"):
        matched(known, is_contacted & (np.arange(60) < 20), outcomes)
    with pytest.raises(InputError, match="after is missing or infinite"):
        before_after(pd.DataFrame({"before": [1.0], "after": [np.nan]}), "before", "after")

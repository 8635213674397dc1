"""Members of small operators: who they are, and that the truth is that of the simulator."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from src.data.operator.generate import simulate
from src.data.operator.settings import B2C, Settings, null_settings
from src.studies.of_campaigns.operators import members_of

SMALL = Settings(b2c_customers=700, b2b_customers=300, hidden_months=0, seed=5)


def test_private_customers_have_the_effect_of_the_truth():
    members = members_of(SMALL, "offer_1").query("segment == 'B2C'")
    tables, true = simulate(SMALL)
    effects = true["effects"].query("campaign_id == 'offer_1'")
    effects = effects[effects["customer_id"].str.startswith("B2C")]
    assert members["arm"].tolist() == effects["arm"].tolist()
    # Private customers leave when they decide to.
    np.testing.assert_allclose(members["true_effect"], effects["effect"], rtol=1e-9)
    # The exits are those of the tables.
    lives = true["lives"].set_index("customer_id").loc[effects["customer_id"]]
    contact = pd.Timestamp(tables["campaigns"].query("campaign_id == 'offer_1'")["date"].min())
    after = 12 * (lives["end_month"].dt.year - contact.year) + lives["end_month"].dt.month
    after = (after - contact.month).where(lambda months: months <= 6)
    np.testing.assert_array_equal(members["left_after"], after)


def test_slow_exits_of_companies_are_seen_less_than_they_are_decided():
    members = members_of(SMALL, "offer_1").query("segment == 'B2B'")
    _, true = simulate(SMALL)
    effects = true["effects"].query("campaign_id == 'offer_1'")
    decided = effects[effects["customer_id"].str.startswith("B2B")]["effect"].mean()
    assert decided < members["true_effect"].mean() < 0
    # Of slow exits in 3, 4, 5 and 6 months, at most half of the window is left.
    assert members["true_effect"].mean() / decided < 0.6


def test_without_effects_the_truth_is_none():
    assert (members_of(null_settings(SMALL), "chain")["true_effect"] == 0).all()


def test_the_truth_is_what_happens_on_average():
    # An offer that keeps nearly everybody; its difference is within chance.
    large = Settings(
        b2c_customers=4_000,
        b2b_customers=0,
        hidden_months=0,
        campaign_share=1.0,
        control_share=0.5,
        b2c=replace(B2C, offer_effect=-1.5),
    )
    members = members_of(large, "offer_1").query("arm != 'bonus'")
    lost = members.groupby("arm")["lost"].agg(["mean", "var", "size"])
    error = np.sqrt((lost["var"] / lost["size"]).sum())
    difference = lost.loc["discount", "mean"] - lost.loc["control", "mean"]
    assert difference == pytest.approx(members["true_effect"].mean(), abs=2.6 * error)
    assert members["true_effect"].mean() < -2 * error

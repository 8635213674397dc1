from types import SimpleNamespace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.reporting.churn import reasons as why

SHARES = pd.DataFrame(
    {"column": ["tenure", "plan", "calls", "town"], "share": [0.4214, 0.3, 0.2, 0.0786]}
)


def test_what_moves_the_winner():
    assert why.explained_sentence(SHARES, 1.0, "forest", "forest") == (
        "What moves the chances of forest most: tenure (42.1%), plan (30.0%) and calls (20.0%)."
    )
    assert why.explained_sentence(SHARES.iloc[:1], 1.0, "forest", "forest") == (
        "What moves the chances of forest most: tenure (42.1%)."
    )


def test_what_moves_a_model_that_stands_for_the_winner():
    assert why.explained_sentence(SHARES, 0.914, "hazard model", "forest") == (
        "What moves the chances of forest most: tenure (42.1%), plan (30.0%) and calls (20.0%). "
        "The winner is hazard model; its order of customers and this one have a rank correlation "
        "of 0.91."
    )


@pytest.mark.parametrize(
    ("shares", "named"),
    [
        ([1.0, 0.95, 0.94], "tenure and plan are"),
        ([1.0, 0.5, 0.1], "tenure is"),
        ([0.9, 0.5, 0.1], "no column is"),
    ],
)
def test_how_sure_the_order_is(shares, named):
    ranks = pd.DataFrame({"column": ["tenure", "plan", "calls"], "top_share": shares})

    assert why.stability_sentence(ranks, 10, jaccard=0.82, kendall=0.714) == (
        f"Trained again on other customers, {named} always among the first 10. Two such rankings "
        "share 82% of their first 10 and correlate at 0.71."
    )


def test_who_is_pushed_furthest():
    values = pd.DataFrame(
        {"tenure": [-2.345, 0.5, 0.1], "plan": [0.2, 1.234, -0.1], "calls": [0.0, 0.1, -1.0]}
    )
    assert why.swarm_sentence(values, 1) == (
        "**plan** puts 1 customer furthest up the list (each by +1.23 or more), **tenure** "
        "furthest down (-2.35)."
    )
    assert why.swarm_sentence(values, 2) == (
        "**plan** puts 2 customers furthest up the list (each by +0.20 or more), **calls** "
        "furthest down (+0.00)."
    )


@pytest.mark.parametrize(
    ("chance", "text"),
    [(0.0, "under 1%"), (0.034, "about 3%"), (0.617, "about 60%"), (0.951, "over 95%")],
)
def test_the_chance_of_one_customer_is_told_roughly(chance, text):
    assert why.about(chance) == text


@pytest.mark.parametrize(
    ("error", "said", "shown"),
    [
        (3.2e-6, "They add up", "3e-06"),
        (1e-4, "They add up", "0.0001"),
        (0.02, "**They do not add up**", "0.02"),
    ],
)
def test_whether_contributions_add_up(error, said, shown):
    assert why.additivity_sentence(error, 1e-4, 2_000) == (
        f"Explained are 2,000 customers. {said}: the sum of a customer's contributions misses the "
        f"model's own log-odds by {shown} at most."
    )


def test_a_column_with_and_without_a_partner():
    strength = pd.DataFrame(
        [[0.4, 0.1], [0.1, 0.5]], index=["tenure", "plan"], columns=["tenure", "plan"]
    )
    assert why.dependence_sentence("tenure", "plan", strength) == (
        "**tenure** acts most together with plan: that part is 25% of the size of its own effect."
    )
    assert why.dependence_sentence("tenure", None, strength) == (
        "**tenure** acts alone: the model has no interaction with it."
    )


def test_odds_ratios_the_surest_first():
    table = pd.DataFrame(
        {
            "column": ["tenure", "plan", "calls"],
            "level": ["", "basic", ""],
            "reference": ["", "max", ""],
            "odds_ratio": [0.96512, 2.5, 1.0],
            "low": [0.9512, 1.812, 0.912],
            "high": [0.97812, 3.4567, 1.1],
            "p_value": [0.001, 0.0001, 0.9],
            "vif": [1.2, 1.5, 1.0],
        }
    )
    expected = pd.DataFrame(
        {
            "what": ["plan: basic (against max)", "tenure", "calls"],
            "odds": ["2.5 (1.81 to 3.46)", "0.965 (0.951 to 0.978)", "1 (0.912 to 1.1)"],
            "p_value": [0.0001, 0.001, 0.9],
            "vif": [1.5, 1.2, 1.0],
        },
        index=[1, 0, 2],
    )
    assert_frame_equal(why.odds_table(table), expected)


@pytest.mark.parametrize(
    ("dropped", "end"),
    [
        ([], "."),
        (["town"], "; left out: town."),
        (["town", "town", "id"], "; left out: town and id."),
    ],
)
def test_on_whom_odds_ratios_were_estimated(dropped, end):
    found = SimpleNamespace(
        table=pd.DataFrame(),
        dropped=pd.DataFrame({"column": dropped}),
        customers=1_200,
        churners=300,
        pseudo_r2=0.2345,
    )
    assert why.odds_sentence(found) == (
        f"Odds ratios of 1,200 customers, 300 of whom churned; McFadden's R2 0.23{end}"
    )

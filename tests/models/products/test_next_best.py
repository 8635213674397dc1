"""Chances of the next product: calibrated, in order, and with a reason that can be counted."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.features.months import Month
from src.features.standing import Standing
from src.models.products import next_best
from src.models.products.next_best import conditions, fit_next, reasons

PRODUCTS = ("first", "second", "other", "unseen")


def listed(holds, segment="B2C", at=100):
    holds = np.array(holds, bool)
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(len(holds))],
            "segment": segment,
            "tenure": 10,
            "since": 5,
            "recent": 0,
            "revenue": 20.0,
        }
    )
    return Standing(Month(at), customers, PRODUCTS, holds, np.where(holds[:, 0], 0, -1))


def world(rng, size=4_000):
    """The second is taken by 30 % of who holds the first, and by 3 % of the others."""
    holds = np.zeros((size, 4), bool)
    holds[:, 0] = rng.random(size) < 0.4
    holds[:, 2] = rng.random(size) < 0.5
    taken = np.zeros((size, 4), bool)
    taken[:, 1] = rng.random(size) < np.where(holds[:, 0], 0.3, 0.03)
    taken[:, 0] = ~holds[:, 0] & (rng.random(size) < 0.1)
    return listed(holds), taken


def test_chances_are_those_of_the_past():
    rng = np.random.default_rng(0)
    now, taken = world(rng, 20_000)
    model = fit_next([(now, taken), world(rng, 20_000)], 6, rng)
    chances = model.chances(now)
    holder, other = now.holds[:, 0], ~now.holds[:, 0]
    assert chances[holder, 1].mean() == pytest.approx(0.3, abs=0.02)
    assert chances[other, 1].mean() == pytest.approx(0.03, abs=0.01)
    # The level is that of the newest list.
    assert np.nansum(chances[:, 1]) == pytest.approx(taken[:, 1].sum(), rel=0.01)
    assert np.isnan(chances[holder, 0]).all()
    # Of what nobody took no chance is known.
    assert np.isnan(chances[:, 2:]).all()
    assert repr(model) == "NextBest: 4 products, B2C"


def test_few_takers_have_one_chance():
    holds = np.zeros((100, 4), bool)
    taken = np.zeros((100, 4), bool)
    taken[:5, 0] = True
    model = fit_next([(listed(holds), taken)], 6, np.random.default_rng(0))
    assert model.chances(listed(holds))[:, 0] == pytest.approx(np.full(100, 0.05))


def test_a_draw_of_the_customers_has_the_level_of_all(monkeypatch):
    monkeypatch.setattr(next_best, "MOST", 1_500)
    rng = np.random.default_rng(1)
    now, taken = world(rng, 20_000)
    chances = fit_next([(now, taken)], 6, rng).chances(now)
    assert np.nansum(chances[:, 1]) == pytest.approx(taken[:, 1].sum(), rel=0.1)


def test_what_was_not_learned_is_said():
    rng = np.random.default_rng(0)
    now, taken = world(rng, 500)
    with pytest.raises(InputError, match="nobody took a product"):
        fit_next([(now, np.zeros_like(taken))], 6, rng)
    model = fit_next([(now, taken)], 6, rng)
    with pytest.raises(InputError, match="learned nothing of the segment B2B"):
        model.chances(listed(now.holds, "B2B"))


def test_conditions_by_hand():
    now = listed([[1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    taken = np.zeros((5, 4), bool)
    taken[0, 1] = taken[3, 1] = True
    found = conditions(now, taken).set_index(["held", "next"])
    pair = found.loc[("first", "second")]
    assert pair[["customers", "takers"]].tolist() == [2, 1]
    assert pair[["share", "others", "times"]].tolist() == [0.5, 0.5, 1.0]
    assert found.loc[("", "second"), ["customers", "takers", "share"]].tolist() == [4, 2, 0.5]


def test_the_reason_is_what_holders_did():
    now, taken = world(np.random.default_rng(0))
    table = conditions(now, taken)
    said = reasons(now, np.where(now.holds[:, 0], 1, 0), table, 6)
    row = table[(table["held"] == "first") & (table["next"] == "second")].iloc[0]
    assert set(said[now.holds[:, 0]]) == {
        f"of {row['customers']:,} like them who hold first, {row['share']:.1%} took second within "
        f"6 months, {row['times']:.1f} times as many as others"
    }
    # Nothing that they hold tells: the reason is what all did, what is held by chance is none.
    alone = table[(table["held"] == "") & (table["next"] == "first")].iloc[0]
    assert set(said[~now.holds[:, 0]]) == {
        f"of {alone['customers']:,} like them who did not have it, {alone['share']:.1%} took first "
        "within 6 months"
    }
    assert reasons(now, np.full(len(taken), -1), table, 6)[0] == ""

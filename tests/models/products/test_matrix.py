"""The product matrix: lifts by hand, order, false discoveries, and what is planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from src.features.takings import FOREVER
from src.models.products.counting import Counts, counted
from src.models.products.matrix import COLUMNS, _prior, matrix, shrunk_lifts
from src.studies.of_products.matrix import customers


def counts(taken_with, at_risk_with, taken, at_risk, before=((0, 0), (0, 0))):
    when = np.zeros((1, 2, 2, 6))
    when[0, 0, 1, :3] = when[0, 1, 0, 3:] = 10  # the row first, as far as dates tell
    return Counts(
        products=("x", "y"),
        is_offered=np.array([True, True]),
        taken=np.array([taken], float),
        at_risk=np.array([at_risk], float),
        taken_with=np.array([taken_with], float),
        at_risk_with=np.array([at_risk_with], float),
        before=np.array([before], float),
        when_both=when,
    )


def test_a_cell_by_hand():
    # 100 take y in 1,000 months at risk; holders of x have 200 of these months and 60 takings.
    found = matrix(
        counts([[0, 60], [0, 0]], [[0, 200], [0, 0]], [50, 100], [500, 1000]), ahead=6, floor=30
    )
    assert tuple(found.columns) == COLUMNS
    cell = found[(found["held"] == "x") & (found["next"] == "y")].iloc[0]
    assert cell["takers"] == 60
    assert cell["share"] == pytest.approx(60 / 150)
    assert cell["expected"] == pytest.approx(20)
    assert cell["lift"] == pytest.approx(3)
    assert cell["confidence"] == pytest.approx(1 - np.exp(-6 * 0.3))
    assert 1 < cell["low"] < cell["shrunk"] < cell["high"]
    # Lifts alone mark nothing: nobody was seen to take both in an order.
    assert cell["p_more"] < 1e-10
    assert cell["p_order"] == 1
    assert not cell["is_marked"]
    other = found[(found["held"] == "y") & (found["next"] == "x")].iloc[0]
    assert not other["is_shown"]
    assert other["takers"] == 0


def test_strata_are_compared_within_themselves():
    """Simpson: within each stratum holders take as all do, though not over both together."""
    one = counts([[0, 40], [0, 0]], [[0, 400], [0, 0]], [0, 50], [0, 500])
    two = counts([[0, 1], [0, 0]], [[0, 100], [0, 0]], [0, 10], [0, 1000])
    both = Counts(
        one.products,
        one.is_offered,
        *(
            np.vstack([getattr(one, name), getattr(two, name)])
            for name in ("taken", "at_risk", "taken_with", "at_risk_with")
        ),
        one.before,
        one.when_both,
    )
    cell = matrix(both, floor=5).iloc[0]
    assert cell["expected"] == pytest.approx(41)
    assert cell["lift"] == pytest.approx(1)
    assert cell["p_more"] > 0.4


def test_the_prior_makes_the_takers_most_likely():
    takers, expected = np.array([30.0, 2, 0, 8, 14]), np.array([10.0, 1, 9, 8, 20])
    shape, rate = _prior(takers, expected)

    def likely(shape, rate):
        return nbinom.logpmf(takers, shape, rate / (rate + expected)).sum()

    best = likely(shape, rate)
    for a, b in ((1.1, 1), (0.9, 1), (1, 1.1), (1, 0.9)):
        assert likely(shape * a, rate * b) < best


def test_few_expected_takers_are_drawn_in_most():
    cells = pd.DataFrame({"takers": [300, 3, 0], "expected": [100.0, 1.0, 0.0]})
    found = shrunk_lifts(cells)
    assert abs(found["shrunk"][0] - 3) <= abs(found["shrunk"][1] - 3) + 1e-9
    assert found["high"][1] - found["low"][1] > found["high"][0] - found["low"][0]
    assert found.loc[2].isna().all()


def test_a_row_that_is_never_taken_is_judged_by_its_lift():
    rng = np.random.default_rng(3)
    ids = [f"c{n}" for n in range(2_000)]
    has = rng.random(2_000) < 0.5
    start = np.ceil(rng.exponential(np.where(has, 15, 60))).astype(int)
    taken = pd.DataFrame({"customer_id": ids, "product": "tv", "start": start, "is_offered": True})
    tariff = pd.DataFrame({"customer_id": ids, "product": "L", "start": -5, "is_offered": False})
    held = pd.concat([taken, tariff[has]]).assign(end=FOREVER)
    watch = pd.DataFrame({"customer_id": ids, "start": 0, "end": 12, "joined": 0})
    found = matrix(counted(held, watch))
    assert found[["held", "next"]].to_numpy().tolist() == [["L", "tv"]]
    assert found["is_marked"].tolist() == [True]


def test_a_product_nobody_took_while_watched_is_blank():
    held = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "product": ["x", "old", "x"],
            "start": [3, -9, 4],
            "end": FOREVER,
            "is_offered": True,
        }
    )
    watch = pd.DataFrame({"customer_id": ["a", "b"], "start": 0, "end": 9, "joined": 0})
    found = matrix(counted(held, watch), floor=1)
    assert not found.loc[found["next"] == "old", "is_shown"].any()
    assert found.loc[found["next"] == "old", "shrunk"].isna().all()


def test_planted_pairs_are_marked_and_shared_appetite_is_not():
    cells = matrix(counted(*customers(np.random.default_rng(1), 4.0)))
    planted = (cells["held"].str[0] == "a") & (cells["next"].str[0] == "b")
    planted &= cells["held"].str[1] == cells["next"].str[1]
    assert cells.loc[planted, "is_marked"].all()
    assert not cells.loc[~planted, "is_marked"].any()
    # Their lifts are above 1 all the same: those who like everything take both.
    assert (cells.loc[~planted & cells["is_shown"], "p_more"] < 0.05).mean() > 0.5

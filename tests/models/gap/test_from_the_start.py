import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.models.gap.bars import gap_bars
from src.models.gap.from_the_start import (
    columns_at_the_start,
    refitted_replicates,
    worth_from_the_start,
)
from src.models.survival.kaplan_meier import kaplan_meier, survival_at
from src.models.value.discounting import discounts


def rows_of(count: int, seed: int, slope: float = 0.0) -> pd.DataFrame:
    """Customers of two groups; where there is a slope, the plan tells who leaves."""
    rng = np.random.default_rng(seed)
    plan = np.arange(count) % 2
    end = rng.geometric(0.04 * np.exp(slope * plan))
    watched = rng.integers(1, 60, count)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(count)],
            "group": np.where(rng.random(count) < 0.4, "B2B", "B2C"),
            "tenure_months": np.minimum(end, watched),
            "churned": (end <= watched).astype(int),
            "monthly_revenue": rng.gamma(2, 20, count).round(2),
            "plan": np.where(plan == 1, "monthly", "term"),
        }
    )


def test_without_columns_that_matter_it_is_the_curve_of_all():
    # Every life twice, once with each plan: the plan tells nothing.
    rows = rows_of(600, 1)
    rows = pd.concat([rows.assign(plan="term"), rows.assign(plan="monthly")], ignore_index=True)
    rows["customer_id"] = np.arange(len(rows))

    found = worth_from_the_start(rows, ["plan"], months=24, annual_rate=0.2, margin_share=0.3)

    lives = rows.assign(duration=rows["tenure_months"], ended=rows["churned"] == 1)
    # The first bill is paid by everybody, that of month 24 by who is there after 23 months.
    curve = survival_at(kaplan_meier(lives), range(24))["survival"].to_numpy()
    assert curve[0] == 1
    lifetime = curve @ discounts(24, 0.2)
    expected = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "group": rows["group"],
            "lifetime": lifetime,
            "revenue": rows["monthly_revenue"] * lifetime,
            "margin": 0.3 * rows["monthly_revenue"] * lifetime,
        }
    )
    # exp(-H) and the product of what stays differ in the third digit where few are at risk.
    assert_frame_equal(found, expected, rtol=2e-3)


def test_who_leaves_sooner_is_worth_less_of_the_same_revenue():
    rows = rows_of(1_500, 2, slope=0.8)
    found = worth_from_the_start(rows, ["plan"], months=36)

    of = found["lifetime"].groupby(rows["plan"]).agg(["min", "max"])
    assert (of["max"] - of["min"]).to_numpy() == pytest.approx(0)
    before, today = np.arange(36), discounts(36)
    for plan, hazard in (("term", 0.04), ("monthly", 0.04 * np.exp(0.8))):
        # Some 400 ends in each: 5 % of a hazard, of which a lifetime shows two thirds.
        truth = (1 - hazard) ** before @ today
        assert of.loc[plan, "min"] == pytest.approx(truth, rel=0.1)
    assert found["margin"].to_numpy() == pytest.approx(0.5 * found["revenue"].to_numpy())


def test_months_that_nobody_was_watched_for_are_refused():
    message = r"^no customer was watched for 72 months; the longest tenure is 57$"
    with pytest.raises(InputError, match=message):
        worth_from_the_start(rows_of(300, 3), ["plan"], months=72)
    with pytest.raises(InputError, match=r"^no life ended, so there is nothing to learn"):
        worth_from_the_start(rows_of(300, 3).assign(churned=0), ["plan"])


def test_columns_that_grow_with_the_life_are_not_of_its_start():
    tenure = np.arange(100)
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        {
            "customer_id": tenure,
            "churned": tenure % 2,
            "tenure_months": tenure,
            "total_charges": 20.0 * tenure + rng.normal(0, 50, 100),
            "discount_left": np.exp(-0.1 * tenure),  # falls with it
            "monthly_charges": rng.normal(50, 10, 100),
            "plan": rng.choice(["a", "b"], 100),
            "is_old": (tenure > 50).astype(int),  # two values: a flag, not a sum
            "age": 0.3 * tenure + rng.normal(0, 20, 100),  # with it, but not so closely
        }
    )

    assert columns_at_the_start(rows) == ["age", "is_old", "monthly_charges", "plan"]
    assert columns_at_the_start(rows[rows.columns[::-1]].sample(frac=1, random_state=1)) == [
        "age",
        "is_old",
        "monthly_charges",
        "plan",
    ]


def by_plan(rows: pd.DataFrame) -> pd.DataFrame:
    return worth_from_the_start(rows, ["plan"], months=24)


def test_replicates_run_the_whole_chain_again_and_are_those_of_the_seed():
    rows = rows_of(300, 5, slope=0.5)
    found, again, other = (
        refitted_replicates(rows, by_plan, "B2B", np.random.default_rng(seed), replicates=4)
        for seed in (1, 1, 2)
    )

    assert_frame_equal(found, again)
    assert not np.allclose(found["bar"], other["bar"])
    assert list(found) == [*gap_bars(by_plan(rows), "B2B"), "replicate"]
    assert found["replicate"].tolist() == np.repeat(range(4), 5).tolist()
    # All but the margin share, which is the same of all, are other ones in each draw.
    assert found.groupby("factor")["bar"].nunique().to_dict() == {
        "lifetime": 4, "arpu": 4, "margin_share": 1, "association": 4, "gap": 4
    }  # fmt: skip


def test_every_replicate_draws_within_the_groups():
    rows = rows_of(60, 6)
    drawn = []

    def chain(part: pd.DataFrame) -> pd.DataFrame:
        drawn.append(part)
        worth = part.assign(lifetime=10.0, revenue=100.0, margin=40.0)
        return worth.assign(margin=worth["margin"].where(worth["group"] == "B2C", 90.0))

    found = refitted_replicates(rows, chain, "B2B", np.random.default_rng(1), replicates=5)

    sizes = rows["group"].value_counts()
    for part in drawn:
        assert part["group"].value_counts().to_dict() == sizes.to_dict()
        assert part.index.tolist() == list(range(60))
        assert part["customer_id"].duplicated().any()
        assert part["customer_id"].isin(rows["customer_id"]).all()
    assert found.query("factor == 'gap'")["bar"].tolist() == [50.0] * 5

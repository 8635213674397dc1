"""Effects by group: tests that keep their level, both scales, equivalence."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.effect import effects
from src.models.campaigns.interaction import by_group, equivalence
from src.models.intervals.proportions import Estimate


def counted(rows):
    """Members from `group`, `arm`, customers, lost."""
    parts = [
        pd.DataFrame({"segment": group, "arm": arm, "lost": np.arange(size) < lost})
        for group, arm, size, lost in rows
    ]
    return pd.concat(parts, ignore_index=True).rename_axis("customer_id").reset_index()


# The same third of leavers is kept; B2C leaves four times as often.
ALIKE = [
    ("B2C", "control", 1_000, 240),
    ("B2C", "call", 1_000, 160),
    ("B2B", "control", 1_000, 60),
    ("B2B", "call", 1_000, 40),
]


def test_effects_by_group_are_those_of_each_group_alone():
    members = counted(ALIKE)
    found = by_group(members, "lost", "segment")
    for segment, row in found.effects.set_index("group").iterrows():
        alone = effects(members[members["segment"] == segment], "lost").iloc[0]
        columns = ["customers", "controls", "treated", "control", "effect", "low", "high", "p"]
        assert row[columns].tolist() == alone[columns].tolist()
    pair = found.pairs.iloc[0]
    error = np.hypot(*found.effects["error"])
    assert (pair["first"], pair["second"]) == ("B2B", "B2C")
    assert pair["difference"] == pytest.approx(-0.02 + 0.08)
    assert pair["high"] - pair["difference"] == pytest.approx(1.95996 * error, rel=1e-4)
    # Of two groups, the test is the square of the pair's z.
    assert found.tests["statistic"].item() == pytest.approx((0.06 / error) ** 2)
    assert found.tests["p"].item() == pytest.approx(pair["p"])


def test_equal_ratios_are_unequal_differences():
    members = counted(ALIKE)
    assert by_group(members, "lost", "segment").tests["p"].item() < 0.01
    found = by_group(members, "lost", "segment", scale="ratio")
    assert found.tests["p"].item() > 0.9
    assert found.effects["effect"].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert found.pairs["difference"].item() == pytest.approx(1)
    error = np.sqrt(0.96 / 40 + 0.94 / 60)
    assert found.effects["error"].iloc[0] == pytest.approx(error)


def test_the_test_keeps_its_level():
    rng = np.random.default_rng(1)
    rejected = 0
    for _ in range(25):
        members = pd.DataFrame(
            {
                "customer_id": range(600),
                "arm": rng.choice(["control", "mail"], 600),
                "role": rng.choice(["end user", "decision maker", "both"], 600),
                "income": rng.normal(size=600),
            }
        )
        rejected += by_group(members, "income", "role").tests["p"].item() < 0.05
    assert rejected <= 4


def test_small_groups_are_left_out_and_named():
    members = counted([*ALIKE, ("partner", "control", 9, 1), ("partner", "call", 30, 1)])
    assert by_group(members, "lost", "segment").left_out == ("partner",)
    none = counted([*ALIKE, ("new", "control", 50, 0), ("new", "call", 50, 2)])
    assert by_group(none, "lost", "segment", scale="ratio").left_out == ("new",)
    assert by_group(none, "lost", "segment").left_out == ()


def test_equivalence_is_not_the_lack_of_a_difference():
    vague = equivalence(Estimate(0.0, -1.0, 1.0), Estimate(0.0, -1.0, 1.0), 0.5)
    assert not vague.is_equivalent
    sharp = equivalence(Estimate(0.02, 0.0, 0.04), Estimate(0.03, 0.01, 0.05), 0.05)
    assert sharp.is_equivalent
    assert -0.05 < sharp.interval.low < sharp.interval.high < 0.05
    assert equivalence(Estimate(1, 1, 1), Estimate(0, 0, 0), 0.5).p == 1
    with pytest.raises(InputError, match="margin of an equivalence must be above 0"):
        equivalence(Estimate(0, 0, 0), Estimate(0, 0, 0), 0.0)


def test_what_has_no_interaction_is_refused():
    members = counted(ALIKE)
    with pytest.raises(InputError, match="fewer than two groups with 10 customers in each arm"):
        by_group(members.assign(segment="B2C"), "lost", "segment")
    with pytest.raises(InputError, match="income is not yes or no"):
        by_group(members.assign(income=2.5), "income", "segment", scale="ratio")
    with pytest.raises(InputError, match="scale must be one of difference, ratio"):
        by_group(members, "lost", "segment", scale="odds")

"""Opening by instrument: right where openers are of another kind, refused where it cannot be."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.campaigns.effect import effects
from src.models.campaigns.opening import effects_of_opening


def mailed(seed, customers=2_000, effect=-0.1, open_share=0.5):
    """Customers who care open and stay; opening moves the chance to leave by `effect`."""
    rng = np.random.default_rng(seed)
    cares = rng.random(customers) < open_share
    arm = np.where(rng.random(customers) < 0.4, "control", "mail")
    opened = cares & (arm == "mail")
    lost = rng.random(customers) < 0.5 - 0.3 * cares + effect * opened
    return pd.DataFrame(
        {"customer_id": range(customers), "arm": arm, "opened": opened, "lost": lost}
    )


def test_the_instrument_holds_the_effect_and_the_naive_comparison_does_not():
    inside = naive = 0
    for seed in range(100):
        found = effects_of_opening(mailed(seed), "lost", works_only_when_opened=True)[0]
        inside += found.effect.low <= -0.1 <= found.effect.high
        naive += found.naive.low <= -0.1 <= found.naive.high
    assert 90 <= inside <= 99
    assert naive == 0


def test_the_effect_by_hand():
    frame = pd.DataFrame(
        {
            "customer_id": range(40),
            "arm": ["control"] * 20 + ["mail"] * 20,
            "opened": [False] * 20 + [True] * 10 + [False] * 10,
            "lost": [1] * 10 + [0] * 10 + [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5,
        }
    )
    found = effects_of_opening(frame, "lost", works_only_when_opened=True)[0]
    assert found.opened == 0.5
    assert found.assigned.value == pytest.approx(0.35 - 0.5)
    assert found.effect.value == pytest.approx(-0.3)
    assert found.naive.value == pytest.approx(-0.3)
    assert found.first_stage == pytest.approx(0.5**2 / (0.25 / 19))
    # At the ends, the outcome less the end times opened differs by 1.96 errors.
    for end, side in ((found.effect.low, 1), (found.effect.high, -1)):
        row = effects(frame.assign(left=frame["lost"] - end * frame["opened"]), "left").iloc[0]
        assert row["z"] == pytest.approx(side * 1.95996, abs=1e-4)
    assert found.why_not == ""


def test_not_opening_is_handled_by_the_assignment():
    frame = mailed(1)
    row = effects(frame, "lost").iloc[0]
    assigned = effects_of_opening(frame, "lost", works_only_when_opened=True)[0].assigned
    assert (assigned.value, assigned.low, assigned.high) == pytest.approx(
        (row["effect"], row["low"], row["high"])
    )


def test_designs_that_do_not_carry_it_say_why():
    frame = mailed(2)

    def why(each, only=True):
        found = effects_of_opening(each, "lost", works_only_when_opened=only)[0]
        assert found.effect is None
        return found.why_not

    assert "may work on customers who do not open it" in why(frame, only=False)
    crossed = frame.assign(opened=frame["opened"] | (frame["arm"] == "control"))
    assert "controls opened a message" in why(crossed)
    assert "nobody in the arm mail opened" in why(frame.assign(opened=False))
    few = frame.assign(opened=frame["opened"] & (frame["opened"].cumsum() <= 5))
    assert "too few of the arm mail opened to tell" in why(few)


def test_where_all_open_the_effect_is_that_of_assignment():
    frame = mailed(4).assign(opened=lambda each: each["arm"] == "mail")
    found = effects_of_opening(frame, "lost", works_only_when_opened=True)[0]
    assert found.naive is None
    assert found.effect.value == found.assigned.value
    # Its ends are normal.
    reach = 1.959964 * effects(frame, "lost")["error"].item()
    assert found.effect.high - found.effect.value == pytest.approx(reach, rel=1e-6)
    assert found.effect.value - found.effect.low == pytest.approx(reach, rel=1e-6)


def test_what_cannot_be_read_is_refused():
    frame = mailed(3)
    with pytest.raises(InputError, match="opened is missing for 1 members"):
        effects_of_opening(
            frame.assign(opened=frame["opened"].astype("boolean").mask(frame.index == 0)),
            "lost",
            works_only_when_opened=True,
        )
    with pytest.raises(InputError, match="the arm mail has 9 customers; 10 are needed"):
        effects_of_opening(
            pd.concat([frame[frame["arm"] == "control"], frame[frame["arm"] == "mail"].head(9)]),
            "lost",
            works_only_when_opened=True,
        )

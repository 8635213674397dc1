"""What a list earns, by hand: four customers, and whether a rate at which nothing is earned is."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.analyses.churn.campaign import EVERYBODY, LARGEST, LIST, Campaign
from src.analyses.missing import Missing
from src.analyses.settings.churn import Setting
from src.models.profit.contact import contact_profit

# An accept rate of 30%, an offer of 10, a contact of 1.
SETTING = Setting(replicates=100)


def four() -> pd.DataFrame:
    """`a` and `d` can be saved, `b` stays, `c` is gone; the model is `best`."""
    return pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "churned": [True, False, True, True],
            "savable": [True, False, False, True],
            "unreachable": [False, False, True, False],
            "value": [210.0, 110.0, 60.0, 30.0],
            "chance": [0.9, 0.2, 0.9, 0.7],
            "best savable": [0.8, 0.1, 0.0, 0.5],
            "best unreachable": [0.1, 0.1, 0.9, 0.2],
            "base_rate savable": 0.35,
            "base_rate unreachable": 0.3,
            "recency": [0.0, 0.0, 2.0, 1.0],
            "recency savable": 0.35,
            "recency unreachable": 0.3,
        }
    )


@pytest.fixture
def campaign():
    return Campaign.planned(four(), "best", SETTING, "EUR")


def deep(share: float, rows: pd.DataFrame | None = None, **others: float) -> Campaign:
    """The list planned so deep."""
    planned = Campaign.planned(four() if rows is None else rows, "best", SETTING, "EUR")
    return Campaign(planned.rows, {**planned.shares, LIST: share, **others}, SETTING, "EUR")


def test_what_a_contact_is_expected_to_bring_and_what_it_brought(campaign):
    # Savable x 30% x (value - 10) - stays x 10 - 1, of chances and of what came.
    assert campaign.rows[LIST].tolist() == pytest.approx([46, -6, -2, -1])
    assert campaign.rows["profit"].tolist() == pytest.approx([59, -11, -1, 5])


def test_every_order_is_planned_before_anybody_left(campaign):
    # At the base rate a customer is expected to bring 0.105 x (value - 10) - 4.5: 16.5, 6, 0.75
    # and -2.4, in the order of value; by recency d and c come first, then a and b together.
    assert campaign.shares == {
        LIST: 0.25,
        "chance alone": 0.25,
        "recency": 1.0,
        LARGEST: 0.75,
        EVERYBODY: 1.0,
    }
    assert campaign.depth == 0.25


def test_what_each_order_would_have_earned(campaign):
    expected = pd.DataFrame(
        {
            "ordering": [LIST, "chance alone", "recency", LARGEST, EVERYBODY],
            "share": [0.25, 0.25, 1.0, 0.75, 1.0],
            "profit": [59.0, 59.0, 52.0, 47.0, 52.0],
            "difference": [0.0, 0.0, -7.0, -12.0, -7.0],
        }
    )
    assert_frame_equal(campaign.earned()[list(expected)], expected)


def test_whom_to_contact_first(campaign):
    assert_frame_equal(
        campaign.list(),
        pd.DataFrame(
            {
                "customer_id": ["a", "d", "c", "b"],
                "chance": [0.9, 0.7, 0.9, 0.2],
                "value": [210.0, 30.0, 60.0, 110.0],
                LIST: [46.0, -1.0, -2.0, -6.0],
            }
        ),
    )
    panel = Campaign.planned(four().assign(silent=[0, 0, 2, 1], gone=0.5), "best", SETTING, "EUR")
    wanted = ["customer_id", "silent", "gone", "chance", "value", LIST]
    assert panel.list().columns.tolist() == wanted


def test_the_gain_is_told_against_the_largest_first(campaign):
    gain, largest = campaign.gain(), campaign.earned().set_index("ordering").loc[LARGEST]
    assert gain.value == 12.0
    assert (gain.low, gain.high) == (-largest["difference_high"], -largest["difference_low"])
    assert gain.low <= gain.value <= gain.high


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "contacting nobody"),
        (1.0, "contacting everybody"),
        (0.754, "contacting the largest 75%"),
        (0.1, "contacting the largest 10%"),
        (0.004, "contacting the largest 0.4%"),
    ],
)
def test_the_cheap_alternative_in_words(share, said):
    assert deep(0.25, **{LARGEST: share}).alternative == said


def test_where_nobody_is_the_alternative_the_gain_is_the_profit():
    rows = four().assign(**{"base_rate savable": 0.01})
    campaign = Campaign.planned(rows, "best", SETTING, "EUR")
    assert campaign.alternative == "contacting nobody"
    own = campaign.earned().iloc[0]
    gain = campaign.gain()
    assert (gain.value, gain.low, gain.high) == (own["profit"], own["low"], own["high"])


def test_a_contact_of_the_gone_costs_what_it_costs_and_no_offer():
    """Three on the list: 1 + 1 + 1 paid for a, d and the gone c, 200 + 20 to be brought."""
    assert deep(0.75).break_even().value == pytest.approx(3 / 220)
    # b, who stays, takes the offer too.
    assert deep(1.0).break_even().value == pytest.approx(14 / 220)
    assert deep(0.25).break_even().value == pytest.approx(1 / 200)


def test_at_that_rate_nothing_is_earned():
    rng = np.random.default_rng(3)
    size = 1_000
    came = rng.choice(3, size, p=[0.3, 0.2, 0.5])
    rows = pd.DataFrame(
        {
            "customer_id": np.arange(size),
            "churned": came < 2,
            "savable": came == 0,
            "unreachable": came == 1,
            "value": rng.gamma(3, 60, size),
            "chance": rng.random(size),
            "best savable": rng.random(size) * 0.6,
            "best unreachable": rng.random(size) * 0.4,
            "base_rate savable": 0.1,
            "base_rate unreachable": 0.1,
        }
    )
    campaign = deep(0.3, rows)
    needed = campaign.break_even()
    first = campaign.rows.nlargest(300, LIST)
    at_it = contact_profit(
        first["savable"].astype(float),
        first["value"],
        first["unreachable"].astype(float),
        offer=10,
        contact=1,
        accept_rate=needed.value,
    )
    assert at_it.sum() == pytest.approx(0, abs=1e-9)
    # The interval against customers drawn again.
    drawn = [deep(0.3, rows.iloc[rng.integers(0, size, size)]) for _ in range(300)]
    again = np.quantile([each.break_even().value for each in drawn], [0.025, 0.975])
    width = needed.high - needed.low
    assert [needed.low, needed.high] == pytest.approx(again, abs=0.2 * width)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_where_nobody_on_the_list_could_be_saved_there_is_no_rate(share):
    rows = four() if share == 0 else four().assign(savable=False)
    assert deep(share, rows).break_even() == Missing(
        "savable customers on the planned list", "the break-even accept rate"
    )

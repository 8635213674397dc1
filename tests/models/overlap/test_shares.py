"""Shares of an overlap, corrected for wrong and missing links."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.overlap.shares import STRATA, bounds, overlap, sample_of, stratified

SUBSCRIBERS = pd.Index([f"s{place}" for place in range(20)])


def shop(links: list[str | None]) -> pd.DataFrame:
    keys = [f"k{place}" for place in range(len(links))]
    return pd.DataFrame({"buyer_key": keys, "customer_id": links})


def looked_up(**owners: str | None) -> pd.DataFrame:
    return pd.DataFrame({"buyer_key": list(owners), "customer_id": list(owners.values())})


def test_a_small_shop_by_hand():
    # Four linked: two to subscribers, of whom one is looked up and right, ...; four not linked.
    accounts = shop(["s1", "s2", "x1", "x2", None, None, None, None])
    checks = looked_up(k0="s1", k1="s9", k2="x1", k4=None, k5="s5", elsewhere="s7")
    found = overlap(accounts, checks, SUBSCRIBERS)
    # To subscribers 2/8 x 1, to former ones 2/8 x 0, not linked 4/8 x 1/2.
    assert found.share.value == pytest.approx(0.25 + 0.25)
    assert found.of_subscribers.value == pytest.approx(8 / 20 * 0.5)
    assert (found.raw, found.raw_of_subscribers) == (0.25, 0.1)
    assert (found.accounts, found.subscribers, found.checked) == (8, 20, 5)
    links = found.links[["linked", "accounts", "checked", "right", "other", "stranger"]]
    expected = pd.DataFrame(
        {
            "linked": STRATA,
            "accounts": [2, 2, 4],
            "checked": [2, 1, 2],
            "right": [0.5, 0.0, 0.0],
            "other": [0.5, 0.0, 0.5],
            "stranger": [0.0, 1.0, 0.5],
        }
    )
    pd.testing.assert_frame_equal(links, expected)


def test_a_wrong_link_to_another_subscriber_is_no_error_of_the_share():
    accounts = shop(["s1", "s2", None, None])
    wrong = looked_up(k0="s2", k1="s1", k2=None, k3=None)
    right = looked_up(k0="s1", k1="s2", k2=None, k3=None)
    one, other = (overlap(accounts, checks, SUBSCRIBERS) for checks in (wrong, right))
    assert one.share == other.share
    assert one.links.loc[0, "right"] == 0.0
    assert other.links.loc[0, "right"] == 1.0


def test_a_person_with_two_accounts_is_one_subscriber():
    accounts = shop(["s1", "s1", "s2", None])
    checks = looked_up(k0="s1", k1="s1", k2="s2", k3=None)
    found = overlap(accounts, checks, SUBSCRIBERS)
    assert found.share.value == 0.75
    assert found.of_subscribers.value == pytest.approx(2 / 20)


def test_all_looked_up_leaves_nothing_to_guess():
    accounts = shop(["s1", "s2", None, None])
    checks = looked_up(k0="s1", k1=None, k2=None, k3="s9")
    share = overlap(accounts, checks, SUBSCRIBERS).share
    assert (share.value, share.low, share.high) == (0.5, 0.5, 0.5)


def test_one_stratum_has_the_interval_of_wilson():
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3: 81 of 263.
    values = pd.Series([1.0] * 81 + [0.0] * 182)
    endless = pd.Series({"not linked": 10**9})
    share = stratified(values, pd.Series(["not linked"] * 263), endless)
    assert (share.low, share.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_two_strata_have_the_interval_of_newcombe():
    # The difference 56/70 - 48/80 has 0.0524 to 0.3339 (Newcombe 1998, ibid. 873-890, table II,
    # method 10); the mean of 56/70 and 1 - 48/80 is (1 + difference) / 2.
    values = pd.Series([1.0] * 56 + [0.0] * 14 + [1.0] * 32 + [0.0] * 48)
    strata = pd.Series([STRATA[0]] * 70 + [STRATA[2]] * 80)
    endless = pd.Series({STRATA[0]: 10**9, STRATA[2]: 10**9})
    share = stratified(values, strata, endless)
    expected = ((1 + 0.0524) / 2, (1 + 0.3339) / 2)
    assert (share.low, share.high) == pytest.approx(expected, abs=5e-5)


def test_a_stratum_without_a_check_keeps_its_claim_and_any_share_is_possible():
    accounts = shop(["s1", None])
    found = overlap(accounts, looked_up(k1=None), SUBSCRIBERS)
    assert (found.share.value, found.share.low, found.share.high) == (0.5, 0.0, 0.5)


def test_shuffled_rows_give_the_same():
    rng = np.random.default_rng(3)
    accounts = shop([f"s{place % 20}" if place % 3 else None for place in range(200)])
    checks = accounts.sample(60, random_state=rng)
    one = overlap(accounts, checks, SUBSCRIBERS)
    other = overlap(accounts.sample(frac=1, random_state=rng), checks[::-1], SUBSCRIBERS[::-1])
    assert one.share == other.share
    assert one.of_subscribers.value == pytest.approx(other.of_subscribers.value)


def test_without_a_sample_there_are_bounds():
    accounts = shop(["s1", "s1", "s2", "x1", None, None])
    expected = pd.DataFrame(
        {
            "assumed": ["every link is right", "any link may be wrong"],
            "low": [3 / 6, 0.0],
            "high": [6 / 6, 1.0],
            "of_low": [2 / 20, 0.0],
            "of_high": [5 / 20, 6 / 20],
        }
    )
    pd.testing.assert_frame_equal(bounds(accounts, SUBSCRIBERS), expected)


def test_no_more_accounts_can_be_of_subscribers_than_there_are():
    found = bounds(shop([None] * 10 + ["s1"]), SUBSCRIBERS[:4])
    assert found["high"].tolist() == pytest.approx([4 / 11, 4 / 11])


@pytest.mark.parametrize(
    ("accounts", "checks", "subscribers", "message"),
    [
        (shop([]), looked_up(k0=None), SUBSCRIBERS, "the shop has no buyer"),
        (shop([None]), looked_up(k0=None), SUBSCRIBERS[:0], "there is no subscriber"),
        (shop([None]), looked_up(other=None), SUBSCRIBERS, "no account of the shop was looked up"),
        (
            pd.concat([shop([None])] * 2),
            looked_up(k0=None),
            SUBSCRIBERS,
            "one row per buyer_key",
        ),
    ],
)
def test_what_cannot_be_answered_is_said(accounts, checks, subscribers, message):
    with pytest.raises(InputError, match=message):
        overlap(accounts, checks, subscribers)


def test_a_buyer_looked_up_twice_counts_once():
    checks = pd.concat([looked_up(k0="s1"), looked_up(k0="s1", k1=None)])
    assert len(sample_of(shop(["s1", None]), checks, SUBSCRIBERS).true) == 2

"""How many leavers an offer kept: counts by hand, statsmodels, and how often intervals hold."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import StratifiedTable

from src.data.problems import InputError
from src.models.profit.saved_share import saved_share

MARCH = pd.Timestamp("2025-03-01")
FAR = pd.Timestamp("2030-01-01")


def months(*after_march: int | None) -> list[pd.Timestamp | None]:
    return [None if n is None else MARCH + pd.DateOffset(months=n) for n in after_march]


def group(campaign: str, arm: str, left: int, size: int, prefix: str = "") -> pd.DataFrame:
    """Contacted on 14 March 2025; the first `left` of them leave two months later."""
    return pd.DataFrame(
        {
            "campaign_id": campaign,
            "customer_id": [f"{prefix}{campaign}-{arm}-{place}" for place in range(size)],
            "date": pd.Timestamp("2025-03-14"),
            "arm": arm,
            "start": pd.Timestamp("2024-01-01"),
            "end": months(*[2 if place < left else None for place in range(size)]),
        }
    )


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The campaigns and the lives of the contacted."""
    lives = rows[["customer_id", "start", "end"]].assign(end=pd.to_datetime(rows["end"]))
    return rows[["campaign_id", "customer_id", "date", "arm"]], lives


def found(*groups: pd.DataFrame, follow_up: pd.Timestamp = FAR, ahead: int = 3, **others):
    return saved_share(*split(pd.concat(groups)), follow_up, months=ahead, **others)


def test_one_campaign_by_hand():
    """20 of 200 treated left and 15 of 100 controls: a third of leavers was kept."""
    kept = found(group("a", "call", 20, 200), group("a", "control", 15, 100))

    # The variance of the logarithm of a ratio of two proportions.
    error = np.sqrt(1 / 20 - 1 / 200 + 1 / 15 - 1 / 100)
    assert kept.share.value == pytest.approx(1 / 3)
    assert kept.share.low == pytest.approx(1 - 2 / 3 * np.exp(1.959964 * error))
    assert kept.share.high == pytest.approx(1 - 2 / 3 * np.exp(-1.959964 * error))
    assert (kept.campaigns, kept.treated, kept.controls, kept.months) == (1, 200, 100, 3)
    assert (kept.churn, kept.churn_control) == (0.1, 0.15)


def test_campaigns_are_added_up_each_against_its_own_controls():
    """As statsmodels pools risk ratios; adding the counts up would say that offers drive away."""
    mild = group("mild", "call", 12, 300), group("mild", "control", 30, 600)
    harsh = group("harsh", "mail", 160, 400), group("harsh", "control", 30, 60)

    kept = found(*mild, *harsh, confidence=0.9)

    tables = [np.array([[12, 288], [30, 570]]), np.array([[160, 240], [30, 30]])]
    assert kept.share.value == pytest.approx(1 - StratifiedTable(tables).riskratio_pooled)
    assert kept.share.value == pytest.approx(0.2, abs=0.005)
    assert kept.churn > kept.churn_control
    assert (kept.campaigns, kept.treated, kept.controls) == (2, 700, 660)
    # Greenland and Robins 1985, equation 13, term by term.
    sums = np.zeros(3)
    for (a, _), (c, _) in tables:
        treated, controls = (300, 600) if a == 12 else (400, 60)
        size = treated + controls
        sums += [
            (treated * controls * (a + c) - a * c * size) / size**2,
            a * controls / size,
            c * treated / size,
        ]
    error = np.sqrt(sums[0] / (sums[1] * sums[2]))
    ratio = sums[1] / sums[2]
    ends = 1 - ratio * np.exp(np.array([1, -1]) * norm.ppf(0.95) * error)
    assert [kept.share.low, kept.share.high] == pytest.approx(ends)


def test_all_arms_with_an_offer_are_treated():
    once = found(group("a", "call", 20, 200), group("a", "control", 15, 100))
    parts = group("a", "call", 12, 90), group("a", "mail", 8, 110)
    assert found(*parts, group("a", "control", 15, 100)) == once


def test_below_nought_where_more_of_the_treated_left():
    kept = found(group("a", "call", 30, 100), group("a", "control", 20, 100))
    assert kept.share.value == pytest.approx(-0.5)
    assert kept.share.low < kept.share.value < kept.share.high


def test_who_leaves_in_the_months_counts_and_nobody_else():
    """Of four in each arm, by month of the end; and who is no customer at the end of March."""
    few = {"start": [pd.Timestamp("2024-01-01")] * 5 + [pd.Timestamp("2025-04-01")]}
    few |= {"end": months(1, 3, 4, None, 0, None)}  # 0: gone in March; the last starts in April
    rows = [group("b", arm, 0, 6).assign(**few).assign(arm=arm) for arm in ("call", "control")]
    kept = found(*rows, group("a", "call", 20, 200), group("a", "control", 15, 100))
    assert (kept.treated, kept.controls) == (204, 104)
    assert kept.churn == pytest.approx(22 / 204)
    assert kept.churn_control == pytest.approx(17 / 104)


def test_the_first_contact_of_a_customer_in_a_campaign_counts():
    """A control who is called later stays one; who came back is followed in the later life."""
    rows = pd.concat([group("a", "call", 20, 200), group("a", "control", 15, 100)])
    contacts, lives = split(rows)
    again = contacts.assign(date=pd.Timestamp("2025-05-02"), arm="call")
    earlier = lives.assign(start=pd.Timestamp("2022-01-01"), end=pd.Timestamp("2023-01-01"))
    both = saved_share(pd.concat([again, contacts]), pd.concat([earlier, lives]), FAR, months=3)
    assert both == saved_share(contacts, lives, FAR, months=3)


@pytest.mark.parametrize("shuffle", range(3))
def test_the_order_of_rows_does_not_matter(shuffle):
    rows = pd.concat([group("a", "call", 20, 200), group("a", "control", 15, 100)])
    mixed = rows.sample(frac=1, random_state=shuffle)
    assert found(mixed) == found(rows)


def test_campaigns_beyond_follow_up_or_without_controls_do_not_count():
    one = group("a", "call", 20, 200), group("a", "control", 15, 100)
    lonely = group("lonely", "call", 90, 100)
    late = [
        group("late", arm, 50, 100).assign(date=pd.Timestamp("2025-05-30"))
        for arm in ("call", "control")
    ]
    june = pd.Timestamp("2025-06-01")
    # March and three months are June: inside; May and three are not.
    assert found(*one, lonely, *late, follow_up=june) == found(*one)
    assert found(*one, follow_up=pd.Timestamp("2025-05-01")) is None
    assert found(lonely) is None


@pytest.mark.parametrize(("treated", "controls"), [(9, 50), (50, 9)])
def test_few_leavers_tell_nothing(treated, controls):
    assert found(group("a", "call", treated, 200), group("a", "control", controls, 200)) is None
    enough = (
        group("a", "call", max(treated, 10), 200),
        group("a", "control", max(controls, 10), 200),
    )
    assert found(*enough) is not None


def test_a_column_that_is_absent_is_named():
    contacts, lives = split(group("a", "call", 20, 200))
    with pytest.raises(InputError, match="arm"):
        saved_share(contacts.drop(columns="arm"), lives, FAR, months=3)


@pytest.mark.slow
def test_intervals_hold_as_often_as_they_say():
    """Three campaigns of unequal size and churn, an offer that keeps a quarter of leavers."""
    rng = np.random.default_rng(11)
    plans = [("a", 400, 200, 0.1), ("b", 150, 300, 0.25), ("c", 250, 60, 0.4)]
    held = []
    for _ in range(200):
        groups = []
        for name, treated, controls, churn in plans:
            groups.append(group(name, "call", rng.binomial(treated, 0.75 * churn), treated))
            groups.append(group(name, "control", rng.binomial(controls, churn), controls))
        share = found(*groups, confidence=0.9).share
        held.append(share.low <= 0.25 <= share.high)
    # Of 200 the share that holds is within 2.5 standard errors of 90%.
    assert 0.84 <= np.mean(held) <= 0.96

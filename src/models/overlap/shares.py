"""How far two bases overlap, corrected by accounts whose owner somebody looked up.

Links are wrong at times and missing at others, so the linked share is no share of people. A sample
drawn at random among the linked accounts and among the others says how often. In each stratum the
share is that of the sample, and strata are weighted by their accounts:

    share = sum of w_h p_h,  w_h = N_h / N,  p_h = hits_h / checked_h

The interval takes Wilson's in each stratum, with n (N - 1) / (N - n) in place of n as the N
accounts are all there are, and puts them together: its ends are share -+ sqrt(sum of
(w_h (p_h - end_h))^2) (MOVER). Sources: Wilson 1927; Newcombe 1998, Statistics in Medicine 17,
873-890; Zou and Donner 2008, ibid. 27, 1693-1702; Cochran 1977, section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns
from src.models.intervals.proportions import Estimate, wilson

TO_SUBSCRIBER, TO_OTHER, TO_NOBODY = "to a subscriber", "to a former one", "not linked"
STRATA = (TO_SUBSCRIBER, TO_OTHER, TO_NOBODY)


@dataclass(frozen=True)
class Overlap:
    """The overlap of the accounts of a shop with the subscribers of an operator.

    `share`: of the accounts, those of subscribers; `of_subscribers`: of the subscribers, those who
    have an account. `raw` and `raw_of_subscribers` are what links alone say. `links` has a row per
    stratum: `linked`, `accounts`, `checked`, and of the checked the shares `right` (linked to whom
    they belong), `other` (of a subscriber, but not the one linked) and `stranger` (of no
    subscriber), each with `_low` and `_high`.
    """

    share: Estimate
    of_subscribers: Estimate
    raw: float
    raw_of_subscribers: float
    accounts: int
    subscribers: int
    checked: int
    links: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Sample:
    """The accounts of a shop, and those of them whose owner was looked up.

    `accounts`: one row per account, by `buyer_key`; `stratum` of each; `sizes` of the strata. Of
    the looked-up ones, by `buyer_key`: `true`, the customer, missing for a stranger;
    `is_subscriber`; `owned`, how many accounts that customer has.
    """

    accounts: pd.DataFrame
    stratum: pd.Series
    sizes: pd.Series
    true: pd.Series
    is_subscriber: pd.Series
    owned: pd.Series

    @property
    def strata(self) -> pd.Series:
        """The stratum of each looked-up account."""
        return self.stratum.loc[self.true.index]


def sample_of(accounts: pd.DataFrame, checks: pd.DataFrame, subscribers: pd.Index) -> Sample:
    """The accounts and what `checks` say of them; see `overlap` for the columns and the errors."""
    accounts = _one_row_each(accounts, subscribers)
    check_columns(checks, ["buyer_key", "customer_id"])
    true = checks.drop_duplicates("buyer_key").set_index("buyer_key")["customer_id"]
    true = true[true.index.isin(accounts.index)]
    if true.empty:
        raise InputError("no account of the shop was looked up (link_checks names none of them)")
    stratum = strata_of(accounts, subscribers)
    # Of who was found: this account, and others that are linked to the same customer.
    links = accounts["customer_id"].value_counts()
    is_right = accounts["customer_id"].loc[true.index] == true
    return Sample(
        accounts=accounts,
        stratum=stratum,
        sizes=stratum.value_counts().reindex(STRATA, fill_value=0),
        true=true,
        is_subscriber=true.isin(subscribers),
        owned=1.0 + true.map(links).fillna(0).astype(float) - is_right,
    )


def strata_of(accounts: pd.DataFrame, subscribers: pd.Index) -> pd.Series:
    """The stratum of each account, by its link: one of `STRATA`. Reads `customer_id`.

    >>> strata_of(pd.DataFrame({"customer_id": ["a", "x", None]}), pd.Index(["a"])).tolist()
    ['to a subscriber', 'to a former one', 'not linked']
    """
    link = accounts["customer_id"]
    names = np.select([link.isin(subscribers), link.notna()], STRATA[:2], TO_NOBODY)
    return pd.Series(names, accounts.index, dtype="object", name="linked")


def overlap(
    accounts: pd.DataFrame,
    checks: pd.DataFrame,
    subscribers: pd.Index,
    confidence: float = 0.95,
) -> Overlap:
    """The overlap both ways, corrected by `checks`.

    `accounts`: one row per account, `buyer_key` and `customer_id`, the link, missing for none;
    `checks`: `buyer_key` and the true `customer_id`, missing for a stranger; `subscribers`: ids of
    those who count. A wrong link to another subscriber is no error for the share: what counts is
    whether the buyer is a subscriber at all. An account of somebody with k accounts is 1/k of a
    person in `of_subscribers`; a further account is seen where it is linked to the one who was
    found, and the share is too high by those that are linked to nobody.

    Assumes that checks were drawn at random among linked and among unlinked accounts, at whatever
    rates, and are right. A stratum without a check keeps what its links claim, with an interval
    from 0 to 1. Raises `InputError` where there is no account, no subscriber or no check among
    the accounts.
    """
    sample = sample_of(accounts, checks, subscribers)
    hits = sample.is_subscriber.astype(float)
    share = stratified(hits, sample.strata, sample.sizes, confidence)
    persons = stratified(hits / sample.owned, sample.strata, sample.sizes, confidence)
    times = len(accounts) / len(subscribers)
    ends = (min(times * end, 1.0) for end in (persons.value, persons.low, persons.high))
    is_linked = sample.stratum == TO_SUBSCRIBER
    linked = sample.accounts.loc[is_linked, "customer_id"]
    return Overlap(
        share=share,
        of_subscribers=Estimate(*ends),
        raw=float(is_linked.mean()),
        raw_of_subscribers=linked.nunique() / len(subscribers),
        accounts=len(accounts),
        subscribers=len(subscribers),
        checked=len(sample.true),
        links=_links(sample, confidence),
    )


def stratified(
    values: pd.Series,
    strata: pd.Series,
    sizes: pd.Series,
    confidence: float = 0.95,
    claimed: float = 1.0,
) -> Estimate:
    """The mean of values between 0 and 1 over all accounts, from a sample of each stratum.

    `values` and `strata` of the sample, `sizes`: accounts of each stratum. For values between 0 and
    1 that are no shares the interval is too wide, as p (1 - p) is the largest variance they can
    have. A stratum that holds accounts and no sample is what its links claim, with an interval from
    0 to 1: `claimed` of TO_SUBSCRIBER, 0 of others.

    >>> found = stratified(pd.Series([1.0, 1.0, 0.0, 1.0]), pd.Series(["not linked"] * 4),
    ...                    pd.Series({"not linked": 40}))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.75, 0.313, 0.952)
    """
    sizes = sizes[sizes > 0].astype(float)
    sample = values.groupby(strata).agg(["sum", "size"]).reindex(sizes.index).fillna(0.0)
    checked = sample["size"].to_numpy()
    unseen = sizes.to_numpy() - checked
    told = claimed * (sizes.index == TO_SUBSCRIBER)
    rate = np.where(checked > 0, sample["sum"] / np.maximum(checked, 1), told)
    # All of a stratum looked up leaves nothing to guess; so many checks are as good as that.
    enough = np.where(unseen > 0, checked * (sizes - 1) / np.maximum(unseen, 1), np.inf)
    ends = pd.DataFrame({"low": rate, "high": rate}, index=sizes.index)
    guessed = (checked > 0) & (unseen > 0)
    if guessed.any():
        trials = pd.Series(enough[guessed], sizes.index[guessed])
        ends.loc[guessed] = wilson(rate[guessed] * trials, trials, confidence)[["low", "high"]]
    ends.loc[checked == 0] = [0.0, 1.0]
    weight = (sizes / sizes.sum()).to_numpy()
    value = float(weight @ rate)
    below = np.sqrt(((weight * (rate - ends["low"])) ** 2).sum())
    above = np.sqrt(((weight * (ends["high"] - rate)) ** 2).sum())
    return Estimate(value, float(max(value - below, 0.0)), float(min(value + above, 1.0)))


def bounds(accounts: pd.DataFrame, subscribers: pd.Index) -> pd.DataFrame:
    """What can be said of the overlap where no account was looked up: bounds, no point.

    Returns `assumed` and `low`, `high`, `of_low`, `of_high`: shares of the accounts and of the
    subscribers. If every link is right, at least the linked accounts are of subscribers, and the
    others are too at most as far as there are subscribers left. If no link is right, nothing is
    known but that no more accounts can be of subscribers than there are (one account each).
    Raises `InputError` like `overlap`.
    """
    accounts = _one_row_each(accounts, subscribers)
    linked = accounts.loc[accounts["customer_id"].isin(subscribers), "customer_id"]
    total, people = len(accounts), len(subscribers)
    left = people - linked.nunique()
    more = min(total - len(linked), left)
    rows = [
        ("every link is right", len(linked), len(linked) + more, linked.nunique()),
        ("any link may be wrong", 0, min(total, people), 0),
    ]
    return pd.DataFrame(
        [
            {
                "assumed": assumed,
                "low": low / total,
                "high": high / total,
                "of_low": persons / people,
                "of_high": min((persons + high - low) / people, 1.0),
            }
            for assumed, low, high, persons in rows
        ]
    )


def _one_row_each(accounts: pd.DataFrame, subscribers: pd.Index) -> pd.DataFrame:
    check_columns(accounts, ["buyer_key", "customer_id"])
    if accounts.empty:
        raise InputError("the shop has no buyer, so there is no overlap")
    if not len(subscribers):
        raise InputError("there is no subscriber, so there is no overlap")
    if accounts["buyer_key"].duplicated().any():
        raise InputError("accounts must have one row per buyer_key")
    return accounts.set_index("buyer_key", drop=False)


def _links(sample: Sample, confidence: float) -> pd.DataFrame:
    """How good links are, stratum by stratum; see `Overlap`."""
    is_right = (sample.accounts["customer_id"].loc[sample.true.index] == sample.true) & (
        sample.true.notna()
    )
    fates = pd.DataFrame(
        {
            "right": is_right & sample.is_subscriber,
            "other": sample.is_subscriber & ~is_right,
            "stranger": ~sample.is_subscriber,
        }
    )
    counts = fates.groupby(sample.strata).sum().reindex(STRATA).fillna(0)
    checked = counts.sum(axis=1)
    table = pd.DataFrame({"accounts": sample.sizes, "checked": checked.astype(int)}, STRATA)
    seen = checked > 0
    for fate in fates:
        rates = wilson(counts.loc[seen, fate], checked[seen], confidence)
        named = {"rate": fate, "low": f"{fate}_low", "high": f"{fate}_high"}
        table = table.join(rates.rename(columns=named))
    table = table[table["accounts"] > 0]
    return table.rename_axis("linked").reset_index()

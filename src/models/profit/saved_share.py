"""How many leavers an offer has kept, by campaigns of the base that had a control group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.models.intervals.numbers import check_columns
from src.models.intervals.proportions import Estimate

CONTROL = "control"
_LEAST = 10  # leavers of each side


@dataclass(frozen=True)
class SavedShare:
    """The share of leavers whom contacts kept, with its interval, over so many `campaigns`.

    `treated` and `controls`: customers; `churn` and `churn_control`: shares of them who left within
    `months`. Below 0 where more of the treated left.
    """

    share: Estimate
    campaigns: int
    treated: int
    controls: int
    churn: float
    churn_control: float
    months: int


def saved_share(
    campaigns: pd.DataFrame,
    lives: pd.DataFrame,
    follow_up: pd.Timestamp,
    *,
    months: int,
    confidence: float = 0.95,
) -> SavedShare | None:
    """One less the churn of the treated over that of the controls: intention to treat.

    Reads `campaign_id`, `customer_id`, `date`, `arm` of `campaigns` (a customer's first contact in
    a campaign counts) and `customer_id`, `start`, `end` of `lives_as_of` a month whose follow-up is
    `follow_up`. Who was there at the end of the month of the first contact is followed for
    `months`; campaigns whose months go beyond follow-up, or without a control group, do not count.
    Counts of all campaigns are added up, each arm against the controls of its own campaign
    (Mantel-Haenszel), the interval is that of the logarithm of the ratio (Greenland and Robins
    1985). None where fewer than ten left on either side.

    It is what these offers did to these customers; another offer, or who is picked by a model, can
    do more or less.
    """
    check_columns(campaigns, ["campaign_id", "customer_id", "date", "arm"])
    first = campaigns.sort_values("date", kind="stable").drop_duplicates(
        ["campaign_id", "customer_id"]
    )
    month = first["date"].dt.to_period("M").dt.to_timestamp().rename("month")
    first = first.assign(month=month, is_control=first["arm"].eq(CONTROL))
    begun = first.merge(lives[["customer_id", "start", "end"]], on="customer_id")
    begun = begun[(begun["start"] <= begun["month"]) & ~(begun["end"] <= begun["month"])]
    left = 12 * (begun["end"].dt.year - begun["month"].dt.year)
    left += begun["end"].dt.month - begun["month"].dt.month
    seen = (
        12 * (follow_up.year - begun["month"].dt.year) + follow_up.month - begun["month"].dt.month
    )
    begun = begun.assign(lost=left <= months)[seen >= months]
    counts = begun.groupby(["campaign_id", "is_control"])["lost"].agg(["sum", "size"]).unstack()
    arms = pd.MultiIndex.from_product([["sum", "size"], [False, True]])
    counts = counts.reindex(columns=arms).dropna()
    if counts.empty:
        return None
    lost_c, size_c = (counts[part, True].to_numpy(float) for part in ("sum", "size"))
    lost_t, size_t = (counts[part, False].to_numpy(float) for part in ("sum", "size"))
    if min(lost_c.sum(), lost_t.sum()) < _LEAST:
        return None
    total = size_c + size_t
    above, below = lost_t * size_c / total, lost_c * size_t / total
    ratio = above.sum() / below.sum()
    spread = (size_t * size_c * (lost_t + lost_c) - lost_t * lost_c * total) / total**2
    error = np.sqrt(spread.sum() / (above.sum() * below.sum()))
    reach = norm.ppf((1 + confidence) / 2) * error
    share = Estimate(
        float(1 - ratio), float(1 - ratio * np.exp(reach)), float(1 - ratio * np.exp(-reach))
    )
    return SavedShare(
        share,
        len(counts),
        int(size_t.sum()),
        int(size_c.sum()),
        float(lost_t.sum() / size_t.sum()),
        float(lost_c.sum() / size_c.sum()),
        months,
    )

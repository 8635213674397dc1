"""What an exploration answers where one frame is not enough."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.exploration.leaks import Leaks
from src.analyses.missing import Missing
from src.features.portrait import Words
from src.models.intervals.proportions import Estimate


@dataclass(frozen=True)
class Money:
    """How the money is spread over all customers.

    `top` is the part of the money that the top `share` of customers bring, with its interval;
    `curve` has `customers_share` and `money_share`, the largest first; `total`, `mean` and `median`
    are in `currency`; `gini` is 0 when all bring the same. Shares and `gini` are of what `of` says:
    where `below` customers brought less than nothing, of the money before returns and credits.
    `unknown` customers have no known money and count nowhere here.
    """

    words: Words
    currency: str
    share: float
    top: Estimate
    curve: pd.DataFrame
    total: float
    mean: float
    median: float
    gini: float
    of: str
    below: int = 0
    unknown: int = 0

    def __repr__(self) -> str:
        return (
            f"Money: the top {self.share:.0%} bring {self.top.value:.1%} "
            f"({self.top.low:.1%} to {self.top.high:.1%}), Gini {self.gini:.2f}; "
            "has top, curve, total, mean, median, gini"
        )


@dataclass(frozen=True)
class Stay:
    """How long customers stay, or take to come back, overall and by attributes.

    `curves`: `group`, `time`, `at_risk`, `survival`, `low`, `high`, of all customers; `median` is
    the time at which half are left, missing where it is not reached. `groups` has the same columns
    and `attribute` for the attributes that separate most, `split_by` first. `marks` reads those of
    `split_by` off at 12, 24 and 36: `group`, `time`, `survival`, `low`, `high`. Without an
    attribute `split_by` and both frames are empty. Times are months, or weeks for orders
    (`words.unit`); intervals are at `confidence`. `growing`: attributes that grow with the time
    itself, by which no curve is drawn.
    """

    words: Words
    confidence: float
    curves: pd.DataFrame
    median: float
    split_by: str
    groups: pd.DataFrame
    marks: pd.DataFrame
    growing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        half = "not reached" if pd.isna(self.median) else f"{self.median:g} {self.words.unit}"
        return f"Stay: median {half}; has curves, groups, marks (by {self.split_by!r})"


@dataclass(frozen=True)
class Leaving:
    """How customers of a panel leave.

    `exits`: `group` (the segment), `lives`, `exits`, `frozen`, `months` (watched), `rate`, `low`,
    `high` (exits a month and customer), `frozen_share` (of exits). `before`: `measure`, `group`,
    `before` (months until the exit, 12 to 1), `share` (of the customer's own normal), `low`,
    `high`, `customers`.
    """

    exits: pd.DataFrame
    before: pd.DataFrame

    def __repr__(self) -> str:
        names = ", ".join(self.exits["group"].astype(str)[:8])
        return f"Leaving: {self.exits['exits'].sum():,} exits of {names}; has exits, before"


@dataclass(frozen=True)
class Summary:
    """What is known first of a base.

    `customers` counts all, `judged` those whose outcome is known; `rate` (`rate`, `low`, `high`)
    is the share of these with the outcome. `split_by` is the attribute looked at first,
    `strongest` its rates (see `Study.rates`) and `explained` the share of the variance of the
    outcome that it explains. `tables` and `columns` are those of the study, `reason` that for the
    gaps of the emptiest column. `kind` says how the base sees its customers: `panel` (month by
    month), `snapshot` (once) or `orders` (when they buy). `aside` tells what is in no comparison,
    `leaks` which columns to look at first.
    """

    words: Words
    kind: str
    customers: int
    judged: int
    rate: pd.Series
    money: Money | Missing
    split_by: str
    strongest: pd.DataFrame
    explained: float
    tables: pd.DataFrame
    columns: pd.DataFrame
    reason: tuple[str, object] | None
    aside: str
    leaks: Leaks

    def __repr__(self) -> str:
        low, high = self.rate["low"], self.rate["high"]
        return (
            f"Summary: of {self.judged:,} {self.words.customer}s, {self.rate['rate']:.1%} "
            f"({low:.1%} to {high:.1%}) {self.words.outcome}; split by {self.split_by!r}"
        )

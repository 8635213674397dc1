"""BG/NBD: buyers without a contract who may drop out at each repeat purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from src.models.shop.beta_geometric import BetaGeometric, plan
from src.models.shop.buyers import Patterns
from src.models.shop.fitting import fitted


@dataclass(frozen=True, eq=False, kw_only=True)
class BgNbd(BetaGeometric):
    """A fitted BG/NBD; made by `fit`. Who never bought again is alive for sure in it."""

    EARLIER: ClassVar[int] = 0


def fit(buyers: pd.DataFrame | Patterns, *, unit_days: float = 7) -> BgNbd:
    """The BG/NBD of the highest likelihood.

    Takes a row per buyer: `frequency` (repeat purchase days, whole), `recency` and `age` (times
    from the first purchase to the last one and to the end of observation) in units of `unit_days`
    days; 7 are weeks. The unit changes `alpha` and nothing else. Analytic slopes; errors of
    estimation from the observed information.

    Assumption: while alive a buyer buys at random times at a constant rate; rates are gamma,
    chances to drop out at a purchase beta distributed, and the two are independent. Seasons,
    campaigns and purchases at regular distances break it; so does a base of two kinds of buyers
    (fit them apart). Somebody who never bought again cannot have dropped out: where many try a shop
    once, the MBG/NBD fits better. Near a limit see `BuyerModel.limit`.

    Raises `InputError` like `buyers.check_buyers`, when nobody bought twice, and when `unit_days`
    is not above 0.
    Source: Fader, Hardie, Lee 2005, Marketing Science 24(2), 275-284.

    >>> once, often = [0, 0, 10], [3, 8, 10]
    >>> rows = [once] * 6 + [often] * 3 + [[1, 4, 10]] * 4
    >>> model = fit(pd.DataFrame(rows, columns=["frequency", "recency", "age"]))
    >>> round(model.expected_new(10), 2)
    0.99
    """
    return BgNbd(**fitted(plan(BgNbd.EARLIER), buyers, unit_days))

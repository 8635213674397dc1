"""Who was in a campaign, behind one interface whatever the kind of base."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from src.analyses.campaigns.values import Beside, Outcome, Tried
from src.data.contracts import CONTROL
from src.data.problems import InputError
from src.models.campaigns.randomisation import LEVEL, shares_differ

LOST, ORDERS, INCOME, MARGIN, KEPT = "lost", "orders", "income", "margin", "kept"
SEGMENT, ABC, RFM, USERS = "segment", "abc", "rfm_segment", "users"
KEPT_VALUE = Outcome(KEPT, "value kept less cost", "money")


class Population(Protocol):
    """The campaigns of a base and their customers."""

    @property
    def assumes_margin(self) -> bool:
        """Whether margins are a share of revenue, since no costs are known."""

    def names(self) -> list[str]:
        """The campaigns, the earliest first."""

    def tried(self, name: str) -> Tried:
        """One campaign; `InputError` that says why where it cannot be judged."""

    def uncontrolled(self) -> list[str]:
        """Campaigns without a control group, the earliest first."""

    def beside_others(self, name: str) -> Beside:
        """Everybody on the list before such a campaign, contacted or not."""

    @property
    def has_list(self) -> bool:
        """Whether there are customers of today besides those of the campaign."""

    def today(self, tried: Tried) -> pd.DataFrame:
        """Customers who can be contacted next, as models of `tried` read them.

        `customer_id`, its covariates, `segment` and `value` where known, and `is_free`: False for
        who was contacted less than `rest` weeks ago.
        """


def drawn_within(rows: pd.DataFrame) -> tuple[str | None, np.ndarray]:
    """The stratum within which arms were drawn, and each customer's chance of their own arm.

    Where the segments have arms in clearly different shares, arms were drawn segment by segment:
    comparisons then stay within segments. Else all were drawn alike.
    """
    is_split = SEGMENT in rows and rows[SEGMENT].notna().all()
    by = SEGMENT if is_split and shares_differ(rows, SEGMENT) < LEVEL else None
    keys = ["arm"] if by is None else [by, "arm"]
    size = rows.groupby(keys, observed=True)["customer_id"].transform("size")
    among = len(rows) if by is None else rows.groupby(by, observed=True)["arm"].transform("size")
    return by, (size / among).to_numpy(float)


def costs_by_arm(arm: pd.Series, cost: pd.Series) -> dict[str, float]:
    """The mean cost of a treated customer by treatment."""
    if (cost < 0).any():
        raise InputError(f"the cost of a contact must be 0 or more, not {cost.min():g}")
    means = cost.fillna(0.0).groupby(arm.astype(str)).mean()
    return {str(name): float(mean) for name, mean in means.items() if name != CONTROL}

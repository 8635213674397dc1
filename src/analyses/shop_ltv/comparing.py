"""Steps of a study of shop buyers that compare groups of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.shop_ltv.acting import Acting
from src.analyses.shop_ltv.opened import FITS, likeliest, paying
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features.buyer_segments import buyer_segments
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.groups import BuyerGap, buyer_gap, gaps_by_bound

B2B, B2C = "B2B", "B2C"
SUBSCRIBERS, OTHERS = "subscribers", "others"
_MOVED = (0.5, 0.75, 1.0, 1.5, 2.0)  # times the bound of the rule
_ADDS = "what one group of buyers is worth more than another, and why"


class Comparing(Acting):
    """Companies beside consumers, subscribers beside others, and how a bound moves the gap."""

    @once
    def groups(self) -> dict[str, pd.Series]:
        """The group of each buyer, indexed by `buyer_key`, for each comparison that can be made.

        `segment`: B2B or B2C, by the rule or the column of the orders, or of the customer to whom
        most orders of the buyer are linked. `subscription`: whether a buyer is linked to a
        customer at all; of those who are not, some are subscribers whose link is missed.
        """
        told, customers = {}, self._customers()
        if customers is not None:
            buyers = self.orders()["buyer_key"].unique()
            named = np.where(np.isin(buyers, customers.index), SUBSCRIBERS, OTHERS)
            told["subscription"] = pd.Series(named, buyers)
        if self.base.segment_rule is not None or "segment" in self.orders():
            by_orders = buyer_segments(self.orders(), self.base.segment_rule, until=self.ends)
            told["segment"] = by_orders.set_index("buyer_key")["segment"]
        elif customers is not None:
            people = self.base.table("customers").set_index("customer_id")["segment"]
            told["segment"] = customers.map(people).dropna()
        return told

    def _customers(self) -> pd.Series | None:
        """The customer to whom most orders of a buyer are linked, by buyer; None without links.

        Of as many orders of several customers, the one whose order comes first counts.
        """
        if not self.base.has("customers") or "customer_id" not in self.orders():
            return None
        links = self.orders().dropna(subset=["customer_id"])
        orders = links.groupby(["buyer_key", "customer_id"], sort=False).size()
        most = orders.sort_values(ascending=False, kind="stable").reset_index()
        return most.drop_duplicates("buyer_key").set_index("buyer_key")["customer_id"]

    @once
    @minor(_ADDS)
    def gaps(self) -> dict[str, BuyerGap] | Missing:
        """The gap of each comparison, by its name in `groups`, with its bars and intervals."""
        gaps, reasons = {}, []
        for name, group in self.groups().items():
            parted = self._parted(group)
            if len(parted) < 2:
                continue
            first = B2B if name == "segment" else SUBSCRIBERS
            rng = stream(self.setting.seed, f"gap by {name}")
            try:
                gaps[name] = buyer_gap(parted, first, self._fit, rng, **self.ahead, **self.drawn)
            except InputError as error:
                reasons.append(str(error))
        if not gaps and reasons:
            raise InputError("; ".join(reasons))
        if not gaps:
            return Missing("groups of buyers (`segment` in base.yml, or links to customers)", _ADDS)
        return gaps

    @once
    @minor("how the gap moves with the bound")
    def moved_bound(self) -> pd.DataFrame | Missing:
        """The gap of B2B and B2C at other bounds of the rule; `gaps_by_bound`."""
        rule = self.base.segment_rule
        if rule is None:
            return Missing("rule that tells segments by how buyers order", "how a bound moves them")
        parted = []
        for times in _MOVED:
            moved = type(rule)(rule.measure, rule.b2b_from * times)
            found = buyer_segments(self.orders(), moved, until=self.ends)
            parted.append((moved.b2b_from, self._parted(found.set_index("buyer_key")["segment"])))
        rng = stream(self.setting.seed, "moved bound")
        return gaps_by_bound(parted, B2B, self._fit, rng, **self.ahead, **self.drawn)

    def _parted(self, group: pd.Series) -> dict[str, pd.DataFrame]:
        """The buyers that models learn from, by their group."""
        buyers = paying(self.cohort())
        if not self.has_margins:
            buyers = buyers.assign(margin_share=self.margin_share)
        named = buyers["buyer_key"].map(group)
        return {
            str(name): rows.reset_index(drop=True)
            for name, rows in buyers.groupby(named, sort=True)
        }

    @property
    def _fit(self) -> Callable[..., BuyerModel]:
        """The fit of the likeliest model of all buyers, for either group."""
        return FITS[likeliest(self.models())]

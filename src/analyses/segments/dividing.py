"""RFM, ABC-XYZ, and the golden customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.segments.valued import Valued
from src.analyses.segments.values import Golden
from src.data.problems import InputError
from src.models.intervals.proportions import wilson
from src.models.intervals.ratios import by_delta, share_of_sum
from src.models.segments import abc_xyz, rfm

_GROUPS = ("golden", "others")


class Dividing(Valued):
    """The steps of a study that divide customers by recency, frequency and money."""

    @once
    @minor("the nine cells of ABC-XYZ")
    def customers(self) -> pd.DataFrame | Missing:
        """One row per customer on the list: `today()` with `abc`, `xyz`, `cell`, `is_golden`.

        And `r`, `f`, `m` (1 to 5), `rfm` (the segment by name) from all months of the base, and
        `chance`, `ltv`, `at_risk` of `at_risk()` where the base can say. Missing where no classes
        can be made.
        """
        today = self.today()
        divided = abc_xyz.abc_xyz(today).drop(columns="customer_id")
        scores = rfm.rfm(self.history()).rename(columns={"segment": "rfm"})
        table = pd.concat([today, divided], axis=1).merge(scores, on="customer_id")
        risk = self.at_risk()
        if isinstance(risk, Missing):
            return table
        return table.merge(risk, on="customer_id", how="left")

    @once
    def matrix(self) -> pd.DataFrame | Missing:
        """The nine cells: `abc`, `xyz`, `customers`, `money` and, where known, `at_risk`, shares.

        Who returned more than they bought counts 0. See `abc_xyz.matrix`.
        """
        customers = self.customers()
        if isinstance(customers, Missing):
            return customers
        known = [name for name in ("money", "at_risk") if name in customers]
        customers["money"] = customers["money"].clip(lower=0)
        return abc_xyz.matrix(customers.fillna({"at_risk": 0.0}), known)

    @once
    def profile(self) -> pd.DataFrame | Missing:
        """The RFM segments: `segment`, `customers`, `share`, `money`, `money_share`, medians.

        From all months of the base; see `rfm.profile`.
        """
        history = self.history()
        return rfm.profile(rfm.rfm(history), history)

    @once
    def golden(self) -> Golden | Missing:
        """The golden customers in number, money and value at risk; see `Golden`."""
        customers = self.customers()
        if isinstance(customers, Missing):
            return customers
        level = self.setting.confidence
        is_golden = customers["is_golden"].to_numpy()
        money = customers["money"].clip(lower=0).to_numpy(float)
        at_risk = customers["at_risk"].fillna(0).to_numpy() if "at_risk" in customers else None
        of_golden, at_risk_share = None, None
        if at_risk is not None and at_risk.sum() > 0:
            part = at_risk * is_golden
            of_golden = by_delta(part.sum(), len(part) * part, level)
            at_risk_share = share_of_sum(part, at_risk, level)
        return Golden(
            customers=int(is_golden.sum()),
            share=float(is_golden.mean()),
            money=float(money[is_golden].sum()),
            money_share=share_of_sum(money * is_golden, money, level),
            at_risk=of_golden,
            at_risk_share=at_risk_share,
            churn=self._churn_of_golden(),
        )

    @once
    def classes(self) -> pd.DataFrame | Missing:
        """A, B and C: `abc`, `customers`, `customers_share`, `money`, `money_share`.

        Claim C7 is that about 20 % of customers bring about 80 % of the income.
        """
        matrix = self.matrix()
        if isinstance(matrix, Missing):
            return matrix
        columns = ["customers", "customers_share", "money", "money_share"]
        return matrix.groupby("abc", sort=False)[columns].sum().reset_index()

    def _churn_of_golden(self) -> pd.DataFrame | None:
        """Who was gone a span later, of those who were golden then and of the others."""
        before = self.activity_before() if self.is_panel else None
        if before is None:
            return None
        try:
            then = abc_xyz.abc_xyz(before)
        except InputError:
            return None
        is_gone = ~then["customer_id"].isin(self.today()["customer_id"])
        group = pd.Series(np.where(then["is_golden"], *_GROUPS), then.index)
        counts = is_gone.groupby(group).agg(["sum", "size"]).reindex(list(_GROUPS)).dropna()
        rates = wilson(counts["sum"], counts["size"], self.setting.confidence)
        return rates.assign(customers=counts["size"]).rename_axis("group").reset_index()

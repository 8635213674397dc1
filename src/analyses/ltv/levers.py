"""What is at risk, what has come, and what a little more of a lever is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.ltv.opened import SIZE
from src.analyses.ltv.population import MONTHS
from src.analyses.ltv.staying import Staying
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.streams import stream
from src.features import bands
from src.models.gap import value_tables
from src.models.value import elasticity, newcomers

_YEAR = 12  # months in which value is at risk
_BANDS_SHOWN = 5  # of tenure


class Levers(Staying):
    """The steps of a study that need customers followed through months."""

    @once
    def realised(self) -> pd.DataFrame | Missing:
        """What customers have brought, and what is still to come: `group`, means in money.

        `so_far` (margin of all bills), `residual` (LTV), `total`. Missing without margin by month.
        """
        so_far = self.population.margin_so_far()
        if isinstance(so_far, Missing):
            return so_far
        worth = self.worth()
        each = worth.assign(so_far=worth["customer_id"].map(so_far), residual=worth["margin"])
        each["total"] = each["so_far"] + each["residual"]
        means = each.groupby("group")[["so_far", "residual", "total"]].mean()
        return means.loc[list(self.setting.names)].reset_index()

    @once
    @minor("value by tenure")
    def by_tenure(self) -> pd.DataFrame | Missing:
        """Mean LTV of the second group by tenure, by the main estimate and by constant churn.

        `band` (months as a customer), `estimator`, `value` (money). Missing without months.
        """
        groups, tenure, lives = self.members(), self.population.tenure(), self.lives()
        if isinstance(groups, Missing) or isinstance(tenure, Missing):
            return Missing(MONTHS, "value by tenure")
        constant = pd.concat(
            value_tables.constant_churn_value(
                group, lives[lives["group"] == name], self.setting.rate
            )
            for name, group in groups.items()
        )
        worth = self.worth()
        formula = constant.reindex(worth["customer_id"]).to_numpy()
        versus = {"main estimate": worth["margin"], "constant churn": formula}
        cut = bands.banded(tenure, _BANDS_SHOWN)
        asked = (versus, cut, worth["group"], self.setting.second, self.setting.min_cell)
        return value_tables.by_band(*asked)

    @once
    @minor("what leaves in part")
    def partial_churn(self) -> pd.DataFrame | Missing:
        """What left in twelve months: whole accounts, and lines of accounts that stayed.

        `group`, `accounts`, `lines`, `account_churn` (`low`, `high`), `line_churn`,
        `partial_churn` (`partial_low`, `partial_high`), `shrunk_accounts`: counts and shares.
        Missing without lines.
        """
        return self.population.partial_churn()

    def at_risk(self, group: str | None = None) -> pd.DataFrame | Missing:
        """The customers of a group, or of both, by value at risk, the highest first.

        `customer_id`, `group`, `chance` (to be gone or leave within a year), `ltv` (money),
        `at_risk` (chance x LTV, money, 0 where the LTV is below), `tenure_months`, and where the
        base has them `size`, the sub-segment and the columns `alike`. Missing without months.

        Raises `InputError` for a group that is not there.
        """
        everybody = self._at_risk()
        if isinstance(everybody, Missing) or group is None:
            return everybody
        self.refuse_other_groups(group)
        return everybody[everybody["group"] == group].reset_index(drop=True)

    @once
    @minor("what is at risk")
    def top_at_risk(self) -> pd.DataFrame | Missing:
        """The share of the value at risk that the `top` customers of each group hold.

        At least `min_cell` of them: what one customer is worth is nobody's business.

        `group`, `share`. Missing without months.
        """
        everybody, top = self._at_risk(), self.terms.top
        if isinstance(everybody, Missing):
            return everybody
        rows = []
        for name in self.setting.names:
            members = everybody[everybody["group"] == name]
            figures = members["ltv"].to_numpy(), members["chance"].to_numpy()
            rows.append((name, value_tables.top_share_at_risk(*figures, top)))
        return pd.DataFrame(rows, columns=["group", "share"])

    @once
    @minor("what one per cent is worth")
    def elasticities(self) -> pd.DataFrame | Missing:
        """What one per cent more of a lever is worth, in per cent of LTV.

        `group`, `lever` (`margin`, `retention`, `discount`, and `acquisition` where its cost is
        known), `value`, `low`, `high`; see `elasticity.elasticities`. Missing without months.
        """
        groups, setting = self.members(), self.setting
        if isinstance(groups, Missing):
            return Missing(MONTHS, "what one per cent is worth")
        tables = []
        for name, group in groups.items():
            margin = group.money["margin"][:, None] * group.model.margin.drift(setting.horizon)
            table = elasticity.elasticities(
                group.survival(setting.horizon),
                margin,
                self._costs_of(name),
                setting.rate,
                confidence=setting.confidence,
            )
            tables.append(table.assign(group=name))
        return pd.concat(tables, ignore_index=True)

    @once
    @minor("when a new customer has paid back")
    def payback(self) -> pd.DataFrame | Missing:
        """When a new customer has paid back what it cost to win them, a row per group with costs.

        From the lives that were watched from their start: margin by age, those who left counting 0.
        `group`, `lives`, `months` watched, `ltv` of these months, `cost` (money), `times` (LTV over
        cost) with `low`, `high`, `month` of payback with `month_low`, `month_high` (inf: not within
        these months); see `newcomers.payback_row`. Missing without months or costs.
        """
        setting, fresh, costs = self.setting, self.population.newcomers(), self.population.costs()
        if isinstance(fresh, Missing):
            return fresh
        if isinstance(costs, Missing):
            return costs
        rows = []
        for name, lives in fresh.items():
            if costs.reindex(lives.customers).sum() > 0:
                rng = stream(setting.seed, f"payback of {name}")
                row = newcomers.payback_row(
                    *(name, lives, costs, rng, setting.rate),
                    replicates=setting.replicates,
                    confidence=setting.confidence,
                )
                rows.append(row)
        if not rows:
            lacks = "acquisition costs of enough newcomers"
            return Missing(lacks, "when a new customer has paid back")
        return pd.DataFrame(rows)

    def _costs_of(self, group: str) -> np.ndarray | None:
        """What it cost to win each member of a group, missing where not known; None: no costs."""
        cost = self.population.acquisition_cost()
        if isinstance(cost, Missing):
            return None
        return cost[self.worth()["group"] == group].to_numpy(float)

    @once
    def _at_risk(self) -> pd.DataFrame | Missing:
        groups, setting, traits = self.members(), self.setting, self.traits()
        if isinstance(groups, Missing):
            return Missing(MONTHS, "what leaves in part and is at risk")
        parts = []
        for name, group in groups.items():
            chance = 1 - group.survival(_YEAR)[:, -1]
            rows = group.worth[["customer_id"]].assign(group=name, chance=chance)
            rows["ltv"] = group.worth["margin"]
            rows["at_risk"] = value_tables.value_at_risk(rows["ltv"].to_numpy(), chance)
            parts.append(rows)
        table = pd.concat(parts, ignore_index=True)
        shown = dict.fromkeys(["tenure_months", SIZE, setting.sub_segment, *setting.alike])
        here = traits[[name for name in shown if name in traits]]
        table = table.join(here, on="customer_id")
        return table.sort_values("at_risk", ascending=False, kind="stable", ignore_index=True)

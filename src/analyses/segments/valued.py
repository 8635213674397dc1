"""What customers are worth from now on, segment by segment, by the models of 04."""

from __future__ import annotations

import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.progress import watched
from src.analyses.segments.opened import Opened
from src.features import lifecycle
from src.features.tables import open_features
from src.models.churn.timesplit import model_columns
from src.models.gap import value_intervals, value_tables
from src.models.gap.value_intervals import Members
from src.models.value import backtest
from src.models.value.customer_value import HORIZON, fit_value
from src.models.value.margins import with_margins

EVERY = 2  # months between the snapshots that models learn from
_AGAIN = 2  # hazard models trained again, to know how sure the first is
_YEAR = 12
_ADDS = "what is at risk, and what changes when conditions do"


class Valued(Opened):
    """The steps of a study that need what customers are expected to bring."""

    @once
    @minor(_ADDS)
    def members(self) -> dict[str, Members] | Missing:
        """Today's customers by segment, with the models that value them over three years.

        Missing without months. The first call trains the models.
        """
        if not self.is_panel:
            return Missing("months per customer (a panel)", _ADDS)
        tables = open_features(self.base)
        bills, people = self.base.table("billing"), self.base.table("customers")
        record = lifecycle.LifeRecord(bills, people, tables.freeze_months)
        rows, bills = with_margins(tables.read(), bills, self.setting.margin_share)
        columns, at = list(model_columns(tables.catalogue)), record.last
        groups = {}
        for name in watched(self.segments, "learning"):
            of_segment = rows[rows["segment"] == name]
            model = fit_value(
                backtest.spaced(of_segment, at, EVERY),
                *(bills, record.as_of(at), columns, record.follow_up(at)),
                again=_AGAIN,
                seed=self.setting.seed,
            )
            is_last = of_segment["snapshot"] == of_segment["snapshot"].max()
            groups[name] = value_intervals.members(
                model,
                of_segment[is_last].reset_index(drop=True),
                months=HORIZON,
                annual_rate=self.setting.rate,
            )
        return groups

    @once
    def at_risk(self) -> pd.DataFrame | Missing:
        """What each customer is worth and how much of it is at risk.

        `customer_id`, `chance` (to be gone or leave within a year), `ltv` (money of three years,
        discounted), `at_risk` (chance x LTV, money, 0 where the LTV is below). Missing like
        `members`.
        """
        groups = self.members()
        if isinstance(groups, Missing):
            return groups
        parts = []
        for group in groups.values():
            chance = 1 - group.survival(_YEAR)[:, -1]
            ltv = group.worth["margin"].to_numpy()
            rows = group.worth[["customer_id"]].assign(chance=chance, ltv=ltv)
            parts.append(rows.assign(at_risk=value_tables.value_at_risk(ltv, chance)))
        return pd.concat(parts, ignore_index=True)

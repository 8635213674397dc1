"""An experiment as published: a table of customers with arm and outcome, one campaign."""

from __future__ import annotations

import pandas as pd

from src.analyses.campaigns.population import KEPT, KEPT_VALUE, SEGMENT, costs_by_arm, drawn_within
from src.analyses.campaigns.values import Beside, Outcome, Tried
from src.analyses.settings.campaigns import Setting
from src.data.bases import TRIAL, Base
from src.data.contracts import OUTCOMES, TABLES
from src.data.problems import InputError
from src.models.campaigns.arms import treatments

EXPERIMENT = "experiment"
OF_EXPERIMENTS = {
    "churned": Outcome("churned", "left", "share", is_loss=True),
    "responded": Outcome("responded", "took the offer", "share"),
    "spend": Outcome("spend", "spend", "money"),
    "visited": Outcome("visited", "visited", "share"),
}


class Experiment:
    """A table of customers with arm and outcome: one campaign."""

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        self.assumes_margin = OF_EXPERIMENTS["spend"].name in base.table(TRIAL)

    def names(self) -> list[str]:
        """The experiment."""
        return [EXPERIMENT]

    def tried(self, name: str = EXPERIMENT) -> Tried:
        """The experiment as it is."""
        trial = self.base.table(TRIAL)
        if self.setting.segment:
            trial = trial[trial[SEGMENT] == self.setting.segment].reset_index(drop=True)
        treatments(trial)
        known = [each for each in trial if each not in TABLES[TRIAL].columns]
        is_date = trial[known].apply(pd.api.types.is_datetime64_any_dtype)
        covariates = [each for each in known if not is_date[each]]
        outcomes = tuple(OF_EXPERIMENTS[each] for each in OUTCOMES if each in trial)
        has_segment = SEGMENT in trial and trial[SEGMENT].notna().all()
        covariates += [SEGMENT] if has_segment else []
        rows = trial.astype({each.name: "float64" for each in outcomes})
        costs = trial["cost"] if "cost" in trial else pd.Series(0.0, trial.index)
        if "customer_value" in rows and rows["customer_value"].notna().all():
            rows = rows.rename(columns={"customer_value": "value"})
        main = outcomes[0]
        if "value" in rows and main.unit == "share":
            won = 1 - rows[main.name] if main.is_loss else rows[main.name]
            rows[KEPT] = won * rows["value"].clip(lower=0) - costs.fillna(0.0)
            outcomes = (main, KEPT_VALUE, *outcomes[1:])
        by, propensity = drawn_within(rows)
        return Tried(
            name=name,
            rows=rows.assign(propensity=propensity),
            by=by,
            covariates=tuple(covariates),
            outcomes=outcomes,
            groups=(SEGMENT,) if has_segment else (),
            costs=costs_by_arm(trial["arm"], costs),
        )

    has_list = False

    def uncontrolled(self) -> list[str]:
        """None: an experiment without a control group is refused."""
        return []

    def beside_others(self, name: str) -> Beside:
        """There are no others; `InputError`."""
        raise InputError(f"{name} has no customers besides its own")

    def today(self, tried: Tried) -> pd.DataFrame:
        """The customers of the experiment."""
        return tried.rows.assign(is_free=True)

"""What is true of the campaigns of a simulated base: effects, and what rules really earn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.campaigns.lasting import Lasting
from src.analyses.campaigns.opened import ANY
from src.analyses.campaigns.testing import Testing
from src.analyses.campaigns.values import Tried
from src.analyses.missing import Missing
from src.analyses.once import once
from src.data.contracts import CONTROL
from src.data.operator.truth import EFFECT_MONTHS, open_truth
from src.data.problems import InputError
from src.models.campaigns.policy import CHOSEN, earned, rule_of

ORACLE = "who knows the effects"
_ADDS = "how near effects and rules come to the truth"


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth beside what was found.

    `effects`: `campaign`, `arm`, `effect`, `low`, `high`, `truth` (of the same customers, on the
    share that leaves) and `is_covered`. `rules`: `rule`, `gain` (money per customer of the campaign
    that models learn, at true effects), `share` of the gain of `ORACLE`, the last row, who treats
    whom it pays to treat. `share`: that of the rule that would be followed, not a number where not
    even the oracle gains anything.
    """

    effects: pd.DataFrame
    rules: pd.DataFrame
    share: float


class Truthful(Testing, Lasting):
    """The step that opens the truth of a simulated base."""

    @once
    def truth(self) -> Truth | Missing:
        """Effects and rules beside the truth; see `Truth`."""
        if self.base.origin != "simulated" or self.base.kind != "panel":
            return Missing("known truth (it is not simulated)", _ADDS)
        if self.setting.horizon != EFFECT_MONTHS:
            return Missing(f"truth of other than {EFFECT_MONTHS} months", _ADDS)
        try:
            chances = open_truth(self.base, "effects")
        except InputError:
            return Missing("known truth (it is not simulated)", _ADDS)
        if f"lost_{CONTROL}" not in chances:
            return Missing("truth of each treatment", _ADDS)
        return self._truth(chances)

    def _truth(self, chances: pd.DataFrame) -> Truth | Missing:
        policy = self.policy()
        if isinstance(policy, Missing):
            return policy
        main, worth = self.main, self.worth()
        uplift = _saved(main, chances)
        money = np.column_stack([np.zeros(len(uplift)), worth.net(uplift)])
        rules = {name: earned(money, rule).mean() for name, rule in policy.found.rules.items()}
        rules[ORACLE] = earned(money, rule_of(worth.net(uplift))).mean()
        table = pd.DataFrame({"rule": list(rules), "gain": list(map(float, rules.values()))})
        best = rules[ORACLE]
        table["share"] = table["gain"] / best if best > 0 else np.nan
        followed = CHOSEN if policy.found.is_better else policy.best_simple
        share = float(table.set_index("rule")["share"][followed])
        effects = self._effects_beside(chances)
        return Truth(effects, table, share) if len(effects) else Missing("effects", _ADDS)

    def _effects_beside(self, chances: pd.DataFrame) -> pd.DataFrame:
        found = self.effects()
        if isinstance(found, Missing):
            return pd.DataFrame()
        rows = []
        for name, tried in self.judged().items():
            saved = _saved(tried, chances).mean(axis=0)
            true = dict(zip(tried.treatments, -saved, strict=True))
            treated = tried.rows["arm"].astype(str)
            sizes = treated.value_counts()
            weights = np.array([sizes[arm] for arm in tried.treatments], dtype=float)
            true[ANY] = float(-(saved * weights).sum() / weights.sum())
            here = found[(found["campaign"] == name) & (found["outcome"] == tried.outcome.name)]
            rows.append(here.assign(truth=here["arm"].map(true)))
        table = pd.concat(rows, ignore_index=True)
        is_covered = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
        names = ["campaign", "arm", "effect", "low", "high", "truth"]
        return table[names].assign(is_covered=is_covered)


def _saved(tried: Tried, chances: pd.DataFrame) -> np.ndarray:
    """(customers, treatments): by how much each treatment truly lowers the chance to be lost."""
    own = chances[chances["campaign_id"] == tried.name].set_index("customer_id")
    own = own.loc[tried.rows["customer_id"]]
    control = own[f"lost_{CONTROL}"].to_numpy(float)
    arms = [own[f"lost_{arm}"].to_numpy(float) for arm in tried.treatments]
    return control[:, None] - np.column_stack(arms)

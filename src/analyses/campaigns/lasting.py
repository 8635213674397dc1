"""The chain of messages, and how fast an effect fades."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.campaigns.judging import Judging
from src.analyses.campaigns.population import INCOME, LOST, MARGIN, ORDERS, SEGMENT
from src.analyses.campaigns.values import Tried
from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.models.campaigns.chain import (
    effects_by_step,
    exits_as_amounts,
    extra_per_month,
    return_on_cost,
)
from src.models.campaigns.decay import (
    Decay,
    decay_of_amounts,
    decay_of_hazard,
    exits_by_month,
    hazard_by_month,
)
from src.models.campaigns.effect import adjusted_effects
from src.models.campaigns.monthly import MonthlyEffects, effects_by_month
from src.models.intervals.proportions import Estimate

_CHAIN = "what each message of a chain added"
_FADES = "how fast the effect of a campaign fades"
ABRUPT = "B2C"  # exits are seen in the month in which they are decided
_AFTER_LAST = 7  # days that the last step is given


@dataclass(frozen=True, eq=False)
class Chain:
    """What a chain of messages did to those who were drawn for it, all of them.

    `steps`: purchases per member between one message and the next, see `effects_by_step`; None
    without a shop. `left`, `orders`, `income`: month by month and added up since the contact, see
    `MonthlyEffects`; `orders` None without a shop. `lost`, `bought`, `income_per_month`: over all
    `months`, per member (share, number and money a month), adjusted for the time before. `paid`:
    margin above that of the controls less the cost, per member and over the cost, see
    `return_on_cost` of the margin, adjusted as the effects are.
    """

    campaign: str
    arm: str
    contact: str
    messages: int
    months: int
    customers: int
    controls: int
    steps: pd.DataFrame | None
    left: MonthlyEffects
    orders: MonthlyEffects | None
    income: MonthlyEffects
    lost: Estimate
    bought: Estimate | None
    income_per_month: Estimate
    paid: pd.Series


@dataclass(frozen=True, eq=False)
class Fading:
    """How the effect of one treatment fades.

    `exits`: the ratio of hazards by month, see `hazard_by_month`, and `decay` of it, of `segment`
    (empty: all); `of_orders`: the same of purchases, None without a shop.
    """

    campaign: str
    arm: str
    segment: str
    exits: pd.DataFrame
    decay: Decay
    orders: pd.DataFrame | None
    of_orders: Decay | None


class Lasting(Judging):
    """The steps that look at months after the contact."""

    @once
    @minor(_CHAIN)
    def chain(self) -> Chain | Missing:
        """What the latest chain of messages did; see `Chain`. Missing without one."""
        tried = self._chain()
        if tried is None:
            return Missing("chain of messages (campaigns with steps)", _CHAIN)
        arm, level, months = _largest(tried), self.setting.confidence, self.setting.horizon
        rows, by_month = tried.rows, tried.by_month
        assert by_month is not None
        has_shop = tried.days is not None
        gone = exits_as_amounts(_acted_on(rows), "lost_in")
        asked = (arm, months)
        sizes = rows["arm"].astype(str).value_counts()
        paid = return_on_cost(rows, MARGIN, tried.adjusting, by=tried.by, confidence=level)
        return Chain(
            campaign=tried.name,
            arm=arm,
            contact=tried.contact,
            messages=tried.steps,
            months=months,
            customers=int(sizes[arm]),
            controls=int(len(rows) - sizes[list(tried.treatments)].sum()),
            steps=self._steps(tried, arm) if has_shop else None,
            left=effects_by_month(rows, gone, "left", *asked, confidence=level),
            orders=(
                effects_by_month(rows, by_month, ORDERS, *asked, confidence=level)
                if has_shop
                else None
            ),
            income=effects_by_month(rows, by_month, INCOME, *asked, confidence=level),
            lost=self._adjusted(tried, LOST, arm),
            bought=self._adjusted(tried, ORDERS, arm) if has_shop else None,
            income_per_month=self._income(tried, arm),
            paid=paid.set_index("arm").loc[arm],
        )

    @once
    @minor(_FADES)
    def decay(self) -> Fading | Missing:
        """How fast the effect of the chain fades, else that of the latest campaign; see `Fading`.

        Of consumers where there are companies too, whose slow exits are seen months after they were
        decided.
        """
        tried = self._chain() or self.main
        if tried.by_month is None:
            return Missing("months after the contact", _FADES)
        arm, level, months = _largest(tried), self.setting.confidence, self.setting.horizon
        rows, segment = tried.rows, ""
        if SEGMENT in rows and not (rows[SEGMENT] == rows[SEGMENT].iloc[0]).all():
            rows, segment = rows[rows[SEGMENT] == ABRUPT], ABRUPT
        counts = exits_by_month(_acted_on(rows), "lost_in", arm, months)
        monthly = None
        if tried.days is not None:
            monthly = effects_by_month(
                *(rows, tried.by_month, ORDERS, arm, months), as_ratio=True, confidence=level
            )
        return Fading(
            campaign=tried.name,
            arm=arm,
            segment=segment,
            exits=hazard_by_month(counts, level),
            decay=decay_of_hazard(counts, level),
            orders=None if monthly is None else monthly.table,
            of_orders=None if monthly is None else decay_of_amounts(monthly, level),
        )

    def _chain(self) -> Tried | None:
        chains = [tried for tried in self.judged().values() if tried.steps > 1]
        return chains[-1] if chains else None

    def _steps(self, tried: Tried, arm: str) -> pd.DataFrame:
        assert tried.days is not None
        until = tried.step_days[-1] + _AFTER_LAST
        return effects_by_step(
            *(tried.rows, tried.days, ORDERS, arm, tried.step_days, until),
            confidence=self.setting.confidence,
        )

    def _adjusted(self, tried: Tried, outcome: str, arm: str) -> Estimate:
        found = adjusted_effects(
            *(tried.rows, outcome, tried.adjusting),
            by=tried.by,
            confidence=self.setting.confidence,
        )
        return _of_arm(found, arm)

    def _income(self, tried: Tried, arm: str) -> Estimate:
        assert tried.by_month is not None
        found = extra_per_month(
            *(tried.rows, tried.by_month, INCOME, self.setting.horizon, tried.adjusting),
            by=tried.by,
            confidence=self.setting.confidence,
        )
        return _of_arm(found, arm)


def _largest(tried: Tried) -> str:
    arms = tried.rows["arm"].astype(str)
    return str(arms[arms.isin(tried.treatments)].value_counts().index[0])


def _acted_on(rows: pd.DataFrame) -> pd.DataFrame:
    """Without those whose life was over when the contact began to act, unseen by anybody."""
    return rows[~(rows["lost_in"] < 1)]


def _of_arm(found: pd.DataFrame, arm: str) -> Estimate:
    row = found.set_index("arm").loc[arm]
    return Estimate(float(row["effect"]), float(row["low"]), float(row["high"]))

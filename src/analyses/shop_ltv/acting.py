"""Steps of a study of shop buyers that say what to do: whom to call, when not to wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.shop_ltv.valued import Valuing
from src.analyses.streams import stream
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta
from src.models.shop.calls import who_to_call
from src.models.shop.second_purchase import (
    MOST_PURCHASES,
    Comeback,
    by_repeats,
    further_purchases,
    time_to_second,
)

SILENT_WEEKS = 8  # of further silence, that a list of calls is to forestall
WITHIN = 26  # weeks in which a further purchase is asked for
_CALLED = "whom to call first"


@dataclass(frozen=True)
class Calls:
    """Whom to call first.

    `first`: the buyers at the head of `who_to_call`, one row each; `overdue`: how many are silent
    for longer than usual; `at_risk`: money that a further silence of `weeks` would cost of `first`,
    `longest`: of as many who bought again and are silent for longest, whom one would call who knows
    no model;
    `bands`: `first` by repeat purchases (`repeats`: `1`, `2 to 3`, `4+`; so cut that each has
    `min_cell` buyers): `buyers`, means of `silence`, `usual_gap`, `alive`, sums of `value` and
    `at_risk`.
    """

    first: pd.DataFrame
    overdue: int
    weeks: int
    at_risk: Estimate
    longest: Estimate
    bands: pd.DataFrame


@dataclass(frozen=True)
class Second:
    """The second purchase as turning point; the parts are those of `models.shop.second_purchase`.

    `steps` has `alive`, `expected` and `value` by repeat purchases; `within` weeks count for
    `further`.
    """

    comeback: Comeback
    further: pd.DataFrame
    steps: pd.DataFrame
    within: int


class Acting(Valuing):
    """Whom to call, and what a second purchase goes with."""

    @once
    @minor(_CALLED)
    def calls(self) -> Calls | Missing:
        """The buyers who are overdue, those first whose further silence would cost most."""
        rows, ahead = self._valued(), SILENT_WEEKS

        def value(some: pd.DataFrame) -> pd.Series:
            return self._value(self.main(), some, self.spending().expected_spend(some))

        overdue = who_to_call(rows, self.main(), value, ahead)
        if overdue.empty:
            return Missing("buyers who are silent for longer than is usual for them", _CALLED)
        first = overdue.head(self.setting.calls)
        again = rows[rows["frequency"] > 0].assign(silence=rows["age"] - rows["recency"])
        longest = again.nlargest(len(first), "silence")
        waiting = longest["value"] - value(longest.assign(age=longest["age"] + ahead))
        bands = first.assign(repeats=_bands(first["frequency"], self.setting.min_cell))
        return Calls(
            self.named(first),
            len(overdue),
            ahead,
            self._sum(first["at_risk"]),
            self._sum(waiting),
            bands.groupby("repeats", sort=True)
            .agg(
                buyers=("alive", "size"),
                silence=("silence", "mean"),
                usual_gap=("usual_gap", "mean"),
                alive=("alive", "mean"),
                value=("value", "sum"),
                at_risk=("at_risk", "sum"),
            )
            .reset_index(),
        )

    @once
    @minor("how soon the second purchase comes, and what changes with it")
    def second(self) -> Second:
        """How soon buyers come back, their chance of a further purchase, and what they are worth.

        Of the buyers whose first purchase is known; see `WARM_UP`.
        """
        days, keys = self.log().days, self.cohort()["buyer_key"]
        bought = days[days["buyer_key"].isin(keys)]
        level = self.setting.confidence
        rows = self._valued()
        return Second(
            time_to_second(bought, self.ends, stream(self.setting.seed, "second"), **self.drawn),
            further_purchases(bought, self.ends, WITHIN, confidence=level),
            by_repeats(
                rows[rows["buyer_key"].isin(keys)], ["alive", "expected", "value"], confidence=level
            ),
            WITHIN,
        )

    def _sum(self, money: pd.Series) -> Estimate:
        """A sum over buyers with the interval of other buyers."""
        values = money.to_numpy(float)
        return by_delta(
            float(values.sum()), len(values) * (values - values.mean()), self.setting.confidence
        )


def _bands(frequency: pd.Series, least: int) -> pd.Series:
    """The band of repeat purchases of each buyer, so cut that every band has `least` buyers."""
    repeats = np.minimum(frequency, MOST_PURCHASES).astype(int)
    bands: list[list[int]] = [[]]
    waiting = 0
    for number, buyers in repeats.value_counts().sort_index().items():
        if waiting >= least:
            bands.append([])
            waiting = 0
        bands[-1].append(int(str(number)))
        waiting += buyers
    if waiting < least and len(bands) > 1:
        bands[-2:] = [bands[-2] + bands[-1]]
    return repeats.map({number: _named(band) for band in bands for number in band})


def _named(band: list[int]) -> str:
    if band[-1] == MOST_PURCHASES:
        return f"{band[0]}+"
    return str(band[0]) if len(band) == 1 else f"{band[0]} to {band[-1]}"

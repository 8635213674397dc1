"""Who to call: buyers whose silence is longer than usual for them, by the value it puts at risk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import check_columns, finite
from src.models.shop.buyer_model import BuyerModel

USUAL = 0.9  # of the gaps between purchases of a buyer of this rate are no longer


def usual_gap(model: BuyerModel, buyers: pd.DataFrame) -> pd.Series:
    """The gap that nine of ten gaps of the buyer do not exceed while alive, in units of time.

    Reads `frequency` and `recency`. After x repeat purchases, the last at t_x, the rate is
    Gamma(r + x, alpha + t_x), so a gap is longer than g with chance
    ((alpha + t_x) / (alpha + t_x + g))^(r + x).
    """
    named = dict(zip(model.PARAMETERS, model.parameters, strict=True))
    shape = named["r"] + finite("frequency", buyers["frequency"])
    time = named["alpha"] + finite("recency", buyers["recency"])
    with np.errstate(over="ignore"):  # who never bought again may let wait for ever
        gap = time * np.expm1(-np.log1p(-USUAL) / shape)
    return pd.Series(gap, index=buyers.index, name="usual_gap")


def who_to_call(
    buyers: pd.DataFrame,
    model: BuyerModel,
    value: Callable[[pd.DataFrame], pd.Series],
    ahead: float,
) -> pd.DataFrame:
    """Buyers who are overdue, those first whose further silence would cost the most.

    Reads `buyer_key`, `frequency`, `recency`, `age` and whatever `value` reads: it gives the
    residual value of each row (money). Returns the buyers whose silence (age less recency) is
    longer than `usual_gap`: `buyer_key`, `frequency`, `silence`, `usual_gap` (units), `alive` (the
    chance), `value` (money, = alive x `value_if_alive`), `value_if_alive`, `alive_then` and
    `at_risk`, ordered by it.

    The value at risk is the value now less the value if the buyer stays silent for `ahead` units
    more, over the same horizon from then on: what waiting so long would show to be lost. It is
    small for who has just bought, whose silence says nothing, and for who is gone already, of whom
    little is expected; a list by value alone calls the first, one by the chance to be gone the
    second.

    Assumption: a call reaches who is still a buyer; what it changes is not known without a
    control group, so the figure bounds what a call can keep, and orders the list. In a model in
    which nobody can leave before the second purchase, and where one purchase is all, nobody is
    overdue. Raises `InputError` like `model`, and when `ahead` is not above 0.
    """
    check_columns(buyers, ["buyer_key", "frequency", "recency", "age"])
    if not ahead > 0:
        raise InputError(f"the time ahead must be above 0, not {ahead:g}")
    silence = buyers["age"] - buyers["recency"]
    gap = usual_gap(model, buyers)
    is_overdue = ((silence > gap) & (buyers["frequency"] > 0)).to_numpy()
    overdue = buyers[is_overdue]
    columns = ["buyer_key", "frequency"]
    found = overdue[columns].assign(silence=silence[is_overdue], usual_gap=gap[is_overdue])
    if overdue.empty:
        money = ["alive", "value", "value_if_alive", "alive_then", "at_risk"]
        return found.reindex(columns=[*found, *money])
    then = overdue.assign(age=overdue["age"] + ahead)
    alive, worth = model.alive(overdue), value(overdue)
    found = found.assign(
        alive=alive,
        value=worth,
        value_if_alive=worth / alive.where(alive > 0),
        alive_then=model.alive(then),
        at_risk=worth - value(then),
    )
    return found.sort_values("at_risk", ascending=False, kind="stable").reset_index(drop=True)

"""Purchases ahead by gradient boosting, alone and on top of a model of buyers (the hybrid).

The boosting learns inside the calibration alone: from the habits on earlier days it learns what was
bought from then on until the end of calibration, and is asked about the end of calibration. These
horizons are shorter than the one asked about. The hybrid learns by what factor habits move the
expectation of a model that was fitted on the same earlier day, and leaves the horizon to the model.
The boosting alone learns a rate and has to take it as it is: buyers who leave later are unknown to
it, so its totals run far too high where the buyers are new.

Each is trained twice. `mean`: the Poisson deviance, whose best answer is the expected number. It
suits totals and RMSE. `median`: the absolute error, whose best answer is the median. That is the
MAE's own objective, and most of what it gains in MAE needs no learning: the median that the model
itself gives (`model_median`) stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from xgboost import XGBRegressor

from src.data.problems import InputError
from src.features.purchase_habits import purchase_habits
from src.features.purchases import summaries
from src.models.intervals.numbers import Numbers
from src.models.shop.buyer_model import BuyerModel

SHARES = (1 / 3, 1 / 2, 2 / 3)  # of the calibration, that the earlier days lie before its end
_LEAST = 1e-6  # purchases, that a model expects of somebody who is gone
_AT_ONCE = 2_000_000  # chances of counts
# Small steps and broad leaves: a few thousand buyers, most of whom buy nothing. All rows in each
# tree, so that their order changes nothing.
_TREES = {
    "n_estimators": 150,
    "max_depth": 3,
    "learning_rate": 0.05,
    "min_child_weight": 20,
    "colsample_bytree": 0.8,
    "reg_lambda": 5.0,
    "tree_method": "hist",
    "n_jobs": 1,
}


@dataclass(frozen=True)
class Boosted:
    """Purchases ahead, and what they were learnt from.

    `predictions`, indexed by `buyer_key`: `model` (the expectation of the model), `model_median`
    (the median of its distribution), `boosting_mean`, `boosting_median`, `hybrid_mean`,
    `hybrid_median` (purchases per buyer). `lessons`: `day` (earlier), `horizon` (units from it to
    the end of calibration), `buyers`, `purchases` (that came) and `expected` (by the model of that
    day). `gains`: `habit`, and the share of each in what the trees of `hybrid_mean` and
    `hybrid_median` gain; empty trees gain nothing.
    """

    predictions: pd.DataFrame
    lessons: pd.DataFrame
    gains: pd.DataFrame


@dataclass(frozen=True)
class _Lesson:
    """Habits on a day, and what the model of that day expects of the `horizon` after it."""

    habits: pd.DataFrame
    expected: Numbers
    horizon: float
    model: BuyerModel
    buyers: pd.DataFrame


def boosted(
    days: pd.DataFrame,
    until: pd.Timestamp,
    ahead: float,
    fit: Callable[[pd.DataFrame], BuyerModel],
    *,
    seed: int = 0,
    orders: pd.DataFrame | None = None,
    unit_days: int = 7,
) -> Boosted:
    """Purchases of each buyer in the `ahead` units after the day `until`; see `Boosted`.

    `days` of `src.features.purchases.purchase_days`, `orders` as in
    `src.features.purchase_habits.purchase_habits`; nothing after `until` is read. `fit` makes a
    model of a table of `summaries`. Earlier days lie a third, a half and two thirds of the
    calibration before its end, but no further back than `ahead`.

    Assumption: what habits say beyond the model is the same on earlier days and for shorter
    horizons. It fails where a season or a campaign lies between, and where all buyers are new on
    the earlier days. Rows of one buyer on several days are not independent; no interval is claimed
    here, the hold-out judges (`src.models.shop.holdout`).

    Raises `InputError` when `ahead` is not above 0, and like `fit`, when too few bought again by
    the earliest day.
    """
    if not ahead > 0:
        raise InputError(f"the time ahead must be above 0, not {ahead:g}")
    end = pd.Timestamp(until).normalize()
    now = _lesson(days, end, ahead, fit, orders, unit_days)
    span = float(now.buyers["age"].max())
    horizons = sorted({max(1, int(min(ahead, share * span))) for share in SHARES})
    lessons, came, told = [], [], []
    frequency = now.buyers.set_index("buyer_key")["frequency"]
    for horizon in horizons:
        day = end - pd.Timedelta(days=horizon * unit_days)
        lesson = _lesson(days, day, horizon, fit, orders, unit_days)
        bought = frequency.reindex(lesson.habits.index).to_numpy(float)
        lessons.append(lesson)
        came.append(bought - lesson.buyers["frequency"].to_numpy(float))
        told.append((day, horizon, len(bought), came[-1].sum(), lesson.expected.sum()))
    habits = pd.concat([lesson.habits for lesson in lessons], ignore_index=True)
    purchases = np.concatenate(came)
    expected = np.concatenate([lesson.expected for lesson in lessons])
    horizon_of = np.concatenate(
        [np.full(len(lesson.expected), lesson.horizon) for lesson in lessons]
    )
    predictions = {
        "model": now.model.expected(now.buyers, ahead).to_numpy(float),
        "model_median": median_purchases(now.model, now.buyers, ahead),
    }
    gains = {}
    plain = habits.drop(columns=["expected_rate", "alive"])
    rate = purchases.sum() / horizon_of.sum()
    for name, columns, per, per_now, start in (
        ("boosting", plain, horizon_of, np.full(len(now.expected), float(ahead)), rate),
        ("hybrid", habits, expected, now.expected, 1.0),  # at the expectation of the model
    ):
        asked = now.habits[list(columns)]
        mean = XGBRegressor(objective="count:poisson", random_state=seed, **_TREES)
        mean.fit(columns, purchases, base_margin=np.log(per))
        predictions[f"{name}_mean"] = mean.predict(asked, base_margin=np.log(per_now))
        # The absolute error of purchases / per, weighted by per, is that of the purchases.
        median = XGBRegressor(
            objective="reg:absoluteerror", base_score=start, random_state=seed, **_TREES
        )
        median.fit(columns, purchases / per, sample_weight=per)
        predictions[f"{name}_median"] = np.maximum(median.predict(asked), 0) * per_now
        if name == "hybrid":
            gains = {
                "hybrid_mean": mean.feature_importances_,
                "hybrid_median": median.feature_importances_,
            }
    columns_told = ["day", "horizon", "buyers", "purchases", "expected"]
    return Boosted(
        pd.DataFrame(predictions, index=now.habits.index).astype("float64"),
        pd.DataFrame(told, columns=columns_told),
        pd.DataFrame({"habit": list(habits)} | gains)
        .sort_values(["hybrid_median", "habit"], ascending=[False, True])
        .reset_index(drop=True),
    )


def median_purchases(model: BuyerModel, buyers: pd.DataFrame, ahead: float) -> Numbers:
    """(buyers,): the median of each buyer's purchases in the next `ahead` units, by the model.

    The least number that is not exceeded with a chance of a half or more. It has the least expected
    absolute error of all predictions where the model is right.
    """
    found = np.zeros(len(buyers))
    expected = model.expected(buyers, ahead).to_numpy(float)
    # By Markov, no more than twice the mean.
    most = np.floor(2 * expected).astype(int)
    order = np.argsort(most, kind="stable")
    begin = int(np.searchsorted(most[order], 1))
    while begin < len(order):
        # As many rows as fit, from the largest number down to where it halves.
        width = int(most[order[begin]]) * 2
        size = max(1, _AT_ONCE // (width + 1))
        stop = min(begin + size, int(np.searchsorted(most[order], width, side="right")))
        rows = order[begin:stop]
        chances = model.future_chances(buyers.iloc[rows], ahead, width).to_numpy(float)
        found[rows] = (chances.cumsum(axis=1) < 0.5).sum(axis=1)
        begin = stop
    return found


def _lesson(
    days: pd.DataFrame,
    day: pd.Timestamp,
    horizon: float,
    fit: Callable[[pd.DataFrame], BuyerModel],
    orders: pd.DataFrame | None,
    unit_days: int,
) -> _Lesson:
    buyers = summaries(days, day, unit_days=unit_days)
    model = fit(buyers)
    expected = np.maximum(model.expected(buyers, horizon).to_numpy(float), _LEAST)
    habits = purchase_habits(days, day, orders, unit_days=unit_days).loc[buyers["buyer_key"]]
    said = {"expected_rate": expected / horizon, "alive": model.alive(buyers).to_numpy(float)}
    return _Lesson(habits.assign(**said), expected, horizon, model, buyers)

"""How good a model could be at all, on a simulated base whose chances are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from xgboost import XGBRegressor

from src.data.problems import InputError
from src.models.intervals.numbers import chances_of
from src.models.learning.preparation import Tidy
from src.models.scoring.scores import roc_auc

_FOLDS = 5
_LEAST = 1e-6  # months: who surely leaves next month has none left, and a mean a month needs one


def expected_auc(score: np.ndarray, chance: np.ndarray) -> float:
    """The AUC of `score` to expect when everybody leaves with their true `chance`.

    Every customer counts as a churner with weight `chance` and as a stayer with the rest, so no
    luck of who left is in it. `expected_auc(chance, chance)` is the best any score can reach.

    >>> round(expected_auc(np.array([0.9, 0.1]), np.array([1.0, 0.0])), 6)
    1.0
    """
    true = chances_of(chance)
    labels = np.r_[np.ones(len(true)), np.zeros(len(true))]
    # A weight of exactly zero is no observation.
    weight = np.clip(np.r_[true, 1 - true], 1e-12, None)
    return roc_auc(labels, np.r_[score, score], weight)


def true_outcomes(
    truth: pd.DataFrame, months: int, gap: int = 0, *, suffix: str = "_fair"
) -> np.ndarray:
    """(customers, 4): the true chances of `snapshots.OUTCOMES`; each row sums to 1.

    Reads `churn_<k><suffix>`, the chance to be gone or to leave within k months, for k from 0 to
    12: with `_fair` what an operator could know of it, with an empty suffix what an insider knows.
    Raises `InputError` when the months end beyond them.
    """
    ends = (0, gap, gap + months)
    names = [f"churn_{end}{suffix}" for end in ends]
    if names[-1] not in truth:
        raise InputError(
            f"the truth knows chances of 12 months, a gap of {gap} and {months} months are more"
        )
    gone, early, left = (truth[name].to_numpy("float64") for name in names)
    # Chances by month are sums of many: one may miss the next by a digit.
    early, left = np.maximum(early, gone), np.maximum.reduce([gone, early, left])
    return np.column_stack([gone, early - gone, left - early, 1 - left]).clip(0, 1)


def observable_chance(features: pd.DataFrame, chance: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """The fair oracle: the mean true chance among customers whose features look alike.

    The true chance knows what no feature shows (how engaged a customer is, who has made up their
    mind). Trees learn it from the features in four of five folds and give the mean for the fifth.
    They learn from chances, not from who left, so from far more than any churn model can: what they
    reach is what the features hold, less the error of five-fold trees on so many customers. It is
    an estimate from below.

    `features`: one row per customer, as models read them; `chance`: 0..1, same order. Raises
    `InputError` for fewer than 50 customers.
    """
    true = chances_of(chance)
    if len(true) < 50:
        raise InputError(f"the fair oracle needs 50 customers, found {len(true)}")
    found = np.empty(len(true))
    for train, test in KFold(_FOLDS, shuffle=True, random_state=seed).split(true):
        tidy = Tidy()
        learned = tidy.fit_transform(features.iloc[train])
        trees = XGBRegressor(
            objective="reg:logistic",
            n_estimators=300,
            learning_rate=0.06,
            max_depth=5,
            min_child_weight=5,
            subsample=0.7,
            colsample_bytree=0.5,
            max_bin=64,
            tree_method="hist",
            enable_categorical=True,
            random_state=seed,
            n_jobs=1,
        )
        trees.fit(learned, true[train])
        found[test] = trees.predict(tidy.transform(features.iloc[test]))
    return found


def observable_worth(truth: pd.DataFrame, monthly: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """True lifetimes with the money a month that can be known today: a frame `worth`.

    `truth`: a row per customer with `customer_id` and the true `lifetime` (discounted expected
    months), `revenue` and `margin` (money); `monthly`: what each customer pays and brings a month
    today, `revenue` and `margin`, in the same order. The true margin over the true lifetime is no
    measure of what a customer pays: the truth knows who has decided to leave, whose money is on its
    way down in the few months left, and finds short lives and small money together where nobody can
    see it. Here a customer brings today's money times one factor for all of the frame, which keeps
    the total true: for each measure, sum(lifetime x monthly x factor) = sum(measure).

    Hand in one group. Raises `InputError` when today's money sums to nothing.
    """
    lifetime = truth["lifetime"].to_numpy(float).clip(min=_LEAST)
    worth = pd.DataFrame({"customer_id": truth["customer_id"].to_numpy(), "lifetime": lifetime})
    for measure, today in monthly.items():
        total = float(lifetime @ today)
        if not total > 0:
            raise InputError(f"the {measure} of today sums to nothing")
        worth[measure] = lifetime * today * (truth[measure].sum() / total)
    return worth

"""Predicted money against the money that came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, finite
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import ratio_of_means
from src.models.value.money import bill_margins

DECILES = 10


def spaced(rows: pd.DataFrame, last: pd.Timestamp, months: int) -> pd.DataFrame:
    """The rows whose `snapshot` is `last` or whole steps of so many months before it.

    Neighbouring snapshots of one customer say nearly the same, and long lead times need many of
    them: every second month costs half and loses little.
    """
    then = rows["snapshot"]
    before = 12 * (last.year - then.dt.year) + last.month - then.dt.month
    return rows[(before >= 0) & (before % months == 0)]


def realised_margin(
    billing: pd.DataFrame, lives: pd.DataFrame, listed: pd.Series, at: pd.Timestamp, months: int
) -> pd.Series:
    """Margin of the `months` after month `at` while the life of then went on, by customer.

    Reads `customer_id`, `month`, `revenue`, `cost_to_serve` of `billing` and the frame of
    `src.features.lifecycle.lives_as_of` of a month that knows these ends. Indexed by `listed`,
    everybody on the list at the end of `at`; who was gone already, left at once or got no bill has
    0. Money of a life that began later does not count. Unknown costs are those of
    `money.bill_margins`.
    """
    begun = lives[lives["start"] <= at].sort_values("start", kind="stable")
    end_of = begun.drop_duplicates("customer_id", keep="last").set_index("customer_id")["end"]
    until = at + pd.DateOffset(months=months)
    bills = billing.assign(margin=bill_margins(billing))
    bills = bills[(bills["month"] > at) & (bills["month"] <= until)]
    bills = bills[bills["customer_id"].isin(listed)]
    bills = bills[~(bills["month"] >= bills["customer_id"].map(end_of))]
    return bills.groupby("customer_id")["margin"].sum().reindex(listed.array, fill_value=0.0)


def hidden_margin(
    billing: pd.DataFrame, ends: pd.DataFrame, last: pd.Timestamp, months: int
) -> pd.Series:
    """Margin of the `months` after month `last` while the life ran, by customer.

    Reads the truth of a simulated base: `hidden_billing`, and `end_month`, `return_month`,
    `return_end` of `lives`: who had come back by `last` is in the second life. Unknown costs are
    those of `money.bill_margins`.
    """
    bills = billing.assign(margin=bill_margins(billing))
    bills = bills[bills["month"] <= last + pd.DateOffset(months=months)]
    own = ends.set_index("customer_id")
    running = own["return_end"].where(own["return_month"] <= last, own["end_month"])
    end = bills["customer_id"].map(running)
    bills = bills[~(bills["month"] >= end)]
    return bills.groupby("customer_id")["margin"].sum()


def normalised_gini(actual: np.ndarray, predicted: np.ndarray) -> float:
    """How well an order finds the money: the Gini of the predicted order over that of the best.

    1 when customers are ordered as their actual money, 0 for a random order, below 0 for a reversed
    one. Equal predictions share their money. Raises `InputError` when everybody brought the same.

    >>> normalised_gini(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    1.0
    """
    money = finite("actual", actual)
    if np.ptp(money) == 0:
        raise InputError("everybody brought the same, so no order is better than another")
    return _ordered_gini(money, finite("predicted", predicted)) / _ordered_gini(money, money)


def backtest(
    rows: pd.DataFrame,
    estimators: Sequence[str],
    by: str = "segment",
    *,
    means_of: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How each estimator did, per group.

    Reads `actual` (money), a column of predicted money per name in `estimators`, and `by`. Returns
    `group`, `estimator`, `customers`, `actual`, `predicted` (sums), `bias` (predicted over actual,
    less 1) with `low` and `high`, `mae` (money per customer), `gini` (normalised), `spearman`; the
    last two are missing for an estimator that says the same of everybody. The interval of the bias
    is of other customers in the same months, see `ratios.ratio_of_means`: a price war or a good
    year, which moves them all at once, is not in it. `means_of` names estimators that hand out a
    mean, and the column it is the mean of: other customers would have moved that mean, so their
    interval is that of the column, brought to the same total.
    """
    found = []
    for group, part in rows.groupby(by, observed=True):
        actual = part["actual"].to_numpy(float)
        for name in estimators:
            said = part[name].to_numpy(float)
            is_flat = np.ptp(said) == 0
            own = part[(means_of or {}).get(name, name)].to_numpy(float)
            ratio = _total_ratio(said, own, actual, confidence)
            found.append(
                {
                    "group": group,
                    "estimator": name,
                    "customers": len(part),
                    "actual": actual.sum(),
                    "predicted": said.sum(),
                    "bias": ratio.value - 1,
                    "low": ratio.low - 1,
                    "high": ratio.high - 1,
                    "mae": np.abs(said - actual).mean(),
                    "gini": np.nan if is_flat else normalised_gini(actual, said),
                    "spearman": np.nan if is_flat else spearmanr(said, actual).statistic,
                }
            )
    return pd.DataFrame(found)


def _total_ratio(said: Numbers, own: Numbers, actual: Numbers, confidence: float) -> Estimate:
    """The total of `said` over that of `actual`; each customer has the share of `own` in it."""
    if not actual.sum() > 0:
        return Estimate(np.nan, np.nan, np.nan)
    if own.sum() == 0:
        return ratio_of_means(said, actual, confidence)
    return ratio_of_means(own * (said.sum() / own.sum()), actual, confidence)


def by_decile(
    rows: pd.DataFrame,
    estimator: str,
    rng: np.random.Generator,
    *,
    by: str = "segment",
    replicates: int = 300,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Mean predicted and actual money per tenth of the customers of each group, by prediction.

    Returns `group`, `decile` (1: the lowest predictions), `customers`, `predicted`, `actual`,
    `low`, `high` (bootstrap of the customers of the tenth, percentiles), `is_inside` (the mean
    prediction lies between them). With heavy tails the highest tenth's interval is too short. Of
    fewer than ten customers some tenths hold nobody and are left out.
    """
    found = []
    for group, part in rows.groupby(by, observed=True):
        order = part[estimator].rank(method="first").to_numpy()
        decile = np.ceil(order / len(part) * DECILES).astype(int)
        for number in range(1, DECILES + 1):
            own = part[decile == number]
            if own.empty:
                continue
            actual = own["actual"].to_numpy(float)
            draws = rng.choice(actual, (replicates, len(actual))).mean(axis=1)
            low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
            said = own[estimator].mean()
            found.append([group, number, len(own), said, actual.mean(), low, high])
    columns = ["group", "decile", "customers", "predicted", "actual", "low", "high"]
    table = pd.DataFrame(found, columns=columns)
    return table.assign(is_inside=table["predicted"].between(table["low"], table["high"]))


def _ordered_gini(money: np.ndarray, score: np.ndarray) -> float:
    """Gini of the concentration curve of money, in falling order of the score, times n x total."""
    _, tie = np.unique(-score, return_inverse=True)
    mean = np.bincount(tie, money) / np.bincount(tie)
    ordered = mean[np.sort(tie)]
    rank = np.arange(1, len(money) + 1)
    return float(((len(money) + 1 - 2 * rank) * ordered).sum())

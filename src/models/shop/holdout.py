"""Predicted purchases against those of a hold-out: how far off, and in which order.

A prediction is a number of purchases per buyer. What is best depends on the figure. The mean error
per buyer (MAE) is least for the median of what may come: where most buyers never come back, saying
that nobody does is hard to beat, and a prediction rounded to whole purchases wins over the expected
number it was rounded from. The total and the RMSE are least for the expected number. An order of
buyers (Spearman) knows no level at all. So no figure stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.intervals.ratios import share_of_sum
from src.models.value.backtest import DECILES, by_decile

METRICS = ["total", "total_error", "mae", "rmse", "spearman", "spearman_money"]
LOWER_IS_BETTER = frozenset(["mae", "rmse"])
BASELINES = ["all_zero", "naive_rate", "last_period"]
MOST_PURCHASES = 7  # of calibration by past frequency: so many and more are one group
# Bounds the memory: draws x buyers at once.
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Judged:
    """Several predictions of the same buyers.

    `figures`: `model`, `metric`, `value`, `low`, `high`, `is_best` (of the metric). `differences`:
    a row per metric and ordered pair of predictions: `model`, `versus`, `metric`, `difference` (the
    figure of the model less that of the other), `low`, `high`, `in_noise` (the interval contains
    0). Metrics: `total` (predicted purchases of all), `total_error` (share of the actual total,
    less 1), `mae`, `rmse` (purchases per buyer), `spearman` and, where money is known,
    `spearman_money` (rank correlation with purchases and with money; missing for a prediction that
    says the same of everybody).
    """

    figures: pd.DataFrame
    differences: pd.DataFrame
    buyers: int

    def value(self, model: str, metric: str) -> float:
        """One figure of one prediction."""
        of = self.figures
        return float(of.loc[(of["model"] == model) & (of["metric"] == metric), "value"].iloc[0])

    def best(self, metric: str) -> str:
        """The name of the best prediction by this metric."""
        of = self.figures
        return str(of.loc[of["is_best"] & (of["metric"] == metric), "model"].iloc[0])


def baselines(buyers: pd.DataFrame, ahead: float) -> pd.DataFrame:
    """What costs nothing to predict: `all_zero`, `naive_rate`, `last_period`, purchases per buyer.

    Reads `frequency` and `age` (units of time, 0 or more) and, for the last one, `last_period`: the
    repeat purchases of the last `ahead` units, which are said to come again. The naive rate is
    frequency / age x ahead; it never forgets a buyer who has left.

    >>> buyers = pd.DataFrame({"frequency": [2, 0], "age": [10.0, 5.0], "last_period": [1, 0]})
    >>> baselines(buyers, 20).to_numpy().tolist()
    [[0.0, 4.0, 1.0], [0.0, 0.0, 0.0]]
    """
    check_columns(buyers, ["frequency", "age"])
    age = finite("age", buyers["age"])
    if (age < 0).any() or not ahead > 0:
        raise InputError(
            "a rate needs an age of 0 or more of every buyer, and a time ahead above 0"
        )
    # Who bought first on the last day has had no time to come back.
    rate = finite("frequency", buyers["frequency"]) / np.where(age > 0, age, 1.0)
    found = pd.DataFrame({"all_zero": 0.0, "naive_rate": rate * ahead}, index=buyers.index)
    if "last_period" in buyers:
        found["last_period"] = finite("last_period", buyers["last_period"])
    return found


def judge(
    rows: pd.DataFrame,
    models: Sequence[str],
    rng: np.random.Generator,
    *,
    replicates: int = 200,
    confidence: float = 0.95,
) -> Judged:
    """The figures of each prediction, and their differences, with intervals by buyer.

    Reads one row per buyer: `actual` (purchases of the hold-out), a column of predicted purchases
    per name in `models` and, where known, `money` (what these purchases brought). See `Judged`.
    With the money that came as `actual`, predicted money is judged, and figures are of money.

    Each replicate draws as many buyers as there are, with replacement; all predictions see the same
    draw, so what they share cancels in the difference. Ends are percentiles. Assumption: buyers are
    independent and the models are given; a good season, which moves all buyers at once, is in no
    interval. Of the best of several the figure is a little too good.

    Raises `InputError` when a column is missing, a number is missing or infinite, a count is below
    0, nobody bought in the hold-out, or a name is given twice. Source: Efron and Tibshirani 1993,
    chapters 8 and 13.
    """
    if not models or len(set(models)) < len(models):
        raise InputError("models must name at least one prediction, and none twice")
    check_columns(rows, ["actual", *models])
    actual = finite("actual", rows["actual"])
    said = np.column_stack([finite(name, rows[name]) for name in models])
    if (actual < 0).any() or (said < 0).any():
        raise InputError("actual and predicted purchases must be 0 or more")
    if not actual.sum() > 0:
        raise InputError("nobody bought in the hold-out, so there is nothing to compare with")
    orders = {"spearman": actual}
    if "money" in rows:
        orders["spearman_money"] = finite("money", rows["money"])
    table = _Table(
        actual,
        said,
        [_Ordered.of(column) for column in said.T],
        [_Ordered.of(column) for column in orders.values()],
    )
    value = table.under(np.ones((1, len(actual))))[0]
    drawn = np.concatenate([table.under(times) for times in _draws(len(actual), replicates, rng)])
    metrics = METRICS[: 4 + len(orders)]
    best = [_best(value[:, place], metric) for place, metric in enumerate(metrics)]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    rows_found, pairs = [], []
    for one, model in enumerate(models):
        for at, metric in enumerate(metrics):
            ends = float(low[one, at]), float(high[one, at])
            rows_found.append((model, metric, float(value[one, at]), *ends, best[at] == one))
            for other, versus in enumerate(models):
                if other == one:
                    continue
                apart = np.quantile(drawn[:, one, at] - drawn[:, other, at], tails)
                pairs.append((model, versus, metric, value[one, at] - value[other, at], *apart))
    figures = pd.DataFrame(
        rows_found, columns=["model", "metric", "value", "low", "high", "is_best"]
    )
    columns = ["model", "versus", "metric", "difference", "low", "high"]
    differences = pd.DataFrame(pairs, columns=columns)
    in_noise = (differences["low"] <= 0) & (differences["high"] >= 0)
    return Judged(figures, differences.assign(in_noise=in_noise), len(rows))


def value_deciles(
    rows: pd.DataFrame,
    rng: np.random.Generator,
    *,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Tenths of the buyers by predicted value, and the money that each tenth brought.

    Reads `value` (predicted residual value, money) and `money` (what the buyer brought in the
    hold-out). Returns `decile` (1: the lowest values), `buyers`, `predicted` and `actual` (means,
    with `low` and `high` of the actual one), `share` of all money of the hold-out with `share_low`
    and `share_high`. The value looks further ahead than the hold-out and discounts, so predicted
    and actual are not to be equal: the actual means are to rise with the decile. Intervals: see
    `src.models.value.backtest.by_decile` and `src.models.intervals.ratios.share_of_sum`. Raises
    `InputError` when there are fewer than ten buyers or nobody brought money.
    """
    check_columns(rows, ["value", "money"])
    money = finite("money", rows["money"])
    if len(rows) < DECILES or not money.sum() > 0:
        raise InputError("tenths need at least ten buyers, and money in the hold-out")
    deciles = by_decile(
        rows[["value"]].assign(actual=money, buyers="all"),
        "value",
        rng,
        by="buyers",
        replicates=replicates,
        confidence=confidence,
    )
    rank = rows["value"].rank(method="first").to_numpy()
    decile = np.ceil(rank / len(rows) * DECILES).astype(int)
    shares = [
        share_of_sum(np.where(decile == number, money, 0.0), money, confidence)
        for number in deciles["decile"]
    ]
    found = deciles.rename(columns={"customers": "buyers"})
    return found[["decile", "buyers", "predicted", "actual", "low", "high"]].assign(
        share=[share.value for share in shares],
        share_low=[share.low for share in shares],
        share_high=[share.high for share in shares],
    )


def by_past_frequency(
    rows: pd.DataFrame,
    models: Sequence[str],
    rng: np.random.Generator,
    *,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Predicted and actual purchases by how many repeat purchases a buyer had made before.

    Reads `frequency`, `actual` and a column per name in `models`. Returns `frequency` (`0` .. `6`,
    `7+`), `buyers`, `actual` (mean purchases of the hold-out) with `low` and `high`, and the mean
    of each prediction; a number that nobody has is left out. Ends are percentiles of draws of the
    buyers of the row: where none or few of them bought, the interval is too short.
    """
    check_columns(rows, ["frequency", "actual", *models])
    group = np.minimum(finite("frequency", rows["frequency"]), MOST_PURCHASES).astype(int)
    actual, tails = finite("actual", rows["actual"]), [(1 - confidence) / 2, (1 + confidence) / 2]
    found = []
    for number in np.unique(group):
        own = group == number
        count = int(own.sum())
        means = [(times @ actual[own]) / count for times in _draws(count, replicates, rng)]
        low, high = np.quantile(np.concatenate(means), tails)
        name = f"{MOST_PURCHASES}+" if number == MOST_PURCHASES else str(number)
        said = {model: float(rows.loc[own, model].mean()) for model in models}
        row = {"frequency": name, "buyers": count, "actual": float(actual[own].mean())}
        found.append(row | {"low": float(low), "high": float(high)} | said)
    return pd.DataFrame(found)


@dataclass(frozen=True)
class _Ordered:
    """Numbers by their place among the distinct ones."""

    place: np.ndarray
    distinct: int

    @classmethod
    def of(cls, numbers: Numbers) -> _Ordered:
        # Equal predictions are equal whatever the last digit.
        distinct, place = np.unique(numbers.round(9), return_inverse=True)
        return cls(place, len(distinct))

    def ranks(self, times: Numbers) -> Numbers:
        """Mean ranks of the buyers where each counts so many times, less the middle rank."""
        counts = np.bincount(self.place, times, self.distinct)
        middle = np.cumsum(counts) - counts / 2
        ranks: Numbers = middle[self.place] - times.sum() / 2
        return ranks


@dataclass(frozen=True)
class _Table:
    """The figures of all predictions under any number of times that each buyer counts."""

    actual: Numbers
    said: Numbers
    said_order: list[_Ordered]
    actual_orders: list[_Ordered]

    def under(self, times: Numbers) -> Numbers:
        """(draws, models, metrics): METRICS of each draw; `times` is draws x buyers."""
        buyers = times.sum(axis=1, keepdims=True)
        total, came = times @ self.said, times @ self.actual
        apart = self.said - self.actual[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):  # a draw in which nobody bought
            error = total / came[:, None] - 1
        parts = [total, error, times @ np.abs(apart) / buyers, np.sqrt(times @ apart**2 / buyers)]
        parts += [
            np.column_stack([_correlation(times, said, came_in) for said in self.said_order])
            for came_in in self.actual_orders
        ]
        return np.stack(parts, axis=-1)


def _correlation(times: Numbers, one: _Ordered, other: _Ordered) -> Numbers:
    """(draws,): Spearman's rank correlation in each draw; missing where all are equal."""
    found = np.full(len(times), np.nan)
    if one.distinct == 1 or other.distinct == 1:
        return found
    for draw, own in enumerate(times):
        first, second = one.ranks(own), other.ranks(own)
        scale = np.sqrt((own @ first**2) * (own @ second**2))
        found[draw] = (own @ (first * second)) / scale if scale > 0 else np.nan
    return found


def _best(values: Numbers, metric: str) -> int:
    """The place of the best value of a metric; -1 where none is known."""
    if np.isnan(values).all() or metric == "total":
        return -1
    if metric == "total_error":
        return int(np.nanargmin(np.abs(values)))
    return int(np.nanargmin(values) if metric in LOWER_IS_BETTER else np.nanargmax(values))


def _draws(buyers: int, replicates: int, rng: np.random.Generator) -> Iterator[Numbers]:
    """How often each buyer is drawn: chunks of draws x buyers."""
    at_once = max(1, _AT_ONCE // buyers)
    for start in range(0, replicates, at_once):
        draws = min(at_once, replicates - start)
        taken = rng.integers(0, buyers, (draws, buyers)) + buyers * np.arange(draws)[:, None]
        times = np.bincount(taken.ravel(), minlength=draws * buyers).reshape(draws, buyers)
        yield times.astype(float)

"""The second purchase as turning point: how soon it comes, and what changes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import by_delta
from src.models.survival.kaplan_meier import kaplan_meier, survival_at

MOST_PURCHASES = 7  # so many and more are one group
MOST_OF_THEM = 0.8  # of those who come back
_WATCHED = 0.1  # of the buyers are watched for at least so long


@dataclass(frozen=True)
class Comeback:
    """How long the second purchase lets wait.

    `curve`: `time` (units since the first purchase), `at_risk`, `returned` (share with a second
    purchase by then), `low`, `high`. `ever`: the share with a second purchase within `horizon`
    units, as far as a tenth of the buyers were watched. `by`: the unit by which `MOST_OF_THEM` of
    these had made it; nobody knows who comes back after the horizon.
    """

    curve: pd.DataFrame
    horizon: int
    ever: Estimate
    by: Estimate
    buyers: int


def time_to_second(
    days: pd.DataFrame,
    until: pd.Timestamp,
    rng: np.random.Generator,
    *,
    unit_days: int = 7,
    replicates: int = 200,
    confidence: float = 0.95,
) -> Comeback:
    """How many buyers make a second purchase, and how soon; see `Comeback`.

    `days`: `buyer_key`, `date`, a row per buyer and day of purchase (`src.features.purchases`); the
    first one in the log is the first of all. Who has made no second purchase by the end of `until`
    is censored there (Kaplan-Meier; time in whole units, begun ones count). The interval of `by`
    holds percentiles of draws of buyers, to whole units.

    Assumption: buyers who came late are like those who came early. Where they are not (an
    advertising campaign that brought other people), the end of the curve is of the early ones only.
    Raises `InputError` when a column is missing, nobody bought by `until`, or nobody came back.
    """
    first_waits = _waits(days, until, unit_days)
    first_waits = first_waits[first_waits["purchases"] == 1]
    if not first_waits["ended"].any():
        raise InputError(f"nobody made a second purchase by {pd.Timestamp(until):%Y-%m-%d}")
    horizon = int(np.floor(np.quantile(first_waits["watched"], 1 - _WATCHED)))
    lives = first_waits.assign(duration=np.ceil(first_waits["duration"]))
    curve = kaplan_meier(lives, confidence=confidence)
    curve = curve[curve["time"] <= max(horizon, 1)]
    duration = lives["duration"].to_numpy(int)
    ended = lives["ended"].to_numpy(bool)
    each = np.zeros(len(lives), int)
    own = _returned(duration, ended, each + 1, horizon)
    drawn = []
    for _ in range(replicates):
        times = np.bincount(rng.integers(0, len(lives), len(lives)), minlength=len(lives))
        drawn.append(_returned(duration, ended, times, horizon))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    by = [_unit_of_most(returned) for returned in drawn if returned[-1] > 0]
    low, high = np.quantile(by, tails, method="nearest")
    last = curve.iloc[-1]
    returned = {"returned": 1 - curve["survival"], "low": 1 - curve["high"]}
    returned["high"] = 1 - curve["low"]
    return Comeback(
        curve[["time", "at_risk"]].assign(**returned).reset_index(drop=True),
        horizon,
        Estimate(float(own[-1]), float(1 - last["high"]), float(1 - last["low"])),
        Estimate(_unit_of_most(own), float(low), float(high)),
        len(lives),
    )


def further_purchases(
    days: pd.DataFrame,
    until: pd.Timestamp,
    within: float,
    *,
    unit_days: int = 7,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The chance of a further purchase after the first, the second, .. one.

    `days` as in `time_to_second`. Returns `purchases` (`1` .. `6`, `7+`), `buyers` (who had made
    so many; of `7+` purchases, not buyers), `chance` of the next one `within` so many units, `low`,
    `high` (Kaplan-Meier, Greenwood's on the log(-log) scale; censored at the end of `until`). It is
    missing where nobody was watched for so long.

    What it does not say: that a second purchase makes a loyal buyer. Those who buy twice were
    others from the start; only an experiment tells what bringing somebody to a second purchase is
    worth. Rows of `7+` are several of one buyer, so their interval is too short.
    """
    waits = _waits(days, until, unit_days)
    number = np.minimum(waits["purchases"], MOST_PURCHASES)
    lives = waits.assign(step=number)
    found = survival_at(kaplan_meier(lives, by="step", confidence=confidence), [within])
    sizes = number.value_counts().sort_index()
    names = [f"{step}+" if step == MOST_PURCHASES else str(step) for step in sizes.index]
    return pd.DataFrame(
        {
            "purchases": names,
            "buyers": sizes.to_numpy(),
            "chance": 1 - found["survival"].to_numpy(),
            "low": 1 - found["high"].to_numpy(),
            "high": 1 - found["low"].to_numpy(),
        }
    )


def by_repeats(
    rows: pd.DataFrame, figures: Sequence[str], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Means of what a model says of buyers, by their number of repeat purchases.

    Reads `frequency` and the columns `figures` (chance to be alive, expected purchases, residual
    value; numbers per buyer). Returns a row per figure and number: `figure`, `repeats` (`0` .. `6`,
    `7+`), `buyers`, `mean`, `low`, `high`, and `times`, the mean over that of the number before,
    with `times_low`, `times_high`; missing for the first, and where a mean is not above 0.
    Intervals are of other buyers, with the model as it is; of one buyer there is none.

    >>> rows = pd.DataFrame({"frequency": [0, 0, 1, 1], "value": [1.0, 3.0, 5.0, 7.0]})
    >>> by_repeats(rows, ["value"])[["repeats", "mean", "times"]].to_numpy().tolist()
    [['0', 2.0, nan], ['1', 6.0, 3.0]]
    """
    check_columns(rows, ["frequency", *figures])
    step = np.minimum(finite("frequency", rows["frequency"]), MOST_PURCHASES).astype(int)
    reach = norm.ppf((1 + confidence) / 2)
    found = []
    for figure in figures:
        values, before = finite(figure, rows[figure]), (np.nan, np.nan)
        for number in np.unique(step):
            own = values[step == number]
            mean = by_delta(own.mean(), own - own.mean(), confidence)
            name = f"{MOST_PURCHASES}+" if number == MOST_PURCHASES else str(number)
            times = (np.nan, np.nan, np.nan)
            relative = np.nan
            if mean.value > 0:
                relative = (mean.high - mean.value) / reach / mean.value
                ratio = mean.value / before[0]
                far = np.exp(reach * np.hypot(relative, before[1]))
                times = (ratio, ratio / far, ratio * far)
            found.append((figure, name, len(own), mean.value, mean.low, mean.high, *times))
            before = (mean.value if mean.value > 0 else np.nan, relative)
    columns = ["figure", "repeats", "buyers", "mean", "low", "high"]
    return pd.DataFrame(found, columns=[*columns, "times", "times_low", "times_high"])


def _waits(days: pd.DataFrame, until: pd.Timestamp, unit_days: int) -> pd.DataFrame:
    """A row per purchase: what number of the buyer it was, and how long the next one let wait.

    `purchases`, `duration` (units to the next one or to the end of `until`), `ended` (there was a
    next one), `watched` (units to the end of `until`).
    """
    check_columns(days, ["buyer_key", "date"])
    end = pd.Timestamp(until).normalize()
    known = days[days["date"] < end + pd.Timedelta(days=1)].sort_values(["buyer_key", "date"])
    if known.empty:
        raise InputError(f"nobody bought by {end:%Y-%m-%d}")
    buyer, _ = pd.factorize(known["buyer_key"])
    ahead = (end - known["date"].dt.normalize()).dt.days.to_numpy() / unit_days
    has_next = np.append(buyer[1:] == buyer[:-1], False)
    later = np.append(ahead[1:], 0.0)
    order = np.arange(len(buyer))
    begins = np.maximum.accumulate(np.where(np.append(True, ~has_next[:-1]), order, 0))
    return pd.DataFrame(
        {
            "purchases": order - begins + 1,
            "duration": ahead - np.where(has_next, later, 0.0),
            "ended": has_next,
            "watched": ahead,
        }
    )


def _returned(duration: np.ndarray, ended: np.ndarray, times: np.ndarray, horizon: int) -> Numbers:
    """The share that has come back by unit 0, 1, .., `horizon`, each buyer counting `times`."""
    left = np.bincount(duration, times, horizon + 1)
    ends = np.bincount(duration, times * ended, horizon + 1)
    at_risk = left[::-1].cumsum()[::-1]
    stays = 1 - np.divide(ends, at_risk, out=np.zeros_like(ends), where=at_risk > 0)
    returned: Numbers = 1 - np.cumprod(stays)[: horizon + 1]
    return returned


def _unit_of_most(returned: Numbers) -> float:
    return float(np.argmax(returned >= MOST_OF_THEM * returned[-1] - 1e-12))

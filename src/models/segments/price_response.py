"""How many more leave after a price rise, month for month against those whose price stayed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.features.months import Month, month_numbers
from src.models.intervals.numbers import check_columns

SPANS = ((1, 3), (4, 6), (7, 9))  # months after a rise
LEAST = 10  # exits after a rise, and as many of the others
_AGES = (3, 12, 24, 48)  # months as a customer at which the next band begins


def price_response(
    lives: pd.DataFrame,
    rises: pd.DataFrame,
    months: tuple[pd.Timestamp, pd.Timestamp],
    *,
    spans: Sequence[tuple[int, int]] = SPANS,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate ratio of leaving in each span after a rise, against no rise within all spans.

    `lives` of one segment: `customer_id`, `start`, `end` (missing where not ended by the last of
    `months`, first and last month seen), `signup` (the month from which a customer's age counts).
    `rises`: `customer_id`, `month`. Returns `first`, `last` (months after the rise), `exits`,
    `months` (customer-months), `ratio`, `low`, `high`, `log_error` (standard error of its
    logarithm).

    The ratio is that of Mantel and Haenszel over calendar months and bands of age: in each month
    those whose price rose some months before are compared with customers as old whose price did
    not, so that neither a bad month of everybody nor the young, who leave most and saw no rise yet,
    are taken for the price. Its error is that of Greenland and Robins. A customer counts to the
    latest rise. Assumption: whose price rises first is no matter of who
    would leave anyway; it fails where a rise goes to those who complain, or to all in one month,
    when nobody is left to compare with. Source: Greenland and Robins 1985, Biometrics 41, 55-68.

    Raises `InputError` where fewer than ten exits followed a rise, or none could be compared.
    """
    check_columns(lives, ["customer_id", "start", "end", "signup"])
    check_columns(rises, ["customer_id", "month"])
    begin, last = (Month.of(month).number for month in months)
    count = last - begin + 1
    month = np.arange(count)
    start = month_numbers(lives["start"]).to_numpy(float) - begin
    end = np.where(
        lives["end"].isna(), count + 1, month_numbers(lives["end"]).to_numpy(float) - begin
    )
    # Nobody can leave in the first month that is seen.
    at_risk = (month > np.maximum(start, 0)[:, None]) & (month <= end[:, None])
    leaves = month == end[:, None]
    since = _months_since(lives, rises, begin, count)
    longest = max(span[1] for span in spans)
    is_calm = at_risk & ((since < 0) | (since > longest))
    age = month - (month_numbers(lives["signup"]).to_numpy(float) - begin)[:, None]
    stratum = np.searchsorted(_AGES, age, side="right") * count + month

    def counted(is_meant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exits and months of those meant, by stratum."""
        size = count * (len(_AGES) + 1)
        return np.bincount(stratum[is_meant & leaves], minlength=size), np.bincount(
            stratum[is_meant], minlength=size
        )

    calm_exits, calm_months = counted(is_calm)
    rows = []
    for first, until in spans:
        is_after = at_risk & (since >= first) & (since <= until)
        rows.append(
            {"first": first, "last": until}
            | _mantel_haenszel(*counted(is_after), calm_exits, calm_months)
        )
    table = pd.DataFrame(rows)
    if table["exits"].sum() < LEAST or calm_exits.sum() < LEAST or table["ratio"].isna().any():
        raise InputError(
            f"fewer than {LEAST} customers left after a price rise, or nobody's price stayed then, "
            "so nothing is known of what a rise does"
        )
    far = norm.ppf((1 + confidence) / 2) * table["log_error"]
    table["low"], table["high"] = table["ratio"] * np.exp(-far), table["ratio"] * np.exp(far)
    return table[["first", "last", "exits", "months", "ratio", "low", "high", "log_error"]]


def _mantel_haenszel(
    exits: np.ndarray, exposed: np.ndarray, others: np.ndarray, unexposed: np.ndarray
) -> dict[str, float]:
    """The rate ratio over strata, and the standard error of its logarithm."""
    time = np.maximum(exposed + unexposed, 1)
    above, below = (exits * unexposed / time).sum(), (others * exposed / time).sum()
    spread = ((exits + others) * exposed * unexposed / time**2).sum()
    is_known = above > 0 and below > 0
    return {
        "exits": int(exits.sum()),
        "months": int(exposed.sum()),
        "ratio": above / below if is_known else np.nan,
        "log_error": float(np.sqrt(spread / (above * below))) if is_known else np.nan,
    }


def _months_since(lives: pd.DataFrame, rises: pd.DataFrame, begin: int, count: int) -> np.ndarray:
    """(lives, months): months since the latest rise before the month; -1 before any.

    A rise is on record of those alone who were there in its month. Of the month itself it would
    count none who left in it, so only the months before tell.
    """
    place = pd.Index(lives["customer_id"].unique())
    who = place.get_indexer(rises["customer_id"])
    then = month_numbers(rises["month"]).to_numpy(float) - begin
    is_here = (who >= 0) & (then >= 0) & (then < count)
    latest = np.full((len(place), count), -1)
    latest[who[is_here], then[is_here].astype("int64")] = then[is_here]
    latest[:, 1:] = np.maximum.accumulate(latest, axis=1)[:, :-1]
    latest[:, 0] = -1
    since = np.where(latest >= 0, np.arange(count) - latest, -1)
    return since[place.get_indexer(lives["customer_id"])]

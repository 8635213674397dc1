"""Where the data of a shop begin and end: old buyers in first cohorts, months not whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

_MORE = 1.5  # times as many first purchases as usual are not only new buyers
_COHORTS = 12  # that say what is usual
_MONTHS = 3  # at least, so that a part can be left out
_DAYS = 2  # without a purchase say nothing of the end of a month


def old_cohorts(cohorts: pd.Series) -> list[str]:
    """The first cohorts that hold buyers who bought before the data begin, in their order.

    `cohorts` has one text per buyer that sorts by time, such as 2024-01. Whoever bought before
    seems to buy first when the data begin, so the first cohorts are too large: half again as large
    as the median of those after them, and by more than three times its root.
    """
    sizes = cohorts.value_counts().sort_index()
    old = []
    for place in range(len(sizes) - 1):
        usual = float(np.median(sizes.iloc[place + 1 : place + 1 + _COHORTS]))
        if sizes.iloc[place] <= _MORE * usual + 3 * np.sqrt(usual):
            break
        old.append(str(sizes.index[place]))
    return old


def part_months(dates: pd.Series) -> list[pd.Timestamp]:
    """The first and the last month (their first days) where the data do not hold all of it.

    The days without a purchase at that end are more than two, and than three times the usual
    distance of days with purchases. None where all dates are of two months.
    """
    days = dates.dt.normalize().drop_duplicates().sort_values()
    first, last = days.iloc[0], days.iloc[-1]
    if days.dt.to_period("M").nunique() < _MONTHS:
        return []
    silence = max(_DAYS, 3 * days.diff().dt.days.median())
    starts_late = first.day - 1 > silence
    ends_early = last.days_in_month - last.day > silence
    ends = [day for day, is_part in ((first, starts_late), (last, ends_early)) if is_part]
    return [day.to_period("M").to_timestamp() for day in ends]


def said_of(old: list[str], parts: list[pd.Timestamp], buyers: str) -> str:
    """What a reader is told of both; empty where there is nothing to tell."""
    told = []
    if old:
        span = old[0] if len(old) == 1 else f"{old[0]} to {old[-1]}"
        told.append(
            f"Of the first purchases in {span} many are not the first: whoever bought before the "
            f"data begin is there too. These {buyers}s are in no comparison of groups."
        )
    if parts:
        months = " and ".join(f"{month:%B %Y}" for month in parts)
        told.append(
            f"{months} {'is' if len(parts) == 1 else 'are'} not whole in the data, and "
            "left out of the income by month."
        )
    return " ".join(told)

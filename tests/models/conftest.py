"""What tests of models that learn from panels share."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from src.features.lifecycle import LifeRecord


class Panel(NamedTuple):
    """Rows of feature tables at 24 snapshots and the bills and closings behind them."""

    rows: pd.DataFrame
    record: LifeRecord


@pytest.fixture(scope="session")
def risky_panel() -> Panel:
    """1,500 customers whose `risk` announces who leaves; `noise` says nothing.

    They came one by one from January 2022 on. The monthly hazard is 3 % at risk 0 and more than
    doubles with each unit of it; every snapshot, July 2022 to June 2024, sees the risk a little
    blurred. Half of the exits close, the others fall silent; one bill in fifty is missing though
    nobody left. Bills go on to August 2024, so that exits are known up to June.

    `rows` are of everybody on the list: a bill in one of the last three months, and not closed.
    """
    rng = np.random.default_rng(17)
    calendar = pd.Series(pd.date_range("2022-01-01", "2024-08-01", freq="MS"))
    count, last = 1_500, len(calendar) - 3
    risk = rng.normal(size=count)
    start = rng.integers(0, 20, count)
    end = start + rng.geometric(np.minimum(0.03 * np.exp(0.9 * risk), 0.5))
    names = np.array([f"c{number:04}" for number in range(count)])
    month = np.arange(len(calendar))
    is_paid = (month >= start[:, None]) & (month < end[:, None])
    is_paid &= (rng.random(is_paid.shape) > 0.02) | (month == start[:, None])
    who, when = np.nonzero(is_paid)
    bills = pd.DataFrame({"customer_id": names[who], "month": calendar[when].to_numpy()})
    closes = np.where(rng.random(count) < 0.5, end, len(calendar))
    # Missing where it is after the data.
    people = pd.DataFrame(
        {"customer_id": names, "closed_month": calendar.reindex(closes).to_numpy()}
    )
    latest_bill = np.maximum.accumulate(np.where(is_paid, month, -9), axis=1)
    parts = []
    for number in range(6, last + 1):
        silent = number - latest_bill[:, number]
        here = np.flatnonzero((silent < 3) & (closes > number))
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": names[here],
                    "snapshot": calendar[number],
                    "segment": "B2C",
                    "risk": risk[here] + rng.normal(0, 0.3, len(here)),
                    "noise": rng.normal(size=len(here)),
                    "months_since_revenue": silent[here].astype(float),
                    "latest_source": calendar[number],
                }
            )
        )
    record = LifeRecord(bills.assign(revenue=10.0), people)
    return Panel(pd.concat(parts, ignore_index=True), record)

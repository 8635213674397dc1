"""What tests of models that learn from panels share."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest


class Panel(NamedTuple):
    """Rows of feature tables at 24 snapshots, the lives behind them, the end of follow-up."""

    rows: pd.DataFrame
    lives: pd.DataFrame
    follow_up: pd.Timestamp


@pytest.fixture(scope="session")
def risky_panel() -> Panel:
    """900 customers whose `risk` announces who leaves; `noise` says nothing.

    They came one by one from January 2022 on. The monthly hazard is 3 % at risk 0 and more than
    doubles with each unit of it; every snapshot, July 2022 to June 2024, sees the risk a little
    blurred. Exits are known up to June 2024.
    """
    rng = np.random.default_rng(17)
    calendar = pd.Series(pd.date_range("2022-01-01", "2024-06-01", freq="MS"))
    count, last = 900, len(calendar) - 1
    risk = rng.normal(size=count)
    start = rng.integers(0, 20, count)
    end = start + rng.geometric(np.minimum(0.03 * np.exp(0.9 * risk), 0.5))
    lives = pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in range(count)],
            "start": calendar[start].to_numpy(),
            "end": calendar.reindex(end).to_numpy(),  # missing where it is after follow-up
        }
    )
    parts = []
    for number in range(6, last + 1):
        here = np.flatnonzero((start <= number) & (number < end))
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": lives["customer_id"].to_numpy()[here],
                    "snapshot": calendar[number],
                    "segment": "B2C",
                    "risk": risk[here] + rng.normal(0, 0.3, len(here)),
                    "noise": rng.normal(size=len(here)),
                    "latest_source": calendar[number],
                }
            )
        )
    return Panel(pd.concat(parts, ignore_index=True), lives, calendar[last])

"""Which way the lost go, where the base has too few of a way for trees."""

import numpy as np
import pandas as pd

from src.features.snapshots import OUTCOMES
from src.models.churn.outcomes import Ways
from src.models.survival.hazard import SILENCE

GONE, LATE, SAVABLE, STAYS = range(4)


def training(**counts: tuple[int, int]) -> pd.DataFrame:
    """So many rows of each outcome, at so many months of silence."""
    parts = [
        pd.DataFrame({"outcome": OUTCOMES[way], SILENCE: float(silence)}, index=range(rows))
        for way, (rows, silence) in ((int(name[1:]), pair) for name, pair in counts.items())
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["outcome"] = pd.Categorical(rows["outcome"], OUTCOMES)
    return rows.assign(customer_id=range(len(rows)), hint=np.arange(len(rows)) % 5)


def test_with_few_gone_the_silent_have_the_share_among_the_silent():
    # Of ten silent lost rows nine were gone; none of the forty others can be.
    rows = pd.concat([training(w0=(9, 2), w2=(1, 2)), training(w2=(40, 0), w3=(50, 0))])
    ways = Ways().fit(rows.assign(customer_id=range(len(rows))), ["hint", SILENCE])

    asked = pd.DataFrame({"hint": [1, 1], SILENCE: [0.0, 2.0]})
    four = ways.outcomes(np.array([0.5, 0.5]), asked)

    gone = 9.5 / 11
    expected = [[0, 0, 0.5, 0.5], [0.5 * gone, 0, 0.5 * (1 - gone), 0.5]]
    np.testing.assert_allclose(four, expected, atol=1e-12)


def test_where_nobody_was_gone_the_silent_can_be_saved_like_others():
    rows = training(w1=(10, 0), w2=(30, 0), w3=(60, 0))
    ways = Ways().fit(rows, ["hint", SILENCE])

    four = ways.outcomes(np.array([0.4]), pd.DataFrame({"hint": [1], SILENCE: [1.0]}))

    late = 11 / 42  # with a row more of each way there was
    np.testing.assert_allclose(four, [[0, 0.4 * late, 0.4 * (1 - late), 0.6]], atol=1e-12)

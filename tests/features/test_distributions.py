import numpy as np
import pandas as pd

from src.features.distributions import missing_shares, spread_by

FRAME = pd.DataFrame(
    {
        "segment": ["B2C", "B2C", "B2C", "B2B"],
        "money": [1.0, 2.0, np.nan, 10.0],
        "lines": [1.0, 1.0, 1.0, 5.0],
        "industry": [None, None, None, "retail"],
    }
)


def test_spread_of_hand_made_features():
    found = spread_by(FRAME, ["money", "lines", "industry"], "segment")
    expected = pd.DataFrame(
        {
            "feature": ["money", "money", "lines", "lines"],
            "group": ["B2B", "B2C", "B2B", "B2C"],
            "customers": [1, 3, 1, 3],
            "missing": [0.0, 1 / 3, 0.0, 0.0],
            "p10": [10.0, 1.1, 5.0, 1.0],
            "median": [10.0, 1.5, 5.0, 1.0],
            "p90": [10.0, 1.9, 5.0, 1.0],
            "scale": [2.0, 2.0, 1.0, 1.0],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_missing_shares_lists_features_with_gaps_only():
    found = missing_shares(FRAME, ["money", "lines", "industry"], "segment")
    expected = pd.DataFrame(
        {
            "feature": ["industry", "money"],
            "B2B": [0.0, 0.0],
            "B2C": [1.0, 1 / 3],
            "most": [1.0, 1 / 3],
        }
    )
    pd.testing.assert_frame_equal(found, expected)

"""A level of whole numbers is called 0, not 0.0, wherever customers are grouped by it."""

from types import SimpleNamespace

import pandas as pd

from src.analyses.churn.explanation import Explanation
from src.analyses.ltv.opened import Opened


def test_groups_of_reasons():
    values = pd.DataFrame({"usage": [1.0, 2, 3, 4], "tenure": [4.0, 3, 2, 1]})
    explained = SimpleNamespace(
        setting=SimpleNamespace(group="lines", min_cell=1),
        rows=pd.DataFrame({"lines": [0.0, 0.0, 2.0, None]}),
        contributions=SimpleNamespace(values=values),
        ranked=pd.DataFrame({"column": ["usage", "tenure"]}),
    )
    assert set(Explanation.by_group(explained)["group"]) == {"0", "2"}


def test_sub_segments_of_lifetime_value():
    traits = pd.DataFrame({"lines": [0.0, 2.0, None]}, index=["a", "b", "c"])
    opened = SimpleNamespace(
        traits=lambda: traits, worth=lambda: pd.DataFrame({"customer_id": ["b", "a", "c"]})
    )
    assert Opened.words_of(opened, "lines").tolist() == ["2", "0", "unknown"]

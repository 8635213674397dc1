import pandas as pd
import pytest

from src.models.churn.silent import silent_table


def test_the_silent_by_months_of_silence():
    said = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "silent": [0, 1, 1, 2],
            "gone": [0.0, 0.2, 0.4, 0.9],
            "chance": [0.1, 0.5, 0.7, 1.0],
            "was_gone": [False, True, False, True],
            "churned": [0, 1, 1, 1],
        }
    )
    found = silent_table(said, 0.95).set_index("silent")

    assert found["customers"].to_dict() == {1: 2, 2: 1}
    assert found["gone_said"].to_dict() == pytest.approx({1: 0.3, 2: 0.9})
    assert found["gone"].to_dict() == {1: 0.5, 2: 1.0}
    assert found["lost_said"].to_dict() == pytest.approx({1: 0.6, 2: 1.0})
    assert found["lost"].to_dict() == {1: 1.0, 2: 1.0}
    assert found.loc[2, ["low", "high"]].tolist() == pytest.approx([0.2065, 1.0], abs=1e-4)

import numpy as np
import pandas as pd

from src.reporting import ltv_curves as words

TABLE = pd.DataFrame(
    {
        "group": ["B2B", "B2C", "New"],
        "c": [1.858, 1.02, 3.0],
        "low": [1.602, 0.97, np.nan],
        "high": [2.154, 1.08, np.nan],
        "p_value": [0.0, 0.4123, np.nan],
        "limit": ["", "", "customers alike"],
        "newcomers": [417, 1696, 3],
        "constant_churn": [0.0548, 0.066, np.nan],
        "sbg": [0.0548, 0.0098, np.nan],
        "bdw": [0.0497, 0.0217, np.nan],
    }
)


def test_the_sentence():
    assert words.curves_sentence(TABLE, 12, 24) == (
        "In B2B the sBG is rejected (p < 0.001): the own chance of a customer to leave rises with "
        "age, with c 1.86 (1.60 to 2.15); learned from the first 12 months of 417 newcomers, the "
        "survivors of months 13 to 24 are missed by: constant churn 5.5%, the sBG 5.5% and the BdW "
        "5.0%. "
        "In B2C the sBG will do: nothing says that chances change with age (p = 0.412); learned "
        "from the first 12 months of 1,696 newcomers, the survivors of months 13 to 24 are missed "
        "by: constant churn 6.6%, the sBG 1.0% and the BdW 2.2%. "
        "In New a curve is at the end of its model (customers alike): read no parameter."
    )


def test_the_table_tells_c_with_its_interval_where_there_is_one():
    assert words.curves_table(TABLE)["power"].tolist() == [
        "1.86 (1.60 to 2.15)",
        "1.02 (0.97 to 1.08)",
        "3.00",
    ]


def test_metrics_leave_out_what_is_missing():
    metrics = words.curves_metrics(TABLE)
    assert metrics["retention.b2b.c"] == 1.858
    assert metrics["retention.b2c.sbg"] == 0.0098
    assert [name for name in metrics if name.startswith("retention.new")] == ["retention.new.c"]

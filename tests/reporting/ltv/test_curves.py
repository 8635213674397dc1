import numpy as np
import pandas as pd

from src.reporting.ltv import curves as words

TABLE = pd.DataFrame(
    {
        "group": ["B2B", "B2C", "New"],
        "alpha": [3.2, 1.5, 141_699.0],
        "beta": [314.0, 47.0, 283_775_848.0],
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


def test_what_the_fits_say():
    assert words.curves_sentence(TABLE) == (
        "In B2B the sBG is rejected (p < 0.001): a customer's own chance to leave rises with age, "
        "c 1.86 (1.60 to 2.15). "
        "In B2C the sBG will do: nothing says that chances change with age (p = 0.412). "
        "In New no pair of parameters can be told: the best curve is at the end of what a model "
        "can say (customers alike)."
    )


def test_what_the_projections_say():
    assert words.projection_sentence(TABLE, 12, 24) == (
        "Learned from the first 12 months of newcomers, the survivors of months 13 to 24 are "
        "missed least in B2B by the BdW, 5.0% (constant churn 5.5%) and in B2C by the sBG, 1.0% "
        "(constant churn 6.6%)."
    )
    flat = TABLE.head(1).assign(sbg=0.9, bdw=0.8)
    assert words.projection_sentence(flat, 6, 12).endswith("in B2B by constant churn, 5.5%.")
    assert words.projection_sentence(TABLE.tail(1), 12, 24) == ""


def test_the_table_tells_c_with_its_interval_where_there_is_one():
    shown = words.curves_table(TABLE)
    assert shown["power"].tolist() == ["1.86 (1.60 to 2.15)", "1.02 (0.97 to 1.08)", "-"]
    assert shown[["alpha", "beta"]].head(2).equals(TABLE[["alpha", "beta"]].head(2))
    assert shown.loc[2, ["alpha", "beta"]].isna().all()


def test_metrics_leave_out_what_is_missing():
    metrics = words.curves_metrics(TABLE)
    assert metrics["retention.b2b.c"] == 1.858
    assert metrics["retention.b2c.sbg"] == 0.0098
    assert [name for name in metrics if name.startswith("retention.new")] == ["retention.new.c"]

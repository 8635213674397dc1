import numpy as np
import pandas as pd

from src.models.churn.copies import copies, kept_together


def noise(rows: int) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=rows)}), pd.Series(rng.random(rows) < 0.3)


def test_rows_written_three_times_are_kept_together():
    frame, churned = noise(200)
    thrice, labels = pd.concat([frame] * 3), pd.concat([churned] * 3)
    assert copies(thrice) == 400
    assert kept_together(thrice, labels).tolist() == [*range(200)] * 3


def test_a_few_copies_change_no_fold():
    frame, churned = noise(200)
    frame.loc[1], churned[1] = frame.loc[0], churned[0]
    assert kept_together(frame, churned).tolist() == [*range(200)]


def test_customers_alike_by_chance_are_customers():
    """In a table of few values some of those alike leave and some stay."""
    _, churned = noise(200)
    frame = pd.DataFrame({"plan": np.arange(200) % 3})
    assert copies(frame.assign(churned=churned)) == 194
    assert kept_together(frame, churned).tolist() == [*range(200)]

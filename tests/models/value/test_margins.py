import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.models.value.margins import has_costs, with_margins
from src.models.value.money import bill_margins

BILLS = pd.DataFrame({"customer_id": ["a", "a", "b"], "revenue": [10.0, -2, 40]})
ROWS = pd.DataFrame({"revenue_mean_3m": [4.0, np.nan], "revenue_mean_12m": [5.0, 40]})


@pytest.mark.parametrize("bills", [BILLS, BILLS.assign(cost_to_serve=np.nan)])
def test_without_costs_a_share_of_revenue_is_margin(bills):
    assert not has_costs(bills)
    rows, found = with_margins(ROWS, bills, 0.4)
    expected = ROWS.assign(margin_mean_3m=[1.6, np.nan], margin_mean_12m=[2.0, 16])
    assert_frame_equal(rows, expected)
    assert bill_margins(found).tolist() == pytest.approx([4, -0.8, 16])


def test_known_costs_stay_as_they_are():
    bills = BILLS.assign(cost_to_serve=[1.0, np.nan, 3])
    assert has_costs(bills)
    rows, found = with_margins(ROWS, bills, 0.4)
    assert_frame_equal(rows, ROWS)
    assert_frame_equal(found, bills)

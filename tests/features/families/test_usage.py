import math

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError

# Snapshot 2024-12. `a` has an empty cell in November, no row in October, and a row that is too old;
# `b` uses nothing in its one month; `c` has no row at all; January 2025 is not known yet.
USAGE = """customer_id,month,data.gb
a,2023-12-01,50
a,2024-02-01,10
a,2024-09-01,2
a,2024-11-01,
a,2024-12-01,4
a,2025-01-01,99
b,2024-12-01,0
"""


def test_usage_by_hand(features, bills, expected):
    billing = bills("2024-12", a="9 9 9", b="9", c="9 9 .")

    found = features("usage", "2024-12", billing=billing, usage=USAGE)

    spread = math.sqrt(((4 - 16 / 3) ** 2 + (2 - 16 / 3) ** 2 + (10 - 16 / 3) ** 2) / 2)
    wanted = f"""
    customer_id               a     b  c
    data_gb_mean_1m           4     0  -
    data_gb_mean_3m           4     0  -
    data_gb_mean_6m           3     0  -
    data_gb_mean_12m          16/3  0  -
    data_gb_ratio_1_3         1     -  -
    data_gb_ratio_1_12        3/4   -  -
    data_gb_ratio_3_6         4/3   -  -
    data_gb_ratio_3_12        3/4   -  -
    data_gb_share_of_peak_1m  4/10  -  -
    data_gb_share_of_peak_3m  4/10  -  -
    data_gb_variation_12m     {spread / (16 / 3)}  -  -
    latest_source             2024-12  2024-12  2024-11
    """
    assert_frame_equal(found, expected(wanted))


def test_columns_of_text_are_no_measure_and_measures_of_one_name_are_refused(features, bills):
    month = pd.Timestamp("2024-12-01")
    usage = pd.DataFrame({"customer_id": ["a"], "month": month, "gb": 1, "note": "x"})
    tables = {"billing": bills("2024-12", a="9")}

    found = features("usage", "2024-12", usage=usage, **tables)

    assert {name.split("_")[0] for name in found} == {"customer", "snapshot", "gb", "latest"}
    for other, what in (
        ("gb!", "the measures of usage 'gb' and"),
        ("x.y", "the columns 'x_y' and"),
    ):
        with pytest.raises(InputError, match=f"^{what} '{other}' would give features of one name"):
            features("usage", "2024-12", usage=usage.assign(**{"x_y": 3, other: 2}), **tables)

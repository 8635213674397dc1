import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.problems import InputError
from src.features.lifecycle import LifeRecord
from src.features.snapshots import Horizon, labelled, watched_ahead
from src.models.churn.leadtime import FEWER
from src.models.churn.staying_power import staying_power
from src.models.churn.validation import fitted_hazard
from src.models.scoring.auc import auc_interval

COLUMNS = ["risk", "noise", "months_since_revenue"]


@pytest.fixture(scope="module")
def aged(risky_panel):
    rows, record = risky_panel
    return staying_power(rows, record, COLUMNS, Horizon(3), seed=1)


def test_a_risk_that_lasts_is_seen_for_as_long_as_there_are_months(aged):
    # Labels of March 2024 are known in June. The model is of March 2023.
    assert aged["month"].tolist() == list(range(13))
    assert (aged["low"] <= aged["value"]).all()
    assert (aged["value"] <= aged["high"]).all()
    assert (aged["value"] > 0.55).all()
    assert (aged["low"] > 0.5).mean() > 0.8


def test_what_it_reads_is_the_model_of_that_month(risky_panel):
    rows, record = risky_panel
    start, horizon = pd.Timestamp("2023-02-01"), Horizon(2, gap=2)
    # What February knew: ends up to December.
    known = rows[rows["snapshot"] <= "2022-12-01"]
    watched = watched_ahead(known, record.as_of(start), pd.Timestamp("2022-12-01"))
    model = fitted_hazard(watched, COLUMNS, horizon, seed=1, most=FEWER)
    later = rows[rows["snapshot"] == start + pd.DateOffset(months=5)]
    test = labelled(later, record.as_of(), horizon, record.follow_up())
    chance = 1 - model.outcomes(test[COLUMNS], months=2, gap=2)[:, 3]
    area = auc_interval(test["churned"], chance, test["customer_id"], confidence=0.9)

    expected = pd.DataFrame(
        {
            "month": [5],
            "churners": [test["churned"].sum()],
            "value": [area.value],
            "low": [area.low],
            "high": [area.high],
        }
    )
    found = staying_power(rows, record, COLUMNS, horizon, seed=1, confidence=0.9)
    assert_frame_equal(
        found[found["month"] == 5].reset_index(drop=True), expected, check_dtype=False
    )


def test_where_the_data_begin_late_the_model_is_of_the_first_month_with_labels(risky_panel):
    rows, record = risky_panel
    late = rows[rows["snapshot"] >= "2023-01-01"]
    found = staying_power(late, record, COLUMNS, Horizon(6, gap=1))

    # November 2023 is the last with labels. A year before there was nothing; the labels of January
    # 2023 were over in August, and known in October.
    assert found["month"].tolist() == [0, 1]


def test_months_of_few_churners_have_no_value(risky_panel):
    rows, record = risky_panel
    few = rows[rows["customer_id"] < "c0120"]
    found = staying_power(few, record, COLUMNS, Horizon(1))

    is_few = found["churners"] < 10
    assert is_few.any()
    assert found.loc[is_few, ["value", "low", "high"]].isna().all(axis=None)


def test_noise_alone_stays_near_a_coin(risky_panel):
    rows, record = risky_panel
    found = staying_power(rows, record, ["noise"], Horizon(3))

    assert found["value"].mean() == pytest.approx(0.5, abs=0.05)
    assert np.mean((found["low"] <= 0.5) & (found["high"] >= 0.5)) >= 0.7


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (
            "2022-08",
            "no snapshot can be labelled: a gap of 0 and a horizon of 3 months need snapshots",
        ),
        # July to September have labels, but those of July were known only in December.
        (
            "2022-12",
            "nothing to learn from: a model for 2022-09 with a gap of 0, a horizon of 3",
        ),
    ],
)
def test_a_panel_that_is_too_short_is_refused(risky_panel, last, message):
    follow_up = pd.Timestamp(last)
    rows, record = risky_panel
    bills = record.billing[record.billing["month"] <= follow_up + pd.DateOffset(months=2)]

    with pytest.raises(InputError, match=f"^{message}"):
        staying_power(
            rows[rows["snapshot"] <= follow_up],
            LifeRecord(bills, record.customers),
            COLUMNS,
            Horizon(3),
        )

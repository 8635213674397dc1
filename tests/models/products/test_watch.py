"""A segment made ready: slow exits, and nothing that was not known before the month at risk."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.data.problems import InputError
from src.features.lifecycle import lives
from src.features.months import month_numbers
from src.models.products import watch
from src.models.products.exposure import risk_months, watched_lives
from src.models.products.seen_columns import seen_columns
from src.models.products.watch import LAG, exits_are_slow, watched

SMALL = Settings(b2c_customers=400, b2b_customers=400, months=24, hidden_months=0, seed=2)


@pytest.fixture(scope="module")
def tables():
    found, _ = simulate(SMALL)
    return found


@pytest.fixture(scope="module")
def told(tables):
    return lives(tables["billing"], tables["customers"])


def of(tables, segment):
    people = tables["customers"]
    return tables | {"customers": people[people["segment"] == segment]}


@pytest.mark.parametrize(("last", "is_slow"), [(10.0, False), (9.5, False), (4.0, True)])
def test_exits_are_slow_where_bills_fall_before_them(last, is_slow):
    """Ten customers with a bill of 10 for a year, but for the month before the exit."""
    names = [f"c{place}" for place in range(10)]
    bills = pd.DataFrame(
        {
            "customer_id": np.repeat(names, 12),
            "month": np.tile(pd.date_range("2024-01-01", periods=12, freq="MS"), 10),
            "revenue": np.tile([10.0] * 11 + [last], 10) + np.repeat(np.arange(10) / 10, 12),
        }
    )
    gone = pd.DataFrame(
        {"customer_id": names, "end": pd.Timestamp("2025-01-01"), "how": "closed", "months": 12}
    )
    assert exits_are_slow(bills, gone) == is_slow


def test_companies_leave_slowly_and_private_customers_do_not(tables, told):
    found = {
        segment: watched(told, of(tables, segment), np.random.default_rng(0))
        for segment in ("B2C", "B2B")
    }
    assert {segment: each.lag for segment, each in found.items()} == {"B2C": 0, "B2B": LAG}
    last = int(month_numbers(tables["billing"]["month"]).max())
    latest = {segment: each.months["month"].max() for segment, each in found.items()}
    # Follow-up ends two months before the last one, for freezes; slow exits were decided earlier.
    assert latest == {"B2C": last - 2, "B2B": last - 2 - LAG}


def test_nothing_after_the_month_before_is_read(tables, told):
    """Cut off at the end of 2023, the tables give the same rows up to January 2024."""
    end = pd.Timestamp("2024-01-01")
    dates = {"holdings": "start_month", "events": "date", "campaigns": "date"}
    cut = {name: tables[name][tables[name][date] < end] for name, date in dates.items()}
    # A contract that has begun has its end on paper.
    begun = tables["contracts"]["start_month"] < end
    cut |= {"contracts": tables["contracts"][begun], "customers": tables["customers"]}
    first = int(month_numbers(tables["billing"]["month"]).min())
    own = watched_lives(told, tables["customers"], first)
    whole, part = (risk_months(own, given, first, SMALL.months) for given in (tables, cut))
    is_early = whole["month"] <= first + 12
    assert is_early.sum() > 5_000
    pdt.assert_frame_equal(whole[is_early], part[is_early])
    later = whole.loc[~is_early, ["held", "tickets"]].sum()
    assert (later > part.loc[~is_early, ["held", "tickets"]].sum()).all()


def test_usage_of_the_month_at_risk_is_not_read(tables, told):
    given = of(tables, "B2C")
    usual = watched(told, given, np.random.default_rng(0))
    own = usual.months[usual.months["left"]].drop_duplicates("customer")
    ends = usual.lives["customer_id"].iloc[own["customer"]].to_numpy()
    month = dict(zip(ends, own["month"], strict=True))
    usage = given["usage"]
    at_risk = month_numbers(usage["month"]) >= usage["customer_id"].map(month)
    wild = usage.assign(data_gb=usage["data_gb"].where(~at_risk, 1e9))
    late = pd.DataFrame({"customer_id": list(month), "month": pd.Timestamp("2024-12-01")})
    late = late.assign(data_gb=1e9, call_minutes=1.0, messages=1.0)
    wild = pd.concat([wild, late])
    found = watched(told, given | {"usage": wild}, np.random.default_rng(0))
    pdt.assert_frame_equal(
        seen_columns(found.months, found.levels), seen_columns(usual.months, usual.levels)
    )


def test_many_customers_are_drawn_from(tables, told, monkeypatch):
    monkeypatch.setattr(watch, "MOST", 100)
    found = watched(told, of(tables, "B2C"), np.random.default_rng(0))
    assert 80 < len(found.lives) <= 100  # some came in the last month: nobody could see them leave
    again = watched(told, of(tables, "B2C"), np.random.default_rng(0))
    pdt.assert_frame_equal(found.months, again.months)


def test_a_segment_without_products_or_usage(tables, told):
    given = of(tables, "B2C")
    without = {name: table for name, table in given.items() if name != "usage"}
    found = watched(told, without, np.random.default_rng(0))
    assert (found.levels, found.no_usage) == (None, "no table usage")
    none = given | {"holdings": given["holdings"].head(0)}
    with pytest.raises(InputError, match="nobody holds a product"):
        watched(told, none, np.random.default_rng(0))

"""Levels of usage without season, products and lines."""

import numpy as np
import pandas as pd
import pytest

from src.data.problems import InputError
from src.models.products.usage_levels import usage_levels

FIRST, MONTHS, CUSTOMERS = 12 * 2024, 12, 60


@pytest.fixture
def lives():
    return pd.DataFrame(
        {
            "customer_id": [f"c{place:02d}" for place in range(CUSTOMERS)],
            "start": FIRST,
            "last": FIRST + MONTHS,
        }
    )


@pytest.fixture
def held():
    """Every customer takes one product, each in another month."""
    takes = np.arange(CUSTOMERS) % MONTHS
    return (np.arange(MONTHS) >= takes[:, None]).astype(np.int16)


@pytest.fixture
def usage(lives, held):
    """Level of the customer, season, 0.3 more with a product; no noise."""
    level = np.linspace(-1, 1, CUSTOMERS)
    log = level[:, None] + 0.2 * np.sin(np.arange(MONTHS)) + 0.3 * held
    return pd.DataFrame(
        {
            "customer_id": np.repeat(lives["customer_id"].to_numpy(), MONTHS),
            "month": np.tile(pd.date_range("2024-01-01", periods=MONTHS, freq="MS"), CUSTOMERS),
            "calls": np.exp(log).ravel(),
        }
    )


def test_season_and_products_are_taken_off(lives, held, usage):
    found = usage_levels(lives, usage, held, FIRST)
    assert found.names == ("calls",)
    gaps = np.diff(found.level[:, 0])
    np.testing.assert_allclose(gaps, 2 / (CUSTOMERS - 1), atol=1e-9)
    assert found.noise[0] < 1e-12
    assert found.seen[:, 0].tolist() == [MONTHS] * CUSTOMERS


def test_lines_are_taken_off(lives, held, usage):
    """Who gets a second line in July uses more in all; as a habit that is nothing."""
    doubled = lives["customer_id"].to_numpy()[::3]
    is_later = usage["customer_id"].isin(doubled) & (usage["month"] >= "2024-07-01")
    usage["calls"] *= np.where(is_later, 2**0.9, 1)
    second = pd.DataFrame({"customer_id": doubled, "start_month": pd.Timestamp("2024-07-01")})
    each = lives[["customer_id"]].assign(start_month=pd.Timestamp("2024-01-01"))
    lines = pd.concat([each, second]).assign(end_month=pd.NaT)
    found = usage_levels(lives, usage, held, FIRST, lines=lines)
    np.testing.assert_allclose(np.diff(found.level[:, 0]), 2 / (CUSTOMERS - 1), atol=1e-9)


def test_nothing_is_read_from_the_last_month_and_the_quiet_ones_before(lives, held, usage):
    lives = lives.assign(last=FIRST + 8)
    usual = usage_levels(lives, usage, held, FIRST, quiet=2)
    is_late = usage["month"] >= "2024-07-01"
    changed = usage.assign(calls=usage["calls"].where(~is_late, 1e6))
    found = usage_levels(lives, changed, held, FIRST, quiet=2)
    np.testing.assert_array_equal(found.level, usual.level)
    assert usual.seen.max() == 6


def test_to_date_ends_at_the_level_and_reads_no_later_month(lives, held, usage):
    found = usage_levels(lives, usage, held, FIRST)
    np.testing.assert_allclose(found.to_date[:, -1], found.level)
    absent = usage[~((usage["customer_id"] == "c00") & (usage["month"] < "2024-04-01"))]
    late = usage_levels(lives, absent, held, FIRST)
    assert np.isnan(late.to_date[0, :3]).all()
    assert np.isfinite(late.to_date[0, 3:]).all()


def test_measures_that_are_mostly_nothing_are_left_out(lives, held, usage):
    usage["faxes"] = np.where(np.arange(len(usage)) % 3 == 0, 1.0, 0.0)
    assert usage_levels(lives, usage, held, FIRST).names == ("calls",)
    with pytest.raises(InputError, match="no measure of usage is above 0"):
        usage_levels(lives, usage.drop(columns="calls"), held, FIRST)

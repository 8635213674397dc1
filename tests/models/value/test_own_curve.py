"""What customers of a base without dates are worth from now on: by hand, and on IBM Telco."""

import numpy as np
import pandas as pd
import pytest

from src.analyses import churn
from src.data.bases import open_base
from src.data.problems import InputError
from src.models.gap.from_the_start import columns_at_the_start
from src.models.survival.cox import continued, cox, relative_hazards, survival_ahead
from src.models.value.own_curve import stays_from_now, value_from_now


def halved() -> pd.DataFrame:
    """Of 64 half leave each month up to the sixth, when one is still there; nothing tells them."""
    ends = np.repeat(np.arange(1, 7), [32, 16, 8, 4, 2, 1])
    return pd.DataFrame(
        {
            "tenure_months": [*ends, 6],
            "churned": [True] * 63 + [False],
            "plan": "one",
            "monthly_revenue": 20.0,
        }
    )


def test_a_constant_hazard_by_hand():
    """Whatever the tenure, and beyond the longest life: half are left after each month."""
    rows = halved()
    assert stays_from_now(rows, ["plan"], 4) == pytest.approx(
        np.tile([0.5, 0.25, 0.125, 0.0625], (64, 1))
    )
    # Half of 20 is margin: 5 + 2.5 + 1.25 without discount.
    plain = value_from_now(rows, ["plan"], months=3, annual_rate=0)
    assert plain == pytest.approx(np.full(64, 8.75))


def test_later_money_is_worth_less():
    later = 5 / 1.21 ** (1 / 12) + 2.5 / 1.21 ** (2 / 12)
    found = value_from_now(halved(), ["plan"], months=2, annual_rate=0.21)
    assert found == pytest.approx(np.full(64, later))
    twice = value_from_now(halved(), ["plan"], months=2, annual_rate=0.21, margin_share=1.0)
    assert twice == pytest.approx(2 * found)


def test_where_nothing_tells_it_is_the_curve_of_all():
    """Kaplan-Meier: 1 of 4 leaves in month 1, 1 of 2 in month 3; then nobody knows."""
    rows = pd.DataFrame({"tenure_months": [1, 1, 3, 3], "churned": [True, False, True, False]})
    rows = rows.assign(plan="one", monthly_revenue=10.0)
    # From 1 on: nobody in month 2, half in month 3; so 0.5 ** (1 / 2) a month, as in those two.
    young = [1, 0.5, 0.5 * 0.5**0.5]
    # From 3 on nothing is known: the first month of those of whom it is.
    old = [1.0, 1.0, 1.0]
    expected = np.array([young, young, old, old])
    assert stays_from_now(rows, ["plan"], 3) == pytest.approx(expected)


def test_a_curve_that_ends_at_nobody_promises_nothing_beyond():
    rows = halved().head(63)
    found = stays_from_now(rows, ["plan"], 4)
    assert (np.diff(found, axis=1) < 0).all()
    # Of 31 who are there after month 1, 15, 7, 3 and 1 are after the next ones.
    assert found[0] == pytest.approx([15 / 31, 7 / 31, 3 / 31, 1 / 31])
    assert found[62, 0] < 0.5


@pytest.fixture(scope="module")
def telling():
    """Who has plan `flex` leaves three times as soon; a tenure and a bill are not known."""
    rng = np.random.default_rng(4)
    plan = rng.choice(["flex", "fixed"], 600)
    life = rng.geometric(np.where(plan == "flex", 0.06, 0.02))
    watched = rng.integers(1, 50, 600)
    return pd.DataFrame(
        {
            "tenure_months": np.minimum(life, watched).astype(float),
            "churned": life <= watched,
            "plan": plan,
            "monthly_revenue": 30.0,
        }
    )


def test_each_has_the_curve_of_their_own(telling):
    stays = stays_from_now(telling, ["plan"], 24)
    assert (stays <= 1).all()
    assert (np.diff(stays, axis=1) <= 0).all()
    year = pd.Series(stays[:, 11]).groupby(telling["plan"]).mean()
    # In truth 0.98 and 0.94 to the power of 12.
    assert year["fixed"] == pytest.approx(0.98**12, abs=0.06)
    assert year["flex"] == pytest.approx(0.94**12, abs=0.06)
    worth = pd.Series(value_from_now(telling, ["plan"])).groupby(telling["plan"]).mean()
    assert worth["flex"] < 0.75 * worth["fixed"] < 0.75 * 36 * 15


def test_what_is_not_known_is_a_tenure_and_a_bill_of_nought(telling):
    some = telling.copy()
    some.loc[0, ["tenure_months", "churned"]] = [0, False]
    gaps = some.copy()
    gaps.loc[0, "tenure_months"] = np.nan
    gaps.loc[1, "monthly_revenue"] = np.nan
    found, whole = (value_from_now(rows, ["plan"], months=6) for rows in (gaps, some))
    assert found[1] == 0
    assert np.delete(found, 1) == pytest.approx(np.delete(whole, 1))


def test_a_column_that_is_absent_is_named(telling):
    for name in ("tenure_months", "monthly_revenue"):
        with pytest.raises(InputError, match=name):
            value_from_now(telling.drop(columns=name), ["plan"])


def test_a_churner_of_ibm_telco_is_worth_their_own_curve_not_months_times_margin():
    """By the project's own Cox, read step by step: 694 a churner at the defaults of the report.

    A curve from the start of a life, as if a churner were new, would say 731.
    """
    study = churn.open_study("ibm_telco")
    setting, table = study.setting, open_base("ibm_telco").table("snapshot")
    rows = table.reset_index(drop=True)
    columns = [name for name in columns_at_the_start(rows) if name in study.population.columns]
    found = value_from_now(
        rows,
        columns,
        months=setting.value_months,
        annual_rate=setting.rate,
        margin_share=setting.margin_share,
    )

    tenure = rows["tenure_months"].to_numpy(float)
    lives = rows.assign(duration=tenure, ended=rows["churned"].astype(bool))
    model = cox(lives, columns)
    ratio = relative_hazards(model, lives)
    hazard = dict(zip(model.baseline["time"], model.baseline["cumulative_hazard"], strict=True))
    last = max(hazard)
    for place in range(0, len(rows), 350):
        start = tenure[place]
        ahead = np.full((1, setting.value_months), np.nan)
        for month in range(1, setting.value_months + 1):
            if start + month <= last:
                gained = hazard[start + month] - hazard.get(start, 0.0)
                ahead[0, month - 1] = np.exp(-gained * ratio[place])
        # Whose tenure is that of the longest lives has the mean hazard of all.
        if start < last:
            stays = continued(ahead)[0]
            months = np.arange(1, setting.value_months + 1)
            money = stays * 0.5 * rows["monthly_revenue"].iloc[place] * 1.12 ** (-months / 12)
            assert found[place] == pytest.approx(money.sum())

    churned = rows["churned"].to_numpy(bool)
    assert found[churned].mean() == pytest.approx(694, abs=1)
    margin = 0.5 * rows["monthly_revenue"].to_numpy(float)
    today = 1.12 ** (-np.arange(1, setting.value_months + 1) / 12)
    as_new = continued(survival_ahead(model, lives, setting.value_months)) @ today * margin
    assert as_new[churned].mean() == pytest.approx(731, abs=1)
    assert (setting.value_months * margin)[churned].mean() == pytest.approx(1_340, abs=1)
    # And it is what the list of this base reads.
    assert study.population._value == pytest.approx(found)

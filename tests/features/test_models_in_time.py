"""Proof that models know nothing of what came later: change the future, look at what they learn."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.features.lifecycle import LifeRecord
from src.features.months import Month
from src.features.snapshots import Horizon
from src.features.tables import build_features
from src.models.churn.timesplit import latest_split, time_split
from src.models.churn.validation import fitted_hazard
from src.models.value.customer_value import fit_value

SETTINGS = Settings(b2c_customers=260, b2b_customers=60, months=22, hidden_months=0, seed=5)
MONTHS = pd.date_range(SETTINGS.first_month, periods=SETTINGS.months, freq="MS")
SNAPSHOTS = [Month.of(f"{month:%Y-%m}") for month in MONTHS[3:]]
AT = MONTHS[15]  # the test, or today
FAMILIES = ("tenure", "money", "usage", "events")
DATED = {"billing": "month", "usage": "month", "events": "date"}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    found = simulate(SETTINGS)[0]
    return {name: found[name] for name in ("customers", "billing", "usage", "events")}


def another_future(
    tables: dict[str, pd.DataFrame], at: pd.Timestamp, seed: int, *, to: int | None = None
) -> dict[str, pd.DataFrame]:
    """The tables with bills, usage and events after month `at` drawn anew, and other closings.

    A third of later bills is gone, a fifth is zero, the others have any amount: freezes end, pauses
    become freezes, customers come back. Half of those who had not closed close in a later month;
    who closed later does not. `to`: cut at the end of that many months later; 0: no future at all.
    """
    rng = np.random.default_rng(seed)
    found = {}
    end = at + pd.DateOffset(months=1)
    for name, dated in DATED.items():
        table = tables[name]
        past, later = table[table[dated] < end], table[table[dated] >= end]
        later = later[rng.random(len(later)) < 0.67].copy()
        if name == "billing":
            # Bills of customers who had none in these months.
            extra = table.sample(len(later) // 3, random_state=seed).drop_duplicates("customer_id")
            extra = extra.assign(month=rng.choice(MONTHS[end <= MONTHS].to_numpy(), len(extra)))
            later = pd.concat([later, extra]).drop_duplicates(["customer_id", "month"])
            factor = rng.choice([0.0, 0.1, 1.0, 40.0], len(later), p=[0.2, 0.2, 0.4, 0.2])
            later["revenue"] = (later["revenue"] * factor).round(2)
        else:
            for column in later.select_dtypes("number"):
                later[column] = rng.permutation(later[column].to_numpy())
        if to is not None:
            later = later[later[dated] < end + pd.DateOffset(months=to)]
        found[name] = pd.concat([past, later], ignore_index=True).astype(table.dtypes)
    people = tables["customers"].copy()
    is_open = ~(people["closed_month"] <= at)
    ahead = rng.integers(1, 9, len(people))
    moved = pd.Series([at + pd.DateOffset(months=int(step)) for step in ahead], people.index)
    moved = moved.where(pd.Series(rng.random(len(people)) < 0.5, people.index))
    people["closed_month"] = people["closed_month"].where(~is_open, moved).astype("datetime64[ns]")
    return found | {"customers": people}


@pytest.fixture(scope="module")
def panel(tmp_path_factory, write_base):
    """Rows of feature tables and the record of some tables."""
    folder = tmp_path_factory.mktemp("bases") / "operator"

    def of(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, LifeRecord]:
        last = tables["billing"]["month"].max()
        own = [month for month in SNAPSHOTS if pd.Timestamp(month.start) <= last]
        base = write_base(folder, **tables)
        rows = build_features(base, snapshots=own, families=FAMILIES).read()
        segment = tables["customers"].set_index("customer_id")["segment"]
        rows = rows.assign(segment=rows["customer_id"].astype(str).map(segment))
        rows = rows.astype({"customer_id": "object"})
        return rows, LifeRecord(tables["billing"], tables["customers"])

    return of


@pytest.fixture(scope="module")
def own(tables, panel):
    return panel(tables)


def columns_of(rows: pd.DataFrame) -> list[str]:
    """Numbers that were there all along: a kind of event may have come later."""
    keys = {"customer_id", "snapshot", "segment", "latest_source"}
    numbers = rows[rows["snapshot"] <= AT].select_dtypes("number")
    spread = numbers.max() - numbers.min()
    return [name for name in numbers if name not in keys and spread[name] > 0]


def past(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows of the snapshots up to `AT`."""
    own = rows.loc[rows["snapshot"] <= AT, ["customer_id", "snapshot", "segment", *columns]]
    return own.reset_index(drop=True)


HORIZONS_HERE = [Horizon(3), Horizon(2, gap=1)]
SEEDS = [1, 2, pytest.param(3, marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=SEEDS)
def other(request, tables, panel):
    return panel(another_future(tables, AT, request.param))


def test_the_other_future_is_another_one(own, other):
    """The proof is worth something only if nearly every life goes on differently."""
    (_, record), (_, changed) = own, other
    lives, others = record.as_of(), changed.as_of()
    begun = lives["start"] <= AT
    assert (others["start"] <= AT).sum() > 0.9 * begun.sum()
    both = lives.merge(others, on=["customer_id", "start"])
    differs = both["end_x"].ne(both["end_y"]) & ~(both["end_x"].isna() & both["end_y"].isna())
    late = ~(both["end_x"] <= AT - pd.DateOffset(months=2))
    assert differs[late].mean() > 0.5
    # Some left around that day in one future and not in the other.
    near = AT - pd.DateOffset(months=1), AT + pd.DateOffset(months=1)
    assert (both["end_x"].between(*near) ^ both["end_y"].between(*near)).sum() > 5


@pytest.mark.parametrize("horizon", HORIZONS_HERE, ids=str)
def test_what_a_model_for_a_test_month_learns_is_known_by_then(own, other, horizon):
    (rows, _), (others, _) = own, other
    columns = columns_of(rows)
    assert_frame_equal(past(others, columns), past(rows, columns), rtol=1e-12)

    # Two months judge, and models learn what was known at the first of them.
    split, again = (time_split(*part, columns, horizon, tests=2, least=1) for part in (own, other))
    assert split.tests[0] == again.tests[0] == AT
    keys = ["customer_id", "snapshot", "segment", *columns]
    assert_frame_equal(again.train[[*keys, "outcome"]], split.train[[*keys, "outcome"]])
    seen = [*keys, "months_left", "watched"]
    assert_frame_equal(again.watched[seen], split.watched[seen])
    assert split.train["churned"].sum() > 20
    assert (split.watched["months_left"] == 0).sum() > 5

    # The list itself: who is on it and what is read of them, but not what became of them.
    lists = [
        each.test[each.test["snapshot"] == AT].reset_index(drop=True) for each in (split, again)
    ]
    assert_frame_equal(lists[1][keys], lists[0][keys], rtol=1e-12)
    assert (lists[0]["outcome"] != lists[1]["outcome"]).any()
    models = [fitted_hazard(each.watched, columns, horizon) for each in (split, again)]
    frame = lists[0][columns]
    assert models[0].outcomes(frame, 3, 1).tolist() == models[1].outcomes(frame, 3, 1).tolist()
    assert models[0].hazards(frame).tolist() == models[1].hazards(frame).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_of_today_is_that_of_data_that_end_today(tables, panel, own, seed):
    """Bills end today; closings that are known later, and ended lives, change nothing."""
    rows, record = own
    columns = columns_of(rows)
    bills, people = record.billing[record.billing["month"] <= AT], record.customers
    listed = past(rows, columns)
    here = latest_split(listed, LifeRecord(bills, people), columns, Horizon(3))

    again, changed = panel(another_future(tables, AT, seed, to=0))
    there = latest_split(again, changed, columns, Horizon(3))

    keys = ["customer_id", "snapshot", "segment", *columns]
    assert changed.last == AT
    assert (there.test["snapshot"] == AT).all()
    told = {"train": ["outcome"], "watched": ["months_left", "watched"], "test": []}
    for part, more in told.items():
        found, expected = (getattr(each, part)[[*keys, *more]] for each in (there, here))
        assert_frame_equal(found, expected, rtol=1e-12)
    model, same = (fitted_hazard(each.watched, columns, Horizon(3)) for each in (here, there))
    chances = model.predict_proba(here.test[columns])
    assert chances.tolist() == same.predict_proba(there.test[columns]).tolist()


def test_what_customers_are_worth_today_is_known_today(own, other):
    (rows, record), (_, changed) = own, other
    columns = columns_of(rows)
    worth = []
    for each in (record, changed):
        model = fit_value(rows, each.billing, each.as_of(AT), columns, each.follow_up(AT))
        today = rows[rows["snapshot"] == AT].reset_index(drop=True)
        worth.append(model.worth(today, model.survival(today, 24)))

    assert worth[0]["margin"].nunique() > 50
    assert_frame_equal(worth[1], worth[0])


def test_a_changed_past_is_seen(tables, panel, own):
    rows, _ = own
    columns = columns_of(rows)
    before = MONTHS[MONTHS.get_loc(AT) - 5]
    changed = panel(another_future(tables, before, 1))

    split, again = (
        time_split(*part, columns, Horizon(3), tests=2, least=1) for part in (own, changed)
    )
    keys = ["customer_id", "snapshot"]
    for part, name in (("train", "outcome"), ("watched", "months_left")):
        found, other = (getattr(each, part)[[*keys, name]] for each in (again, split))
        assert not found.equals(other)

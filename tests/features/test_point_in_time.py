"""Proof that features know nothing of what came later: change the future, look at the features."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from src.data.contracts import TABLES
from src.data.operator.generate import simulate
from src.data.operator.settings import Settings
from src.features.building import SOURCES
from src.features.known import DATED_BY
from src.features.months import Month
from src.features.tables import build_features

SMALL = Settings(b2c_customers=45, b2b_customers=20, months=18, hidden_months=0, seed=7)
SNAPSHOTS = [Month.of(text) for text in ("2023-05", "2023-12", "2024-04")]


@pytest.fixture(scope="module")
def tables():
    found = simulate(SMALL)[0]
    del found["deals"], found["link_checks"]  # no family reads them
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory, write_base):
    """Features of tables at some snapshots, by customer."""
    folder = tmp_path_factory.mktemp("bases") / "toy"

    def of(
        tables: dict[str, pd.DataFrame], *snapshots: Month, families: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        base = write_base(folder, **tables)
        return build_features(base, snapshots=snapshots, families=families).read()

    return of


@pytest.fixture(scope="module")
def alone(built, tables):
    return {at: built(tables, at) for at in SNAPSHOTS}


@dataclass
class Future:
    """Another future of tables after the month `at`, drawn with `random`."""

    at: Month
    random: np.random.Generator

    def of(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """The table with rows dated later deleted, changed and added, all at random."""
        if name == "customers":
            return self.of_customers(table)
        dated = DATED_BY[name]
        end = pd.Timestamp(self.at.end)
        past, later = table[table[dated] < end], table[table[dated] >= end]
        later = later[self.random.random(len(later)) < self.random.random()]
        later = pd.concat([later, self.new(table, dated)])
        # Values of other rows, at random: other amounts, measures, kinds, products, answers.
        key = set(TABLES[name].key)
        for column in table.columns.difference({"customer_id", "start_month", "end_month", dated}):
            if column.endswith("_id") and column in key:
                later[column] = [f"new {place}" for place in range(len(later))]
            elif self.random.random() < 0.5:
                later[column] = self.random.choice(table[column].to_numpy(), len(later))
        if name == "billing":
            later["revenue"] *= self.random.choice([-1, 0, 1, 100], len(later))
        if name == "events":
            later["kind"] = later["kind"].where(self.random.random(len(later)) < 0.8, "surprise")
        if name == "holdings":
            is_tier = self.random.random(len(later)) < 0.3
            later["product"] = later["product"].mask(is_tier, "integration")
        if "end_month" in later:
            later["end_month"] = later[dated]
        found = pd.concat([past, later]).drop_duplicates(list(TABLES[name].key), ignore_index=True)
        if name in ("lines", "holdings"):
            # That a line ends in the month of the snapshot is known a month later.
            ends_later = ~(found["end_month"] < pd.Timestamp(self.at.start))
            found.loc[ends_later, "end_month"] = self.later(ends_later.sum(), 0, 0.5)
            starts = found["start_month"]
            found["end_month"] = found["end_month"].where(~(found["end_month"] < starts), starts)
        if name == "campaigns":
            is_own = found["date"] >= pd.Timestamp(self.at.start)
            for column in ("opened", "responded"):
                found.loc[is_own, column] = self.random.random(is_own.sum()) < 0.5
        return found.sample(frac=1, random_state=self.random).astype(table.dtypes)

    def of_customers(self, table: pd.DataFrame) -> pd.DataFrame:
        """Closings after `at` moved, removed and added, and customers who sign up later."""
        is_open = ~(table["closed_month"] <= pd.Timestamp(self.at.start))
        table = table.copy()
        table.loc[is_open, "closed_month"] = self.later(is_open.sum(), 1, 0.5)
        new = table.sample(70, replace=True, random_state=self.random)
        new = new.assign(
            customer_id=[f"later {place}" for place in range(70)],
            signup_month=self.later(70, 1, 0),
            closed_month=pd.NaT,
            tariff=[f"tariff of {place}" for place in range(70)],
        )
        return pd.concat([table, new], ignore_index=True).astype(table.dtypes)

    def new(self, table: pd.DataFrame, dated: str) -> pd.DataFrame:
        """Rows of the table moved behind `at`, some of customers who come later."""
        rows = table.sample(frac=0.3, replace=True, random_state=self.random)
        rows[dated] = self.later(len(rows), 1, 0)
        if dated == "date":
            rows[dated] += pd.to_timedelta(self.random.integers(0, 28, len(rows)), "D")
        is_later = self.random.random(len(rows)) < 0.2
        names = [f"later {place}" for place in self.random.integers(0, 70, len(rows))]
        rows["customer_id"] = rows["customer_id"].mask(is_later, pd.Series(names, rows.index))
        return rows

    def later(self, number: int, least: int, missing: float) -> pd.Series:
        """Months from `least` months after `at` on, some missing."""
        months = [self.at.back(-ahead).start for ahead in self.random.integers(least, 9, number)]
        found = pd.Series(pd.to_datetime(months)).astype("datetime64[ns]")
        return found.mask(self.random.random(number) < missing).to_numpy()


@settings(max_examples=6, deadline=None)
@given(at=st.sampled_from(SNAPSHOTS), seed=st.integers(0, 2**32 - 1))
def test_no_cell_and_no_column_moves_with_the_future(built, tables, alone, at, seed):
    future = Future(at, np.random.default_rng(seed))

    found = built({name: future.of(name, table) for name, table in tables.items()}, at)

    assert_frame_equal(found, alone[at], rtol=1e-12)


@pytest.mark.parametrize("at", SNAPSHOTS, ids=lambda at: at.text)
def test_the_future_can_be_deleted(built, tables, alone, at):
    past = {}
    for name, table in tables.items():
        end = pd.Timestamp(at.end)
        table = (table[table[DATED_BY[name]] < end] if name in DATED_BY else table).copy()
        for column in table.columns.intersection(("closed_month", "end_month")):
            if name != "contracts":
                table[column] = table[column].where(table[column] < pd.Timestamp(at.end))
        past[name] = table

    assert_frame_equal(built(past, at), alone[at], rtol=1e-12)


def test_a_changed_past_is_seen(built, tables, alone):
    """The proof above is worth something only if features do move with what they read."""
    at = SNAPSHOTS[1]
    for family, name in SOURCES.items():
        if name == "customers":
            continue
        table = tables[name]
        is_past = table[DATED_BY[name]] <= pd.Timestamp(at.start)
        own = table[is_past & table["customer_id"].isin(alone[at]["customer_id"])].tail(20)

        found = built({**tables, name: table.drop(own.index)}, at, families=(family,))

        wanted = alone[at][[column for column in found if column != "latest_source"]]
        assert not found[list(wanted)].equals(wanted), family


def test_snapshots_together_are_each_alone(built, tables, alone):
    together = built(tables, *SNAPSHOTS)

    for at in SNAPSHOTS:
        found = together[together["snapshot"] == at.start].reset_index(drop=True)
        wanted = alone[at]
        # A kind of event that came later has a column for the earlier snapshots too: none so far.
        more = found.columns.difference(wanted.columns)
        is_count = more.str.contains("_count_|_sum_")
        assert (found[more[is_count]] == 0).all(axis=None)
        assert found[more[~is_count]].isna().all(axis=None)
        texts = wanted.select_dtypes("category").columns
        assert_frame_equal(
            found[list(wanted)].astype(dict.fromkeys(texts, "object")),
            wanted.astype(dict.fromkeys(texts, "object")),
            rtol=1e-12,
        )

"""Whether a further product keeps customers: what a base can answer, and what is Missing."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from src.analyses.missing import Missing
from src.analyses.products.keeping import HABIT, INSIDER, RAW, SEEN, WHOLE, Keeping
from src.analyses.settings.products import Setting
from src.data.operator.generate import simulate
from src.data.operator.settings import Settings, null_settings
from src.models.products.watch import LAG

SMALL = Settings(b2c_customers=1_500, b2b_customers=1_000, months=24, hidden_months=0, seed=5)
COLUMNS = ["estimate", "label", "effect", "low", "high", "customers", "exits"]


class InMemory(SimpleNamespace):
    """What the steps ask of a base."""

    freeze_months = 3

    def has(self, *names):
        return all(name in self.tables for name in names)

    def table(self, name, columns=None):
        table = self.tables[name]
        return table if columns is None else table[columns]


@pytest.fixture(scope="module")
def tables():
    return simulate(SMALL)


def study_of(found, true=None, folder=None, simulator="operator"):
    """A study of these tables; with `true` and a `folder` of a simulated base."""
    base = InMemory(tables=found, folder=folder, name="small", origin="real")
    if true is not None:
        base.origin = "simulated"
        (folder / "truth").mkdir()
        true["lives"].to_parquet(folder / "truth" / "lives.parquet")
        (folder / "base.yml").write_text(
            f"title: Small\nkind: panel\ncurrency: EUR\norigin: simulated\nsimulator: {simulator}\n"
        )
    return Keeping(base, Setting())


@pytest.fixture(scope="module")
def answered(tables, tmp_path_factory):
    """The study of the simulated base, asked once."""
    return study_of(*tables, tmp_path_factory.mktemp("small"))


def test_the_segment_with_most_exits_comes_first(answered):
    effect, beside = answered.effect(), answered.effect_beside()
    assert (effect.segment, effect.lag) == ("B2C", 0)
    assert (beside.segment, beside.lag) == ("B2B", LAG)
    assert effect.rows["estimate"].tolist() == [WHOLE, RAW, SEEN, HABIT]
    assert list(effect.rows) == COLUMNS
    assert effect.main["estimate"] == HABIT
    assert (effect.rows["low"] < effect.rows["effect"]).all()
    assert (effect.rows["effect"] < effect.rows["high"]).all()


def test_the_more_is_adjusted_for_the_less_is_left(answered):
    rows = answered.effect().rows.set_index("estimate")["effect"]
    assert rows[WHOLE] < rows[RAW] < rows[SEEN] < rows[HABIT]


def test_weighting_brings_balance(answered):
    balance = answered.effect().balance
    assert balance["after"].abs().max() < 0.01 < 0.2 < balance["before"].abs().max()


def test_a_simulated_base_tells_the_truth_beside(answered):
    effect = answered.effect()
    assert effect.truth == pytest.approx(np.exp(-0.06) - 1)
    assert effect.insider["estimate"] == INSIDER
    # Who knows the habit is surer of the effect.
    width = effect.main["high"] - effect.main["low"]
    assert effect.insider["high"] - effect.insider["low"] < width
    assert effect.main["low"] < effect.truth < effect.main["high"]


def test_without_usage_two_figures_stand(tables):
    found = {name: table for name, table in tables[0].items() if name != "usage"}
    effect = study_of(found).effect()
    assert effect.rows["estimate"].tolist() == [WHOLE, RAW, SEEN]
    assert effect.habit == Missing(
        "table usage", "the effect of a product apart from a habit that usage shows with noise"
    )
    assert effect.main["estimate"] == SEEN
    assert (effect.truth, effect.insider) == (None, None)


def test_without_holdings_or_exits_nothing_is_said(tables):
    found = tables[0]
    without = {name: table for name, table in found.items() if name != "holdings"}
    assert study_of(without).effect().lacks == "table holdings"
    nobody = study_of(found | {"holdings": found["holdings"].head(0)})
    assert "nobody holds a product" in nobody.effect().lacks
    people = found["customers"].head(60).assign(closed_month=pd.NaT)
    bills = found["billing"]
    bills = bills[bills["customer_id"].isin(people["customer_id"])]
    few = study_of(found | {"customers": people, "billing": bills})
    assert "no two numbers of products have 10 exits each" in few.effect().lacks
    assert few.effect_beside().lacks == "second segment"


def test_the_null_operator_shows_no_effect(tmp_path):
    effect = study_of(*simulate(null_settings(SMALL)), tmp_path, "operator_null").effect()
    assert effect.truth == 0
    assert effect.main["low"] < 0 < effect.main["high"]
    assert "nothing in common" in effect.habit.lacks
    assert effect.insider is None
    assert effect.e_value_end == 1
    # Survivors' bias is there all the same.
    assert effect.rows.set_index("estimate").loc[WHOLE, "high"] < -0.2

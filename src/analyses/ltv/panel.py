"""A panel: today's customers, valued from now on by a model of staying and a model of money."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.ltv.population import Truth
from src.analyses.missing import Missing
from src.analyses.progress import Watched, watched
from src.analyses.settings.ltv import SEGMENT, Setting
from src.data.bases import Base
from src.data.operator.truth import open_truth
from src.features import lifecycle
from src.features.tables import open_features
from src.models.churn.oracle import observable_worth
from src.models.churn.timesplit import model_columns
from src.models.gap import value_intervals, value_tables
from src.models.gap.value_intervals import Members
from src.models.value import backtest, estimators, money, partial_churn
from src.models.value.customer_value import ValueModel, fit_value
from src.models.value.margins import has_costs, with_margins
from src.models.value.newcomers import LEAST, Newcomers, newcomers

_LONGEST = 12  # months without revenue, after which anybody counts as gone
_HIDDEN = 24  # months of a simulated base that models may not read
TENURE = "tenure_months"
_COST, _ROLE, _LINES = "acquisition_cost", "user_role", "lines"


class Panel:
    """Feature tables, bills and lives of a panel; see `population.Population`."""

    is_residual = True

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        tables = open_features(base)
        bills, self.people = base.table("billing"), base.table("customers")
        self.record = lifecycle.LifeRecord(bills, self.people, tables.freeze_months)
        self.spells, self.follow_up = self.record.followed(), self.record.follow_up()
        self.columns = list(model_columns(tables.catalogue))
        self.assumes_margin = not has_costs(bills)
        self.rows, self.bills = with_margins(tables.read(), bills, setting.margin_share)
        if TENURE not in self.rows:
            self.rows = self.rows.assign(**{TENURE: _months_billed(self.rows, self.bills)})
        value_tables.refuse_one_group(self.rows, SEGMENT, setting.names)

    def remarks(self) -> list[str]:
        """How tenure is counted where no signup is known."""
        if "signup_month" in self.people:
            return []
        return ["No signup is known: tenure is counted from the first bill, too short for the old."]

    @cached_property
    def today(self) -> dict[str, pd.DataFrame]:
        """The features of each group's customers at the last snapshot."""
        last = {}
        for name in self.setting.names:
            rows = self._rows_of(name)
            is_last = rows["snapshot"] == rows["snapshot"].max()
            last[name] = rows[is_last].reset_index(drop=True)
        return last

    @cached_property
    def models(self) -> dict[str, ValueModel]:
        """The models of staying and money of each group."""
        models = {}
        for name in watched(self.setting.names, "learning"):
            rows = self._rows_of(name)
            models[name] = self._learned(rows, self.record.last, self.setting.shapes)
        return models

    @cached_property
    def _members(self) -> dict[str, Members]:
        months, rate = self.setting.horizon, self.setting.rate
        return {
            name: value_intervals.members(self.models[name], rows, months=months, annual_rate=rate)
            for name, rows in self.today.items()
        }

    def members(self) -> dict[str, Members]:
        """Today's customers by group with their models."""
        return self._members

    def worth(self) -> pd.DataFrame:
        """Expected months and money of the horizon, discounted."""
        return value_intervals.worth_of_groups(self._members)

    def replicates(self, rng: np.random.Generator) -> pd.DataFrame:
        """Customers and months drawn again, the levels of the models with them."""
        setting = self.setting
        groups = Watched(self._members, "drawing again", setting.replicates)
        return value_intervals.chain_replicates(
            *(groups, setting.first, rng),
            annual_rate=setting.rate,
            replicates=setting.replicates,
        )

    def lives(self) -> pd.DataFrame:
        """Lives from their start, those running when the data began from then on."""
        lives = self._durations(self.spells)
        lives["group"] = lives["customer_id"].map(self._segment)
        lives = lives[lives["group"].isin(self.setting.names)]
        start, end = self.spells.loc[lives.index, "start"], self.follow_up
        lives["watched"] = 12 * (end.year - start.dt.year) + end.month - start.dt.month
        return lives

    def traits(self) -> pd.DataFrame:
        """The features of today."""
        return pd.concat(self.today.values(), ignore_index=True).set_index("customer_id")

    def tenure(self) -> pd.Series:
        """Months as a customer today."""
        return self.worth()["customer_id"].map(self.traits()["tenure_months"])

    def acquisition_cost(self) -> pd.Series | Missing:
        """Of today's customers."""
        costs = self.costs()
        return costs if isinstance(costs, Missing) else self.worth()["customer_id"].map(costs)

    def newcomers(self) -> dict[str, Newcomers]:
        """Lives of each group that began in the months of the data, where there are enough."""
        lives = self.record.as_of()
        groups, is_new = lives["customer_id"].map(self._segment), lives["start"] > self._begin
        return {
            name: newcomers(self.bills, lives[groups == name], months=self.setting.horizon)
            for name in self.setting.names
            if (is_new & (groups == name)).sum() >= LEAST
        }

    def costs(self) -> pd.Series | Missing:
        """From the table of customers."""
        if _COST not in self.people:
            return Missing("acquisition costs", "what it costs to win a customer")
        return self.people.set_index("customer_id")[_COST]

    def margin_so_far(self) -> pd.Series:
        """The margin of all bills."""
        return money.bill_margins(self.bills).groupby(self.bills["customer_id"]).sum()

    def gap_at(self, months: int, rate: float) -> float:
        """By the same models."""
        return value_tables.gap_at(self._members, self.setting.first, months, rate)

    def gap_by_freeze(self) -> pd.DataFrame:
        """Each rule needs its lives anew: that of the base, a month less and more, twice it."""
        setting, names = self.setting, self.setting.names
        usual = self.base.freeze_months
        freezes = sorted({max(usual - 1, 1), usual, usual + 1, min(2 * usual, _LONGEST)})
        gaps = [
            estimators.km_gap(self.bills, self.people, names, freeze, setting.horizon, setting.rate)
            for freeze in watched(freezes, "other freeze rules")
        ]
        return pd.DataFrame({"freeze_months": freezes, "gap": gaps})

    def line_lives(self) -> pd.DataFrame | Missing:
        """From the table of lines."""
        if not self.base.has(_LINES):
            return Missing("lines", "how long users and deciders stay")
        lines = self.base.table(_LINES)
        if _ROLE not in lines:
            return Missing("roles of lines", "how long users and deciders stay")
        lines = lines[lines["customer_id"].map(self._segment) == self.setting.first]
        return partial_churn.line_lives(lines, self.follow_up, self._begin)

    def partial_churn(self) -> pd.DataFrame | Missing:
        """From the table of lines."""
        if not self.base.has(_LINES):
            return Missing("lines", "what leaves in part")
        lines, level = self.base.table(_LINES), self.setting.confidence
        owner = self._segment
        return partial_churn.partial_churn(
            lines, self.spells, owner, self.follow_up, confidence=level
        )

    def guesses(self) -> pd.DataFrame:
        """Models as they would have stood before the months that judge, of all then on the list."""
        months = self.setting.back
        then = self.follow_up - pd.DateOffset(months=months)
        listed = self.rows.loc[self.rows["snapshot"] == then, "customer_id"]
        came = backtest.realised_margin(self.bills, self.record.as_of(), listed, then, months)
        past = self._durations(self.record.followed(then)).merge(self.people, on="customer_id")
        parts = []
        for name in watched(self.setting.names, "testing"):
            rows = self._rows_of(name)
            model = self._learned(rows, then)
            customers = rows[rows["snapshot"] == then].reset_index(drop=True)
            lives = past[past[SEGMENT] == name]
            guess = estimators.estimates(model, customers, lives, months, self._covariates)
            parts.append(guess.assign(segment=name))
        guesses = pd.concat(parts, ignore_index=True)
        return guesses.assign(actual=guesses["customer_id"].map(came).to_numpy())

    def truth(self) -> Truth | Missing:
        """The hidden months and the true expectations of a simulated base."""
        if self.base.origin != "simulated":
            return Missing("known truth (it is not simulated)", "how far estimates are off")
        true = open_truth(self.base, "snapshot").set_index("customer_id")
        hidden, ends = open_truth(self.base, "hidden_billing"), open_truth(self.base, "lives")
        came = backtest.hidden_margin(hidden, ends, self.bills["month"].max(), _HIDDEN)
        all_lives = self.lives()
        guesses, worth = [], []
        for name, group in self._members.items():
            rows = self.today[name]
            lives = all_lives[all_lives["group"] == name].merge(self.people, on="customer_id")
            guess = estimators.estimates(group.model, rows, lives, _HIDDEN, self._covariates)
            guess["actual"] = guess["customer_id"].map(came).fillna(0).to_numpy()
            exact = true.loc[guess["customer_id"], ["margin_24", "margin_24_fair"]]
            guess[["expected", "oracle"]] = exact.to_numpy()
            guesses.append(guess.assign(segment=name))
            worth.append(true_worth(true, group).assign(group=name))
        return Truth(pd.concat(guesses, ignore_index=True), pd.concat(worth, ignore_index=True))

    @property
    def _begin(self) -> pd.Timestamp:
        return self.bills["month"].min()

    @property
    def _covariates(self) -> list[str]:
        return [name for name in self.setting.alike if name in self.people]

    @cached_property
    def _segment(self) -> pd.Series:
        return self.people.set_index("customer_id")[SEGMENT]

    def _rows_of(self, name: str) -> pd.DataFrame:
        return self.rows[self.rows[SEGMENT] == name]

    def _durations(self, spells: pd.DataFrame) -> pd.DataFrame:
        return lifecycle.durations(spells, self._begin, self.people)

    def _learned(self, rows: pd.DataFrame, at: pd.Timestamp, again: int = 0) -> ValueModel:
        """The models of `rows` as they would stand at the end of month `at`."""
        rows = backtest.spaced(rows, at, self.setting.every)
        known = self.bills[self.bills["month"] <= at], self.record.as_of(at)
        until, seed = self.record.follow_up(at), self.setting.seed
        return fit_value(rows, *known, self.columns, until, again=again, seed=seed)


def _months_billed(rows: pd.DataFrame, bills: pd.DataFrame) -> pd.Series:
    """Months since the first bill: the tenure where no signup is known, too short for the old."""
    first = rows["customer_id"].map(bills.groupby("customer_id")["month"].min())
    at = rows["snapshot"]
    return 12 * (at.dt.year - first.dt.year) + at.dt.month - first.dt.month


def true_worth(true: pd.DataFrame, group: Members) -> pd.DataFrame:
    """The true frame `worth` of the members of a group, from the truth by customer."""
    rows = true.loc[group.worth["customer_id"]].reset_index()
    return observable_worth(rows, group.money)

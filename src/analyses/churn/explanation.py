"""Why: what moves the chances of XGBoost, overall, by group, and for one customer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.settings.churn import Setting
from src.analyses.settings.model import words_of
from src.analyses.streams import stream
from src.models.explain import contributions as explain
from src.models.explain import importance, reasons, shared
from src.models.explain.reasons import Usual

_DEPENDENCES, _PAIR_ROWS = 6, 100
_GROUP_COLUMNS = 8
_STABLE_ROWS, _STABLE_TOP, _STABLE_LEARNED = 500, 10, 20_000
_LEAST_SHARE = 0.02
_REASONS = 3


@dataclass(frozen=True)
class Dependence:
    """What a column holds against what it adds, and the column that acts with it most.

    `points`: `value`, `contribution`, `partner` (its value). `strength`: the part of its effect
    that depends on the partner, as a share of its own, 0 without one.
    """

    column: str
    partner: str | None
    points: pd.DataFrame
    strength: pd.DataFrame
    unit: str

    def __repr__(self) -> str:
        return f"Dependence of {self.column} and {self.partner}: {len(self.points):,} points"


@dataclass(frozen=True)
class Stability:
    """How sure the order of columns is: `ranks`, see `importance.ranking_stability`."""

    ranks: pd.DataFrame
    top: int
    jaccard: float
    kendall: float

    def __repr__(self) -> str:
        return f"Stability: rankings share {self.jaccard:.0%} of their first {self.top}"


@dataclass(frozen=True, eq=False)
class Explanation:
    """Contributions of each column to the log-odds of customers the model did not learn from.

    `rows`: the customers explained, by `customer_id`; `learned`: the rows the model was trained on,
    which say what is usual; `recent`: rows it is trained on again; `at_rate` brings chances of the
    model to the true rate of churn; `share`: of customers on the planned list; `likeness`: the rank
    correlation of this model's list with the winner's.
    """

    setting: Setting
    model: Any
    at_rate: Callable[[np.ndarray], np.ndarray]
    label: str
    rows: pd.DataFrame
    columns: list[str]
    learned: pd.DataFrame
    recent: pd.DataFrame
    share: float
    likeness: float

    def __repr__(self) -> str:
        first = self.ranked.iloc[0]
        return f"Explanation of {len(self.rows):,} customers: {first['column']} moves most"

    @cached_property
    def contributions(self) -> explain.Contributions:
        """A row per customer, a column per column of the base; see its own docstring."""
        return explain.contributions(self.model, self.rows[self.columns])

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """`column`, `mean_abs`, `share` of all contributions, the strongest first."""
        return importance.importance(self.contributions.values)

    def swarm(self) -> pd.DataFrame:
        """A point per customer and column, for a beeswarm; see `contributions.beeswarm_points`."""
        columns = self.ranked["column"].head(self.setting.top).tolist()
        rng = stream(self.setting.seed, "swarm")
        return explain.beeswarm_points(self.contributions, columns, rng)

    def dependences(self) -> list[Dependence]:
        """The six strongest columns, each against what it adds."""
        return [self.dependence(column) for column in self.ranked["column"].head(_DEPENDENCES)]

    def dependence(self, column: str) -> Dependence:
        """One column against what it adds; `InputError` for a column that is not explained."""
        partner = explain.strongest_partner(self._strength, column)
        points = explain.dependence(self.contributions, column, partner)
        return Dependence(column, partner, points, self._strength, self.contributions.unit)

    @cached_property
    def _strength(self) -> pd.DataFrame:
        rng = stream(self.setting.seed, "pairs")
        return explain.interaction_strength(
            self.model, self.rows[self.columns], rng, rows=_PAIR_ROWS
        )

    def by_group(self) -> pd.DataFrame | Missing:
        """Shares of contributions within groups: `group`, `customers`, `column`, `share`, `rank`.

        Groups are those of `group` of the setting, the segment without one; groups of fewer than
        `min_cell` customers are left out. Missing where there is one group.
        """
        group = self.setting.group or "segment"
        missing = Missing(f"column {group} of several values", "reasons by group")
        if group not in self.rows:
            return missing
        groups = words_of(self.rows[group])
        if len(set(groups.dropna())) < 2:
            return missing
        shown = groups.where(groups.map(groups.value_counts()) >= self.setting.min_cell)
        if shown.nunique() < 2:
            return missing
        shares = importance.importance_by(self.contributions.values, shown).set_index("column")
        return shares.loc[self.ranked["column"].head(_GROUP_COLUMNS)].reset_index()

    def five(self) -> pd.DataFrame:
        """Five customers by their place in the list: `customer`, `chosen_as`, `chance`, `words`.

        The words are for anybody: numbers as bands, and what fewer than `min_cell` customers share
        as another value. `reasons` has the customer's own values.
        """
        chance = self.at_rate(self.model.predict_proba(self.rows[self.columns])[:, 1])
        chances = pd.Series(chance, self.rows.index)
        five = reasons.chosen_customers(chances, min(max(self.share, _LEAST_SHARE), 1))
        codes = self.reasons(*five["customer"])
        codes = shared.shared_reasons(self.contributions, codes, self._usual, self.setting.min_cell)
        words = codes.groupby("customer")["words"].agg("; ".join).reset_index()
        return five.merge(words, on="customer")

    def reasons(self, *customers: Hashable, most: int = _REASONS) -> pd.DataFrame:
        """The strongest reasons of customers, in words: `explanation.reasons("a1b2")`.

        `customer`, `place` (1: strongest), `column`, `value`, `usual` (of the rows the model
        learned from), `contribution` (log-odds), `words`. Raises `InputError` for a customer who
        was not explained.
        """
        return reasons.reason_codes(
            self.contributions, list(customers), usual=self._usual, reasons=most
        )

    @cached_property
    def _usual(self) -> Usual:
        return reasons.usual_values(explain.as_read(self.model, self.learned[self.columns]))

    @once
    def stability(self) -> Stability:
        """The order of columns when the model learns from other customers; see `Stability`."""
        setting, recent = self.setting, self.recent
        if len(recent) > _STABLE_LEARNED:
            recent = recent.sample(_STABLE_LEARNED, random_state=setting.seed)
        rng = stream(setting.seed, "resamples")
        again = importance.refitted_importances(
            *(self.model, recent[self.columns], recent["churned"], recent["customer_id"], rng),
            explained=self.rows[self.columns].head(_STABLE_ROWS),
            resamples=setting.resamples,
        )
        stable = importance.ranking_stability(again, top=_STABLE_TOP, confidence=setting.confidence)
        return Stability(stable.ranks, stable.top, stable.jaccard, stable.kendall)

"""What the steps of a study of lifetime value answer, where one frame is not enough.

All are frozen and hold frames; their `repr` is one line. Money is in the currency of the base.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.models.survival.restricted_mean import LogRank


@dataclass(frozen=True)
class Terms:
    """The words and limits that a reader needs beside any figure of a study.

    `names`: both groups, the first first; `by`: the column that makes them; `months`: of money that
    count; `seen`: months ahead that a model learned from; `is_residual`: whether value is that of
    today's customers from now on, or that of a life from its start; `assumed_margin`: the share of
    revenue that is taken for margin, None where costs are known; `sub_segment`: the column of mix
    and rate; `top`: customers whose value at risk is added up; `min_cell`: the least customers of a
    group that is shown; `remarks`: what was done to columns and gaps before, in sentences.
    """

    names: tuple[str, str]
    by: str
    currency: str
    months: int
    seen: int
    is_residual: bool
    assumed_margin: float | None
    sub_segment: str
    top: int
    min_cell: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Two groups compared.

    `ltv`: `figure` (mean, median), `of` (the name of each group, `difference`, `ratio`), `value`,
    `low`, `high`: money per customer, first less second, first over second. Intervals of means know
    of customers, months and models, those of medians of customers.
    `bars`: `factor` (`lifetime`, `arpu`, `margin_share`, `association`, and `gap`, their sum), its
    value in the `first` and the `second` group, `bar`, `low`, `high` (money), `in_noise`.
    `groups`: a row per group with `customers`, `lifetime` (discounted months), `arpu` (money a
    month), `margin_share`, `association`, `mean_ltv`, `median_ltv` (money).
    `thin`: groups of so few ended lives that no point is told.
    """

    ltv: pd.DataFrame
    bars: pd.DataFrame
    groups: pd.DataFrame
    thin: tuple[str, ...]

    def __repr__(self) -> str:
        gap = self.bars.set_index("factor").loc["gap"]
        ends = f"{gap['low']:,.0f} to {gap['high']:,.0f}"
        return f"Comparison: a gap of mean LTV of {gap['bar']:,.0f} ({ends})"


@dataclass(frozen=True)
class Alike:
    """The gap between customers who are alike in some `columns`.

    `table`: `estimand` (`unadjusted`, `common_strata`, `standardised`), mean LTV of the `first` and
    the `second` group, `difference`, `low`, `high` (money per customer), `in_noise`; `support`:
    `group`, `customers`, `outside`, `outside_share` (customers without a counterpart).
    """

    columns: tuple[str, ...]
    table: pd.DataFrame
    support: pd.DataFrame

    def __repr__(self) -> str:
        gap = self.table.set_index("estimand").loc["standardised", "difference"]
        return f"Alike in {', '.join(self.columns)}: a gap of {gap:,.0f}"


@dataclass(frozen=True)
class Stays:
    """How long groups stay.

    `curves`: Kaplan-Meier, `group`, `time` (months), `survival`, `low`, `high`; `means`: `group`,
    `mean_months` out of the horizon with `low`, `high`, see `restricted_mean.restricted_means`;
    `difference`: the row of `restricted_mean_difference`; `test`: log-rank; `few_ended`: ended
    lives of groups that have too few of them, indexed by group.
    """

    curves: pd.DataFrame
    means: pd.DataFrame
    difference: pd.Series
    test: LogRank
    few_ended: pd.Series

    def __repr__(self) -> str:
        parts = [f"{row.group} {row.mean_months:.1f}" for row in self.means.itertuples()]
        return f"Stays: mean months out of {self.means['horizon'].iloc[0]:.0f}, {', '.join(parts)}"


@dataclass(frozen=True)
class Cohorts:
    """Formulas of cohorts put to the test.

    `table`: a row per group, see `cohort_curves.cohort_curves`; newcomers' first `learned` months
    teach, those up to `months` are projected.
    """

    table: pd.DataFrame
    learned: int
    months: int

    def __repr__(self) -> str:
        return f"Cohorts: {len(self.table)} groups, projected to month {self.months}"


@dataclass(frozen=True)
class BackTest:
    """Predictions of `months` ago against the margin that came since.

    `table`: `group`, `estimator`, `label`, `customers`, `actual`, `predicted` (sums of money),
    `bias` with `low`, `high` (shares of the total), `mae` (money per customer), `gini`, `spearman`.
    `tenths`: `group`, `decile`, `customers`, `predicted`, `actual`, `low`, `high` (mean money),
    `is_inside`. `labels`: estimators in words.
    """

    table: pd.DataFrame
    tenths: pd.DataFrame
    months: int
    labels: dict[str, str]

    def __repr__(self) -> str:
        main = self.table[self.table["estimator"] == "main"]
        parts = [f"{row.group} {row.bias:+.1%}" for row in main.itertuples()]
        return f"Back-test over {self.months} months: bias of the main estimate {', '.join(parts)}"


@dataclass(frozen=True)
class AgainstTruth:
    """Estimates on a simulated base against what models could not read.

    `came`: the table of `BackTest` against the hidden months; `expected`: the same against the true
    expectation of each customer; both with the estimator `oracle`, the true expectation of who
    knows no decision to leave. `bars`: `factor`, `first`, `second`, `bar`, the true bars of the
    gap. `gini_ratio`: how much of the oracle's order the main estimate reaches.
    """

    came: pd.DataFrame
    expected: pd.DataFrame
    bars: pd.DataFrame
    gini_ratio: float
    labels: dict[str, str]

    def __repr__(self) -> str:
        return f"Against the truth: the order reaches {self.gini_ratio:.1%} of the oracle's"

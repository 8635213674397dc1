"""Sentences and figures of predicted money against the money that came, and against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from src.reporting.ltv.sentences import of
from src.reporting.page.prose import count, listed, ratio, short_money
from src.reporting.page.results import metric_name


def backtest_sentence(table: pd.DataFrame, months: int) -> str:
    """The finance line: by how much the main estimate missed the total, per group."""
    return (
        f"Fitted {months} months ago, the main estimate misses the margin that came by "
        f"{_misses(table, 'main')}; constant churn by {_misses(table, 'constant_churn')}."
    )


def decile_sentence(table: pd.DataFrame) -> str:
    """In how many tenths the prediction lies inside the interval of what came."""
    parts = [
        f"{group} {rows['is_inside'].sum()} of {count(len(rows))}"
        for group, rows in table.groupby("group", sort=False)
    ]
    return f"Tenths whose prediction lies in the interval of what came: {listed(parts)}."


def truth_sentence(table: pd.DataFrame, gini: float) -> str:
    """The main estimate against the hidden months, and its order against the fair oracle's."""
    return (
        f"Against the hidden 24 months the main estimate's total is off by "
        f"{_misses(table, 'main')}; its order of customers reaches {ratio(gini)} of the fair "
        "oracle's Gini."
    )


def truth_bias_sentence(table: pd.DataFrame) -> str:
    """Constant churn and the main estimate against the hidden months."""
    parts = []
    for name, rows in table.groupby("group", sort=False):
        main, other = (of(rows, estimator=each)["bias"] for each in ("main", "constant_churn"))
        parts.append(f"in {name} {other:+.1%} by constant churn, {main:+.1%} by the main estimate")
    return f"The total of the hidden 24 months is missed {listed(parts)}."


def expected_sentence(table: pd.DataFrame) -> str:
    """By how much the main estimate's total misses the true expectation, per group."""
    return (
        "Against the true expectation, without the luck of who left, the main estimate's total is "
        f"off by {_misses(table, 'main')}."
    )


def errors_sentence(table: pd.DataFrame, labels: Mapping[str, str], money: str) -> str:
    """How far estimates are from each customer's true expectation, per group.

    Reads `group`, `estimator`, `mae` of errors against the true expected margin, with the rows
    `main` and `oracle`; `labels` are those of the estimators.
    """
    parts = []
    for name, rows in table.groupby("group", sort=False):
        main, oracle = (of(rows, estimator=each) for each in ("main", "oracle"))
        others = rows[~rows["estimator"].isin(["main", "oracle"])]
        other = others.loc[others["mae"].idxmin()]
        parts.append(
            f"in {name} by {short_money(main['mae'])} {money} (the best of the others, "
            f"{labels[other['estimator']]}, {short_money(other['mae'])}; the fair oracle "
            f"{short_money(oracle['mae'])})"
        )
    return f"The main estimate misses a customer on average {listed(parts)}."


def backtest_metrics(table: pd.DataFrame) -> dict[str, Any]:
    """`backtest.<group>.<figure>` of the main estimate, and the bias of constant churn.

    A bias has `.low` and `.high`.
    """
    found: dict[str, Any] = {}
    for row in table.itertuples():
        name = f"backtest.{metric_name(str(row.group))}"
        if row.estimator == "main":
            found |= {f"{name}.bias": row.bias, f"{name}.mae": row.mae, f"{name}.gini": row.gini}
            found |= {f"{name}.bias.low": row.low, f"{name}.bias.high": row.high}
        if row.estimator == "constant_churn":
            found[f"{name}.constant_churn_bias"] = row.bias
    return found


def truth_metrics(
    against: pd.DataFrame,
    expected: pd.DataFrame,
    gini_ratio: float,
    bars: pd.DataFrame,
    true: pd.DataFrame,
) -> dict[str, Any]:
    """`truth.*` of a simulated base.

    `truth.<group>.<estimator>_bias` against the hidden months, `truth.<group>.expected.<estimator>`
    with `.bias` and `.mae` against the true expectation; the Gini ratio; the true bars.
    """
    found: dict[str, Any] = {"truth.gini_ratio": gini_ratio}
    for row in against.itertuples():
        name = f"truth.{metric_name(str(row.group))}.{row.estimator}_bias"
        found |= {name: row.bias, f"{name}.low": row.low, f"{name}.high": row.high}
    for row in expected.itertuples():
        name = f"truth.{metric_name(str(row.group))}.expected.{row.estimator}"
        found |= {f"{name}.bias": row.bias, f"{name}.mae": row.mae}
        found |= {f"{name}.bias.low": row.low, f"{name}.bias.high": row.high}
    for row, exact in zip(bars.itertuples(), true.itertuples(), strict=True):
        short = str(row.factor).replace("margin_share", "margin")
        found[f"truth.{'gap' if short == 'gap' else f'gap.bar.{short}'}"] = exact.bar
    return found


def _misses(table: pd.DataFrame, estimator: str) -> str:
    """By how much an estimator misses the total, per group. Reads `bias`, `low`, `high`."""
    rows = table[table["estimator"] == estimator]
    return listed(
        [
            f"{row.bias:+.1%} ({100 * row.low:+.1f} to {100 * row.high:+.1f}) in {row.group}"
            for row in rows.itertuples()
        ]
    )

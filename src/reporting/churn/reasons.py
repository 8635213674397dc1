"""Sentences and tables about why a model gives its chances."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from src.reporting.page.prose import count, listed, percent, ratio
from src.reporting.page.small_groups import many


class Inference(Protocol):
    """Odds ratios of a logistic regression; `src.models.learning.odds.Inference` has these."""

    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def dropped(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def customers(self) -> int: ...  # noqa: D102
    @property
    def churners(self) -> int: ...  # noqa: D102
    @property
    def pseudo_r2(self) -> float: ...  # noqa: D102


def explained_sentence(table: pd.DataFrame, agreement: float, best: str, model: str) -> str:
    """What moves the explained model most, and how its list goes with the winner's."""
    top = listed([f"{row.column} ({percent(row.share)})" for row in table.head(3).itertuples()])
    text = f"What moves the chances of {model} most: {top}"
    if best == model:
        return f"{text}."
    return (
        f"{text}. The winner is {best}; its order of customers and this one have a rank "
        f"correlation of {agreement:.2f}."
    )


def stability_sentence(ranks: pd.DataFrame, top: int, jaccard: float, kendall: float) -> str:
    """How sure the order of columns is when the model learns from other customers."""
    sure = ranks[ranks["top_share"] >= 0.95]["column"].tolist()
    named = f"{listed(sure)} {'is' if len(sure) == 1 else 'are'}" if sure else "no column is"
    return (
        f"Trained again on other customers, {named} always among the first {top}. Two such "
        f"rankings share {percent(jaccard, 0)} of their first {top} and correlate at {kendall:.2f}."
    )


def swarm_sentence(values: pd.DataFrame, customers: int = 10) -> str:
    """Which columns push so many customers furthest, either way. Reads contributions by column."""
    number = min(customers, len(values))
    up = values.apply(lambda column: column.nlargest(number).iloc[-1])
    down = values.apply(lambda column: column.nsmallest(number).iloc[-1])
    return (
        f"**{up.idxmax()}** puts {count(number, 'customer')} furthest up the list (each by "
        f"{up.max():+.2f} or more), **{down.idxmin()}** furthest down ({down.min():+.2f})."
    )


def about(chance: float) -> str:
    """The chance of one customer as a figure of many: in steps of 1 % to 10 %, then of 5 %.

    >>> about(0.873), about(0.042), about(0.999), about(0.003)
    ('about 85%', 'about 4%', 'over 95%', 'under 1%')
    """
    if chance < 0.01:
        return "under 1%"
    if chance > 0.95:
        return "over 95%"
    step = 1 if chance < 0.1 else 5
    return f"about {step * round(100 * chance / step)}%"


def additivity_sentence(error: float, tolerance: float, customers: int) -> str:
    """Whether contributions add up to the model's own figure."""
    verdict = "They add up" if error <= tolerance else "**They do not add up**"
    return (
        f"Explained are {count(customers, 'customer')}. {verdict}: the sum of a customer's "
        f"contributions misses the model's own log-odds by {error:.1g} at most."
    )


def dependence_sentence(column: str, partner: str | None, strength: pd.DataFrame) -> str:
    """How much of a column's effect depends on its partner. Reads `interaction_strength`."""
    if partner is None:
        return f"**{column}** acts alone: the model has no interaction with it."
    share = strength.loc[column, partner] / strength.loc[column, column]
    return (
        f"**{column}** acts most together with {partner}: that part is {ratio(share, 0)} of the "
        "size of its own effect."
    )


def odds_table(table: pd.DataFrame) -> pd.DataFrame:
    """Odds ratios as text, the surest first: `what`, `odds`, `p_value`, `vif`."""
    rows = table.sort_values("p_value", kind="stable")
    named = [
        f"{row.column}: {row.level} (against {row.reference})" if row.level else str(row.column)
        for row in rows.itertuples()
    ]
    odds = [f"{row.odds_ratio:.3g} ({row.low:.3g} to {row.high:.3g})" for row in rows.itertuples()]
    return rows.assign(what=named, odds=odds)[["what", "odds", "p_value", "vif"]]


def odds_sentence(found: Inference) -> str:
    """On whom the odds ratios were estimated, and what they explain."""
    text = (
        f"Odds ratios of {many(found.customers, 'customer')}, {many(found.churners)} of whom "
        f"churned; McFadden's R2 {found.pseudo_r2:.2f}"
    )
    if len(found.dropped):
        return f"{text}; left out: {listed(found.dropped['column'].unique().tolist())}."
    return f"{text}."

"""Lifetime value of a new customer, on a base of one labelled row per customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.gap.bars import gap_bars
from src.models.intervals.numbers import check_columns
from src.models.learning.names import clear_of
from src.models.survival.cox import cox, survival_ahead
from src.models.value.discounting import discounts
from src.models.value.margins import monthly_margin

_GROWS = 0.7


def worth_from_the_start(
    rows: pd.DataFrame,
    columns: Sequence[str],
    *,
    months: int = 36,
    annual_rate: float = 0.12,
    margin_share: float = 0.5,
) -> pd.DataFrame:
    """What customers like those of `rows` are worth over their first `months`.

    Reads `customer_id`, `group`, `tenure_months`, `churned`, `monthly_revenue` and `columns`, known
    at the start of a life. Cox's model on tenure and label gives each customer the curve of someone
    with those columns who starts today; month k of the life pays with S(k - 1), so that a life of d
    months has d bills; revenue stays as it is; the margin is that of `margins.monthly_margin`, its
    gaps have the median. Returns `customer_id`, `group`, `lifetime`, `revenue`, `margin`, as
    `src.models.value.worth` reads it.

    A label without a date makes every row a life watched from its start: customers who left before
    the table was drawn are missing, so lifetimes are too long; compare groups only. Raises
    `InputError` like `cox.cox`, and when nobody was watched for as long as `months`.
    """
    check_columns(rows, ["customer_id", "group", "tenure_months", "churned", "monthly_revenue"])
    named = clear_of(columns, ("duration", "ended", "entry"))
    lives = rows[list(named)].rename(columns=named)
    lives = lives.assign(duration=rows["tenure_months"], ended=rows["churned"].astype(bool))
    after = survival_ahead(cox(lives, list(named.values())), lives, months)
    survival = np.column_stack([np.ones(len(rows)), after[:, :-1]])
    if np.isnan(survival).any():
        longest = rows["tenure_months"].max()
        raise InputError(
            f"no customer was watched for {months} months; the longest tenure is {longest:g}"
        )
    today = discounts(months, annual_rate)
    lifetime = survival @ today
    revenue = rows["monthly_revenue"].to_numpy(float) * lifetime
    margin = monthly_margin(rows, margin_share)
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].to_numpy(),
            "group": rows["group"].to_numpy(),
            "lifetime": lifetime,
            "revenue": revenue,
            "margin": margin.fillna(margin.median()).to_numpy(float) * lifetime,
        }
    )


def columns_at_the_start(rows: pd.DataFrame) -> list[str]:
    """The columns of a snapshot that may have been known when the life began.

    Left out are identifier, label and tenure, and numbers that grow with the life, such as money to
    date: their rank correlation with the tenure is above 0.7 either way.
    """
    others = rows.columns.difference(["customer_id", "churned", "tenure_months"])
    return [str(name) for name in others if not grows_with(rows[name], rows["tenure_months"])]


def grows_with(column: pd.Series, tenure: pd.Series) -> bool:
    """Whether numbers grow with the tenure: their rank correlation is above 0.7 either way."""
    if not pd.api.types.is_numeric_dtype(column) or column.nunique() <= 2:
        return False
    return bool(abs(column.corr(tenure, method="spearman")) > _GROWS)


def refitted_replicates(
    rows: pd.DataFrame,
    chain: Callable[[pd.DataFrame], pd.DataFrame],
    first: object,
    rng: np.random.Generator,
    replicates: int = 100,
) -> pd.DataFrame:
    """The bars of the gap with the whole chain run again on customers drawn with replacement.

    `chain` makes `worth` of rows; `rows` has `group`. Customers are drawn within each group.
    Returns the frames of `gap.gap_bars` with `replicate`, for `gap.replicate_intervals`.
    """
    drawn = []
    places = [np.flatnonzero(rows["group"] == name) for name in sorted(rows["group"].unique())]
    for replicate in range(replicates):
        own = np.concatenate([rng.choice(place, len(place)) for place in places])
        bars = gap_bars(chain(rows.iloc[own].reset_index(drop=True)), first)
        drawn.append(bars.assign(replicate=replicate))
    return pd.concat(drawn, ignore_index=True)

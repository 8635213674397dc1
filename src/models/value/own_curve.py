"""What customers of a base of one row each are worth from now on, by their own curve of staying."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns
from src.models.learning.names import clear_of
from src.models.survival.cox import continued, cox, survival_ahead
from src.models.survival.kaplan_meier import kaplan_meier, survival_at
from src.models.value.discounting import residual_value
from src.models.value.margins import knows_margins, monthly_margin


def stays_from_now(
    rows: pd.DataFrame, columns: Sequence[str], months: int, lives: pd.DataFrame | None = None
) -> np.ndarray:
    """(customers, months): the chance to be there still, given that one is there today.

    Reads `tenure_months` (whole months of it, empty is 0), `churned` and `columns`, known at the
    start of a life. Cox's model on
    tenure and label, read from each customer's tenure on; beyond the longest life the mean hazard
    of what is known goes on. `lives`: labelled rows to fit to, where those of `rows` have no label.
    Where no column tells who leaves sooner, everybody has the curve of
    all (Kaplan-Meier). A label without a date makes every row a life watched from its start, so
    that staying is flattered: who left before the table was drawn is missing.
    """
    labelled = rows if lives is None else lives
    check_columns(labelled, ["tenure_months", "churned", *columns])
    named = clear_of(columns, ("duration", "ended", "entry"))
    columns = list(named.values())
    ended = labelled["churned"].astype(bool)
    fitted = labelled[list(named)].rename(columns=named)
    fitted = fitted.assign(duration=_whole_months(labelled), ended=ended)
    asked, tenure = rows[list(named)].rename(columns=named), _whole_months(rows)
    try:
        return continued(survival_ahead(cox(fitted, columns), asked, months, tenure))
    except InputError:
        curve = kaplan_meier(fitted)
        ages = range(int(tenure.max()) + months + 1)
        stays = survival_at(curve, ages)["survival"].to_numpy(float).clip(1e-9)
        starts = tenure.astype(int)
        return continued(stays[starts[:, None] + np.arange(1, months + 1)] / stays[starts][:, None])


def _whole_months(rows: pd.DataFrame) -> Numbers:
    return np.floor(rows["tenure_months"].fillna(0).clip(lower=0).to_numpy(float))


def value_from_now(
    rows: pd.DataFrame,
    columns: Sequence[str],
    *,
    months: int = 36,
    annual_rate: float = 0.12,
    margin_share: float = 0.5,
    lives: pd.DataFrame | None = None,
) -> Numbers:
    """(customers,): the discounted margin of the next `months` of a customer who is there today.

    The sum over months of S(t | tenure, columns) x margin of a month / (1 + r)^(t/12), S by
    `stays_from_now`, the margin by `margins.monthly_margin`: never months times margin, which
    forgets that people leave and that money comes later. `lives`: labelled rows to fit S to, by
    default `rows`. Raises `InputError` when a column is absent.
    """
    if not knows_margins(rows):
        check_columns(rows, ["monthly_revenue"])
    margin = monthly_margin(rows, margin_share).fillna(0).to_numpy(float)
    return residual_value(stays_from_now(rows, columns, months, lives), margin, annual_rate)

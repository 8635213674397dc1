"""Columns of a snapshot to look at before a rate is believed, by the rules of the churn study."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.data.bases import Base
from src.models.churn import guards, suspects, suspicions
from src.models.learning.folds import of_customers
from src.models.learning.readable import readable
from src.models.scoring.auc import LEAST_PER_CLASS

_ASIDE = ("customer_id", "churned", "segment")


@dataclass(frozen=True)
class Leaks:
    """What may hold the label, or was written after the exit.

    `suspects`: `columns` (a tuple), `why`, `figure`, too good to be true; `suspicions`: `column`,
    `why`, `with_them`, `without`, worth a look first. No rows where nothing is, and on panels and
    orders, whose columns are read month by month.
    """

    suspects: pd.DataFrame
    suspicions: pd.DataFrame

    @property
    def suspects_line(self) -> str:
        """What to write into base.yml so that no report reads the suspects."""
        return suspicions.drop_line(suspects.named(self.suspects))

    @property
    def suspicions_line(self) -> str:
        """The same for the suspicions."""
        return suspicions.drop_line(self.suspicions["column"].tolist())


_NONE = Leaks(
    pd.DataFrame(columns=["columns", "why", "figure"]),
    pd.DataFrame(columns=["column", "why", "with_them", "without"]),
)


def leaks(base: Base) -> Leaks:
    """What the columns of a base know too well; see `churn.suspects` and `churn.suspicions`."""
    if base.kind != "snapshot":
        return _NONE
    table = base.table("snapshot")
    churned = table["churned"]
    few = min(churned.sum(), (~churned).sum()) < LEAST_PER_CLASS
    read = readable(table, _ASIDE).frame.drop(columns=["customer_id", "churned"])
    if few or read.empty:
        return _NONE
    rows = of_customers(read, table["customer_id"])
    alone = guards.univariate_auc(rows, churned)
    ceiling = guards.CEILINGS.get(base.name)
    found = suspects.suspects(rows, churned, ceiling=ceiling, univariate=alone)
    others = rows.drop(columns=suspects.named(found))
    return Leaks(found, suspicions.suspicions(others, churned, alone))

"""What a customer of a snapshot base who stays is worth, as the base tells it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.settings.churn import Setting
from src.models.gap.from_the_start import columns_at_the_start
from src.models.value.margins import knows_margins
from src.models.value.own_curve import value_from_now

_VALUE, _TENURE = "customer_value", "tenure_months"
_OF_A_MONTH = ("monthly_margin", "monthly_revenue", "monthly_cost")


class Worth:
    """Values of customers who stay, in money.

    `customer_value` of the base where it has one; otherwise a margin a month along the own curve of
    staying (`own_curve.value_from_now`), the margin being that of the base or an assumed share of
    revenue; where revenue or tenure is not known, `clv` of the setting for everybody. Gaps take the
    median. `labelled`: rows at the true rate of churn, to fit curves to; `columns`: what may be
    read of a customer.
    """

    def __init__(self, labelled: pd.DataFrame, columns: list[str], setting: Setting) -> None:
        self._labelled, self._columns, self._setting = labelled, columns, setting
        self.has_value = _has(labelled, _VALUE)
        has_margin = knows_margins(labelled)
        is_paid = has_margin or _has(labelled, "monthly_revenue")
        by_curve = not self.has_value and is_paid and _has(labelled, _TENURE)
        self.is_known = self.has_value or by_curve
        self.assumes_margin = by_curve and not has_margin
        names = [_VALUE] if self.has_value else [*_OF_A_MONTH, _TENURE]
        self._read = [name for name in names if self.is_known and _has(labelled, name)]

    def gaps(self) -> pd.Series:
        """Customers without a cell that their value is made of, by column, where there are any."""
        gaps = self._labelled[self._read].isna().sum()
        return gaps[gaps > 0]

    def of(self, rows: pd.DataFrame) -> np.ndarray:
        """(rows,): money, of rows with the columns of the base."""
        setting = self._setting
        if not self.is_known:
            return np.full(len(rows), float(setting.clv))
        medians = self._labelled[self._read].median()
        if self.has_value:
            return rows[_VALUE].fillna(medians[_VALUE]).to_numpy(float)
        filled, labelled = (
            table.assign(**table[self._read].fillna(medians)) for table in (rows, self._labelled)
        )
        known = [name for name in columns_at_the_start(labelled) if name in self._columns]
        return value_from_now(
            filled,
            known,
            months=setting.value_months,
            annual_rate=setting.rate,
            margin_share=setting.margin_share,
            lives=labelled,
        )


def _has(rows: pd.DataFrame, name: str) -> bool:
    return name in rows and bool(rows[name].notna().any())

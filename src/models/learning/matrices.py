"""Columns as the trees of XGBoost read them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

from src.models.learning.names import numbered


def matrix(
    columns: pd.DataFrame,
    label: pd.Series | np.ndarray | None = None,
    weight: np.ndarray | None = None,
) -> xgb.DMatrix:
    """The columns in their order, with outcomes and weights of the rows where there are any.

    It holds no names: XGBoost compares those of model and matrix in every round, which takes longer
    than small trees. So models learn from columns in some order and are asked in the same order.

    >>> matrix(pd.DataFrame({"calls": [1.0, 2.0]}), label=np.array([0, 1])).feature_names is None
    True
    """
    table: Any = numbered(columns)
    made = xgb.DMatrix(table, label=label, weight=weight, enable_categorical=True)
    made.feature_names = None
    if not any(isinstance(kind, pd.CategoricalDtype) for kind in columns.dtypes):
        made.feature_types = None  # all are numbers, which trees read alike
    return made

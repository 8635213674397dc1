"""The type of numbers and the checks of inputs that all models share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from src.data.problems import InputError, shorten

Numbers = NDArray[np.float64]


def labels_of(churned: ArrayLike) -> Numbers:
    """The labels as 0.0 and 1.0; `InputError` when they are anything else, missing or none."""
    labels = pd.Series(np.asarray(churned).ravel())
    if labels.empty:
        raise InputError("churned has no rows")
    if labels.isna().any():
        raise InputError(f"churned is missing in {labels.isna().sum():,} of {len(labels):,} rows")
    if not labels.isin([0, 1]).all():
        other = labels[~labels.isin([0, 1])].iloc[0]
        raise InputError(f"churned must be 0 or 1 (or a bool), not {shorten(other)}")
    return labels.to_numpy(float)


def chances_of(chance: ArrayLike) -> Numbers:
    """The chances as numbers; `InputError` when one is missing or outside 0..1."""
    given = pd.Series(np.asarray(chance).ravel())
    chances = pd.to_numeric(given, errors="coerce").to_numpy(float, na_value=np.nan)
    if np.isnan(chances).any():
        missing = np.isnan(chances).sum()
        raise InputError(f"chance is missing in {missing:,} of {len(chances):,} rows")
    is_outside = (chances < 0) | (chances > 1)
    if is_outside.any():
        raise InputError(f"chance must lie between 0 and 1, not {chances[is_outside][0]:g}")
    return chances


def weights_of(weight: ArrayLike | None, rows: int) -> Numbers | None:
    """The weights as numbers; `InputError` when they cannot be weights of so many rows."""
    if weight is None:
        return None
    weights = np.asarray(weight, dtype=float).ravel()
    if len(weights) != rows:
        raise InputError(f"churned has {rows:,} rows, weight has {len(weights):,}")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise InputError("weight must be 0 or more in every row and positive in at least one")
    return weights


def finite(name: str, values: ArrayLike) -> Numbers:
    """The values as numbers; `InputError` that says `name` when one is missing or infinite."""
    given = pd.Series(np.asarray(values).ravel())
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(float, na_value=np.nan)
    if not len(numbers):
        raise InputError(f"{name} has no rows")
    if not np.isfinite(numbers).all():
        bad = (~np.isfinite(numbers)).sum()
        raise InputError(f"{name} is missing or infinite in {bad:,} of {len(numbers):,} rows")
    return numbers


def check_columns(frame: pd.DataFrame, needed: Sequence[str]) -> None:
    """Raise `InputError` unless the frame has the columns."""
    missing = [name for name in needed if name not in frame]
    if missing:
        raise InputError(f"the frame has no column {', '.join(missing)}")

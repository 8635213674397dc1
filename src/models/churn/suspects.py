"""Columns that are too good to be true: they hold the label, or were written after the exit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype
from threadpoolctl import threadpool_limits

from src.data.lines import word
from src.data.problems import InputError
from src.models.churn.guards import univariate_auc
from src.models.churn.separation import MOST_ALONE, Separation
from src.models.churn.suspicions import drop_line
from src.models.intervals.numbers import Numbers, labels_of

MOST_OF_ALL = 0.97  # AUC of a model, where no ceiling of the base is known
# A column is filled for churners: for so much of them, and so many times as often as for stayers.
_FILLED_SHARE, _FILLED_TIMES, _FILLED_LEAST = 0.1, 50, 10
_BEHIND = 0.05  # of AUC: by so much a model is not better than trees on the same columns


def suspects(
    frame: pd.DataFrame,
    churned: ArrayLike,
    *,
    ceiling: float | None = None,
    seed: int = 0,
    univariate: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Columns, alone or together, that tell churners too well.

    `frame`: the explaining columns, a row per label in `churned` (0/1 or bool); its index says
    whose row each is, as in `src.models.learning.folds`. `univariate`: the frame of
    `guards.univariate_auc` where it is at hand. Returns a row per finding: `columns` (a tuple of
    names), `why` (in words, with the figures), `figure`. No column is in two findings; each look
    takes the columns that those before it left:

    1. *alone*: an AUC above 0.95, by its order, or by the churn rates of its ranges. `figure`: AUC.
    2. *filled*: filled for a tenth of the churners or more, ten at least, and fifty times as often
       as for stayers. `figure`: the share of churners. Holes tell nothing here: who is silent has
       no usage, and that is honest.
    3. *two together*: an AUC above 0.97 by their sum, difference or ratio, at the weights that
       separate best (Fisher), or by the churn rates in a grid of their ranges. It must be 0.02
       above either alone and not be the luck of few churners. `figure`: AUC.
    4. *all together*: boosted trees above `ceiling`, what is known to be possible on the base
       (`guards.CEILINGS`), or above 0.97 where None is. Named are the columns that carry them: a
       smallest set without which they fall to the limit. `figure`: AUC with them.

    All AUCs are of rows held out in folds of customers, but the plain AUC of a number. The limits
    are rules of thumb: an honest column can be above them, a weaker leak passes, and so does a code
    with a value of its own in place of holes. Of more than 32 columns the grid looks at those most
    telling alone. Takes a second or two for 24 columns and 20,000 rows.

    Raises `InputError` as `guards.univariate_auc`. Source of the two weights: Fisher 1936.
    """
    labels = labels_of(churned)
    if univariate is None:
        univariate = univariate_auc(frame, labels, seed=seed)
    alone = univariate.set_index("column")["auc"]
    names = [str(name) for name in alone.index]  # the most telling first
    look = Separation(frame[list(alone.index)], labels, seed)
    best = np.maximum(alone.to_numpy(float), [look.ranges(place) for place in range(len(names))])

    found: list[tuple[tuple[str, ...], str, float]] = []
    left: list[int] = []
    for place, auc in enumerate(best):
        share, of_stayers = _filled(frame[alone.index[place]], labels)
        if auc > MOST_ALONE:
            by = "" if alone.iloc[place] > MOST_ALONE else " by its ranges"
            found.append(((names[place],), f"AUC {auc:.3f} alone{by}", float(auc)))
        elif share > 0:
            why = f"filled for {share:.0%} of churners and {of_stayers:.1%} of stayers"
            found.append(((names[place],), why, share))
        else:
            left.append(place)
    with threadpool_limits(1):  # matrices this small gain nothing by threads
        pairs = list(look.pairs(left, best))
    for pair, auc in pairs:
        found.append((tuple(names[place] for place in pair), f"AUC {auc:.3f} together", auc))
        left = [place for place in left if place not in pair]
    limit = MOST_OF_ALL if ceiling is None else ceiling
    carried, with_them, without = look.carriers(left, limit)
    if carried:
        why = f"a model has an AUC of {with_them:.4f} with them and {without:.3f} without"
        found.append((tuple(names[place] for place in carried), why, with_them))
    return pd.DataFrame(found, columns=["columns", "why", "figure"])


def named(found: pd.DataFrame) -> list[str]:
    """All columns of the findings of `suspects`, in their order."""
    return [name for columns in found["columns"] for name in columns]


def in_words(found: pd.DataFrame) -> str:
    """The findings of `suspects` in one line.

    >>> found = pd.DataFrame({"columns": [("a", "b")], "why": ["AUC 1.000 together"]})
    >>> in_words(found)
    'a and b (AUC 1.000 together)'
    """
    return "; ".join(f"{_listed(row.columns)} ({row.why})" for row in found.itertuples())


def refuse_suspects(found: pd.DataFrame, is_snapshot: bool = False) -> None:
    """Raise `InputError` that names the columns of `suspects` and says how to go on.

    The columns of a snapshot are those of its file, so that the line to write is said too.
    """
    line = ""
    if is_snapshot and len(found):
        line = f"If so, write under tables.snapshot of base.yml: {drop_line(named(found))}. "
    if len(found):
        raise InputError(
            f"too good to be true: {in_words(found)}. Look whether these hold the label, or were "
            f"written after the customer left. {line}To go on without them, set LEAKS to "
            '"leave out", or name them in WITHOUT'
        )


def refuse_model(
    auc: float,
    ceiling: float | None,
    frame: pd.DataFrame,
    churned: ArrayLike,
    *,
    seed: int = 0,
    is_snapshot: bool = False,
) -> None:
    """Stop when a model is better on rows held out than any honest one can be.

    `auc`: its AUC; `ceiling`, what is known to be possible on the base, None where nothing is and
    0.97 counts. `frame` and `churned`: what it learned from, to name the columns that carry it,
    which are those of the file where it `is_snapshot`.

    Raises `InputError` that names them, and says what else to look for.
    """
    limit = MOST_OF_ALL if ceiling is None else ceiling
    if not auc > limit:
        return
    why = (
        f"where no ceiling is known, {limit:g} is the limit"
        if ceiling is None
        else f"no honest model of this base is above {ceiling:g}"
    )
    look = Separation(frame, labels_of(churned), seed)
    every = list(range(frame.shape[1]))
    whole, _ = look.boosted(every)
    if whole < auc - _BEHIND:
        cause = (
            f"It is not the columns: trees that read them have {whole:.3f} on rows held out. Look "
            "for resampling before the split, which puts copies of a row on both sides"
        )
    else:
        carried, _, _ = look.carriers(every, whole - (auc - limit))
        names = [str(frame.columns[place]) for place in carried]
        line = ""
        if is_snapshot:
            line = f"If so, write under tables.snapshot of base.yml: {drop_line(names)}. "
        cause = (
            f"It is carried by {_listed(names)}: look whether this holds the label or was written "
            f"after the customer left. {line}To go on without it, write `WITHOUT: "
            f"[{', '.join(map(word, names))}]` into the parameters"
        )
    raise InputError(f"too good to be true: the model has an AUC of {auc:.4f}, and {why}. {cause}")


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _filled(column: pd.Series, labels: Numbers) -> tuple[float, float]:
    """The shares of churners and stayers for whom it is filled; zeros where that tells little."""
    is_filled = column.notna().to_numpy()
    if not is_numeric_dtype(column) and not is_datetime64_any_dtype(column):
        is_filled &= column.astype(str).str.strip().ne("").to_numpy()
    churners, stayers = is_filled[labels == 1], is_filled[labels == 0]
    share, of_stayers = float(churners.mean()), float(stayers.mean())
    # As if half a stayer more were filled: none among a few is not never.
    times = share / ((stayers.sum() + 0.5) / (len(stayers) + 1))
    is_telling = share >= _FILLED_SHARE and times >= _FILLED_TIMES
    return (share, of_stayers) if is_telling and churners.sum() >= _FILLED_LEAST else (0.0, 0.0)

"""What the steps of a churn trial answer with."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.missing import Missing

# Of what needs a model that tells somebody from somebody.
_NO_SIGNAL = "column that tells who leaves"


@dataclass(frozen=True)
class Calibration:
    """Whether chances come true: `parts` (intercept, slope) and the `curve` by bins of chance."""

    parts: pd.DataFrame
    curve: pd.DataFrame

    def __repr__(self) -> str:
        return f"Calibration: slope {self.parts.loc['slope', 'value']:.2f}"


@dataclass(frozen=True)
class Curves:
    """ROC, precision by recall and gains, with a column `model` of labels; `rate` of exits."""

    roc: pd.DataFrame
    recall: pd.DataFrame
    gains: pd.DataFrame
    rate: float

    def __repr__(self) -> str:
        return f"Curves: roc, recall and gains of {self.roc['model'].nunique()} models"


@dataclass(frozen=True)
class OneForAll:
    """One model for all segments beside a segment's own.

    `figures`: see `one_for_all.figures_by_segment`. `importance`: `group`, `column`, `share` of the
    columns that move the model for all most, over all and in each segment.
    """

    figures: pd.DataFrame
    importance: pd.DataFrame

    def __repr__(self) -> str:
        return f"One for all: {self.figures['segment'].nunique()} groups of customers"


@dataclass(frozen=True)
class AgainstTruth:
    """Expected AUCs of who is lost, of everybody on the list of today, on a simulated base.

    By the chances that bills and usage allow to know: `model`: the winner's; `oracle`: the fair
    oracle's, who learned from these chances; `blind`: of the chances themselves, which know what no
    feature shows. `insider`: of an insider's chances, by those chances.
    """

    model: float
    oracle: float
    blind: float
    insider: float


def no_signal(adds: str) -> Missing:
    """The answer of a step that stands on a model, where none tells more than the base rate."""
    return Missing(_NO_SIGNAL, adds)

"""How good predicted chances of churn are, in figures of one number each, and in curves.

Every figure takes `churned`, 0/1 or bool, one per row; `chance`, the predicted probability of 1, in
the same order; and `weight`, how often each row counts (None: once). The two are paired by
position, an index is not read. A weight of 2 is the same as the row written twice, so a bootstrap
is a reweighting: `rank` sorts once, and `figures` then needs one pass per set of weights.

Assumption: rows count alike. Rows of one customer at several snapshots do so too, therefore
intervals come from `src.models.scoring.comparison`, which resamples customers.

`InputError` is raised for empty input, different lengths, missing values, labels other than 0 and
1, chances outside 0..1, weights that are negative or sum to zero, and, by all figures but
`log_loss` and `brier`, when only one class is present.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, chances_of, labels_of, weights_of

# The figures of `headline`, and which of them are errors.
HEADLINE = ("auc", "pr_auc", "log_loss", "brier", "brier_skill", "lift5", "lift10")
LOWER_IS_BETTER = frozenset({"log_loss", "brier"})

# A chance of 0 or 1 that turns out wrong costs 36 in log loss instead of infinity, as in
# scikit-learn.
_EDGE = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Ranking:
    """Rows in falling order of chance; made by `rank`.

    `order`: positions of the rows, the highest chance first. `churned`, `chance`: in that order.
    `last`: for each distinct chance, the place in the order of its last row.
    """

    order: NDArray[np.intp]
    churned: Numbers
    chance: Numbers
    last: NDArray[np.intp]

    @cached_property
    def log_losses(self) -> Numbers:
        """Log loss of each row, in the order of the ranking."""
        inside = np.clip(self.chance, _EDGE, 1 - _EDGE)
        return -np.where(self.churned == 1, np.log(inside), np.log1p(-inside))

    @cached_property
    def squares(self) -> Numbers:
        """Squared error of each row, in the order of the ranking."""
        return (self.chance - self.churned) ** 2

    def counts(self, weight: Numbers | None = None) -> tuple[Numbers, Numbers]:
        """Churners and stayers at or above each distinct chance, the highest chance first.

        `weight` is in the order of the rows as they came.
        """
        ordered = np.ones(len(self.order)) if weight is None else weight[self.order]
        everyone = np.cumsum(ordered)[self.last]
        churners = np.cumsum(ordered * self.churned)[self.last]
        return churners, everyone - churners


def rank(churned: ArrayLike, chance: ArrayLike) -> Ranking:
    """Check the labels and chances and sort them once.

    >>> rank([0, 1, 1], [0.2, 0.9, 0.2]).last.tolist()
    [0, 2]
    """
    y, p = labels_of(churned), chances_of(chance)
    if len(y) != len(p):
        raise InputError(f"churned has {len(y):,} rows, chance has {len(p):,}")
    order = np.argsort(-p, kind="stable")
    falling = p[order]
    return Ranking(order, y[order], falling, np.flatnonzero(np.append(np.diff(falling), -1)))


def headline(
    churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None
) -> dict[str, float]:
    """All figures of this module in one flat dict: the keys are `HEADLINE`.

    `brier_skill` is against the mean of the labels; `lift5` and `lift10` are the lift of the top 5
    and 10 %.

    >>> found = headline([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> [round(found[name], 3) for name in ("auc", "pr_auc", "brier", "lift5")]
    [0.75, 0.833, 0.158, 2.0]
    """
    ranking = rank(churned, chance)
    return figures(ranking, weights_of(weight, len(ranking.order)))


def figures(ranking: Ranking, weight: Numbers | None = None) -> dict[str, float]:
    """The figures of `headline` from rows that are sorted already, in one pass; for resampling.

    `weight` is in the order of the rows as they came and is not checked.
    """
    churners, stayers = _both(ranking, weight)
    ordered = None if weight is None else weight[ranking.order]
    brier_score = float(np.average(ranking.squares, weights=ordered))
    rate = churners[-1] / (churners[-1] + stayers[-1])
    return {
        "auc": _roc_auc(churners, stayers),
        "pr_auc": _pr_auc(churners, stayers),
        "log_loss": float(np.average(ranking.log_losses, weights=ordered)),
        "brier": brier_score,
        "brier_skill": float(1 - brier_score / (rate * (1 - rate))),
        "lift5": _lift(churners, stayers, 0.05),
        "lift10": _lift(churners, stayers, 0.10),
    }


def roc_auc(churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None) -> float:
    """The probability that a churner is ranked above a stayer, ties counting one half.

    0.5 for a constant or a random chance, 1 for a perfect order. It says nothing about the size of
    the chances. Source: Hanley and McNeil 1982.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return _roc_auc(*_counts(churned, chance, weight))


def pr_auc(churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Average precision: the sum over distinct chances of (gain in recall) x precision.

    A constant chance gives the base rate, so values from bases of different churn do not compare.
    No interpolation between the points, which would be too hopeful (Davis and Goadrich 2006).
    """
    return _pr_auc(*_counts(churned, chance, weight))


def log_loss(churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean of -log(chance given to what happened), in natural logarithms; 0 is perfect.

    Chances of exactly 0 and 1 are moved inside by 2e-16, so one such error costs 36.
    """
    return _mean(rank(churned, chance), "log_losses", weight)


def brier(churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Mean squared difference of chance and label: 0 is perfect. Source: Brier 1950."""
    return _mean(rank(churned, chance), "squares", weight)


def brier_skill(
    churned: ArrayLike,
    chance: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    base_rate: float | None = None,
) -> float:
    """The part of the Brier score of a constant chance that the model takes away.

    1 - brier / brier of `base_rate` for everyone; None: the mean of these labels, which no rule
    could have known beforehand, so the skill is a little too strict. 1 is perfect, 0 is no better
    than the constant, below 0 is worse.
    """
    ranking = rank(churned, chance)
    churners, stayers = _both(ranking, weights_of(weight, len(ranking.order)))
    rate = churners[-1] / (churners[-1] + stayers[-1])
    guess = rate if base_rate is None else base_rate
    if not 0 <= guess <= 1:
        raise InputError(f"base_rate must lie between 0 and 1, not {guess:g}")
    of_guess = rate * (1 - guess) ** 2 + (1 - rate) * guess**2
    return float(1 - _mean(ranking, "squares", weight) / of_guess)


def lift(
    churned: ArrayLike, chance: ArrayLike, share: float, weight: ArrayLike | None = None
) -> float:
    """Churn rate among the top `share` of rows by chance, over that of all rows.

    Equal chances are taken in random order, and the value is the mean over these orders: a
    constant chance has a lift of exactly 1. A share that cuts through a row takes part of it.
    Cannot exceed 1 / max(share, base rate).
    """
    if not 0 < share <= 1:
        raise InputError(f"share must lie between 0 and 1, not {share:g}")
    return _lift(*_counts(churned, chance, weight), share)


def gains_curve(
    churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None, points: int = 101
) -> pd.DataFrame:
    """Cumulative gains: the share of all churners among the top rows by chance.

    Returns `share` of rows from 0 to 1 in equal steps, `churners_share` and `lift` (their ratio;
    missing at share 0). Ties as in `lift`; a random order is the diagonal.
    """
    churners, stayers = _counts(churned, chance, weight)
    share = np.linspace(0, 1, points)
    everyone = np.append(0, churners + stayers)
    held = np.interp(share * everyone[-1], everyone, np.append(0, churners)) / churners[-1]
    ratio = np.divide(held, share, out=np.full(points, np.nan), where=share > 0)
    return pd.DataFrame({"share": share, "churners_share": held, "lift": ratio})


def roc_curve(
    churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None
) -> pd.DataFrame:
    """The ROC curve: `chance`, `false_positive_rate`, `true_positive_rate`.

    One row per distinct chance in falling order: the shares of stayers and of churners who have at
    least that chance. The first row, at infinity, contacts nobody.
    """
    ranking = rank(churned, chance)
    churners, stayers = _both(ranking, weights_of(weight, len(ranking.order)))
    return pd.DataFrame(
        {
            "chance": np.append(np.inf, ranking.chance[ranking.last]),
            "false_positive_rate": np.append(0, stayers / stayers[-1]),
            "true_positive_rate": np.append(0, churners / churners[-1]),
        }
    )


def precision_recall_curve(
    churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None = None
) -> pd.DataFrame:
    """Precision by recall: `chance`, `recall`, `precision`.

    One row per distinct chance in falling order: the share of churners who have at least that
    chance, and the share of churners among those who have. Rows of no weight at the top have no
    precision: it is missing there.
    """
    ranking = rank(churned, chance)
    churners, stayers = _both(ranking, weights_of(weight, len(ranking.order)))
    everyone = churners + stayers
    blank = np.full(len(everyone), np.nan)
    return pd.DataFrame(
        {
            "chance": ranking.chance[ranking.last],
            "recall": churners / churners[-1],
            "precision": np.divide(churners, everyone, out=blank, where=everyone > 0),
        }
    )


def _counts(
    churned: ArrayLike, chance: ArrayLike, weight: ArrayLike | None
) -> tuple[Numbers, Numbers]:
    ranking = rank(churned, chance)
    return _both(ranking, weights_of(weight, len(ranking.order)))


def _both(ranking: Ranking, weight: Numbers | None) -> tuple[Numbers, Numbers]:
    churners, stayers = ranking.counts(weight)
    if not churners[-1] > 0:
        raise InputError("nobody churned in these rows; the figure needs churners and stayers")
    if not stayers[-1] > 0:
        raise InputError("everybody churned in these rows; the figure needs churners and stayers")
    return churners, stayers


def _mean(ranking: Ranking, what: str, weight: ArrayLike | None) -> float:
    weights = weights_of(weight, len(ranking.order))
    ordered = None if weights is None else weights[ranking.order]
    return float(np.average(getattr(ranking, what), weights=ordered))


def _roc_auc(churners: Numbers, stayers: Numbers) -> float:
    # Each step in stayers meets the churners above it, and half of those it is tied with.
    # Sums of products and not `@`, whose threads cost more than they bring when many resamples run.
    area = stayers[0] * churners[0] + (np.diff(stayers) * (churners[1:] + churners[:-1])).sum()
    return float(area / (2 * churners[-1] * stayers[-1]))


def _pr_auc(churners: Numbers, stayers: Numbers) -> float:
    everyone = churners + stayers
    precision = np.divide(churners, everyone, out=np.zeros(len(everyone)), where=everyone > 0)
    gained = churners[0] * precision[0] + (np.diff(churners) * precision[1:]).sum()
    return float(gained / churners[-1])


def _lift(churners: Numbers, stayers: Numbers, share: float) -> float:
    everyone = churners + stayers
    contacted = share * everyone[-1]
    held = np.interp(contacted, np.append(0, everyone), np.append(0, churners))
    return float(held / contacted / (churners[-1] / everyone[-1]))

"""Whether chances mean what they say, and how to correct them where they do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, chances_of, labels_of
from src.models.intervals.proportions import wilson

# A chance of 0 or 1 has no finite logit; it is taken as this far from the end.
_EDGE = 1e-6
_STEPS = 100


def calibration(
    churned: ArrayLike,
    chance: ArrayLike,
    confidence: float = 0.95,
    *,
    customers: ArrayLike | None = None,
) -> pd.DataFrame:
    """Calibration intercept and slope: the columns `value`, `standard_error`, `low`, `high`.

    Takes labels 0/1 or bool and chances, in the same order. Two rows:

    - `intercept`: a in logit P(churned) = a + logit(chance), calibration in the large; 0 is right,
      above 0 means that more churn than was said.
    - `slope`: b in logit P(churned) = a' + b logit(chance), with an a' of its own; 1 is right,
      below 1 means chances too far apart (overfitted), above 1 too close together.

    Maximum likelihood with Wald intervals. `customers` says whose each row is: errors are then by
    customer (sandwich, with the factor G / (G - 1) of G customers), since several snapshots of one
    are not independent and errors by row are too small. Without it every row is a customer.
    Constant chances have no slope: its row is missing.
    Chances of exactly 0 and 1, as forests give, are taken as 1e-6 from the end; with many of them
    the slope is mostly about them, and the curve says more.

    Assumption: customers are independent. A slope of 1 and an intercept of 0 do not exclude a curve
    that bends.

    Raises `InputError` like `scores.roc_auc`, and when some chance separates churners from
    stayers without an error, where the slope has no end.
    Source: Cox 1958; Van Calster et al. 2019, BMC Medicine 17, 230; Liang and Zeger 1986 for errors
    by customer.

    >>> chance = [0.2] * 10 + [0.8] * 10
    >>> churned = [1] * 2 + [0] * 8 + [1] * 8 + [0] * 2
    >>> calibration(churned, chance)["value"].abs().round(6).tolist()
    [0.0, 1.0]
    """
    labels, logits = _labels_and_logits(churned, chance)
    reach = norm.ppf((1 + confidence) / 2)
    codes = _codes(customers, len(labels))
    intercept, covariance = _fit(labels, np.ones((len(labels), 1)), logits, codes)
    values, errors = [intercept[0], np.nan], [np.sqrt(covariance[0, 0]), np.nan]
    if not _is_constant(logits):
        _, values[1], errors[1] = _line(labels, logits, codes)
    value, error = np.array(values), np.array(errors)
    return pd.DataFrame(
        {
            "value": value,
            "standard_error": error,
            "low": value - reach * error,
            "high": value + reach * error,
        },
        index=pd.Index(["intercept", "slope"], name="part"),
    )


def calibration_curve(
    churned: ArrayLike,
    chance: ArrayLike,
    bins: int = 10,
    confidence: float = 0.95,
    *,
    customers: ArrayLike | None = None,
) -> pd.DataFrame:
    """What was said against what happened, in bins of about equally many rows.

    Takes labels 0/1 or bool and chances, in the same order. Returns a row per bin, lowest chances
    first: `customers` (rows), `chance` (their mean), `rate` (share who churned), `low`, `high`
    (Wilson interval). Equal chances stay in one bin, so there can be fewer than `bins`. With
    `customers`, whose each row is, an interval is of as many rows as would be as sure if they were
    independent: the rows of the bin over its design effect.

    Assumption: customers are independent, as in `calibration`. The interval is for the rate in the
    bin; how far a perfect model's bins would spread is in it, whether all ten hold at once is not.

    Raises `InputError` when labels or chances are not such, or `bins` is below 1.

    >>> calibration_curve([0, 1, 0, 1], [0.1, 0.1, 0.6, 0.8], bins=2)[["chance", "rate"]]
       chance  rate
    0     0.1   0.5
    1     0.7   0.5
    """
    labels, chances = labels_of(churned), chances_of(chance)
    _check_length(labels, chances)
    if bins < 1:
        raise InputError(f"bins must be 1 or more, not {bins}")
    inner = np.quantile(chances, np.arange(1, bins) / bins, method="inverted_cdf")
    place = np.searchsorted(np.unique(inner), chances)
    rows = pd.DataFrame({"churned": labels, "chance": chances}).groupby(place)
    counts = rows["churned"].agg(["sum", "size"])
    codes = _codes(customers, len(labels))
    worth = counts["size"] / _design_effect(labels, place, codes).reindex(counts.index)
    curve = wilson(worth * counts["sum"] / counts["size"], worth, confidence)
    curve.insert(0, "chance", rows["chance"].mean())
    curve.insert(0, "customers", counts["size"])
    return curve.reset_index(drop=True)


@dataclass(frozen=True)
class Recalibration:
    """A correction of chances: logit(corrected) = intercept + slope x logit(chance).

    Platt scaling on the logit, so that `Recalibration(0, 1)` changes nothing. With a slope above 0
    the order of customers stays, and with it AUC and lift.

    >>> Recalibration(intercept=0.0, slope=1.0).apply([0.2, 0.5]).tolist()
    [0.2, 0.5]
    """

    intercept: float
    slope: float

    @classmethod
    def fit(cls, churned: ArrayLike, chance: ArrayLike) -> Recalibration:
        """The correction that fits held-out labels best (maximum likelihood).

        `churned` and `chance` must be rows that the model was not trained on: on its own rows an
        overfitted model looks right, and the correction makes nothing better. Constant chances get
        a new intercept and keep the slope of 1. A model that tells nothing gets a slope about 0,
        which can fall below it and then turns the order round. Raises `InputError` like
        `calibration`. Source: Platt 1999; Cox 1958.
        """
        labels, logits = _labels_and_logits(churned, chance)
        if _is_constant(logits):
            shift, _ = _fit(labels, np.ones((len(labels), 1)), logits)
            return cls(float(shift[0]), 1.0)
        intercept, slope, _ = _line(labels, logits)
        return cls(intercept, slope)

    def apply(self, chance: ArrayLike) -> Numbers:
        """The corrected chances, in the order of `chance`; ends at 0 and 1 come inside by 1e-6."""
        return expit(self.intercept + self.slope * _logits(chances_of(chance)))


def _codes(customers: ArrayLike | None, rows: int) -> np.ndarray | None:
    """A number per customer, or None where every row is one."""
    if customers is None:
        return None
    codes, names = pd.factorize(np.asarray(customers))
    if len(codes) != rows:
        raise InputError(f"churned has {rows:,} rows, customers has {len(codes):,}")
    return None if len(names) == rows else codes


def _design_effect(labels: Numbers, place: np.ndarray, codes: np.ndarray | None) -> pd.Series:
    """By bin: the variance of its rate, customers drawn, over that of independent rows; 1 or more.

    Where all rows of a bin end alike nothing varies: then the rows per customer.
    """
    rows = pd.DataFrame({"bin": place, "churned": labels})
    if codes is None:
        return pd.Series(1.0, np.unique(place))
    rows["off"] = rows["churned"] - rows.groupby("bin")["churned"].transform("mean")
    rows["customer"] = codes
    each = rows.groupby(["bin", "customer"])["off"].agg(["sum", "size"]).reset_index()
    by_customer = each["sum"].pow(2).groupby(each["bin"]).sum()
    by_row = rows["off"].pow(2).groupby(rows["bin"]).sum()
    repeats = each.groupby("bin")["size"].mean()
    return (by_customer / by_row).where(by_row > 0, repeats).clip(lower=1.0)


def _fit(
    labels: Numbers, design: Numbers, offset: Numbers, codes: np.ndarray | None = None
) -> tuple[Numbers, Numbers]:
    """Logistic regression with an offset: coefficients and their covariance, by Newton's method.

    The likelihood is concave; a step that does not raise it is halved. With `codes` the covariance
    is by customer.
    """
    coefficients = np.zeros(design.shape[1])
    reached = _log_likelihood(labels, design @ coefficients + offset)
    for _ in range(_STEPS):
        fitted = expit(design @ coefficients + offset)
        information = (design.T * (fitted * (1 - fitted))) @ design
        gradient = design.T @ (labels - fitted)
        step = np.linalg.solve(information, gradient)
        if gradient @ step < 1e-14 * len(labels):
            covariance = np.linalg.inv(information)
            if codes is not None:
                residuals = design * (labels - fitted)[:, None]
                sums = np.stack([np.bincount(codes, column) for column in residuals.T], axis=1)
                groups = len(sums)
                covariance = covariance @ (sums.T @ sums) @ covariance * groups / (groups - 1)
            return coefficients, covariance
        size = 1.0
        while size > 1e-10:
            likelihood = _log_likelihood(labels, design @ (coefficients + size * step) + offset)
            if likelihood >= reached:
                break
            size /= 2
        coefficients, reached = coefficients + size * step, likelihood
    raise InputError("the calibration does not settle; look at the chances nearest to 0 and 1")


def _log_likelihood(labels: Numbers, linear: Numbers) -> float:
    return float((labels * linear - np.logaddexp(0, linear)).sum())


def _labels_and_logits(churned: ArrayLike, chance: ArrayLike) -> tuple[Numbers, Numbers]:
    labels, chances = labels_of(churned), chances_of(chance)
    _check_length(labels, chances)
    if labels.min() == labels.max():
        who = "everybody" if labels[0] else "nobody"
        raise InputError(f"{who} churned in these rows; calibration needs churners and stayers")
    return labels, _logits(chances)


def _logits(chances: Numbers) -> Numbers:
    return logit(np.clip(chances, _EDGE, 1 - _EDGE))


def _is_constant(logits: Numbers) -> bool:
    """Whether all are equal, but for what rounding leaves between them."""
    return bool(np.ptp(logits) < 1e-9)


def _line(
    labels: Numbers, logits: Numbers, codes: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Intercept, slope and the standard error of the slope of the labels on the logits."""
    _refuse_separation(labels, logits)
    mean, spread = logits.mean(), logits.std()
    design = np.column_stack([np.ones(len(logits)), (logits - mean) / spread])
    (level, slope), covariance = _fit(labels, design, np.zeros(len(labels)), codes)
    error = np.sqrt(covariance[1, 1]) / spread
    return float(level - slope * mean / spread), float(slope / spread), float(error)


def _refuse_separation(labels: Numbers, logits: Numbers) -> None:
    of_churners, of_stayers = logits[labels == 1], logits[labels == 0]
    if of_churners.min() >= of_stayers.max() or of_churners.max() <= of_stayers.min():
        raise InputError(
            "the chances separate churners from stayers without an error, so the calibration slope "
            "has no end; look for the label in the features, or take more rows"
        )


def _check_length(labels: Numbers, chances: Numbers) -> None:
    if len(labels) != len(chances):
        raise InputError(f"churned has {len(labels):,} rows, chance has {len(chances):,}")

"""The peak of Cox's partial likelihood by Newton's steps, ties by Efron's rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from src.models.intervals.numbers import Numbers
from src.models.survival.efron import Spans

_STEPS, _HALVINGS = 60, 30
_AT_THE_PEAK, _NEAR = 1e-8, 1e-2  # twice what a step raises the log-likelihood by


class NoPeakError(ValueError):
    """The likelihood has no finite peak that steps lead to."""


@dataclass(frozen=True)
class Peak:
    """Where the likelihood is highest: `weights`, their `variance` (inverse of the information).

    `gain`: what a further step could still raise the log-likelihood by; near 0 at a peak.
    """

    weights: Numbers
    variance: Numbers
    log_likelihood: float
    gain: float

    @property
    def errors(self) -> Numbers:
        """Standard errors of the weights; missing where the likelihood is flat."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.diag(self.variance))


@dataclass(frozen=True)
class _Slope:
    """The log-likelihood at some weights, its gradient, and minus its matrix of curvature."""

    value: float
    gradient: Numbers
    information: Numbers


def highest(columns: Numbers, spans: Spans) -> Peak:
    """The weights b that maximise Efron's partial likelihood of hazards exp(columns @ b).

    `columns`: (lives, columns), of like scale. With the d ends of one time numbered k = 0..d-1, R
    the sum of exp(x b) over those at risk and D over those who end, the log-likelihood is the sum
    over all ends of x b - log(R - D k/d). Each step costs one product of the columns with
    themselves, however many times and ties there are: sums over the risk sets are taken life by
    life, with what each life is at risk of.

    A column that separates those who end has no finite weight: steps go on until nothing is gained
    or numbers end, where its error is very large or much could still be gained. Raises
    `NoPeakError` where the information is singular.
    Source: Efron 1977; Therneau and Grambsch 2000, section 3.3.

    By hand: with u = exp(b) the derivative is 0 where u^2 - u - 4 = 0.

    >>> lives = {"entry": np.full(4, -1.0), "duration": np.array([1.0, 2, 3, 4])}
    >>> spans = Spans(**lives, ended=np.array([True, True, True, False]))
    >>> highest(np.array([[1.0], [0], [1], [0]]), spans).weights.round(4).tolist()
    [0.9406]
    """
    likelihood = _Likelihood(columns, spans)
    with np.errstate(all="ignore"):  # a step too far, which is taken back
        return _climbed(likelihood, columns.shape[1])


def _climbed(likelihood: _Likelihood, width: int) -> Peak:
    weights, before = np.zeros(width), np.inf
    slope = likelihood.at(weights)
    for _ in range(_STEPS):
        step = _step(slope)
        gain = float(step @ slope.gradient)
        # Near a peak each gain is far below the one before; where none is, rounding takes over.
        if before < _NEAR and not gain < before:
            break
        ahead = likelihood.at(weights + step)
        for _ in range(_HALVINGS):
            if ahead.value >= slope.value - _AT_THE_PEAK:
                break
            step = step / 2
            ahead = likelihood.at(weights + step)
        else:  # as far as numbers reach: the slope tells that this is no peak
            break
        weights, slope, before = weights + step, ahead, gain
        if gain < _AT_THE_PEAK:
            break
    try:
        variance: Numbers = np.linalg.inv(slope.information).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        raise NoPeakError from None
    return Peak(
        weights, variance, slope.value, float(slope.gradient @ variance @ slope.gradient) / 2
    )


def _step(slope: _Slope) -> Numbers:
    try:
        step: Numbers = np.linalg.solve(slope.information, slope.gradient).astype(
            np.float64, copy=False
        )
    except np.linalg.LinAlgError:
        raise NoPeakError from None
    if not np.isfinite(step).all():
        raise NoPeakError
    return step


class _Likelihood:
    """What of the lives does not depend on the weights, and the likelihood at some weights."""

    def __init__(self, columns: Numbers, spans: Spans) -> None:
        self._columns, self._ended = columns, spans.ended
        time, self._place = np.unique(spans.duration[spans.ended], return_inverse=True)
        self._first = np.searchsorted(time, spans.entry, side="right")
        self._after = np.searchsorted(time, spans.duration, side="right")
        ends = np.bincount(self._place, minlength=len(time))
        self._time = np.repeat(np.arange(len(time)), ends)  # of each end, in the order of time
        begin = np.cumsum(ends) - ends
        self._share = (np.arange(len(self._time)) - begin[self._time]) / ends[self._time]
        self._seen = columns[spans.ended].sum(axis=0)
        shape = len(time), len(columns)
        lives, is_late = np.arange(len(columns)), self._first > 0
        self._leave = _sums(self._after - 1, lives, shape)
        self._enter = _sums(self._first[is_late] - 1, lives[is_late], shape)
        self._tied = _sums(self._place, lives[spans.ended], shape)

    def at(self, weights: Numbers) -> _Slope:
        columns, ended, size = self._columns, self._ended, self._tied.shape[0]
        log_risk = columns @ weights
        top = log_risk.max()
        risk = np.exp(log_risk - top)
        weighted = np.column_stack([risk, risk[:, None] * columns])
        # From the last time backwards: who has left leaves no rounding behind.
        stay = self._leave @ weighted - self._enter @ weighted
        at_risk = np.cumsum(stay[::-1], axis=0)[::-1]
        tied = self._tied @ weighted

        left = at_risk[self._time, 0] - self._share * tied[self._time, 0]
        beyond = _Slope(-np.inf, np.zeros_like(weights), np.zeros((len(weights),) * 2))
        if not (left > 0).all():  # weights so large that rounding is all that is left
            return beyond
        value = float(log_risk[ended].sum() - np.log(left).sum() - top * len(left))

        def over_ends(share: Numbers, power: int) -> Numbers:
            sums = np.bincount(self._time, share / left**power, minlength=size)
            return sums.astype(np.float64, copy=False)

        once, one, share = over_ends(self._share, 1), np.ones(len(left)), self._share
        whole = over_ends(one, 1)
        at_risk_of, of_tied = at_risk[:, 1:], tied[:, 1:]
        gradient = self._seen - whole @ at_risk_of + once @ of_tied

        passed = np.append(0.0, np.cumsum(whole))
        hazard = passed[self._after] - passed[self._first]
        hazard[ended] -= once[self._place]
        crossed = (over_ends(share, 2)[:, None] * at_risk_of).T @ of_tied
        information = (
            columns.T @ ((risk * hazard)[:, None] * columns)
            - (over_ends(one, 2)[:, None] * at_risk_of).T @ at_risk_of
            + crossed
            + crossed.T
            - (over_ends(share**2, 2)[:, None] * of_tied).T @ of_tied
        )
        if not np.isfinite(information).all():
            return beyond
        return _Slope(value, gradient, information)


def _sums(place: np.ndarray, lives: np.ndarray, shape: tuple[int, int]) -> csr_array:
    """(times, lives): adds up what lives have by their place; a place below 0 is none."""
    is_there = place >= 0
    pairs = place[is_there], lives[is_there]
    return csr_array((np.ones(len(pairs[0])), pairs), shape)

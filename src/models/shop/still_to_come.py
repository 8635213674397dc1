"""What a buyer who is alive, and may drop out at each purchase, has still to buy.

He buys at a rate lambda ~ Gamma(shape, rate `time`) and drops out at each purchase with a chance
p ~ Beta(leave, stay). Were there no drop-out, his purchases N in a time ahead would be negative
binomial. His purchase number k + 1 needs N > k and that none of k moments was the end, so that

    expected purchases = sum over k >= 0 of P(N > k) (stay)_k / (leave + stay)_k

with (z)_k the rising factorial. It equals the closed form with Gauss's hypergeometric function
(Fader, Hardie, Lee 2005, equation 10), which cancels where leave is near 1 and overflows for
thousands of purchases; here all terms are positive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, gammaln, xlogy

from src.models.intervals.numbers import Numbers

# The sum takes about as many terms as there can be purchases; the integral about so many nodes.
_MOST_TERMS = 250
_AT_ONCE = 16_384
_DROPPED = 8  # terms between looks at which rows are summed up
_DONE = 1e-15
# The integral runs to where its weight is exp(-36) of its peak.
_REACH, _STRIDE, _HALVINGS = 36.0, 0.17, 12


class Alive(NamedTuple):
    """Rows of buyers who are alive: lambda ~ Gamma(shape, time), p ~ Beta(leave, stay)."""

    shape: Numbers
    time: Numbers
    leave: Numbers
    stay: Numbers

    def rows(self, at: NDArray[np.intp]) -> Alive:
        """Some of the rows."""
        return Alive(*(part[at] for part in self))


def purchases(alive: Alive, ahead: float) -> Numbers:
    """Expected purchases of each row in the next `ahead` units of time.

    By the sum, or where that would have hundreds of terms by the integral over p.
    """
    mean = alive.shape * ahead / alive.time
    spread = ahead / alive.time
    terms = mean + 9 * np.sqrt(mean * (1 + spread)) + 36 * (0.2 + spread)
    is_long = terms > _MOST_TERMS
    expected = np.empty(len(mean))
    for rows, way in ((np.flatnonzero(~is_long), _summed), (np.flatnonzero(is_long), _integrated)):
        for begin in range(0, len(rows), _AT_ONCE):
            part = rows[begin : begin + _AT_ONCE]
            expected[part] = way(alive.rows(part), ahead)
    return expected


def _summed(alive: Alive, ahead: float) -> Numbers:
    shape, time, leave, stay = alive
    odds = np.log1p(ahead / time)
    ratio = ahead / (time + ahead)
    none = -shape * odds
    chance, more = np.exp(none), -np.expm1(none)
    expected, survived = more, np.ones(len(more))
    rows, k = np.arange(len(more)), 0
    out = np.empty(len(more))
    while len(rows):
        for _ in range(_DROPPED):
            k += 1
            chance = chance * (shape + (k - 1)) * ratio / k
            more = more - chance
            survived = survived * (stay + (k - 1)) / (leave + stay + (k - 1))
            expected = expected + more * survived
        # Chances fall by at least this factor from here on, so their sums of sums are bounded.
        falls = np.maximum(1 - np.maximum(shape + k, k + 1) / (k + 1) * ratio, 0.0)
        is_open = chance > _DONE * expected * falls**2
        if not is_open.all():
            out[rows[~is_open]] = expected[~is_open]
            rows = rows[is_open]
            shape, ratio, leave, stay = (part[is_open] for part in (shape, ratio, leave, stay))
            chance, more = chance[is_open], more[is_open]
            survived, expected = survived[is_open], expected[is_open]
    return out


def _integrated(alive: Alive, ahead: float) -> Numbers:
    """The mean over p of (1 - (1 + p ahead / time)^-shape) / p, the purchases at a known p.

    Trapezoids along the log-odds of p, where the integrand dies away at both ends and the error
    falls faster than any power of the stride. A line in p is taken off first where leave or stay is
    below 1, as the ends would die away slowly.
    """
    shape, time, leave, stay = alive
    ahead_of_time = ahead / time
    at_none, at_all = shape * ahead_of_time, -np.expm1(-shape * np.log1p(ahead_of_time))
    left_line, right_line = np.where(leave < 1, at_none, 0.0), np.where(stay < 1, at_all, 0.0)
    low, high, sharpness = _range(leave + (leave < 1), stay + (stay < 1), np.log1p(at_none))
    nodes = int(np.ceil((high - low) / np.minimum(_STRIDE, 0.6 / np.sqrt(sharpness))).max()) + 1
    total = np.zeros(len(shape))
    per_node = max(1, _AT_ONCE * 8 // len(shape))
    scale = betaln(leave, stay)[:, None]
    for begin in range(0, nodes, per_node):
        steps = np.arange(begin, min(begin + per_node, nodes)) / (nodes - 1)
        odds = low[:, None] + (high - low)[:, None] * steps
        log_p, log_not = -np.logaddexp(0, -odds), -np.logaddexp(0, odds)
        p = np.exp(log_p)
        at_p = -np.expm1(-shape[:, None] * np.log1p(p * ahead_of_time[:, None])) / p
        at_p -= left_line[:, None] * np.exp(log_not) + right_line[:, None] * p
        density = np.exp(leave[:, None] * log_p + stay[:, None] * log_not - scale)
        total += (at_p * density).sum(axis=1)
    mean = leave / (leave + stay)
    return left_line * (1 - mean) + right_line * mean + total * (high - low) / (nodes - 1)


def _range(left: Numbers, right: Numbers, slack: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Where p^left (1 - p)^right has died away, in log-odds of p, and how it bends at its peak."""
    mode = np.log(left / right)
    peak = -left * np.logaddexp(0, -mode) - right * np.logaddexp(0, mode)
    ends = []
    for side, power in ((-1.0, left), (1.0, right)):
        inside, outside = mode, mode + side * (10 + (_REACH + slack) / power + np.abs(mode))
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            there = -left * np.logaddexp(0, -middle) - right * np.logaddexp(0, middle)
            is_dead = peak - there > _REACH + slack
            inside, outside = np.where(is_dead, inside, middle), np.where(is_dead, middle, outside)
        ends.append(outside)
    return ends[0], ends[1], left * right / (left + right)


def counts(alive: Alive, ahead: float, most: int) -> Numbers:
    """Chances that each row makes 0, 1, ..., `most` purchases in the next `ahead` units of time.

    Returns a row per row and a column per count. Exactly x: either N = x and no moment
    was the end, or N >= x and moment x was.
    """
    shape, time, leave, stay = (part[:, None] for part in alive)
    x = np.arange(most + 1.0)
    ratio = ahead / (time + ahead)
    log_chance = (
        gammaln(shape + x)
        - gammaln(shape)
        - gammaln(x + 1)
        - shape * np.log1p(ahead / time)
        + xlogy(x, ratio)
    )
    log_survived = betaln(leave, stay + x) - betaln(leave, stay)
    ended = np.exp(log_survived[:, :-1]) * leave / (leave + stay + x[:-1])
    chances = np.exp(log_chance + log_survived)
    chances[:, 1:] += ended * betainc(x[1:], shape, ratio)
    return chances

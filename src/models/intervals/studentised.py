"""Bootstrap-t intervals of smooth functions of the means of two groups of customers.

A group is a sample that knows its means, and the covariance of its means, under any weights of its
customers: `Means` for columns, `Cells` for the shares and the mean values of sub-segments. `drawn`
draws the customers of both groups again and again and follows any smooth function of the two sets
of means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from src.models.intervals.numbers import Numbers

# Takes the means of the first and of the second group (... x means) and returns (... x figures).
# It must take complex numbers, as a holomorphic function: no abs, no comparison of means.
Figures = Callable[[np.ndarray, np.ndarray], np.ndarray]

# Bounds the memory: arrays have some multiple of this many numbers, 32 MB each.
AT_ONCE = 4_000_000
MOST_DRAWS = 250
# The derivative along the imaginary axis has no cancellation, so the step can be that small.
STEP = 1e-30
# A difference below this share of its terms is rounding.
ROUNDING = 1e-13


@dataclass(frozen=True)
class Means:
    """The means of the columns of `values`, one row per customer."""

    values: Numbers

    @property
    def customers(self) -> int:
        """How many are drawn."""
        return len(self.values)

    @property
    def width(self) -> int:
        """How many means there are."""
        return self.values.shape[1]

    def at(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """Means (draws x width) and their covariances (draws x width x width) under weights."""
        centre, spread, columns = self._standardised
        one, other = np.triu_indices(self.width)
        moments = weights @ columns / self.customers
        mean, squares = moments[:, : self.width], np.empty((len(weights), self.width, self.width))
        squares[:, one, other] = squares[:, other, one] = moments[:, self.width :]
        covariance = (squares - mean[:, :, None] * mean[:, None, :]) * np.outer(spread, spread)
        return centre + spread * mean, covariance / self.customers

    @cached_property
    def _standardised(self) -> tuple[Numbers, Numbers, Numbers]:
        """Columns and their products; second moments of raw money would cancel to nothing."""
        centre, spread = self.values.mean(axis=0), self.values.std(axis=0)
        spread[spread == 0] = 1
        scaled = (self.values - centre) / spread
        one, other = np.triu_indices(self.width)
        return centre, spread, np.hstack([scaled, scaled[:, one] * scaled[:, other]])


@dataclass(frozen=True)
class Cells:
    """The shares of cells and the mean values in them, in this order, as one row of means.

    `values` and `codes`, the number of the cell (0 to `count` - 1), one per customer in the order
    of cells. A cell without customers has share and mean 0; one that a draw misses keeps the mean
    of the sample.
    """

    values: Numbers
    codes: np.ndarray
    count: int

    @property
    def customers(self) -> int:
        """How many are drawn."""
        return len(self.values)

    @property
    def width(self) -> int:
        """How many means there are."""
        return 2 * self.count

    def at(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """Shares and means (draws x width) and their covariances under weights.

        The mean of a cell has the variance within it over its customers, and no covariance with
        anything; shares have the covariance of a multinomial.
        """
        centre, apart, held, starts = self._around_cells
        number, total, squares = np.zeros((3, len(weights), self.count))
        number[:, held] = np.add.reduceat(weights, starts, axis=1)
        total[:, held] = np.add.reduceat(weights * apart, starts, axis=1)
        squares[:, held] = np.add.reduceat(weights * apart**2, starts, axis=1)
        share, drawn_from = number / self.customers, np.maximum(number, 1)
        shift = total / drawn_from
        within = np.maximum(squares / drawn_from - shift**2, 0) / drawn_from

        covariance = np.zeros((len(weights), self.width, self.width))
        of_shares, of_means = np.arange(self.count), np.arange(self.count, self.width)
        covariance[:, : self.count, : self.count] = -share[:, :, None] * share[:, None, :]
        covariance[:, of_shares, of_shares] += share
        covariance /= self.customers
        covariance[:, of_means, of_means] = within
        return np.hstack([share, centre + shift]), covariance

    @cached_property
    def _around_cells(self) -> tuple[Numbers, Numbers, np.ndarray, np.ndarray]:
        """Means of cells, distances to them, the cells with customers and where each begins."""
        held, starts, size = np.unique(self.codes, return_index=True, return_counts=True)
        centre = np.zeros(self.count)
        centre[held] = np.add.reduceat(self.values, starts) / size
        return centre, self.values - centre[self.codes], held, starts


@dataclass(frozen=True)
class Draws:
    """Figures of two groups with standard errors, and the same of every draw (draws x figures)."""

    value: Numbers
    error: Numbers
    values: Numbers
    errors: Numbers

    def ends(self, confidence: float) -> tuple[Numbers, Numbers]:
        """The low and the high ends of equal-tailed bootstrap-t intervals.

        With t the quantiles of (drawn value - value) / drawn error, the ends are value - t error,
        the upper t giving the low end. A sample of heavy-tailed money whose mean is too low has
        a low error too; the drawn errors carry this skewness, percentiles of drawn values do not.

        A figure without error has both ends at its value. Where too many draws have no error (a
        handful of customers) or are not defined, an end is infinite. Source: Efron and Tibshirani
        1993, section 12.5; Hall 1988.
        """
        moved, tail = self.values - self.value, (1 - confidence) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(moved == 0, 0, moved / self.errors)
        is_undefined, is_exact = np.isnan(t), self.error == 0
        upper = np.quantile(np.where(is_undefined, np.inf, t), 1 - tail, axis=0, method="higher")
        lower = np.quantile(np.where(is_undefined, -np.inf, t), tail, axis=0, method="lower")
        with np.errstate(invalid="ignore"):  # an infinite t times an error of 0
            low, high = self.value - upper * self.error, self.value - lower * self.error
        return np.where(is_exact, self.value, low), np.where(is_exact, self.value, high)


def drawn(
    figures: Figures,
    first: Means | Cells,
    second: Means | Cells,
    rngs: tuple[np.random.Generator, np.random.Generator],
    replicates: int,
) -> Draws:
    """Follow `figures` of the two groups over `replicates` draws of their customers.

    Each draw takes as many customers as the group has, with replacement, from each group apart and
    by its own generator. Standard errors are of first order (the delta method): the exact gradient
    (complex step) and the covariance of the means under the drawn weights. With 0 replicates there
    are only the value and its error.

    Draws are made in chunks, so memory does not grow with the replicates. Time grows with customers
    x replicates, and with the square of the number of means: 2,000 draws of 100,000 customers per
    group take 5 s on one core, those of 200 cells 14 s.
    """
    rows = _draws_at_once(first, second)
    weights = (
        _weights(group.customers, replicates, rows, rng)
        for group, rng in zip((first, second), rngs, strict=True)
    )
    spreads: list[Numbers] = []
    parts = []
    for of_first, of_second in zip(*weights, strict=True):
        means, covariances = zip(first.at(of_first), second.at(of_second), strict=True)
        # The first weights are those of the sample itself.
        spreads = spreads or [np.sqrt(np.diagonal(found[0])) for found in covariances]
        parts.append(with_errors(figures, means, covariances, spreads))
    values, errors = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Draws(values[0], errors[0], values[1:], errors[1:])


def with_errors(
    figures: Figures,
    means: tuple[Numbers, ...],
    covariances: tuple[Numbers, ...],
    spreads: list[Numbers],
) -> tuple[Numbers, Numbers]:
    """Figures and their standard errors (draws x figures); what is rounding becomes zero.

    `means` of both groups are (draws x means), `covariances` (draws x means x means), `spreads` the
    standard errors of the means in the sample. First order: exact gradients by complex steps.
    """
    first, second = (mean[:, None, :] for mean in means)
    steps = [1j * STEP * np.eye(mean.shape[1]) for mean in means]
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw may have no revenue at all
        value = figures(*means)
        gradients = figures(first + steps[0], second), figures(first, second + steps[1])
        variance, scale, most = np.zeros((3, *value.shape))
        for gradient, mean, covariance, spread in zip(
            gradients, means, covariances, spreads, strict=True
        ):
            slope = np.swapaxes(gradient.imag, 1, 2) / STEP
            variance += ((slope @ covariance) * slope).sum(axis=2)
            scale += np.einsum("rfm,rm->rf", np.abs(slope), np.abs(mean))
            most += np.abs(slope) @ spread
        value = np.where(np.abs(value) <= ROUNDING * scale, 0, value)
        variance = np.where(variance <= ROUNDING * most**2, 0, variance)
    return value, np.sqrt(variance)


def _draws_at_once(first: Means | Cells, second: Means | Cells) -> int:
    largest = max(first.customers, second.customers, first.width**2, second.width**2)
    return max(1, min(MOST_DRAWS, AT_ONCE // largest))


def _weights(
    customers: int, replicates: int, rows: int, rng: np.random.Generator
) -> Iterator[Numbers]:
    """The sample itself, then how often each customer is drawn: chunks of draws x customers."""
    yield np.ones((1, customers))
    for start in range(0, replicates, rows):
        draws = min(rows, replicates - start)
        taken = rng.integers(0, customers, (draws, customers))
        taken += customers * np.arange(draws)[:, None]
        times = np.bincount(taken.ravel(), minlength=draws * customers)
        yield times.reshape(draws, customers).astype(float)

"""The joint likelihood of usage, takings and exits given a hidden habit, and its maximum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers
from src.models.products.effect import hazard_model

_NODES = 9  # per customer, about where usage puts the habit
_ROUNDS = 2  # of the search, each with nodes where the last one put the habit
_STEP = 1e-4  # of numerical differences of the gradient
_LARGEST = 30.0  # of a logarithm of a rate


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is seen: arrays by month at risk, by wait and by customer. Customers are places.

    `months` (rows, columns): the products held, a constant, and others; `waits` (waits, columns).
    `level` and `seen` (customers, measures), `noise` (measures) of `UsageLevels`. `entry`
    (customers, any): what the mean habit hangs on.
    """

    months: Numbers
    customer: np.ndarray
    left: np.ndarray
    waits: Numbers
    wait_customer: np.ndarray
    wait_months: Numbers
    taken: np.ndarray
    level: Numbers
    seen: np.ndarray
    noise: Numbers
    entry: Numbers


@dataclass(frozen=True)
class Joint:
    """The maximum: effect of a product on the log hazard, its error, and what the habit does."""

    effect: float
    error: float
    on_leaving: float
    on_taking: float
    usage_shows: float


def fitted(evidence: Evidence) -> Joint:
    """The maximum of the likelihood of `Likelihood`, with an error by customer.

    Quasi-Newton steps on parameters scaled by the outer product of the customers' scores. The
    variance is the sandwich of the curvature and of those scores. Raises `InputError` where no
    maximum is found.
    """
    likelihood = Likelihood(evidence)
    found = likelihood.start()
    for _ in range(_ROUNDS):
        likelihood.place(found)
        found, is_at_top = _climbed(likelihood, found)
    if not is_at_top:
        raise InputError("usage, takings and exits do not tell a habit apart")
    scores = likelihood.scores(found)
    row = _inverse_row(likelihood, found, _scale(scores))
    parts = likelihood.parts
    return Joint(
        effect=float(found[0]),
        error=float(np.sqrt(((scores @ row) ** 2).sum())),
        on_leaving=float(found[parts["leaving"]][0]),
        on_taking=float(found[parts["taking"]][0]),
        usage_shows=float((1 - 1 / likelihood.precision(found)).mean()),
    )


def _climbed(likelihood: Likelihood, start: Numbers) -> tuple[Numbers, bool]:
    """The maximum from a start with the nodes as they are, and whether it is one."""
    scale = _scale(likelihood.scores(start))

    def turned(scaled: Numbers) -> tuple[float, Numbers]:
        value, gradient = likelihood.value(start + scale @ scaled)
        return -value, -(scale.T @ gradient)

    found = minimize(
        turned,
        np.zeros(len(start)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "ftol": 1e-13, "gtol": 1e-3, "maxcor": 20},
    )
    return start + scale @ found.x, bool(np.abs(found.jac).max() < 0.1)


def _scale(scores: Numbers) -> Numbers:
    """A matrix that makes steps of 1 alike in all directions, by the scores' outer product."""
    outer = scores.T @ scores
    outer[np.diag_indices_from(outer)] *= 1 + 1e-6
    outer[np.diag_indices_from(outer)] += 1e-6
    turned: Numbers = np.linalg.inv(np.linalg.cholesky(outer)).T
    return turned


def _inverse_row(likelihood: Likelihood, found: Numbers, scale: Numbers) -> Numbers:
    """The first row of the inverse of the curvature, by conjugate gradients.

    Scaled, the curvature is near one: some ten differences of the exact gradient will do, where the
    whole curvature would take one for each parameter.
    """
    gradient = likelihood.gradient(found)

    def bent(direction: Numbers) -> Numbers:
        step = _STEP / max(float(np.linalg.norm(direction)), 1e-12)
        moved = likelihood.gradient(found + step * (scale @ direction))
        change: Numbers = scale.T @ (gradient - moved) / step
        return change

    curvature = LinearOperator((len(found), len(found)), matvec=bent, dtype=float)
    row, failed = cg(curvature, scale[0], rtol=1e-6, maxiter=200)
    turned: Numbers = scale @ row
    if failed or not turned[0] > 0:
        raise InputError("usage, takings and exits do not tell a habit apart")
    return turned


class Likelihood:
    """The log likelihood of `Evidence` over parameters in one array, and its gradient.

    The parameters, by `parts`: effects on leaving of the columns of `months`; of the habit on
    `leaving`; effects of the columns of `waits`; of the habit on `taking`; per measure its mean,
    loading and the logarithm of the variance of customers' own deviations; the mean habit by
    `entry`. Given the habit, months at risk have the hazard exp(sum), so that a customer's months
    survived add up to one number, whatever the habit. The integral over the habit is a
    Gauss-Hermite sum about the mean and spread that usage gives it (`place`), with nodes that stay
    while a search goes on, so that the gradient is exact.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.customers = len(evidence.level)
        self.is_seen = np.isfinite(evidence.level)
        self.usage = np.where(self.is_seen, evidence.level, 0.0)
        self.month_noise = evidence.noise / np.maximum(evidence.seen, 1)
        self.exit_rows = np.flatnonzero(evidence.left)
        self.leavers = evidence.customer[self.exit_rows]
        self.taking_rows = np.flatnonzero(evidence.taken)
        self.takers = evidence.wait_customer[self.taking_rows]
        self.waited = np.where(evidence.taken, evidence.wait_months - 1, evidence.wait_months)
        measures = evidence.level.shape[1]
        lengths = {
            "months": evidence.months.shape[1],
            "leaving": 1,
            "waits": evidence.waits.shape[1],
            "taking": 1,
            "mean": measures,
            "loading": measures,
            "own": measures,
            "entry": evidence.entry.shape[1],
        }
        ends = np.cumsum(list(lengths.values()))
        self.parts = {
            name: slice(end - length, end)
            for (name, length), end in zip(lengths.items(), ends, strict=True)
        }
        self.total = int(ends[-1])

    def start(self) -> Numbers:
        """Parameters to start from: models without habit, and half of the variance of usage."""
        evidence, found = self.evidence, np.zeros(self.total)
        exits = hazard_model(evidence.months, evidence.left, evidence.customer)
        found[self.parts["months"]] = exits.effect
        stages = evidence.waits
        total = np.maximum(stages.T @ evidence.wait_months, 1)
        rate = (stages.T @ evidence.taken + 0.5) / total
        is_stage = np.cumsum(stages.sum(axis=0)) <= len(stages)
        found[self.parts["waits"]] = np.where(is_stage, np.log(rate), 0.0)
        seen = np.maximum(self.is_seen.sum(axis=0), 1)
        mean = self.usage.sum(axis=0) / seen
        spread = (np.where(self.is_seen, self.usage - mean, 0) ** 2).sum(axis=0) / seen
        found[self.parts["mean"]] = mean
        found[self.parts["loading"]] = np.sqrt(spread / 2)
        found[self.parts["own"]] = np.log(spread / 2)
        found[self.parts["leaving"]], found[self.parts["taking"]] = -0.2, 0.2
        return found

    def precision(self, found: Numbers) -> Numbers:
        """(customers,): one over the variance of the habit that usage leaves."""
        weight = self.is_seen / (np.exp(found[self.parts["own"]]) + self.month_noise)
        return 1 + (weight * found[self.parts["loading"]] ** 2).sum(axis=1)

    def place(self, found: Numbers) -> None:
        """Put the nodes where usage, by these parameters, puts each customer's habit."""
        mean, loading = found[self.parts["mean"]], found[self.parts["loading"]]
        weight = self.is_seen / (np.exp(found[self.parts["own"]]) + self.month_noise)
        precision = self.precision(found)
        centre = self.evidence.entry @ found[self.parts["entry"]]
        centre = (
            centre
            + (weight * loading * (self.usage - mean - loading * centre[:, None])).sum(axis=1)
            / precision
        )
        nodes, weights = np.polynomial.hermite.hermgauss(_NODES)
        width = np.sqrt(2 / precision)
        self.habit = centre[:, None] + width[:, None] * nodes
        self.log_weight = np.log(weights) + nodes**2 + np.log(width)[:, None]

    def value(self, found: Numbers) -> tuple[float, Numbers]:
        """The log likelihood and its gradient."""
        value, rows, waits, others = self._slopes(found)
        evidence = self.evidence
        by_part = (
            evidence.months.T @ rows,
            [others["leaving"].sum()],
            evidence.waits.T @ waits,
            [others["taking"].sum()],
            *(others[name].sum(axis=0) for name in ("mean", "loading", "own", "entry")),
        )
        return value, np.concatenate(by_part)

    def gradient(self, found: Numbers) -> Numbers:
        """The gradient alone."""
        return self.value(found)[1]

    def scores(self, found: Numbers) -> Numbers:
        """(customers, parameters): each customer's part of the gradient."""
        _, rows, waits, others = self._slopes(found)
        evidence = self.evidence
        of_months = self._by_customer(evidence.customer, evidence.months, rows)
        of_waits = self._by_customer(evidence.wait_customer, evidence.waits, waits)
        last = [others[name] for name in ("mean", "loading", "own", "entry")]
        return np.column_stack([of_months, others["leaving"], of_waits, others["taking"], *last])

    def _by_customer(self, customer: np.ndarray, columns: Numbers, slope: Numbers) -> Numbers:
        found = [np.bincount(customer, slope * column, self.customers) for column in columns.T]
        return np.column_stack(found)

    def _slopes(self, found: Numbers) -> tuple[float, Numbers, Numbers, dict[str, Numbers]]:
        """The log likelihood, and its slopes by row, by wait and by customer.

        By Fisher's identity each is the mean, over the habit given all that is seen, of the slope
        that there would be if the habit were known.
        """
        evidence, parts, habit = self.evidence, self.parts, self.habit
        leaving = _rates(evidence.months @ found[parts["months"]])
        taking = _rates(evidence.waits @ found[parts["waits"]])
        of_exits = _Events(leaving, ~evidence.left, evidence.customer, self.exit_rows)
        of_takings = _Events(taking, self.waited, evidence.wait_customer, self.taking_rows)
        known = np.zeros_like(habit)
        slopes_left = of_exits.add(known, habit, found[parts["leaving"]][0])
        slopes_taken = of_takings.add(known, habit, found[parts["taking"]][0])
        of_usage = self._add_usage(known, found)
        off = habit - (evidence.entry @ found[parts["entry"]])[:, None]
        known += self.log_weight - off**2 / 2 - np.log(2 * np.pi) / 2

        top = known.max(axis=1, keepdims=True)
        share = np.exp(known - top)
        total = share.sum(axis=1, keepdims=True)
        share /= total
        value = float((top + np.log(total)).sum())
        others = {
            "leaving": (share * slopes_left * habit).sum(axis=1),
            "taking": (share * slopes_taken * habit).sum(axis=1),
            **{
                name: np.column_stack([(share * slope).sum(axis=1) for slope in slopes])
                for name, slopes in of_usage.items()
            },
            "entry": (share * off).sum(axis=1)[:, None] * evidence.entry,
        }
        return value, of_exits.by_row(share), of_takings.by_row(share), others

    def _add_usage(self, known: Numbers, found: Numbers) -> dict[str, list[Numbers]]:
        """Add the log density of usage to `known`; its slopes by mean, loading and own variance."""
        slopes: dict[str, list[Numbers]] = {"mean": [], "loading": [], "own": []}
        own = np.exp(found[self.parts["own"]])
        for place, (mean, loading) in enumerate(
            zip(found[self.parts["mean"]], found[self.parts["loading"]], strict=True)
        ):
            is_seen = self.is_seen[:, [place]]
            variance = (own[place] + self.month_noise[:, place])[:, None]
            off = self.usage[:, [place]] - mean - loading * self.habit
            known -= is_seen * (np.log(2 * np.pi * variance) + off**2 / variance) / 2
            slope = is_seen * off / variance
            slopes["mean"].append(slope)
            slopes["loading"].append(slope * self.habit)
            slopes["own"].append(is_seen * own[place] * (off**2 / variance - 1) / variance / 2)
        return slopes


def _rates(sums: Numbers) -> Numbers:
    return np.exp(np.clip(sums, -_LARGEST, _LARGEST))


class _Events:
    """Exits or takings: rates by row, times outlived without one, and the rows that end in one."""

    def __init__(
        self, rate: Numbers, outlived: np.ndarray, customer: np.ndarray, ends: np.ndarray
    ) -> None:
        self.rate, self.outlived, self.customer, self.ends = rate, outlived, customer, ends

    def add(self, known: Numbers, habit: Numbers, effect: float) -> Numbers:
        """Add the log likelihood given the habit to `known`; its slope by effect x habit."""
        self.factor = np.exp(np.clip(effect * habit, -_LARGEST, _LARGEST))
        exposure = np.bincount(self.customer, self.rate * self.outlived, len(habit))
        slope: Numbers = -self.factor * exposure[:, None]
        known += slope
        who = self.customer[self.ends]
        hazard = self.factor[who] * self.rate[self.ends, None]
        self.of_end = hazard / np.expm1(hazard)
        np.add.at(known, who, np.log(-np.expm1(-hazard)))
        np.add.at(slope, who, self.of_end)
        return slope

    def by_row(self, share: Numbers) -> Numbers:
        """The slope by the logarithm of each row's rate, over the habit of these shares."""
        factor = (share * self.factor).sum(axis=1)
        slope: Numbers = -factor[self.customer] * self.rate * self.outlived
        slope[self.ends] += (share[self.customer[self.ends]] * self.of_end).sum(axis=1)
        return slope

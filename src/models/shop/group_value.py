"""What the buyers of a group are worth on average, and of what factors that is made.

Per buyer, by a model of purchases and the gamma-gamma model of money, fitted to the group:

    rate (r + x) / (alpha + T)          purchases per month while alive, at the end of observation
    purchases                           discounted expected purchases of the next months
    time = purchases / rate             how long alive: the discounted months that the rate lasts
    spend                               expected money per purchase
    value = time x rate x spend x K     K the margin share of the group

In the Pareto/NBD, where leaving has nothing to do with buying, time is the discounted expected
months alive in the window. In the BG/NBD who buys more often leaves sooner; there a month counts by
what is bought in it. Per group, with means over its buyers,

    mean value = mean time x mean rate x mean spend x K x association, exactly:

the mean of products is not the product of means, and the association is the factor between them. It
is above 1 where those who stay or buy often also pay more, below 1 where frequent buyers have
fallen silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import digamma, expit

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns, finite
from src.models.shop import gamma_gamma
from src.models.shop.buyer_model import BuyerModel
from src.models.shop.buyers import Patterns, patterns_of
from src.models.shop.gamma_gamma import GammaGamma
from src.models.shop.refits import likelihood_of, peak_near, to_come
from src.models.shop.residual import DAYS_PER_MONTH, DISCOUNT, HORIZON, looks

# The means of a group: of time, rate and spend of its buyers; the margin share; the mean of time x
# rate x spend; and the same of a new buyer, the first purchase included.
MEANS = ["time", "rate", "spend", "margin_share", "revenue", "new_revenue"]
Fit = Callable[..., BuyerModel]

_LOOKS = 5
_STEP = 1e-4  # along the logarithm of a parameter
_TRIES = 20  # per draw
_NEWCOMER = patterns_of(pd.DataFrame({"frequency": [0.0], "recency": 0.0, "age": 0.0}))


@dataclass(frozen=True)
class Fitted:
    """Both models of a group, or of buyers drawn again from it."""

    model: BuyerModel
    spending: GammaGamma

    @property
    def logs(self) -> Numbers:
        """The logarithms of all parameters."""
        return np.log(np.concatenate([self.model.parameters, self.spending.parameters]))

    def at(self, logs: Numbers) -> Fitted:
        """The models with other parameters, given by their logarithms."""
        of_model = len(self.model.PARAMETERS)
        return Fitted(self.model.at(logs[:of_model]), self.spending.at(logs[of_model:]))


@dataclass(frozen=True)
class GroupDraws:
    """MEANS of a group (1 + draws x means) and their covariances: the group itself comes first."""

    means: Numbers
    covariances: Numbers


@dataclass(frozen=True, eq=False)
class GroupValue:
    """The buyers of a group with the models fitted to them; made by `group_value`.

    `repeats`, `bought` (money of the repeat purchases), `money` and `margin` (of purchases whose
    margin is known) are per buyer. `ahead` are times (units) and `weights` those of the purchases
    expected by then, which make discounted purchases of all months.
    """

    fitted: Fitted
    patterns: Patterns
    repeats: Numbers
    bought: Numbers
    money: Numbers
    margin: Numbers
    ahead: Numbers
    weights: Numbers

    @property
    def buyers(self) -> int:
        """How many there are."""
        return len(self.repeats)

    @cached_property
    def means(self) -> Numbers:
        """MEANS of the group."""
        coming = self._to_come([self.fitted])[0]
        parts, _ = self._parts(self.fitted, coming)
        return self._means(self.fitted, np.ones(self.buyers), parts, coming)

    @cached_property
    def per_buyer(self) -> pd.DataFrame:
        """`time` (months), `rate` (purchases a month), `spend`, `value` (money) of each buyer."""
        parts, _ = self._parts(self.fitted, self._to_come([self.fitted])[0])
        frame = pd.DataFrame(parts[:, :3], self.patterns.index, ["time", "rate", "spend"])
        return frame.assign(value=parts[:, 3] * self.means[3])

    def drawn(self, fit: Fit, rng: np.random.Generator, replicates: int) -> GroupDraws:
        """The means of the group, and of buyers drawn with replacement, models fitted again.

        Covariances are of first order: they carry who is in the group and, through the slopes of
        the likelihood, what that does to the parameters. A draw to which no model can be fitted
        (nobody bought twice, or spend without a mean) is drawn again. Raises `InputError` when
        nearly all draws are such.
        """
        times, models = [np.ones(self.buyers)], [self.fitted]
        for _ in range(_TRIES * replicates):
            if len(models) > replicates:
                break
            taken = rng.integers(0, self.buyers, self.buyers)
            own = np.bincount(taken, minlength=self.buyers).astype(float)
            try:
                models.append(self._refitted(fit, own))
            except InputError:
                continue
            times.append(own)
        if len(models) <= replicates:
            raise InputError(
                "too few buyers bought twice: most groups of buyers drawn again cannot be fitted, "
                "so there is no interval"
            )
        sensitivity = self._sensitivity()
        means, covariances = [], []
        for fitted, own, coming in zip(models, times, self._to_come(models), strict=True):
            parts, slopes = self._parts(fitted, coming)
            mean = self._means(fitted, own, parts, coming)
            # Relative slopes are much the same in every draw.
            scaled = sensitivity * (mean / self.means)[:, None]
            means.append(mean)
            covariances.append(self._covariance(fitted, own, mean, parts, slopes, scaled))
        return GroupDraws(np.array(means), np.array(covariances))

    def _refitted(self, fit: Fit, times: Numbers) -> Fitted:
        """Both models of buyers who count so many times."""
        counts: Numbers = np.bincount(
            self.patterns.pattern_of, times, len(self.patterns.buyers)
        ).astype(float)
        likelihood, has_repeat = likelihood_of(self.fitted.model), self.repeats > 0
        x, bought, own = self.repeats[has_repeat], self.bought[has_repeat], times[has_repeat]
        logs = self.fitted.logs
        of_model = len(self.fitted.model.PARAMETERS)
        of_purchases = peak_near(
            lambda place: likelihood(np.exp(place).tolist(), self.patterns).slopes @ counts,
            logs[:of_model],
            self.fitted.model.covariance.to_numpy(),
        )
        of_spending = peak_near(
            lambda place: spend_slopes(np.exp(place), x, bought) @ own,
            logs[of_model:],
            self.fitted.spending.covariance.to_numpy(),
        )
        if of_purchases is not None and of_spending is not None:
            found = self.fitted.at(np.concatenate([of_purchases, of_spending]))
        else:
            again = np.repeat(np.arange(len(x)), own.astype(int))
            rows = {"frequency": x[again], "spend": bought[again] / x[again]}
            drawn = replace(self.patterns, buyers=counts)
            found = Fitted(
                fit(drawn, unit_days=self.fitted.model.unit_days),
                gamma_gamma.fit(pd.DataFrame(rows)),
            )
        _refuse_boundless(found.spending)
        return found

    def _to_come(self, models: list[Fitted]) -> Numbers:
        """(models, alike): discounted purchases of who is alive; last of a new buyer."""
        purchases = [fitted.model for fitted in models]
        return to_come(purchases, self._alike[0], self.ahead, self.weights)

    @cached_property
    def _alike(self) -> tuple[Numbers, np.ndarray]:
        """Different (frequency, age), a row each, and which of them each pattern has.

        What is to come of who is alive knows no recency. The last row is a new buyer.
        """
        pairs = np.column_stack([self.patterns.frequency.each(), self.patterns.age.each()])
        alike, place = np.unique(pairs, axis=0, return_inverse=True)
        return np.vstack([alike, np.zeros(2)]), place.ravel()

    def _parts(self, fitted: Fitted, coming: Numbers) -> tuple[Numbers, Numbers]:
        """(buyers, 4): time, rate, spend and their product; and the slopes of the likelihood.

        The slopes are those of the purchases, (parameters, patterns).
        """
        model, spending = fitted.model, fitted.spending
        named = dict(zip(model.PARAMETERS, model.parameters, strict=True))
        x, age = self.patterns.frequency.each(), self.patterns.age.each()
        rate = (named["r"] + x) / (named["alpha"] + age) * DAYS_PER_MONTH / model.unit_days
        likelihood = likelihood_of(model)(model.parameters.tolist(), self.patterns)
        time = expit(-likelihood.log_odds) * coming[self._alike[1]] / rate
        spend = spending.p * (spending.v + self.bought)
        spend = spend / (spending.p * self.repeats + spending.q - 1)
        time, rate = time[self.patterns.pattern_of], rate[self.patterns.pattern_of]
        return np.column_stack([time, rate, spend, time * rate * spend]), likelihood.slopes

    def _means(self, fitted: Fitted, times: Numbers, parts: Numbers, coming: Numbers) -> Numbers:
        """MEANS of the buyers who count so many times."""
        time, rate, spend, revenue = times @ parts / times.sum()
        share = (times @ self.margin) / (times @ self.money)
        model = fitted.model
        odds = likelihood_of(model)(model.parameters.tolist(), _NEWCOMER).log_odds
        new = (1 + expit(-odds[0]) * coming[-1]) * fitted.spending.population_mean
        return np.array([time, rate, spend, share, revenue, new])

    def _sensitivity(self) -> Numbers:
        """(MEANS, parameters): how the means move with the data, through the parameters.

        Slopes along the logarithms of the parameters, times their covariance: a buyer whose
        log-likelihood has the slopes s moves the means by this @ s.
        """
        logs = self.fitted.logs
        steps = [side * _STEP * step for step in np.eye(len(logs)) for side in (1, -1)]
        moved = [self.fitted.at(logs + step) for step in steps]
        each = np.ones(self.buyers)
        means = np.array(
            [
                self._means(fitted, each, self._parts(fitted, coming)[0], coming)
                for fitted, coming in zip(moved, self._to_come(moved), strict=True)
            ]
        )
        slopes = (means[::2] - means[1::2]).T / (2 * _STEP)
        count = len(self.fitted.model.PARAMETERS)
        covariance = np.zeros((len(logs), len(logs)))
        covariance[:count, :count] = self.fitted.model.covariance
        covariance[count:, count:] = self.fitted.spending.covariance
        return slopes @ np.nan_to_num(covariance)

    def _covariance(
        self,
        fitted: Fitted,
        times: Numbers,
        means: Numbers,
        parts: Numbers,
        slopes: Numbers,
        sensitivity: Numbers,
    ) -> Numbers:
        """The covariance of the means: the sum of squares of what each buyer does to them."""
        has_repeat = self.repeats > 0
        moves = np.zeros((self.buyers, len(MEANS)))
        moves[:, [0, 1, 2, 4]] = (parts - means[[0, 1, 2, 4]]) / self.buyers
        moves[:, 3] = (self.margin - means[3] * self.money) / (times @ self.money)
        count, spending = len(fitted.model.PARAMETERS), fitted.spending
        moves += (slopes.T @ sensitivity[:, :count].T)[self.patterns.pattern_of]
        of_spend = spend_slopes(
            spending.parameters, self.repeats[has_repeat], self.bought[has_repeat]
        )
        moves[has_repeat] += of_spend.T @ sensitivity[:, count:].T
        covariance: Numbers = (moves * times[:, None]).T @ moves
        return covariance


def group_value(
    buyers: pd.DataFrame,
    fit: Fit,
    *,
    unit_days: float = 7,
    horizon: int = HORIZON,
    discount: float = DISCOUNT,
) -> GroupValue:
    """The buyers of one group with `fit` and the gamma-gamma model fitted to them.

    Reads `frequency`, `recency`, `age` (units of `unit_days` days), `spend` (mean money per repeat
    purchase day, missing without one) and, where the margin is known, `margin_share` and
    `spend_all` (`src.features.purchases.summaries`): the margin share of the group is that of all
    its money whose margin is known. Without it, value is revenue: the share is 1. `horizon`
    (months) and `discount` (a year) as in `src.models.shop.residual`.

    Raises `InputError` like the models, when no margin is known, and when spends have no mean (the
    gamma-gamma's q is 1 or less).
    """
    check_columns(buyers, ["frequency", "recency", "age", "spend"])
    patterns = patterns_of(buyers)
    fitted = Fitted(fit(patterns, unit_days=unit_days), gamma_gamma.fit(buyers))
    _refuse_boundless(fitted.spending)
    repeats = finite("frequency", buyers["frequency"])
    bought = repeats * np.where(repeats > 0, buyers["spend"].to_numpy(float), 0.0)
    money, margin = np.ones(len(repeats)), np.ones(len(repeats))
    if "margin_share" in buyers:
        check_columns(buyers, ["spend_all"])
        share = buyers["margin_share"].to_numpy(float)
        is_known = ~np.isnan(share)
        money = np.where(is_known, finite("spend_all", buyers["spend_all"]) * (repeats + 1), 0.0)
        margin = np.where(is_known, share, 0.0) * money
        if not money.sum() > 0:
            raise InputError("no margin of the group is known, or it brought no money")
    months, weights = looks(horizon, discount, _LOOKS)
    ahead = months * DAYS_PER_MONTH / unit_days
    return GroupValue(fitted, patterns, repeats, bought, money, margin, ahead, weights)


def spend_slopes(parameters: Numbers, repeats: Numbers, bought: Numbers) -> Numbers:
    """(3, buyers): slopes of the gamma-gamma log-likelihood of each buyer who bought again.

    Along the logarithms of p, q and v; their sum is that of `gamma_gamma.log_likelihood`.
    """
    p, q, v = parameters
    counts, code = np.unique(repeats, return_inverse=True)
    both, alone = digamma(p * counts + q), digamma(p * counts)
    log_v, log_paid = -np.log1p(bought / v), -np.log1p(v / bought)
    return np.array(
        [
            p * repeats * ((both - alone)[code] + log_paid),
            q * (both[code] - digamma(q) + log_v),
            q - (p * repeats + q) * np.exp(log_v),
        ]
    )


def _refuse_boundless(spending: GammaGamma) -> None:
    if not np.isfinite(spending.population_mean):
        raise InputError(
            "money per purchase has no mean: its heavy tail (q of the gamma-gamma model is "
            f"{spending.q:.2f}) reaches too far; cap the amounts, or value buyers by their own"
        )

"""BG/NBD with covariates that do not change: whose buyers buy faster, whose stay longer.

Rates and chances to drop out are distributed as in the BG/NBD, but with parameters of each buyer's
own covariates z:

    alpha_i = alpha exp(-rate' z),   a_i = a exp(leave' z),   b_i = b exp(stay' z).

A coefficient of `rate` of 0.1 is some 10 % more purchases per time while alive for one more of z; a
`leave` above its `stay` is a higher chance to drop out at a purchase. Parameters without an index
are those of a buyer whose covariates are all 0.
Source: Fader, Hardie 2007, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
models".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, finite
from src.models.shop.beta_geometric import per_pattern, plan
from src.models.shop.bg_nbd import BgNbd
from src.models.shop.buyers import Patterns, check_identified, patterns_of
from src.models.shop.fitted_model import Side, fields_of
from src.models.shop.search import climb
from src.models.shop.still_to_come import Alive, purchases

EFFECTS = ("rate", "leave", "stay")
# Coefficients per standard deviation of a covariate.
_BOX = np.array([-12.0, 12.0])
# The logarithm each effect acts on (of r, alpha, a, b), and its sign.
_ACTS_ON = ((1, -1.0), (2, 1.0), (3, 1.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class BgNbdCovariates:
    """A fitted BG/NBD with covariates; made by `fit`.

    `baseline` is the BG/NBD of buyers whose covariates are all 0, with the log-likelihood of the
    whole. `coefficients` has a row per covariate and the columns `rate`, `leave`, `stay`.
    `covariance` is that of the logarithms of r, alpha, a and b and, as they are, of the
    coefficients, which are called `<effect>: <covariate>`.
    """

    baseline: BgNbd
    coefficients: pd.DataFrame
    covariance: pd.DataFrame

    @property
    def buyers(self) -> int:
        """How many buyers it was fitted to."""
        return self.baseline.buyers

    @property
    def log_likelihood(self) -> float:
        """The highest log-likelihood."""
        return self.baseline.log_likelihood

    @property
    def free(self) -> int:
        """How many parameters were estimated."""
        return len(self.covariance)

    def alive(self, buyers: pd.DataFrame, covariates: pd.DataFrame) -> pd.Series:
        """The chance that each buyer has not dropped out by the end of observation.

        Takes the tables of `fit`; raises `InputError` as it does.
        """
        patterns, parameters = self._own(buyers, covariates)
        odds = per_pattern(parameters, patterns, 0).log_odds
        return pd.Series(expit(-odds), index=buyers.index, name="alive")

    def expected(self, buyers: pd.DataFrame, covariates: pd.DataFrame, ahead: float) -> pd.Series:
        """Expected purchase days of each buyer in the next `ahead` units of time."""
        if not (np.isfinite(ahead) and ahead >= 0):
            raise InputError(f"ahead must be a number of 0 or more, not {ahead:g}")
        patterns, (r, alpha, a, b) = self._own(buyers, covariates)
        x = patterns.frequency.each()
        now = Alive(r + x, alpha + patterns.age.each(), a, b + x)
        alive = self.alive(buyers, covariates)
        return (alive * purchases(now, ahead)).rename("expected")

    def effects(self, confidence: float = 0.95) -> pd.DataFrame:
        """`effect`, `covariate`, `value`, `low`, `high`, a row per coefficient: Wald."""
        table = self.coefficients.rename_axis("covariate").reset_index()
        table = table.melt("covariate", var_name="effect")[["effect", "covariate", "value"]]
        names = table["effect"] + ": " + table["covariate"].astype(str)
        errors = np.sqrt(np.diag(self.covariance.loc[names, names]))
        reach = norm.ppf((1 + confidence) / 2) * errors
        return table.assign(low=table["value"] - reach, high=table["value"] + reach)

    def _own(
        self, buyers: pd.DataFrame, covariates: pd.DataFrame
    ) -> tuple[Patterns, tuple[float, Numbers, Numbers, Numbers]]:
        """Each buyer as a pattern, and his parameters."""
        traits = _traits(buyers, covariates)
        if list(covariates.columns) != list(self.coefficients.index):
            raise InputError(
                f"the model was fitted with {', '.join(map(str, self.coefficients.index))}, not "
                f"with {', '.join(map(str, covariates.columns))}"
            )
        rate, leave, stay = (traits @ self.coefficients[name].to_numpy() for name in EFFECTS)
        r, alpha, a, b = self.baseline.parameters.tolist()
        own = alpha * np.exp(-rate), a * np.exp(leave), b * np.exp(stay)
        patterns = patterns_of(buyers)
        return patterns.chosen(patterns.pattern_of), (r, *own)


def fit(buyers: pd.DataFrame, covariates: pd.DataFrame, *, unit_days: float = 7) -> BgNbdCovariates:
    """The BG/NBD with covariates of the highest likelihood.

    `buyers` is the table of `bg_nbd.fit`; `covariates` has the same index and numbers alone: 0 and
    1 for a trait, known at the first purchase. Assumption: that of the BG/NBD within buyers of the
    same covariates. What is known only later (the number of returns, say) is no covariate.
    `likelihood_ratio` tests it against the BG/NBD.

    Raises `InputError` like `bg_nbd.fit`, and when covariates have other rows, no column, a
    missing value, the same value in all rows, or add up to each other.
    """
    given = patterns_of(buyers)
    check_identified(given)
    traits = _traits(buyers, covariates)
    middle, deviation = traits.mean(axis=0), traits.std(axis=0)
    _check_different(covariates, traits)
    # Buyers who differ in nothing are one row.
    kinds, kind = np.unique(traits, axis=0, return_inverse=True)
    pairs, first, buyers_of = np.unique(
        given.pattern_of * len(kinds) + kind.ravel(), return_index=True, return_counts=True
    )
    mean_age = float(given.buyers @ given.age.each()) / len(buyers)
    patterns = given.in_units(mean_age).chosen(pairs // len(kinds))
    many, z = buyers_of.astype(float), (traits[first] - middle) / deviation
    base, width = plan(BgNbd.EARLIER), z.shape[1]

    def score(place: Numbers) -> tuple[float, Numbers]:
        logs, jacobian = base.logs(place[:4])
        r, alpha, a, b = np.exp(logs).tolist()
        rate, leave, stay = place[4:].reshape(3, width) @ z.T
        own = (r, alpha * np.exp(-rate), a * np.exp(leave), b * np.exp(stay))
        each = per_pattern(own, patterns, BgNbd.EARLIER)
        slopes = each.slopes * many
        of_effects = [sign * slopes[row] @ z for row, sign in _ACTS_ON]
        of_baseline = slopes.sum(axis=1) @ jacobian
        return float(many @ each.value), np.concatenate([of_baseline, *of_effects])

    start = np.append(base.starts[0], np.zeros(3 * width))
    box = np.vstack([base.box, np.tile(_BOX, (3 * width, 1))])
    with threadpool_limits(1):
        peak = climb(score, [start], box, len(buyers))

    # From covariates in standard deviations from their mean to covariates as they came.
    logs, jacobian = base.logs(peak.place[:4])
    back = np.zeros((len(peak.place), len(peak.place)))
    back[:4, :4] = jacobian
    for number, (row, sign) in enumerate(_ACTS_ON):
        at = np.arange(4 + number * width, 4 + (number + 1) * width)
        back[at, at] = 1 / deviation
        back[row, at] = -sign * middle / deviation
    coefficients = back[4:, 4:] @ peak.place[4:]
    logs = logs + back[:4, 4:] @ peak.place[4:]
    logs[1] += np.log(mean_age)
    names = [f"{effect}: {name}" for effect in EFFECTS for name in covariates.columns]
    all_names, sides = [*base.names, *names], [*base.sides, *map(_sides, names)]
    fields = fields_of(peak, all_names, np.append(logs, np.zeros(3 * width)), back, sides)
    covariance = fields["covariance"]
    repeats = float(given.buyers @ given.frequency.each())
    baseline = BgNbd(
        **{name: fields[name] for name in base.names},
        unit_days=float(unit_days),
        buyers=len(buyers),
        log_likelihood=peak.value - repeats * float(np.log(mean_age)),
        covariance=covariance.loc[list(base.names), list(base.names)],
        limit=fields["limit"],
        at_limit=tuple(name for name in fields["at_limit"] if name in base.names),
    )
    table = pd.DataFrame(coefficients.reshape(3, width).T, covariates.columns, list(EFFECTS))
    return BgNbdCovariates(baseline=baseline, coefficients=table, covariance=covariance)


def _traits(buyers: pd.DataFrame, covariates: pd.DataFrame) -> Numbers:
    if not covariates.index.equals(buyers.index):
        raise InputError("covariates must have a row per buyer, with the index of the buyers")
    if covariates.shape[1] == 0:
        raise InputError("covariates have no column")
    columns = [finite(f"covariate {name}", covariates[name]) for name in covariates]
    return np.column_stack(columns)


def _check_different(covariates: pd.DataFrame, traits: Numbers) -> None:
    same = covariates.columns[np.ptp(traits, axis=0) == 0].astype(str)
    if len(same):
        raise InputError(f"all buyers have the same {', '.join(same)}, so it explains nothing")
    scaled = (traits - traits.mean(axis=0)) / traits.std(axis=0)
    if np.linalg.matrix_rank(scaled) < traits.shape[1]:
        raise InputError(
            f"of {', '.join(map(str, covariates))} one follows from the others; leave it out"
        )


def _sides(name: str) -> Side:
    return Side(f"{name} falls without end", f"{name} grows without end", (name,))

"""What a logistic regression says of each column: odds ratios with intervals, and its limits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from statsmodels.discrete.discrete_model import Logit
from threadpoolctl import threadpool_limits

from src.data.problems import InputError
from src.models.learning.design import Design
from src.models.learning.preparation import ManyLevels, Tidy, known_outcome

# A variance inflation beyond a million: rounding is all that tells the column from the others.
DEPENDENT = 1e-3
# A standard error of ten in log-odds per standard deviation: the likelihood has no peak there.
SEPARATED = 10.0
PERFECT = 1e-4
# Newton's steps. Where columns together separate few churners, the curvature is gone on the way to
# infinity; the errors after fewer steps show which columns run there.
_TOGETHER = 1 / 3  # of the columns
_STEPS = (50, 20, 10, 8, 6)
# Beyond, levels are read by their churn rate: no shipped base and no reader needs them one by one.
MOST_LEVELS = 60


class UnpenalisedLogit(ClassifierMixin, BaseEstimator):
    """Logistic regression by maximum likelihood (statsmodels) on the frame of `Design`.

    Two sorts of columns have no finite estimate; they are left out and listed in `dropped_` (column
    -> reason): one that the columns before it determine, and one with values that go with one
    outcome only, whose coefficient would run off to infinity; of many columns that separate few
    churners together, those that run fastest. `coefficients_` (log-odds per unit, 0 where left out)
    and `errors_` (standard errors, missing where left out) are indexed by the columns of the
    design. Rows count as independent: with several rows per customer the errors are
    too small.

    Raises `InputError` when a few columns, one for two churners at most, tell exactly who churned:
    no estimate exists.
    """

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Maximise the likelihood by Newton's method, on standardised columns."""
        outcome = known_outcome(y)
        self.classes_ = np.unique(np.asarray(y))
        centre, spread = X.mean(), X.std(ddof=0).replace(0, 1)
        scaled = (X - centre) / spread
        is_free = _is_free(scaled)
        self.dropped_ = dict.fromkeys(X.columns[~is_free], "follows from other columns")
        kept = list(X.columns[is_free])
        while True:
            fit = _maximise(scaled[kept], outcome)
            weights, errors = pd.Series(fit.params[1:], kept), pd.Series(fit.bse[1:], kept)
            separated = _separated(errors)
            with np.errstate(over="ignore"):  # a chance of 0 or 1 is what an overflow comes to
                chance = fit.predict()
            rarer = min(outcome.sum(), len(outcome) - outcome.sum())
            is_told_by_few = len(kept) <= rarer / 2 or not separated
            if np.abs(chance - outcome).max() < PERFECT and is_told_by_few:
                strongest = weights.abs().idxmax()
                raise InputError(
                    "the columns tell exactly who churned, so odds ratios do not exist; "
                    f"the one that tells most is {strongest}"
                )
            if not separated:
                break
            self.dropped_ |= dict.fromkeys(separated, "some values go with one outcome only")
            kept = [name for name in kept if name not in separated]
        self.coefficients_ = (weights / spread).reindex(X.columns).fillna(0.0)
        self.errors_ = (errors / spread).reindex(X.columns)
        self.intercept_ = float(fit.params[0] - (self.coefficients_ * centre).sum())
        self.log_likelihood_ = float(fit.llf)
        self.null_log_likelihood_ = float(fit.llnull)
        correlations = np.atleast_2d(np.corrcoef(scaled[kept].to_numpy(), rowvar=False))
        self.correlations_ = pd.DataFrame(correlations, index=kept, columns=kept)
        return self

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Log-odds of churning."""
        return X.to_numpy() @ self.coefficients_.to_numpy() + self.intercept_

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Columns: staying, churning."""
        churning = expit(self.decision_function(X))
        return np.column_stack([1 - churning, churning])

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """The likelier of the two outcomes."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


def _is_free(scaled: pd.DataFrame) -> np.ndarray:
    """Which columns are not a sum of multiples of the columns before them."""
    with threadpool_limits(1):
        triangle = np.linalg.qr(scaled.to_numpy(), mode="r")
    size = np.abs(np.diag(triangle)) / np.sqrt(len(scaled))
    return np.append(size, np.zeros(scaled.shape[1] - len(size))) > DEPENDENT


def _separated(errors: pd.Series) -> list[str]:
    """Columns whose coefficient would run off; where many separate together, the worst of them.

    With few churners for the columns no estimate is finite: without some of them others have one.
    """
    flat = errors[~(errors < SEPARATED)].fillna(np.inf)
    if len(flat) > _TOGETHER * len(errors):
        flat = flat.nlargest(max(1, len(errors) // 4), keep="all")
    return [name for name in errors.index if name in flat.index]


def _maximise(scaled: pd.DataFrame, outcome: np.ndarray) -> Any:
    with warnings.catch_warnings(), threadpool_limits(1):
        # Of what statsmodels warns, no peak or no convergence, the standard errors tell.
        warnings.simplefilter("ignore")
        model = Logit(outcome, np.column_stack([np.ones(len(scaled)), scaled]))
        for steps in _STEPS:
            try:
                return model.fit(disp=0, maxiter=steps)
            except np.linalg.LinAlgError:
                continue
    # No column follows from others: all chances are 0 or 1, to the last digit.
    raise InputError(
        "the columns tell exactly who churned, so odds ratios do not exist: there are few "
        "rows for so many columns"
    )


@dataclass(frozen=True)
class Inference:
    """What a logistic regression says of each column.

    `table`: `column`, `level`, `reference`, `odds_ratio`, `low`, `high`, `p_value`, `vif`, a row
    per coefficient. For a number (empty `level`) the odds ratio is per unit of the column; for a
    level it is against the `reference`, the most common level. `vif` is the generalised variance
    inflation factor to the power 1 / degrees of freedom, one per column, on the scale of an
    ordinary VIF.

    `dropped`: `column`, `level`, `reason`: what has no estimate and is not in the model.
    """

    table: pd.DataFrame
    dropped: pd.DataFrame
    customers: int
    churners: int
    pseudo_r2: float


def logistic_pipeline(min_customers: int = 20, most_levels: int = MOST_LEVELS) -> Pipeline:
    """`Tidy`, rates of columns of many levels, `Design`, `UnpenalisedLogit`, unfitted."""
    return Pipeline(
        [
            ("tidy", Tidy(min_customers=min_customers, totals=False)),
            ("levels", ManyLevels(max_levels=most_levels)),
            ("design", Design(reference=True)),
            ("model", UnpenalisedLogit()),
        ]
    )


def infer(
    frame: pd.DataFrame,
    outcome: pd.Series,
    *,
    confidence: float = 0.95,
    min_customers: int = 20,
) -> Inference:
    """Odds ratios of churning with Wald intervals and p values, from one row per customer.

    `frame` holds the explaining columns only, `outcome` is yes or no. Levels of fewer than
    `min_customers` customers are pooled; missing numbers are filled with the median and flagged.
    Of a column of more than 60 levels the churn rates of its levels are held still; they have no
    row of their own.
    An odds ratio is an association with the other columns held still, not an effect, and with a
    high VIF (above 5 to 10) columns that move together share one story between them.

    Raises `InputError` when the outcome has one value, when nothing varies, or when the columns
    tell exactly who churned. Source: Fox and Monette 1992 for the generalised VIF.
    """
    pipeline = logistic_pipeline(min_customers).fit(frame, outcome)
    tidy, many, design, model = (step for _, step in pipeline.steps)
    free = model.coefficients_.drop(list(model.dropped_))
    parts, errors = design.parts_.loc[free.index], model.errors_[free.index]
    margin = norm.ppf((1 + confidence) / 2) * errors
    with np.errstate(over="ignore"):  # infinite odds per unit, where a unit is far beyond the data
        odds = {"odds_ratio": np.exp(free), "low": np.exp(free - margin)}
        odds["high"] = np.exp(free + margin)
    table = parts.assign(
        **odds,
        p_value=2 * norm.sf(np.abs(free / errors)),
        vif=parts["column"].map(_inflation(model.correlations_, parts["column"])),
    )
    order = {name: place for place, name in enumerate(frame.columns)}
    place = table["column"].map(order)
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")]
    is_rate = table["column"].isin(list(many.rates_))
    table = table[~is_rate]
    reasons = [(name, "", reason) for name, reason in tidy.dropped_.items()]
    reasons += [(name, "", f"more than {MOST_LEVELS} levels") for name in many.rates_]
    reasons += [
        (*design.parts_.loc[name, ["column", "level"]], reason)
        for name, reason in model.dropped_.items()
    ]
    return Inference(
        table=table.reset_index(drop=True),
        dropped=pd.DataFrame(reasons, columns=["column", "level", "reason"]),
        customers=len(frame),
        churners=int(known_outcome(outcome).sum()),
        pseudo_r2=1 - model.log_likelihood_ / model.null_log_likelihood_,
    )


def _inflation(correlations: pd.DataFrame, columns: pd.Series) -> pd.Series:
    """Generalised VIF to the power 1 / degrees of freedom, per original column."""
    every = _log_volume(correlations)
    found = {}
    for column, names in columns.groupby(columns).groups.items():
        rest = correlations.index.difference(names)
        ratio = (
            _log_volume(correlations.loc[names, names])
            + _log_volume(correlations.loc[rest, rest])
            - every
        )
        found[column] = np.exp(ratio / len(names))
    return pd.Series(found)


def _log_volume(correlations: pd.DataFrame) -> float:
    return float(np.linalg.slogdet(correlations.to_numpy())[1]) if len(correlations) else 0.0

"""What a churn model has to beat: the base rate, and a rule of thumb on one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import IsotonicRegression

from src.data.problems import InputError
from src.models.learning.preparation import known_outcome

RULE_BINS = 10


@dataclass(frozen=True)
class Rule:
    """A column, and whether its low or its high values are the risky ones."""

    column: str
    risky: Literal["low", "high"]


def rule_of(words: str) -> Rule | None:
    """The rule that `words` name, such as `low usage_ratio`; None when they are empty.

    >>> rule_of("high service_calls")
    Rule(column='service_calls', risky='high')
    """
    if not words.strip():
        return None
    risky, _, column = words.strip().partition(" ")
    if risky not in ("low", "high") or not column:
        raise InputError(
            f"a rule is 'low' or 'high' and a column, such as 'low tenure_months', not {words!r}"
        )
    return Rule(column.strip(), "low" if risky == "low" else "high")


RECENCY = Rule("months_since_revenue", "high")
# The rules of thumb of the trade, most telling first; a base gets the first whose column it has.
RULES = (RECENCY, Rule("tenure_months", "low"))


class TwoOutcomes(ClassifierMixin, BaseEstimator):
    """What the project's own classifiers share: a chance to churn gives classes and columns."""

    classes_: np.ndarray

    def predict(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """The likelier of the two outcomes."""
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:  # noqa: N803
        """Columns: staying, churning."""
        churning = self._chance(X)
        return np.column_stack([1 - churning, churning])

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        raise NotImplementedError


class BaseRate(TwoOutcomes):
    """Everyone churns with the chance of the training rows. What any other model has to beat."""

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: ARG002, N803
        """Learn the rate."""
        self.rate_ = known_outcome(y).mean()
        self.classes_ = np.unique(np.asarray(y))
        return self

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        return np.full(len(frame), self.rate_)


class OneRule(TwoOutcomes):
    """The chance to churn by one column alone, as a rule of thumb would have it.

    The training rows are cut into ten bins of about equal size by the column; a bin's chance is its
    share of churners, with one customer of the base rate added, and made to rise (`risky` high) or
    fall (low) from bin to bin by pooling neighbours. Missing values are a bin of their own.

    Raises `InputError` when the column is absent, or holds no numbers.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Learn the bins and their rates."""
        outcome = pd.Series(known_outcome(y))
        self.classes_ = np.unique(np.asarray(y))
        values = self._values(X)
        if not np.isfinite(values).any():
            raise InputError(f"column {self.rule.column}: no number is known, so it is no rule")
        shares = np.linspace(0, 1, RULE_BINS + 1)[1:-1]
        self.edges_ = np.unique(np.nanquantile(values, shares))
        rate = outcome.mean()
        bins = outcome.groupby(self._bins(values)).agg(["sum", "size"])
        chance = (bins["sum"] + rate) / (bins["size"] + 1)
        known = chance.drop(-1, errors="ignore")
        steps = IsotonicRegression(increasing=self.rule.risky == "high", out_of_bounds="clip")
        steps.fit(known.index, known, bins.loc[known.index, "size"])
        self.chances_ = np.append(
            steps.predict(np.arange(len(self.edges_) + 1)), chance.get(-1, rate)
        )
        return self

    def _values(self, frame: pd.DataFrame) -> np.ndarray:
        if self.rule.column not in frame:
            raise InputError(
                f"the rule is about {self.rule.column}, which is not a column of the frame"
            )
        values = frame[self.rule.column]
        if not pd.api.types.is_numeric_dtype(values):
            raise InputError(
                f"column {self.rule.column}: a rule needs numbers, found {values.dtype}"
            )
        return values.to_numpy("float64", na_value=np.nan)

    def _bins(self, values: np.ndarray) -> np.ndarray:
        bins = np.searchsorted(self.edges_, values, side="left")
        return np.where(np.isnan(values), -1, bins)

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        return self.chances_[self._bins(self._values(frame))]


class SilentFirst(TwoOutcomes):
    """What a good analyst does without a model: the silent first, then a rule for all others.

    Who had revenue in the last month has the chance that `OneRule` learned among their like; who is
    silent the share of churners among those silent for as many months, with one customer of the
    base rate added. Raises `InputError` like `OneRule`.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803
        """Learn the shares by months of silence, and the rule."""
        outcome = pd.Series(known_outcome(y))
        self.classes_ = np.unique(np.asarray(y))
        silence = self._silence(X)
        self.rule_ = OneRule(self.rule).fit(X[silence == 0], outcome[silence == 0])
        rate = outcome.mean()
        months = outcome.groupby(silence).agg(["sum", "size"]).drop(0, errors="ignore")
        self.shares_ = (months["sum"] + rate) / (months["size"] + 1)
        return self

    def _silence(self, frame: pd.DataFrame) -> np.ndarray:
        return frame[RECENCY.column].fillna(0).to_numpy("float64").astype(int)

    def _chance(self, frame: pd.DataFrame) -> np.ndarray:
        by_rule = self.rule_.predict_proba(frame)[:, 1]
        known = self.shares_.reindex(self._silence(frame)).to_numpy(float)
        return np.where(np.isnan(known), by_rule, known)

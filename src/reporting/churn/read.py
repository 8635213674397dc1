"""What the sections of the churn report read of an analysis; `src.analyses.churn` has all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from src.reporting.churn.sentences import Horizon, Share, Standing
from src.reporting.page.prose import Interval


class Setting(Protocol):
    """The parameters that a page names."""

    @property
    def segment(self) -> str: ...  # noqa: D102
    @property
    def clv(self) -> float: ...  # noqa: D102
    @property
    def accept_rate(self) -> float: ...  # noqa: D102
    @property
    def margin_share(self) -> float: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102
    @property
    def top(self) -> int: ...  # noqa: D102
    @property
    def min_cell(self) -> int: ...  # noqa: D102
    def assumed(self, currency: str, is_valued: bool) -> list[str]: ...  # noqa: D102


class Population(Protocol):
    """Whether margins are assumed, and whether customers have values of their own."""

    @property
    def assumes_margin(self) -> bool: ...  # noqa: D102
    @property
    def is_valued(self) -> bool: ...  # noqa: D102


class Judged(Protocol):
    """Which customers, at which dates, judged by what."""

    @property
    def split(self) -> Any: ...  # noqa: D102  (facts.Split, None where folds judge)
    @property
    def customers(self) -> int: ...  # noqa: D102
    @property
    def churners(self) -> int: ...  # noqa: D102
    @property
    def folds(self) -> int: ...  # noqa: D102
    @property
    def repeats(self) -> int: ...  # noqa: D102
    @property
    def remarks(self) -> list[str]: ...  # noqa: D102
    @property
    def alone(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def ceiling(self) -> float | None: ...  # noqa: D102
    @property
    def suspects(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def left_out(self) -> bool: ...  # noqa: D102


class Curves(Protocol):
    """ROC, precision by recall and gains of all models."""

    @property
    def roc(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def recall(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def gains(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def rate(self) -> float: ...  # noqa: D102


class Calibration(Protocol):
    """Slope and intercept, and the curve."""

    @property
    def parts(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def curve(self) -> pd.DataFrame: ...  # noqa: D102


class OneForAll(Protocol):
    """One model for all segments beside a segment's own."""

    @property
    def figures(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def importance(self) -> pd.DataFrame: ...  # noqa: D102


class AgainstTruth(Protocol):
    """Expected AUCs by the true chances."""

    @property
    def model(self) -> float: ...  # noqa: D102
    @property
    def oracle(self) -> float: ...  # noqa: D102
    @property
    def blind(self) -> float: ...  # noqa: D102
    @property
    def insider(self) -> float: ...  # noqa: D102


class Campaign(Protocol):
    """A list of customers, its planned depths, and what came of it."""

    @property
    def setting(self) -> Setting: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102
    @property
    def shares(self) -> Mapping[str, float]: ...  # noqa: D102
    @property
    def depth(self) -> float: ...  # noqa: D102
    @property
    def alternative(self) -> str: ...  # noqa: D102
    def earned(self) -> pd.DataFrame: ...  # noqa: D102
    def gain(self) -> Interval: ...  # noqa: D102
    def break_even(self) -> Any: ...  # noqa: D102  (a figure with its ends, or what is missing)
    def band(self) -> pd.DataFrame: ...  # noqa: D102
    def curves(self) -> pd.DataFrame: ...  # noqa: D102
    def stretches(self) -> pd.DataFrame: ...  # noqa: D102
    def bound(self, savable: pd.Series, chance: pd.Series) -> Share: ...  # noqa: D102


class Contributions(Protocol):
    """What each column adds to the figure of each customer."""

    @property
    def values(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def additivity_error(self) -> float: ...  # noqa: D102
    @property
    def tolerance(self) -> float: ...  # noqa: D102


class Dependence(Protocol):
    """A column against what it adds."""

    @property
    def column(self) -> str: ...  # noqa: D102
    @property
    def partner(self) -> str | None: ...  # noqa: D102
    @property
    def points(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def strength(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102


class Stability(Protocol):
    """How sure the order of columns is."""

    @property
    def ranks(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def top(self) -> int: ...  # noqa: D102
    @property
    def jaccard(self) -> float: ...  # noqa: D102
    @property
    def kendall(self) -> float: ...  # noqa: D102


class Explanation(Protocol):
    """What moves the chances of the explained model."""

    @property
    def setting(self) -> Setting: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def likeness(self) -> float: ...  # noqa: D102
    @property
    def rows(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def contributions(self) -> Contributions: ...  # noqa: D102
    @property
    def ranked(self) -> pd.DataFrame: ...  # noqa: D102
    def swarm(self) -> pd.DataFrame: ...  # noqa: D102
    def dependences(self) -> Sequence[Dependence]: ...  # noqa: D102
    def five(self) -> pd.DataFrame: ...  # noqa: D102
    def stability(self) -> Stability: ...  # noqa: D102


class Trial(Protocol):
    """What all candidates said of rows they did not learn from."""

    @property
    def setting(self) -> Setting: ...  # noqa: D102
    @property
    def population(self) -> Population: ...  # noqa: D102
    @property
    def compared(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def suspects(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def failed(self) -> dict[str, str]: ...  # noqa: D102
    @property
    def told(self) -> str: ...  # noqa: D102
    @property
    def drop_line(self) -> str: ...  # noqa: D102
    @property
    def reads_tenure(self) -> bool: ...  # noqa: D102
    @property
    def shown(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def labels(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def baselines(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def standing(self) -> Standing: ...  # noqa: D102
    @property
    def best(self) -> str: ...  # noqa: D102
    @property
    def judged(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def tests(self) -> Sequence[pd.Timestamp]: ...  # noqa: D102
    @property
    def horizon(self) -> Horizon | None: ...  # noqa: D102
    def calibration(self) -> Any: ...  # noqa: D102  (Calibration, or what is missing)
    def suspicions(self) -> pd.DataFrame: ...  # noqa: D102
    def concordance(self) -> Any: ...  # noqa: D102  (a number, or what is missing)
    def savable_calibration(self) -> Any: ...  # noqa: D102  (Calibration, or what is missing)
    def silent(self) -> Any: ...  # noqa: D102  (a frame, or what is missing)
    def campaign(self) -> Any: ...  # noqa: D102  (Campaign, or what is missing)
    def explain(self) -> Any: ...  # noqa: D102  (Explanation, or what is missing)
    def weak_spots(self) -> Any: ...  # noqa: D102  (a frame, or what is missing)
    def one_for_all(self) -> Any: ...  # noqa: D102  (OneForAll, or what is missing)
    def against_truth(self) -> Any: ...  # noqa: D102  (AgainstTruth, or what is missing)


class Study(Protocol):
    """The steps that need no trained candidate."""

    def longest_lead(self) -> Any: ...  # noqa: D102  (a number, or what is missing)

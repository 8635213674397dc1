"""What the sections of lifetime value are handed: frames, and the few values that hold them.

`src.analyses.ltv.values` has these. Frames are documented there and at the steps of the study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import pandas as pd

from src.reporting.ltv.sentences import LogRank


class Terms(Protocol):
    """The words and limits that a reader needs beside any figure of a study."""

    @property
    def names(self) -> tuple[str, str]: ...  # noqa: D102
    @property
    def by(self) -> str: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def seen(self) -> int: ...  # noqa: D102
    @property
    def is_residual(self) -> bool: ...  # noqa: D102
    @property
    def assumed_margin(self) -> float | None: ...  # noqa: D102
    @property
    def sub_segment(self) -> str: ...  # noqa: D102
    @property
    def top(self) -> int: ...  # noqa: D102
    @property
    def min_cell(self) -> int: ...  # noqa: D102
    @property
    def remarks(self) -> tuple[str, ...]: ...  # noqa: D102


class Comparison(Protocol):
    """Two groups compared."""

    @property
    def ltv(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def bars(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def groups(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def thin(self) -> Sequence[str]: ...  # noqa: D102


class Stays(Protocol):
    """How long groups stay."""

    @property
    def curves(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def means(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def difference(self) -> pd.Series: ...  # noqa: D102
    @property
    def test(self) -> LogRank: ...  # noqa: D102
    @property
    def few_ended(self) -> pd.Series: ...  # noqa: D102


class Cohorts(Protocol):
    """Formulas of cohorts put to the test."""

    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def learned(self) -> int: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102


class Mix(Protocol):
    """The gap split by sub-segment."""

    @property
    def totals(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def effects(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def sub_segments(self) -> pd.DataFrame: ...  # noqa: D102


class Alike(Protocol):
    """The gap between customers who are alike in some columns."""

    @property
    def columns(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def support(self) -> pd.DataFrame: ...  # noqa: D102


class BackTest(Protocol):
    """Predictions of some months ago against the margin that came since."""

    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def tenths(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def labels(self) -> Mapping[str, str]: ...  # noqa: D102


class AgainstTruth(Protocol):
    """Estimates on a simulated base against what models could not read."""

    @property
    def came(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def expected(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def bars(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def gini_ratio(self) -> float: ...  # noqa: D102
    @property
    def labels(self) -> Mapping[str, str]: ...  # noqa: D102

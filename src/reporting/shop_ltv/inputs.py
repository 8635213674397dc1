"""What the sections of 09_shop_ltv read of an analysis, by the names of its parts."""

from __future__ import annotations

from typing import Protocol

import pandas as pd


class Terms(Protocol):
    """Names, dates and assumptions; `src.analyses.shop_ltv.opened.Terms` has these."""

    @property
    def currency(self) -> str: ...  # noqa: D102
    @property
    def begins(self) -> pd.Timestamp: ...  # noqa: D102
    @property
    def split(self) -> pd.Timestamp: ...  # noqa: D102
    @property
    def ends(self) -> pd.Timestamp: ...  # noqa: D102
    @property
    def since(self) -> pd.Timestamp | None: ...  # noqa: D102
    @property
    def holdout(self) -> int: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def rate(self) -> float: ...  # noqa: D102
    @property
    def margin_share(self) -> float: ...  # noqa: D102
    @property
    def is_assumed(self) -> bool: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102
    @property
    def min_cell(self) -> int: ...  # noqa: D102
    @property
    def remarks(self) -> tuple[str, ...]: ...  # noqa: D102


class Judged(Protocol):
    """Figures of predictions; `src.models.shop.holdout.Judged` has these."""

    @property
    def figures(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def differences(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def buyers(self) -> int: ...  # noqa: D102


class Trial(Protocol):
    """Predictions of weeks kept back; `src.analyses.shop_ltv.trial.Trial` has these."""

    @property
    def rows(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def judged(self) -> Judged: ...  # noqa: D102
    @property
    def money(self) -> Judged: ...  # noqa: D102
    @property
    def main(self) -> str: ...  # noqa: D102
    @property
    def best(self) -> str: ...  # noqa: D102
    @property
    def weeks(self) -> int: ...  # noqa: D102

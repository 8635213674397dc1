"""Who is judged on what: the interface behind which panels and snapshots answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from src.analyses.churn.listing import Scored
from src.analyses.missing import Missing
from src.features.snapshots import Horizon
from src.models.churn.timesplit import TimeSplit
from src.models.churn.validation import Trial
from src.models.learning.candidates import Candidate
from src.models.profit.saved_share import SavedShare
from src.models.scoring.comparison import Figure


@dataclass(frozen=True)
class TwoLists:
    """What one model for all segments says beside a segment's own.

    `chances`: `customer_id`, `snapshot`, `segment`, `churned`, `one for all` and `own`, chances,
    the latter missing outside the segment, and everywhere where no model is of a segment alone.
    `latest`: the customers of the last snapshot that judges, with the features. `model`: the model
    for all.
    """

    chances: pd.DataFrame
    latest: pd.DataFrame
    model: object

    def __repr__(self) -> str:
        return f"TwoLists: {len(self.chances):,} rows judged by two models"


class Population(Protocol):
    """The customers of a base at a setting, their labels, and who judges.

    `columns`: what models may read. `horizon`: months that count, None without dates. `split`: the
    rows split by time, None where folds judge. `assumes_margin`: whether margins are an assumed
    share of revenue; `is_valued`: whether customers have values of their own. `repeats`: how often
    folds are drawn, 1 where there are none; `rounds`: how often every candidate is trained.
    """

    @property
    def columns(self) -> list[str]: ...  # noqa: D102
    @property
    def horizon(self) -> Horizon | None: ...  # noqa: D102
    @property
    def split(self) -> TimeSplit | None: ...  # noqa: D102
    @property
    def assumes_margin(self) -> bool: ...  # noqa: D102
    @property
    def is_valued(self) -> bool: ...  # noqa: D102
    @property
    def repeats(self) -> int: ...  # noqa: D102
    @property
    def rounds(self) -> int: ...  # noqa: D102

    def tenure(self) -> pd.Series | None:
        """Months at risk of the rows of `judged`, where they are a column of the base."""

    def remarks(self) -> list[str]:
        """What was done to columns and rows before models read them, in sentences."""

    def alone(self) -> pd.DataFrame:
        """The latest rows to learn from, one per customer: `customer_id`, `churned`, columns."""

    def judged(self) -> pd.DataFrame:
        """The rows that judge, in the order of `Trial.once`, with the columns."""

    def candidates(self) -> dict[str, Candidate]:
        """The candidates that suit the columns, simplest first."""

    def tried(self, candidates: Mapping[str, Candidate]) -> Trial:
        """What the candidates say of rows they did not learn from."""

    def compared(
        self, trial: Trial, extra: Mapping[str, Figure], rng: np.random.Generator
    ) -> pd.DataFrame:
        """The frame of `comparison.paired_bootstrap` or `fold_differences`."""

    def listed(self, trial: Trial, chance: str) -> pd.DataFrame:
        """The list of the last day that judges, with what a customer who stays is worth.

        `customer_id`, `churned` (lost), `savable`, `unreachable` (gone or too late), `chance` (of
        the model named, to be lost), `value` in money; of every model its chance to be lost,
        `<model> savable` and `<model> unreachable`. On panels also `outcome`, `silent` (months
        without revenue) and `gone` (the chance, of the model named).
        """

    def scored(self, trial: Trial, best: str, candidates: Mapping[str, Candidate]) -> Scored:
        """Everybody on the list of today, by the model named; see `listing.Scored`."""

    def saved_share(self) -> SavedShare | Missing:
        """How many leavers the base's own controlled offers kept; see `profit.saved_share`."""

    def asked(self, trial: Trial) -> pd.DataFrame:
        """The customers whose chances are explained, none of whom the explained model learned."""

    def recent(self, trial: Trial) -> pd.DataFrame:
        """The rows that a model is trained on again, on resamples of customers."""

    def at_rate(self, chance: np.ndarray) -> np.ndarray:
        """Chances as a model says them, brought to the true rate of churn."""

    def by_lead(self) -> pd.DataFrame | Missing:
        """AUC by month ahead, 0 of who is gone: `group`, `month`, `churners`, `value`, ends."""

    def paying_leads(self, rng: np.random.Generator) -> pd.DataFrame | Missing:
        """What lists earn by when their exits begin, see `leadtime.profit_by_lead`."""

    def staying_power(self) -> pd.DataFrame | Missing:
        """AUC by age of the model: `group`, `month`, `churners`, `value`, `low`, `high`."""

    def two_lists(self, trial: Trial) -> TwoLists | Missing:
        """One model for all segments, beside the model of the segment."""

    def candidates_of(self, split: TimeSplit) -> dict[str, Candidate]:
        """The candidates for the rows of another split, such as that of `today`."""

    def today(self) -> tuple[TimeSplit, pd.DataFrame] | Missing:
        """On a simulated base: the split for the list of today, and the truth about it.

        Rows of `split.test` and of the truth are the same customers in the same order.
        """

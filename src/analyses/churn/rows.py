"""The rows of a snapshot base by what they are for: to learn from, to judge on, to be listed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from src.analyses.churn.unlike import unlike
from src.data.bases import SCORED, Base
from src.features import true_rate
from src.models.learning.readable import Readable, readable

_ASIDE = ("customer_id", "churned", "segment")  # the segment is of the contract, and mostly one


@dataclass(frozen=True)
class Rows:
    """Rows of a snapshot base as models read them, each with a label where it is known.

    `learned`: to learn from. `judged`: at the true rate of churn; rows apart from those learned
    from (`is_apart`), or those of `learned` that `is_kept`. `listed`: who is to be listed, nobody
    of them known to have left. `raw_judged`, `raw_listed`: the same rows with all columns of the
    base. `unlearned`: rows to learn from that were left out, as their customers are judged.
    """

    reading: Readable
    learned: pd.DataFrame
    judged: pd.DataFrame
    listed: pd.DataFrame
    raw_judged: pd.DataFrame
    raw_listed: pd.DataFrame
    is_kept: np.ndarray
    is_apart: bool
    is_given: bool
    unlearned: int

    @property
    def sampled(self) -> float:
        """The share of churners among the rows to learn from."""
        return float(self.learned["churned"].mean())


def rows_of(base: Base, without: Collection[str]) -> Rows:
    """The rows of a snapshot base, of which models do not read the columns `without`.

    Who is listed: the rows to be scored, or without any the rows to judge on; never who is known to
    have left. Models read no column that the rows to be scored lack or hold otherwise (`unlike`).
    Columns are made readable over all rows together, so that dates count from one day.
    """
    rows, given = true_rate.learned(base), true_rate.scored(base)
    apart = true_rate.labelled(base)["customer_id"]
    is_learned = ~rows["customer_id"].isin(apart)
    unlearned = int((~is_learned).sum())
    rows = rows[is_learned]
    everybody = rows.reset_index(drop=True)
    if len(given):
        labels = pd.concat([rows["churned"].astype("boolean"), given["churned"].astype("boolean")])
        everybody = pd.concat([rows, given.astype({"churned": "boolean"})], ignore_index=True)
        everybody["churned"] = labels.to_numpy(dtype=object, na_value=None)
    aside = [*_ASIDE, *without]
    known = rows.drop(columns=aside, errors="ignore")
    unread = unlike(known, base.table(SCORED)) if len(given) else {}
    reading = readable(everybody.drop(columns=[*without, *unread]), _ASIDE)
    reading = replace(reading, left_out={**reading.left_out, **unread})
    is_given = np.arange(len(everybody)) >= len(rows)
    is_known = everybody["churned"].notna().to_numpy()
    is_gone = everybody["churned"].eq(True).fillna(False).to_numpy(bool)
    is_kept = true_rate.is_kept(rows["churned"], base.churn_rate)
    is_judged = is_given & is_known
    if not len(apart):
        is_judged = ~is_given
        is_judged[: len(rows)] = is_kept
    is_listed = (is_given if len(given) else is_judged) & ~is_gone

    def of(table: pd.DataFrame, which: np.ndarray) -> pd.DataFrame:
        part = table[which].reset_index(drop=True)
        known = part["churned"].notna().all()
        return part.assign(churned=part["churned"].astype(bool)) if known else part

    return Rows(
        reading=reading,
        learned=of(reading.frame, ~is_given),
        judged=of(reading.frame, is_judged),
        listed=of(reading.frame, is_listed),
        raw_judged=of(everybody, is_judged),
        raw_listed=of(everybody, is_listed),
        is_kept=is_kept,
        is_apart=bool(len(apart)),
        is_given=bool(len(given)),
        unlearned=unlearned,
    )


def rate_remarks(rows: Rows, rate: float | None) -> list[str]:
    """How the rows to learn from differ from those that judge, in sentences."""
    said = []
    if rows.is_apart:
        said.append(
            f"Models learned from {_many(rows.learned)}, and are judged on other customers, the "
            f"rows to be scored whose label is known: {_many(rows.judged)}."
        )
    elif rate is not None:
        said.append(
            f"Models learned from {_many(rows.learned)}. They are judged on {_many(rows.judged)}: "
            "the others were drawn away, as the rows had been resampled."
        )
    if rate is not None:
        said.append(
            f"**The true rate of churn is {rate:.1%}**, as `churn_rate` of base.yml says: "
            "chances, calibration, lift and money are those of this rate."
        )
    if rows.unlearned:
        said.append(
            f"{rows.unlearned:,} rows to learn from were left out: their customers are judged."
        )
    return said


def _many(rows: pd.DataFrame) -> str:
    return f"{len(rows):,} rows, of which {rows['churned'].mean():.1%} churned"

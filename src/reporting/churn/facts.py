"""How a comparison of churn models was judged, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from src.reporting.page.leaks import suspects_listed
from src.reporting.page.prose import count, listed, percent
from src.reporting.page.small_groups import for_pages, many


class Split(Protocol):
    """Rows split by time; `src.models.churn.timesplit.TimeSplit` has these."""

    @property
    def train(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def test(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def trains(self) -> list[pd.Timestamp]: ...  # noqa: D102
    @property
    def tests(self) -> list[pd.Timestamp]: ...  # noqa: D102
    @property
    def pooled(self) -> str: ...  # noqa: D102


def split_facts(split: Split) -> list[str]:
    """What learned and what judged, on a panel."""
    train, test = (
        f"{many(len(rows), 'row')} of {many(rows['customer_id'].nunique(), 'customer')}, of "
        f"which {many(rows['churned'].sum())} were lost"
        for rows in (split.train, split.test)
    )
    facts = [
        f"Models learned from {months_listed(split.trains)}: {train}.",
        f"They are judged on {months_listed(split.tests)}: {test}. What they learned from was "
        "known at the first of these: bills and closings up to then, and a freeze only once it "
        "could be told from a pause.",
        "Everybody who was on the list is judged, the silent too: nothing later decides who is.",
    ]
    if split.pooled:
        facts.append(f"**Trained on all segments together:** {for_pages(split.pooled)}.")
    return facts


def fold_facts(customers: int, churners: int, folds: int, repeats: int) -> list[str]:
    """How a base without dates was judged; no `folds` where rows apart judge."""
    who = (
        f"{count(customers, 'customer')}, of whom {count(churners)} churned "
        f"({percent(churners / customers)})."
    )
    if not folds:
        return [who]
    return [
        who,
        f"{folds} folds, drawn {count(repeats, 'time')}: every model is judged on customers it did "
        "not learn from, and everything it learns, settings included, comes from the other folds.",
    ]


def guard_facts(
    univariate: pd.DataFrame, ceiling: float | None, suspects: pd.DataFrame, left_out: bool
) -> list[str]:
    """What the guards looked at. Reads `column`, `auc`, the strongest first, and the suspects."""
    best = univariate.iloc[0]
    strongest = f"the strongest is {best['column']} with an AUC of {best['auc']:.2f}"
    possible = "0.97, the limit where none is known"
    if ceiling is not None:
        possible = f"{ceiling:g}, what is known to be possible here"
    if left_out and len(suspects):
        return [f"{left_out_sentence(suspects)} Of the others {strongest}."]
    if len(suspects):
        return [f"**Too good to be true:** {suspects_listed(suspects)}."]
    return [
        f"No column alone is too good to be true: {strongest}. Nor is being filled, nor are two "
        f"columns together, and no model is above {possible}."
    ]


def left_out_sentence(suspects: pd.DataFrame) -> str:
    """Which columns no model reads, and why; empty where there are none.

    Reads `columns` (a tuple of names) and `why`.

    >>> left_out_sentence(pd.DataFrame({"columns": [("a", "b")], "why": ["AUC 1.000 together"]}))
    '**Left out as too good to be true:** a and b (AUC 1.000 together).'
    """
    if suspects.empty:
        return ""
    return f"**Left out as too good to be true:** {suspects_listed(suspects)}."


def months_listed(snapshots: Sequence[pd.Timestamp]) -> str:
    """The months of snapshots: all of them when few, else the ends and how many."""
    names = [f"{at:%B %Y}" for at in snapshots]
    if len(names) <= 3:
        return f"{'snapshot' if len(names) == 1 else 'snapshots'} {listed(names)}"
    return f"{len(names)} snapshots from {names[0]} to {names[-1]}"

"""Sentences that come before a winner: no signal, columns to look at, what was assumed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from src.reporting.churn.sentences import interval, of
from src.reporting.page.prose import count, listed, percent


def no_signal_headline(told: str, compared: pd.DataFrame, asked: str, who: str) -> str:
    """That no column tells, with the AUC of the nearest model, `told`. Reads a comparison."""
    return (
        f"**No column here tells {asked}** among {who}: no model is better than the base rate "
        f"beyond its noise. The nearest, {told}, has an AUC of "
        f"**{interval(of(compared, told, 'auc'), 3)}**, where 0.5 is a draw by lot."
    )


def no_signal_detail(rate: float) -> str:
    """What follows: no list, no reasons."""
    return (
        f"All that is known is the rate, {percent(rate)}: everybody has it as their chance. A list "
        "in any order is a draw by lot, so nothing is said of what it would earn, of reasons or of "
        "groups. Other columns are needed: how much is used, what was complained about, when a "
        "contract ends."
    )


def assumed_sentence(assumed: Sequence[str]) -> str:
    """Costs and rates that nobody set, such as `an offer 10 EUR (OFFER)`; empty where all are."""
    if not assumed:
        return ""
    return f"Assumed by this report, set by nobody: {listed(list(assumed))}."


def ahead_by_auc(best: str, compared: pd.DataFrame) -> str:
    """Why the winner is not the model of the highest AUC; empty where it is."""
    areas = compared[compared["metric"] == "auc"].set_index("model")["value"]
    top = str(areas.idxmax())
    if areas[top].round(3) <= areas[best].round(3):
        return ""
    return (
        f"By AUC alone {top} is ahead ({areas[top]:.3f}); the order here is by log loss, which "
        "also asks that chances come true."
    )


def failed_sentence(failed: dict[str, str]) -> str:
    """Candidates, by label, that these rows do not allow, and why; empty where there are none."""
    if not failed:
        return ""
    said = "; ".join(f"{label} ({why})" for label, why in failed.items())
    return f"{count(len(failed), 'model').capitalize()} could not be fitted: {said}."


def concordance_sentence(found: float, is_read: bool) -> str:
    """The C-index beside the AUC. `is_read`: whether models read the time at risk themselves."""
    flattered = " Models read the tenure itself, which flatters this figure." if is_read else ""
    return (
        f"With time at risk counted, of two customers the one known to have left sooner had the "
        f"higher chance in **{found:.3f}** of pairs (C-index).{flattered}"
    )

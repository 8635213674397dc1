"""Tables and sentences about the curves of cohorts, from computed frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from src.reporting.page.prose import listed, ratio
from src.reporting.page.results import metric_name

ERRORS = {"constant_churn": "constant churn", "sbg": "the sBG", "bdw": "the BdW"}


def curves_sentence(table: pd.DataFrame) -> str:
    """Whether a customer's own chance to leave changes with age, by group.

    `table`: the frame of `cohort_curves.cohort_curves`.
    """
    return " ".join(_fit(row) for row in table.to_dict("records"))


def projection_sentence(table: pd.DataFrame, known: int, months: int) -> str:
    """What projects best, by group, beside constant churn; empty where nothing was projected."""
    parts = []
    for row in table.dropna(subset=list(ERRORS)).to_dict("records"):
        best = min(ERRORS, key=lambda name: row[name])
        text = f"in {row['group']} by {ERRORS[best]}, {ratio(row[best])}"
        if best != "constant_churn":
            text += f" (constant churn {ratio(row['constant_churn'])})"
        parts.append(text)
    if not parts:
        return ""
    return (
        f"Learned from the first {known} months of newcomers, the survivors of months {known + 1} "
        f"to {months} are missed least {listed(parts)}."
    )


def curves_table(table: pd.DataFrame) -> pd.DataFrame:
    """The frame of `cohort_curves.cohort_curves` with `power`, c and its interval, as text.

    Where a fit ended at a limit, its parameters are where the search stopped: none is shown.
    """
    is_read = table["limit"] == ""
    power = [
        f"{row['c']:.2f}"
        + ("" if np.isnan(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})")
        for row in table.to_dict("records")
    ]
    shown = table[["alpha", "beta"]].where(is_read)
    return table.assign(power=np.where(is_read, power, "-"), **shown)


def curves_metrics(table: pd.DataFrame) -> dict[str, Any]:
    """`retention.<group>.<figure>`: c, p and, where there are newcomers, the errors."""
    found: dict[str, Any] = {}
    for row in table.to_dict("records"):
        for figure in ("c", "p_value", *ERRORS):
            if not np.isnan(row[figure]):
                found[f"retention.{metric_name(str(row['group']))}.{figure}"] = row[figure]
    return found


def _fit(row: dict[str, Any]) -> str:
    group = row["group"]
    if np.isnan(row["p_value"]):
        return (
            f"In {group} no pair of parameters can be told: the best curve is at the end of what a "
            f"model can say ({row['limit']})."
        )
    chance = f"p = {row['p_value']:.3f}" if row["p_value"] >= 0.001 else "p < 0.001"
    if row["low"] <= 1 <= row["high"]:
        return f"In {group} the sBG will do: nothing says that chances change with age ({chance})."
    way = "rises" if row["c"] > 1 else "falls"
    return (
        f"In {group} the sBG is rejected ({chance}): a customer's own chance to leave {way} with "
        f"age, c {row['c']:.2f} ({row['low']:.2f} to {row['high']:.2f})."
    )

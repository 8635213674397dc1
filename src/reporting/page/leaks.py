"""Columns that may hold the label, or were written after the exit: the same words on each page."""

from __future__ import annotations

import pandas as pd

from src.reporting.page.prose import listed


def suspicion_sentence(found: pd.DataFrame, line: str) -> str:
    """Columns to look at first, with the AUC with and without them; empty where there are none.

    Reads `column`, `why`, `with_them`, `without`. `line`: what to write in base.yml.
    """
    if found.empty:
        return ""
    named = "; ".join(f"{row.column} ({row.why})" for row in found.itertuples())
    them, they = ("it", "it is") if len(found) == 1 else ("them", "they are")
    top = found.iloc[0]
    return (
        f"**Look first at {named}.** Boosted trees have an AUC of {top['with_them']:.3f} with "
        f"{them} and {top['without']:.3f} without. If {they} known only when a customer has left, "
        f"write {line} under tables.snapshot of base.yml."
    )


def too_good_sentence(found: pd.DataFrame, line: str) -> str:
    """Columns that no honest base has; empty where there are none.

    Reads `columns` (a tuple of names), `why`. `line`: what to write in base.yml.
    """
    if found.empty:
        return ""
    return (
        f"**Too good to be true:** {suspects_listed(found)}. Look whether this holds the label, or "
        f"was written after the customer left; if so, write {line} under tables.snapshot of "
        "base.yml."
    )


def suspects_listed(suspects: pd.DataFrame) -> str:
    """Each finding with its reason."""
    return "; ".join(f"{listed(list(row.columns))} ({row.why})" for row in suspects.itertuples())

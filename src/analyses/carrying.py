"""Whether a built base can carry a notebook, asked before anything of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

from src.analyses.parameters import checked, has_schema
from src.data.bases import Base
from src.data.problems import InputError
from src.features.true_rate import LEAST_PER_CLASS, as_customers_are, labelled

_OF_LIVES = ("tenure_months", "monthly_revenue")  # columns of a snapshot that a value needs


def why_not(notebook: str, base: Base, given: Mapping[str, Any], is_stored: bool = False) -> str:
    """Why the base cannot carry the notebook with these parameters; empty when it can.

    The study of the notebook is opened and asked what is quickly known. Left to the run, which
    shows it, is an error of the program, and one in a stored parameter file.
    """
    if not has_schema(notebook):
        return ""
    subject = notebook.partition("_")[2]
    try:
        if subject == "ltv" and (lacking := _lacking(base, is_stored)):
            return lacking
        if subject == "churn" and (few := _few_labels(base)):
            return few
        try:
            setting = checked(notebook, given)
        except InputError as error:
            return "" if is_stored else str(error)
        study = import_module(f"src.analyses.{subject}").open_study(**setting.model_dump())
        if subject == "churn":
            return _too_few(study.population.alone()["churned"])
        return _nobody(study.lives(), setting.min_cell) if subject == "ltv" else ""
    except InputError as error:
        return str(error)
    except Exception:  # a fault of the program: the run shows where
        return ""


def _lacking(base: Base, is_stored: bool) -> str:
    """What the values of two groups need and the base lacks; a stored file names its groups."""
    is_snapshot = base.kind == "snapshot"
    table = as_customers_are(base) if is_snapshot else base.table("customers")
    if is_snapshot and (absent := [name for name in _OF_LIVES if name not in table]):
        return f"needs {' and '.join(absent)} of each customer"
    segments = table["segment"].dropna().unique() if "segment" in table else []
    if is_stored or len(segments) > 1:
        return ""
    found = f"all its customers are {segments[0]}" if len(segments) else "it has none"
    return f"compares segments, and {found}"


def _few_labels(base: Base) -> str:
    """Why nothing can be learned of the labels of a snapshot; empty for other kinds."""
    if base.kind != "snapshot":
        return ""
    few = _too_few(as_customers_are(base)["churned"])
    if few and base.churn_rate is not None and not len(labelled(base)):
        few += f"; the rows were thinned to `churn_rate: {base.churn_rate:g}`"
    return few


def _too_few(churned: pd.Series) -> str:
    """Why nothing can be learned of these labels; empty when it can."""
    total, gone = len(churned), int(churned.sum())
    for number, what in ((gone, "churned"), (total - gone, "stayed")):
        if number == 0:
            return f"nobody {what} (0 of {total:,} customers)"
        if number < LEAST_PER_CLASS:
            return (
                f"fewer than {LEAST_PER_CLASS} of {total:,} customers {what}; {LEAST_PER_CLASS} "
                "are needed to learn from"
            )
    return ""


def _nobody(lives: pd.DataFrame, least: int) -> str:
    """Why lives of two groups cannot be compared; empty when they can."""
    customers = lives.groupby("group", observed=True)["customer_id"].nunique()
    if len(small := customers[customers < least]):
        return f"{small.index[0]} has fewer than {least} customers; nothing is shown of so few"
    if not lives["ended"].any():
        return f"nobody left (0 of {customers.sum():,} customers)"
    return ""

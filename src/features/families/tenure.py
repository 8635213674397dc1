"""Tenure: how long a customer has been here, and how often they came back."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, Family, Feature
from src.features.months import number_of
from src.features.windows import WINDOW, one_if


def tenure(has_signup: bool) -> Family:
    """Features of the life; `has_signup` says whether customers has a `signup_month`.

    What bills alone tell of age is cut at twelve months: the data begin somewhere, and a count from
    there would grow with the data and not with the customer. A sign-up after the snapshot is not
    known yet and left blank.
    """
    age = nw.col(AT) - nw.col("life_start") + 1
    features = [
        _billing(
            "life_months",
            "months of the present life, 12 for 12 or more",
            "months",
            nw.min_horizontal(age, nw.lit(WINDOW)),
        ),
        _billing(
            "has_returned",
            "came back after a freeze",
            "yes or no",
            one_if((nw.col("lives") > 1) & (age <= WINDOW)),
        ),
    ]
    if has_signup:
        signup = number_of(nw.col("signup_month"))
        since = nw.when(signup <= nw.col(AT)).then(nw.col(AT) - signup)
        features.append(
            Feature(
                "tenure_months", "months since the first contract", "months", "", "customers", since
            )
        )
    return Family(tuple(features))


def _billing(name: str, meaning: str, unit: str, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, "12 months", "billing", value)

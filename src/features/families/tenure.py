"""Tenure: how long a customer has been here, and how often they came back."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, Family, Feature
from src.features.months import number_of


def tenure(has_signup: bool) -> Family:
    """Features of the life; `has_signup` says whether customers has a `signup_month`.

    A sign-up after the snapshot is not known yet and left blank.
    """
    first, start = nw.col("first"), nw.col("life_start")
    features = [
        _billing(
            "life_months",
            "months of the present life, the first included",
            "months",
            nw.col(AT) - start + 1,
        ),
        _billing(
            "first_bill_months",
            "months since the first bill in the data",
            "months",
            nw.col(AT) - first + 1,
        ),
        _billing("lives", "lives so far, the present one included", "lives", nw.col("lives")),
        _billing(
            "has_returned",
            "came back after a freeze",
            "yes or no",
            nw.when(nw.col("lives") > 1).then(1).otherwise(0),
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
    return Feature(name, meaning, unit, "", "billing", value)

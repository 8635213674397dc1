"""Whether the 95 % interval of the effect of assignment holds the truth.

Each replicate is an operator of 4,000 customers and its first offer: the discount against control,
on the share of members whose life ended within six months, private customers and companies
together. The truth is the mean of what the discount does to each of them. Beside it the operator
without any effect, whose truth is 0.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from src.data.operator.settings import Settings, null_settings
from src.models.campaigns.effect import adjusted_effects, effects
from src.studies.of_campaigns.operators import members_of

CAMPAIGN, ARM = "offer_1", "discount"
COVARIATES = ["segment", "tenure", "products", "tickets", "term"]
_SMALL = Settings(b2c_customers=3_200, b2b_customers=800, hidden_months=0)


def replicate(seed: int) -> dict[str, float]:
    """Of the operator of this seed: `truth`, and estimates with `.low` and `.high`.

    `plain` is the difference of means, `adjusted` that of the regression with what was known
    before, `null` the adjusted one of the operator without effects; `reduction` is the reached
    reduction of the variance, `members` their number.
    """
    members = _members(replace(_SMALL, seed=seed))
    nothing = _members(null_settings(replace(_SMALL, seed=seed)))
    tables = {
        "plain": effects(members, "lost"),
        "adjusted": adjusted_effects(members, "lost", COVARIATES),
        "null": adjusted_effects(nothing, "lost", COVARIATES),
    }
    told = {
        f"{name}{end}": float(table.iloc[0][column])
        for name, table in tables.items()
        for end, column in (("", "effect"), (".low", "low"), (".high", "high"))
    }
    return {
        **told,
        "truth": float(members["true_effect"].mean()),
        "reduction": float(tables["adjusted"]["variance_reduction"].iloc[0]),
        "members": float(len(members)),
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of replicates whose interval holds the truth: `ate.coverage` (adjusted), 0..1.

    Likewise `ate.plain_coverage` and `ate.null_coverage`; `.bias` and `.plain_bias` (mean errors,
    in points of the share lost), `ate.width` and `ate.plain_width` (mean), `ate.truth`,
    `ate.variance_reduction`, `ate.members` (means) and `ate.replicates`.
    """
    table = pd.DataFrame(rows)
    truths = {"adjusted": table["truth"], "plain": table["truth"], "null": 0.0 * table["truth"]}
    told: dict[str, float] = {}
    for name, kind in (("adjusted", ""), ("plain", "plain_"), ("null", "null_")):
        low, high, truth = table[f"{name}.low"], table[f"{name}.high"], truths[name]
        told[f"ate.{kind}coverage"] = float(((low <= truth) & (truth <= high)).mean())
        told[f"ate.{kind}bias"] = float((table[name] - truth).mean())
        told[f"ate.{kind}width"] = float((high - low).mean())
    return {
        **told,
        "ate.truth": float(table["truth"].mean()),
        "ate.variance_reduction": float(table["reduction"].mean()),
        "ate.members": float(table["members"].mean()),
        "ate.replicates": len(table),
    }


def _members(settings: Settings) -> pd.DataFrame:
    members = members_of(settings, CAMPAIGN)
    return members[members["arm"].isin(["control", ARM])]

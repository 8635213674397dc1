"""Whether the 95 % interval of the half-life of a campaign's effect holds the truth.

Each replicate is an operator of private customers, whose exits are seen in the month in which they
are decided, all of them in both offers, half of them controls: a large test, since a small one
tells no half-life. The truth is ln 2 / -ln fade of the simulator. The effect differs by customer
and hits those less who leave most, which the model does not know of.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from src.data.operator.settings import Settings
from src.models.campaigns.decay import decay_of_hazard, exits_by_month
from src.studies.of_campaigns.operators import MONTHS, members_of

ARM, OFFERS = "discount", ("offer_1", "offer_2")
_LARGE = Settings(
    b2c_customers=16_000, b2b_customers=0, hidden_months=0, campaign_share=1.0, control_share=0.5
)


def replicate(seed: int) -> dict[str, float]:
    """Of the operator of this seed: `half_life`, `low`, `high` (months), `truth`, `is_told`.

    An endless end is -1, since JSON has no such number; `half_life` is 0 where the effect is within
    chance. `exits`: of both arms.
    """
    settings = replace(_LARGE, seed=seed)
    counts = pd.concat(
        [
            exits_by_month(members_of(settings, offer), "left_after", ARM, MONTHS).assign(
                stratum=offer
            )
            for offer in OFFERS
        ]
    )
    found = decay_of_hazard(counts)
    half_life = found.half_life
    return {
        "half_life": _finite(half_life.value) if found.is_told else 0.0,
        "low": half_life.low,
        "high": _finite(half_life.high),
        "truth": float(np.log(2) / -np.log(settings.effects.fade)),
        "is_told": float(found.is_told),
        "exits": float(counts["exits"].sum()),
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of told half-lives whose interval holds the truth: `decay.coverage`, 0..1.

    `decay.told`: the share of replicates that tell one; `decay.endless`: of those, with an endless
    upper end; `decay.median`: the median of told half-lives, months; `decay.truth`, `decay.exits`
    (mean) and `decay.replicates`.
    """
    table = pd.DataFrame(rows)
    ends = table[["half_life", "low", "high"]].replace(-1.0, np.inf)
    is_told = table["is_told"] == 1
    is_inside = (ends["low"] <= table["truth"]) & (table["truth"] <= ends["high"])
    return {
        "decay.coverage": float(is_inside[is_told].mean()),
        "decay.told": float(is_told.mean()),
        "decay.endless": float(np.isinf(ends.loc[is_told, "high"]).mean()),
        "decay.median": float(ends.loc[is_told, "half_life"].median()),
        "decay.truth": float(table["truth"].mean()),
        "decay.exits": float(table["exits"].mean()),
        "decay.replicates": len(table),
    }


def _finite(months: float) -> float:
    return -1.0 if np.isinf(months) else float(months)

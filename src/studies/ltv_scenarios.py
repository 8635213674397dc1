"""How often the 90 % intervals of the LTV gap hold the truth where the operator is harder.

The study `ltv_gap` on each of the named scenarios of `src.data.operator.settings`: pauses that look
like a freeze, a price war after the panel, competitors' offers of which most are not on record. A
regime change is in no interval; the bias says by how much it moves the truth.
"""

from __future__ import annotations

import pandas as pd

from src.data.operator.settings import SCENARIOS
from src.studies import ltv_gap

REPLICATES = 42  # fourteen of each scenario
_PLACE = "scenario"


def replicate(seed: int) -> dict[str, float]:
    """The figures of `ltv_gap.replicate` under the scenario that is the seed's turn.

    `scenario` is its place in `SCENARIOS`.
    """
    place = seed % len(SCENARIOS)
    figures = ltv_gap.replicate(seed, list(SCENARIOS)[place])
    return {_PLACE: float(place), **figures}


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """What `ltv_gap.summarise` says of the replicates of each scenario: `<scenario>.<figure>`."""
    table = pd.DataFrame(rows)
    found: dict[str, float] = {}
    for place, name in enumerate(SCENARIOS):
        own = table[table[_PLACE] == place].drop(columns=_PLACE)
        if len(own):
            summary = ltv_gap.summarise(own.to_dict("records"))
            found |= {f"{name}.{figure}": value for figure, value in summary.items()}
    return found

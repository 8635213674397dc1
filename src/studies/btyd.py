"""Whether intervals of the models of buyers without a contract hold the truth, on simulated buyers.

`of_btyd.recovery`: the 95 % intervals of the parameters of all models. `of_btyd.gap`: the 90 %
intervals of the gap between two groups of buyers, for the first hundred seeds.
"""

from __future__ import annotations

from src.studies.of_btyd import gap, recovery

REPLICATES = 300
_PARTS = (recovery, gap)


def replicate(seed: int) -> dict[str, float]:
    """The figures of all parts of this seed; each part names its own."""
    return {figure: value for part in _PARTS for figure, value in part.replicate(seed).items()}


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """What each part says of its rows; see there."""
    told = {figure: value for part in _PARTS for figure, value in part.summarise(rows).items()}
    return {**told, "replicates": len(rows)}

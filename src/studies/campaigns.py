"""Whether campaigns are told right, on small simulated operators with known effects.

Parts: whether the interval of the effect of assignment holds the truth (`of_campaigns.assigned`);
whether that of the half-life of an effect does (`of_campaigns.fading`); whether uplift is found
where there is none, and how much of what can be earned a chosen policy earns (`of_campaigns.null`).
"""

from __future__ import annotations

from src.studies.of_campaigns import assigned, fading, null

REPLICATES = 200
_PARTS = {"assigned": assigned, "fading": fading, "null": null}


def replicate(seed: int) -> dict[str, float]:
    """The figures of all parts of this seed, each after the name of its part."""
    return {
        f"{name}: {figure}": value
        for name, part in _PARTS.items()
        for figure, value in part.replicate(seed).items()
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """What each part says of its rows; see there."""
    told: dict[str, float] = {}
    for name, part in _PARTS.items():
        of_part = f"{name}: "
        own = [
            {
                figure.removeprefix(of_part): value
                for figure, value in row.items()
                if figure.startswith(of_part)
            }
            for row in rows
        ]
        told |= part.summarise(own)
    return {**told, "replicates": len(rows)}

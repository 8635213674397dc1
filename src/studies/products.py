"""Whether products and the overlap of two bases are told right, on simulated operators.

Three studies in one, each with its own small bases: whether the interval of the effect of a further
product holds the truth, and of none where there is none (`of_products.effect`); whether the product
matrix marks pairs that only share their customers' appetite, and finds planted ones
(`of_products.matrix`); whether the interval of an overlap holds the truth (`of_products.overlap`).
"""

from __future__ import annotations

from src.studies.of_products import effect, matrix, overlap

REPLICATES = 100
_PARTS = {"effect": effect, "matrix": matrix, "overlap": overlap}


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
            {figure.removeprefix(of_part): row[figure] for figure in row if of_part in figure}
            for row in rows
        ]
        told |= {key: value for key, value in part.summarise(own).items() if key != "replicates"}
    return {**told, "replicates": len(rows)}

"""Whether the 95 % intervals of the parameters hold the truth, on simulated buyers of each model.

Each replicate simulates the buyers of every model anew, who came over a year and were watched up to
two years more, and fits the model to them. The true parameters are near those published for the
CD shop, with drop-out seen to happen: nobody can tell s from beta where hardly a life ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from src.models.intervals.numbers import Numbers
from src.models.shop import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from src.models.shop.fitted_model import FittedModel
from src.models.shop.simulated import (
    bg_nbd_buyers,
    mbg_nbd_buyers,
    pareto_nbd_buyers,
    spends,
)

CONFIDENCE = 0.95
_BUYERS, _FIRST_WEEKS, _LAST_WEEKS = 4_000, 104.0, 156.0
TRUE: Mapping[str, Mapping[str, float]] = {
    "bg_nbd": {"r": 0.5, "alpha": 4.4, "a": 0.8, "b": 2.4},
    "mbg_nbd": {"r": 0.5, "alpha": 4.4, "a": 0.8, "b": 2.4},
    "pareto_nbd": {"r": 0.55, "alpha": 6.0, "s": 0.6, "beta": 12.0},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.4},
}


def replicate(seed: int) -> dict[str, float]:
    """`<model>.<parameter>`, with `.low` and `.high`, of the buyers of this seed."""
    rng = np.random.default_rng([seed, 18])
    ages = rng.uniform(_FIRST_WEEKS, _LAST_WEEKS, _BUYERS)
    return {
        f"{name}.{parameter}{end}": float(row[column])
        for name, model in _models(ages, rng)
        for parameter, row in model.intervals(CONFIDENCE).iterrows()
        for end, column in (("", "value"), (".low", "low"), (".high", "high"))
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """`coverage.<model>.<parameter>`, `.min` and `.max` over all, and `bias.<...>`.

    An interval that is missing holds nothing. Bias is the mean of the logarithm of the estimate
    over the truth.
    """
    table = pd.DataFrame(rows)
    truth = {f"{name}.{key}": value for name, of in TRUE.items() for key, value in of.items()}
    covered = {
        key: float(table[f"{key}.low"].le(value).mul(table[f"{key}.high"].ge(value)).mean())
        for key, value in truth.items()
    }
    return {
        "coverage.min": min(covered.values()),
        "coverage.max": max(covered.values()),
        **{f"coverage.{key}": share for key, share in covered.items()},
        **{f"bias.{key}": float(np.log(table[key] / value).mean()) for key, value in truth.items()},
    }


def _models(ages: Numbers, rng: np.random.Generator) -> list[tuple[str, FittedModel]]:
    ways: list[tuple[str, Callable[..., pd.DataFrame], Callable[..., FittedModel]]] = [
        ("bg_nbd", bg_nbd_buyers, bg_nbd.fit),
        ("mbg_nbd", mbg_nbd_buyers, mbg_nbd.fit),
        ("pareto_nbd", pareto_nbd_buyers, pareto_nbd.fit),
    ]
    models = []
    for name, simulate, fit in ways:
        buyers = simulate(**TRUE[name], ages=ages, rng=rng)
        models.append((name, fit(buyers)))
        if name == "bg_nbd":
            spend = spends(**TRUE["gamma_gamma"], frequency=buyers["frequency"], rng=rng)
            models.append(("gamma_gamma", gamma_gamma.fit(buyers.assign(spend=spend))))
    return models

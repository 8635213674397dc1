"""Whether the 90 % intervals of the gap between two groups of buyers hold the truth.

Each replicate is a pair of simulated groups: companies, who buy more, stay longer and spend with a
heavy tail (a spend per purchase of q = 3 has no skewness), and private buyers like those of CDNOW.
An analyst would see frequency, recency, age, money and margins only. The truth is that of all such
buyers: a buyer drawn at random, whose models are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from src.models.gap.shapley import product_bars
from src.models.intervals.numbers import Numbers
from src.models.shop import bg_nbd
from src.models.shop.bg_nbd import BgNbd
from src.models.shop.buyers import patterns_of
from src.models.shop.gamma_gamma import GammaGamma
from src.models.shop.group_value import Fitted, GroupValue
from src.models.shop.groups import BARS, FACTORS, buyer_gap
from src.models.shop.residual import DAYS_PER_MONTH, DISCOUNT, HORIZON, looks
from src.models.shop.simulated import bg_nbd_buyers

PAIRS = 100  # of the first seeds; the other parts of the study go on
CONFIDENCE = 0.90
BUYERS = 500  # of each group
_EVERYBODY = 400_000
_AGES = 26, 53  # weeks, whole ones
_UNIT = 7.0
_ENDS = "", ".low", ".high", ".truth"
_SPREAD = 20.0  # of margin shares: the sum of the parameters of their beta distribution


@dataclass(frozen=True)
class Kind:
    """What the buyers of a group are like: BG/NBD, gamma-gamma, mean margin share."""

    purchases: tuple[float, float, float, float]
    spending: tuple[float, float, float]
    margin_share: float


KINDS = {
    "B2B": Kind((0.6, 8.0, 0.6, 3.0), (4.0, 3.0, 60.0), 0.35),
    "B2C": Kind((0.3, 5.0, 0.8, 2.4), (6.0, 4.0, 20.0), 0.25),
}


def simulated_group(kind: Kind, buyers: int, rng: np.random.Generator) -> pd.DataFrame:
    """Buyers as `src.features.purchases.summaries` tells of them, first seen over half a year."""
    ages = rng.integers(*_AGES, buyers).astype(float)
    group = bg_nbd_buyers(*kind.purchases, ages, rng)
    p, q, v = kind.spending
    repeats, scale = group["frequency"].to_numpy(), rng.gamma(q, 1 / v, buyers)
    first = rng.gamma(p, size=buyers) / scale
    again = np.where(repeats > 0, rng.gamma(p * np.maximum(repeats, 1)) / scale, 0.0)
    share = kind.margin_share
    return group.assign(
        spend=np.where(repeats > 0, again / np.maximum(repeats, 1), np.nan),
        spend_all=(first + again) / (repeats + 1),
        margin_share=rng.beta(_SPREAD * share, _SPREAD * (1 - share), buyers),
    )


def replicate(seed: int) -> dict[str, float]:
    """The bars of the pair of this seed with their ends, gaps of new buyers, ratios, the truth.

    Names are `gap.<factor>`, `gap.new`, `gap.ratio`, each with `.low`, `.high` and `.truth`. Seeds
    above PAIRS have no pair and no figure.
    """
    if seed > PAIRS:
        return {}
    rng = np.random.default_rng(seed)
    groups = {name: simulated_group(kind, BUYERS, rng) for name, kind in KINDS.items()}
    found = buyer_gap(groups, "B2B", bg_nbd.fit, rng, confidence=CONFIDENCE)
    value = found.value.set_index(["figure", "of"])
    figures = {row.factor: (row.bar, row.low, row.high) for row in found.bars.itertuples()}
    figures["new"] = tuple(value.loc[("new_value", "difference")])
    figures["ratio"] = tuple(value.loc[("mean_value", "ratio")])
    truth = true_figures()
    return {
        f"gap.{name}{end}": float(number)
        for name, numbers in figures.items()
        for end, number in zip(_ENDS, (*numbers, truth[name]), strict=True)
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """The share of replicates whose interval holds the truth.

    `gap.coverage`, `gap.coverage.<factor>`, `gap.coverage.new`, `gap.coverage.ratio`,
    `gap.bars.min` and `gap.bars.max` over the bars without the gap, `gap.truth`, `gap.bias` (mean
    error over the truth) and `gap.pairs`.
    """
    table = pd.DataFrame([row for row in rows if "gap.gap" in row])
    covered = {}
    for name in [*BARS, "new", "ratio"]:
        _, low, high, truth = (table[f"gap.{name}{end}"] for end in _ENDS)
        covered[name] = float(((low <= truth) & (truth <= high)).mean())
    bars = [covered[factor] for factor in FACTORS]
    truth = float(table["gap.gap.truth"].iloc[0])
    return {
        "gap.coverage": covered["gap"],
        **{f"gap.coverage.{name}": share for name, share in covered.items() if name != "gap"},
        "gap.bars.min": min(bars),
        "gap.bars.max": max(bars),
        "gap.truth": truth,
        "gap.bias": float(table["gap.gap"].mean() / truth - 1),
        "gap.pairs": len(table),
    }


@lru_cache(maxsize=1)
def true_figures() -> dict[str, float]:
    """The bars, the gap of new buyers and the ratio of all buyers of both kinds.

    Bars are of many simulated buyers whose models are known. The mean value is exact: what a buyer
    who comes today buys between the end of observation and the horizon after it.
    """
    rng = np.random.default_rng(0)
    factors, today, new = [], [], []
    for kind in KINDS.values():
        truth = _known(kind, simulated_group(kind, _EVERYBODY, rng))
        time, rate, spend, _, _, newcomer = truth.means
        model = truth.fitted.model
        ages = np.arange(*_AGES)
        coming = [
            truth.weights
            @ [model.expected_new(age + ahead) - model.expected_new(age) for ahead in truth.ahead]
            for age in ages.tolist()
        ]
        revenue = float(np.mean(coming)) * truth.fitted.spending.population_mean
        share = kind.margin_share
        factors.append([time, rate, spend, share, revenue / (time * rate * spend)])
        today.append(revenue * share)
        new.append(newcomer * share)
    bars = product_bars(*np.array(factors))
    found = dict(zip(FACTORS, bars.tolist(), strict=True)) | {"gap": today[0] - today[1]}
    return found | {"new": float(new[0] - new[1]), "ratio": today[0] / today[1]}


def _known(kind: Kind, buyers: pd.DataFrame) -> GroupValue:
    """The group with the models that it was made by."""
    r, alpha, a, b = kind.purchases
    p, q, v = kind.spending
    # Nothing was estimated.
    model = BgNbd(
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        unit_days=_UNIT,
        buyers=len(buyers),
        log_likelihood=0.0,
        covariance=pd.DataFrame(),
        limit="",
        at_limit=(),
    )
    spending = GammaGamma(
        p=p,
        q=q,
        v=v,
        buyers=len(buyers),
        log_likelihood=0.0,
        covariance=pd.DataFrame(),
        limit="",
        at_limit=(),
    )
    repeats = buyers["frequency"].to_numpy(float)
    months, weights = looks(HORIZON, DISCOUNT)
    each: Numbers = np.ones(len(buyers))
    return GroupValue(
        Fitted(model, spending),
        patterns_of(buyers),
        repeats,
        repeats * buyers["spend"].fillna(0.0).to_numpy(),
        each,
        each,
        months * DAYS_PER_MONTH / _UNIT,
        weights,
    )

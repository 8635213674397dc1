"""Subscribers who buy beside comparable ones who do not: weights, balance, differences.

Buyers are compared with non-buyers weighted so that the means of all they were known by before are
those of the buyers: entropy balancing, weights w = exp(x b) / sum with b such that
sum of w x = mean of x over buyers. The difference is the effect on those who buy, if nobody unseen
tells buyers from others. Sources: Hainmueller 2012, Political Analysis 20(1), 25-46; Zhao and
Percival 2017, Journal of Causal Inference 5(1), for its error and why it is right where either the
weights or a linear outcome are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers

LEAST = 30  # buyers, and as many others
_BALANCED = 0.01  # standard deviations: what is left of a difference, at most
_RARE = 0.005  # a level of fewer than this share of the buyers is no column of its own
_SMALL, _SAME = 1e-8, 1e-6
_STEPS, _FLAT, _SHORTEST = 100, 1e-8, 1e-6  # of the search for weights


@dataclass(frozen=True)
class Comparison:
    """Buyers beside weighted non-buyers.

    `effects`: a row per outcome: `outcome`, `buyers` (their mean), `others` (the mean of all
    others), `alike` (of the weighted ones), the differences `raw` and `matched`, each with `_low`
    and `_high`. `balance`: a row per column: `column`, `buyers` and `others` (means), `before` and
    `after`, the differences in standard deviations of the buyers (of both for yes-or-no columns
    that all buyers share). `effective`: how many non-buyers the weights are worth (Kish).
    """

    effects: pd.DataFrame
    balance: pd.DataFrame
    buyers: int
    others: int
    effective: float


def compare(
    known: pd.DataFrame, is_buyer: pd.Series, outcomes: pd.DataFrame, confidence: float = 0.95
) -> Comparison:
    """The differences of `outcomes` between buyers and comparable others.

    `known`: a row per customer, numbers and texts that were known before anybody bought; a missing
    number is the median and a column that says so, texts become columns of yes and no. `is_buyer`
    and `outcomes` (numbers, or yes and no) have the same rows. The interval of a matched
    difference is that of the residuals of a linear regression among the weighted others, normal;
    with heavy-tailed money and few buyers it is too short.

    Raises `InputError` where there are fewer than `LEAST` of either, or where no weights make them
    alike: then buyers are of a kind that others are not.
    """
    buyers = is_buyer.to_numpy(bool)
    if min(buyers.sum(), (~buyers).sum()) < LEAST:
        raise InputError(
            f"there are {buyers.sum():,} who began to buy and {(~buyers).sum():,} who did not; "
            f"a comparison needs {LEAST} of each"
        )
    columns = as_columns(known, buyers)
    scale = columns[buyers].std(ddof=0)
    scale = scale.where(scale > _SMALL, columns.std(ddof=0))
    scaled = ((columns - columns[buyers].mean()) / scale).to_numpy(float)
    weights = balancing(scaled[~buyers])
    left = np.abs(weights @ scaled[~buyers])
    if not (left <= _BALANCED).all():
        worst = columns.columns[int(np.nanargmax(left))]
        raise InputError(
            "no weights make those who do not buy like those who do; they differ most in "
            f"{worst}: there are too few who are alike"
        )
    rows = [
        _difference(name, values.to_numpy(float), scaled, buyers, weights, confidence)
        for name, values in outcomes.items()
    ]
    balance = pd.DataFrame(
        {
            "column": columns.columns,
            "buyers": columns[buyers].mean().to_numpy(),
            "others": columns[~buyers].mean().to_numpy(),
            "before": -scaled[~buyers].mean(axis=0),
            "after": -(weights @ scaled[~buyers]),
        }
    )
    order = balance["before"].abs().sort_values(ascending=False, kind="stable").index
    return Comparison(
        effects=pd.DataFrame(rows),
        balance=balance.loc[order].reset_index(drop=True),
        buyers=int(buyers.sum()),
        others=int((~buyers).sum()),
        effective=float(1 / (weights**2).sum()),
    )


def as_columns(known: pd.DataFrame, buyers: np.ndarray) -> pd.DataFrame:
    """What is known as columns of numbers; constant ones and copies of others are left out."""
    columns: dict[str, pd.Series] = {}
    for name, values in known.items():
        if pd.api.types.is_numeric_dtype(values):
            numbers = values.astype(float)
            columns[str(name)] = numbers.fillna(numbers.median())
            if numbers.isna().any():
                columns[f"{name} not known"] = numbers.isna().astype(float)
            continue
        texts = values.astype("object").where(values.notna(), "not known").astype(str)
        shares = texts[buyers].value_counts(normalize=True)
        # The last level is known from the others.
        for level in shares.index[shares >= _RARE][:-1]:
            columns[f"{name} {level}"] = (texts == level).astype(float)
    frame = pd.DataFrame(columns, index=known.index)
    frame = frame.loc[:, frame.std(ddof=0) > _SMALL]
    return frame.loc[:, ~_tied(frame.to_numpy(float))]


def balancing(apart: Numbers) -> Numbers:
    """Weights, adding to 1, under which the columns of `apart` have the mean 0.

    `apart`: non-buyers x columns, each less the mean of buyers. Minimises log(sum of exp(x b)) over
    b, whose slope is the weighted mean of x; where 0 lies outside of what the rows span there is no
    minimum, and the means are not 0.

    >>> balancing(np.array([[-1.0], [3.0]])).round(2).tolist()
    [0.75, 0.25]
    """

    def told(b: Numbers) -> tuple[float, Numbers]:
        reach = apart @ b
        top = reach.max()
        raised = np.exp(reach - top)
        return float(np.log(raised.sum()) + top), raised / raised.sum()

    at = np.zeros(apart.shape[1])
    height, weights = told(at)
    for _ in range(_STEPS):
        slope = weights @ apart
        if np.abs(slope).max(initial=0.0) < _FLAT:
            break
        bend = (apart * weights[:, None]).T @ apart - np.outer(slope, slope)
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        part = 1.0
        # Newton's step is too long where the rows hardly reach; half of it then, and again.
        while part > _SHORTEST and told(at - part * step)[0] > height - 0.1 * part * (slope @ step):
            part /= 2
        at = at - part * step
        height, weights = told(at)
    return weights


def _tied(columns: Numbers) -> np.ndarray:
    """Which columns are sums of those before them, by a QR decomposition."""
    if not columns.shape[1]:
        return np.zeros(0, dtype=bool)
    centred = columns - columns.mean(axis=0)
    centred = centred / centred.std(axis=0)
    own = np.abs(np.diag(np.linalg.qr(centred, mode="r")))  # length that none before it has
    tied = np.ones(columns.shape[1], dtype=bool)
    tied[: len(own)] = own < _SAME * np.sqrt(len(columns))
    return tied


def _difference(
    name: object,
    outcome: Numbers,
    scaled: Numbers,
    buyers: np.ndarray,
    weights: Numbers,
    confidence: float,
) -> dict[str, object]:
    z = norm.ppf((1 + confidence) / 2)
    those, others = outcome[buyers], outcome[~buyers]
    raw = those.mean() - others.mean()
    raw_error = z * np.sqrt(those.var(ddof=1) / len(those) + others.var(ddof=1) / len(others))
    alike = float(weights @ others)
    root = np.sqrt(weights)[:, None]
    sides = np.column_stack([np.ones(len(scaled)), scaled])
    line = np.linalg.lstsq(root * sides[~buyers], root[:, 0] * others, rcond=None)[0]
    left = outcome - sides @ line
    variance = left[buyers].var(ddof=1) / len(those) + ((weights * left[~buyers]) ** 2).sum()
    error, matched = z * np.sqrt(variance), those.mean() - alike
    return {
        "outcome": str(name),
        "buyers": float(those.mean()),
        "others": float(others.mean()),
        "alike": alike,
        "raw": float(raw),
        "raw_low": float(raw - raw_error),
        "raw_high": float(raw + raw_error),
        "matched": float(matched),
        "matched_low": float(matched - error),
        "matched_high": float(matched + error),
    }

"""Mean values of two groups with intervals, from replicates of a whole chain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.models.intervals.numbers import Numbers


def mean_ltv_intervals(
    found: pd.DataFrame,
    replicates: pd.DataFrame,
    names: tuple[str, str],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The mean LTV of both groups, their difference and ratio, with intervals.

    `found`: the frame of `gap.gap_bars`; `replicates`: such frames with `replicate`. Returns `of`
    (the names, `difference`, `ratio`), `value`, `low`, `high`: the rows of a mean as in
    `gap.Gap.ltv`, but with the error of the models in them. Basic bootstrap intervals, those of
    money above zero and of the ratio on the logarithmic scale: 2 log(value) - log(replicate). They
    are a little short where a few customers hold the money; see `gap.gap_intervals`.
    """
    here = found.loc[found["factor"] == "gap", ["first", "second"]].to_numpy(float)[0]
    drawn = replicates.loc[replicates["factor"] == "gap", ["first", "second"]].to_numpy(float)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for place, name in enumerate(names):
        rows.append((name, here[place], *_ends(here[place], drawn[:, place], tails)))
    plain = _basic(here[0] - here[1], drawn[:, 0] - drawn[:, 1], tails)
    rows.append(("difference", here[0] - here[1], *plain))
    is_positive = bool((here > 0).all() and (drawn > 0).all())
    ratio = here[0] / here[1] if is_positive else np.nan
    ends = _ends(ratio, drawn[:, 0] / drawn[:, 1], tails) if is_positive else (np.nan, np.nan)
    rows.append(("ratio", ratio, *ends))
    return pd.DataFrame(rows, columns=["of", "value", "low", "high"])


def _ends(value: float, drawn: Numbers, tails: list[float]) -> tuple[float, float]:
    if value > 0 and (drawn > 0).all():
        low, high = _basic(np.log(value), np.log(drawn), tails)
        return float(np.exp(low)), float(np.exp(high))
    return _basic(value, drawn, tails)


def _basic(value: float, drawn: Numbers, tails: list[float]) -> tuple[float, float]:
    low, high = np.quantile(drawn, tails)
    return float(2 * value - high), float(2 * value - low)

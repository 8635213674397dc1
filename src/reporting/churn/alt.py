"""The charts of the churn comparison in words, computed from the frames that are drawn.

Alternative texts for readers who do not see the chart: what is drawn, and the figures that a glance
would take from it. A function has the name of its chart in `churn_charts` or `shap_charts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from src.reporting.page.charts import shortened
from src.reporting.page.prose import (
    count,
    listed,
    percent,
    percent_interval,
    share_words,
    short_money,
)

# A rank correlation from which one can say that high values raise or lower the chance.
_CLEAR = 0.3


def roc(curves: pd.DataFrame, first: Sequence[str]) -> str:
    """ROC curves, read at a tenth of the stayers contacted."""
    read = _read_at(curves, "false_positive_rate", "true_positive_rate", 0.1, first)
    return (
        f"ROC curves of {count(curves['model'].nunique(), 'model')}. Contacting 10% of those who "
        f"stayed in vain finds of the churners: {read}; by chance 10%."
    )


def precision_recall(curves: pd.DataFrame, first: Sequence[str], base_rate: float) -> str:
    """Precision-recall curves, read at half of the churners."""
    read = _read_at(curves, "recall", "precision", 0.5, first)
    return (
        f"Precision by recall of {count(curves['model'].nunique(), 'model')}. On the list that "
        f"finds half of the churners, this share churns: {read}; by chance {percent(base_rate)}."
    )


def gains(curves: pd.DataFrame, first: Sequence[str], base_rate: float) -> str:
    """Cumulative gains, read at a tenth and at three tenths of the customers."""
    tenth, third = (_read_at(curves, "share", "churners_share", at, first) for at in (0.1, 0.3))
    perfect = percent(min(1.0, 0.1 / base_rate), 0)
    return (
        f"Cumulative gains. The first 10% of customers hold of the churners: {tenth} (random 10%, "
        f"perfect {perfect}); the first 30%: {third}."
    )


def calibration(curve: pd.DataFrame) -> str:
    """The calibration curve: its ends, and in how many bins the interval holds what was said."""
    inside = (curve["low"] <= curve["chance"]) & (curve["chance"] <= curve["high"])
    lowest, highest = (
        f"{percent(row['chance'])} said, "
        f"{percent_interval(row['rate'], row['low'], row['high'])} happened"
        for _, row in curve.iloc[[0, -1]].iterrows()
    )
    return (
        f"Calibration curve in {count(len(curve), 'bin')}. Lowest: {lowest}. Highest: {highest}. "
        f"What was said lies in the interval of {inside.sum()} of {len(curve)}."
    )


def profit(curve: pd.DataFrame, depth: float, money: str) -> str:
    """Profit at the planned depth, and of contacting everybody."""
    everybody = f"Contacting everybody: {short_money(curve['profit'].iloc[-1])} {money}."
    if depth == 0:
        return f"Profit by length of the list. It is above zero nowhere. {everybody}"
    at = {name: np.interp(depth, curve["share"], curve[name]) for name in ("profit", "low", "high")}
    return (
        f"Profit by length of the list. The planned top {share_words(depth)}: "
        f"{short_money(at['profit'])} {money} ({short_money(at['low'])} to "
        f"{short_money(at['high'])}). {everybody}"
    )


def orderings(curves: pd.DataFrame, depths: Mapping[str, float], money: str) -> str:
    """Profit of each order of the list at its depth."""
    parts = [
        f"{name} {short_money(float(np.interp(depths[name], curve['share'], curve['profit'])))} "
        f"{money} at the top {share_words(depths[name])}"
        for name, curve in curves.groupby("ordering", sort=False)
    ]
    return f"Profit by length of the list for {count(len(parts), 'order')} of it: {listed(parts)}."


def differences(compared: pd.DataFrame, label: str) -> str:
    """Differences to the best model, and which are in the noise."""
    best = compared.loc[compared["is_best"], "model"].iloc[0]
    others = compared[~compared["is_best"]]
    near = others.loc[others["in_noise"], "model"].tolist()
    parts = [
        f"{row['model']} {row['difference']:+.4f} ({row['difference_low']:+.4f} to "
        f"{row['difference_high']:+.4f})"
        for _, row in others.iterrows()
    ]
    noise = f"In the noise: {listed(near)}." if near else "None is in the noise."
    return f"Differences in {label} to the best, {best}: {listed(parts)}. {noise}"


def over_months(quality: pd.DataFrame, label: str, months: str) -> str:
    """The first and the last month of each group."""
    parts = []
    for group, line in quality.groupby("group", sort=False):
        first, last = (
            f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}) at {row['month']:.0f}"
            for _, row in line.sort_values("month").iloc[[0, -1]].iterrows()
        )
        parts.append(f"{group} from {first} to {last}")
    return f"{label} by {months}: {'; '.join(parts)}."


def importance(importance: pd.DataFrame) -> str:
    """The first columns of a bar chart of importance."""
    parts = [f"{row['column']} {percent(row['share'])}" for _, row in importance.iterrows()]
    return f"Bars of the share of all contributions: {listed(parts)}."


def group_importance(importance: pd.DataFrame) -> str:
    """The three strongest columns of each group."""
    parts = []
    for group, rows in importance.groupby("group", sort=False):
        top = rows.sort_values("share", ascending=False, kind="stable").head(3)
        named = [f"{row['column']} {percent(row['share'])}" for _, row in top.iterrows()]
        parts.append(f"{group}: {listed(named)}")
    return f"Shares of all contributions by group. Strongest for {'; '.join(parts)}."


def swarm(points: pd.DataFrame, unit: str) -> str:
    """How wide the swarms are, and whether high values raise or lower the chance to churn."""
    parts = []
    for column, rows in points.groupby("column", sort=False):
        low, high = rows["contribution"].quantile([0.05, 0.95])
        numbers = rows[rows["kind"] == "number"]
        way = ""
        if len(numbers) and np.ptp(numbers["level"]) > 0 and np.ptp(numbers["contribution"]) > 0:
            related = numbers["level"].corr(numbers["contribution"], method="spearman")
            if abs(related) >= _CLEAR:
                way = f", high values {'raise' if related > 0 else 'lower'} it"
        parts.append(f"{column} {low:+.2f} to {high:+.2f}{way}")
    return (
        "A point per customer and column. Nine tenths of the contributions to the chance to "
        f"churn, in {unit}, lie within: {'; '.join(parts)}."
    )


def dependence(points: pd.DataFrame, column: str, partner: str | None, unit: str) -> str:
    """Mean contributions at low and high numbers, or at the commonest levels."""
    values, added = points["value"], points["contribution"]
    if pd.api.types.is_numeric_dtype(values):
        cuts = values.quantile([1 / 3, 2 / 3])
        low, high = added[values <= cuts.iloc[0]].mean(), added[values >= cuts.iloc[1]].mean()
        parts = [f"{low:+.2f} in the lowest third", f"{high:+.2f} in the highest"]
    else:
        levels = values.astype("object").value_counts().head(4).index
        parts = [f"{added[values == level].mean():+.2f} for {shortened(level)}" for level in levels]
    if values.isna().any():
        parts.append(f"{added[values.isna()].mean():+.2f} where it is unknown")
    colour = f", coloured by {partner}, which acts with it most" if partner else ""
    return f"Contributions of {column}, {unit}{colour}. Means: {listed(parts)}."


def stability(ranks: pd.DataFrame, top: int) -> str:
    """Mean ranks with their intervals, and how often in the top."""
    parts = [
        f"{row['column']} {row['mean_rank']:.1f} ({row['low']:.0f} to {row['high']:.0f}), in the "
        f"top {top} in {row['top_share']:.0%}"
        for _, row in ranks.iterrows()
    ]
    return f"Ranks over resamples, mean and interval: {'; '.join(parts)}."


def _read_at(curves: pd.DataFrame, x: str, y: str, at: float, first: Sequence[str]) -> str:
    parts = []
    for name in first:
        curve = curves[curves["model"] == name].dropna(subset=[x, y])
        parts.append(f"{name} {percent(float(np.interp(at, curve[x], curve[y])))}")
    return listed(parts)

"""What Kaplan-Meier curves say, in words and metrics, from computed frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from src.reporting.exploration.sentences import Words
from src.reporting.page.prose import listed, percent_interval
from src.reporting.page.results import metric_name

_SHORT = 0.1  # of the longest curve: shorter ones are in no comparison


def curve_sentence(curves: pd.DataFrame, median: float, words: Words) -> str:
    """Where one Kaplan-Meier curve ends, and its `median`, missing where it is not reached."""
    end = curves.iloc[-1]
    share = percent_interval(*_share(end, words))
    text = f"{_after(end['time'], words)}, {share} {words.share}"
    if pd.isna(median):
        return f"{text}; the median is not reached."
    one = words.unit.removesuffix("s")
    by = f"by {_times(median, words)}" if round(median) else f"within the first {one}"
    return f"{text}; half of them {by}."


def comparable(curves: pd.DataFrame) -> pd.DataFrame:
    """The curves of groups that can be compared: not those watched for a tenth of the longest.

    Reads `group`, `time`. No rows where that leaves one group, or less than a unit of time.
    """
    ends = curves.groupby("group", sort=False)["time"].max()
    long = ends[ends >= max(1.0, _SHORT * ends.max())]
    return curves[curves["group"].isin(long.index if len(long) > 1 else [])]


def split_sentence(curves: pd.DataFrame, attribute: str, words: Words) -> str:
    """The groups furthest apart at the last full time that every group was watched."""
    time = np.floor(curves.groupby("group")["time"].max().min())
    seen = curves[curves["time"] <= time].groupby("group", sort=False).last()
    low, high = seen.loc[seen["survival"].idxmin()], seen.loc[seen["survival"].idxmax()]
    if not words.ends_are_losses:
        low, high = high, low
    first = f"{_after(time, words)}, {percent_interval(*_share(high, words))} {words.share}"
    if low["survival"] == high["survival"]:
        return f"{first} whatever the {attribute}."
    return (
        f"{first} with {attribute} “{high.name}”, {percent_interval(*_share(low, words))} "
        f"with “{low.name}”."
    )


def not_compared_sentence(attribute: str) -> str:
    """Why no curves by an attribute are drawn."""
    return f"By {attribute} too few are watched for long to compare them."


def shares(marks: pd.DataFrame, words: Words) -> pd.Series:
    """Rows with `survival`, `low`, `high` as text: the share that stayed, or that had the event."""
    texts = [percent_interval(*_share(row, words)) for _, row in marks.iterrows()]
    return pd.Series(texts, marks.index, dtype="object")


def growing_sentence(names: Sequence[str]) -> str:
    """By which attributes no curve is drawn, and why."""
    return (
        f"No curves by {listed(list(names))}: what grows with the time as a customer is high for "
        "who stayed long, whatever keeps them."
    )


def curve_metrics(marks: pd.DataFrame) -> dict[str, Any]:
    """Survival at the marked times, as `km.<group>.<time>`."""
    return {
        f"km.{metric_name(row['group'])}.{row['time']:.0f}": row["survival"]
        for _, row in marks.iterrows()
    }


def _share(row: pd.Series, words: Words) -> tuple[float, float, float]:
    survival, low, high = float(row["survival"]), float(row["low"]), float(row["high"])
    return (survival, low, high) if words.ends_are_losses else (1 - survival, 1 - high, 1 - low)


def _after(time: float, words: Words) -> str:
    """Such as `After 12 weeks`; less than one is no time to be after."""
    if time < 1:
        return f"Within the first {words.unit.removesuffix('s')}"
    return f"After {_times(np.floor(time), words)}"


def _times(number: float, words: Words) -> str:
    one = words.unit.removesuffix("s")
    return f"{number:.0f} {one if round(number) == 1 else words.unit}"

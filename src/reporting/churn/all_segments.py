"""Tables, sentences and metrics of one churn model for all segments, from computed frames."""

from __future__ import annotations

import pandas as pd

from src.reporting.churn.sentences import comparison_table, interval
from src.reporting.page.prose import listed
from src.reporting.page.results import metric_name


def segments_table(found: pd.DataFrame) -> pd.DataFrame:
    """The frame of `figures_by_segment` with a row per segment and model, figures as text.

    Returns `segment`, `model`, `customers`, `churners` and a text per metric.
    """
    parts = []
    for segment, rows in found.groupby("segment", sort=False):
        table = comparison_table(rows)
        table.insert(0, "segment", segment)
        parts.append(
            table.assign(customers=rows["customers"].iloc[0], churners=rows["churners"].iloc[0])
        )
    return pd.concat(parts, ignore_index=True)


def segments_sentence(found: pd.DataFrame, segment: str) -> str:
    """How one model for all does overall and in each segment, and against the segment's own."""
    area = found[(found["metric"] == "auc") & (found["model"] == "one for all")]
    parts = [
        f"{interval(row, 3)} {'over all' if row['segment'] == 'all' else 'in ' + row['segment']}"
        for _, row in area.iterrows()
    ]
    text = f"The AUC of one model for all is {listed(parts)}"
    losses = found[(found["segment"] == segment) & (found["metric"] == "log_loss")]
    other = losses[~losses["is_best"]]
    if other.empty:
        return f"{text}."
    row, better = other.iloc[0], losses.loc[losses["is_best"], "model"].iloc[0]
    name = {"own": f"the model of {segment} alone"}
    gap = f"{row['difference']:.4f} ({row['difference_low']:+.4f} to {row['difference_high']:+.4f})"
    noise = ", within the noise" if row["in_noise"] else ""
    return (
        f"{text}. In {segment} {name.get(better, 'the model for all')} has the lower log loss, by "
        f"{gap}{noise}."
    )


def segment_metrics(found: pd.DataFrame) -> dict[str, float]:
    """`segment.<name>.<metric>` of one model for all, `all` among the names."""
    shared = found[found["model"] == "one for all"]
    return {
        f"segment.{metric_name(str(row.segment))}.{row.metric}": row.value
        for row in shared.itertuples()
    }

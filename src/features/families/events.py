"""Events: tickets, incidents, prices, offers of others, and the answers to the NPS question."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, PAIR, Family, Feature, as_name
from src.features.known import DAYS, NUMBER

NPS = "nps"


def events(rows: nw.LazyFrame, kinds: dict[str, bool]) -> Family:
    """Features of `events` as known at each snapshot.

    `kinds` maps each kind to whether its events carry a value. Kind `nps` is an answer from 0 to
    10; of other kinds with a value the values are summed. No event is a count of 0 and missing
    days: the base records events, so that none on record is none. All of twelve months.
    """
    days, value, number, now = nw.col(DAYS), nw.col("value"), nw.col(NUMBER), nw.col(AT)
    aggregates = [number.max().alias("events_latest")]
    features: list[Feature] = []
    for kind, has_value in kinds.items():
        name, raw = as_name(kind), f"events_{as_name(kind)}"
        is_kind = nw.col("kind") == kind
        aggregates += [
            nw.when(is_kind, number > now - 3).then(1).count().alias(f"{raw}_3"),
            nw.when(is_kind).then(1).count().alias(f"{raw}_12"),
            nw.when(is_kind).then(days).min().alias(f"{raw}_days"),
        ]
        features += [
            _feature(
                f"{name}_count_12m",
                f"{kind}: events",
                "events",
                12,
                nw.col(f"{raw}_12").fill_null(0),
            ),
            _feature(
                f"{name}_days_since",
                f"{kind}: days since the last one",
                "days",
                12,
                nw.col(f"{raw}_days"),
            ),
        ]
        if kind == NPS:
            aggregates.append(nw.when(is_kind).then(value).mean().alias(f"{raw}_mean"))
            features += [
                _feature(
                    "nps_last", "last answer", "points 0 to 10", 12, nw.col("events_nps_answer")
                ),
                _feature(
                    "nps_mean_12m", "answers, mean", "points 0 to 10", 12, nw.col(f"{raw}_mean")
                ),
            ]
            continue
        features.append(
            _feature(
                f"{name}_count_3m", f"{kind}: events", "events", 3, nw.col(f"{raw}_3").fill_null(0)
            )
        )
        if has_value:
            aggregates.append(nw.when(is_kind).then(value).sum().alias(f"{raw}_sum"))
            features.append(
                _feature(
                    f"{name}_sum_12m",
                    f"{kind}: sum of values",
                    "value",
                    12,
                    nw.col(f"{raw}_sum").fill_null(0.0),
                )
            )
    joined = rows.group_by(*PAIR).agg(*aggregates)
    if NPS in kinds:
        joined = joined.join(_last_answers(rows), on=list(PAIR), how="left")
    return Family(tuple(features), joined, "events_latest")


def _last_answers(rows: nw.LazyFrame) -> nw.LazyFrame:
    answers = rows.filter(nw.col("kind") == NPS, ~nw.col("value").is_null())
    last = answers.group_by(*PAIR).agg(nw.col(DAYS).min().alias("events_nps_latest"))
    answers = answers.join(last, on=list(PAIR), how="inner")
    answers = answers.filter(nw.col(DAYS) == nw.col("events_nps_latest"))
    return answers.group_by(*PAIR).agg(nw.col("value").mean().alias("events_nps_answer"))


def _feature(name: str, meaning: str, unit: str, months: int, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, f"{months} months", "events", value)

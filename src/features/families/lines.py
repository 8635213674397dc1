"""Lines: how many an account has, how that moves, and who uses them."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import AT, PAIR, Family, Feature
from src.features.known import NUMBER
from src.features.windows import divided


def lines(rows: nw.LazyFrame) -> Family:
    """Features of `lines` as known at each snapshot.

    A line counts in a month when it began by then and has not ended before it.
    """
    has_role = "user_role" in rows.collect_schema()
    start, end, now = nw.col(NUMBER), nw.col("end"), nw.col(AT)

    def running(lag: int) -> nw.Expr:
        return (start <= now - lag) & (end.is_null() | (end >= now - lag))

    counts = {
        "now": running(0),
        "ago_3": running(3),
        "ago_12": running(12),
        "opened": start > now - 12,
        "ended": end >= now - 12,
    }
    if has_role:
        counts["known_role"] = running(0) & ~nw.col("user_role").is_null()
        counts["end_user"] = running(0) & (nw.col("user_role") == "end_user")
    joined = rows.group_by(*PAIR).agg(
        *(nw.when(holds).then(1).count().alias(f"lines_{name}") for name, holds in counts.items()),
        start.max().alias("lines_latest"),
    )
    count = {name: nw.col(f"lines_{name}").fill_null(0) for name in counts}
    features = [
        _feature("lines", "lines running", "lines", "", count["now"]),
        _feature(
            "lines_change_3m", "change of lines", "lines", "3 months", count["now"] - count["ago_3"]
        ),
        _feature(
            "lines_change_12m",
            "change of lines",
            "lines",
            "12 months",
            count["now"] - count["ago_12"],
        ),
        _feature("lines_opened_12m", "lines opened", "lines", "12 months", count["opened"]),
        _feature("lines_ended_12m", "lines ended", "lines", "12 months", count["ended"]),
    ]
    if has_role:
        features.append(
            _feature(
                "end_user_share",
                "share of lines that end users have",
                "share",
                "",
                divided(count["end_user"], count["known_role"]),
            )
        )
    return Family(tuple(features), joined, "lines_latest")


def _feature(name: str, meaning: str, unit: str, window: str, value: nw.Expr) -> Feature:
    return Feature(name, meaning, unit, window, "lines", value)

"""Usage: how much of each measure a customer uses, and how that moves."""

from __future__ import annotations

import narwhals as nw

from src.features.catalogue import Family, Feature, as_name
from src.features.months import Month, number_of
from src.features.windows import divided, levels, over_window

_RATIOS = ((1, 3), (1, 12), (3, 6), (3, 12))


def usage(table: nw.LazyFrame, measures: list[str], snapshots: tuple[Month, ...]) -> Family:
    """Features of every measure of the table usage.

    A month without a row, and an empty cell, are not known: they are skipped, not zero.
    """

    def aggregates(at: Month) -> dict[str, nw.Expr]:
        found = {"usage_latest": number_of(nw.col("month").max())}
        for measure in measures:
            found |= levels(at, f"usage_{as_name(measure)}", nw.col(measure))
        return found

    joined = over_window(table, snapshots, aggregates)
    features = [feature for measure in measures for feature in _of_measure(measure)]
    return Family(tuple(features), joined, "usage_latest")


def _of_measure(measure: str) -> list[Feature]:
    name = as_name(measure)
    mean = {months: nw.col(f"usage_{name}_mean_{months}") for months in (1, 3, 6, 12)}
    peak, spread = nw.col(f"usage_{name}_peak"), nw.col(f"usage_{name}_spread")
    found = [(f"mean_{n}m", f"{measure} a month", f"{measure} a month", n, mean[n]) for n in mean]
    found += [
        (f"ratio_{a}_{b}", f"{measure}, {a} over {b} months", "ratio", b, divided(mean[a], mean[b]))
        for a, b in _RATIOS
    ]
    found += [
        (
            f"share_of_peak_{n}m",
            f"{measure}, mean of {n} months over the best of 12",
            "share",
            12,
            divided(mean[n], peak),
        )
        for n in (1, 3)
    ]
    found.append(
        (
            "variation_12m",
            f"{measure}, spread of the months over the mean",
            "ratio",
            12,
            divided(spread, mean[12]),
        )
    )
    return [
        Feature(
            f"{name}_{which}",
            meaning,
            unit,
            "1 month" if months == 1 else f"{months} months",
            "usage",
            value,
        )
        for which, meaning, unit, months, value in found
    ]

"""Tiers of maturity: fit of products, support, growth and value of each, and whether they rise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import binom

from src.data.problems import InputError
from src.models.intervals.numbers import Numbers, check_columns
from src.models.intervals.proportions import Estimate
from src.models.intervals.ratios import ratio_of_means
from src.models.intervals.studentised import Means, drawn
from src.models.segments.tier_rules import Rule

FEW = 10  # customers of a tier with figures


def tier_table(
    customers: pd.DataFrame, sums: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """What the customers of each tier are like, a row per tier, also those without customers.

    `customers`: `customer_id`, `tier` (ordered categories). `sums`: indexed by `customer_id`, each
    where it is known:

    - `fitting` (products held of those that its tier and the tiers below show), `fitting_most` (how
      many these are): `fit` is the share that is held on average
    - `products` (held): `products`, the mean
    - `tickets` and `years` on the books: `tickets`, a customer and year
    - `lines`, with the former: `tickets_line`, a line and year
    - `now` and `before`, revenue of the last quarter and of the same quarter a year before, of
      customers there both times, else missing: `growth`, the change of their sum
    - `value` (money a year): `value`, the median

    Returns `tier`, `customers`, `share` and for each figure `<figure>`, `<figure>_low`,
    `<figure>_high`. Intervals of ratios by the delta method, too close for heavy-tailed money of
    few customers; those of the median from the ranks of a sample, whatever its distribution
    (Hahn and Meeker 1991). Tiers of fewer than `FEW` customers have counts only.
    """
    check_columns(customers, ["customer_id", "tier"])
    rows = sums.reindex(customers["customer_id"])
    table = []
    for tier in customers["tier"].cat.categories:
        own = rows[(customers["tier"] == tier).to_numpy()]
        row: dict[str, object] = {
            "tier": tier,
            "customers": len(own),
            "share": len(own) / len(rows),
        }
        for name, figure in _figures(own, confidence).items():
            shown = figure if len(own) >= FEW else Estimate(np.nan, np.nan, np.nan)
            row |= {name: shown.value, f"{name}_low": shown.low, f"{name}_high": shown.high}
        table.append(row)
    return pd.DataFrame(table)


def tier_steps(
    customers: pd.DataFrame,
    value: pd.Series,
    rng: np.random.Generator,
    replicates: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Mean value of each tier and how far it is above the tier below, with bootstrap-t intervals.

    `customers`: `customer_id`, `tier`; `value` (money a year) by `customer_id`. Returns a row per
    pair of tiers that follow each other and have `FEW` customers each: `lower`, `upper`,
    `lower_mean`, `upper_mean`, each with `_low` and `_high`, and `step`, `low`, `high`.
    """
    worth = customers["customer_id"].map(value).to_numpy(float)
    known = np.isfinite(worth)
    groups = {
        str(tier): worth[known & (customers["tier"] == tier).to_numpy()]
        for tier in customers["tier"].cat.categories
    }
    large = [tier for tier, values in groups.items() if len(values) >= FEW]
    rows = []
    for lower, upper in pairwise(large):
        found = drawn(
            _means_and_step,
            Means(groups[lower][:, None]),
            Means(groups[upper][:, None]),
            (rng.spawn(1)[0], rng.spawn(1)[0]),
            replicates,
        )
        lows, highs = found.ends(confidence)
        row: dict[str, object] = {"lower": lower, "upper": upper}
        for place, name in enumerate(("lower_mean", "upper_mean", "step")):
            ends = ("low", "high") if name == "step" else (f"{name}_low", f"{name}_high")
            row |= {name: found.value[place], ends[0]: lows[place], ends[1]: highs[place]}
        rows.append(row)
    return pd.DataFrame(rows)


def verdict(steps: pd.DataFrame) -> str:
    """Whether the value rises from tier to tier: `supported`, `not supported` or `undecided`.

    `steps` from `tier_steps`. Supported where every step is above 0 with its whole interval: since
    all of them must be, no correction for several tests is needed (Berger 1982). Not supported
    where one is below 0 with its whole interval.

    >>> verdict(pd.DataFrame({"low": [2.0, -1.0], "high": [5.0, 3.0]}))
    'undecided'
    """
    if steps.empty:
        return "undecided"
    if (steps["low"] > 0).all():
        return "supported"
    return "not supported" if (steps["high"] < 0).any() else "undecided"


def fitting(tiers: pd.Series, held: pd.DataFrame, rules: tuple[Rule, ...]) -> pd.DataFrame:
    """Products held of those that a tier and the tiers below show, and how many these are.

    `tiers` by `customer_id`; `held`: `customer_id`, `product`. Only products that somebody holds
    count. Returns `products` (all held), `fitting`, `fitting_most`, indexed by `customer_id`.
    """
    once = held[["customer_id", "product"]].drop_duplicates()
    once = once[once["customer_id"].isin(tiers.index)]
    place = {product: at for at, rule in enumerate(rules) for product in rule.products}
    codes = pd.Series(tiers.cat.codes.to_numpy(), tiers.index)
    shown = pd.Series({name: place[name] for name in once["product"].unique() if name in place})
    most = np.array([(shown <= at).sum() for at in range(len(rules))], dtype=float)
    fits = once["product"].map(place) <= once["customer_id"].map(codes)
    number = once.groupby("customer_id").size()
    found = pd.DataFrame(index=tiers.index)
    found["products"] = number.reindex(tiers.index).fillna(0.0).astype(float)
    fit = fits.groupby(once["customer_id"]).sum()
    found["fitting"] = fit.reindex(tiers.index).fillna(0.0).astype(float)
    found["fitting_most"] = most[codes.to_numpy()]
    return found


def _figures(own: pd.DataFrame, confidence: float) -> dict[str, Estimate]:
    found = {}
    ones = np.ones(len(own))
    if "fitting" in own:
        found["fit"] = _ratio(own["fitting"], own["fitting_most"], confidence)
        found["products"] = _ratio(own["products"], ones, confidence)
    if "tickets" in own:
        found["tickets"] = _ratio(own["tickets"], own["years"], confidence)
    if {"tickets", "lines"} <= set(own):
        found["tickets_line"] = _ratio(own["tickets"], own["years"] * own["lines"], confidence)
    if "now" in own:
        both = own.dropna(subset=["now", "before"])
        grown = _ratio(both["now"], both["before"], confidence)
        found["growth"] = Estimate(grown.value - 1, grown.low - 1, grown.high - 1)
    found["value"] = median(own["value"].dropna().to_numpy(float), confidence)
    return found


def _ratio(above: pd.Series, below: pd.Series | Numbers, confidence: float) -> Estimate:
    under = np.asarray(below, dtype=float)
    if not len(under) or not under.mean() > 0:
        return Estimate(np.nan, np.nan, np.nan)
    return ratio_of_means(above.to_numpy(float), under, confidence)


def median(values: Numbers, confidence: float = 0.95) -> Estimate:
    """The median with its interval: two of the values, by their ranks, whatever the distribution.

    Of fewer than six values there is no interval of 95 %; its ends are missing. Source: Hahn and
    Meeker 1991, section 5.2.

    >>> found = median(np.arange(1.0, 101.0))
    >>> found.value, found.low, found.high
    (50.5, 40.0, 61.0)
    """
    if not len(values):
        raise InputError("there is no value to take the median of")
    ordered, number = np.sort(values), len(values)
    rank = int(binom.ppf((1 - confidence) / 2, number, 0.5))
    if rank < 1:
        return Estimate(float(np.median(ordered)), np.nan, np.nan)
    return Estimate(float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[-rank]))


def _means_and_step(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    lower, upper = first[..., 0], second[..., 0]
    return np.stack([lower, upper, upper - lower], axis=-1)

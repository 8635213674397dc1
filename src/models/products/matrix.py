"""The product matrix: what those take next who hold a product, against comparable customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import binom, gamma, norm
from statsmodels.stats.multitest import multipletests

from src.models.products.counting import Counts

COLUMNS = (
    *("held", "next", "takers", "share", "months", "confidence", "expected", "lift"),
    *("shrunk", "low", "high", "row_first", "column_first", "first_expected"),
    *("p_more", "p_order", "p_value", "is_shown", "is_marked"),
)


def matrix(
    counts: Counts,
    *,
    ahead: int = 6,
    floor: int = 30,
    false_discovery: float = 0.05,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """A row per product held and other product that can be taken next: COLUMNS.

    `counts` of `src.models.products.counting.counted`, one segment. `takers` took the column while
    they held the row, `share` of all takings; `months` at risk: the row held, the column not;
    `confidence`, the chance to take the column within `ahead` months at that pace,
    1 - exp(-ahead x takers / months). `expected` takers if holders of the row took the column as
    all who do not hold it, at equal tenure and time: sum over strata of months x takings / months
    at risk. `lift` is takers over expected; `shrunk`, `low`, `high` of `shrunk_lifts`.

    A cell is `is_marked` when two things are beyond chance at the false discovery rate (Benjamini
    and Hochberg 1995) over the cells shown: holders take more than expected (`p_more`, one-sided
    score test of Mantel and Haenszel, conditional on takings per stratum), and of those who took
    both while watched more took the row first than would if the dates of the one said nothing of
    the dates of the other (`p_order`; `row_first`, `column_first`, `first_expected`). Both are
    needed, so the larger p-value counts (Berger 1982): people who like everything take both sooner
    than others, but in no order. A row that is never taken, such as a tariff, has no order: its
    cells are judged by `p_more` alone, and for false discoveries apart from those of products.

    `is_shown` is False below `floor` takers: such a cell is blank. What it cannot tell: a third
    thing that brings first the one and then the other; pairs taken in one month; and a product that
    follows another only after a third, once the dates alone keep them apart.
    Source of the order: sequence symmetry, Hallas 1996, Epidemiology 7; here its null comes from
    the dates of those who took both, so that people of different pace are compared with their like.
    """
    at_risk = np.where(counts.at_risk > 0, counts.at_risk, np.nan)[:, None, :]
    part = np.nan_to_num(counts.at_risk_with / at_risk)
    events = counts.taken[:, None, :]
    expected = (part * events).sum(axis=0)
    spread = np.sqrt((np.clip(part * (1 - part), 0, None) * events).sum(axis=0))
    takers, months = counts.taken_with.sum(axis=0), counts.at_risk_with.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        p_more = norm.sf((takers - expected - 0.5) / spread)
        pace = takers / months
        lift = takers / expected
    p_more = np.where(spread > 0, p_more, 1.0)
    row_first, first_expected, p_order = _order(counts)

    size = len(counts.products)
    row, column = np.nonzero(~np.eye(size, dtype=bool) & counts.is_offered[None, :])
    names = np.array(counts.products, dtype=object)
    table = pd.DataFrame(
        {
            "held": names[row],
            "next": names[column],
            "takers": takers[row, column].astype("int64"),
            "share": takers[row, column] / max(counts.taken.sum(), 1),
            "months": months[row, column].astype("int64"),
            "confidence": -np.expm1(-ahead * pace[row, column]),
            "expected": expected[row, column],
            "lift": lift[row, column],
        }
    )
    table[["shrunk", "low", "high"]] = shrunk_lifts(table, confidence).to_numpy()
    table["row_first"] = row_first[row, column].astype("int64")
    table["column_first"] = row_first[column, row].astype("int64")
    table["first_expected"] = first_expected[row, column]
    table["p_more"], table["p_order"] = p_more[row, column], p_order[row, column]
    has_order = counts.is_offered[row]
    both = np.maximum(table["p_more"], table["p_order"])
    table["p_value"] = np.where(has_order, both, table["p_more"])
    table["is_shown"] = table["takers"] >= floor
    table["is_marked"] = False
    # Apart: many true pairs of products would let tariffs pass by luck.
    for family in (has_order, ~has_order):
        shown = table.index[family & table["is_shown"]]
        if len(shown):
            test = multipletests(table.loc[shown, "p_value"], false_discovery, method="fdr_bh")
            table.loc[shown, "is_marked"] = test[0]
    return table[list(COLUMNS)]


def shrunk_lifts(cells: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Lifts drawn to what lifts of this matrix are like: `shrunk`, `low`, `high`.

    Reads `takers` and `expected`. Takers are Poisson with mean lift x expected, lifts come from a
    gamma distribution whose two numbers make the takers of all cells most likely; the lift of a
    cell is its mean given the takers, between quantiles. Cells with few expected takers move most.
    Missing where nothing is expected. One gamma, where DuMouchel has a mixture of two: with a few
    hundred cells two more numbers are not to be had.
    Source: DuMouchel 1999, The American Statistician 53, equations 4 to 9.

    >>> cells = pd.DataFrame({"takers": [30, 2, 0], "expected": [10.0, 1.0, 9.0]})
    >>> shrunk_lifts(cells)["shrunk"].round(1).tolist()
    [3.0, 1.9, 0.0]
    """
    takers, expected = cells["takers"].to_numpy(float), cells["expected"].to_numpy(float)
    use = expected > 0
    found = np.full((len(cells), 3), np.nan)
    if use.any():
        shape, rate = _prior(takers[use], expected[use])
        shapes, scales = shape + takers[use], 1 / (rate + expected[use])
        tail = (1 - confidence) / 2
        found[use, 0] = shapes * scales
        found[use, 1] = gamma.ppf(tail, shapes, scale=scales)
        found[use, 2] = gamma.ppf(1 - tail, shapes, scale=scales)
    return pd.DataFrame(found, cells.index, ["shrunk", "low", "high"])


def _prior(takers: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Shape and rate of the gamma distribution of lifts under which the takers are most likely."""

    def unlikely(logs: np.ndarray) -> float:
        shape, rate = np.exp(logs)
        # Negative binomial; the part without the two numbers is left out.
        likely = gammaln(shape + takers) - gammaln(shape) + shape * np.log(rate)
        likely = likely - (shape + takers) * np.log(rate + expected)
        return -float(likely.sum())

    best = minimize(unlikely, np.zeros(2), method="L-BFGS-B", bounds=[(-3, 7), (-3, 7)])
    shape, rate = np.exp(best.x)
    return float(shape), float(rate)


def _order(counts: Counts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(row, column) each: took the row first, expected share that does, chance of so many."""
    of_row, of_column = counts.when_both, counts.when_both.swapaxes(1, 2)
    sooner = np.cumsum(of_row, axis=3) - of_row  # takings in earlier months
    earlier = (sooner * of_column).sum(axis=3)
    later = earlier.swapaxes(1, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = earlier / (earlier + later)
    row_first = counts.before.sum(axis=0)
    both = counts.before + counts.before.swapaxes(1, 2)
    number = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(both * chance, axis=0) / number
    # Cohorts differ in their chance; one chance for all has a spread that is no smaller.
    tail = binom.sf(row_first - 1, number, np.nan_to_num(mean, nan=1.0))
    return row_first, mean, np.where(number > 0, tail, 1.0)

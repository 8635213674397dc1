"""The plan of a quarter: who is offered which product in focus, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.features.standing import Standing
from src.models.intervals.proportions import Estimate
from src.models.products.offers import Worth, best_offers

TOTAL = "all"


@dataclass(frozen=True, eq=False)
class Plan:
    """Offers of products in focus, one per customer, over some months.

    `offers`: the frame of `best_offers`, those that are expected to bring most first; `table`: per
    `segment` and `product` `customers` offered it, expected `takers` and `worth`, each with `_low`
    and `_high`, `all` last; `popular`: what the same customers bring who are all offered the most
    popular product that they do not hold; `gain`: the plan less that.
    """

    months: int
    offers: pd.DataFrame
    table: pd.DataFrame
    worth: Estimate
    popular: Estimate
    gain: Estimate

    def __repr__(self) -> str:
        return f"Plan: {len(self.offers):,} offers over {self.months} months"


def within(chances: np.ndarray, ahead: int, months: int) -> np.ndarray:
    """Chances within `months` from chances within `ahead`, at an even pace.

    >>> within(np.array([0.19]), 6, 3).round(2).tolist()
    [0.1]
    """
    return np.asarray(1 - (1 - chances) ** (months / ahead))


def drift(calibration: pd.DataFrame) -> float:
    """How far the takers of products move from what is expected, beyond luck: a log ratio.

    Reads `expected` and `takers`: the standard deviation between products of their log ratio, less
    what counts alone would give (1 / takers), 0 at least; products weigh by their takers.
    """
    seen = calibration[(calibration["takers"] > 0) & (calibration["expected"] > 0)]
    if seen.empty:
        return 0.0
    takers = seen["takers"].to_numpy(float)
    ratio = np.log(takers / seen["expected"].to_numpy(float))
    return float(np.sqrt(max(np.average(ratio**2 - 1 / takers, weights=takers), 0)))


def focus_of(offers: pd.DataFrame, number: int = 3) -> list[str]:
    """The products whose offers are expected to bring most together, so many of each segment.

    Reads `segment`, `product`, `expected` of `best_offers`.
    """
    total = offers.groupby(["segment", "product"])["expected"].sum()
    best = total.groupby(level="segment").nlargest(number)
    return list(dict.fromkeys(map(str, best.index.get_level_values("product"))))


def plan_of(
    now: Standing,
    chances: np.ndarray,
    worth: Worth,
    popular: np.ndarray,
    calibration: pd.DataFrame,
    rng: np.random.Generator,
    *,
    focus: Sequence[str],
    months: int = 3,
    confidence: float = 0.95,
) -> Plan:
    """One offer per customer among the products in `focus`: the one that is expected to bring most.

    `chances`: (customers, products) within `months`; `popular`: (customers, products), how popular
    each is with the customer's segment; `calibration` of
    `src.models.products.hits`. The interval of the worth draws margins and months kept as `worth`
    has them, and the level of takers of each product: its count in the back-test, and the drift
    between then and what was expected. It does not hold the luck of who takes in these months.

    Takers are those expected to take by themselves, as customers did: what an offer adds to that is
    known only from a campaign with controls. Customers without a positive offer are in no sum.
    """
    offers = best_offers(now, chances, worth, confidence=confidence, among=focus)
    # The most popular product that a customer does not hold, to the same customers.
    score = np.nan_to_num(popular[offers["customer"]], nan=-np.inf)
    score[now.holds[offers["customer"]]] = -np.inf
    other = pd.DataFrame(
        {
            "segment": offers["segment"],
            "place": score.argmax(axis=1),
            "revenue": now.customers["revenue"].to_numpy(float)[offers["customer"]],
        }
    )
    other["chance"] = np.nan_to_num(chances[offers["customer"], other["place"]])
    own = other.assign(place=offers["place"].to_numpy(), chance=offers["chance"].to_numpy())
    levels = _levels(worth, calibration, rng)
    of_own, takers = _drawn(own, now.products, worth, levels)
    of_other, _ = _drawn(other, now.products, worth, levels)
    tails = (1 - confidence) / 2, (1 + confidence) / 2

    def estimate(values: np.ndarray) -> Estimate:
        return Estimate(float(values[0]), *map(float, np.quantile(values[1:], tails)))

    names = [(str(row.segment), str(row.product)) for row in worth.table.itertuples()]
    sizes = offers.groupby(["segment", "product"]).size()
    rows = []
    for place, name in enumerate(names):
        if name in sizes.index:
            rows.append(
                (
                    *name,
                    int(sizes[name]),
                    estimate(takers[:, place]),
                    estimate(of_own[:, place]),
                )
            )
    total = of_own.sum(axis=1), of_other.sum(axis=1)
    rows.append((TOTAL, TOTAL, len(offers), estimate(takers.sum(axis=1)), estimate(total[0])))
    table = pd.DataFrame(
        [
            {
                "segment": segment,
                "product": product,
                "customers": size,
                **{"takers": who.value, "takers_low": who.low, "takers_high": who.high},
                **{"worth": money.value, "worth_low": money.low, "worth_high": money.high},
            }
            for segment, product, size, who, money in rows
        ]
    )
    offers = offers.sort_values("expected", ascending=False, kind="stable", ignore_index=True)
    return Plan(
        months, offers, table, estimate(total[0]), estimate(total[1]), estimate(total[0] - total[1])
    )


def _levels(worth: Worth, calibration: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """(draws, rows of worth): factors on the takers of each product, about 1."""
    seen = calibration.set_index(["segment", "product"])["takers"]
    key = pd.MultiIndex.from_frame(worth.table[["segment", "product"]])
    takers = np.maximum(seen.reindex(key).fillna(0).to_numpy(float), 1)
    spread = np.sqrt(1 / takers + drift(calibration) ** 2)
    return np.asarray(np.exp(spread * rng.standard_normal(worth.shares.shape) - spread**2 / 2))


def _drawn(
    offers: pd.DataFrame, products: Sequence[str], worth: Worth, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(1 + draws, rows of worth) twice: worth and takers of the offers; the first row: expected."""
    place = {name: number for number, name in enumerate(products)}
    chance, revenue = offers["chance"].to_numpy(), np.nan_to_num(offers["revenue"].to_numpy())
    who = [
        (
            (offers["segment"] == row.segment) & (offers["place"] == place.get(row.product, -1))
        ).to_numpy()
        for row in worth.table.itertuples()
    ]
    sums = np.array([chance[rows].sum() for rows in who])
    of_revenue = np.array([(chance[rows] * np.maximum(revenue[rows], 0)).sum() for rows in who])
    shares = np.vstack([worth.table["share"], worth.shares])
    moneys = np.vstack([worth.table["money"], worth.moneys])
    factor = np.vstack([np.ones(len(sums)), levels])
    return factor * (shares * of_revenue + moneys * sums), factor * sums

"""What an offer is expected to bring: chance x margin a month x months kept, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.features.standing import Standing
from src.models.products.worth import months_kept

WORTH = (
    *("segment", "product", "takers", "share", "error", "at_once", "at_once_error"),
    *("monthly", "monthly_error", "ends", "months", "rate"),
)


@dataclass(frozen=True, eq=False)
class Worth:
    """What taking a product brings: `share` of the customer's revenue a month, and `money`.

    `table`: `segment`, `product`, both counted over the discounted months kept: `share` and `money`
    are factors, so that the margin of a taking is share x revenue + money. `shares` and `moneys`:
    (draws, rows) of them, for intervals.
    """

    table: pd.DataFrame
    shares: np.ndarray
    moneys: np.ndarray

    def __repr__(self) -> str:
        return f"Worth: {len(self.table)} products, {len(self.shares)} draws"


def worth_of(
    parts: pd.DataFrame,
    rng: np.random.Generator,
    *,
    horizon: int = 24,
    annual_rate: float = 0.12,
    replicates: int = 200,
) -> Worth:
    """The margin of taking each product over `horizon` months, discounted.

    `parts`: WORTH, a row per segment and product: `share` of revenue as margin a month with its
    `error`, `at_once` and `monthly` money with theirs, `ends` in `months` and their `rate`, from
    `src.models.products.worth`; missing money is none. Draws are normal for margins and gamma for
    the rate of ends. Rows without a margin or months are left out.
    """
    use = parts[["share", "at_once"]].notna().any(axis=1) & (parts["months"] > 0)
    table = parts[use].reset_index(drop=True)
    filled = table.fillna(dict.fromkeys(WORTH[3:9], 0.0))
    kept = months_kept(filled["rate"].to_numpy(float), horizon, annual_rate)
    ends, months = filled["ends"].to_numpy(float), filled["months"].to_numpy(float)
    rates = rng.gamma(ends + 0.5, 1 / months, (replicates, len(table)))
    keeps = months_kept(rates, horizon, annual_rate)

    def drawn(name: str, error: str) -> np.ndarray:
        noise = rng.standard_normal((replicates, len(filled)))
        return filled[name].to_numpy(float) + noise * filled[error].to_numpy(float)

    shares = drawn("share", "error") * keeps
    moneys = drawn("at_once", "at_once_error") + drawn("monthly", "monthly_error") * keeps
    table = table.assign(
        kept=kept,
        share=filled["share"] * kept,
        money=filled["at_once"] + filled["monthly"] * kept,
    )
    return Worth(table[["segment", "product", "takers", "kept", "share", "money"]], shares, moneys)


def margins(now: Standing, worth: Worth) -> np.ndarray:
    """(customers, products): the margin of taking each, over the horizon; missing: not known."""
    found = np.full(now.holds.shape, np.nan)
    segment = now.customers["segment"].to_numpy()
    revenue = np.maximum(np.nan_to_num(now.customers["revenue"].to_numpy(float)), 0)
    for row in worth.table.itertuples():
        if row.product in now.products:
            who = segment == row.segment
            found[who, now.products.index(row.product)] = row.share * revenue[who] + row.money
    return found


def best_offers(
    now: Standing,
    chances: np.ndarray,
    worth: Worth,
    *,
    confidence: float = 0.95,
    among: Sequence[str] = (),
) -> pd.DataFrame:
    """The offer of each customer that is expected to bring most.

    `chances`: (customers, products) within some months. Returns `customer`, its place in `now`,
    `customer_id`, `segment`, `product`, `place` (of the product), `chance`, `margin` if taken,
    `expected` (chance x margin) with `low` and `high`, the interval of the margin alone: how far
    chances are off is told by the back-test. `among`: the products that may be offered; all.
    Customers without a chance, or whose products bring nothing, get no offer and no row.
    """
    value = margins(now, worth)
    expected = chances * value
    if among:
        expected[:, [name not in set(among) for name in now.products]] = np.nan
    filled = np.nan_to_num(expected, nan=-np.inf)
    place = filled.argmax(axis=1)
    who = np.flatnonzero(filled[np.arange(len(place)), place] > 0)
    place = place[who]
    customers = now.customers.iloc[who]
    table = pd.DataFrame(
        {
            "customer": who,
            "customer_id": customers["customer_id"].to_numpy(),
            "segment": customers["segment"].to_numpy(),
            "product": np.array(now.products, dtype=object)[place],
            "place": place,
            "chance": chances[who, place],
            "margin": value[who, place],
            "expected": expected[who, place],
        }
    )
    tail = (1 - confidence) / 2
    ends = [
        pd.DataFrame(
            {
                "segment": worth.table["segment"],
                "product": worth.table["product"],
                "a": np.quantile(worth.shares, level, axis=0),
                "b": np.quantile(worth.moneys, level, axis=0),
            }
        )
        for level in (tail, 1 - tail)
    ]
    revenue = np.maximum(np.nan_to_num(customers["revenue"].to_numpy(float)), 0)
    for name, end in zip(("low", "high"), ends, strict=True):
        of_row = table[["segment", "product"]].merge(end, how="left", on=["segment", "product"])
        table[name] = table["chance"] * (of_row["a"] * revenue + of_row["b"])
    return table

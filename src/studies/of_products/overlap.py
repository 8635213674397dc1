"""Whether the interval of an overlap holds the truth, and what the links alone say.

Each replicate is the shop of a small simulated operator: subscribers who begin and leave, buyers
among them whom the shop links mostly and at times to somebody else, and strangers. Accounts are
looked up as in the base operator, fewer of them. How well a shop links is drawn anew each time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from src.data.operator.shop import (
    ShopSettings,
    simulate_orders,
    simulate_strangers,
    true_accounts,
)
from src.models.overlap.shares import overlap

REPLICATES = 100
_SUBSCRIBERS, _STRANGERS, _MONTHS, _CHECKED = 4_000, 1_000, 24, 100
_FIRST = pd.Timestamp("2024-01-01")


def replicate(seed: int) -> dict[str, float]:
    """The overlap of the shop of this seed.

    Returns `share`, `low`, `high`, `raw`, `truth` of the buyers of the last twelve months who are
    subscribers in the last one, and the same with `of_` before it of the subscribers who buy.
    """
    rng = np.random.default_rng([seed, 17])
    linked, wrong = rng.uniform(0.6, 0.95), rng.uniform(0.0, 0.05)
    settings = replace(ShopSettings(), linked_share=linked, wrong_share=wrong)
    people = _people(rng)
    bought = simulate_orders(people, settings, _MONTHS, _FIRST, rng)
    others = simulate_strangers(_STRANGERS, settings, _MONTHS, _FIRST, rng)
    nobody = np.array([], dtype=object)
    owners = pd.concat(
        [
            true_accounts(people["customer_id"].to_numpy(object), bought),
            true_accounts(nobody, others),
        ],
        ignore_index=True,
    )
    orders = pd.concat([bought, others], ignore_index=True)
    links = orders.drop_duplicates("buyer_key")[["buyer_key", "customer_id"]]
    checks = pd.concat(
        [
            some.sample(min(_CHECKED, len(some)), random_state=rng)
            for _, some in owners.groupby(links["customer_id"].notna().to_numpy())
        ]
    )
    is_late = orders["date"] >= _FIRST + pd.DateOffset(months=_MONTHS - 12)
    accounts = links[links["buyer_key"].isin(orders.loc[is_late, "buyer_key"])]
    here = pd.Index(people.loc[people["last"] >= _MONTHS, "customer_id"])
    found = overlap(accounts, checks, here)
    true = accounts["buyer_key"].map(owners.set_index("buyer_key")["customer_id"])
    true = true[true.isin(here)]
    return {
        "share": found.share.value,
        "low": found.share.low,
        "high": found.share.high,
        "raw": found.raw,
        "truth": len(true) / len(accounts),
        "of_share": found.of_subscribers.value,
        "of_low": found.of_subscribers.low,
        "of_high": found.of_subscribers.high,
        "of_raw": found.raw_of_subscribers,
        "of_truth": true.nunique() / len(here),
    }


def summarise(rows: list[dict[str, float]]) -> dict[str, float]:
    """How often the 95 % interval holds the truth: `overlap.coverage`, `overlap.of_coverage`.

    `overlap.raw_coverage`: how often the truth lies in an interval as wide around the share that
    links alone say; `overlap.bias` and `overlap.raw_bias`, the mean errors of both, and
    `overlap.width`, the mean width. Shares lie in 0..1.
    """
    table = pd.DataFrame(rows)
    width, error = table["high"] - table["low"], table["raw"] - table["truth"]
    return {
        "overlap.coverage": float(table["truth"].between(table["low"], table["high"]).mean()),
        "overlap.of_coverage": float(
            table["of_truth"].between(table["of_low"], table["of_high"]).mean()
        ),
        "overlap.raw_coverage": float((error.abs() <= width / 2).mean()),
        "overlap.bias": float((table["share"] - table["truth"]).mean()),
        "overlap.raw_bias": float(error.mean()),
        "overlap.width": float(width.mean()),
        "overlap.replicates": len(table),
    }


def _people(rng: np.random.Generator) -> pd.DataFrame:
    """Subscribers who began before or within the months, and left at 2 % a month."""
    begun = np.where(rng.random(_SUBSCRIBERS) < 0.6, 0, rng.integers(0, _MONTHS, _SUBSCRIBERS))
    stayed = rng.geometric(0.02, _SUBSCRIBERS)
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(_SUBSCRIBERS)],
            "first": begun,
            "last": begun + stayed,
            "engagement": rng.standard_normal(_SUBSCRIBERS),
            "chain_month": -1,
        }
    ).astype({"customer_id": "object"})

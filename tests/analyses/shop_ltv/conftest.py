"""Small logs of a shop: 300 simulated buyers, each coming back until he leaves."""

import numpy as np
import pandas as pd
import pytest
import yaml

from src.data.building import build_base

BEGIN, WEEKS, BUYERS = pd.Timestamp("2024-01-01"), 80, 300
BOUND = 60  # EUR: who pays more in the middle is a company


@pytest.fixture(scope="session")
def orders():
    """A log of 80 weeks: buyers come over the first half, and every order may be the last.

    A fifth are companies, who pay six times as much; `segment` says who. Buyer b001 orders on the
    last day.
    """
    rng, rows = np.random.default_rng(4), []
    for buyer in range(BUYERS):
        is_company = buyer % 5 == 0
        day, gap = rng.uniform(0, 7 * WEEKS / 2), rng.uniform(20, 80)
        while day < 7 * WEEKS:
            amount = (120 if is_company else 20) * rng.gamma(8, 1 / 8)
            rows.append((f"b{buyer:03}", int(day), amount, "B2B" if is_company else "B2C"))
            if rng.random() < 0.15:
                break
            day += 1 + rng.exponential(gap)
    rows.append(("b001", 7 * WEEKS, 20.0, "B2C"))
    log = pd.DataFrame(rows, columns=["buyer_key", "day", "amount", "segment"])
    log = log.sort_values("day", kind="stable", ignore_index=True)
    days = (BEGIN + pd.to_timedelta(log["day"], "D")).dt.strftime("%Y-%m-%d")
    log = log.assign(order_id=range(len(log)), date=days, amount=log["amount"].round(2))
    return log[["order_id", "buyer_key", "date", "amount", "segment"]]


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """Build a base of a log of orders: `shop(orders, key=..., **base_yml)`; returns its folder."""

    def built(log: pd.DataFrame, key: bytes = b"key of the tests", **manifest) -> str:
        folder = tmp_path_factory.mktemp("bases") / "shop"
        folder.mkdir()
        log.to_csv(folder / "orders.csv", index=False)
        described = {"title": "Shop", "kind": "orders", "currency": "EUR", **manifest}
        described["tables"] = {"orders": {"file": "orders.csv"}}
        (folder / "base.yml").write_text(yaml.safe_dump(described, sort_keys=False))
        build_base(str(folder), key)
        return str(folder)

    return built

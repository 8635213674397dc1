"""Simulated orders of the operator's online shop, by subscribers and by strangers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from src.data.problems import InputError

CHAIN_MONTHS = 3  # the month in which the chain arrives and the two after it
CHECKED = 300  # accounts of each kind, linked and not linked, that somebody looked up


@dataclass(frozen=True)
class ShopSettings:
    """Who buys, how often, what, and how well the shop knows who the buyer is."""

    buyer_share: float = 0.28  # of subscribers who would ever buy, 0..1; in two years 0.25 do
    order_rate: float = 0.30  # orders a month of a buyer, mean
    rate_shape: float = 1.2  # of the gamma distribution of the rate between buyers
    engagement_effect: float = 0.30  # log rate per standard deviation of engagement
    chain_factor: float = 1.30  # on the rate, in the three months of the e-mail chain
    season: tuple[float, ...] = (  # on the rate, January to December, mean 1
        *(0.95, 0.90, 0.95, 0.95, 0.95, 0.95),
        *(0.92, 0.95, 0.98, 1.00, 1.15, 1.35),
    )
    # what is bought
    categories: tuple[str, ...] = ("accessory", "gadget", "smart_home", "phone")
    category_shares: tuple[float, ...] = (0.55, 0.22, 0.13, 0.10)  # of orders, summing to 1
    amounts: tuple[float, ...] = (22.0, 75.0, 110.0, 420.0)  # EUR an order, mean by category
    amount_shapes: tuple[float, ...] = (2.5, 3.0, 3.0, 6.0)  # of their gamma distributions
    margin_shares: tuple[float, ...] = (0.42, 0.22, 0.25, 0.07)  # of the amount, by category
    margin_noise: float = 0.04  # standard deviation of an order's share of margin
    spend_spread: float = 0.35  # standard deviation of a buyer's own price level, mean 1 (gamma)
    articles: int = 40  # in each category; the n-th sells 1/n as often as the first
    # who the buyer is
    linked_share: float = 0.85  # of buying subscribers whom the shop links to a customer, 0..1
    wrong_share: float = 0.01  # of those, linked to another customer, 0..1
    stranger_exit: float = 0.04  # of strangers who stop buying, a month, 0..1

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        if not isinstance(self.articles, int) or self.articles < 1:
            raise InputError(f"articles must be a whole number of 1 or more, not {self.articles}")
        for name in ("buyer_share", "linked_share", "wrong_share", "stranger_exit"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must lie in 0..1, not {getattr(self, name)}")
        for name in ("order_rate", "chain_factor", "margin_noise", "spend_spread"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} must be 0 or more, not {getattr(self, name)}")
        if not 0 < self.rate_shape < math.inf:
            raise InputError(f"rate_shape must be above 0, not {self.rate_shape}")
        if not math.isfinite(self.engagement_effect):
            raise InputError(
                f"engagement_effect must be a finite number, not {self.engagement_effect}"
            )
        if len(self.season) != 12 or not all(0 <= factor < math.inf for factor in self.season):
            raise InputError(f"season must be 12 factors of 0 or more, not {self.season}")
        if not self.categories or len(set(self.categories)) != len(self.categories):
            raise InputError(f"categories must be different names, not {self.categories}")
        for name in ("category_shares", "amounts", "amount_shapes", "margin_shares"):
            values = getattr(self, name)
            if len(values) != len(self.categories):
                raise InputError(
                    f"{name} must have one value for each of the {len(self.categories)} "
                    f"categories, not {len(values)}"
                )
            is_share = name.endswith("_shares")
            if is_share and not all(0 <= value <= 1 for value in values):
                raise InputError(f"{name} must lie in 0..1, not {values}")
            if not is_share and not all(0 < value < math.inf for value in values):
                raise InputError(f"{name} must be above 0, not {values}")
        if not math.isclose(sum(self.category_shares), 1, abs_tol=1e-9):
            raise InputError(f"category_shares must sum to 1, not {sum(self.category_shares):g}")

    @classmethod
    def null(cls) -> ShopSettings:
        """Settings under which neither engagement nor the e-mail chain changes the rate."""
        return cls(engagement_effect=0.0, chain_factor=1.0)


def simulate_orders(
    customers: pd.DataFrame,
    settings: ShopSettings,
    months: int,
    first_month: pd.Timestamp,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Orders of one block of subscribers in `months` months from `first_month`.

    `customers` has one row per subscriber: customer_id (text), first (index of the month in which
    the life starts; may be negative), last (index of the month after the last one of the life; may
    exceed `months`), engagement (standard normal), chain_month (index of the month in which an
    e-mail chain reached the customer as treated; -1 is never).

    Returns the table `orders` of the contract, sorted by buyer (in the order of `customers`) and
    date: order_id, buyer_key (the account in the shop), date, amount (EUR), customer_id (missing
    where not linked), sku, category, margin (EUR). The account is a hash of the
    customer_id and the order_id counts its orders: unique across blocks, without showing who the
    buyer is.

    A buyer's orders are Poisson in each month of the life, at the rate
    gamma x exp(effect x engagement - effect^2 / 2) x season x chain factor, where the chain
    counts in its own month and the two after it, whole, without decay. A buyer is linked with all
    orders or none; a wrong link goes to any other customer of the block, who may have another
    account, or not be active at the time.

    Departs from reality in that a buyer keeps the same rate as long as the subscription lasts, has
    one account, and buys one article at a time; that the month of the chain counts from its first
    day; that nothing is returned, and that an article has no fixed price. Raises
    InputError when `months` is below 1.
    """
    rows = np.flatnonzero(rng.random(len(customers)) < settings.buyer_share)
    buyers = customers.iloc[rows]
    month = np.arange(months)
    first = buyers["first"].to_numpy()[:, None]
    last = buyers["last"].to_numpy()[:, None]
    chain = buyers["chain_month"].to_numpy()[:, None]
    is_active = (month >= first) & (month < last)
    in_chain = (chain >= 0) & (month >= chain) & (month < chain + CHAIN_MONTHS)
    rate = _rates(buyers["engagement"].to_numpy(dtype="float64"), settings, rng)
    rates = rate[:, None] * is_active * np.where(in_chain, settings.chain_factor, 1.0)
    ids = customers["customer_id"].to_numpy(dtype=object)
    customer_id = _links(ids, rows, settings, rng)
    keys = _account_keys(ids[rows])
    counts = rng.poisson(rates * _season(settings, months, first_month))
    return _orders(counts, keys, customer_id, settings, first_month, rng)


def simulate_strangers(
    count: int,
    settings: ShopSettings,
    months: int,
    first_month: pd.Timestamp,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Orders of `count` buyers who are subscribers of other operators: never linked.

    Returns the table `orders` as `simulate_orders` does, with customer_id missing everywhere.
    Strangers stop buying at a constant chance a month and are replaced at the same pace, so that
    the number of active ones has no trend; those who were there in the first month and those who
    came later buy at rates distributed as those of subscribers. All have an order: newcomers in
    the month they come, and the others who would have none, in any month. To be called once for a
    base: a second call has the same accounts again.

    Departs from reality in that strangers never become subscribers and have nothing in common with
    them. Raises InputError when `count` is negative or `months` is below 1.
    """
    if count < 0:
        raise InputError(f"count must be 0 or more, not {count}")
    factors = _season(settings, months, first_month)
    month = np.arange(months)
    # What is there at the start and what comes later, when as many come as stop.
    was_there = rng.random(count) < 1 / (1 + settings.stranger_exit * months)
    entry = rng.integers(0, months, count)
    first = np.where(was_there, 0, entry)[:, None]
    stays = rng.random((count, months)) >= settings.stranger_exit
    is_active = (month >= first) & np.logical_and.accumulate(stays | (month <= first), axis=1)
    rate = _rates(rng.standard_normal(count), settings, rng)
    counts = rng.poisson(rate[:, None] * is_active * factors)
    buys_at_entry = ~was_there | (counts.sum(axis=1) == 0)
    counts[buys_at_entry, entry[buys_at_entry]] += 1
    keys = _account_keys(np.array([f"stranger {n}" for n in range(count)], dtype=object))
    unlinked = np.full(count, None, dtype=object)
    return _orders(counts, keys, unlinked, settings, first_month, rng)


def true_accounts(customer_ids: np.ndarray, orders: pd.DataFrame) -> pd.DataFrame:
    """Who the buyers are: `buyer_key` and the true `customer_id`, missing for strangers.

    One row per account of `orders`, in their order; `customer_ids` are those of the block that the
    orders came from, none for strangers.
    """
    keys = orders["buyer_key"].drop_duplicates()
    true = pd.Series(customer_ids, _account_keys(customer_ids), dtype="object")
    who = keys.map(true).astype("object")
    found = pd.DataFrame({"buyer_key": keys, "customer_id": who.where(who.notna(), None)})
    return found.reset_index(drop=True)


def to_check(orders: pd.DataFrame, accounts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The accounts to look up by hand: `buyer_key`, true `customer_id`, `draw` and `is_linked`.

    CHECKED of those with a link and as many of those without, by the lowest keyed hash of the
    account: a draw without a stream of its own, the same however the base is cut into chunks.
    `accounts` is what `true_accounts` returns of these orders. `drawn_of` draws from several parts.
    """
    linked = orders.drop_duplicates("buyer_key")["customer_id"].notna().to_numpy()
    keys = accounts["buyer_key"].to_numpy(dtype=object)
    draw = pd.util.hash_array(keys, hash_key=f"{seed % 10**16:016d}", categorize=False)
    return drawn_of([accounts.assign(draw=draw, is_linked=linked)])


def drawn_of(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """What `to_check` would have drawn of these parts together, in the order of `draw`."""
    rows = pd.concat(parts).sort_values("draw", kind="stable")
    return rows[rows.groupby("is_linked").cumcount() < CHECKED].reset_index(drop=True)


def _rates(engagement: np.ndarray, settings: ShopSettings, rng: np.random.Generator) -> np.ndarray:
    """Orders a month of each buyer: their mean is the settings' rate whatever the effect."""
    effect = settings.engagement_effect
    shape = settings.rate_shape
    base = rng.gamma(shape, settings.order_rate / shape, len(engagement))
    return base * np.exp(effect * engagement - effect**2 / 2)


def _season(settings: ShopSettings, months: int, first_month: pd.Timestamp) -> np.ndarray:
    if months < 1:
        raise InputError(f"months must be 1 or more, not {months}")
    return np.asarray(settings.season)[(first_month.month - 1 + np.arange(months)) % 12]


def _links(
    ids: np.ndarray, rows: np.ndarray, settings: ShopSettings, rng: np.random.Generator
) -> np.ndarray:
    """The customer_id that the shop has for the buyers in `rows` of `ids`; None for no link."""
    is_linked = rng.random(len(rows)) < settings.linked_share
    is_wrong = rng.random(len(rows)) < settings.wrong_share
    # A step of 1 to n - 1 around the block never ends where it began; in a block of one, it must.
    others = (rows + rng.integers(1, max(len(ids), 2), len(rows))) % max(len(ids), 1)
    linked: np.ndarray = ids[np.where(is_wrong, others, rows)]
    linked[~is_linked] = None
    return linked


def _account_keys(names: np.ndarray) -> np.ndarray:
    hashes = pd.util.hash_array(names, categorize=False)
    return np.array([f"S{value:016x}" for value in hashes.tolist()], dtype=object)


def _orders(
    counts: np.ndarray,
    keys: np.ndarray,
    customer_id: np.ndarray,
    settings: ShopSettings,
    first_month: pd.Timestamp,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The table of orders from their `counts`, shape (buyers, months)."""
    months = counts.shape[1]
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    buyer, month = np.divmod(cell, months)
    edges = pd.period_range(first_month, periods=months + 1, freq="M").to_timestamp().to_numpy()
    month_days = np.diff(edges).astype("timedelta64[D]").astype("int64")
    day = (rng.random(len(cell)) * month_days[month]).astype("timedelta64[D]")
    order = np.lexsort((day, cell))  # cells run by buyer, then month
    date = (edges[month] + day)[order].astype("datetime64[ns]")

    number = np.arange(len(cell)) - np.searchsorted(buyer, buyer, side="left") + 1
    buyer_key = keys[buyer]
    pairs = zip(buyer_key.tolist(), number.tolist(), strict=True)
    category = rng.choice(len(settings.categories), len(cell), p=settings.category_shares)
    popularity = 1 / np.arange(1, settings.articles + 1)
    article = rng.choice(settings.articles, len(cell), p=popularity / popularity.sum())
    skus = [
        f"{name}-{n:03d}" for name in settings.categories for n in range(1, settings.articles + 1)
    ]
    level = np.ones(len(keys))
    if settings.spend_spread > 0:
        level = rng.gamma(settings.spend_spread**-2, settings.spend_spread**2, len(keys))
    shape = np.asarray(settings.amount_shapes)[category]
    mean = np.asarray(settings.amounts)[category] * level[buyer]
    amount = np.maximum(np.round(rng.gamma(shape, mean / shape), 2), 0.01)
    margin_share = np.asarray(settings.margin_shares)[category] + rng.normal(
        0, settings.margin_noise, len(cell)
    )
    return pd.DataFrame(
        {
            "order_id": np.array([f"{key}-{n}" for key, n in pairs], dtype=object),
            "buyer_key": buyer_key,
            "date": date,
            "amount": amount,
            "customer_id": customer_id[buyer],
            "sku": np.array(skus, dtype=object)[category * settings.articles + article],
            "category": np.array(settings.categories, dtype=object)[category],
            "margin": np.round(amount * np.minimum(margin_share, 1.0), 2),
        }
    )

"""Steps of a study of products that put subscribers beside the buyers of a shop."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.products.opened import Opened
from src.data.operator.truth import open_truth
from src.data.problems import InputError
from src.features.background import background
from src.features.lifecycle import end_of_follow_up, lives, lives_as_of
from src.features.months import Month
from src.models.overlap.comparing import Comparison, compare
from src.models.overlap.growth import idle_subscribers, strangers_money
from src.models.overlap.linking import KEYS, link_accounts
from src.models.overlap.shares import TO_SUBSCRIBER, Overlap, bounds, overlap, strata_of

MONTHS = 12  # a buyer bought in so many months, and outcomes are watched for as many
BEGUN = 6  # months in which those who are compared bought first
ALL = "all"  # money of all categories
_CATEGORIES = 8
_ADDS = "how far subscribers and buyers of the shop are the same people"


@dataclass(frozen=True)
class Shop:
    """A shop whose buyers are linked to customers.

    `orders`: `buyer_key`, `date`, `amount`, `category` where known, and `customer_id`, the link.
    `counts`: how links were made of keys (see `src.models.overlap.linking`), None where the base
    brought them.
    """

    orders: pd.DataFrame
    counts: pd.DataFrame | None


@dataclass(frozen=True)
class Overlapped:
    """The overlap of the buyers of the last `months` months with the subscribers of today.

    `shares`: both ways, corrected, None where nobody looked links up; `bounds`: what holds then;
    `raw`, `raw_of_subscribers`: what the links alone say; `truth` and `truth_of_subscribers`: of a
    simulated base; `counts` as in `Shop`.
    """

    shares: Overlap | None
    bounds: pd.DataFrame
    raw: float
    raw_of_subscribers: float
    accounts: int
    subscribers: int
    truth: float | None
    truth_of_subscribers: float | None
    counts: pd.DataFrame | None
    months: int
    confidence: float


@dataclass(frozen=True)
class Growth:
    """Where the overlap can grow; money is a month, in the currency of the base.

    `strangers`: accounts of no subscriber, with `strangers_low`, `strangers_high`; `bought`: what
    they spend (`what`, `total`, `strangers`, `low`, `high`, `share`), all and by category; `idle`:
    subscribers who do not buy, by segment (see `src.models.overlap.growth`).
    """

    accounts: int
    strangers: float
    strangers_low: float
    strangers_high: float
    bought: pd.DataFrame
    idle: pd.DataFrame
    currency: str
    months: int


@dataclass(frozen=True)
class Shoppers:
    """Subscribers who began to buy, beside comparable ones who did not.

    `found`: differences and balance; outcomes are `left` (share), `revenue` and, where costs are
    known, `margin` (money a month) of the `months` after month `at`. All were subscribers at the
    end of `known_at` who had never bought, and still in month `at`. `hidden`: the share of those
    counted as not buying who buy unseen, as links miss them; None where nobody looked links up.
    """

    found: Comparison
    known_at: str
    at: str
    months: int
    hidden: float | None
    currency: str
    confidence: float


class Overlapping(Opened):
    """The overlap of subscribers and buyers, where it can grow, and what buyers are worth."""

    @once
    def shop(self) -> Shop | Missing:
        """The orders of the shop with their links, made of phone or e-mail where none are there."""
        if not self.base.has("orders"):
            return Missing("table orders (the purchases of a shop)", _ADDS)
        orders = self.base.table("orders")
        if "customer_id" in orders and orders["customer_id"].notna().any():
            return Shop(orders, None)
        people = self.base.table("customers")
        if not any(key in orders and key in people for key in KEYS):
            return Missing(
                "links between shop and customers (customer_id in orders, or phone or email in "
                "both tables)",
                _ADDS,
            )
        linked = link_accounts(orders, people)
        return Shop(linked.orders, linked.counts)

    @once
    @minor(_ADDS)
    def overlap(self) -> Overlapped | Missing:
        """Shares both ways: raw, corrected by `link_checks`, and true where the base is simulated.

        Without `link_checks` there are bounds and no point.
        """
        shop = self.shop()
        if isinstance(shop, Missing):
            return shop
        accounts, here = self._accounts(shop), self._subscribers()["customer_id"]
        subscribers, checks = pd.Index(here), self._checks()
        links = strata_of(accounts, subscribers) == TO_SUBSCRIBER
        true = self._true_owners(accounts)
        return Overlapped(
            shares=self._corrected(accounts, checks, subscribers),
            bounds=bounds(accounts, subscribers),
            raw=float(links.mean()),
            raw_of_subscribers=accounts.loc[links, "customer_id"].nunique() / len(subscribers),
            accounts=len(accounts),
            subscribers=len(subscribers),
            truth=None if true is None else float(true.isin(subscribers).mean()),
            truth_of_subscribers=(
                None if true is None else true[true.isin(subscribers)].nunique() / len(subscribers)
            ),
            counts=shop.counts,
            months=MONTHS,
            confidence=self.setting.confidence,
        )

    @once
    @minor("who of the shop is no subscriber, and which subscribers do not buy")
    def growth(self) -> Growth | Missing:
        """Buyers who are no subscribers and what they spend; subscribers who do not buy."""
        shop = self.shop()
        if isinstance(shop, Missing):
            return shop
        checks = self._checks()
        if checks is None:
            return Missing(
                "table link_checks (buyers whose owner somebody looked up)",
                "how many buyers are no subscribers, and which subscribers do not buy",
            )
        accounts, people = self._accounts(shop), self._subscribers()
        level = self.setting.confidence
        share = overlap(accounts, checks, pd.Index(people["customer_id"]), level).share
        money = [ALL, *(name for name in accounts if str(name).startswith("of "))]
        bought = strangers_money(accounts, checks, pd.Index(people["customer_id"]), money, level)
        idle = idle_subscribers(
            accounts.rename(columns={ALL: "money"}), checks, people, "segment", level
        )
        ends = (len(accounts) * (1 - end) for end in (share.value, share.high, share.low))
        count, low, high = ends
        return Growth(
            accounts=len(accounts),
            strangers=count,
            strangers_low=low,
            strangers_high=high,
            bought=bought.assign(what=bought["what"].str.removeprefix("of ")),
            idle=idle,
            currency=self.base.currency,
            months=MONTHS,
        )

    @once
    @minor("whether subscribers who buy stay longer and bring more than comparable ones")
    def shoppers(self) -> Shoppers | Missing:
        """Subscribers whose first purchase fell in half a year, beside comparable others.

        Compared by what was known before that half year; outcomes are of the year after it. Only
        linked buyers are seen as buyers.
        """
        shop = self.shop()
        if isinstance(shop, Missing):
            return shop
        bills, people = self.base.table("billing"), self.base.table("customers")
        end = end_of_follow_up(bills["month"].max(), self.base.freeze_months)
        at = Month.of(end).back(MONTHS)
        before = at.back(BEGUN)
        if pd.Timestamp(before.back(BEGUN).start) < bills["month"].min():
            raise InputError(
                f"bills go from {bills['month'].min():%Y-%m} to {bills['month'].max():%Y-%m}; half "
                "a year of what was known, half a year of first purchases and a year after it are "
                "needed"
            )
        first = shop.orders.dropna(subset=["customer_id"]).groupby("customer_id")["date"].min()
        known = background(self.base, before)
        life = lives(bills, people, self.base.freeze_months)
        moment = pd.Timestamp(at.start)
        running = life[
            (life["start"] <= moment) & (life["end"].isna() | (life["end"] > moment))
        ].set_index("customer_id")
        first = first.reindex(known.index)
        is_new = first.isna() | (first >= pd.Timestamp(before.end))
        known = known[is_new & known.index.isin(running.index)]
        began = first.loc[known.index]
        is_buyer = began < pd.Timestamp(at.end)
        after = bills[bills["month"].between(pd.Timestamp(at.end), end)]
        outcomes = {"left": running["end"].reindex(known.index).notna().astype(float)}
        sums = after.groupby("customer_id").sum(numeric_only=True).reindex(known.index).fillna(0.0)
        outcomes["revenue"] = sums["revenue"] / MONTHS
        if "cost_to_serve" in sums:
            outcomes["margin"] = (sums["revenue"] - sums["cost_to_serve"]) / MONTHS
        found = compare(known, is_buyer, pd.DataFrame(outcomes), self.setting.confidence)
        return Shoppers(
            found=found,
            known_at=before.text,
            at=at.text,
            months=MONTHS,
            hidden=self._hidden(),
            currency=self.base.currency,
            confidence=self.setting.confidence,
        )

    @once
    def _subscribers(self) -> pd.DataFrame:
        """Who is a subscriber in the last month: `customer_id`, `segment`."""
        people = self.base.table("customers")
        told = lives_as_of(
            self.base.table("billing", ["customer_id", "month", "revenue"]),
            people,
            pd.Timestamp(self.last.start),
            self.base.freeze_months,
        )
        here = told.loc[told["how"] == "open", "customer_id"]
        is_here = people["customer_id"].isin(here)
        return people.loc[is_here, ["customer_id", "segment"]].reset_index(drop=True)

    def _accounts(self, shop: Shop) -> pd.DataFrame:
        """Who bought in the last `MONTHS` months, a row per account.

        `buyer_key`, `customer_id` (the link), `all` and `of <category>`: money a month, returns
        taken off.
        """
        since, until = pd.Timestamp(self.last.back(MONTHS - 1).start), self.last.end
        orders = shop.orders[shop.orders["date"].between(since, until, "left")]
        if orders.empty:
            raise InputError(f"nobody bought in the {MONTHS} months up to {self.last.text}")
        by_account = orders.groupby("buyer_key", sort=False)
        columns = {"customer_id": by_account["customer_id"].first()}
        columns[ALL] = by_account["amount"].sum() / MONTHS
        if "category" in orders:
            sums = orders.pivot_table(
                index="buyer_key", columns="category", values="amount", aggfunc="sum"
            )
            largest = sums.sum().nlargest(_CATEGORIES).index
            columns |= {f"of {name}": sums[name].fillna(0.0) / MONTHS for name in largest}
        accounts = pd.DataFrame(columns).rename_axis("buyer_key").reset_index()
        return accounts.fillna(dict.fromkeys(accounts.select_dtypes("number"), 0.0))

    def _checks(self) -> pd.DataFrame | None:
        """The accounts whose owner somebody looked up."""
        if not self.base.has("link_checks"):
            return None
        checks = self.base.table("link_checks")
        # A table of strangers alone may come without the column.
        return checks if "customer_id" in checks else checks.assign(customer_id=None)

    def _corrected(
        self, accounts: pd.DataFrame, checks: pd.DataFrame | None, subscribers: pd.Index
    ) -> Overlap | None:
        if checks is None or not checks["buyer_key"].isin(accounts["buyer_key"]).any():
            return None
        return overlap(accounts, checks, subscribers, self.setting.confidence)

    def _true_owners(self, accounts: pd.DataFrame) -> pd.Series | None:
        if self.base.origin != "simulated":
            return None
        true = open_truth(self.base, "shop").set_index("buyer_key")["customer_id"]
        return accounts["buyer_key"].map(true)

    def _hidden(self) -> float | None:
        """The share of subscribers without a linked purchase who buy, by the looked-up accounts."""
        told = self.overlap()
        if isinstance(told, Missing) or told.shares is None:
            return None
        links = told.shares.links.fillna(0.0)
        unseen = float((links["accounts"] * links["other"]).sum())
        return min(unseen / (told.subscribers * (1 - told.raw_of_subscribers)), 1.0)

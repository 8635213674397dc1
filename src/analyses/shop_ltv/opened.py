"""The orders of a base opened at a setting: what all steps of a study of buyers stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pandas as pd

from src.analyses.once import once
from src.analyses.settings.shop_ltv import Setting
from src.data.bases import Base
from src.data.problems import InputError
from src.features.purchase_checks import check_buyers, check_log
from src.features.purchases import PurchaseLog, Returns, newcomers_from, purchase_log, summaries
from src.models.shop import bg_nbd, mbg_nbd, pareto_nbd
from src.models.shop.buyer_model import BuyerModel

WEEK = 7
LEAST_WEEKS = 4  # to learn from
KINDS = ("panel", "orders")
_COHORT = 0.05  # of the buyers came later: the log is of one cohort
_CROWDED = 1.5  # times as many first purchases as the pace of the whole log would bring
FITS: dict[str, Callable[..., BuyerModel]] = {
    "bg_nbd": bg_nbd.fit,
    "mbg_nbd": mbg_nbd.fit,
    "pareto_nbd": pareto_nbd.fit,
}


@dataclass(frozen=True)
class Terms:
    """Names, dates and assumptions that belong beside any figure of the study.

    `begins`, `split`, `ends`: first day of the log, last day to learn from in the test, last day.
    `since`: buyers count for the models from this first purchase on; None where all do.
    `margin_share`: what of sales is left; `is_assumed` where the base does not know it. `months`
    and `rate`: how far ahead value counts, and at what yearly discount.
    """

    currency: str
    begins: pd.Timestamp
    split: pd.Timestamp
    ends: pd.Timestamp
    since: pd.Timestamp | None
    holdout: int
    months: int
    rate: float
    margin_share: float
    is_assumed: bool
    confidence: float
    min_cell: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Opened:
    """A base and its setting."""

    base: Base
    setting: Setting

    @once
    def orders(self) -> pd.DataFrame:
        """The orders with a buyer, returns among them; `buyer_key` is a number.

        Buyers are numbered in the order of the source, so that no figure depends on the key by
        which identifiers are hashed. `named` brings the keys of the base back.
        """
        orders = self.base.table("orders").dropna(subset=["buyer_key"])
        return orders.assign(buyer_key=pd.factorize(orders["buyer_key"])[0])

    @once
    def keys(self) -> pd.Series:
        """The key of each buyer in the base, by the buyer's number."""
        keys = self.base.table("orders", ["buyer_key"])["buyer_key"].dropna()
        return pd.Series(pd.unique(keys), name="buyer_key")

    def named(self, buyers: pd.DataFrame) -> pd.DataFrame:
        """The rows with the buyers' keys of the base in place of their numbers."""
        keys = self.keys().to_numpy()[buyers["buyer_key"].to_numpy(dtype=int)]
        return buyers.assign(buyer_key=keys)

    @once
    def terms(self) -> Terms:
        """What belongs beside any figure of the study; see `Terms`."""
        setting = self.setting
        return Terms(
            currency=self.base.currency,
            begins=self.begins,
            split=self.split,
            ends=self.ends,
            since=self.since,
            holdout=setting.holdout,
            months=setting.months,
            rate=setting.rate,
            margin_share=self.margin_share,
            is_assumed=not self.has_margins,
            confidence=setting.confidence,
            min_cell=setting.min_cell,
            remarks=self.remarks(),
        )

    @once
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know of the log and its buyers before any figure."""
        told = check_log(self.log(), self.ends, self.base.currency) + check_buyers(self.cohort())
        return (*self.base.notes, *told, *self._old_buyers())

    def _old_buyers(self) -> tuple[str, ...]:
        """A remark where the log seems to begin in the middle of its buyers' lives."""
        buyers = self.cohort()
        weeks = -((self.begins - newcomers_from(self.log().days)).days // WEEK)
        early = buyers["first"] < self.begins + pd.Timedelta(days=WEEK * weeks)
        length = (self.ends - self.begins).days / WEEK
        # A cohort by design has hardly any first purchase later.
        if early.mean() > 1 - _COHORT or early.mean() < _CROWDED * weeks / length:
            return ()
        return (
            f"{early.mean():.0%} of the buyers are first seen in the first {weeks} of {length:.0f} "
            "weeks: many of them have most likely bought before the log begins. WARM_UP = "
            f"{weeks} would keep the models from learning of them.",
        )

    @property
    def begins(self) -> pd.Timestamp:
        """The first day of the log."""
        return pd.Timestamp(self.orders()["date"].min()).normalize()

    @property
    def ends(self) -> pd.Timestamp:
        """The last day of the log."""
        return pd.Timestamp(self.orders()["date"].max()).normalize()

    @property
    def split(self) -> pd.Timestamp:
        """The last day before the weeks that are kept back."""
        return self.ends - pd.Timedelta(days=WEEK * self.setting.holdout)

    @property
    def since(self) -> pd.Timestamp | None:
        """The first purchases that count for the models are of this day or later; None: all do."""
        warm_up = self.setting.warm_up
        return self.begins + pd.Timedelta(days=WEEK * warm_up) if warm_up else None

    @property
    def has_margins(self) -> bool:
        """Whether orders say what is left of their amount."""
        orders = self.orders()
        return "margin" in orders and bool(orders["margin"].notna().any())

    @property
    def margin_share(self) -> float:
        """Margin over sales of all orders whose margin is known, or the share that is assumed."""
        if not self.has_margins:
            return self.setting.margin_share
        with_margin = self.orders().dropna(subset=["margin"])
        return float(with_margin["margin"].sum() / with_margin["amount"].sum())

    @once
    def log(self) -> PurchaseLog:
        """The days of purchase up to the last day, and what of the orders is not in them."""
        return self._log()

    @once
    def log_before(self) -> PurchaseLog:
        """The same as it stood on the day of the split: nothing later is read."""
        return self._log(self.split)

    def _log(self, until: pd.Timestamp | None = None) -> PurchaseLog:
        returns = cast(Returns, self.base.returns)
        return purchase_log(self.orders(), returns=returns, until=until)

    @once
    def listed(self) -> pd.DataFrame:
        """All buyers on the last day; `purchases.summaries`."""
        return summaries(self.log().days, self.ends, unit_days=WEEK)

    @once
    def cohort(self) -> pd.DataFrame:
        """The buyers that the models of today learn from: those who first bought since `since`."""
        return summaries(self.log().days, self.ends, since=self.since, unit_days=WEEK)

    @once
    def cohort_before(self) -> pd.DataFrame:
        """The same on the day of the split."""
        return summaries(self.log_before().days, self.split, since=self.since, unit_days=WEEK)

    @once
    def models(self) -> dict[str, BuyerModel]:
        """The models of today by name, fitted to `cohort`."""
        return fitted(self.cohort())

    @once
    def models_before(self) -> dict[str, BuyerModel]:
        """The models as of the split, fitted to `cohort_before`."""
        return fitted(self.cohort_before())


def fitted(buyers: pd.DataFrame) -> dict[str, BuyerModel]:
    """Every model fitted to the buyers, by name; errors as theirs."""
    return {name: fit(buyers, unit_days=WEEK) for name, fit in FITS.items()}


def likeliest(models: dict[str, BuyerModel]) -> str:
    """The name of the model with the highest likelihood: all have four parameters."""
    return max(models, key=lambda name: models[name].log_likelihood)


def paying(buyers: pd.DataFrame) -> pd.DataFrame:
    """The buyers but those who paid nothing for their repeat purchases."""
    is_free = (buyers["frequency"] > 0) & ~(buyers["spend"] > 0)
    return buyers[~is_free].reset_index(drop=True)


def refuse_short(opened: Opened) -> None:
    """Raise `InputError` for a base of another kind, or a log too short to learn and to test."""
    if opened.base.kind not in KINDS:
        raise InputError(
            f"shop buyers take bases of kind {' or '.join(KINDS)}, not {opened.base.kind}"
        )
    if not opened.base.has("orders"):
        raise InputError("this base has no table orders (the purchases of a shop)")
    learned = (opened.split - (opened.since or opened.begins)).days / WEEK
    if learned < LEAST_WEEKS:
        weeks = (opened.ends - opened.begins).days / WEEK
        raise InputError(
            f"the log has {weeks:.0f} weeks, {opened.begins:%Y-%m-%d} to {opened.ends:%Y-%m-%d}: "
            f"with HOLDOUT = {opened.setting.holdout} and WARM_UP = {opened.setting.warm_up} weeks "
            f"fewer than {LEAST_WEEKS} are left to learn from"
        )

"""Campaigns of a panel: members, with what was known before and what came after."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from src.analyses.campaigns.population import (
    ABC,
    INCOME,
    KEPT,
    KEPT_VALUE,
    LOST,
    MARGIN,
    ORDERS,
    RFM,
    SEGMENT,
    USERS,
    costs_by_arm,
    drawn_within,
)
from src.analyses.campaigns.values import Beside, Outcome, Tried
from src.analyses.settings.campaigns import Setting
from src.data.bases import Base
from src.data.contracts import CONTROL
from src.features import contacts
from src.features.activity import activity, on_list
from src.features.contacts import Purchases
from src.features.leaks import LATEST
from src.features.lifecycle import LifeRecord
from src.features.months import Month
from src.features.tables import open_features
from src.models.campaigns.arms import one_campaign, treatments
from src.models.campaigns.offers import rested
from src.models.segments.rfm import rfm
from src.models.value.discounting import kept_value
from src.models.value.margins import has_costs, with_margins
from src.models.value.money import bill_margins

VALUE_MONTHS = 36
# Features that models of uplift read, where the base has them: of each family the ones that tell
# most, so that a few thousand customers are not asked for a hundred columns.
COVARIATES = (
    *("segment", "months_since_revenue", "revenue_ratio_3_12", "tenure_months", "life_months"),
    *("revenue_mean_12m", "margin_mean_12m", "margin_share_12m"),
    *("products", "lines", "end_user_share", "has_contract", "months_to_renewal"),
    *("ticket_count_3m", "incident_count_3m", "price_change_count_3m"),
    *("competitor_offer_count_3m", "nps_last", "contacts_12m", "shop_orders_12m"),
)
TREND = "_ratio_3_12"
MOSTLY = 0.5  # of the lines of a company, that end users have
_YEAR = 12
OF_PANELS = {
    LOST: Outcome(LOST, "left", "share", is_loss=True),
    INCOME: Outcome(INCOME, "income", "money"),
    MARGIN: Outcome(MARGIN, "margin", "money"),
    KEPT: KEPT_VALUE,
    ORDERS: Outcome(ORDERS, "purchases in the shop", "number"),
}


class Panel:
    """Customers by month: members of campaigns, with what was known before and what came after."""

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        people = base.table("customers")
        in_segment = people[SEGMENT] == setting.segment if setting.segment else slice(None)
        self.people = people[in_segment].reset_index(drop=True)
        bills = base.table("billing")
        if setting.segment:
            bills = bills[bills["customer_id"].isin(self.people["customer_id"])]
        self.record = LifeRecord(bills, self.people, base.freeze_months)
        self.features = open_features(base)
        self.assumes_margin = not has_costs(bills)
        share = setting.margin_share if self.assumes_margin else None
        margin = bill_margins(bills) if share is None else share * bills["revenue"]
        self.purchases = Purchases(bills.assign(margin=margin), self._orders())
        self.contacts = base.table("campaigns")

    def names(self) -> list[str]:
        """The campaigns, the earliest first."""
        return list(self.contacts.groupby("campaign_id")["date"].min().sort_values().index)

    def tried(self, name: str) -> Tried:
        """One campaign: its members on the list a month before the contact, followed up."""
        own = self.contacts[self.contacts["campaign_id"] == name]
        own = own[own["customer_id"].isin(self.people["customer_id"])]
        drawn, months = one_campaign(own), self.setting.horizon
        listed = contacts.listed_before(drawn, self.record)
        treatments(listed)
        members = contacts.followed(listed, self.record, months)
        by_month = contacts.month_by_month(members, self.purchases, months)
        rows = contacts.totals(by_month, members)
        rows = contacts.before(rows, self.purchases, months)
        parts = []
        for number, part in rows.groupby(contacts.CONTACT):
            known = self.known_at(Month(int(str(number))).back(1))
            parts.append(part.merge(known, on="customer_id", how="left", validate="one_to_one"))
        rows = pd.concat(parts).sort_values("customer_id", kind="stable", ignore_index=True)
        by, propensity = drawn_within(rows)
        covariates = [each for each in self.covariates if each in rows]
        paid = [f"{each}_before" for each in (INCOME, MARGIN, ORDERS)]
        kept = (1 - rows[LOST]) * rows["value"].clip(lower=0) - rows["cost"]
        outcomes = [OF_PANELS[each] for each in (LOST, KEPT, INCOME, MARGIN)]
        outcomes += [OF_PANELS[ORDERS]] if self.purchases.orders is not None else []
        return Tried(
            name=name,
            rows=rows.assign(propensity=propensity, **{KEPT: kept}),
            by=by,
            covariates=(*covariates, *(each for each in paid if rows[each].any())),
            outcomes=tuple(outcomes),
            groups=tuple(each for each in (SEGMENT, USERS, ABC, RFM) if each in rows),
            costs=costs_by_arm(rows["arm"], rows["cost"]),
            steps=int(own["step"].max()) if _has(own, "step") else 1,
            left_out=len(drawn) - len(rows),
            channel=str(own["channel"].mode().iloc[0]) if _has(own, "channel") else "",
            contact=Month(int(rows[contacts.CONTACT].min())).text,
            by_month=by_month,
            met=contacts.beside(rows, self.contacts[self.contacts["campaign_id"] != name], months),
            days=self._days(rows),
            step_days=_step_days(own, rows) if _has(own, "step") else (0,),
        )

    has_list = True

    def uncontrolled(self) -> list[str]:
        """Campaigns without a control group, the earliest first."""
        has = self.contacts["arm"].eq(CONTROL).groupby(self.contacts["campaign_id"]).any()
        return [name for name in self.names() if not has[name]]

    def beside_others(self, name: str) -> Beside:
        """Everybody on the list a month before the first contact of a campaign, followed up."""
        own = self.contacts[self.contacts["campaign_id"] == name]
        months, first = self.setting.horizon, own["date"].min()
        people = self.people[["customer_id"]].assign(arm=name, first=first)
        everybody = contacts.listed_before(people, self.record)
        everybody = contacts.followed(everybody, self.record, months)
        after = contacts.month_by_month(everybody, self.purchases, months)
        rows = contacts.before(contacts.totals(after, everybody), self.purchases, months)
        rows = rows.merge(self.known_at(Month.of(first).back(1)), on="customer_id", how="left")
        paid = [f"{each}_before" for each in (INCOME, MARGIN, ORDERS)]
        return Beside(
            rows=rows,
            is_contacted=rows["customer_id"].isin(own["customer_id"]),
            outcomes=rows[[LOST, INCOME, MARGIN]],
            covariates=(*self.covariates, *(each for each in paid if rows[each].any())),
            contact=Month.of(first).text,
        )

    def today(self, tried: Tried) -> pd.DataFrame:
        """Everybody on the list of the last month."""
        at = Month.of(self.record.last)
        rows = self.known_at(at)
        if SEGMENT in tried.rows:
            rows = rows[rows[SEGMENT].isin(tried.rows[SEGMENT].unique())].reset_index(drop=True)
        next_month = {contacts.CONTACT: at.number + 1, "arm": CONTROL}
        rows = contacts.before(rows.assign(**next_month), self.purchases, self.setting.horizon)
        reached = self.contacts[self.contacts["arm"] != CONTROL]
        last = rows["customer_id"].map(reached.groupby("customer_id")["date"].max())
        return rows.assign(is_free=rested(last, pd.Timestamp(at.end), self.setting.rest))

    @cached_property
    def covariates(self) -> list[str]:
        """The columns that models of uplift read, of those that the base has."""
        there = self.features.catalogue["name"].tolist()
        trends = [name for name in there if name.endswith(TREND) and name not in COVARIATES]
        names = [name for name in COVARIATES if name in there]
        if self.assumes_margin:
            names = [name for name in names if not name.startswith("margin_")]
        return names + trends

    def known_at(self, at: Month) -> pd.DataFrame:
        """Everybody on the list at the end of month `at`: the covariates, groups and `value`.

        `value`: money that is kept with a customer who stays through the months that count, by
        months of staying at the rate of exits of their segment up to then (constant), times the
        margin of the last 12 months, discounted. Nothing after `at` is read.
        """
        there = set(self.features.catalogue["name"])
        wanted = {*self.covariates, "revenue_mean_3m", "revenue_mean_12m", ABC, "end_user_share"}
        wanted |= {"margin_mean_3m", "margin_mean_12m"}
        columns = [name for name in self.features.catalogue["name"] if name in wanted & there]
        rows = self.features.read([pd.Timestamp(at.start)], columns)
        rows, _ = with_margins(rows, self.record.billing, self.setting.margin_share)
        rows = rows.drop(columns=["snapshot", LATEST]).assign(value=self._value(rows, at))
        names = self._rfm(at)
        rows[RFM] = rows["customer_id"].map(names).astype("object")
        if "end_user_share" in rows:
            company = np.where(rows["end_user_share"] > MOSTLY, "end users", "decision makers")
            is_company = rows[SEGMENT].astype(str) == "B2B"
            rows[USERS] = np.where(is_company, company, "consumers")
        return rows

    def _value(self, rows: pd.DataFrame, at: Month) -> np.ndarray:
        setting = self.setting
        lives = self.record.followed(pd.Timestamp(at.start))
        segment = lives["customer_id"].map(self.people.set_index("customer_id")[SEGMENT])
        exits = lives["how"].ne("censored").groupby(segment, observed=True).sum()
        rate = exits / lives["months"].groupby(segment, observed=True).sum().clip(lower=1)
        hazard = rows[SEGMENT].astype("object").map(rate).fillna(rate.mean()).to_numpy(float)
        months = max(VALUE_MONTHS, setting.horizon + 1)
        stays = (1 - hazard)[:, None] ** np.arange(1, months + 1)
        margin = rows["margin_mean_12m"].fillna(0).to_numpy(float)
        return kept_value(stays, margin, setting.horizon, setting.rate)

    def _rfm(self, at: Month) -> pd.Series:
        """The segment of 05 of each customer on the list, within B2C and B2B."""
        active = activity(self.record.billing, at, _YEAR)
        active = on_list(active, self.people, at, self.record.freeze_months)
        segment = active["customer_id"].map(self.people.set_index("customer_id")[SEGMENT])
        named = [rfm(part) for _, part in active.groupby(segment, observed=True)]
        return pd.concat(named).set_index("customer_id")["segment"]

    def _days(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        """Purchases of members since the day of their first contact."""
        orders = self.purchases.orders
        if orders is None:
            return None
        bought = orders.loc[orders["amount"] > 0, ["customer_id", "date"]]
        bought = bought.merge(rows[["customer_id", "first"]], on="customer_id")
        day = (bought["date"] - bought["first"]).dt.days
        bought = bought.assign(day=day, **{ORDERS: 1.0})[day >= 0]
        return bought[["customer_id", "day", ORDERS]].reset_index(drop=True)

    def _orders(self) -> pd.DataFrame | None:
        if not self.base.has("orders"):
            return None
        orders = self.base.table("orders")
        if "customer_id" not in orders or orders["customer_id"].isna().all():
            return None
        if "margin" not in orders or orders["margin"].isna().all():
            orders = orders.assign(margin=self.setting.margin_share * orders["amount"])
        share = orders["margin"].sum() / orders.loc[orders["margin"].notna(), "amount"].sum()
        return orders.assign(margin=orders["margin"].fillna(share * orders["amount"]))


def _step_days(own: pd.DataFrame, rows: pd.DataFrame) -> tuple[int, ...]:
    """The usual day of each step of a chain, counted from the first contact."""
    first = own["customer_id"].map(rows.set_index("customer_id")["first"])
    day = (own["date"] - first).dt.days.groupby(own["step"]).median()
    return tuple(int(each) for each in day.dropna().sort_index())


def _has(contacts_of_one: pd.DataFrame, column: str) -> bool:
    return column in contacts_of_one and bool(contacts_of_one[column].notna().any())

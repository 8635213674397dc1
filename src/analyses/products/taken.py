"""What customers of a panel hold and took: the first steps of a study of products."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.missing import Missing
from src.analyses.once import once
from src.analyses.products.opened import Opened
from src.data.problems import InputError
from src.features import takings
from src.features.activity import activity, on_list
from src.features.lifecycle import lives_as_of
from src.features.months import Month
from src.features.standing import Standing, standing, taken_next
from src.models.products.worth import Money, money_of
from src.models.value.margins import has_costs

_TARIFFS = 12  # the most tariffs that are rows of the matrix: those that most customers have
_ADDS = "which products follow which, and what to offer next"


class Taken(Opened):
    """Holdings, purchases and tariffs as one table, and lists of customers at any month."""

    @once
    def held(self) -> pd.DataFrame | Missing:
        """Products and first purchases per category, and tariffs: `takings.COLUMNS`.

        Missing without the table `holdings`, and where only one product can be taken.
        """
        if not self.base.has("holdings"):
            return Missing("table holdings (products, and the months they were taken)", _ADDS)
        parts = [self.products(), *self._from_shop()]
        offered = pd.unique(pd.concat(parts)["product"])
        if len(offered) < 2:
            return Missing(f"second product: all that is held is {offered[0]}", _ADDS)
        tariffs = self._tariffs()
        return pd.concat([*parts, *tariffs], ignore_index=True)

    @once
    def products(self) -> pd.DataFrame:
        """The holdings; `InputError` where they are none or overlap themselves."""
        return takings.held_products(self.base.table("holdings"))

    @once
    def orders(self) -> pd.DataFrame | Missing:
        """Orders that are linked to customers, with `margin`: known, or a share of the amount."""
        missing = Missing("shop orders with customer_id and category", "purchases beside products")
        if not self.base.has("orders"):
            return missing
        orders = self.base.table("orders")
        if not {"customer_id", "category"} <= set(orders):
            return missing
        if "margin" not in orders or orders["margin"].isna().all():
            orders = orders.assign(margin=self.setting.margin_share * orders["amount"])
        return orders.dropna(subset=["customer_id", "category"])

    @once
    def watched(self) -> pd.DataFrame:
        """The months in which takings would be seen; `takings.watched`."""
        people, bills = self.people(), self.bills()
        lives = lives_as_of(bills, people, pd.Timestamp(self.last.start), self.base.freeze_months)
        return takings.watched(lives, people, self.last)

    @once
    def people(self) -> pd.DataFrame:
        """The customers with a segment."""
        return self.base.table("customers").dropna(subset=["segment"]).reset_index(drop=True)

    @once
    def bills(self) -> pd.DataFrame:
        """The bills, with a cost assumed where the base has none."""
        bills = self.base.table("billing")
        if has_costs(bills):
            return bills
        return bills.assign(cost_to_serve=(1 - self.setting.margin_share) * bills["revenue"])

    @once
    def money(self) -> Money:
        """Bills side by side."""
        return money_of(self.bills(), self.people())

    def list_at(self, at: Month) -> Standing:
        """Who is on the list at the end of month `at`, and what they hold: nothing later is read.

        On the list is who had revenue within as many months as a freeze has and had not closed.
        """
        held = self.held()
        if isinstance(held, Missing):
            raise InputError(f"there is no {held.lacks}")
        freeze, people = self.base.freeze_months, self.people()
        active = on_list(activity(self.bills(), at, freeze), people, at, freeze)
        people = people.set_index("customer_id")
        active = active[active["customer_id"].isin(people.index)]
        joined = self.watched().groupby("customer_id")["joined"].min()
        listed = pd.DataFrame(
            {
                "customer_id": active["customer_id"],
                "segment": active["customer_id"].map(people["segment"]).astype("object"),
                "joined": np.minimum(active["customer_id"].map(joined), at.number),
                "revenue": active["money"] / active["frequency"].clip(lower=1),
            }
        )
        products = sorted(held.loc[held["is_offered"], "product"].unique())
        return standing(held, listed, at, products)

    def outcome(self, before: Standing) -> tuple[np.ndarray, np.ndarray]:
        """What was taken within `ahead` months of a list; `src.features.standing.taken_next`."""
        held = self.held()
        if isinstance(held, Missing):
            raise InputError(f"there is no {held.lacks}")
        return taken_next(held, before, self.setting.ahead)

    def _from_shop(self) -> list[pd.DataFrame]:
        orders = self.orders()
        return [] if isinstance(orders, Missing) else [takings.bought_products(orders)]

    def _tariffs(self) -> list[pd.DataFrame]:
        for table in ("customers", "lines"):
            if self.base.has(table):
                people = self.base.table(table)
                if "tariff" in people:
                    most = people["tariff"].value_counts().index[:_TARIFFS]
                    people = people[people["tariff"].isin(most)]
                    return [takings.held_tariffs(people, 0)]
        return []

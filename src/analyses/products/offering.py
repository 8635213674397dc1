"""What to offer next: the product matrix, the next best product, its worth, and the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from src.analyses.missing import Missing, minor
from src.analyses.once import once
from src.analyses.products.taken import Taken
from src.analyses.settings.model import refuse
from src.analyses.streams import stream
from src.data.problems import InputError
from src.features.standing import Standing
from src.models.products import hits as testing
from src.models.products import worth as worths
from src.models.products.counting import counted
from src.models.products.matrix import matrix
from src.models.products.next_best import NextBest, fit_next, reasons
from src.models.products.offers import WORTH, Worth, best_offers, worth_of
from src.models.products.plan import Plan, focus_of, plan_of, within

_LISTS = 3  # lists of the past that chances are learned from
_OFFERS = "what to offer each customer next"


class Offering(Taken):
    """The steps of offers."""

    @once
    def matrices(self) -> dict[str, pd.DataFrame] | Missing:
        """The product matrix of each segment by name, as `src.models.products.matrix.matrix`.

        A segment in which nobody is watched for two months has none.
        """
        held = self.held()
        if isinstance(held, Missing):
            return held
        setting, tables = self.setting, {}
        for segment, lives in self.watched().groupby("segment", sort=True):
            own = held[held["customer_id"].isin(lives["customer_id"])]
            if own.empty or not (lives["end"] > lives["start"]).any():
                continue
            tables[str(segment)] = matrix(
                counted(own, lives),
                ahead=setting.ahead,
                floor=setting.floor,
                false_discovery=setting.false_discovery,
                confidence=setting.confidence,
            )
        return tables or Missing("two months of one customer", "which products follow which")

    def matrix(self, segment: str) -> pd.DataFrame | Missing:
        """The product matrix of a segment; `InputError` for one that the base does not have."""
        tables = self.matrices()
        if isinstance(tables, Missing):
            return tables
        if segment not in tables:
            raise InputError(f"there is no segment {segment!r}; there are {', '.join(tables)}")
        return tables[segment]

    @once
    def best_cells(self) -> pd.DataFrame | Missing:
        """The marked cells of all segments, those with the highest low end of the lift first."""
        tables = self.matrices()
        if isinstance(tables, Missing):
            return tables
        cells = pd.concat([rows.assign(segment=name) for name, rows in tables.items()])
        marked = cells[cells["is_marked"]].sort_values("low", ascending=False, kind="stable")
        return marked.reset_index(drop=True)

    @once
    @minor("how often the product named first is the one taken next")
    def hits(self) -> testing.HitTest | Missing:
        """The back-test: learned up to `ahead` months ago, tested on what was taken since.

        Beside the next best product: what customers took most often after the same last product,
        and what the segment takes most, of what is not held and of all.
        """
        past = self._lists(1 + _LISTS)
        if isinstance(past, Missing):
            return past
        if len(past) < 2:
            return self._too_short()
        setting, ((now, _), *seen) = self.setting, past
        taken, first = self.outcome(now)
        rng = stream(setting.seed, "hits")
        chances = self._known(fit_next(seen, setting.ahead, rng), now)
        popular = testing.popularity(seen, now)
        scores = {
            "next_best": chances,
            "conditional": testing.after_last(seen, now),
            "popularity": np.where(now.holds, np.nan, popular),
            "naive": popular,
        }
        table = testing.hits(first, scores)
        table["segment"] = now.customers["segment"].to_numpy()[table["customer"]]
        return testing.HitTest(
            now.at,
            setting.ahead,
            testing.hit_rates(table, setting.confidence),
            testing.hit_gains(table, rng, confidence=setting.confidence),
            testing.calibration(chances, taken, now),
        )

    @once
    @minor("what a product brings once it is taken")
    def margins(self) -> pd.DataFrame | Missing:
        """What taking each product adds a month; `src.models.products.worth.margins_of_products`.

        Of holdings alone; purchases in the shop have margins of their own.
        """
        held = self.held()
        if isinstance(held, Missing):
            return held
        return worths.margins_of_products(self.products(), self.money(), self.setting.confidence)

    @once
    @minor("what a product brings once it is taken")
    def worth(self) -> Worth | Missing:
        """What each product brings over the horizon; products whose takers are few are left out."""
        held, margins = self.held(), self.margins()
        if isinstance(held, Missing):
            return held
        if isinstance(margins, Missing):
            return margins
        setting, watched = self.setting, self.watched()
        parts = [margins]
        orders = self.orders()
        if not isinstance(orders, Missing):
            bought = held[held["product"].str.startswith("shop: ")]
            parts.append(worths.margins_of_orders(orders, bought, watched))
        follow_up = self.last.back(self.base.freeze_months - 1)
        kept = worths.staying(held, watched, follow_up, setting.confidence)
        table = pd.concat([part for part in parts if len(part)], ignore_index=True)
        table = table.reindex(columns=[name for name in WORTH if name not in kept.columns[2:]])
        return worth_of(
            table.merge(kept.drop(columns=["low", "high"]), on=["segment", "product"]),
            stream(setting.seed, "worth"),
            horizon=setting.horizon,
            annual_rate=setting.rate,
            replicates=setting.replicates,
        )

    @once
    @minor(_OFFERS)
    def offers(self) -> pd.DataFrame | Missing:
        """The offer of each customer that is expected to bring most: `customer_id`, `segment`,
        `product`, `chance`, `margin` (if taken), `expected`, `low`, `high`, `reason`.

        Of those on the list of the last month; those who are expected to bring most come first.
        """
        worth, model = self.worth(), self.next_best()
        if isinstance(worth, Missing):
            return worth
        if isinstance(model, Missing):
            return model
        now, setting = self.today(), self.setting
        table = best_offers(now, self._known(model, now), worth, confidence=setting.confidence)
        offer = np.full(len(now.customers), -1)
        offer[table["customer"]] = table["place"]
        said = reasons(now, offer, model.conditions, setting.ahead, setting.floor)
        table["reason"] = said[table["customer"]]
        table = table.drop(columns=["customer", "place"])
        return table.sort_values("expected", ascending=False, kind="stable", ignore_index=True)

    @once
    def plan(self) -> Plan | Missing:
        """One offer per customer among the products in focus; see `src.models.products.plan.Plan`.

        Without `focus` in the setting, the three of each segment whose offers are expected to bring
        most. `InputError` for a product in focus that nobody takes.
        """
        self._refuse_unknown_focus()
        offers, worth, model, tested = self.offers(), self.worth(), self.next_best(), self.hits()
        for answer in (offers, worth, model, tested):
            if isinstance(answer, Missing):
                return answer
        assert isinstance(offers, pd.DataFrame)
        assert isinstance(worth, Worth)
        assert isinstance(model, NextBest)
        assert isinstance(tested, testing.HitTest)
        now, setting = self.today(), self.setting
        past = self._lists(1)
        assert not isinstance(past, Missing)
        return plan_of(
            now,
            within(self._known(model, now), setting.ahead, setting.focus_months),
            worth,
            testing.popularity(past, now),
            tested.calibration,
            stream(setting.seed, "plan"),
            focus=setting.focus or focus_of(offers),
            months=setting.focus_months,
            confidence=setting.confidence,
        )

    def _refuse_unknown_focus(self) -> None:
        held = self.held()
        if isinstance(held, Missing):
            return
        taken = sorted(held.loc[held["is_offered"], "product"].unique())
        if unknown := [name for name in self.setting.focus if name not in taken]:
            raise refuse("FOCUS", unknown[0], "products that customers take", taken)

    @once
    def next_best(self) -> NextBest | Missing:
        """The chances, learned from the lists of the past whose months ahead are all known."""
        past = self._lists(_LISTS)
        if isinstance(past, Missing):
            return past
        return fit_next(past, self.setting.ahead, stream(self.setting.seed, "next best"))

    @once
    def today(self) -> Standing:
        """The list of the last month."""
        return self.list_at(self.last)

    def _known(self, model: NextBest, now: Standing) -> np.ndarray:
        """Chances of the segments that were there in the past; none for others."""
        chances = np.full(now.holds.shape, np.nan)
        rows = now.customers["segment"].isin(model.weights).to_numpy()
        chances[rows] = model.chances(now.part(rows))
        return chances

    @once
    def _past(self) -> list[tuple[Standing, np.ndarray]]:
        """Lists of the past with what was taken after each, the newest first."""
        first = int(self.watched()["start"].min())
        ahead, past = self.setting.ahead, []
        for step in range(1, _LISTS + 2):
            at = self.last.back(ahead * step)
            if at.number < first:
                break
            now = self.list_at(at)
            past.append((now, self.outcome(now)[0]))
        return past

    def _lists(self, number: int) -> list[tuple[Standing, np.ndarray]] | Missing:
        held = self.held()
        if isinstance(held, Missing):
            return held
        past: list[tuple[Standing, np.ndarray]] = self._past()[:number]
        return past or self._too_short()

    def _too_short(self) -> Missing:
        months = 2 * self.setting.ahead + 1
        return Missing(
            f"{months} months of bills, as {self.setting.ahead} months ahead need", _OFFERS
        )

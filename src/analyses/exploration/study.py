"""A base of any kind, looked at step by step."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from src.analyses.exploration.leaks import Leaks, leaks
from src.analyses.exploration.values import Leaving, Money, Stay, Summary
from src.analyses.missing import Missing
from src.analyses.settings.exploration import Setting
from src.analyses.settings.model import refuse
from src.data.bases import Base
from src.data.privacy import without_small_groups
from src.features import exits as leaving
from src.features import lifecycle, portrait, quality
from src.features.true_rate import as_customers_are
from src.models.gap.from_the_start import grows_with
from src.models.intervals.proportions import event_rate
from src.models.intervals.rates import explained_share, overall_rate, rates_by
from src.models.survival.kaplan_meier import kaplan_meier, median_survival, survival_at
from src.models.value import concentration

MARKS = (12, 24, 36)
_NO_TIME = Missing("time per customer (such as tenure_months)", "how long customers stay")


class Study:
    """What is in a base, who brings the money, how customers leave.

    `words` is how the base speaks of its customers, such as `words.outcome`, which a rate counts;
    `currency` that of its money; `attributes()` names what customers can be split by. Steps may be
    asked in any order, and what takes long is computed once. No step draws random numbers.
    """

    def __init__(self, base: Base, setting: Setting) -> None:
        self.base, self.setting = base, setting
        self._freeze_months = setting.freeze_months or base.freeze_months
        self._view = portrait.portrait(base, self._freeze_months)
        self.words, self.currency = self._view.words, base.currency
        self._judged = self._view.customers.dropna(subset=["outcome"])
        is_ranked = ~self._judged["customer_id"].isin(self._view.unranked)
        self._ranked = self._judged[is_ranked]

    def __repr__(self) -> str:
        number = len(self._view.customers)
        return f"Exploration of {self.base.name}: {number:,} {self.words.customer}s"

    def tables(self) -> pd.DataFrame:
        """One row per table: `table`, `holds`, `rows`, `columns`, `first`, `last`, `missing_share`.

        `first` and `last` are its earliest and latest date, missing where it has none;
        `missing_share` is the share of empty cells.
        """
        return self._tables.copy()

    def columns(self) -> pd.DataFrame:
        """One row per column: `table`, `column`, `type`, `missing`, `missing_share`, `distinct`.

        Sorted by table, then by the number of empty cells (`missing`), most first.
        """
        return self._columns.copy()

    def reason(self) -> tuple[str, object] | None:
        """The column and its one value wherever the emptiest column is empty; None: no reason."""
        return self._reason

    def customers(self) -> pd.DataFrame:
        """One row per customer: `customer_id`, `money`, `outcome`, and the attributes in bands.

        `money` (in `currency`, see `words.money`) is missing where the base has none; `outcome`
        (yes or no, see `words.outcome`) where it is not known yet.
        """
        return self._view.customers.copy()

    def summary(self) -> Summary:
        """The size of the base, the rate of its outcome, the attribute that separates most."""
        by = self._split_by
        return Summary(
            words=self.words,
            kind=self.base.kind,
            customers=len(self._view.customers),
            judged=len(self._judged),
            rate=self._overall,
            money=self.money(),
            split_by=by,
            strongest=self._levels[self._levels["attribute"] == by],
            explained=float(self._explained.get(by, 0.0)),
            tables=self._tables,
            columns=self._columns,
            reason=self._reason,
            aside=self._view.aside,
            leaks=self.leaks(),
        )

    def leaks(self) -> Leaks:
        """Columns that may hold the label, or be known only at the end; see `Leaks`."""
        return self._leaks

    def money(self) -> Money | Missing:
        """Who brings the money: the part of the top share, the whole curve, mean and median."""
        return self._money

    def attributes(self) -> pd.DataFrame:
        """What customers can be split by: `attribute`, `explained`, the strongest first.

        `explained` is the share of the variance of the outcome, 0 to 1.
        """
        ranking = self._explained.rename_axis("attribute")
        return ranking.reset_index(name="explained")

    def rates(self, attribute: str = "") -> pd.DataFrame | Missing:
        """How often the outcome (`words.outcome`) happens at each level of an attribute.

        Returns `attribute`, `level`, `customers`, `rate`, `low`, `high` (Wilson intervals, 0 to 1),
        levels in their order, groups of fewer than `min_cell` customers left out. Without a name,
        all attributes, the one that separates most first: `study.rates("tariff")`.

        Raises `InputError` for an attribute the base does not have, saying which it has.
        """
        if attribute:
            self._refuse_unknown(attribute)
            rows = self._levels[self._levels["attribute"] == attribute]
            return rows.reset_index(drop=True)
        if self._levels.empty:
            return Missing("attributes", "which groups differ")
        return self._levels.copy()

    def curves(self, by: str = "") -> pd.DataFrame | Missing:
        """Kaplan-Meier curves, of all customers or by an attribute.

        Returns `group`, `time`, `at_risk`, `survival`, `low`, `high`, one row per distinct time of
        a group. `time` is in months, or weeks for orders (`words.unit`). Groups of fewer than
        `min_cell` customers are left out.

        Raises `InputError` for an attribute the base does not have, saying which it has.
        """
        if self._view.lives is None:
            return _NO_TIME
        if by:
            self._refuse_unknown(by)
        return self._curves(self._view.lives, by)

    def stay(self) -> Stay | Missing:
        """How long customers stay, or take to come back, overall and by attributes."""
        return self._stay

    def leaving(self) -> Leaving | Missing:
        """How often customers leave, in which way, and what their last year looked like."""
        return self._leaving

    def exits(self) -> pd.DataFrame | Missing:
        """Monthly churn per segment with its interval; columns as in `Leaving.exits`."""
        answer = self._leaving
        return answer if isinstance(answer, Missing) else answer.exits.copy()

    def before_exit(self) -> pd.DataFrame | Missing:
        """Revenue and usage in the year before the exit; columns as in `Leaving.before`."""
        answer = self._leaving
        return answer if isinstance(answer, Missing) else answer.before.copy()

    def vintages(self) -> pd.DataFrame | Missing:
        """Revenue by when customers were won: `vintage`, `period`, `revenue`, `customers`.

        One row per vintage and period (a month, or `now` for a snapshot); `revenue` in `currency`.
        """
        if self._view.revenue is None:
            return Missing("money with a time (tenure, or months)", "income by vintage")
        return self._view.revenue.copy()

    def _refuse_unknown(self, attribute: str) -> None:
        if attribute not in self._view.attributes:
            raise refuse("attribute", attribute, "one of the base", self._view.attributes)

    def _curves(self, lives: pd.DataFrame, by: str = "") -> pd.DataFrame:
        confidence = self.setting.confidence
        if not by:
            return kaplan_meier(lives, confidence=confidence)
        large = self._levels.loc[self._levels["attribute"] == by, "level"]
        return kaplan_meier(lives[lives[by].isin(large)], by, confidence)

    @cached_property
    def _tables(self) -> pd.DataFrame:
        return quality.tables_overview(self.base)

    @cached_property
    def _columns(self) -> pd.DataFrame:
        return quality.columns_overview(self.base)

    @cached_property
    def _leaks(self) -> Leaks:
        return leaks(self.base)

    @cached_property
    def _reason(self) -> tuple[str, object] | None:
        return quality.reason_for_gaps(self.base, self._columns)

    @cached_property
    def _overall(self) -> pd.Series:
        return overall_rate(self._judged["outcome"], self.setting.confidence)

    @cached_property
    def _explained(self) -> pd.Series:
        return explained_share(self._ranked, "outcome", self._view.attributes)

    @cached_property
    def _levels(self) -> pd.DataFrame:
        order = list(self._explained.index)
        levels = rates_by(self._ranked, "outcome", order, self.setting.confidence)
        return without_small_groups(levels, "customers", self.setting.min_cell)

    @property
    def _split_by(self) -> str:
        return self.setting.curves_by or next(iter(self._explained.index), "")

    @cached_property
    def _money(self) -> Money | Missing:
        known = self._view.customers["money"].notna()
        money = self._view.customers.loc[known, "money"]
        below = int((money < 0).sum())
        shared = self._view.gross[known] if below else money
        if not shared.sum() > 0:
            return Missing(f"money per {self.words.customer}", "how the income is spread")
        share = self.setting.top_share
        return Money(
            words=self.words,
            currency=self.currency,
            share=share,
            top=concentration.top_share(shared, share, self.setting.confidence),
            curve=concentration.pareto_curve(shared),
            total=float(money.sum()),
            mean=float(money.mean()),
            median=float(money.median()),
            gini=concentration.gini(shared),
            of=self.words.gross if below else self.words.money,
            below=below,
            unknown=int((~known).sum()),
        )

    @cached_property
    def _stay(self) -> Stay | Missing:
        lives = self._view.lives
        if lives is None:
            return _NO_TIME
        shown = set(self._levels["attribute"])
        first = self._split_by
        if first in self._growing:
            first = next((name for name in self._explained.index if name not in self._growing), "")
        ranking = [first, *(name for name in self._explained.index if name != first)]
        names = [name for name in ranking if name in shown and name not in self._growing]
        names = names[: self.setting.curves]
        parts = {name: self._curves(lives, name) for name in names}
        curves = self._curves(lives)
        groups = [part.assign(attribute=name) for name, part in parts.items()]
        marks = survival_at(parts.get(first, curves), MARKS).dropna()
        return Stay(
            words=self.words,
            confidence=self.setting.confidence,
            curves=curves,
            median=float(median_survival(curves).iloc[0]),
            split_by=first if first in parts else "",
            growing=tuple(name for name in ranking if name in shown & self._growing),
            groups=pd.concat(groups or [curves.iloc[:0].assign(attribute="")], ignore_index=True),
            marks=marks if first in parts else marks.iloc[:0],
        )

    @cached_property
    def _growing(self) -> set[str]:
        """Attributes of a snapshot that grow with the time at risk, as money to date does.

        Who is in their upper bands has stayed long, whatever they do: immortal time.
        """
        if self.base.kind != "snapshot":
            return set()
        table = as_customers_are(self.base)
        if "tenure_months" not in table:
            return set()
        tenure = table["tenure_months"]
        return {
            name
            for name in self._view.attributes
            if name in table and grows_with(table[name], tenure)
        }

    @cached_property
    def _leaving(self) -> Leaving | Missing:
        if self.base.kind != "panel":
            return Missing("months per customer (a panel)", "how customers leave")
        bills, people = self.base.table("billing"), self.base.table("customers")
        lives = lifecycle.lives(bills, people, self._freeze_months)
        segment = people.set_index("customer_id")["segment"]
        exits = leaving.exits_by(lives, segment)
        exits = exits.join(event_rate(exits["exits"], exits["months"], self.setting.confidence))
        measures = {"revenue": bills}
        if self.base.has("usage"):
            usage = self.base.table("usage")
            measures |= dict.fromkeys(usage.select_dtypes("number").columns[:1], usage)
        before = [
            leaving.before_exit(table, measure, lives, segment).assign(measure=measure)
            for measure, table in measures.items()
        ]
        return Leaving(
            exits.assign(frozen_share=exits["frozen"] / exits["exits"]),
            pd.concat(before, ignore_index=True),
        )

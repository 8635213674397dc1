"""The setting of a churn study."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from src.analyses.settings.model import BaseSetting, allowed, refuse
from src.data.problems import InputError
from src.features.true_rate import as_customers_are, labelled

if TYPE_CHECKING:
    import pandas as pd

    from src.data.bases import Base

_MANY_ROWS, _MANY_COLUMNS = 20_000, 100
LEAST = 10  # below, no AUC has an interval
_RULE = re.compile(r"(low|high) \S.*")


def refuse_few_of_a_kind(churned: pd.Series, rate: float | None = None) -> None:
    """Raise `InputError` where fewer than ten customers left, or fewer than ten stayed.

    `rate`: of churn, to which rows were thinned; they are few because of it, not of their labels.
    """
    left, customers = int(churned.sum()), len(churned)
    few, did = min((left, "are marked as churned"), (customers - left, "stayed"))
    if few < LEAST:
        number = f"fewer than {LEAST}" if few else "0"
        if rate is not None:
            raise InputError(
                f"03_churn needs {LEAST} customers who left and {LEAST} who stayed; thinned to "
                f"`churn_rate: {rate:g}` the rows to learn from are {customers:,}, of which "
                f"{number} {did}. Look whether the rate is right; then more rows are needed, or "
                f"labels of the rows to be scored, {LEAST} of each kind, to judge on"
            )
        raise InputError(
            f"03_churn needs {LEAST} customers who left and {LEAST} who stayed; of {customers:,} "
            f"in this base {number} {did}. Should more of them, look how the label is read: under "
            "tables.snapshot of base.yml write `values: {churned: {<word of the file>: yes, "
            "<other word>: no}}`"
        )


class Setting(BaseSetting):
    """Who is judged on what, by which models, with which money; see each field's description."""

    segment: str = allowed("", "a segment of a panel, such as B2B; empty: all customers")
    horizon: int = allowed(
        0, "months in which an exit counts, 1 to 12; 0: 3, or 6 for B2B", ge=0, le=12
    )
    gap: int | None = allowed(
        None, "months to act before the horizon, 0 or more; None: 0, or 1 for B2B", ge=0
    )
    tests: int = allowed(3, "monthly snapshots that judge, 1 or more", ge=1)
    training: int = allowed(4, "snapshots to learn from at most, 1 or more", ge=1)
    least: int = allowed(50, "churners a segment needs for models of its own, 10 or more", ge=10)
    folds: int = allowed(5, "folds of a snapshot base, 2 or more", ge=2)
    repeats: int = allowed(
        0, "repeats of the folds; 0: 2, or 1 of more than 20,000 rows or 100 columns", ge=0
    )
    trials: int = allowed(4, "settings of XGBoost tried in each fit, 1 or more", ge=1)
    rule: str = allowed("", 'the rule of thumb: "low <column>", "high <column>" or empty')
    without: list[str] = allowed([], "columns no model may read, such as [tenure_months]")
    leaks: Literal["stop", "leave out"] = allowed(
        "stop", '"stop" or "leave out": what is done where columns are too good to be true'
    )
    clv: float = allowed(
        200, "value of a customer who stays where a base tells none, above OFFER", gt=0
    )
    offer: float = allowed(10, "cost of an offer that is taken, 0 or more", ge=0)
    contact: float = allowed(1, "cost of a contact, 0 or more", ge=0)
    alpha: float = allowed(6, "above 0, as accept rate ~ Beta(ALPHA, BETA)", gt=0)
    beta: float = allowed(14, "above 0, as accept rate ~ Beta(ALPHA, BETA)", gt=0)
    value_months: int = allowed(36, "months of margin of a customer who stays, 1 or more", ge=1)
    rate: float = allowed(
        0.12, "yearly discount of that margin, 0 to 1, such as 0.12 for 12%", ge=0, le=1
    )
    margin_share: float = allowed(
        0.5, "margin over revenue where costs are not known, 0 to 1", ge=0, le=1
    )
    group: str = allowed("", "a column to show reasons by; empty: the segment")
    top: int = allowed(12, "columns shown per chart, 6 or more", ge=6)
    explained: int = allowed(2000, "customers whose chances are explained, 100 or more", ge=100)
    resamples: int = allowed(20, "resamples of customers for the order of reasons, 2 or more", ge=2)
    replicates: int = allowed(200, "replicates of the bootstrap, 100 or more", ge=100)
    seed: int = allowed(0, "a whole number, 0 or more", ge=0)
    confidence: float = allowed(0.95, "the level of intervals, above 0 and below 1", gt=0, lt=1)
    min_cell: int = allowed(10, "the least customers of a group that is shown, 1 or more", ge=1)

    @property
    def accept_rate(self) -> float:
        """The mean share of contacted leavers who stay: an assumption."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def economics(self) -> dict[str, Any]:
        """Costs and the accept rate of a campaign, as `profit.contact` takes them."""
        return {"offer": self.offer, "contact": self.contact, "accept_rate": self.accept_rate}

    @property
    def maximum(self) -> dict[str, Any]:
        """What the expected maximum profit (EMPC) takes."""
        names = ("clv", "offer", "contact", "alpha", "beta")
        return {name: getattr(self, name) for name in names}

    @property
    def drawn(self) -> dict[str, Any]:
        """The size of a bootstrap and the level of its intervals."""
        return {"replicates": self.replicates, "confidence": self.confidence}

    def assumed(self, currency: str, is_valued: bool) -> list[str]:
        """Costs and rates that have their defaults, in words; the value where none is known."""
        said = [
            ("contact", f"a contact costs {self.contact:g} {currency} (CONTACT)"),
            ("offer", f"an offer {self.offer:g} {currency} (OFFER)"),
            ("alpha", f"{self.accept_rate:.0%} of leavers take it (ALPHA, BETA)"),
            ("clv", f"a customer who stays is worth {self.clv:g} {currency} (CLV)"),
        ]
        usual = {name: field.get_default() for name, field in type(self).model_fields.items()}
        is_set = {name for name, _ in said if getattr(self, name) != usual[name]}
        if self.beta != usual["beta"]:
            is_set.add("alpha")
        if is_valued:
            is_set.add("clv")
        return [words for name, words in said if name not in is_set]

    def repeats_of(self, rows: int, columns: int) -> int:
        """How often folds are drawn: more repeats of many rows add time and no customers."""
        return self.repeats or (1 if rows > _MANY_ROWS or columns > _MANY_COLUMNS else 2)

    def refuse_unknown(self, base: Base) -> None:
        """Raise `InputError` for a segment the base does not have, and for money without sense."""
        if self.clv <= self.offer:
            raise InputError(f"CLV must be above OFFER, not {self.clv:g} and {self.offer:g}")
        if self.rule and not _RULE.fullmatch(self.rule):
            words = type(self).model_fields["rule"].description
            raise InputError(f"RULE must be {words}, not {self.rule!r}")
        if base.kind != "panel":
            if self.segment:
                raise InputError(f"SEGMENT is for panels, not {base.kind} bases; leave it empty")
            if base.kind == "snapshot":
                thinned_to = None if len(labelled(base)) else base.churn_rate
                refuse_few_of_a_kind(as_customers_are(base)["churned"], thinned_to)
            return
        here = sorted(base.table("customers", ["segment"])["segment"].astype(str).unique())
        if self.segment and self.segment not in here:
            raise refuse("SEGMENT", self.segment, "a segment of the base", here)

    def refuse_columns(self, columns: Collection[str]) -> None:
        """Raise `InputError` where `without`, `group` or `rule` names no column of the base."""
        named = [("WITHOUT", name) for name in self.without]
        named += [("GROUP", self.group)] if self.group else []
        named += [("RULE", self.rule.partition(" ")[2])] if self.rule else []
        for parameter, name in named:
            if name not in columns:
                raise refuse(parameter, name, "about a column of the base", columns)

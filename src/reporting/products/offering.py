"""Sections of offers: what a product brings, the next offers, hits, and the plan."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import Interval, count, listed, percent, short_money
from src.reporting.page.results import Note, Section, is_missing, metric_name, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.products.charts import draw_hits

_OWN = "next_best"
METHODS = {
    "next_best": "next best product",
    "conditional": "after the last product",
    "popularity": "most taken, not held",
    "naive": "most taken, held or not",
}
CAUTION = (
    "These are products that customers take by themselves; what an offer adds to that is known "
    "only from a campaign with controls."
)


class HitTest(Protocol):
    """A back-test; `src.models.products.hits.HitTest` has these."""

    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def rates(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def gains(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def calibration(self) -> pd.DataFrame: ...  # noqa: D102


class Plan(Protocol):
    """A plan; `src.models.products.plan.Plan` has these."""

    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def table(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def worth(self) -> Interval: ...  # noqa: D102
    @property
    def popular(self) -> Interval: ...  # noqa: D102
    @property
    def gain(self) -> Interval: ...  # noqa: D102


@or_absent
def margins(table: pd.DataFrame, least: int = LEAST) -> Table | Note:
    """What taking a product adds to revenue and margin a month, as shares of the revenue before."""
    shown = table[(table["takers"] >= least) & table["share"].notna()]
    if shown.empty:
        return Note("Of no product enough customers took it with bills before and after.")
    least_share, most_share = shown["share"].min(), shown["share"].max()
    span = f"{percent(least_share)} to {percent(most_share)}"
    sure = int((shown["low"] > 0).sum())
    sentence = (
        f"Taking a product adds **{span}** of the revenue before as margin, each month, against "
        f"customers with as many products who took nothing; surely more than nothing in {sure} of "
        f"{count(len(shown), 'product')}"
    )
    return Table(
        shown,
        sentence,
        {
            "segment": ("Segment", "text"),
            "product": ("Product", "text"),
            "takers": ("Takers", "customers"),
            "revenue_share": ("Adds to revenue", "percent"),
            "share": ("Adds as margin", "percent"),
            "low": ("Low", "percent"),
            "high": ("High", "percent"),
        },
        least=least,
    )


@or_absent
def next_offers(offers: pd.DataFrame, money: str, ahead: int, least: int = LEAST) -> Section:
    """The next offers by product: customers, their chance, what they are expected to bring.

    Reads the frame of `offers`; intervals are those of the margins. Groups of fewer than `least`
    customers are left out.
    """
    table = _by_product(offers, least)
    if table.empty:
        return Section(Note("No offer goes to customers enough to be shown."))
    groups = offers.groupby(["segment", "product"], sort=False)
    said = groups["reason"].agg(lambda reason: reason.value_counts().index[0]).reset_index()
    best = table.iloc[0]
    reason = said[(said["segment"] == best["segment"]) & (said["product"] == best["product"])]
    sentence = (
        f"The next offer that earns most is **{best['product']}** to "
        f"{count(best['customers'], 'customer')} of {best['segment']}: "
        f"**{short_money(best['expected'])} {money} ({short_money(best['low'])} to "
        f"{short_money(best['high'])})**"
    )
    shown = Table(
        table,
        sentence,
        {
            "segment": ("Segment", "text"),
            "product": ("Offer", "text"),
            "customers": ("Customers", "customers"),
            "chance": (f"Take it within {ahead} months", "percent"),
            "margin": (f"Margin if taken, {money}", "number"),
            "expected": (f"Expected, {money}", "integer"),
            "low": ("Low", "integer"),
            "high": ("High", "integer"),
        },
        least=least,
    )
    return Section(shown, Note(f"The most common reason: {reason['reason'].iloc[0]}. {CAUTION}"))


def best_offer(offers: pd.DataFrame, least: int = LEAST) -> pd.Series | None:
    """The offer that earns most: `segment`, `product`, `customers`, `chance`, `expected`, ends."""
    table = _by_product(offers, least)
    return None if table.empty else table.iloc[0]


def _by_product(offers: pd.DataFrame, least: int) -> pd.DataFrame:
    """Sums by segment and product, those that earn most first, groups of few left out."""
    groups = offers.groupby(["segment", "product"], sort=False)
    table = groups.agg(
        customers=("chance", "size"),
        chance=("chance", "mean"),
        margin=("margin", "mean"),
        expected=("expected", "sum"),
        low=("low", "sum"),
        high=("high", "sum"),
    ).reset_index()
    return table[table["customers"] >= least].sort_values("expected", ascending=False)


@or_absent
def hit_rates(test: HitTest) -> Section:
    """Hit rates against the alternatives, all segments together, and the gain with its interval."""
    rates = test.rates[test.rates["segment"] == "all"]
    rates = rates.assign(label=rates["method"].map(METHODS))
    figure, ax = canvas((7.6, 3.6))
    draw_hits(ax, rates)
    finding = hit_sentence(test)
    alt = f"Dots of the share of hits per method, with intervals. {finding}"
    chance = test.calibration
    expected, takers = chance["expected"].sum(), chance["takers"].sum()
    level = Note(
        f"In these {test.months} months {count(expected, 'taking')} were expected and "
        f"{count(takers)} came."
    )
    return Section(Figure(figure, finding, alt), level)


def hit_sentence(test: HitTest) -> str:
    """How often three named products hold the one taken, and by how much more than popularity."""
    rate = _of(test.rates, _OWN, 3)
    popular, last = (_of(test.gains, method, 3) for method in ("popularity", "conditional"))
    return (
        f"Of {count(rate['customers'], 'customer')} who took something within {test.months} months "
        f"**{percent(rate['rate'], 0)}** took one of the three named: **{_points(popular)}** more "
        f"than the most taken that they did not hold, {_points(last)} more than what others took "
        "after the same last product."
    )


@or_absent
def quarter(plan: Plan, money: str, least: int = LEAST) -> Section:
    """The plan of the months in focus: customers, expected takers, and what it is worth."""
    table = plan.table
    shown = table[table["customers"] >= least]
    sentence = plan_sentence(plan, money)
    return Section(
        Table(
            shown,
            sentence,
            {
                "segment": ("Segment", "text"),
                "product": ("Offer", "text"),
                "customers": ("Customers", "customers"),
                "takers": ("Expected takers", "integer"),
                "takers_low": ("Low", "integer"),
                "takers_high": ("High", "integer"),
                "worth": (f"Worth, {money}", "integer"),
                "worth_low": ("Low", "integer"),
                "worth_high": ("High", "integer"),
            },
            least=least,
        ),
        Note(against_sentence(plan, money)),
        Note(CAUTION),
    )


def plan_sentence(plan: Plan, money: str) -> str:
    """What the plan is worth, and how many take."""
    total = plan.table.iloc[-1]
    products = listed(list(dict.fromkeys(plan.table["product"].iloc[:-1])))
    return (
        f"One offer each of {products} over {count(plan.months, 'month')}: about "
        f"{count(total['takers'])} of {count(total['customers'], 'customer')} are expected to take "
        f"it, worth **{in_money(plan.worth, money)}**"
    )


def in_money(figure: Interval, money: str) -> str:
    """A sum of money with its interval, in the currency `money`."""
    ends = f"({short_money(figure.low)} to {short_money(figure.high)})"
    return f"{short_money(figure.value)} {money} {ends}"


def against_sentence(plan: Plan, money: str) -> str:
    """The plan against the most popular product for each of the same customers."""
    verdict = (
        "more" if plan.gain.low > 0 else "less" if plan.gain.high < 0 else "no sure gain: the plan"
    )
    text = "Offered the most popular product that they do not hold, the same customers are worth "
    text += f"{in_money(plan.popular, money)}; "
    if verdict.startswith("no"):
        return f"{text}{verdict} brings {in_money(plan.gain, money)} more."
    size = short_money(abs(plan.gain.value))
    near, far = sorted(abs(end) for end in (plan.gain.low, plan.gain.high))
    ends = f"({short_money(near)} to {short_money(far)})"
    return f"{text}the plan brings {size} {money} {ends} {verdict}."


def metrics(matrices: Any, test: Any, plan: Any, offers: Any) -> dict[str, Any]:
    """The figures of the run: `matrix.<segment>.marked`, `nbp.*`, `plan.*`, `offers.*`.

    Steps that the base cannot answer bring none.
    """
    found: dict[str, Any] = {}
    if not is_missing(matrices):
        for segment, cells in matrices.items():
            name = f"matrix.{metric_name(segment)}"
            found[f"{name}.shown"] = int(cells["is_shown"].sum())
            found[f"{name}.marked"] = int(cells["is_marked"].sum())
    if not is_missing(test):
        for method, name in zip(
            METHODS, ("", "conditional_", "popularity_", "naive_"), strict=True
        ):
            for first in (1, 3):
                found[f"nbp.{name}hit{first}"] = _of(test.rates, method, first)["rate"]
        for method, name in (("popularity", ""), ("conditional", "conditional_")):
            for first in (1, 3):
                gain = _of(test.gains, method, first)
                key = f"nbp.{name}hit{first}_gain"
                found |= {key: gain["gain"], f"{key}.low": gain["low"], f"{key}.high": gain["high"]}
        found["nbp.customers"] = _of(test.rates, _OWN, 3)["customers"]
    if not is_missing(offers):
        found |= {"offers.customers": len(offers), "offers.expected": offers["expected"].sum()}
    if not is_missing(plan):
        for name, figure in (("worth", plan.worth), ("gain", plan.gain)):
            key = f"plan.{name}"
            found |= {key: figure.value, f"{key}.low": figure.low, f"{key}.high": figure.high}
        found["plan.takers"] = plan.table["takers"].iloc[-1]
    return found


def _of(table: pd.DataFrame, method: str, first: int) -> pd.Series:
    is_it = (table["segment"] == "all") & (table["method"] == method) & (table["first"] == first)
    return table[is_it].iloc[0]


def _points(gain: pd.Series) -> str:
    ends = f"{100 * gain['low']:.1f} to {100 * gain['high']:.1f}"
    return f"{100 * gain['gain']:.1f} points ({ends})"

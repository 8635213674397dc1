"""Sections on the next campaign: the list of today, budgets, weaker effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from src.reporting.campaigns.words import money_of
from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, short_money
from src.reporting.page.results import Absent, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import LEAST, many
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, canvas
from src.reporting.page.tables import Table

_SIZE = (5.4, 3.3)
_ALL = "all"
_PLAN, _RISK, _RANDOM = "plan", "highest risk", "at random"
_SAID = {_PLAN: "model", _RISK: "highest risk", _RANDOM: "random"}


@or_absent
def next_list(found: Any, money: str, least: int = LEAST) -> Section:
    """Whom to contact next, with what, by segment; and what limits it."""
    return Section(
        _by_treatment(found, money, least),
        Note(_limits(found, money, least)),
        Note(_cheap(found, money)),
    )


def _by_treatment(found: Any, money: str, least: int) -> Table | Note:
    rows = found.rows
    if rows.empty:
        return Note(list_sentence(found, money, least) + ".")
    segment = rows["segment"].astype(str) if "segment" in rows else pd.Series(_ALL, rows.index)
    groups = rows.assign(segment=segment).groupby(["segment", "treatment"], sort=True)
    table = groups.agg(
        customers=("cost", "size"),
        cost=("cost", "sum"),
        saved=("saved", "sum"),
        expected=("expected", "sum"),
    ).reset_index()
    table = table[table["customers"] >= least].sort_values("expected", ascending=False)
    return Table(
        table,
        list_sentence(found, money, least),
        {
            "segment": ("Segment", "text"),
            "treatment": ("Treatment", "text"),
            "customers": ("Customers", "customers"),
            "cost": (f"Cost, {money}", "integer"),
            "saved": (f"Kept, {money}", "integer"),
            "expected": (f"Left, {money}", "integer"),
        },
        least=least,
    )


def list_sentence(found: Any, money: str, least: int = LEAST) -> str:
    """How many are to be contacted, and what that is expected to earn."""
    if found.rows.empty:
        return (
            f"**Nobody** of {count(found.customers, 'customer')} is worth a contact by what "
            f"{found.campaign} taught: no treatment is expected to keep more than it costs"
        )
    listed = f"**{many(len(found.rows), 'customer', least)}** of {count(found.customers)}"
    earns = (
        f"for {short_money(found.spent)} {money}: expected to earn "
        f"**{money_of(found.gain, money)}**, the ends if all effects lie at theirs at once"
    )
    if found.is_shown:
        return f"{listed} are to be contacted, {earns}"
    return (
        f"A list of {listed} is for a test with controls only, as its rule is not shown to be "
        f"better, {earns}"
    )


def _limits(found: Any, money: str, least: int) -> str:
    if found.budget is None:
        parts = ["No budget was set."]
    else:
        whose = "what the campaign cost, as none was set" if found.is_assumed else "as set"
        price = found.price.get("budget", 0.0)
        parts = [
            f"The budget is {short_money(found.budget)} {money} ({whose}); one more {money} of it "
            f"would earn **{price:.2f} {money}**"
            + ("." if price else ": more money would not be spent.")
        ]
    if found.capacity is not None:
        price = found.price.get("contacts", 0.0)
        parts.append(
            f"At most {count(found.capacity, 'contact')}; one more would earn {price:.2f} {money}."
        )
    if found.blocked:
        parts.append(
            f"{many(found.blocked, 'customer', least)} were contacted less than "
            f"{count(found.rest, 'week')} ago and are left in peace."
        )
    parts.append(
        f"The simple way, highest return on cost first, would earn {short_money(found.greedy)} "
        f"{money}; no list can earn more than {short_money(found.bound)} {money}, if effects are "
        "as learned."
    )
    return " ".join(parts)


def _cheap(found: Any, money: str) -> str:
    by_risk = (
        ""
        if np.isnan(found.by_risk)
        else (f"the highest risk first {short_money(found.by_risk)} {money}, ")
    )
    return (
        f"With the same money and the same effects, {by_risk}customers as they come "
        f"{short_money(found.everybody)} {money}. The ends of the interval take all effects at "
        "the ends of theirs."
    )


def budgets(curve: Any, plan: Any, money: str) -> Figure | Absent:
    """What budgets of all sizes earn, by the model, by risk, and with customers at random."""
    if is_missing(curve):
        return Absent(curve.lacks, curve.adds)
    drawing, ax = canvas(_SIZE)
    _draw(ax, curve, plan, money)
    told = "; ".join(
        f"{row.way} at {short_money(row.budget)} {money}: {short_money(row.earned)} "
        f"({short_money(row.low)} to {short_money(row.high)})"
        for row in curve.itertuples()
    )
    return Figure(drawing, budget_sentence(curve, money), f"What budgets earn. {told}.")


def budget_sentence(curve: pd.DataFrame, money: str) -> str:
    """What the largest budget worth spending earns, and the cheap ways beside it."""
    last = curve[curve["budget"] == curve["budget"].max()].set_index("way")
    best = last.loc[_PLAN]
    clear = "" if best["low"] > 0 else ", which is **within chance of nothing**"
    others = " and ".join(
        f"{short_money(row['earned'])} {money} at {'' if way == _RANDOM else 'the '}{_SAID[way]}"
        for way, row in last.drop(index=_PLAN).iterrows()
    )
    return (
        f"Judged on customers it has not seen, a budget of {short_money(best['budget'])} {money} "
        f"spent by the model earns **{short_money(best['earned'])} {money}** "
        f"({short_money(best['low'])} to {short_money(best['high'])}){clear}; {others}"
    )


def _draw(ax: Axes, curve: pd.DataFrame, plan: Any, money: str) -> Axes:
    looks = {_PLAN: (ACCENT, "-"), _RISK: (PALETTE[1], "-"), _RANDOM: (MUTED, (0, (4, 3)))}
    for way, (colour, line) in looks.items():
        rows = curve[curve["way"] == way]
        places = np.append(0.0, rows["budget"])
        ax.plot(places, np.append(0.0, rows["earned"]), color=colour, ls=line, label=_SAID[way])
        if way == _PLAN:
            low, high = (np.append(0.0, rows[end]) for end in ("low", "high"))
            ax.fill_between(places, low, high, color=colour, alpha=0.15, lw=0)
    ax.axhline(0, color=INK, lw=1)
    budget = getattr(plan, "budget", None)
    label = f"budget, {money}"
    if budget is not None and budget <= curve["budget"].max():
        ax.axvline(budget, color=INK, lw=1, ls=(0, (2, 3)))
        label += "; dotted: that of the plan"
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    ax.set_xlabel(label)
    ax.set_ylabel(f"earned, {money}")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=3)
    return ax


@or_absent
def weaker(robust: Any, money: str) -> Table:
    """What the plan earns if effects are at the lower end, and the plan one would make then."""
    rows = robust.table.set_index("made_for")
    low = float(rows.loc["as estimated", "if_at_lower_end"])
    careful = int(rows.loc["lower end", "contacts"])
    kept = "nobody would be contacted" if not careful else f"{count(careful)} would be contacted"
    return Table(
        robust.table,
        f"If effects are at the lower end of their intervals, the plan earns "
        f"**{short_money(low)} {money}**; planned for that, {kept}",
        {
            "made_for": ("Planned for effects", "text"),
            "contacts": ("Contacts", "customers"),
            "spent": (f"Spent, {money}", "integer"),
            "if_as_estimated": ("Earns as estimated", "integer"),
            "if_at_lower_end": ("At the lower end", "integer"),
        },
    )


def metrics(found: Any, curve: Any) -> dict[str, float | None]:
    """`plan.customers`, `plan.gain` with its ends, and `budget.shadow_price`."""
    if not hasattr(found, "rows"):
        return {"budget.shadow_price": None}
    told: dict[str, float | None] = {
        "plan.customers": len(found.rows),
        "plan.gain": found.gain.value,
        "plan.gain.low": found.gain.low,
        "plan.gain.high": found.gain.high,
        "plan.by_risk": found.by_risk,
        "budget": found.budget,
        "budget.shadow_price": found.price.get("budget"),
    }
    if isinstance(curve, pd.DataFrame):
        told["budget.most"] = float(curve["budget"].max())
    return told

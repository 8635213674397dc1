"""Sections on the months after the contact: the chain of messages, and how effects fade."""

from __future__ import annotations

import math
from typing import Any

from src.reporting.campaigns.charts import draw_months
from src.reporting.campaigns.words import Ends, is_decided, money_of, points
from src.reporting.page.figures import Figure
from src.reporting.page.prose import count
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table

_SIZE = (5.4, 3.0)


@or_absent
def chain(found: Any, money: str, least: int = LEAST) -> Section:
    """What a chain of messages did: purchases month by month, steps, leaving, income, return."""
    rows = found.income.table if found.orders is None else found.orders.table
    what = "income" if found.orders is None else "purchases"
    drawing, ax = canvas(_SIZE)
    unit = f", {money}" if found.orders is None else ""
    draw_months(ax, rows, f"more {what} per customer{unit}", 0.0)
    told = "; ".join(
        f"month {row.month}: {row.effect:+.3g} ({row.low:.3g} to {row.high:.3g})"
        for row in rows.itertuples()
    )
    figure = Figure(
        drawing,
        chain_sentence(found, money),
        f"More {what} per customer than the control group, by month after the contact. {told}.",
    )
    return Section(figure, Note(_paid(found, money)), _months(found, money, least), _steps(found))


def chain_sentence(found: Any, money: str) -> str:
    """What the chain did over all months, outcome by outcome, clear or undecided."""
    parts = [f"leaving by {points(found.lost)}"]
    if found.bought is not None:
        each = found.bought
        parts.append(
            f"purchases by {each.value:+.3f} per customer ({each.low:.3f} to {each.high:.3f})"
        )
    parts.append(f"income by {money_of(found.income_per_month, money)} a month")
    figures = [each for each in (found.lost, found.bought, found.income_per_month) if each]
    clear = sum(is_decided(each) for each in figures)
    verdict = "**Undecided**" if not clear else f"**{count(clear)} of {count(len(figures))} clear**"
    return (
        f"{verdict}: what the {count(found.messages)} messages of {found.campaign} changed within "
        f"{count(found.months, 'month')}: {'; '.join(parts)}"
    )


def _paid(found: Any, money: str) -> str:
    paid = found.paid
    net = Ends(paid, "net", "net_low", "net_high")
    verdict = (
        "It paid"
        if net.low > 0
        else "It lost money"
        if net.high < 0
        else "Whether it paid is undecided"
    )
    return (
        f"{verdict}: the margin of {count(found.months, 'month')}, less {paid['cost']:.2f} {money} "
        f"for the messages of a customer, changed by {money_of(net, money)} per customer."
    )


def _months(found: Any, money: str, least: int) -> Table:
    left, income = found.left.table, found.income.table
    rows = left[["month"]].assign(
        left=[points(Ends(row, "sum", "sum_low", "sum_high")) for _, row in left.iterrows()],
        income=[money_of(Ends(row), money) for _, row in income.iterrows()],
    )
    columns: dict[str, tuple[str, Any]] = {
        "month": ("Month after", "integer"),
        "left": ("Left by then", "text"),
        "income": ("Income of the month", "text"),
    }
    if found.orders is not None:
        orders = found.orders.table
        rows["bought"] = [
            f"{row.sum_:+.3f} ({row.sum_low:.3f} to {row.sum_high:.3f})"
            for row in orders.rename(columns={"sum": "sum_"}).itertuples()
        ]
        columns["bought"] = ("Purchases by then", "text")
    return Table(
        rows,
        f"{found.campaign} month by month: all who were assigned less the control group, per "
        "customer, whether still there or not; not adjusted for what was known before, so months "
        "do not add up to the figures above",
        columns,
        folded=True,
        least=least,
    )


def _steps(found: Any) -> Table | None:
    if found.steps is None:
        return None
    rows = found.steps.assign(
        days=[f"{row.from_day} to {row.to_day}" for row in found.steps.itertuples()],
        added=[f"{r.effect:+.4f} ({r.low:.4f} to {r.high:.4f})" for r in found.steps.itertuples()],
        by_then=[
            f"{row['sum']:+.4f} ({row['sum_low']:.4f} to {row['sum_high']:.4f})"
            for _, row in found.steps.iterrows()
        ],
    )
    return Table(
        rows,
        "Purchases per customer between one message and the next; everybody gets all messages, so "
        "what one does by itself is never seen",
        {
            "step": ("Message", "integer"),
            "days": ("Days", "text"),
            "added": ("Added", "text"),
            "by_then": ("Since the first", "text"),
        },
        folded=True,
    )


@or_absent
def fading(found: Any) -> Section:
    """The ratio of monthly exits of the treated over the controls, and its half-life."""
    rows = found.exits.dropna(subset=["effect"])
    drawing, ax = canvas(_SIZE)
    draw_months(ax, rows, "exits, treated over control", 1.0)
    told = "; ".join(
        f"month {row.month}: {row.effect:.2f} ({row.low:.2f} to {row.high:.2f})"
        for row in rows.itertuples()
    )
    of_whom = f" of {found.segment}" if found.segment else ""
    alt = f"Monthly exits{of_whom}, treated over control, by month after the contact. {told}."
    parts: list[Any] = [Figure(drawing, fading_sentence(found), alt)]
    if found.of_orders is not None:
        parts.append(Note(f"Of purchases: {_lower(found.of_orders.verdict)}"))
    return Section(*parts)


def fading_sentence(found: Any) -> str:
    """Whether and how fast the effect on leaving fades."""
    of_whom = f" of {found.segment}" if found.segment else ""
    if not found.decay.is_told:
        return (
            f"How fast {found.campaign} fades is **undecided**: its effect on exits{of_whom} is "
            "within chance, so there is no half-life to tell"
        )
    life = found.decay.half_life
    high = "no end" if math.isinf(life.high) else f"{life.high:.1f}"
    return (
        f"Half of the effect of {found.campaign} on exits{of_whom} is gone after "
        f"**{_months_words(life.value)}** ({life.low:.1f} to {high})"
    )


def _months_words(value: float) -> str:
    return "no time: it does not fade" if math.isinf(value) else f"{value:.1f} months"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def metrics(found: Any, faded: Any) -> dict[str, float | None]:
    """`chain.income_per_month` and `chain.half_life`, each with its ends; None where not told."""
    names = ("chain.income_per_month", "chain.half_life")
    told = dict.fromkeys([f"{n}{end}" for n in names for end in ("", ".low", ".high")], None)
    figures: dict[str, float | None] = dict(told)
    if hasattr(found, "income_per_month"):
        figures |= _of("chain.income_per_month", found.income_per_month)
    if hasattr(faded, "decay"):
        figures |= _of("chain.half_life", faded.decay.half_life)
    return figures


def _of(name: str, figure: Any) -> dict[str, float | None]:
    ends = {"": figure.value, ".low": figure.low, ".high": figure.high}
    return {f"{name}{end}": value if math.isfinite(value) else None for end, value in ends.items()}

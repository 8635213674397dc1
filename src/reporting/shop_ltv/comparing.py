"""Sections of groups of buyers: the gap and its bars, and how a bound moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, listed, short_money
from src.reporting.page.results import Note, Section, is_missing, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.page.waterfall import draw_waterfall
from src.reporting.shop_ltv.inputs import Terms

_LOW = (7.6, 3.4)  # inches
FACTORS = {
    "time": "how long they buy",
    "rate": "purchases a month",
    "spend": "money per purchase",
    "margin_share": "the share of margin",
    "association": "how far these go together",
}
_SMALL = (
    "Fewer than 30 buyers of a group bought again: an interval stands on too few of them to be "
    "trusted."
)


class Gap(Protocol):
    """Two groups compared; `src.models.shop.groups.BuyerGap` has these."""

    @property
    def groups(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def value(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def bars(self) -> pd.DataFrame: ...  # noqa: D102


@or_absent
def gaps(found: Mapping[str, Gap], terms: Terms) -> Section:
    """Each gap as a waterfall of its bars, and what makes the mean of each group."""
    parts: list[Any] = []
    for gap in found.values():
        if not is_shown(gap, terms):
            groups = " and ".join(_names(gap))
            parts.append(Note(f"Of {groups} one group has too few buyers to be shown."))
            continue
        names = _names(gap)
        figure, ax = canvas(_LOW)
        measure = f"mean value per buyer, {terms.currency}"
        draw_waterfall(ax, gap.bars, FACTORS, names, measure)
        finding = gap_sentence(gap, terms)
        parts.append(Figure(figure, finding, f"Waterfall from {names[1]} to {names[0]}. {finding}"))
        parts.append(_of_groups(gap, terms))
        parts.append(Note(_SMALL) if gap.groups["is_small"].any() else None)
    return Section(*parts)


def is_shown(gap: Gap, terms: Terms) -> bool:
    """Whether both groups have buyers enough."""
    return bool((gap.groups["buyers"] >= terms.min_cell).all())


def gap_sentence(gap: Gap, terms: Terms) -> str:
    """What a buyer of the one group is worth more, and which bar is the largest."""
    first, second = _names(gap)
    value = gap.value[gap.value["figure"] == "mean_value"].set_index("of")
    ratio, apart = value.loc["ratio"], value.loc["difference"]
    bars = gap.bars[gap.bars["factor"] != "gap"]
    top = bars.loc[bars["bar"].abs().idxmax()]
    if apart["low"] <= 0 <= apart["high"]:
        text = f"In the value of a buyer, {first} and {second} cannot be told apart"
    elif pd.isna(ratio["value"]):
        side = "more" if apart["value"] > 0 else "less"
        text = f"Among {first} a buyer is worth {side} than among {second}"
    else:
        text = (
            f"Among {first} a buyer is worth **{ratio['value']:.2f} times ({ratio['low']:.2f} to "
            f"{ratio['high']:.2f})** as much as among {second}"
        )
    text += f": the gap is {_money(apart)} {terms.currency}"
    noise = [FACTORS[row.factor] for row in bars.itertuples() if row.in_noise]
    if len(noise) == len(bars):
        return f"{text}, and every part of it is in the noise"
    text += (
        f", its largest part {FACTORS[top['factor']]} "
        f"({top['bar']:+,.2f}, {top['low']:+,.2f} to {top['high']:+,.2f})"
    )
    return f"{text}; in the noise: {listed(noise)}" if noise else text


@or_absent
def moved_bound(table: pd.DataFrame, terms: Terms) -> Table | Note:
    """The gap at other bounds of the rule that tells companies from consumers."""
    is_large = (table[["first", "second"]] >= terms.min_cell).all(axis=1)
    shown = table[is_large & table["gap"].notna()]
    if shown.empty:
        return Note("At no bound have both groups buyers enough to be shown.")
    lowest, highest = shown["bound"].min(), shown["bound"].max()
    least, most = shown["ratio"].min(), shown["ratio"].max()
    sentence = (
        f"With a bound between {lowest:,.4g} and {highest:,.4g} a buyer of B2B is worth "
        f"**{least:.2f} to {most:.2f} times** as much as one of B2C: a part of the gap is made by "
        "where the line is drawn"
        if len(shown) > 1
        else f"Only with a bound of {lowest:,.4g} do both groups have buyers enough"
    )
    return Table(
        shown,
        sentence,
        {
            "bound": ("B2B from", "number"),
            "first": ("B2B", "customers"),
            "second": ("B2C", "customers"),
            "gap": (f"Gap, {terms.currency}", "number"),
            "low": ("From", "number"),
            "high": ("To", "number"),
            "ratio": ("Ratio", "number"),
        },
        least=terms.min_cell,
    )


def metrics(found: Any) -> dict[str, Any]:
    """The gaps, `gap.<comparison>` with ends, its ratio and each bar; empty without groups."""
    told: dict[str, Any] = {}
    if is_missing(found):
        return told
    for name, gap in found.items():
        value = gap.value[gap.value["figure"] == "mean_value"].set_index("of")
        for key, of in ((f"gap.{name}", "difference"), (f"gap.{name}.ratio", "ratio")):
            row = value.loc[of]
            told |= {key: row["value"], f"{key}.low": row["low"], f"{key}.high": row["high"]}
        for bar in gap.bars.itertuples():
            if bar.factor != "gap":
                told[f"gap.{name}.{bar.factor}"] = bar.bar
    return {key: float(value) for key, value in told.items() if pd.notna(value)}


def _of_groups(gap: Gap, terms: Terms) -> Table:
    first, second = _names(gap)
    rows = gap.groups
    sizes = [count(number) for number in rows["buyers"]]
    return Table(
        rows,
        f"What makes the mean value: {sizes[0]} buyers among {first}, {sizes[1]} among {second}",
        {
            "group": ("Group", "text"),
            "buyers": ("Buyers", "customers"),
            "mean_value": (f"Mean value, {terms.currency}", "number"),
            "new_value": ("Of a new buyer", "number"),
            "time": ("Months, discounted", "number"),
            "rate": ("Purchases a month", "number"),
            "spend": (f"Money per purchase, {terms.currency}", "number"),
            "margin_share": ("Margin share", "percent"),
            "association": ("Association", "number"),
        },
        least=terms.min_cell,
    )


def _names(gap: Gap) -> tuple[str, str]:
    first, second = gap.groups["group"]
    return str(first), str(second)


def _money(row: pd.Series) -> str:
    ends = f"({short_money(row['low'])} to {short_money(row['high'])})"
    return f"{short_money(row['value'])} {ends}"

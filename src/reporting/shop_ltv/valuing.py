"""Sections of value: who the buyers are, tenths of them, how the model sees them, parameters."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import Interval, count, percent, percent_interval, short_money
from src.reporting.page.results import Facts, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import for_pages
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.shop_ltv.charts import draw_surface, draw_tenths
from src.reporting.shop_ltv.inputs import Terms
from src.reporting.shop_ltv.names import label

_LOW = (7.6, 3.2)  # inches


class Worth(Protocol):
    """What all buyers are worth; `src.analyses.shop_ltv.valued.Worth` has these."""

    @property
    def total(self) -> Interval: ...  # noqa: D102
    @property
    def mean(self) -> Interval: ...  # noqa: D102
    @property
    def top(self) -> float: ...  # noqa: D102
    @property
    def alive(self) -> float: ...  # noqa: D102
    @property
    def buyers(self) -> int: ...  # noqa: D102
    @property
    def learned(self) -> int: ...  # noqa: D102
    @property
    def model(self) -> str: ...  # noqa: D102
    @property
    def correlation(self) -> Interval: ...  # noqa: D102


@or_absent
def who(worth: Worth, terms: Terms) -> Facts:
    """Which buyers, which days, what is assumed, and what the log does not hold."""
    facts = [
        f"The log goes from {terms.begins:%Y-%m-%d} to {terms.ends:%Y-%m-%d}; value is of "
        f"{count(worth.buyers, 'buyer')} on the last day.",
        f"The test learns up to {terms.split:%Y-%m-%d} and is judged on the "
        f"{count(terms.holdout, 'week')} after it.",
        "Several orders of a day are one purchase; a return reduces the day.",
    ]
    if terms.since is not None:
        facts.append(
            f"Models learn from the {count(worth.learned, 'buyer')} whose first purchase is of "
            f"{terms.since:%Y-%m-%d} or later: before, old buyers look new."
        )
    share = percent(terms.margin_share)
    facts.append(
        f"Of sales {share} is taken for margin: the base has no margins, this is an assumption."
        if terms.is_assumed
        else f"Of sales {share} is margin, as orders say."
    )
    return Facts([*facts, *map(for_pages, terms.remarks)])


def worth_sentence(worth: Worth, terms: Terms) -> str:
    """What all buyers are worth, who holds it, and how many are buyers still."""
    total = worth.total
    return (
        f"**{count(worth.buyers, 'buyer')} are worth {short_money(total.value)} {terms.currency} "
        f"({short_money(total.low)} to {short_money(total.high)})** of margin over the next "
        f"{count(terms.months, 'month')}; a tenth of them holds {percent(worth.top, 0)} of it"
    )


@or_absent
def tenths(table: pd.DataFrame, terms: Terms) -> Figure | Note:
    """The share of the money of the weeks kept back by tenths of predicted value."""
    if (table["buyers"] < terms.min_cell).any():
        return Note("There are too few buyers to show tenths of them.")
    first = table.sort_values("decile", ascending=False).iloc[0]
    said = percent_interval(first["share"], first["share_low"], first["share_high"], 0)
    finding = (
        f"**The tenth with the highest predicted value brought {said}** of the money of the weeks "
        "kept back; the line is a tenth"
    )
    rises = table.sort_values("decile")["actual"].diff().dropna()
    if (rises < 0).any():
        finding += f"; {count((rises < 0).sum(), 'tenth')} brought less than the one below"
    figure, ax = canvas(_LOW)
    draw_tenths(ax, table)
    return Figure(figure, finding, f"Bars of the share of money per tenth. {finding}", digest=True)


@or_absent
def surface(table: pd.DataFrame, terms: Terms) -> Section:
    """The chance to be a buyer still, and purchases to come, by purchases and silence."""
    age = table["age"].iloc[0]
    often = table[table["frequency"] == table["frequency"].max()]
    once = table[table["frequency"] == table["frequency"].min()]
    half_often, half_once = _half(often), _half(once)
    most, least = int(often["frequency"].iloc[0]), int(once["frequency"].iloc[0])
    finding = (
        f"Of buyers first seen {age:.0f} weeks ago, who bought again {count(most, 'time')} has "
        f"left more likely than not after **{_weeks(half_often)}** of silence, who bought again "
        f"{count(least, 'time')} {_after(half_once)}"
    )
    figures = []
    for column, text, is_share in (
        ("alive", finding, True),
        ("expected", f"Purchases expected in the next {count(terms.holdout, 'week')}", False),
    ):
        figure, ax = canvas(_LOW)
        draw_surface(ax, table, column, is_share=is_share)
        figures.append(Figure(figure, text, f"Heat map by repeat purchases and silence. {text}"))
    return Section(*figures)


@or_absent
def fits(table: pd.DataFrame, terms: Terms) -> Section:
    """The parameters of the models with their intervals, folded, and what the likelihood says."""
    table = table[table["as_of"] == "today"]
    order = list(dict.fromkeys(table["model"]))
    buying = [name for name in order if name != "gamma_gamma"]
    heights = table.drop_duplicates("model").set_index("model")["log_likelihood"]
    apart = heights[buying[0]] - heights[buying[1]]
    sentence = (
        f"{label(buying[0])} is the likeliest of the three, by {apart:.1f} of the log-likelihood "
        f"before {label(buying[1])}; all have four parameters"
    )
    rows = table.assign(model=[_name(name) for name in table["model"]])
    shown = Table(
        rows,
        sentence,
        {
            "model": ("Model", "text"),
            "parameter": ("Parameter", "text"),
            "value": ("Value", "number"),
            "low": ("From", "number"),
            "high": ("To", "number"),
            "log_likelihood": ("Log-likelihood", "number"),
        },
        folded=True,
    )
    limits = table[table["limit"] != ""].drop_duplicates("model")
    notes = [f"{_name(row.model)}: {row.limit}." for row in limits.itertuples()]
    weeks = Note("Times are in weeks, money in " + terms.currency + ". " + " ".join(notes))
    return Section(shown, weeks)


def metrics(worth: Any, found: Any) -> dict[str, Any]:
    """The value of all buyers, `worth.*`, and the parameters.

    `bgnbd.r` and the like are as of the split, as published figures are; with `today.` before them
    those of the last day.
    """
    told: dict[str, Any] = {}
    if not is_missing(worth):
        for name, figure in (("worth.total", worth.total), ("worth.mean", worth.mean)):
            told |= {name: figure.value, f"{name}.low": figure.low, f"{name}.high": figure.high}
        told |= {
            "worth.top": worth.top,
            "worth.buyers": worth.buyers,
            "worth.alive": worth.alive,
            "worth.model": label(worth.model),
            "spend.correlation": worth.correlation.value,
            "spend.correlation.low": worth.correlation.low,
            "spend.correlation.high": worth.correlation.high,
        }
    if not is_missing(found):
        for row in found.itertuples():
            name = ("today." if row.as_of == "today" else "") + row.model.replace("_", "")
            told |= {
                f"{name}.{row.parameter}": row.value,
                f"{name}.log_likelihood": row.log_likelihood,
            }
    return told


def correlation_note(worth: Worth) -> str:
    """Whether frequency and spend go together, which the model of spend rules out."""
    rho = worth.correlation
    text = (
        f"How often and for how much buyers buy have a rank correlation of {rho.value:+.2f} "
        f"({rho.low:+.2f} to {rho.high:+.2f})"
    )
    if rho.low <= 0 <= rho.high:
        return f"{text}, as good as none: what the model of spend assumes."
    side = "too low" if rho.low > 0 else "too high"
    return (
        f"{text}; the model of spend takes it for 0, so the value of those who buy often is {side}."
    )


def _half(rows: pd.DataFrame) -> float | None:
    """The least silence after which less than half are buyers still; None where none is."""
    gone = rows[rows["alive"] < 0.5]
    return None if gone.empty else float(gone["silence"].min())


def _weeks(silence: float | None) -> str:
    return "no silence on record" if silence is None else count(round(silence), "week")


def _after(silence: float | None) -> str:
    if silence is None:
        return "after no silence on record"
    return f"after {count(round(silence), 'week')}"


def _name(model: str) -> str:
    return "gamma-gamma" if model == "gamma_gamma" else label(model)

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
    def correlation(self) -> Interval | None: ...  # noqa: D102


def who(worth: Any, terms: Terms) -> Facts:
    """Which buyers, which days, what is assumed, and what the log does not hold."""
    log = f"The log goes from {terms.begins:%Y-%m-%d} to {terms.ends:%Y-%m-%d}"
    valued = "" if is_missing(worth) else f"; {count(worth.buyers, 'buyer')} are valued on that day"
    facts = [
        f"{log}{valued}.",
        f"The test learns up to {terms.split:%Y-%m-%d} and is judged on the "
        f"{count(terms.holdout, 'week')} after it.",
        "Several orders of a day are one purchase; a return reduces the day.",
    ]
    if terms.since is not None:
        learned = "buyers" if is_missing(worth) else f"the {count(worth.learned, 'buyer')}"
        facts.append(
            f"Models learn from {learned} whose first purchase is of {terms.since:%Y-%m-%d} or "
            "later: in the weeks before, old buyers look new."
        )
    share = percent(terms.margin_share)
    facts.append(
        f"{share} of sales is taken for margin: the base has no margins, so this is an assumption."
        if terms.is_assumed
        else f"{share} of sales is margin, as the orders say."
    )
    if not is_missing(worth) and worth.correlation is not None:
        facts.append(correlation_sentence(worth.correlation))
    return Facts([*facts, *map(for_pages, terms.remarks)])


def worth_sentence(worth: Worth, terms: Terms) -> str:
    """What all buyers are worth, who holds it, and how many are buyers still."""
    total = worth.total
    return (
        f"**{count(worth.buyers, 'buyer')} are worth {short_money(total.value)} {terms.currency} "
        f"({short_money(total.low)} to {short_money(total.high)})** of margin over the next "
        f"{count(terms.months, 'month')}; the tenth worth most holds {percent(worth.top, 0)} of it"
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
        "kept back; the dashed line is a tenth"
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
    most, least = int(often["frequency"].iloc[0]), int(once["frequency"].iloc[0])
    finding = (
        f"Of buyers first seen {count(round(age), 'week')} ago, one with "
        f"{count(most, 'repeat purchase')} {_left(often)}, one with "
        f"{count(least, 'repeat purchase')} {_left(once)}"
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
        f"{label(buying[0])} is the likeliest of the three models of buying: its log-likelihood is "
        f"{apart:.1f} above that of {label(buying[1])}, the next; all have four parameters"
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
        }
        if (rho := worth.correlation) is not None:
            told |= {"spend.correlation": rho.value}
            told |= {"spend.correlation.low": rho.low, "spend.correlation.high": rho.high}
    if not is_missing(found):
        for row in found.itertuples():
            name = ("today." if row.as_of == "today" else "") + row.model.replace("_", "")
            told |= {
                f"{name}.{row.parameter}": row.value,
                f"{name}.log_likelihood": row.log_likelihood,
            }
    return told


def correlation_sentence(rho: Interval) -> str:
    """Whether frequency and spend go together, which the model of spend rules out."""
    text = (
        "How often buyers buy and how much they spend each time have a rank correlation of "
        f"{rho.value:+.2f} ({rho.low:+.2f} to {rho.high:+.2f})"
    )
    if rho.low <= 0 <= rho.high:
        return f"{text}, as good as none: what the model of spend assumes."
    side = "low" if rho.low > 0 else "high"
    return (
        f"{text}; the model of spend assumes none, so the value of frequent buyers is rather too "
        f"{side}."
    )


def _left(rows: pd.DataFrame) -> str:
    """After how much silence less than half are buyers still."""
    gone = rows[rows["alive"] < 0.5]
    if gone.empty:
        return "is more likely than not a buyer still, however long the silence"
    weeks = count(round(gone["silence"].min()), "week")
    return f"has more likely than not left after **{weeks}** of silence"


def _name(model: str) -> str:
    return "gamma-gamma" if model == "gamma_gamma" else label(model)

"""Sections of the overlap's worth: where it can grow, and whether who buys is worth more."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from src.reporting.page.prose import percent, short_money
from src.reporting.page.results import Note, Section, or_absent
from src.reporting.page.small_groups import LEAST, many
from src.reporting.page.tables import Format, Table

_OUTCOMES = {"left": "left", "revenue": "revenue a month", "margin": "margin a month"}
_CLEAR = 0.1  # standard deviations between groups that count as alike
Headings = dict[str, tuple[str, Format]]


class Growth(Protocol):
    """Growth points; `src.analyses.products.overlapping.Growth` has these."""

    accounts: int
    strangers: float
    strangers_low: float
    strangers_high: float
    bought: pd.DataFrame
    idle: pd.DataFrame
    currency: str
    months: int


class Compared(Protocol):
    """Differences and balance; `src.models.overlap.comparing.Comparison` has these."""

    effects: pd.DataFrame
    balance: pd.DataFrame
    buyers: int
    others: int
    effective: float


class Shoppers(Protocol):
    """Who began to buy beside others; `src.analyses.products.overlapping.Shoppers` has these."""

    @property
    def found(self) -> Compared: ...  # noqa: D102
    @property
    def known_at(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> str: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def hidden(self) -> float | None: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102


@or_absent
def growth(found: Growth) -> Section:
    """Buyers who are no subscribers, by what they buy, and subscribers who do not, by segment."""
    whole = found.bought.iloc[0]
    strangers = many(found.strangers, "buyer")
    said = (
        f"**{strangers}** ({many(found.strangers_low)} to {many(found.strangers_high)}) of "
        f"{many(found.accounts)} are no subscribers; they spend "
        f"{_money(whole, 'strangers')} {found.currency} a month"
    )
    bought: Headings = {
        "what": ("Bought", "text"),
        "total": (f"All buyers, {found.currency} a month", "integer"),
        "strangers": ("No subscribers", "integer"),
        "low": ("From", "integer"),
        "high": ("To", "integer"),
        "share": ("Share", "percent"),
    }
    idle: Headings = {
        "group": ("Segment", "text"),
        "subscribers": ("Subscribers", "customers"),
        "idle": ("Do not buy", "customers"),
        "idle_low": ("From", "customers"),
        "idle_high": ("To", "customers"),
        "idle_share": ("Share", "percent"),
        "spend": (f"A buyer spends, {found.currency} a month", "number"),
        "spend_low": ("From", "number"),
        "spend_high": ("To", "number"),
    }
    groups = found.idle[found.idle["subscribers"] >= LEAST]
    return Section(
        Table(found.bought.replace({"what": {"all": "everything"}}), said, bought),
        None if groups.empty else Table(groups, idle_sentence(groups), idle),
        Note(
            "What a buyer spends is no forecast for those who do not buy: who buys wanted to, and "
            "an offer would have to be tried on some of them first."
        ),
    )


def idle_sentence(groups: pd.DataFrame) -> str:
    """The group with most subscribers who do not buy."""
    first = groups.iloc[0]
    return (
        f"Most subscribers who do not buy are **{first['group']}**: {many(first['idle'])}, "
        f"{percent(first['idle_share'], 0)} of that segment"
    )


@or_absent
def shoppers(found: Shoppers) -> Section:
    """Subscribers who began to buy beside comparable ones; the balance is folded."""
    effects = found.found.effects
    table = effects.assign(outcome=effects["outcome"].map(_OUTCOMES))
    is_share = effects["outcome"] == "left"
    money = f"Money of the {found.months} months after {found.at}, {found.currency}"
    return Section(
        Table(table[is_share], shoppers_sentence(found), _differences("percent")),
        Table(table[~is_share], money, _differences("number")),
        Note(_limits(found)),
        _balance(found),
    )


def shoppers_sentence(found: Shoppers) -> str:
    """The finding: whether who buys leaves less than who is alike."""
    row = found.found.effects.set_index("outcome").loc["left"]
    before, after = 100 * row["raw"], 100 * row["matched"]
    low, high = 100 * row["matched_low"], 100 * row["matched_high"]
    verdict = (
        "no difference can be told from chance"
        if low <= 0 <= high
        else f"buyers leave {'more' if after > 0 else 'less'}"
    )
    return (
        f"Beside comparable subscribers **{verdict}**: {after:+.1f} points of leaving within "
        f"{found.months} months ({low:+.1f} to {high:+.1f}); beside all others it is {before:+.1f}"
    )


def _differences(kind: Format) -> Headings:
    return {
        "outcome": ("Outcome", "text"),
        "buyers": ("Buyers", kind),
        "others": ("All others", kind),
        "alike": ("Comparable others", kind),
        "matched": ("Difference", kind),
        "matched_low": ("From", kind),
        "matched_high": ("To", kind),
    }


def _limits(found: Shoppers) -> str:
    compared = found.found
    said = (
        f"Compared are {many(compared.buyers, 'subscriber')} who first bought in the half year up "
        f"to {found.at} with {many(compared.others)} who had not, weighted to be alike in what was "
        f"known at the end of {found.known_at} (worth {many(compared.effective)} of them). What "
        "nobody recorded, such as how fond they are of the brand, may still tell them apart."
    )
    if found.hidden is None:
        return f"{said} Only linked buyers count as buyers."
    return (
        f"{said} Only linked buyers count as buyers: {percent(found.hidden)} of the others buy "
        "unseen, which draws every difference that much nearer to nothing."
    )


def _balance(found: Shoppers) -> Table:
    balance = found.found.balance
    apart = int((balance["before"].abs() > _CLEAR).sum())
    left = float(balance["after"].abs().max())
    return Table(
        balance.assign(after=balance["after"].round(3) + 0.0),  # no -0.00
        f"Balance: {apart} of {len(balance)} traits differed by more than {_CLEAR:g} standard "
        f"deviations before weighting; after it the largest difference is {left:.3f}",
        {
            "column": ("Known before", "text"),
            "before": ("Before, sd", "number"),
            "after": ("After, sd", "number"),
        },
        folded=True,
    )


def _money(row: pd.Series, name: str) -> str:
    return f"{short_money(row[name])} ({short_money(row['low'])} to {short_money(row['high'])})"

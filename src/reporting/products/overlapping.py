"""Sections of the overlap: one picture of both bases, shares both ways, and how links were made."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from src.reporting.page.figures import Figure
from src.reporting.page.prose import Interval, percent, percent_interval, short_money
from src.reporting.page.results import Section, is_missing, or_absent
from src.reporting.page.small_groups import LEAST, many, tells_few
from src.reporting.page.style import INK, MUTED, PALETTE, SURFACE, canvas
from src.reporting.page.tables import Format, Table

_LOW = (7.6, 2.5)  # inches
_ROOM = 0.4  # of the width, for a label
Headings = dict[str, tuple[str, Format]]


class Shares(Protocol):
    """Corrected shares; `src.models.overlap.shares.Overlap` has these."""

    @property
    def share(self) -> Interval: ...  # noqa: D102
    @property
    def of_subscribers(self) -> Interval: ...  # noqa: D102
    @property
    def links(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def checked(self) -> int: ...  # noqa: D102


class Overlapped(Protocol):
    """The overlap; `src.analyses.products.overlapping.Overlapped` has these."""

    @property
    def shares(self) -> Shares | None: ...  # noqa: D102
    @property
    def bounds(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def raw(self) -> float: ...  # noqa: D102
    @property
    def raw_of_subscribers(self) -> float: ...  # noqa: D102
    @property
    def accounts(self) -> int: ...  # noqa: D102
    @property
    def subscribers(self) -> int: ...  # noqa: D102
    @property
    def truth(self) -> float | None: ...  # noqa: D102
    @property
    def truth_of_subscribers(self) -> float | None: ...  # noqa: D102
    @property
    def counts(self) -> pd.DataFrame | None: ...  # noqa: D102
    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def confidence(self) -> float: ...  # noqa: D102


@or_absent
def overlap(found: Overlapped) -> Section:
    """One picture of both bases, the shares both ways, and how good the links are."""
    figure, ax = canvas(_LOW)
    draw_overlap(ax, found.accounts, found.subscribers, *_share(found))
    finding = overlap_sentence(found)
    alt = f"Two bars on one scale, laid so that those in both stand above each other. {finding}"
    picture = Figure(figure, finding, alt)
    if found.shares is None:
        return Section(picture, _bounds(found), _keys(found))
    return Section(picture, _both_ways(found, found.shares), _links(found.shares), _keys(found))


def draw_overlap(
    ax: Axes, accounts: int, subscribers: int, low: float, value: float | None, high: float
) -> Axes:
    """Subscribers and buyers as two bars that lie over each other by those who are both.

    Lengths are people (accounts of the shop). `low`, `value`, `high`: the share of the accounts
    that are of subscribers; without a `value` only the range is drawn.
    """
    middle = low if value is None else value
    both = middle * accounts
    start = subscribers - both
    ax.barh(0, subscribers, color=PALETTE[0], height=0.62, alpha=0.35)
    ax.barh(1, accounts, left=start, color=PALETTE[1], height=0.62, alpha=0.35)
    for place, colour in enumerate(PALETTE[:2]):
        ax.barh(place, both, left=start, color=colour, height=0.62)
    ends = [subscribers - share * accounts for share in (high, low)]
    ax.plot(ends, [0.5, 0.5], color=INK)
    ax.axvline(subscribers, color=SURFACE, lw=1)
    said = percent(middle, 0) if value is not None else f"{percent(low, 0)} or more"
    first, last = min(0.0, start), max(subscribers, start + accounts)
    fits_before = min(ends) - first > _ROOM * (last - first)
    ax.annotate(
        f"both: {said} of buyers",
        (min(ends) if fits_before else max(subscribers, *ends), 0.5),
        xytext=(-6 if fits_before else 6, 0),
        textcoords="offset points",
        ha="right" if fits_before else "left",
        va="center",
        weight="bold",
    )
    ax.set_yticks([0, 1], [f"Subscribers\n{subscribers:,}", f"Buyers\n{accounts:,}"], color=INK)
    ax.set(ylim=(1.5, -0.5), xlim=(first, last))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: short_money(number)))
    ax.set_xlabel("people; the line is the interval of where both begin", color=MUTED)
    ax.grid(visible=False, axis="y")
    return ax


def overlap_sentence(found: Overlapped) -> str:
    """The finding: the corrected share beside the raw one, or the bounds."""
    if found.shares is None:
        first, second = (row for _, row in found.bounds.iterrows())
        return (
            f"Of the buyers **between {percent(first['low'], 0)} and {percent(first['high'], 0)}** "
            f"are subscribers if {first['assumed']}, {percent(second['low'], 0)} to "
            f"{percent(second['high'], 0)} if {second['assumed']}: without a sample of links that "
            "somebody checked there is no more to say"
        )
    share, of_them = found.shares.share, found.shares.of_subscribers
    said = percent_interval(share.value, share.low, share.high)
    others = percent_interval(of_them.value, of_them.low, of_them.high)
    return (
        f"**{said} of the buyers are subscribers, and {others} of the subscribers buy**; by links "
        f"alone it would be {percent(found.raw)} and {percent(found.raw_of_subscribers)}"
    )


def overlap_metrics(found: Any) -> dict[str, float | None]:
    """The figures of the overlap by their dotted names; empty where the base has none.

    `overlap.share` is that of buyers who are subscribers, `overlap.subscribers_share` that of
    subscribers who buy. Without a checked sample both are None, and `low` and `high` are bounds.
    """
    if is_missing(found):
        return {}
    low, value, high = _share(found)
    if found.shares is None:
        first = found.bounds.iloc[0]
        of_low, of_value, of_high = float(first["of_low"]), None, float(first["of_high"])
    else:
        of_them = found.shares.of_subscribers
        of_low, of_value, of_high = of_them.low, of_them.value, of_them.high
    return {
        "overlap.share": value,
        "overlap.share.low": low,
        "overlap.share.high": high,
        "overlap.low": low,
        "overlap.high": high,
        "overlap.raw": found.raw,
        "overlap.truth": found.truth,
        "overlap.subscribers_share": of_value,
        "overlap.subscribers_share.low": of_low,
        "overlap.subscribers_share.high": of_high,
        "overlap.subscribers_share.raw": found.raw_of_subscribers,
        "overlap.subscribers_share.truth": found.truth_of_subscribers,
    }


def _share(found: Overlapped) -> tuple[float, float | None, float]:
    if found.shares is None:
        first = found.bounds.iloc[0]
        return float(first["low"]), None, float(first["high"])
    share = found.shares.share
    return share.low, share.value, share.high


def _both_ways(found: Overlapped, shares: Shares) -> Table:
    rows = [
        ("buyers who are subscribers", found.raw, shares.share, found.truth),
        (
            "subscribers who buy",
            found.raw_of_subscribers,
            shares.of_subscribers,
            found.truth_of_subscribers,
        ),
    ]
    names = ["of", "raw", "corrected", "low", "high", "truth"]
    table = pd.DataFrame(
        [(of, raw, share.value, share.low, share.high, truth) for of, raw, share, truth in rows],
        columns=names,
    )
    columns: Headings = {
        "of": ("Share of", "text"),
        "raw": ("By links alone", "percent"),
        "corrected": ("Corrected", "percent"),
        "low": ("From", "percent"),
        "high": ("To", "percent"),
    }
    if found.truth is not None:
        columns["truth"] = ("True (simulated)", "percent")
    caption = f"Buyers of the last {found.months} months and subscribers of today"
    return Table(table, caption, columns)


def _bounds(found: Overlapped) -> Table:
    return Table(
        found.bounds,
        "What the links allow, by what is assumed of them",
        {
            "assumed": ("If", "text"),
            "low": ("Of the buyers, from", "percent"),
            "high": ("to", "percent"),
            "of_low": ("Of the subscribers, from", "percent"),
            "of_high": ("to ", "percent"),
        },
    )


def _links(shares: Shares) -> Table | None:
    """How good links are; strata of which few were looked up are left out."""
    links = shares.links[shares.links["checked"] >= LEAST]
    if links.empty:
        return None
    kinds = {
        kind: [
            _of_checked(share, number)
            for share, number in zip(links[kind], links["checked"], strict=True)
        ]
        for kind in ("right", "other", "stranger")
    }
    return Table(
        links.assign(**kinds),
        f"Of {many(shares.checked, 'account')} somebody looked up the owner: how links hold",
        {
            "linked": ("Linked", "text"),
            "accounts": ("Accounts", "customers"),
            "checked": ("Looked up", "customers"),
            "right": ("The one linked", "text"),
            "other": ("Another subscriber", "text"),
            "stranger": ("No subscriber", "text"),
        },
        folded=True,
    )


def _of_checked(share: float, checked: int) -> str:
    """A share of accounts that were looked up, in words where it would count out a few of them."""
    number = round(share * checked)
    if not tells_few(number, checked):
        return percent(share)
    return "few" if number < LEAST else "all but few"


def _keys(found: Overlapped) -> Table | None:
    """How links were made of phone and e-mail, and what was not taken."""
    if found.counts is None or found.counts.empty:
        return None
    return Table(
        found.counts,
        "Links were made by phone first, then by e-mail; keys that name nobody for sure make none",
        {
            "key": ("Key", "text"),
            "accounts": ("Accounts linked", "customers"),
            "several_customers": ("Keys of several customers", "customers"),
            "many_accounts": ("Keys of many accounts", "customers"),
            "two_accounts": ("Keys of 2 or 3 accounts, taken", "customers"),
            "torn": ("Accounts that lead to several", "customers"),
            "contradicted": ("Accounts with another phone owner", "customers"),
        },
        folded=True,
    )

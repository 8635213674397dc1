"""Sentences about the money of a list, and about who on it can still be reached."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from src.reporting.page.prose import (
    Interval,
    count,
    percent,
    ratio_interval,
    share_words,
    short_money,
)
from src.reporting.page.results import is_missing
from src.reporting.page.small_groups import many

LIST = "expected profit"


class Saved(Protocol):
    """What the base's own controlled offers did; `src.models.profit.saved_share.SavedShare`."""

    @property
    def share(self) -> Interval: ...  # noqa: D102
    @property
    def campaigns(self) -> int: ...  # noqa: D102
    @property
    def treated(self) -> int: ...  # noqa: D102
    @property
    def controls(self) -> int: ...  # noqa: D102


def profit_sentence(earned: pd.DataFrame, accept_rate: float, money: str) -> str:
    """What the planned list would have earned, if so many of the leavers it reaches stay.

    Reads `ordering`, `share`, `profit`, `low`, `high` of the first row of `compare_orderings`.
    """
    own = earned.iloc[0]
    if own["share"] == 0:
        return (
            f"**No campaign pays** at these costs, not even if {percent(accept_rate, 0)} of the "
            "leavers who are contacted stay: the best plan is to contact nobody."
        )
    size = f"({short_money(own['low'])} to {short_money(own['high'])})"
    depth = f"the top **{share_words(own['share'])}** by {own['ordering']}"
    condition = f"If {percent(accept_rate, 0)} of the leavers who are contacted stay"
    if own["profit"] <= 0:
        return (
            f"**No campaign pays** at these costs: even {condition[0].lower()}{condition[1:]}, "
            f"contacting {depth} would have earned **{short_money(own['profit'])} {money} {size}**."
        )
    sure = "" if own["low"] > 0 else ", which may be luck"
    return (
        f"{condition}, contacting {depth} would have earned "
        f"**{short_money(own['profit'])} {money} {size}**{sure}."
    )


def gain_sentence(gain: Interval, alternative: str, share: float, money: str) -> str:
    """How much of it the list adds to what is to be had without a model; empty without a list."""
    if share == 0:
        return ""
    ends = f"({short_money(gain.low)} to {short_money(gain.high)})"
    size = f"**{short_money(gain.value)} {money} {ends}**"
    verdict = (
        "more than" if gain.low > 0 else "less than" if gain.high < 0 else "no proven gain over"
    )
    if gain.low <= 0 <= gain.high:
        return f"Against {alternative} that is {size}: {verdict} the cheap alternative."
    other = short_money(abs(gain.value))
    near, far = sorted(abs(end) for end in (gain.low, gain.high))
    return (
        f"That is **{other} {money} ({short_money(near)} to {short_money(far)})** {verdict} "
        f"{alternative}."
    )


def accept_sentence(break_even: Any, saved: Any) -> str:
    """The accept rate at which nothing is earned, and what the base's own offers kept.

    `break_even`: a figure with its interval, or what is missing; `saved`: `Saved`, or what is
    missing.
    """
    said = ""
    if not is_missing(break_even):
        ends = (max(break_even.low, 0.0), min(break_even.high, 1.0))
        said = f"It earns nothing if **{ratio_interval(break_even.value, *ends)}** of them stay."
    if is_missing(saved):
        return f"{said} Nobody measured here how many do: this base has no {saved.lacks}.".lstrip()
    kept = ratio_interval(saved.share.value, saved.share.low, saved.share.high)
    own = (
        f"The base's own offers kept **{kept}** of leavers ({count(saved.campaigns, 'campaign')} "
        f"with {many(saved.controls, 'control')})"
    )
    if is_missing(break_even):
        return f"{own}."
    verdict = (
        "above what the list needs"
        if saved.share.low > break_even.value
        else "below what the list needs"
        if saved.share.high < break_even.value
        else "too uncertain to tell whether it is enough"
    )
    return f"{said} {own}: {verdict}."


def silent_sentence(table: pd.DataFrame) -> str:
    """What was said of the silent, and what came of them. Reads the frame of `trial.silent`."""
    parts = [
        f"of {count(row.customers, 'customer')} silent for {count(row.silent, 'month')} "
        f"**{percent(row.gone, 0)} ({percent(row.low, 0)} to {percent(row.high, 0)})** were "
        f"gone already, said {percent(row.gone_said, 0)}"
        for row in table.itertuples()
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}. A contact of theirs is paid for and saves nobody."


def pays_sentence(by_lead: pd.DataFrame, segment: str, accept_rate: float) -> str:
    """Up to which lead a list still earns, if so many of the leavers it reaches stay.

    Reads `lead`, `pays`, in the order of leads.
    """
    condition = f"If {percent(accept_rate, 0)} of the leavers who are contacted stay"
    stops = by_lead.loc[~by_lead["pays"], "lead"]
    if stops.empty:
        reach = count(by_lead["lead"].iloc[-1], "month")
        return f"{condition}, in {segment} every list pays, up to exits that begin {reach} ahead."
    if stops.iloc[0] == by_lead["lead"].iloc[0]:
        return f"{condition}, in {segment} not even the list for the next exits surely pays."
    reach = count(stops.iloc[0] - 1, "month")
    return f"{condition}, in {segment} lists surely pay up to exits that begin {reach} ahead."


def band_sentence(bands: pd.DataFrame, accept_rate: float, money: str) -> str:
    """Where one more contact stops earning, if so many of the leavers it reaches stay.

    Reads the frame of `profit_by_band`.
    """
    first = bands.iloc[0]
    loses = bands[bands["profit_per_contact"] <= 0]
    text = (
        f"If {percent(accept_rate, 0)} of the leavers who are contacted stay, a contact in the top "
        f"{share_words(first['to_share'])} would have brought "
        f"{round(first['profit_per_contact'], 2) + 0.0:,.2f} {money}"
    )
    if loses.empty:
        return f"{text}; no stretch of the list loses money."
    start = share_words(loses["from_share"].iloc[0])
    return f"{text}; the first stretch that loses money begins at {start} of the list."

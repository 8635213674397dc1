"""Sections on what campaigns did: the draw, the effects, opening, groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from src.reporting.campaigns.charts import draw_dots, height_of
from src.reporting.campaigns.words import (
    GROUPS,
    Ends,
    in_unit,
    is_decided,
    money_of,
    points,
)
from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, listed, percent
from src.reporting.page.results import Absent, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table

ANY = "any treatment"
_MOST_OF_IT = 0.5  # of the width of an interval


@or_absent
def drawn(campaigns: pd.DataFrame, randomised: list[Any], least: int = LEAST) -> Section:
    """Which campaigns there are, and whether their arms were drawn at random."""
    bad = [each for each in randomised if not each.draw.is_random]
    if bad:
        first = bad[0]
        sentence = f"**{first.campaign}**: {first.draw.verdict}"
    else:
        names = listed([each.campaign for each in randomised])
        sentence = f"The arms of {names} were drawn at random as far as can be seen"
    shown = campaigns.copy()
    for name in ("customers", "controls", "steps", "left_out", "contact", "treatments", "channel"):
        shown[name] = shown.get(name)
    table = Table(
        shown,
        sentence,
        {
            "campaign": ("Campaign", "text"),
            "contact": ("First contact", "text"),
            "channel": ("By", "text"),
            "treatments": ("Treatments", "text"),
            "customers": ("Customers", "customers"),
            "controls": ("Of them controls", "customers"),
            "left_out": ("Not counted", "customers"),
        },
        least=least,
    )
    within = [each for each in randomised if each.by]
    notes = [
        f"In {listed([each.campaign for each in within])} arms have other shares in some segments: "
        "they are compared within segments."
        if within
        else ""
    ]
    notes.append(_met(randomised, least))
    refused = shown[shown["why_not"].astype(str) != ""]
    notes += [f"{row.campaign} is not judged: {row.why_not}." for row in refused.itertuples()]
    return Section(
        table, *(Note(text) for text in notes if text), *(_balance(each, least) for each in bad)
    )


def _met(randomised: list[Any], least: int) -> str:
    """Customers in two campaigns at once, and whether one draw depends on the other."""
    met = [
        (each.campaign, str(row.campaign), int(row.customers), float(row.p))
        for each in randomised
        for row in each.met.itertuples()
        if row.customers >= least
    ]
    if not met:
        return ""
    tied = [(one, other) for one, other, _, p in met if p < 0.05 / len(met)]
    most = max(met, key=lambda pair: pair[2])
    text = (
        f"Some customers are in two campaigns at once, most in {most[0]} and {most[1]} "
        f"({count(most[2])}). "
    )
    if not tied:
        return f"{text}Their arms do not depend on each other, so neither biases the other."
    pairs = listed([f"{one} and {other}" for one, other in tied])
    return f"{text}**The arms of {pairs} depend on each other**: their effects are mixed."


def _balance(each: Any, least: int) -> Table:
    rows = each.draw.balance.assign(size=lambda table: table["z"].abs())
    return Table(
        rows.sort_values("size", ascending=False).head(10),
        f"{each.campaign}: what was known before, by arm; the largest differences first",
        {
            "arm": ("Arm", "text"),
            "column": ("What was known", "text"),
            "treated": ("Treated", "number"),
            "control": ("Control", "number"),
            "difference": ("Difference, sd", "number"),
        },
        least=least,
    )


@or_absent
def what_came(effects: pd.DataFrame, money: str, months: int, least: int = LEAST) -> Section:
    """The effect of each campaign on its first outcome, and all outcomes in a table."""
    first = effects["outcome"].iloc[0]
    rows = effects[effects["outcome"] == first]
    unit, label = rows["unit"].iloc[0], rows["label"].iloc[0]
    dots = pd.DataFrame(
        {
            "heading": _headings(rows),
            "label": rows["arm"],
            "value": rows["effect"],
            "low": rows["low"],
            "high": rows["high"],
        }
    )
    drawing, ax = canvas(height_of(len(dots), dots["heading"].nunique()))
    axis = f"change of the share that {label}, points" if unit == "share" else f"change of {label}"
    draw_dots(ax, dots, axis, unit == "share")
    told = "; ".join(
        f"{row.campaign}, {row.arm}: {in_unit(Ends(row._asdict()), unit, money)}"
        for row in rows.itertuples()
    )
    alt = f"Dots of effects on the share that {label}, with intervals. {told}."
    shown = effects.assign(
        result=[in_unit(Ends(row._asdict()), str(row.unit), money) for row in effects.itertuples()],
        verdict=np.where((effects["low"] > 0) | (effects["high"] < 0), "clear", "undecided"),
        spared=effects["variance_reduction"],
    )
    table = Table(
        shown,
        "Every campaign, treatment and outcome: assigned against the control group, per customer, "
        f"within {count(months, 'month')}",
        {
            "campaign": ("Campaign", "text"),
            "arm": ("Treatment", "text"),
            "label": ("Outcome", "text"),
            "customers": ("Treated", "customers"),
            "controls": ("Controls", "customers"),
            "result": ("Effect", "text"),
            "verdict": ("", "text"),
            "spared": ("Noise taken out", "percent"),
        },
        folded=True,
        least=least,
    )
    return Section(Figure(drawing, finding(effects, money), alt, digest=True), table)


@or_absent
def largest(cuts: pd.DataFrame, campaign: str, money: str, least: int = LEAST) -> Section:
    """How far the effects on money hang on a few large customers: amounts cut step by step."""
    own = cuts[cuts["campaign"] == campaign] if campaign in set(cuts["campaign"]) else cuts
    own = own[own["label"] == own["label"].iloc[0]]
    plain, cut = own.iloc[0], own.iloc[-1]
    sentence = (
        f"{plain['campaign']}, {plain['label']} per customer, {plain['arm']}: "
        f"**{money_of(Ends(plain), money)}** as it came, **{money_of(Ends(cut), money)}** with the "
        f"amounts of the {_largest(cut['kept'])} cut to the least of theirs. {_hangs(plain, cut)} "
        "Cut amounts are no better estimate: where large customers gain more, they say too little."
    )
    table = Table(
        cuts.assign(
            result=[money_of(Ends(row._asdict()), money) for row in cuts.itertuples()],
            cut=["none" if kept == 1 else _largest(kept) for kept in cuts["kept"]],
        ),
        "Effects on money with the largest amounts cut, all treatments of a campaign as one",
        {
            "campaign": ("Campaign", "text"),
            "label": ("Outcome", "text"),
            "cut": ("Amounts cut", "text"),
            "customers": ("Treated", "customers"),
            "controls": ("Controls", "customers"),
            "result": ("Effect per customer", "text"),
        },
        folded=True,
        least=least,
    )
    return Section(Note(sentence), table)


def _largest(kept: float) -> str:
    return f"largest {percent(1 - kept, 1 if kept > 0.99 else 0)}"


def _hangs(plain: pd.Series, cut: pd.Series) -> str:
    """What cutting the largest amounts changed: the answer, the sign, or the width."""
    if is_decided(Ends(plain)) != is_decided(Ends(cut)):
        return "**So the answer hangs on a few large customers.**"
    if plain["effect"] * cut["effect"] < 0:
        return (
            "**So its sign hangs on a few large customers**, who should be drawn apart next time."
        )
    width = cut["high"] - cut["low"]
    if width < _MOST_OF_IT * (plain["high"] - plain["low"]):
        return "Most of the width of the interval comes from a few large amounts."
    return "The largest customers change little."


def _headings(rows: pd.DataFrame) -> pd.Series:
    when = rows["contact"].where(rows["contact"] == "", " (" + rows["contact"] + ")")
    return rows["campaign"] + when


def finding(effects: pd.DataFrame, money: str) -> str:
    """How many effects on the first outcome are clear, and which."""
    rows = effects[effects["outcome"] == effects["outcome"].iloc[0]]
    unit, label = rows["unit"].iloc[0], rows["label"].iloc[0]
    what = f"the share that {label}" if unit == "share" else str(label)
    clear = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    if clear.empty:
        widest = float((rows["high"] - rows["low"]).max()) / 2
        reach = f"{100 * widest:.1f} points" if unit == "share" else f"{widest:.3g}"
        return (
            f"**Undecided**: of no campaign is it clear that it changed {what}. Effects up to "
            f"about {reach} either way are within chance"
        )
    best = clear.loc[clear["p_holm"].idxmin()]
    return (
        f"**{best['campaign']}** ({best['arm']}) changed {what} by "
        f"**{in_unit(Ends(best), unit, money)}**; clear are {count(len(clear))} of "
        f"{count(len(rows), 'effect')}"
    )


@or_absent
def opened(openings: list[Any]) -> Note:
    """What opening did, or why it cannot be said."""
    parts = []
    for each in openings:
        if each.effect is None:
            parts.append(f"What opening did in {each.arm} cannot be said: {each.why_not}.")
            continue
        naive = (
            ""
            if each.naive is None
            else (
                f" Openers less others would say {points(each.naive)}, which is no effect: who "
                "opens is another kind of customer."
            )
        )
        parts.append(
            f"{percent(each.opened, 0)} of those assigned to {each.arm} opened a message. If a "
            f"message does nothing unopened, opening changed the outcome of openers by "
            f"**{points(each.effect)}**.{naive}"
        )
    return Note(" ".join(parts))


def groups(found: Any, alike: Any, campaign: str, least: int = LEAST) -> Section | Absent:
    """Effects by group of one campaign, whether they differ, and the others in a table.

    `alike`: whether end users react as consumers do; left out where that is not known.
    """
    if is_missing(found):
        return Absent(found.lacks, found.adds)
    own = [each for each in found if each.campaign == campaign] or found
    unit = own[0].outcome.unit
    parts = []
    for each in own:
        rows = each.found.effects
        rows = rows[(rows["customers"] >= least) & (rows["controls"] >= least)]
        parts.append(
            pd.DataFrame(
                {
                    "heading": GROUPS.get(each.group, each.group),
                    "label": rows["group"],
                    "value": rows["effect"],
                    "low": rows["low"],
                    "high": rows["high"],
                }
            )
        )
    dots = pd.concat(parts, ignore_index=True)
    drawing, ax = canvas(height_of(len(dots), dots["heading"].nunique()))
    label = own[0].outcome.label
    axis = f"change of the share that {label}, points" if unit == "share" else f"change of {label}"
    draw_dots(ax, dots, axis, unit == "share")
    told = "; ".join(
        f"{row.label}: {100 * row.value:+.1f} ({100 * row.low:.1f} to {100 * row.high:.1f})"
        if unit == "share"
        else f"{row.label}: {row.value:+.3g} ({row.low:.3g} to {row.high:.3g})"
        for row in dots.itertuples()
    )
    figure = Figure(drawing, groups_sentence(found, campaign), f"Effects by group. {told}.")
    tests = pd.DataFrame(
        [
            {
                "campaign": each.campaign,
                "group": GROUPS.get(each.group, each.group),
                "groups": len(each.found.effects["group"].unique()),
                "p": float(each.found.tests["p"].min()),
            }
            for each in found
        ]
    )
    table = Table(
        tests,
        "Whether effects differ between groups, a test each; with so many tests one in twenty is "
        "below 0.05 by chance",
        {
            "campaign": ("Campaign", "text"),
            "group": ("Groups by", "text"),
            "groups": ("Groups", "integer"),
            "p": ("p", "number"),
        },
        folded=True,
        least=least,
    )
    return Section(figure, None if is_missing(alike) else Note(_alike(alike)), table)


def groups_sentence(found: list[Any], campaign: str) -> str:
    """For whom a campaign works, as far as the groups tell: after a count of all tests made."""
    own = [each for each in found if each.campaign == campaign] or found
    level = 0.05 / len(found)
    clear = [each for each in own if float(each.found.tests["p"].min()) < level]
    if not clear:
        return (
            f"For whom {own[0].campaign} works is **undecided**: no group differs from another by "
            f"more than chance, in {count(len(own), 'way')} of dividing customers"
        )
    best = min(clear, key=lambda each: float(each.found.tests["p"].min()))
    rows = best.found.effects.sort_values("effect")
    order = rows if best.outcome.is_loss else rows.iloc[::-1]
    return (
        f"{best.campaign} works differently {GROUPS.get(best.group, best.group).lower()}: best for "
        f"**{order['group'].iloc[0]}**, least for {order['group'].iloc[-1]}"
    )


def _alike(alike: Any) -> str:
    if alike.is_equivalent:
        return "End users in companies react **as consumers do**, within half of their effect."
    return (
        "Whether end users in companies react as consumers do is not shown: their effects differ "
        f"by {points(alike.interval)}, and would have to lie within "
        f"{100 * alike.margin:.1f} points."
    )

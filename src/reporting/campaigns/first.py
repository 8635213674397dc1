"""The first screen: what was earned, for whom it works, whom to treat next, and at what gain."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from src.reporting.campaigns.choosing import rules_sentence
from src.reporting.campaigns.spending import list_sentence
from src.reporting.campaigns.testing import test_sentence
from src.reporting.campaigns.words import Ends, in_unit, is_decided, money_of
from src.reporting.campaigns.working import groups_sentence
from src.reporting.page.prose import assumed_margin, count, short_money
from src.reporting.page.results import Answer, is_missing

_KEPT = "kept"
_LIMIT = (
    "Effects are of these offers on these customers in these months. The money of who is kept is "
    "assumed: the margin of the last 12 months, for as long as customers of the segment stay. What "
    "a discount gives away counts only where it stands in the cost."
)
_OF_EXPERIMENT = "Effects are of these treatments on these customers, in the time that was watched."


def answer(
    effects: Any,
    groups: Any,
    policy: Any,
    plan: Any,
    test: Any,
    campaign: str,
    money: str,
    assumed: float | None,
) -> Answer:
    """The decision first, then what the campaign earned, for whom, whom next, and the test.

    `campaign`: the one that models learn; `money`: the currency; `assumed`: the share of revenue
    taken for margin, None where costs are known. Parts that the base lacks are left out.
    """
    parts = []
    if not is_missing(effects):
        parts.append(did_sentence(effects, campaign, money))
    if not is_missing(groups):
        parts.append(groups_sentence(groups, campaign) + ".")
    if not is_missing(plan):
        parts.append(f"Next: {_next(plan, money)}.")
    if not is_missing(test):
        parts.append(test_sentence(test) + ".")
    is_panel = not is_missing(effects) and bool((effects["contact"] != "").any())
    limit = _LIMIT if is_panel else _OF_EXPERIMENT
    limit += assumed_margin(assumed) if assumed is not None else ""
    return Answer(_headline(effects, policy, money), " ".join(parts), limit)


def _headline(effects: Any, policy: Any, money: str) -> str:
    if is_missing(effects):
        return f"**What a campaign did cannot be told**: this base has no {effects.lacks}."
    if is_missing(policy):
        return f"**Whom to treat cannot be told**: this base has no {policy.lacks}."
    return rules_sentence(policy, money) + "."


def did_sentence(effects: pd.DataFrame, campaign: str, money: str) -> str:
    """What one campaign changed, and what that earned against nothing done."""
    rows = effects[effects["campaign"] == campaign]
    first = rows.iloc[0]
    figure = Ends(first)
    what = f"the share that {first['label']}" if first["unit"] == "share" else first["label"]
    when = f" ({first['contact']})" if first["contact"] else ""
    verdict = "changed" if is_decided(figure) else "is **not shown** to have changed"
    text = (
        f"{campaign}{when}, {first['arm']}, {verdict} {what}: "
        f"**{in_unit(figure, str(first['unit']), money)}**."
    )
    kept = rows[rows["outcome"] == _KEPT]
    if kept.empty:
        return text
    earned, treated = kept.iloc[0], int(kept.iloc[0]["customers"])
    each = Ends(earned)
    ends = f"{short_money(treated * each.low)} to {short_money(treated * each.high)}"
    shown = "it earned" if each.low > 0 else "it lost" if each.high < 0 else "**not shown**:"
    return (
        f"{text} What it earned against nothing done, by the value of who stayed less the cost: "
        f"{shown} **{short_money(treated * each.value)} {money} ({ends})**, "
        f"{money_of(each, money)} for each of {count(treated, 'customer')}."
    )


def _next(plan: Any, money: str) -> str:
    text = list_sentence(plan, money)
    text = text[0].lower() + text[1:]
    if plan.rows.empty:
        return text
    as_they_come = f"as they come {short_money(plan.everybody)} {money}"
    if math.isnan(plan.by_risk):
        return f"{text}; the same money spent on customers {as_they_come}"
    riskiest = f"{short_money(plan.by_risk)} {money}"
    return f"{text}; the same money spent on the riskiest {riskiest}, {as_they_come}"


def metrics(effects: Any, campaign: str) -> dict[str, float | None]:
    """`ate` with its ends: the effect of the campaign on its first outcome, and on money."""
    if is_missing(effects):
        return {"ate": None, "ate.low": None, "ate.high": None}
    rows = effects[effects["campaign"] == campaign]
    told: dict[str, float | None] = {}
    for name, row in (("ate", rows.iloc[0]), *_named(rows)):
        told |= {name: float(row["effect"]), f"{name}.low": float(row["low"])}
        told[f"{name}.high"] = float(row["high"])
    return told


def _named(rows: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    names = [name for name in dict.fromkeys(rows["outcome"]) if name != rows["outcome"].iloc[0]]
    return [(f"ate.{name}", rows[rows["outcome"] == name].iloc[0]) for name in names]

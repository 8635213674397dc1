"""Sentences and tables of the lifetime value report, from computed frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from src.reporting.ltv.charts import FACTORS
from src.reporting.page.prose import (
    listed,
    percent,
    percent_interval,
    ratio,
    ratio_interval,
    short_money,
)
from src.reporting.page.results import metric_name
from src.reporting.page.small_groups import many

LIMITS = {
    "panel": "residual value of the next {months} months only. Hazards beyond {seen} months ahead "
    "were seen in no snapshot and go on as they were: an extrapolation. The intervals know of "
    "other customers, not of a price war.",
    "snapshot": "this base is one labelled row per customer, without dates. Customers who left "
    "before it was drawn are missing, so lifetimes are too long: compare the groups, do not "
    "budget with the amounts.",
}


class LogRank(Protocol):
    """A log-rank test; `src.models.survival.restricted_mean.LogRank` has these."""

    @property
    def statistic(self) -> float: ...  # noqa: D102
    @property
    def p_value(self) -> float: ...  # noqa: D102


def money_interval(value: float, low: float, high: float) -> str:
    """Money with its interval in three digits.

    >>> money_interval(2854.3, 2500.2, 3301.7)
    '2.85 k (2.5 k to 3.3 k)'
    """
    return f"{short_money(value)} ({short_money(low)} to {short_money(high)})"


def of(table: pd.DataFrame, **where: Any) -> pd.Series:
    """The one row of a table in which the columns have these values."""
    keep = np.logical_and.reduce([table[name] == value for name, value in where.items()])
    return table[keep].iloc[0]


def headline(
    ltv: pd.DataFrame, names: tuple[str, str], money: str, what: str, thin: Sequence[str] = ()
) -> str:
    """Both means with intervals and their ratio; of a group in `thin` the interval alone.

    `ltv`: the frame of `gap.Gap`.
    """
    one, other, ratio = (of(ltv, figure="mean", of=name) for name in (*names, "ratio"))
    first, second = (
        f"**between {short_money(row['low'])} and {short_money(row['high'])} {money}**"
        if name in thin
        else f"**{money_interval(row['value'], row['low'], row['high'])} {money}**"
        for name, row in zip(names, (one, other), strict=True)
    )
    text = f"A {names[0]} customer is worth {first} {what}, a {names[1]} customer {second}"
    if np.isnan(ratio["value"]) or any(name in thin for name in names):
        return f"{text}."
    times = f"{ratio['value']:.1f} ({ratio['low']:.1f} to {ratio['high']:.1f})"
    return f"{text}: **{times}** times as much."


def median_sentence(ltv: pd.DataFrame, names: tuple[str, str], money: str) -> str:
    """The medians, and what the means hide."""
    one, other, ratio = (of(ltv, figure="median", of=name) for name in (*names, "ratio"))
    return (
        f"The median customer is worth {short_money(one['value'])} {money} in {names[0]} and "
        f"{short_money(other['value'])} {money} in {names[1]}, "
        f"{ratio['value']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f}) times as much: a mean "
        "is what the base brings, a median what a customer is like."
    )


def gap_sentence(bars: pd.DataFrame, names: tuple[str, str], money: str) -> str:
    """Where the gap comes from: the largest bar, and the bars that may be noise."""
    gap = of(bars, factor="gap")
    parts = bars[bars["factor"] != "gap"]
    order = parts.reindex(parts["bar"].abs().sort_values(ascending=False).index)
    top = order.iloc[0]
    text = (
        f"Of the gap of **{money_interval(gap['bar'], gap['low'], gap['high'])} {money}** between "
        f"{names[0]} and {names[1]}, {FACTORS[top['factor']]} makes "
        f"**{money_interval(top['bar'], top['low'], top['high'])}**"
    )
    noise = [FACTORS[factor] for factor in parts.loc[parts["in_noise"], "factor"]]
    return f"{text}; in the noise: {listed(noise)}." if noise else f"{text}."


def survival_sentence(means: pd.DataFrame, difference: pd.Series, test: LogRank) -> str:
    """How long both groups stay out of the horizon, and whether they differ."""
    parts = [
        f"{row.group} {row.mean_months:.1f} ({row.low:.1f} to {row.high:.1f})"
        if row.is_observed
        else f"{row.group} is not observed that far"
        for row in means.itertuples()
    ]
    text = (
        f"Of the first {means['horizon'].iloc[0]:.0f} months of a life, customers stay on average: "
        f"{listed(parts)}"
    )
    if not difference["is_observed"]:
        return f"{text}."
    sure = "log-rank p < 0.001" if test.p_value < 0.001 else f"log-rank p = {test.p_value:.3f}"
    return (
        f"{text}; a difference of {difference['difference']:+.1f} "
        f"({difference['low']:+.1f} to {difference['high']:+.1f}), {sure}."
    )


def ahead_sentence(table: pd.DataFrame, seen: int) -> str:
    """How many are expected to be there still at the horizon. Reads `group`, `month`, `value`."""
    last = int(table["month"].max())
    ends = table[table["month"] == last]
    parts = [f"{percent(row.value, 0)} of {row.group}" for row in ends.itertuples()]
    text = f"In {last} months {listed(parts)} are expected to be there still"
    if last > seen:
        return f"{text}; beyond {seen} months this is an **extrapolation**."
    return f"{text}."


def thin_sentence(ended: pd.Series) -> str:
    """A warning for groups of few ended lives, given by group; empty when there is none."""
    if ended.empty:
        return ""
    named = listed([f"{group} ({many(number)})" for group, number in ended.items()])
    return (
        f"**Too few ended lives for a point:** {named}. Read the interval only; below 30 it is "
        "itself rough."
    )


def mix_sentence(totals: pd.DataFrame, by: str, money: str) -> str:
    """How much of the gap is the mix of sub-segments, how much is within them."""
    parts = [
        f"{row.effect.replace('_', ' ')} {money_interval(row.value, row.low, row.high)}"
        for row in totals[totals["effect"] != "gap"].itertuples()
        if row.value != 0
    ]
    return f"By {by}, the gap splits into {listed(parts)} {money}."


def adjusted_sentence(table: pd.DataFrame, by: list[str], money: str) -> str:
    """The gap between customers who are alike, beside the plain one."""
    plain, alike = (of(table, estimand=name) for name in ("unadjusted", "standardised"))
    one, other = (
        money_interval(row["difference"], row["low"], row["high"]) for row in (alike, plain)
    )
    return (
        f"Between customers alike in {listed(by)} the gap is **{one} {money}**; between all, "
        f"{other}."
    )


def net_sentence(bars: pd.DataFrame, money: str) -> str:
    """The gap net of acquisition cost, which is spent already."""
    gap, cost = (of(bars, factor=name) for name in ("gap", "acquisition"))
    return (
        f"What it cost to win them makes {money_interval(cost['bar'], cost['low'], cost['high'])} "
        f"{money} of difference; net of it the gap is "
        f"**{money_interval(gap['bar'], gap['low'], gap['high'])} {money}**. It is spent: it "
        "matters for whom to win next, not for whom to keep."
    )


def effects_table(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects by sub-segment with their money as text, those of no size left out."""
    shown = effects[effects["value"] != 0]
    texts = [money_interval(row.value, row.low, row.high) for row in shown.itertuples()]
    return shown.assign(effect=shown["effect"].str.replace("_", " "), money=texts)


def support_sentence(support: pd.DataFrame) -> str:
    """Of how many customers the adjusted comparison says nothing."""
    parts = [f"{percent(row.outside_share)} of {row.group}" for row in support.itertuples()]
    return f"Without a counterpart, and so outside that comparison: {listed(parts)}."


def sizes_sentence(table: pd.DataFrame, group: str) -> str:
    """Who within a group is worth most. Reads the frame of `means_by`; its first column names."""
    by = table.columns[0]
    top = table.loc[table["mean"].idxmax()]
    part = top["customers"] / table["customers"].sum()
    held = f"**{ratio(top['share'], 0)}** of the value"
    shown = f"{ratio(part)} of those shown"
    return f"In {group}, customers of {by} {top[by]} are {shown} and hold {held}."


def roles_sentence(means: pd.DataFrame, difference: pd.Series, test: LogRank, group: str) -> str:
    """How long lines of end users and decision makers stay."""
    text = survival_sentence(means, difference, test).replace("_", " ")
    text = text.replace("customers stay", "lines stay")
    return f"Lines within {group}. {text}"


def tenure_sentence(table: pd.DataFrame, group: str) -> str:
    """What constant churn gets wrong, newest and oldest customers against the main estimate."""
    wide = table.pivot(index="band", columns="estimator", values="value").reindex(
        dict.fromkeys(table["band"])
    )
    main, other = list(dict.fromkeys(table["estimator"]))[:2]
    off = wide[other] / wide[main] - 1
    if len(off) == 1:
        return (
            f"In {group}, {other} values customers of {off.index[0]} months {off.iloc[0]:+.0%} "
            "against the main estimate; no other band has as many customers."
        )
    return (
        f"In {group}, {other} values customers of {off.index[0]} months {off.iloc[0]:+.0%} and "
        f"those of {off.index[-1]} months {off.iloc[-1]:+.0%} against the main estimate."
    )


def partial_sentence(table: pd.DataFrame) -> str:
    """Partial churn beside account churn."""
    parts = [
        f"in {row.group} {percent_interval(row.account_churn, row.low, row.high)} of accounts "
        f"left and {ratio_interval(row.partial_churn, row.partial_low, row.partial_high)} of "
        "lines ended though their account stayed"
        for row in table.itertuples()
    ]
    return f"In twelve months {listed(parts)}."


def risk_sentence(shares: Mapping[str, float], top: int) -> str:
    """How much of the value at risk the largest accounts hold."""
    parts = [f"{percent(share, 0)} in {name}" for name, share in shares.items()]
    return f"The {top} customers with the most value at risk hold {listed(parts)} of it."


def elasticity_sentence(found: Mapping[str, pd.DataFrame]) -> str:
    """What one per cent is worth, by group; a lever without a value is left out.

    Reads `lever`, `value`, `low`, `high`.
    """
    parts = []
    for name, table in found.items():
        levers = {
            row.lever: f"{row.value:.2f}% ({row.low:.2f} to {row.high:.2f})"
            for row in table.dropna(subset=["value"]).itertuples()
        }
        text = f"in {name} one per cent more of the customers kept each year is worth "
        text += f"{levers['retention']} of LTV"
        if "acquisition" in levers:
            text += f", one per cent less acquisition cost {levers['acquisition']} of LTV net of it"
        parts.append(text)
    return f"Where one per cent more margin is worth 1%, {'; '.join(parts)}."


def payback_sentence(table: pd.DataFrame, money: str) -> str:
    """What a new customer brings, and the month of payback. Reads the rows of `payback_row`."""
    parts = [
        f"in {row.group} {short_money(row.ltv)} {money} ({short_money(row.ltv_low)} to "
        f"{short_money(row.ltv_high)}) in {row.months} months, {row.times:.1f} ({row.low:.1f} to "
        f"{row.high:.1f}) times the cost of {short_money(row.cost)} {money}, paid back "
        f"{_month_words(row.month, row.month_low, row.month_high)}"
        for row in table.itertuples()
    ]
    return (
        f"A new customer brings {'; '.join(parts)}. That is the mean of all who started, those who "
        "left counted with nothing: not of those who are still here."
    )


def _month_words(month: float, low: float, high: float) -> str:
    """Such as "in month 9 (8 to 10)"; inf is not within the months watched."""
    if np.isinf(month):
        return "not within these months"
    late = ", or not within these months" if np.isinf(high) else f" to {high:.0f}"
    return f"in month {month:.0f}" + ("" if low == high else f" ({low:.0f}{late})")


def payback_metrics(table: pd.DataFrame) -> dict[str, Any]:
    """`payback.<group>.month`, `.ltv`, `.times` with `.low` and `.high`."""
    figures: dict[str, Any] = {}
    for row in table.itertuples():
        name = f"payback.{metric_name(row.group)}"
        figures |= {
            f"{name}.month": row.month,
            f"{name}.month.low": row.month_low,
            f"{name}.month.high": row.month_high,
            f"{name}.ltv": row.ltv,
            f"{name}.ltv.low": row.ltv_low,
            f"{name}.ltv.high": row.ltv_high,
            f"{name}.times": row.times,
            f"{name}.times.low": row.low,
            f"{name}.times.high": row.high,
        }
    return {key: None if np.isinf(value) else value for key, value in figures.items()}


def sensitivity_sentence(table: pd.DataFrame, money: str) -> str:
    """The range of the gap over settings. Reads `setting`, `gap`."""
    low, high = table["gap"].min(), table["gap"].max()
    return (
        f"Over these settings the gap lies between {short_money(low)} and {short_money(high)} "
        f"{money}: its sign " + ("does not hang on them." if low * high > 0 else "hangs on them.")
    )


def elasticity_metrics(found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """`elasticity.<group>.<lever>` with `.low` and `.high`. Reads the frames of `elasticities`."""
    return {
        f"elasticity.{metric_name(name)}.{row.lever}{end}": value
        for name, table in found.items()
        for row in table.itertuples()
        for end, value in (("", row.value), (".low", row.low), (".high", row.high))
    }


def metrics(
    ltv: pd.DataFrame, bars: pd.DataFrame, names: tuple[str, str], thin: Sequence[str] = ()
) -> dict[str, Any]:
    """The figures of the gap: `<group>.ltv`, `<group>.median`, `ratio`, `gap`, `gap.bar.*`.

    The mean of a group in `thin` has its interval and no value.
    """
    found: dict[str, Any] = {}
    for figure, suffix in (("mean", "ltv"), ("median", "median")):
        for name in names:
            row = of(ltv, figure=figure, of=name)
            label = f"{metric_name(name)}.{suffix}"
            found |= {label: row["value"], f"{label}.low": row["low"], f"{label}.high": row["high"]}
            if name in thin and figure == "mean":
                found[label] = None
    ratio = of(ltv, figure="mean", of="ratio")
    found |= {"ratio": ratio["value"], "ratio.low": ratio["low"], "ratio.high": ratio["high"]}
    for row in bars.itertuples():
        short = str(row.factor).replace("margin_share", "margin")
        label = "gap" if short == "gap" else f"gap.bar.{short}"
        found |= {label: row.bar, f"{label}.low": row.low, f"{label}.high": row.high}
    return found

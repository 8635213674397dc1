"""The sentences and metrics of the exploration, from computed frames and the base's own words."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd

from src.reporting.page.prose import (
    Interval,
    count,
    listed,
    percent,
    percent_interval,
    ratio,
    ratio_interval,
)
from src.reporting.page.results import metric_name
from src.reporting.page.small_groups import LEAST, many, tells_few

LIMITS = {
    "snapshot": "this base is one labelled row per customer, without dates. Its rate belongs to no "
    "known period, and customers who left before the snapshot were never seen. Differences between "
    "groups are associations, not effects.",
    "orders": "nobody closes a contract here, so nobody is seen to leave: a buyer who waits may "
    "still return. Differences between groups are associations, not effects.",
    "panel": "ends are known only up to the end of follow-up; a pause in the last months of the "
    "data counts as alive. Differences between groups are associations, not effects.",
}


class Words(Protocol):
    """How a base is spoken of; `src.features.portrait.Words` has these."""

    @property
    def customer(self) -> str: ...  # noqa: D102
    @property
    def money(self) -> str: ...  # noqa: D102
    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def rate(self) -> str: ...  # noqa: D102
    @property
    def share(self) -> str: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def vintage(self) -> str: ...  # noqa: D102
    @property
    def ends_are_losses(self) -> bool: ...  # noqa: D102


def headline(
    rate: pd.Series,
    customers: int,
    held: Interval | None,
    share: float,
    words: Words,
    of: str = "",
) -> str:
    """The exploration in one line; `of` is what the part of the top share is of."""
    text = f"**{_did(rate, customers)}** of {count(customers, words.customer)} {words.outcome}"
    if held is None:
        return f"{text}."
    part = percent_interval(held.value, held.low, held.high)
    return f"{text}; the top {percent(share, 0)} bring **{part}** of the {of or words.money}."


def money_sentence(held: Interval | None, share: float, words: Words, of: str = "") -> str:
    """Who brings the money: the part `of` it of the top `share`, or that the base holds none."""
    if held is None:
        return f"The base holds no money per {words.customer}: who brings it cannot be said."
    part = percent_interval(held.value, held.low, held.high)
    top = f"The top {percent(share, 0)} of {words.customer}s"
    text = f"{top} bring **{part}** of the {of or words.money}"
    if not np.isclose(share, 0.2):
        return f"{text}."
    reaches = "less than" if held.high < 0.8 else "more than" if held.low > 0.8 else "about"
    return f"{text}, {reaches} the proverb's 80%."


def aside_sentence(
    below: int, unknown: int, customers: int, of: str, words: Words, least: int = 10
) -> str:
    """How many have less than nothing, or no money that is known; empty where none has.

    A group smaller than `least` is not counted out.
    """
    parts = []
    if below:
        parts.append(
            f"{many(below, least=least)} of {count(customers, words.customer)} brought less than "
            f"nothing (more returned or credited than paid), so that shares are of the {of}"
        )
    if unknown:
        parts.append(
            f"{many(unknown, least=least)} have no known {words.money} and are left out of these "
            "shares"
        )
    text = "; ".join(parts)
    return f" {text[0].upper()}{text[1:]}." if parts else ""


def rate_sentence(rate: pd.Series, customers: int, words: Words) -> str:
    """How many did it; `rate` has `rate`, `low`, `high`."""
    did = _did(rate, customers)
    return f"Of {count(customers, words.customer)}, **{did}** {words.outcome}."


def attribute_sentence(levels: pd.DataFrame, explained: float, words: Words) -> str:
    """What separates most; `levels` are the rates of one attribute, see `rates_by`."""
    if len(levels) < 2 or levels["rate"].nunique() < 2:
        return f"No attribute of the base separates its {words.customer}s."
    low, high = levels.loc[levels["rate"].idxmin()], levels.loc[levels["rate"].idxmax()]
    if high["low"] <= low["high"]:
        return (
            f"No attribute of the base separates its {words.customer}s beyond the noise. The "
            f"nearest is {high['attribute']}: with “{high['level']}” "
            f"{percent_interval(*_figures(high))} {words.outcome}, with “{low['level']}” "
            f"{percent_interval(*_figures(low))}."
        )
    return (
        f"What separates most is **{high['attribute']}**: with “{high['level']}” "
        f"{percent_interval(*_figures(high))} {words.outcome}, with “{low['level']}” "
        f"{percent_interval(*_figures(low))}; it explains {percent(explained)} of the variance."
    )


def quality_sentence(columns: pd.DataFrame, reason: tuple[str, object] | None) -> str:
    """Where cells are empty; `columns` of `columns_overview`, `reason` for the emptiest column."""
    gaps = columns[columns["missing"] > 0].sort_values("missing", ascending=False, kind="stable")
    if gaps.empty:
        return "No cell of the base is empty."
    worst = gaps.iloc[0]
    text = f"**{gaps_in_words(worst)} cells** of {worst['column']} are empty"
    if not is_few(worst):
        text += f" ({percent(worst['missing_share'])})"
    if reason is not None:
        column, value = reason
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        text += f", all of them where {column} is {shown}"
    if len(gaps) > 1:
        others = len(gaps) - 1
        text += f"; {count(others, 'other column')} {'has' if others == 1 else 'have'} gaps"
    return f"{text}."


def size_sentence(tables: pd.DataFrame, customers: int, words: Words) -> str:
    """How large the base is and which months it covers."""
    rows = f"{count(customers, words.customer)} in {count(tables['rows'].sum(), 'row')}"
    names = listed(tables["table"].tolist())
    first, last = tables["first"].min(), tables["last"].max()
    if pd.isna(first):
        return f"The base holds **{rows}** ({names}) and no dates."
    return f"The base holds **{rows}** ({names}), from {first:%B %Y} to {last:%B %Y}."


def spread_sentence(
    median: float, mean: float, gini: float, currency: str, words: Words, of: str = ""
) -> str:
    """How far the typical customer is from the mean."""
    return (
        f"Half of the {words.customer}s bring {median:,.2f} {currency} or less, the mean is "
        f"{mean:,.2f} {currency}; the Gini coefficient of the {of or words.money} is {gini:.2f}."
    )


def vintage_sentence(revenue: pd.DataFrame, words: Words, least: int = 1) -> str:
    """Which vintage of `least` customers or more brings most of the latest period's revenue.

    The share is of the revenue of all vintages, also of those too small to be named.
    """
    latest = revenue[revenue["period"] == revenue["period"].max()]
    latest = latest[latest["revenue"] > 0]  # more returned than bought is no part of the revenue
    named = latest[latest["customers"] >= least]
    if named.empty:
        few = f" of {least} {words.customer}s or more" if len(latest) else ""
        return f"No {words.vintage}{few} brings revenue in the latest period."
    parts = named.groupby("vintage", observed=True)["revenue"].sum()
    name, part = parts.idxmax(), parts.max() / latest["revenue"].sum()
    when = (
        ""
        if isinstance(latest["period"].iloc[0], str)
        else (f" in {latest['period'].iloc[0]:%B %Y}")
    )
    return f"By {words.vintage}, “{name}” brings most: {ratio(part)} of the revenue{when}."


def extremes(levels: pd.DataFrame) -> pd.DataFrame:
    """Per attribute the levels with the `lowest` and `highest` rate, where these differ."""
    rows = {}
    for attribute, group in levels.groupby("attribute", sort=False):
        low, high = group.loc[group["rate"].idxmin()], group.loc[group["rate"].idxmax()]
        if low["rate"] == high["rate"]:
            continue  # one level, or all alike: nothing is lowest
        rows[attribute] = {
            "lowest": f"{low['level']}: {percent_interval(*_figures(low))}",
            "highest": f"{high['level']}: {percent_interval(*_figures(high))}",
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["lowest", "highest"])


def metrics(
    tables: pd.DataFrame,
    customers: int,
    rate: pd.Series,
    columns: pd.DataFrame,
    words: Words,
) -> dict[str, Any]:
    """The figures of an exploration under their metric names, but those of money and of curves."""
    missing = int(columns["missing"].sum())
    return {
        "rows": int(tables["rows"].sum()),
        **{f"rows.{row['table']}": int(row["rows"]) for _, row in tables.iterrows()},
        "customers": customers,
        words.rate: rate["rate"],
        f"{words.rate}.low": rate["low"],
        f"{words.rate}.high": rate["high"],
        "missing.cells": None if 0 < missing < LEAST else missing,
        "missing.columns": int((columns["missing"] > 0).sum()),
    }


def money_metrics(held: Interval, share: float, total: float, mean: float) -> dict[str, Any]:
    """The part of the money that the top `share` bring, the total and the mean."""
    top = f"pareto.top{100 * share:.0f}_share"
    return {
        top: held.value,
        f"{top}.low": held.low,
        f"{top}.high": held.high,
        "money.total": total,
        "money.mean": mean,
    }


def _did(rate: pd.Series, customers: int) -> str:
    """The share that did it, with its interval; in words where few did, or few did not."""
    share, _, _ = _figures(rate)
    part = round(share * customers)
    if not tells_few(part, customers):
        return percent_interval(*_figures(rate))
    return many(part) if part < LEAST else f"all but {many(customers - part)}"


def gaps_in_words(column: pd.Series) -> str:
    """How many cells of a column are empty; in words where few are, or few are not."""
    if is_few(column) and column["missing"] >= LEAST:
        return "nearly all"
    return many(column["missing"])


def is_few(column: pd.Series) -> bool:
    """Whether the gaps of a column, or its filled cells, are few; reads `columns_overview`."""
    rows = round(column["missing"] / column["missing_share"]) if column["missing"] else 0
    return tells_few(column["missing"], rows)


def _figures(row: pd.Series) -> tuple[float, float, float]:
    return float(row["rate"]), float(row["low"]), float(row["high"])


def exit_sentence(shares: pd.DataFrame, measure: str) -> str:
    """What is left of a measure in the last month before the exit, group by group."""
    last = shares[shares["before"] == shares["before"].min()]
    parts = [
        f"{ratio_interval(row['share'], row['low'], row['high'], 0)} for {row['group']}"
        for _, row in last.iterrows()
    ]
    return f"In the last month before the exit, {measure} is this share of normal: {listed(parts)}."


def churn_texts(rates: pd.DataFrame) -> pd.Series:
    """Rates with their intervals as text, two decimals; reads `rate`, `low`, `high`."""
    texts = [percent_interval(*_figures(row), 2) for _, row in rates.iterrows()]
    return pd.Series(texts, rates.index, dtype="object")


def churn_sentence(rates: pd.DataFrame) -> str:
    """Monthly churn group by group; reads `group`, `rate`, `low`, `high`."""
    parts = [
        f"{row['group']} **{percent_interval(*_figures(row), 2)}**" for _, row in rates.iterrows()
    ]
    return f"A month, this share of customers leaves: {listed(parts)}."


def exit_metrics(exits: pd.DataFrame) -> dict[str, Any]:
    """Monthly churn per group and the share of exits that froze."""
    named: dict[str, Any] = {}
    for _, row in exits.iterrows():
        group = metric_name(row["group"])
        named[f"{group}.monthly_churn"] = row["rate"]
        named |= {f"{group}.monthly_churn.{end}": row[end] for end in ("low", "high")}
    named["exit.frozen_share"] = exits["frozen"].sum() / max(exits["exits"].sum(), 1)
    return named

"""The sentences, tables and metrics of the churn report, from computed frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from src.reporting.page.prose import Interval, count, listed, share_words, short_money
from src.reporting.page.results import metric_name

SHOWN = ("auc", "savable_auc", "log_loss", "lift10", "empc")
FURTHER = ("pr_auc", "brier", "brier_skill", "lift5", "savable_log_loss")
HEADINGS = {
    "auc": "AUC, lost",
    "savable_auc": "AUC, can be saved",
    "savable_log_loss": "Log loss, can be saved",
    "pr_auc": "Average precision",
    "log_loss": "Log loss",
    "brier": "Brier",
    "brier_skill": "Brier skill",
    "lift5": "Lift, top 5%",
    "lift10": "Lift, top 10%",
    "empc": "EMPC",
}
_DECIMALS = {"log_loss": 4, "savable_log_loss": 4, "brier": 4, "lift5": 1, "lift10": 1, "empc": 2}
LIMITS = {
    "panel": "judged on {tests} of one base; another price rise or competitor can change what "
    "announces an exit. The intervals know of other customers, not of other times.",
    "snapshot": "this base is one labelled row per customer, without dates: it tells who is like "
    "those who left, not who will leave next. How long the label looks ahead is not known.",
}


class Horizon(Protocol):
    """A gap, then the months that count; `src.features.snapshots.Horizon` has these."""

    @property
    def months(self) -> int: ...  # noqa: D102
    @property
    def gap(self) -> int: ...  # noqa: D102


class Standing(Protocol):
    """The best model and those in the noise; `src.models.scoring.comparison.Standing` has these."""

    @property
    def best(self) -> str: ...  # noqa: D102
    @property
    def in_noise(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def behind(self) -> tuple[str, ...]: ...  # noqa: D102


class Share(Protocol):
    """A profit per customer and the share to contact; `src.models.profit.contact.MaximumProfit`."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def share(self) -> float: ...  # noqa: D102


def question(horizon: Horizon | None) -> str:
    """What is asked of a model, in words: who leaves when."""
    if horizon is None:
        return "who is marked as churned"
    return f"who is gone or leaves within {count(horizon.gap + horizon.months, 'month')}"


def headline(
    best: str, compared: pd.DataFrame, asked: str, who: str, in_noise: Sequence[str] = ()
) -> str:
    """The winner in one line: its AUC with interval, and how its list compares with chance.

    With others `in_noise` nobody tells best.
    """
    area, lift = (of(compared, best, metric) for metric in ("auc", "lift10"))
    name = best[:1].upper() + best[1:]
    told = f"tells best {asked} among {who}"
    if in_noise:
        others = in_noise[0] if len(in_noise) == 1 else f"{len(in_noise)} others"
        told = f"tells {asked} among {who} as well as {others} within the noise"
    return (
        f"**{name}** {told}: AUC **{interval(area, 3)}**; the top 10% of its list hold "
        f"**{interval(lift, 1)}** times as many churners as chance."
    )


def noise_sentence(standing: Standing, order: Sequence[str]) -> str:
    """Who cannot be told from the winner; and whether the simplest model will do.

    `order`: the models by their labels, simplest first.
    """
    if not standing.in_noise:
        return (
            f"No other model is within the noise of **{standing.best}** in log loss on these rows."
        )
    equals = [name for name in order if name == standing.best or name in standing.in_noise]
    text = (
        f"On these rows **{standing.best}** cannot be told in log loss from "
        f"{listed(list(standing.in_noise))}"
    )
    if equals[0] == standing.best:
        return f"{text}. It is also the simplest of them: take it."
    return f"{text}. The simplest of them is **{equals[0]}**: nothing here speaks against it."


def of(compared: pd.DataFrame, model: str, metric: str) -> pd.Series:
    """The row of one model and metric of a comparison."""
    rows = compared[(compared["model"] == model) & (compared["metric"] == metric)]
    return rows.iloc[0]


def interval(row: pd.Series | Interval, decimals: int) -> str:
    """A figure with its interval as text.

    >>> interval(pd.Series({"value": 0.71, "low": 0.7, "high": 0.72}), 2)
    '0.71 (0.70 to 0.72)'
    """
    value, low, high = (
        (row["value"], row["low"], row["high"])
        if isinstance(row, pd.Series)
        else (row.value, row.low, row.high)
    )
    texts = [f"{_rounded(end, decimals):.{decimals}f}" for end in (value, low, high)]
    return f"{texts[0]} ({texts[1]} to {texts[2]})"


def _rounded(value: float, decimals: int) -> float:
    """The number to show; adding zero turns a rounded -0 into 0."""
    return round(value, decimals) + 0.0


def comparison_table(compared: pd.DataFrame, baselines: Sequence[str] = ()) -> pd.DataFrame:
    """A row per model, the lowest log loss first: `model` and a text per metric there is.

    What any model has to beat, `baselines`, stands before the others, in the same order.
    """
    wide = {}
    for metric in [name for name in HEADINGS if (compared["metric"] == name).any()]:
        rows = compared[compared["metric"] == metric].set_index("model")
        decimals = _DECIMALS.get(metric, 3)
        wide[metric] = rows.apply(interval, axis=1, decimals=decimals)
    table = pd.DataFrame(wide)
    losses = compared[compared["metric"] == "log_loss"].set_index("model")["value"]
    ordered = losses.sort_values(kind="stable").index
    is_baseline = ordered.isin(baselines)
    return table.loc[[*ordered[is_baseline], *ordered[~is_baseline]]].reset_index()


def calibration_sentence(parts: pd.DataFrame, best: str, of_what: str = "") -> str:
    """Whether the chances mean what they say: the slope and the intercept with intervals.

    `of_what`: chances of what, such as "to be lost".
    """
    slope, level = parts.loc["slope"], parts.loc["intercept"]
    if np.isnan(slope["value"]):
        return f"{best} gives everybody the same chance, so there is no slope to judge."
    spread = (
        "are as far apart as they should be"
        if slope["low"] <= 1 <= slope["high"]
        else "are too far apart"
        if slope["high"] < 1
        else "are too close together"
    )
    odds = np.exp([level["value"], level["low"], level["high"]])
    height = (
        "their level fits"
        if odds[1] <= 1 <= odds[2]
        else "more came true than was said"
        if odds[1] > 1
        else "fewer came true than was said"
    )
    chances = f"chances {of_what} of {best}" if of_what else f"chances of {best}"
    return (
        f"The {chances} {spread}: slope **{interval(slope, 2)}**; and {height}: the odds "
        f"were {odds[0]:.2f} ({odds[1]:.2f} to {odds[2]:.2f}) times those said."
    )


def lead_sentence(quality: pd.DataFrame) -> str:
    """How far ahead each group's exits can be seen. Reads `group`, `month`, `value`, `low`.

    Month 0 is no exit to come: it is drawn, and left out here.
    """
    parts = []
    for group, rows in quality.dropna(subset=["value"]).groupby("group", sort=False):
        rows = rows[rows["month"] > 0]
        if rows.empty:
            continue
        is_seen = (rows["low"] > 0.5).cummin()
        reach = int(rows.loc[is_seen, "month"].max()) if is_seen.any() else 0
        first = rows.iloc[0]
        until = f"beats a coin up to month {reach}" if reach else "beats a coin in no month"
        parts.append(f"{group} starts at {first['value']:.2f} and {until}")
    return f"The list of today, read month by month: {'; '.join(parts)}."


def staying_sentence(quality: pd.DataFrame) -> str:
    """What a model loses with age. Reads `month`, `value`, `low`, `high`."""
    known = quality.dropna(subset=["value"])
    first, last = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return (
            f"Trained once, the hazard model has an AUC of {interval(first, 3)} at once; later "
            "months are not known."
        )
    change = _rounded(last["value"] - first["value"], 3)
    overlap = first["low"] <= last["high"] and last["low"] <= first["high"]
    verdict = "within the noise" if overlap else "more than the noise"
    return (
        f"Trained once, the hazard model has an AUC of {interval(first, 3)} at once and of "
        f"{interval(last, 3)} after {count(last['month'], 'month')}: {change:+.3f}, {verdict}."
    )


def weak_sentence(spots: pd.DataFrame, best: str) -> str:
    """In which groups the model fails, from the frame of `weak_spots`."""
    marked = spots[spots["verdict"] != ""]
    looked = f"{count(len(spots), 'group')} looked at"
    if marked.empty:
        return f"Of {looked}, none stands out: nowhere does {best} do worse than it says."
    shown = [
        f"{str(row.attribute).replace('_', ' ')} {row.level} ({row.verdict})"
        for row in marked.head(4).itertuples()
    ]
    more = f" and {len(marked) - 4} more" if len(marked) > 4 else ""
    return f"Of {looked}, {best} fails in {count(len(marked))}: {listed(shown)}{more}."


def orderings_sentence(table: pd.DataFrame, money: str) -> str:
    """The differences of the other orderings to the first one."""
    parts = []
    for _, row in table.iloc[1:].iterrows():
        gap = (
            f"{short_money(row['difference'])} {money} ({short_money(row['difference_low'])} to "
            f"{short_money(row['difference_high'])})"
        )
        verdict = ", within the noise" if row["in_noise"] else ""
        parts.append(f"{row['ordering']} {gap}{verdict}")
    return f"Against {table['ordering'].iloc[0]}: {'; '.join(parts)}."


def empc_sentence(bound: Share, best: str, money: str, clv: float) -> str:
    """The expected maximum profit and the share of customers to contact for it."""
    if bound.share == 0:
        return (
            f"At a value of {clv:g} {money} for everybody the expected maximum profit of {best} is "
            "**zero**: the best campaign is none."
        )
    return (
        f"At a value of {clv:g} {money} for everybody the expected maximum profit of {best} is "
        f"**{bound.value:.2f} {money}** per customer of the base, contacting "
        f"{share_words(bound.share)} on average over accept rates. It is a bound: the cut is "
        "chosen knowing who left."
    )


def truth_sentence(oracle: float, model: float, best: str, blind: float, insider: float) -> str:
    """How near the model is to what the features can tell on a simulated base."""
    gap = _rounded(oracle - model, 3)
    return (
        f"With the true chances as weights, of everybody on the list, {best} has an expected AUC "
        f"of **{model:.3f}**; the fair oracle, who learned from the true chances themselves, "
        f"**{oracle:.3f}**: a gap of {gap:.3f}. Who also knew what no feature shows would reach "
        f"{blind:.3f}, an insider {insider:.3f}."
    )


def metrics(
    compared: pd.DataFrame, calibrated: pd.DataFrame, best: str, **others: Any
) -> dict[str, Any]:
    """The figures of the run. `others`: names with `__` for dots, such as `oracle__auc`."""
    found: dict[str, Any] = {"best.model": best}
    for row in compared.itertuples():
        name = f"{metric_name(str(row.model))}.{row.metric}"
        found[name] = row.value
        if row.model == best:
            found[f"best.{row.metric}"] = row.value
            found[f"best.{row.metric}.low"], found[f"best.{row.metric}.high"] = row.low, row.high
    for part, row in calibrated.iterrows():
        for end, column in (("", "value"), (".low", "low"), (".high", "high")):
            found[f"calibration.{part}{end}"] = row[column]
    return found | {name.replace("__", "."): value for name, value in others.items()}

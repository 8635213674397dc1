"""Sections of the test: each prediction of the weeks kept back, week by week, by past frequency."""

from __future__ import annotations

from typing import Any

import pandas as pd

from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, ratio, short_money
from src.reporting.page.results import Note, Section, is_missing, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table
from src.reporting.shop_ltv.charts import draw_by_frequency, draw_weeks
from src.reporting.shop_ltv.inputs import Terms, Trial
from src.reporting.shop_ltv.names import LABELS, label

_LOW = (7.6, 3.2)  # inches
ZERO, NAIVE = "all_zero", "naive_rate"
_BARELY = 0.1  # of the error of saying that nobody buys again: less of a gain is hardly one
_METRICS = {
    "total_error": ("Total, against what came", "text"),
    "mae": ("Mean error, purchases", "text"),
    "rmse": ("Root mean square", "text"),
    "spearman": ("Order, purchases", "text"),
    "spearman_money": ("Order, money", "text"),
}


@or_absent
def comparison(trial: Trial, terms: Terms) -> Section | Note:
    """Every prediction with its figures; what the mean error rewards, and what the order tells."""
    if trial.judged.buyers < terms.min_cell:
        return Note("Too few buyers came before the weeks kept back to be shown.")
    models = trial.judged.figures["model"].unique()
    figures = trial.judged.figures.set_index(["metric", "model"])
    table = pd.DataFrame({"prediction": [label(model) for model in models]})
    for name in _METRICS:
        table[name] = [_shown(name, figures.loc[(name, model)]) for model in models]
    headings: dict[str, Any] = {"prediction": ("Prediction", "text")} | _METRICS
    return Section(
        Table(table, error_sentence(trial), headings),
        Note(median_sentence(trial)),
        Note(f"{money_sentence(trial, terms.currency)}."),
    )


def error_sentence(trial: Trial) -> str:
    """How far off the likeliest model is, and how much better than saying that nobody comes."""
    gain = against(trial, trial.main, ZERO, "mae")
    mean, zero = value(trial, trial.main, "mae"), value(trial, ZERO, "mae")
    verdict = {
        "noise": "**the two cannot be told apart**",
        "worse": "the model is **worse**",
        "barely": "the model is **barely better**",
        "better": "the model is **better**",
    }[_verdict(gain, zero)]
    return (
        f"{total_sentence(trial)}. Its mean error is {mean:.3f} purchases per buyer, that of "
        f"saying that nobody buys again {zero:.3f}: {verdict} ({gain['difference']:+.3f}, "
        f"{gain['low']:+.3f} to {gain['high']:+.3f})"
    )


def total_sentence(trial: Trial) -> str:
    """Purchases that the likeliest model expected, and those that came."""
    total, actual = value(trial, trial.main, "total"), float(trial.rows["actual"].sum())
    error, low, high = ends(trial, trial.main, "total_error")
    return (
        f"For the {count(trial.weeks, 'week')} kept back {label(trial.main)}, the likeliest model "
        f"before them, expected **{count(total, 'purchase')} of "
        f"{count(trial.judged.buyers, 'buyer')}, and {count(actual)} came** ({error:+.1%}, "
        f"{100 * low:+.1f} to {100 * high:+.1f})"
    )


def verdict_sentence(trial: Trial) -> str:
    """Total and mean error of the likeliest model in a line."""
    gain = against(trial, trial.main, ZERO, "mae")
    verdict = {
        "noise": "cannot be told from",
        "worse": "is worse than",
        "barely": "is barely better than",
        "better": "is better than",
    }[_verdict(gain, value(trial, ZERO, "mae"))]
    return f"{total_sentence(trial)}; buyer by buyer it {verdict} saying that nobody buys again"


def _verdict(gain: pd.Series, zero: float) -> str:
    if gain["in_noise"]:
        return "noise"
    if gain["difference"] > 0:
        return "worse"
    return "barely" if -gain["difference"] < _BARELY * zero else "better"


def median_sentence(trial: Trial) -> str:
    """What the mean error rewards, and whether boosting adds to that."""
    text = (
        "The mean error is least for the middle of what may come, and most buyers never come back: "
        "it rewards low predictions, whatever their total."
    )
    if "hybrid_median" not in set(trial.judged.figures["model"]):
        return text
    gain = -change(trial, "hybrid_median", trial.main)
    alone = -change(trial, "model_median", trial.main)
    apart = against(trial, "hybrid_median", "model_median", "mae")
    verdict = (
        "nothing beyond the median that can be told"
        if apart["in_noise"]
        else "more than the median"
        if apart["difference"] < 0
        else "less than the median"
    )
    return (
        f"{text} Boosting on top of the model, trained for the mean error, is off by {_less(gain)} "
        f"than {label(trial.main)}; the model's own median, without any learning, by "
        f"{_less(alone)}: boosting brings {verdict}."
    )


def money_sentence(trial: Trial, money: str) -> str:
    """How well the money of each buyer is put in order, and its total, against the cheap rate."""
    rho = _of(trial.money.figures, trial.main, "spearman")
    rate = _of(trial.money.figures, NAIVE, "spearman")
    apart = _apart(trial.money.differences, trial.main, NAIVE, "spearman")
    verdict = (
        "the two cannot be told apart"
        if apart["in_noise"]
        else "the model orders better"
        if apart["difference"] > 0
        else "the rate orders better"
    )
    total = _of(trial.money.figures, trial.main, "total")["value"]
    error = _of(trial.money.figures, trial.main, "total_error")
    naive = _of(trial.money.figures, NAIVE, "total_error")
    came = total / (1 + error["value"])
    return (
        f"In money {short_money(total)} {money} were expected and {short_money(came)} came "
        f"({_ends(error, 'percent')}); the rate so far would have been {naive['value']:+.1%} off. "
        f"The rank correlation of expected money with the money that came is **{_ends(rho)}**, "
        f"that of the rate so far {rate['value']:.2f}: {verdict}"
    )


@or_absent
def weeks(table: pd.DataFrame) -> Section:
    """Repeat purchases week by week and added up, expected and bought."""
    kept = table[table["is_holdout"]]
    expected, came = kept["expected"].sum(), kept["actual"].sum()
    worst = (kept["expected"] - kept["actual"]).abs().idxmax()
    finding = (
        f"In the weeks kept back **{count(came, 'repeat purchase')} came where {count(expected)} "
        "were expected**"
    )
    if came:
        side = "few" if expected < came else "many"
        finding += f": the model expected {ratio(abs(expected / came - 1))} too {side}"
    figures = []
    for so_far, text in ((True, finding), (False, _weekly(kept, worst))):
        figure, ax = canvas(_LOW)
        draw_weeks(ax, table, so_far=so_far)
        alt = f"Lines of repeat purchases {'added up' if so_far else 'a week'}, expected and bought"
        figures.append(Figure(figure, text, f"{alt}. {text}"))
    first = table["ends"].min()
    note = Note(
        f"Weeks from the one that ends on {first:%Y-%m-%d}, whole ones only: a week that the split "
        "cuts counts as kept back. The line expected knows when buyers came, not what each of them "
        "bought since. Bands are other draws of buyers; a season or a sale, which moves all of "
        "them at once, is in no band, and in no model."
    )
    return Section(*figures, note)


def _weekly(kept: pd.DataFrame, worst: Any) -> str:
    row = kept.loc[worst]
    return (
        f"The week furthest off ends on {row['ends']:%Y-%m-%d}: "
        f"{count(row['actual'], 'purchase')} came, {row['expected']:,.1f} were expected"
    )


@or_absent
def by_frequency(table: pd.DataFrame, terms: Terms) -> Figure | Note:
    """Purchases kept back by how often buyers had bought, and what the models expected."""
    shown = table[table["buyers"] >= terms.min_cell]
    if shown.empty:
        return Note("No number of purchases has buyers enough to be shown.")
    models = [name for name in LABELS if name in shown]
    outside = {
        name: list(shown.loc[(shown[name] < shown["low"]) | (shown[name] > shown["high"])].index)
        for name in models
    }
    best = min(models, key=lambda name: len(outside[name]))
    worst = max(models, key=lambda name: len(outside[name]))
    finding = (
        f"**{label(best)}** lies outside the interval of what came in "
        f"{count(len(outside[best]))} of {count(len(shown))} groups"
    )
    if len(outside[worst]) > len(outside[best]):
        finding += f", {label(worst)} in {count(len(outside[worst]))}"
    figure, ax = canvas((7.6, 3.6))
    draw_by_frequency(ax, shown.reset_index(drop=True), {name: label(name) for name in models})
    return Figure(figure, finding, f"Bars of purchases per buyer, dots of the models. {finding}")


def value(trial: Trial, model: str, metric: str) -> float:
    """One figure of one prediction."""
    return ends(trial, model, metric)[0]


def ends(trial: Trial, model: str, metric: str) -> tuple[float, float, float]:
    """One figure of one prediction, with both ends of its interval."""
    row = _of(trial.judged.figures, model, metric)
    return float(row["value"]), float(row["low"]), float(row["high"])


def against(trial: Trial, model: str, versus: str, metric: str) -> pd.Series:
    """The figure of one prediction less that of another, with its interval."""
    return _apart(trial.judged.differences, model, versus, metric)


def change(trial: Trial, model: str, versus: str) -> float:
    """The mean error of a prediction over that of another, less 1."""
    return value(trial, model, "mae") / value(trial, versus, "mae") - 1


def metrics(trial: Any) -> dict[str, Any]:
    """The figures of the test: `holdout.<name>.mae` and others, `holdout.spearman`.

    `bgnbd` and the like are the models; the best by mean error is `holdout.best.mae`.
    """
    if is_missing(trial):
        return {}
    told: dict[str, Any] = {"holdout.actual": float(trial.rows["actual"].sum())}
    for row in trial.judged.figures.itertuples():
        if pd.isna(row.value):
            continue
        name = f"holdout.{row.model.replace('_nbd', 'nbd')}.{row.metric}"
        told |= {name: row.value, f"{name}.low": row.low, f"{name}.high": row.high}
    best = trial.best
    told |= {"holdout.best": label(best), "holdout.main": label(trial.main)}
    for name, model, metric in (
        ("holdout.best.mae", best, "mae"),
        ("holdout.main.mae", trial.main, "mae"),
        ("holdout.main.total_error", trial.main, "total_error"),
    ):
        figure, low, high = ends(trial, model, metric)
        told |= {name: figure, f"{name}.low": low, f"{name}.high": high}
    for name, metric in (("holdout.spearman", "spearman"), ("holdout.money", "total_error")):
        row = _of(trial.money.figures, trial.main, metric)
        told |= {name: row["value"], f"{name}.low": row["low"], f"{name}.high": row["high"]}
    return told


def _of(figures: pd.DataFrame, model: str, metric: str) -> pd.Series:
    return figures[(figures["model"] == model) & (figures["metric"] == metric)].iloc[0]


def _apart(differences: pd.DataFrame, model: str, versus: str, metric: str) -> pd.Series:
    of = differences
    is_it = (of["model"] == model) & (of["versus"] == versus) & (of["metric"] == metric)
    return of[is_it].iloc[0]


def _ends(row: pd.Series, kind: str = "number") -> str:
    if kind == "percent":
        return f"{row['value']:+.1%}, {100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
    return f"{row['value']:.2f} ({row['low']:.2f} to {row['high']:.2f})"


def _shown(metric: str, row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return "-"
    if metric == "total_error":
        return f"{row['value']:+.1%}"
    ends = f" ({row['low']:.3f} to {row['high']:.3f})" if metric == "mae" else ""
    return f"{row['value']:.3f}{ends}"


def _less(gain: float) -> str:
    return f"{ratio(abs(gain))} {'less' if gain >= 0 else 'more'}"

"""Sections of the churn report: the answer, who was judged, which model is best, where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from src.reporting.churn import alt, charts, facts, first, money, read
from src.reporting.churn import sentences as words
from src.reporting.page import leaks, prose
from src.reporting.page.figures import Figure
from src.reporting.page.results import Absent, Answer, Facts, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import for_pages
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table

_COIN = ("a coin", 0.5)
_MOST_SPOTS = 15


def answer(trial: read.Trial, campaign: Any, saved: Any) -> Answer:
    """What to look at first; the winner and what its list adds, or that there is none; the limit.

    `saved`: what the base's own controlled offers kept, or what is missing for that.
    """
    setting, standing = trial.setting, trial.standing
    who = f"{setting.segment or 'all'} customers"
    limit = words.LIMITS["panel" if trial.tests else "snapshot"]
    limit = limit.format(tests=facts.months_listed(trial.tests))
    asked = words.question(trial.horizon)
    if is_missing(campaign):
        told = trial.labels[trial.told]
        headline = first.no_signal_headline(told, trial.shown, asked, who)
        headline = f"{facts.left_out_sentence(trial.suspects)} {headline}".lstrip()
        return Answer(headline, first.no_signal_detail(trial.judged["churned"].mean()), limit)
    headline = words.headline(standing.best, trial.shown, asked, who, standing.in_noise)
    found = trial.suspicions()
    look = leaks.suspicion_sentence(found, trial.drop_line)
    before = (facts.left_out_sentence(trial.suspects), look)
    headline = " ".join(sentence for sentence in (*before, headline) if sentence)
    earned = (campaign.earned(), setting.accept_rate, campaign.currency)
    gain = (campaign.gain(), campaign.alternative, campaign.depth, campaign.currency)
    said = (
        _noise(trial),
        money.profit_sentence(*earned),
        money.gain_sentence(*gain),
        money.accept_sentence(campaign.break_even(), saved) if campaign.depth else "",
        first.assumed_sentence(setting.assumed(campaign.currency, trial.population.is_valued)),
    )
    if trial.population.assumes_margin:
        limit += prose.assumed_margin(setting.margin_share)
    return Answer(headline, " ".join(sentence for sentence in said if sentence), limit)


def who(judged: read.Judged) -> Facts:
    """What learned, what judged, and what the guards looked at."""
    if judged.split is None:
        counted = (judged.customers, judged.churners, judged.folds, judged.repeats)
        lines = facts.fold_facts(*counted)
    else:
        lines = facts.split_facts(judged.split)
    lines += map(for_pages, judged.remarks)
    found = (judged.alone, judged.ceiling, judged.suspects, judged.left_out)
    return Facts([*lines, *facts.guard_facts(*found)])


def comparison(trial: read.Trial) -> Section:
    """Every model's figures, and its distance to the best."""
    shown, models = trial.shown, prose.count(len(trial.labels), "model")
    caption = f"{models} on the same rows, with {trial.setting.confidence:.0%} intervals"
    table = words.comparison_table(shown, trial.baselines)
    losses = shown[shown["metric"] == "log_loss"]
    figure, ax = canvas((7.6, 0.9 + 0.4 * len(trial.labels)))
    charts.draw_differences(ax, losses, "log loss", lower_is_better=True)
    text = alt.differences(losses, "log loss")
    found, failed = trial.concordance(), first.failed_sentence(trial.failed)
    return Section(
        Table(table, caption, _figures(words.SHOWN, table)),
        Table(
            *(table, "More figures of the same models", _figures(words.FURTHER, table)),
            folded=True,
        ),
        Figure(figure, _noise(trial), text, digest=True),
        None if is_missing(found) else Note(first.concordance_sentence(found, trial.reads_tenure)),
        Note(failed) if failed else None,
    )


def roc(trial: read.Trial, curves: read.Curves) -> Figure:
    """Of those who stayed: how many are contacted in vain for the churners found."""
    ahead = _first(trial)
    figure, ax = canvas()
    charts.draw_roc(ax, curves.roc, ahead)
    area = words.interval(words.of(trial.shown, trial.standing.best, "auc"), 3)
    finding = f"A churner stands above a customer who stays in **{area}** of pairs."
    return Figure(figure, finding, alt.roc(curves.roc, ahead))


def recall(trial: read.Trial, curves: read.Curves) -> Figure:
    """Of the list: how many churn, by the share of churners found."""
    ahead = _first(trial)
    figure, ax = canvas()
    charts.draw_precision_recall(ax, curves.recall, ahead, curves.rate)
    mean = words.interval(words.of(trial.shown, trial.standing.best, "pr_auc"), 3)
    finding = f"Average precision **{mean}**, where chance has {curves.rate:.3f}."
    return Figure(figure, finding, alt.precision_recall(curves.recall, ahead, curves.rate))


def gains(trial: read.Trial, curves: read.Curves) -> Figure:
    """Of all: which part of the churners the first customers of the list hold."""
    ahead, rows = _first(trial), curves.gains
    figure, ax = canvas()
    charts.draw_gains(ax, rows, ahead, curves.rate)
    is_tenth = (rows["model"] == trial.standing.best) & np.isclose(rows["share"], 0.1)
    held = rows[is_tenth].iloc[0]["churners_share"]
    finding = f"The first 10% of the list hold **{held:.0%}** of the churners."
    return Figure(figure, finding, alt.gains(rows, ahead, curves.rate))


def calibration(trial: read.Trial, calibrated: Any, savable: Any) -> Section | Absent:
    """Whether chances come true: to be lost, and where months are known of who can be saved."""
    best = trial.standing.best
    if is_missing(calibrated):
        return Absent(calibrated.lacks, calibrated.adds)
    if is_missing(savable):
        return Section(_calibrated(trial, calibrated, ""))
    return Section(
        _calibrated(trial, calibrated, "to be lost"),
        Note(words.calibration_sentence(savable.parts, best, "that one can be saved")),
    )


@or_absent
def silent(table: pd.DataFrame, min_cell: int) -> Table:
    """What was said of customers without revenue, and what came of them."""
    table = table[table["customers"] >= min_cell]
    headings: dict[str, tuple[str, Format]] = {
        "silent": ("Months without revenue", "integer"),
        "customers": ("Customers", "customers"),
        "gone_said": ("Gone already, said", "percent"),
        "gone": ("Gone already", "percent"),
        "low": ("From", "percent"),
        "high": ("To", "percent"),
        "lost_said": ("Lost, said", "percent"),
        "lost": ("Lost", "percent"),
    }
    said = money.silent_sentence(table) if len(table) else "Too few are silent to show."
    return Table(table, said, headings)


@or_absent
def by_lead(quality: pd.DataFrame) -> Figure:
    """How far ahead a list sees."""
    figure, ax = canvas()
    months = "months from the list to the exit"
    charts.draw_over_months(ax, quality, "AUC", months, _COIN)
    finding = words.lead_sentence(quality)
    return Figure(figure, finding, alt.over_months(quality, "AUC", months))


@or_absent
def paying_leads(paid: pd.DataFrame, setting: read.Setting, currency: str) -> Table:
    """Up to which lead a list still earns."""
    headings: dict[str, tuple[str, Format]] = {
        "lead": ("Exits begin in month", "integer"),
        "churners": ("Churners", "customers"),
        "share": ("Contacted", "percent"),
        "profit": (f"Profit, {currency}", "integer"),
        "low": ("From", "integer"),
        "high": ("To", "integer"),
    }
    return Table(paid, money.pays_sentence(paid, setting.segment, setting.accept_rate), headings)


@or_absent
def staying_power(aged: pd.DataFrame) -> Figure:
    """How a model ages."""
    figure, ax = canvas()
    months = "months since the model was trained"
    charts.draw_over_months(ax, aged, "AUC", months, _COIN)
    return Figure(figure, words.staying_sentence(aged), alt.over_months(aged, "AUC", months))


@or_absent
def weak_spots(trial: read.Trial, spots: pd.DataFrame) -> Table:
    """Groups in which the winner does worse than it says."""
    shown = spots.assign(
        group=spots["attribute"] + ": " + spots["level"],
        area=[_area(row) for row in spots.itertuples()],
    )
    headings: dict[str, tuple[str, Format]] = {
        "group": ("Group", "text"),
        "verdict": ("Verdict", "text"),
        "churners": ("Churners", "customers"),
        "rate": ("Churned", "percent"),
        "said": ("Said", "percent"),
        "area": ("AUC", "text"),
        "promised": ("Promised", "number"),
    }
    sentence = words.weak_sentence(spots, trial.standing.best)
    return Table(shown.head(_MOST_SPOTS), sentence, headings)


def _area(spot: Any) -> str:
    """The AUC of a group with its interval; a dash where too few churned."""
    if pd.isna(spot.auc):
        return "-"
    return f"{spot.auc:.2f} ({spot.low:.2f} to {spot.high:.2f})"


@or_absent
def against_truth(trial: read.Trial, truth: read.AgainstTruth) -> Note:
    """How near the list of today comes to what can be known."""
    best = trial.standing.best
    return Note(words.truth_sentence(truth.oracle, truth.model, best, truth.blind, truth.insider))


def _calibrated(trial: read.Trial, calibrated: read.Calibration, of_what: str) -> Figure | Note:
    """The curve without bins of few customers."""
    finding = words.calibration_sentence(calibrated.parts, trial.standing.best, of_what)
    curve = calibrated.curve[calibrated.curve["customers"] >= trial.setting.min_cell]
    if curve.empty:
        return Note(finding)
    figure, ax = canvas()
    charts.draw_calibration(ax, curve)
    return Figure(figure, finding, alt.calibration(curve))


def _noise(trial: read.Trial) -> str:
    told = [label for name, label in trial.labels.items() if name != "base_rate"]
    said = words.noise_sentence(trial.standing, told or list(trial.labels.values()))
    return f"{said} {first.ahead_by_auc(trial.standing.best, trial.shown)}".rstrip()


def _first(trial: read.Trial) -> list[str]:
    """The two models that stand out in pictures of all: the best and the next."""
    standing = trial.standing
    return [standing.best, *standing.in_noise, *standing.behind][:2]


def _figures(metrics: tuple[str, ...], table: pd.DataFrame) -> Mapping[str, tuple[str, Format]]:
    """Headings of the metrics that the table has: only panels know who can be saved."""
    headings: dict[str, tuple[str, Format]] = {"model": ("Model", "text")}
    here = [metric for metric in metrics if metric in table]
    return headings | {metric: (words.HEADINGS[metric], "text") for metric in here}

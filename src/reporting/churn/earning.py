"""Sections of the churn report: what a list earns, and the figures of the run."""

from __future__ import annotations

from typing import Any

import pandas as pd

from src.reporting.churn import all_segments, alt, charts, read
from src.reporting.churn import sentences as words
from src.reporting.churn.money import band_sentence, profit_sentence
from src.reporting.page.figures import Figure
from src.reporting.page.results import Metrics, Note, is_missing, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table


@or_absent
def profit(campaign: read.Campaign) -> Figure:
    """Profit by length of the list, and the depth that was planned."""
    band, depth, money = campaign.band(), campaign.depth, campaign.currency
    figure, ax = canvas()
    charts.draw_profit(ax, band, depth, money)
    finding = profit_sentence(campaign.earned(), campaign.setting.accept_rate, money)
    return Figure(figure, finding, alt.profit(band, depth, money))


@or_absent
def orderings(campaign: read.Campaign) -> Figure:
    """The same list in other orders."""
    curves, shares, money = campaign.curves(), campaign.shares, campaign.currency
    figure, ax = canvas()
    charts.draw_orderings(ax, curves, shares, money)
    finding = words.orderings_sentence(campaign.earned(), money)
    return Figure(figure, finding, alt.orderings(curves, shares, money))


@or_absent
def stretches(campaign: read.Campaign) -> Table | Note:
    """What one more contact brings, stretch by stretch; those of few customers are not shown."""
    rows, money, least = campaign.stretches(), campaign.currency, campaign.setting.min_cell
    rows = rows[rows["contacts"] >= least]
    if rows.empty:
        return Note(f"No stretch of the list has {least} contacts.")
    headings: dict[str, tuple[str, Format]] = {
        "from_share": ("From", "percent"),
        "to_share": ("To", "percent"),
        "contacts": ("Contacts", "integer"),
        "profit_per_contact": (f"{money} per contact", "number"),
    }
    return Table(rows, band_sentence(rows, campaign.setting.accept_rate, money), headings)


@or_absent
def bound(trial: read.Trial, campaign: read.Campaign) -> Note:
    """The expected maximum profit, where everybody is worth the same."""
    rows = trial.judged
    pair = (rows["churned"], rows["chance"])
    if "savable" in rows:
        pair = (rows["outcome"] == "can be saved", rows["savable"])
    most = campaign.bound(*pair)
    best, money, clv = trial.standing.best, campaign.currency, campaign.setting.clv
    return Note(words.empc_sentence(most, best, money, clv))


def metrics(study: read.Study, trial: read.Trial) -> Metrics:
    """All figures of the run; those of a step that the base could not answer are left out."""
    campaign = trial.campaign()
    others: dict[str, Any] = {
        "signal": int(not is_missing(campaign)),
        "in_noise": len(trial.standing.in_noise),
        "leaks__columns": int(trial.suspects["columns"].map(len).sum()),
        "leaks__suspicions": len(trial.suspicions()),
    }
    if not is_missing(campaign):
        others |= _reason_metrics(trial) | _list_metrics(trial, campaign)
    if not is_missing(trial.concordance()):
        others["best__concordance"] = trial.concordance()
    others |= _silent_metrics(trial)
    pays, both, truth = study.longest_lead(), trial.one_for_all(), trial.against_truth()
    if not is_missing(pays):
        others["lead__pays"] = pays
    if not is_missing(both):
        others |= all_segments.segment_metrics(both.figures)
    if not is_missing(truth):
        others["oracle__auc"] = truth.oracle
        others["oracle__model_auc"] = truth.model
        others["oracle__blind_auc"] = truth.blind
        others["oracle__insider_auc"] = truth.insider
    calibrated = trial.calibration()
    parts = pd.DataFrame() if is_missing(calibrated) else calibrated.parts
    return Metrics(words.metrics(trial.compared, parts, trial.best, **others))


def _reason_metrics(trial: read.Trial) -> dict[str, Any]:
    """What moves the chances, how sure that is, and where the model fails."""
    explanation, spots = trial.explain(), trial.weak_spots()
    stable = explanation.stability()
    return {
        "shap__additivity_error": explanation.contributions.additivity_error,
        "shap__top": explanation.ranked["column"].iloc[0],
        "stability__jaccard": stable.jaccard,
        "stability__kendall": stable.kendall,
        "weak_spots": int((spots["verdict"] != "").sum()),
    }


def _list_metrics(trial: read.Trial, campaign: read.Campaign) -> dict[str, Any]:
    """What the list adds, and the figures of who is lost and of who can be saved."""
    gain, needed, earned = campaign.gain(), campaign.break_even(), campaign.earned().iloc[0]
    figures: dict[str, Any] = {
        "depth__share": campaign.depth,
        "depth__profit": earned["profit"],
        "depth__profit__low": earned["low"],
        "depth__profit__high": earned["high"],
        "list__alternative": campaign.alternative,
        "list__gain_over_alternative": gain.value,
        "list__gain_over_alternative__low": gain.low,
        "list__gain_over_alternative__high": gain.high,
    }
    if not is_missing(needed):
        figures["list__break_even_accept"] = needed.value
        figures["list__break_even_accept__low"] = needed.low
        figures["list__break_even_accept__high"] = needed.high
    for ours, metric in (("lost__auc", "auc"), ("savable__auc", "savable_auc")):
        rows = trial.compared
        row = rows[(rows["model"] == trial.best) & (rows["metric"] == metric)]
        for end, column in (("", "value"), ("__low", "low"), ("__high", "high")):
            if len(row):
                figures[ours + end] = row[column].iloc[0]
    savable = trial.savable_calibration()
    if not is_missing(savable):
        for end, column in (("", "value"), ("__low", "low"), ("__high", "high")):
            figures[f"calibration__savable_slope{end}"] = savable.parts.loc["slope", column]
    return figures


def _silent_metrics(trial: read.Trial) -> dict[str, Any]:
    """The silent of all judged rows together."""
    table = trial.silent()
    if is_missing(table):
        return {}
    rows = table["customers"]
    return {
        "silent__customers": int(rows.sum()),
        "silent__gone_said": float((table["gone_said"] * rows).sum() / rows.sum()),
        "silent__gone_came": float((table["gone"] * rows).sum() / rows.sum()),
        "silent__lost_said": float((table["lost_said"] * rows).sum() / rows.sum()),
        "silent__lost_came": float((table["lost"] * rows).sum() / rows.sum()),
    }

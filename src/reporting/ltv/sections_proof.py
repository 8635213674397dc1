"""Sections of proof: predictions against the margin that came, estimates against the truth."""

from __future__ import annotations

from typing import Any

from src.reporting.ltv import backtest, charts, curves, sentences
from src.reporting.ltv.coverage import coverage_sentence
from src.reporting.ltv.inputs import AgainstTruth, BackTest, Cohorts, Comparison, Terms
from src.reporting.ltv.sections_accounts import by_group
from src.reporting.page.figures import Figure
from src.reporting.page.results import Metrics, Note, Section, is_missing, metric_name, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Format, Table

_STUDY = "ltv_gap"  # of how often the intervals of the gap hold
_HIGH, _HIGHER = (7.6, 4.2), (7.6, 4.6)  # inches


@or_absent
def tested(tested: BackTest, terms: Terms) -> Section:
    """The finance line: every estimator of some months ago against what came since."""
    figure, ax = canvas(_HIGH)
    charts.draw_bias(ax, tested.table, tested.labels)
    finding = backtest.backtest_sentence(tested.table, tested.months)
    bias = Figure(figure, finding, f"Bias of each estimator by segment. {finding}")
    caption = "Every estimator, per group"
    table = Table(tested.table, caption, _estimators(terms.currency), folded=True)
    tenths = tested.tenths[tested.tenths["customers"] >= terms.min_cell]
    if tenths.empty:
        return Section(bias, table)
    figure, ax = canvas()
    charts.draw_deciles(ax, tenths, terms.currency)
    finding = backtest.decile_sentence(tenths)
    alt = f"Predicted against realised margin by tenth. {finding}"
    return Section(bias, table, Figure(figure, finding, alt))


@or_absent
def truth(truth: AgainstTruth, gap: Comparison, terms: Terms) -> Section:
    """Every estimator and the bars of the gap against the truth of a simulated base."""
    figure, ax = canvas(_HIGHER)
    charts.draw_bias(ax, truth.came, truth.labels)
    finding = backtest.truth_bias_sentence(truth.came)
    bias = Figure(figure, finding, f"Bias against the hidden months. {finding}")
    said = backtest.expected_sentence(truth.expected)
    bars = gap.bars.assign(true=truth.bars["bar"], part=gap.bars["factor"].map(charts.FACTORS))
    return Section(
        Note(backtest.truth_sentence(truth.came, truth.gini_ratio)),
        bias,
        Table(truth.expected, said, _estimators(terms.currency)),
        Note(backtest.errors_sentence(truth.expected, truth.labels, terms.currency)),
        Table(
            bars,
            f"The bars of the gap against the truth, {terms.currency}",
            {
                "part": ("Bar", "text"),
                "bar": ("Estimate", "integer"),
                "low": ("From", "integer"),
                "high": ("To", "integer"),
                "true": ("Truth of this base", "integer"),
            },
        ),
        Note(coverage_sentence(_STUDY, charts.FACTORS)),
    )


def metrics(
    gap: Comparison,
    cohorts: Cohorts,
    tested: Any,
    truth: Any,
    top_at_risk: Any,
    elasticities: Any,
    payback: Any,
    terms: Terms,
) -> Metrics:
    """The figures of the page by their dotted names; those of what the base lacks are left out."""
    figures = sentences.metrics(gap.ltv, gap.bars, terms.names, gap.thin)
    figures |= curves.curves_metrics(cohorts.table)
    if not is_missing(tested):
        figures |= backtest.backtest_metrics(tested.table)
    if not is_missing(truth):
        figures |= backtest.truth_metrics(
            truth.came, truth.expected, truth.gini_ratio, gap.bars, truth.bars
        )
    if not is_missing(top_at_risk):
        shares = zip(top_at_risk["group"], top_at_risk["share"], strict=True)
        figures |= {f"at_risk.top.{metric_name(name)}": share for name, share in shares}
    if not is_missing(elasticities):
        figures |= sentences.elasticity_metrics(by_group(elasticities))
    if not is_missing(payback):
        figures |= sentences.payback_metrics(payback)
    return Metrics(figures)


def _estimators(currency: str) -> dict[str, tuple[str, Format]]:
    return {
        "group": ("Group", "text"),
        "label": ("Estimator", "text"),
        "bias": ("Bias", "percent"),
        "low": ("From", "percent"),
        "high": ("To", "percent"),
        "mae": (f"Mean error, {currency}", "number"),
        "gini": ("Gini", "number"),
        "spearman": ("Spearman", "number"),
    }

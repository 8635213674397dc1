"""Sections on choosing whom to treat: the order of the models, and what rules would have earned."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from src.reporting.campaigns.charts import draw_curve, draw_deciles, draw_dots, height_of
from src.reporting.campaigns.words import Ends, is_decided, money_of, rule_words
from src.reporting.page.figures import Figure
from src.reporting.page.results import Absent, Note, Section, is_missing, or_absent
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table

_SIZE = (5.4, 3.3)


def rules(choice: Any, labels: dict[str, str], money: str, truth: Any) -> Section | Absent:
    """What each rule for whom to contact would have earned per customer, with its interval.

    `labels`: learners in words. On simulated bases the true gain is a mark beside each.
    """
    if is_missing(choice):
        return Absent(choice.lacks, choice.adds)
    table = choice.found.table
    true = (
        {}
        if is_missing(truth)
        else dict(zip(truth.rules["rule"], truth.rules["gain"], strict=True))
    )
    dots = pd.DataFrame(
        {
            "label": [_short(labels.get(name, rule_words(name))) for name in table["rule"]],
            "value": table["gain"],
            "low": table["low"],
            "high": table["high"],
            "truth": [true.get(name, math.nan) for name in table["rule"]],
        }
    )
    unit = money if choice.is_money else "outcome"
    drawing, ax = canvas(height_of(len(dots)))
    draw_dots(ax, dots, f"gain per customer against nobody, {unit}", False)
    told = "; ".join(
        f"{row.label}: {row.value:.3g} ({row.low:.3g} to {row.high:.3g})"
        for row in dots.itertuples()
    )
    mark = ". Upright marks: the simulated truth" if true else ""
    alt = f"Dots of the gain per customer of each rule, with intervals{mark}. {told}."
    figure = Figure(drawing, rules_sentence(choice, money) + mark, alt)
    shown = table.assign(
        label=dots["label"],
        earns=[_amount(Ends(row, "gain"), choice, money) for _, row in table.iterrows()],
        weighted=[
            _amount(Ends(row, "weighted", "weighted_low", "weighted_high"), choice, money)
            for _, row in table.iterrows()
        ],
        lead=[
            _amount(Ends(row, "ahead", "ahead_low", "ahead_high"), choice, money)
            for _, row in table.iterrows()
        ],
    )
    return Section(
        figure,
        Table(
            shown,
            "Each rule: doubly robust, by inverse probability weighting, and what the chosen model "
            "earns more, customer by customer",
            {
                "label": ("Rule", "text"),
                "treated": ("Treated", "percent"),
                "earns": ("Earns per customer", "text"),
                "weighted": ("By weighting", "text"),
                "lead": ("The model earns more", "text"),
            },
            folded=True,
        ),
    )


def _amount(figure: Ends, choice: Any, money: str) -> str:
    unit = money if choice.is_money else ""
    return money_of(figure, unit)


def _short(label: str) -> str:
    """A rule beside its dot, on a phone too."""
    for word, short in (("-learner: ", ": "), ("contacting ", ""), (" per treatment", "")):
        label = label.replace(word, short)
    return label


def rules_sentence(choice: Any, money: str) -> str:
    """Whether choosing by a model earns more than the best cheap rule; what that earns itself."""
    best = choice.best_simple
    lead, unit = choice.lead(), money if choice.is_money else ""
    if choice.found.is_better:
        return (
            f"Choosing whom to treat by a model ({choice.learner}) earns "
            f"**{money_of(lead, unit)} per customer** more than {rule_words(best)}"
        )
    gain = choice.found.gain(best)
    said = f"**No model is shown to be better than {rule_words(best)}**"
    if best == "nobody":
        if lead.low == lead.high == 0:
            return f"{said}: the chosen one ({choice.learner}) contacts nobody either"
        return f"{said}: the chosen one would earn {money_of(lead, unit)} per customer"
    itself = f"{money_of(gain, unit)} per customer"
    said += (
        f", which earns {itself} more than contacting nobody"
        if is_decided(gain)
        else f", **nor that better than contacting nobody**: {itself}"
    )
    if lead.low == lead.high == 0:
        return f"{said}. The chosen model ({choice.learner}) treats everybody as it does"
    return f"{said}. The chosen model differs from it by {money_of(lead, unit)}"


@or_absent
def order(found: Any, learners: Any) -> Section:
    """The Qini curve of the chosen learner, said against seen uplift, and all learners."""
    is_share = found.unit == "share"
    curve, ax = canvas(_SIZE)
    draw_curve(ax, found.qini.curve, is_share)
    coefficient = found.qini.coefficient
    ends = _small(coefficient, is_share)
    alt = (
        f"Qini curve of {found.learner} for {found.treatment} with its band, beside customers "
        f"picked at random. The coefficient is {ends}."
    )
    parts: list[Any] = [Figure(curve, order_sentence(found, is_share), alt)]
    if not math.isnan(found.slope.value):
        tenths, ax = canvas(_SIZE)
        draw_deciles(ax, found.deciles, is_share)
        slope = found.slope
        sentence = (
            f"Seen uplift rises by **{slope.value:.2f}** per unit of said uplift ({slope.low:.2f} "
            f"to {slope.high:.2f}); 1 would be as said, 0 is no difference between customers"
        )
        parts.append(Figure(tenths, sentence, f"Uplift by tenths, said and seen. {sentence}."))
    else:
        parts.append(Note(f"The chosen learner, {found.learner}, says the same of everybody."))
    return Section(*parts, None if is_missing(learners) else _learners(learners, is_share))


def order_sentence(found: Any, is_share: bool) -> str:
    """Whether the order of a model finds those who gain."""
    figure = found.qini.coefficient
    told = f"Qini coefficient {_small(figure, is_share)}"
    if figure.low > 0:
        return f"The order of the model **finds those who gain** by {found.treatment}: {told}"
    return (
        f"That the order of the model ({found.learner}) finds those who gain by "
        f"{found.treatment} is **not shown**: {told}; 0 is an order at random"
    )


def _small(figure: Any, is_share: bool) -> str:
    scale, unit = (100, " points") if is_share else (1, "")
    value, low, high = (
        round(scale * end, 2) + 0.0 for end in (figure.value, figure.low, figure.high)
    )
    return f"{value:.2f}{unit} ({low:.2f} to {high:.2f})"


def _learners(learners: pd.DataFrame, is_share: bool) -> Table:
    rows = learners.assign(
        qini_said=[_small(Ends(row, "qini"), is_share) for _, row in learners.iterrows()],
        slope_said=[
            "-" if math.isnan(row["slope"]) else f"{row['slope']:.2f}"
            for _, row in learners.iterrows()
        ],
        chosen=["chosen" if is_it else "" for is_it in learners["is_chosen"]],
    )
    return Table(
        rows,
        "All learners on customers they have not seen",
        {
            "label": ("Learner", "text"),
            "treatment": ("Treatment", "text"),
            "qini_said": ("Qini", "text"),
            "slope_said": ("Seen per said", "text"),
            "chosen": ("", "text"),
        },
        folded=True,
    )


def metrics(choice: Any, found: Any, truth: Any) -> dict[str, float | None]:
    """`qini`, `policy.gain`, each with its ends, and `policy.oracle_share`."""
    told: dict[str, float | None] = {}
    if not is_missing(found):
        figure = found.qini.coefficient
        told |= {"qini": figure.value, "qini.low": figure.low, "qini.high": figure.high}
    if not is_missing(choice):
        gain, lead = choice.gain(), choice.lead()
        told |= {"policy.gain": gain.value, "policy.gain.low": gain.low}
        told |= {"policy.gain.high": gain.high, "policy.lead": lead.value}
        told |= {"policy.lead.low": lead.low, "policy.lead.high": lead.high}
        told["policy.is_better"] = int(choice.found.is_better)
    told["policy.oracle_share"] = None if is_missing(truth) else float(truth.share)
    return told

"""Sections on the next test, on campaigns without a control group, and on the simulated truth."""

from __future__ import annotations

from typing import Any

from src.reporting.campaigns.charts import draw_dots, height_of
from src.reporting.campaigns.words import Ends, money_of, points, rule_words
from src.reporting.page.figures import Figure
from src.reporting.page.prose import count, listed, percent, ratio
from src.reporting.page.results import Absent, Note, Section, is_missing, or_absent
from src.reporting.page.small_groups import LEAST
from src.reporting.page.style import canvas
from src.reporting.page.tables import Table


@or_absent
def next_test(found: Any, money: str, least: int = LEAST) -> Section:
    """How many customers the next test needs, how long to wait, what controls cost."""
    table = Table(
        found.sizes.assign(
            change=[f"{100 * effect:+.1f} points" for effect in found.sizes["effect"]],
            of_today=[
                percent(share, 0) if share <= 1 else f"{share:.1f} times all"
                for share in found.sizes["share"]
            ],
        ),
        test_sentence(found),
        {
            "what": ("To find", "text"),
            "change": ("Change of the share", "text"),
            "customers": ("Customers", "customers"),
            "controls": ("Of them controls", "customers"),
            "of_today": ("Of today's customers", "text"),
        },
        least=least,
    )
    notes = []
    if found.waits is not None and len(found.waits):
        told = listed(
            [
                f"{row.segment} {count(row.months, 'month')} ({row.low} to {row.high})"
                for row in found.waits.itertuples()
            ]
        )
        notes.append(f"Of the exits in the months that count four in five had come by: {told}.")
    if found.controls_cost is not None:
        cost = money_of(found.controls_cost, money)
        notes.append(
            f"The control group of the last test forwent {cost} by the best treatment for all; "
            "below 0 it spared money."
        )
    if found.for_policies is not None:
        notes.append(
            "To tell the chosen model from the best cheap rule, if they differ by as much as seen, "
            f"takes {count(found.for_policies, 'customer')} drawn into arms at equal odds."
        )
    return Section(table, *(Note(text) for text in notes))


def test_sentence(found: Any) -> str:
    """What the last test could find, and what it takes to find a useful effect."""
    first = found.sizes.iloc[0]
    more = (
        "; more than there are: put several campaigns together, or look for a larger effect"
        if first["share"] > 1
        else ""
    )
    return (
        f"The last test had {count(found.had, 'customer')}, {count(found.had_controls)} of them "
        f"controls: it could find a change of {100 * found.smallest:.1f} points. To find "
        f"{first['what']} takes **{count(first['customers'], 'customer')}** (power "
        f"{percent(found.power, 0)}){more}"
    )


def without_control(found: Any, money: str, least: int = LEAST) -> Section:
    """A campaign without a control group: what can be said, and the test to make of it.

    Empty where every campaign has one.
    """
    if is_missing(found):
        return Section()
    change = found.before_after
    parts: list[Any] = [
        Note(
            f"**{found.campaign} ({found.contact}) has no control group, so no effect and no "
            f"uplift is told of it.** Its {count(found.customers, 'customer')} brought "
            f"{money_of(change.change, money)} more after it than before; that is no effect:"
        ),
        Table(
            change.biases,
            "What before and after mixes with the effect",
            {
                "bias": ("Bias", "text"),
                "why": ("Why", "text"),
                "makes_it_look": ("Makes it look", "text"),
            },
        ),
    ]
    if is_missing(found.beside_others):
        parts.append(Absent(found.beside_others.lacks, found.beside_others.adds))
    else:
        parts.append(_beside(found.beside_others, least))
    if not is_missing(found.test):
        size = found.test
        parts.append(
            Note(
                f"The test that would settle it: {count(size.customers, 'customer')}, "
                f"{count(size.controls)} of them left out at random (power 80%, for half of the "
                "difference seen)."
            )
        )
    return Section(*parts)


def _beside(found: Any, least: int) -> Table:
    effects = found.comparison.effects
    rows = effects.merge(found.sensitivity, on="outcome", suffixes=("", "_ratio"))
    rows = rows.assign(
        result=[
            f"{row.matched:+.4g} ({row.matched_low:.4g} to {row.matched_high:.4g})"
            for row in rows.itertuples()
        ]
    )
    return Table(
        rows,
        "The contacted beside customers weighted to be like them before; an unseen trait of the "
        "strength of the E-value, as a ratio, would explain the difference away",
        {
            "outcome": ("Outcome", "text"),
            "result": ("Difference", "text"),
            "e_value": ("E-value", "number"),
            "e_value_of_end": ("E-value of its end", "number"),
        },
        least=least,
    )


def truth(found: Any, labels: dict[str, str], money: str) -> Section:
    """On simulated bases: effects beside the truth, and what the rules truly earn.

    `labels`: learners in words.
    """
    if is_missing(found):
        return Section()
    rows = found.effects
    dots = rows.assign(heading=rows["campaign"], label=rows["arm"], value=rows["effect"])
    drawing, ax = canvas(height_of(len(dots), dots["heading"].nunique()))
    draw_dots(ax, dots, "change of the share that left, points; upright: the truth", True)
    told = "; ".join(
        f"{row.campaign}, {row.arm}: {points(Ends(row._asdict()))}, truth {100 * row.truth:+.1f}"
        for row in rows.itertuples()
    )
    covered = int(rows["is_covered"].sum())
    finding = (
        f"**This base is simulated.** {count(covered)} of {count(len(rows), 'interval')} hold the "
        "true effect"
    )
    oracle = found.rules.iloc[-1]
    shown = found.rules[found.rules["gain"] > 0].sort_values("gain", ascending=False)
    best = shown[shown["rule"] != oracle["rule"]]
    said = (
        f"Who knows the effect on each customer would earn {oracle['gain']:.2f} {money} per "
        f"customer. {_followed(found.share)}"
    )
    if len(best):
        first = best.iloc[0]
        name = labels.get(str(first["rule"]), rule_words(str(first["rule"])))
        said += f" The best of all rules ({name}) earns {ratio(float(first['share']), 0)}."
    alt = f"Effects with intervals and the truth. {told}."
    return Section(Figure(drawing, finding, alt), Note(said))


def _followed(share: float) -> str:
    if share != share:
        return "Nobody is worth a contact."
    return f"The rule that would be followed here earns {ratio(share, 0)} of that."

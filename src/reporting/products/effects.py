"""The sections on whether a further product keeps customers."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from src.reporting.page.figures import Figure
from src.reporting.page.prose import ratio
from src.reporting.page.results import Absent, Note, Section, is_missing
from src.reporting.page.style import ACCENT, INK, MUTED, PALETTE, SURFACE, canvas
from src.reporting.page.tables import Table

_SIZE = (5.4, 3.1)  # inches; narrow, for phones
_RAWEST = {"whole_lives": "Whole lives", "raw": "One day", "seen": "Alike in\nwhat is seen"}
_SHORT = {**_RAWEST, "habit": "Alike in\nhabit too"}
_TRUTH = PALETTE[1]


def keeping(effect: Any, beside: Any) -> Section | Absent:
    """The effect of a further product: figure, what it takes to explain it away, balance.

    `effect` and `beside`: values of `src.analyses.products.keeping.Effect`, or what is missing.
    """
    if is_missing(effect):
        return Absent(effect.lacks, effect.adds)
    other = None if is_missing(beside) else Note(beside_sentence(beside))
    lacking = None
    if is_missing(effect.habit):
        lacking = Absent(effect.habit.lacks, effect.habit.adds)
    truth = None if effect.truth is None else Note(truth_sentence(effect))
    return Section(
        figure(effect), lacking, Note(unseen_sentence(effect)), truth, other, balance(effect)
    )


def figure(effect: Any) -> Figure:
    """Each comparison's dot with its interval, from the rawest to the main one."""
    drawing, ax = canvas(_SIZE)
    draw_effects(ax, effect)
    told = "; ".join(
        f"{row.label}: {change(row.effect)} ({between(row.low, row.high)})"
        for row in effect.rows.itertuples()
    )
    alt = f"Exits a month per further product in {effect.segment}. {told}."
    if effect.truth is not None:
        alt += f" The simulator was given {change(effect.truth)}."
    return Figure(drawing, finding(effect), alt, digest=True)


def draw_effects(ax: Axes, effect: Any) -> Axes:
    """Dots and intervals of `effect.rows`, a line at no effect and one at the truth, if known."""
    rows, place = effect.rows, range(len(effect.rows))
    colours = [MUTED] * (len(rows) - 1) + [ACCENT]
    ax.hlines(place, rows["low"], rows["high"], color=colours, lw=4, alpha=0.45)
    ax.scatter(rows["effect"], place, color=colours, ec=SURFACE, s=64, zorder=3)
    ax.axvline(0, color=INK, lw=1)
    ends = [*rows["low"], *rows["high"], 0.0]
    if effect.truth is not None:
        ends.append(effect.truth)
        ax.axvline(effect.truth, color=_TRUTH, lw=1.4, ls=(0, (4, 3)))
        ax.annotate(
            "simulated truth",
            (effect.truth, -0.62),
            xytext=(-4, 0),
            textcoords="offset points",
            color=_TRUTH,
            ha="right",
            va="center",
            fontsize=9,
        )
    margin = 0.06 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    ax.set_ylim(len(rows) - 0.5, -0.9)
    ax.set_yticks(list(place), [_SHORT[name] for name in rows["estimate"]], color=INK)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("exits a month, per further product")
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda share, _: f"{100 * share:+.0f}%" if share else "0%")
    )
    return ax


def finding(effect: Any) -> str:
    """What the main comparison says, beside what the raw one would have promised."""
    main = effect.main
    among = "what is seen and in habit" if main["estimate"] == "habit" else "what is seen"
    told = f"per further product, among {effect.segment} customers alike in {among}"
    raw = effect.rows.set_index("estimate").loc["raw", "effect"]
    often = "less" if raw < 0 else "more"
    promised = f"Holders of more on one day leave {ratio(abs(raw))} {often} often per product."
    figure, ends = change(main["effect"]), between(main["low"], main["high"])
    if main["low"] <= 0 <= main["high"]:
        return (
            "Whether a further product keeps customers **cannot be told**: "
            f"{figure} exits a month ({ends}) {told}. {promised}"
        )
    exits = "fewer exits" if main["effect"] < 0 else "more exits"
    return f"A further product goes with {exits}: **{figure}** a month ({ends}) {told}. {promised}"


def unseen_sentence(effect: Any) -> str:
    """How strong an unseen trait would have to be to explain the effect away, in words."""
    if effect.e_value_end <= 1:
        said = (
            "No unseen trait is needed to explain the main figure away: its interval holds no "
            "effect. The middle of it would take one that goes with a further product and with "
            f"leaving by a ratio of {effect.e_value:.2f} each (E-value)."
        )
    else:
        said = (
            "To explain the main figure away, an unseen trait would have to go with a further "
            f"product and with leaving by a ratio of **{effect.e_value:.2f}** each, beyond all "
            f"that is adjusted for; {effect.e_value_end:.2f} would do for the end of the interval "
            "nearer to no effect (E-value)."
        )
    habit = effect.habit
    if is_missing(habit):
        return said
    leaving, taking = math.exp(abs(habit.on_leaving)), math.exp(abs(habit.on_taking))
    return (
        f"{said} For scale: a standard deviation of the habit goes with leaving by {leaving:.2f} "
        f"and with taking a product by {taking:.2f}; usage shows {ratio(habit.usage_shows, 0)} of "
        "the habit's variance, which is why adjusting for usage alone is not enough."
    )


def truth_sentence(effect: Any) -> str:
    """On a simulated base: what the simulator was given, and what an insider would find."""
    main, insider = effect.main, effect.insider
    place = "inside" if main["low"] <= effect.truth <= main["high"] else "outside"
    said = (
        f"This base is simulated: its simulator was given {change(effect.truth)} exits per "
        f"product, {place} the main interval."
    )
    if insider is None:
        return said
    ends = between(insider["low"], insider["high"])
    return (
        f"{said} With the true habit of every customer known, the same customers tell "
        f"{change(insider['effect'])} ({ends}): what that is off by is chance."
    )


def beside_sentence(effect: Any) -> str:
    """The main figure of the other segment, and how its exits were placed."""
    main = effect.main
    said = (
        f"In {effect.segment}: {change(main['effect'])} exits a month per further product "
        f"({between(main['low'], main['high'])})."
    )
    if not effect.lag:
        return said
    return (
        f"{said} Exits are slow there: all counts as it stood {effect.lag} months before the end, "
        "and the figure is blurred by not knowing the month of the decision."
    )


def balance(effect: Any) -> Table:
    """How alike the compared are: differences before and after weighting, the largest first."""
    table = effect.balance.copy()
    order = table["before"].abs().sort_values(ascending=False, kind="stable").index
    table = table.loc[order]
    before, after = (table[side].abs().max() for side in ("before", "after"))
    return Table(
        table,
        "Holders of one more product against those of one fewer: the largest difference of means "
        f"falls from {before:.2f} to {after:.2f} standard deviations by weighting",
        {
            "what": ("What is seen", "text"),
            "before": ("Before", "number"),
            "after": ("After", "number"),
        },
        folded=True,
    )


def metrics(effect: Any) -> dict[str, float | None]:
    """The figures of the run; None where the base cannot tell."""
    if is_missing(effect):
        return {"product_effect": None}
    main, rows = effect.main, effect.rows.set_index("estimate")["effect"]
    told: dict[str, float | None] = {
        "product_effect": float(main["effect"]),
        "product_effect.low": float(main["low"]),
        "product_effect.high": float(main["high"]),
        "product_effect.raw": float(rows["raw"]),
        "product_effect.seen": float(rows["seen"]),
        "product_effect.e_value": float(effect.e_value),
    }
    if effect.truth is not None:
        told["product_effect.truth"] = float(effect.truth)
    return told


def change(effect: float) -> str:
    """A ratio of hazards minus 1 in words.

    >>> change(-0.058), change(0.021), change(0.0001)
    ('5.8% fewer', '2.1% more', '0.0% more')
    """
    return f"{ratio(abs(effect))} {'fewer' if effect < 0 else 'more'}"


def between(low: float, high: float) -> str:
    """Both ends of an interval in words.

    >>> between(-0.09, 0.01)
    '9.0% fewer to 1.0% more'
    """
    return f"{change(low)} to {change(high)}"

"""One look for every figure: colours, type, and the inks that follow light and dark pages."""

from __future__ import annotations

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Stand-ins for the page's own colours; `src.reporting.page.figures` turns them into CSS variables,
# so that a figure changes with the page between light and dark.
INK, MUTED, GRID, SURFACE = "#1c2333", "#667086", "#d9dee8", "#fefefe"

# Told apart by people with colour-blindness and readable on white and near-black.
PALETTE = ("#2f7ed8", "#e0782f", "#1f9e89", "#c2568f", "#8f7fd1", "#b08a1e", "#5f93a8", "#a65b4b")
ACCENT = PALETTE[0]

SIZE = (7.6, 3.9)  # inches; 547 points wide, shown at 760 pixels


def use_style() -> None:
    """Set matplotlib and seaborn to the look of the reports; call once at the top of a notebook."""
    sns.set_theme(
        style="ticks",
        palette=list(PALETTE),
        rc={
            "figure.figsize": SIZE,
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "font.family": "DejaVu Sans",
            "font.size": 9.5,
            "axes.labelsize": 9.5,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "text.color": INK,
            "text.parse_math": False,  # a dollar sign in a name is a dollar sign
            "axes.labelcolor": MUTED,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "axes.edgecolor": GRID,
            "axes.grid": True,
            "axes.axisbelow": True,
            "patch.edgecolor": SURFACE,
            "grid.color": GRID,
            "grid.linewidth": 0.7,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "xtick.bottom": False,
            "ytick.left": False,
            "lines.linewidth": 2,
            "lines.solid_capstyle": "round",
            "svg.fonttype": "none",
            "svg.hashsalt": "cvm",  # the same figure gives the same bytes
        },
    )


def canvas(size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """A new figure with one Axes in the look of the reports; `size` in inches."""
    use_style()
    figure, ax = plt.subplots(figsize=size)
    return figure, ax

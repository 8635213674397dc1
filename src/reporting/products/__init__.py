"""The sections of 07_products, in the order of its page.

Each takes what a step of `src.analyses.products` answers; it returns what is displayed, or the line
that says what the base lacks.
"""

from typing import Any

from src.reporting.page.results import Metrics
from src.reporting.products.buying import growth, shoppers
from src.reporting.products.effects import keeping
from src.reporting.products.effects import metrics as keeping_metrics
from src.reporting.products.first import answer
from src.reporting.products.matrix import heat_maps, marked_cells
from src.reporting.products.offering import hit_rates, margins, next_offers, quarter
from src.reporting.products.offering import metrics as offer_metrics
from src.reporting.products.overlapping import overlap, overlap_metrics

__all__ = [
    "answer",
    "growth",
    "heat_maps",
    "hit_rates",
    "keeping",
    "margins",
    "marked_cells",
    "metrics",
    "next_offers",
    "overlap",
    "quarter",
    "shoppers",
]


def metrics(matrices: Any, test: Any, plan: Any, offers: Any, effect: Any, shared: Any) -> Metrics:
    """The figures of the run; those of what the base lacks are left out."""
    return Metrics(
        offer_metrics(matrices, test, plan, offers)
        | keeping_metrics(effect)
        | overlap_metrics(shared)
    )

"""The page of the features, one function per section."""

from src.reporting.features.sections import (
    answer,
    catalogue,
    clusters,
    empty,
    families,
    leaks,
    metrics,
    signal,
    spreads,
    stability,
)

__all__ = [
    "answer",
    "catalogue",
    "clusters",
    "empty",
    "families",
    "leaks",
    "metrics",
    "signal",
    "spreads",
    "stability",
]

"""The sections of 05_segments, in the order of its page.

Each takes what a step of `src.analyses.segments` answers, and `terms`; it returns what is
displayed, or the line that says what the base lacks.
"""

from src.reporting.segments.by_habit import clusters
from src.reporting.segments.changing import scenarios
from src.reporting.segments.dividing import matrix, rfm
from src.reporting.segments.efforts import effort
from src.reporting.segments.first import answer
from src.reporting.segments.maturity import tiers
from src.reporting.segments.metrics import metrics
from src.reporting.segments.moving import migration

__all__ = [
    "answer",
    "clusters",
    "effort",
    "matrix",
    "metrics",
    "migration",
    "rfm",
    "scenarios",
    "tiers",
]

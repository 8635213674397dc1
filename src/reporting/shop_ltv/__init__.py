"""The sections of 09_shop_ltv, in the order of its page.

Each takes what a step of `src.analyses.shop_ltv` answers; it returns what is displayed, or the line
that says what the base lacks.
"""

from typing import Any

from src.reporting.page.results import Metrics
from src.reporting.shop_ltv.calling import calls, new_buyer, second
from src.reporting.shop_ltv.calling import metrics as second_metrics
from src.reporting.shop_ltv.comparing import gaps, moved_bound
from src.reporting.shop_ltv.comparing import metrics as gap_metrics
from src.reporting.shop_ltv.first import answer
from src.reporting.shop_ltv.testing import by_frequency, comparison, weeks
from src.reporting.shop_ltv.testing import metrics as test_metrics
from src.reporting.shop_ltv.valuing import fits, surface, tenths, who
from src.reporting.shop_ltv.valuing import metrics as worth_metrics

__all__ = [
    "answer",
    "by_frequency",
    "calls",
    "comparison",
    "fits",
    "gaps",
    "metrics",
    "moved_bound",
    "new_buyer",
    "second",
    "surface",
    "tenths",
    "weeks",
    "who",
]


def metrics(worth: Any, trial: Any, second: Any, gaps: Any, fits: Any, seconds: float) -> Metrics:
    """The figures of the run; those of what the base lacks are left out."""
    return Metrics(
        worth_metrics(worth, fits)
        | test_metrics(trial)
        | second_metrics(second)
        | gap_metrics(gaps)
        | {"fit_seconds": seconds}
    )

"""The sections of the lifetime value report, in the order of its page.

Each takes what a step of `src.analyses.ltv` answers, and `terms`; it returns what is displayed, or
the line that says what the base lacks.
"""

from src.reporting.ltv.sections_accounts import leaving, one_per_cent, realised, within
from src.reporting.ltv.sections_gap import a_month, alike, answer, gap, mix, settings
from src.reporting.ltv.sections_proof import metrics, tested, truth
from src.reporting.ltv.sections_staying import ahead, by_tenure, cohorts, stays

__all__ = [
    "a_month",
    "ahead",
    "alike",
    "answer",
    "by_tenure",
    "cohorts",
    "gap",
    "leaving",
    "metrics",
    "mix",
    "one_per_cent",
    "realised",
    "settings",
    "stays",
    "tested",
    "truth",
    "within",
]

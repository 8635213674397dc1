"""The page of an exploration, one function per section."""

from src.reporting.exploration.sections import (
    answer,
    columns,
    facts,
    gaps,
    leaving,
    metrics,
    money,
    rates,
    stay,
    tables,
    vintages,
)

__all__ = [
    "answer",
    "columns",
    "facts",
    "gaps",
    "leaving",
    "metrics",
    "money",
    "rates",
    "stay",
    "tables",
    "vintages",
]

"""Measures that are averages, rates or levels: they are not divided, and not added up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_OF_AVERAGES = re.compile(
    r"(^|_)(avg|average|mean|median|max|maximum|min|minimum|peak|rate|share|ratio|pct|percent"
    r"|percentage|speed|latency|score|quality|level|index|utili[sz]ation|durchschnitt\w*|schnitt"
    r"|mittel\w*|anteil|quote|geschwindigkeit|moyen(ne)?|taux|vitesse|promedio|tasa|velocidad"
    r"|medio|tasso|velocita|sred\w*|skorost)(_|$)"
)


def averages(measures: Iterable[str], stated: Collection[str]) -> list[str]:
    """Those of the measures that base.yml states to be averages, or whose name says so.

    >>> averages(["data_mb", "avg_speed", "DropRate", "calls"], ["calls"])
    ['avg_speed', 'DropRate', 'calls']
    """
    return [name for name in measures if name in stated or _OF_AVERAGES.search(_words(name))]


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower())

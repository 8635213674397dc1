"""What the simulation studies in docs/studies have measured, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from src.reporting.page.prose import listed, percent

RESULTS = Path(__file__).parents[3] / "docs" / "studies"


def coverage_sentence(study: str, names: Mapping[str, str], confidence: float = 0.9) -> str:
    """How often intervals held the truth of simulated operators, by the last run of the study.

    `names`: what to call each figure of which the study tells `coverage.<figure>`. Says so where
    the study has not been run.
    """
    path = RESULTS / f"{study}.json"
    if not path.is_file():
        return f"How often such intervals hold is not known here: run make study STUDY={study}."
    found = json.loads(path.read_text(encoding="utf-8"))
    parts = [
        f"{label} in {percent(found[f'coverage.{figure}'], 0)}"
        for figure, label in names.items()
        if f"coverage.{figure}" in found
    ]
    return (
        f"Of {found['replicates']:,} small simulated operators, {confidence:.0%} intervals made "
        f"this way held the truth of: {listed(parts)} (docs/studies/{study}.json)."
    )

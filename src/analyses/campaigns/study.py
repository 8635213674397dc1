"""A study of campaigns: a base at a setting, and the steps that say what they did and what next."""

from __future__ import annotations

from src.analyses.campaigns.experiment import Experiment
from src.analyses.campaigns.panel import Panel
from src.analyses.campaigns.truth import Truthful
from src.analyses.settings.campaigns import Setting
from src.data.bases import Base
from src.data.problems import InputError

_POPULATIONS: dict[str, type[Panel] | type[Experiment]] = {
    "panel": Panel,
    "experiment": Experiment,
}


class Study(Truthful):
    """A base opened at a setting; made by `campaigns.open_study`.

    Every step is worked out when it is first asked for and kept. Money is in the currency of the
    base. Where the base cannot answer, a step returns `Missing`.
    """


def opened(base: Base, setting: Setting) -> Study:
    """The study of a panel with campaigns, or of an experiment.

    Raises `InputError` for a base of another kind, and where no campaign can be judged.
    """
    if base.kind not in _POPULATIONS:
        raise InputError(f"campaigns take bases of kind panel or experiment, not {base.kind}")
    if base.kind == "panel" and not base.has("campaigns"):
        raise InputError(
            "campaigns need the table campaigns: who was contacted when, and who was left out as "
            "the control group"
        )
    return Study(base, setting, _POPULATIONS[base.kind](base, setting))

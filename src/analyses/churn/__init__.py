"""Who will leave, which model tells best, why, and what a list earns.

`open_study` opens a base at a setting; the study answers step by step:

    study = churn.open_study("operator", segment="B2B")
    trial = study.compare()          # candidates judged on customers they did not learn from
    campaign = trial.campaign()      # what their list would have earned
    reasons = trial.explain()        # why a chance is what it is
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.analyses.settings.churn import Setting

if TYPE_CHECKING:
    from src.analyses.churn.study import Study

__all__ = ["Setting", "open_study"]


def open_study(base: str = "operator", **setting: Any) -> Study:
    """A churn study of a built base, a panel or a snapshot.

    `setting`: the fields of `Setting` by name, such as `segment="B2B"`, `horizon=6`,
    `without=["tenure_months"]`; all others have their defaults.

    Raises `InputError` for a base or features that are not built, for values that are not allowed
    or that the base does not have, and where nothing can be labelled or learned from.
    """
    # Here, so that naming the analysis costs no second: models bring half a dozen libraries.
    from src.analyses.churn.study import opened
    from src.analyses.parameters import checked
    from src.data.bases import open_base

    given = {name.upper(): value for name, value in setting.items()}
    return opened(open_base(base), checked("03_churn", {"BASE": base, **given}))
